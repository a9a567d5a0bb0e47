import { flushCompileCache } from 'node:module'

export type Rights = {
  /** Numeric ids to become when started as root. */
  user: number
  group: number
  /** Datagram services and the page must go on using the network; everyone else gives it up for good. */
  keepNetwork: boolean
}

/** What a process gives up once it has bound its ports and loaded its code; there is no way back. */
export function giveUp({ user, group, keepNetwork }: Rights): void {
  // What was compiled is kept for the next start; later this process may not write there any more.
  flushCompileCache()
  if (process.getuid?.() === 0) {
    process.setgroups!([])
    process.setgid!(group)
    process.setuid!(user)
  }
  if (!keepNetwork) process.permission?.drop('net')
}
