import type { Session } from './state.ts'
import { stamp } from './views-define.ts'

/** A log-in of the server. */
export type Principal = {
  name: string
  id: number
  kind: 'S' | 'R' | 'C' | 'U'
  sid: string
  created: string
  sysadmin: boolean
  disabled: boolean
  hash: string | null
}

const roles = [
  'public',
  'sysadmin',
  'securityadmin',
  'serveradmin',
  'setupadmin',
  'processadmin',
  'diskadmin',
  'dbcreator',
  'bulkadmin',
] as const
const RTM = Date.UTC(2003, 3, 8, 9, 10, 35, 460)

/** `0x0200`, four bytes of salt, SHA-512: invented, since nobody has a password here. */
const hashOf = ({ cx }: Session, name: string): string =>
  `\x02\0${cx.persona.derive(`mssql hash ${name}`, 68).toString('latin1')}`

/** sys.server_principals: what every server has, who logged in, and whom attackers made. */
export function principals(session: Session): Principal[] {
  const { cx, server } = session
  const sid = (label: string) => cx.persona.derive(`mssql sid ${label}`, 16).toString('latin1')
  const one = (name: string, id: number, more: Partial<Principal> = {}): Principal => ({
    name,
    id,
    kind: 'S',
    sid: sid(name),
    created: stamp(cx.persona.installedAt + 86_400_000),
    sysadmin: false,
    disabled: false,
    hash: hashOf(session, name),
    ...more,
  })
  const found: Principal[] = [
    one('sa', 1, { sid: '\x01', created: stamp(RTM), sysadmin: true }),
    ...roles.map((name, i) =>
      one(name, i + 2, {
        kind: 'R',
        sid: String.fromCharCode(i + 2),
        created: stamp(Date.UTC(2009, 3, 13, 12, 59, 6, 30)),
        hash: null,
      }),
    ),
    one('##MS_PolicyEventProcessingLogin##', 256, { disabled: true }),
    one('##MS_PolicyTsqlExecutionLogin##', 257, { disabled: true }),
    one('BUILTIN\\Administrators', 259, { kind: 'U', hash: null, sysadmin: true }),
  ]
  let id = 260
  const add = (name: string, more: Partial<Principal>) => {
    const same = found.find(other => other.name.toLowerCase() === name.toLowerCase())
    if (same) Object.assign(same, more)
    else found.push(one(name, id++, more))
  }
  if (session.user.toLowerCase() !== 'sa') add(session.user, { sysadmin: true })
  for (const [name, { sysadmin, createdAt }] of server.logins) add(name, { sysadmin, created: stamp(createdAt) })
  return found
}
export const isMember = (session: Session, name = session.user): boolean =>
  principals(session).some(one => one.name.toLowerCase() === name.toLowerCase() && one.sysadmin)
