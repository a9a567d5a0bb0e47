import type { Value } from '#sql/value.ts'
import type { Session } from './state.ts'

/** Accounts of the server: Debian's own, who logged in, and those that were made here. Hashes are invented. */
export type Account = { user: string; host: string; plugin: string; hash: string }

export function accountsOf(session: Session): Account[] {
  const { cx, server } = session
  const maria = server.product === 'MariaDB'
  const plugin = maria ? 'mysql_native_password' : 'caching_sha2_password'
  const invented = (label: string) =>
    maria
      ? `*${cx.persona.derive(`mysql account ${label}`, 20).toString('hex').toUpperCase()}`
      : `$A$005$${cx.persona.derive(`mysql account ${label}`, 48).toString('base64').slice(0, 63)}`
  const found: Account[] = [
    maria
      ? { user: 'mariadb.sys', host: 'localhost', plugin, hash: '' }
      : {
          user: 'mysql.sys',
          host: 'localhost',
          plugin,
          hash: '$A$005$THISISACOMBINATIONOFINVALIDSALTANDPASSWORDTHATMUSTNEVERBRBEUSED',
        },
    { user: 'root', host: 'localhost', plugin: maria ? plugin : 'auth_socket', hash: maria ? 'invalid' : '' },
    { user: session.user, host: '%', plugin, hash: invented(session.user) },
    { user: 'backup', host: 'localhost', plugin, hash: invented('backup') },
  ]
  for (const [key, hash] of server.accounts) {
    const [, user = '', host = '%'] = /^'(.*)'@'(.*)'$/.exec(key) ?? []
    const same = found.find(one => one.user === user && one.host === host)
    if (same) same.hash = hash
    else found.push({ user, host, plugin, hash })
  }
  return found
}

/** mysql.user (a view in MariaDB), mysql.global_priv and mysql.db. */
export function accountRows(session: Session, name: string): Map<string, Value>[] {
  if (name === 'mysql.db') return []
  return accountsOf(session).map(({ user, host, plugin, hash }) => {
    const all = user === session.user || user === 'root' ? 'Y' : 'N'
    const row = new Map<string, Value>([
      ['HOST', host],
      ['USER', user],
      ['PASSWORD', hash],
      ['PLUGIN', plugin],
      ['AUTHENTICATION_STRING', hash],
      ['PASSWORD_EXPIRED', 'N'],
      ['IS_ROLE', 'N'],
      [
        'PRIV',
        `{"access":${all === 'Y' ? '18446744073709551615' : '0'},"plugin":"${plugin}","authentication_string":"${hash}"}`,
      ],
    ])
    for (const right of rights) row.set(`${right.toUpperCase()}_PRIV`, all)
    return row
  })
}
const rights =
  `Select Insert Update Delete Create Drop Reload Shutdown Process File Grant References Index Alter Show_db Super Create_tmp_table
  Lock_tables Execute Repl_slave Repl_client Create_view Show_view Create_routine Alter_routine Create_user Event Trigger
  Create_tablespace Delete_history`.split(/\s+/)
