import type { Value } from '#sql/value.ts'
import { failed, LONGEST_NAME, named } from './errors.ts'
import { isMember, principals } from './people.ts'
import { answer, type Procedure, textArgument } from './procedure.ts'
import { MOST_THINGS, now, type Session } from './state.ts'

/** Log-ins by the old procedures: made, given a password, made a member, dropped. */
export function setLogin(
  session: Session,
  name: string,
  change: { password?: string; sysadmin?: boolean },
  made: boolean,
): void {
  const { server, cx } = session
  const key = named(name).toLowerCase()
  const before = server.logins.get(key)
  const known = principals(session).some(one => one.name.toLowerCase() === key)
  if (made && known) throw failed(15_025, `The server principal '${name}' already exists.`)
  if (!made && !known)
    throw failed(15_151, `Cannot alter the login '${name}', because it does not exist or you do not have permission.`)
  if (server.logins.size >= MOST_THINGS) return
  server.logins.set(key, {
    password: (change.password ?? before?.password ?? '').slice(0, LONGEST_NAME),
    sysadmin: change.sysadmin ?? before?.sysadmin ?? false,
    createdAt: before?.createdAt ?? now(session),
  })
  const kind = made ? 'created' : change.password === undefined ? undefined : 'password'
  if (kind)
    cx.record.accountChange({
      user: name.slice(0, 128),
      change: kind,
      ...(change.password === undefined ? {} : { password: change.password.slice(0, 256) }),
    })
}
export function dropLogin(session: Session, name: string): void {
  if (!principals(session).some(one => one.name.toLowerCase() === name.toLowerCase()))
    throw failed(15_151, `Cannot drop the login '${name}', because it does not exist or you do not have permission.`)
  session.server.logins.delete(name.toLowerCase())
  session.cx.record.accountChange({ user: name.slice(0, 128), change: 'removed' })
}

const quietly: Procedure = () => 0
export const peopleProcedures: readonly (readonly [string, Procedure])[] = [
  [
    'sp_addlogin',
    call =>
      setLogin(
        call.run.session,
        textArgument(call, 0, 'loginame') ?? '',
        { password: textArgument(call, 1, 'passwd') ?? '' },
        true,
      ),
  ],
  [
    'sp_password',
    call =>
      setLogin(
        call.run.session,
        textArgument(call, 2, 'loginame') ?? call.run.session.user,
        { password: textArgument(call, 1, 'new') ?? '' },
        false,
      ),
  ],
  [
    'sp_addsrvrolemember',
    call =>
      setLogin(
        call.run.session,
        textArgument(call, 0, 'loginame') ?? '',
        { ...(/^sysadmin$/i.test(textArgument(call, 1, 'rolename') ?? '') ? { sysadmin: true } : {}) },
        false,
      ),
  ],
  [
    'sp_dropsrvrolemember',
    call => setLogin(call.run.session, textArgument(call, 0, 'loginame') ?? '', { sysadmin: false }, false),
  ],
  ['sp_droplogin', call => dropLogin(call.run.session, textArgument(call, 0, 'loginame') ?? '')],
  ...[
    'sp_grantlogin',
    'sp_revokelogin',
    'sp_denylogin',
    'sp_adduser',
    'sp_dropuser',
    'sp_grantdbaccess',
    'sp_revokedbaccess',
    'sp_addrolemember',
    'sp_droprolemember',
    'sp_addrole',
    'sp_defaultdb',
    'sp_defaultlanguage',
    'sp_change_users_login',
    'sp_changedbowner',
    'sp_addlinkedsrvlogin',
    'sp_droplinkedsrvlogin',
  ].map(name => [name, quietly] as const),
  [
    'sp_helpsrvrolemember',
    call =>
      answer(
        call,
        'ServerRole:s MemberName:s MemberSID:s',
        principals(call.run.session)
          .filter(({ name, kind }) => kind !== 'R' && isMember(call.run.session, name))
          .map(({ name }): Value[] => ['sysadmin', name, '0x01']),
      ),
  ],
  [
    'sp_helplogins',
    call =>
      answer(
        call,
        'LoginName:s SID:s DefDBName:s DefLangName:s AUser:s ARemote:s',
        principals(call.run.session)
          .filter(({ kind }) => kind !== 'R')
          .map(({ name }): Value[] => [name, '0x01', 'master', 'us_english', 'NO', 'no']),
      ),
  ],
]
