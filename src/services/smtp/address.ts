import type { Persona } from '#persona/persona.ts'

/** A path as a client wrote it, and what follows it. */
export type Path = { address: string; bracketed: boolean; rest: string; broken: boolean }

/**
 * What stands behind `FROM:` or `TO:`: a path in angle brackets, or a word; then parameters. `broken`: the bracket stays
 * open.
 */
export function readPath(arg: string): Path {
  const said = arg.trimStart()
  if (!said.startsWith('<')) {
    const [address = ''] = said.split(' ')
    return { address, bracketed: false, rest: said.slice(address.length).trim(), broken: false }
  }
  let quoted = false
  for (let at = 1; at < said.length; at++) {
    if (said[at] === '\\') at++
    else if (said[at] === '"') quoted = !quoted
    else if (said[at] === '>' && !quoted) {
      const rest = said.slice(at + 1)
      return { address: said.slice(1, at), bracketed: true, rest: rest.trim(), broken: false }
    }
  }
  return { address: said.slice(1), bracketed: true, rest: '', broken: true }
}

/** `@one,@two:user@host` → `user@host` (RFC 5321 §4.1.1.3: source routes are ignored). */
export const withoutRoute = (address: string) => (address.startsWith('@') ? address.replace(/^@[^:]*:/, '') : address)

export type Parts = { local: string; domain: string | undefined }

/** At the last `@` outside quotes. */
export function splitAddress(address: string): Parts {
  const at = address.lastIndexOf('@')
  const closing = address.lastIndexOf('"')
  if (at < 0 || at < closing) return { local: address, domain: undefined }
  return { local: address.slice(0, at), domain: address.slice(at + 1) }
}

export const unquoted = (local: string) =>
  /^".*"$/s.test(local) ? local.slice(1, -1).replace(/\\(.)/gs, '$1') : local.replace(/\\(.)/gs, '$1')

/** Debian's accounts that have a mailbox though nobody logs in with them, and what /etc/aliases adds. */
const systemAccounts = new Set(
  `postmaster mailer-daemon root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody
  _apt systemd-network systemd-timesync messagebus sshd`.split(/\s+/),
)

/** Is this the name of somebody who gets mail here? */
export const hasMailbox = (persona: Persona, local: string): boolean => {
  const name = local.toLowerCase()
  return systemAccounts.has(name) || persona.users.some(user => user.name === name)
}

/** Is mail to this domain delivered here? */
export const isOurs = (persona: Persona, domain: string): boolean => {
  const name = domain.toLowerCase().replace(/\.$/, '')
  return (
    name === persona.fqdn || name === persona.domain || name === 'localhost' || name === `localhost.${persona.domain}`
  )
}
