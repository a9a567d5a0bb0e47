import type { Persona } from '#persona/persona.ts'

export type Account = { name: string; comment: string; home: string; shell: string }

const NOLOGIN = '/usr/sbin/nologin'
/** Debian's base-passwd: name, comment where it is another, home, and shell where it is not nologin. */
const system: readonly (readonly [name: string, home: string, comment?: string, shell?: string])[] = [
  ['daemon', '/usr/sbin'],
  ['bin', '/bin'],
  ['sys', '/dev'],
  ['sync', '/bin', 'sync', '/bin/sync'],
  ['games', '/usr/games'],
  ['man', '/var/cache/man'],
  ['lp', '/var/spool/lpd'],
  ['mail', '/var/mail'],
  ['news', '/var/spool/news'],
  ['uucp', '/var/spool/uucp'],
  ['proxy', '/bin'],
  ['www-data', '/var/www'],
  ['backup', '/var/backups'],
  ['list', '/var/list', 'Mailing List Manager'],
  ['irc', '/run/ircd', 'ircd'],
  ['_apt', '/nonexistent', ''],
  ['nobody', '/nonexistent'],
  ['sshd', '/run/sshd', ''],
]

/** Everybody whom the machine knows, in the order of /etc/passwd. */
export const accountsOf = ({ users }: Persona): Account[] => [
  ...users.slice(0, 1).map(({ name, home, shell }) => ({ name, comment: name, home, shell })),
  ...system.map(([name, home, comment = name, shell = NOLOGIN]) => ({ name, comment, home, shell })),
  ...users.slice(1).map(({ name, home, shell }) => ({ name, comment: '', home, shell })),
]
