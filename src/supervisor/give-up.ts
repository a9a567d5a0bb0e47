import fs from 'node:fs'
import { flushCompileCache } from 'node:module'
import path from 'node:path'

export type Rights = {
  /** Numeric ids to become when started as root. */
  user: number
  group: number
  /** Datagram services and the page must go on using the network; everyone else gives it up for good. */
  keepNetwork: boolean
}

/**
 * Keeps what was compiled for the next start, which then needs neither the time nor the 20 MB that stripping types takes;
 * then gives up the right to write there. Call it when all code is loaded and before anybody can connect.
 */
export function keepCompiled(): void {
  flushCompileCache()
  const cache = process.env.NODE_COMPILE_CACHE
  if (cache) process.permission?.drop('fs.write', cache)
}

/** What a process gives up once it has bound its ports and loaded its code; there is no way back. */
export function giveUp({ user, group, keepNetwork }: Rights): void {
  if (process.getuid?.() === 0) {
    process.setgroups!([])
    process.setgid!(group)
    process.setuid!(user)
  }
  if (!keepNetwork) process.permission?.drop('net')
}

/**
 * A path to `directory` that still leads there after root was given up, even where its parents (such as /root) are closed
 * to others: by way of an open descriptor (proc(5), /proc/PID/fd). What is in it must still be readable.
 */
export function hold(directory: string): string {
  return process.getuid?.() === 0 ? `/proc/self/fd/${fs.openSync(directory, 'r')}` : directory
}

/** Can whoever root becomes still search the way to this directory? Not where a clone stands under /root. */
export function readableByAll(directory: string): boolean {
  if (process.getuid?.() !== 0) return true
  const searchable = (fs.statSync(directory).mode & 0o001) !== 0
  const above = path.dirname(directory)
  return searchable && (above === directory || readableByAll(above))
}
