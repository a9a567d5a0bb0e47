import { MysqlError } from './errors.ts'
import { DATA, keepFile, placed, refusal } from './files.ts'
import { now, type Session } from './state.ts'

/**
 * The general query log that an attacker turned into a file of their own: `SET GLOBAL general_log_file = '/var/www/html/x.php'`, the log turned on,
 * and a query with a script in it. Only such a file is written; nobody reads the log that the server has by itself.
 */

/** Where it goes, if it was told to go elsewhere and is on. */
const chosen = ({ server }: Session): string | undefined => {
  const file = server.globals.get('general_log_file')
  return server.globals.get('general_log') === 1n && typeof file === 'string' ? placed(file) : undefined
}

/** SET GLOBAL general_log_file: a place where the server may make a file (sys_vars.cc, check_log_path). */
export function checkLogFile(file: string): void {
  if (file === '' || refusal(placed(file)))
    throw new MysqlError(1231, '42000', `Variable 'general_log_file' can't be set to the value of '${file}'`)
}

/** Looks like something that a web server or cron would run. */
const runs = /<\?|<%|<script|^\s*[*\d/,-]+(?:\s+[*\d/,-]+){4}\s/im

/** Appends a query to the attacker's log, as mariadbd does; with a script in it, the file is kept as a sample. */
export async function logQuery(session: Session, sql: string): Promise<void> {
  const path = chosen(session)
  if (path === undefined || path.startsWith(`${DATA}${session.cx.persona.hostname}.log`)) return
  const { server, thread } = session
  const before =
    server.files.get(path) ??
    `/usr/sbin/${server.product === 'MariaDB' ? 'mariadbd' : 'mysqld'}, Version: ${server.version} (${session.cx.persona.os.pretty}). started with:\nTcp port: 3306  Unix socket: /run/mysqld/mysqld.sock\nTime\t\t    Id Command\tArgument\n`
  const stamp = new Date(now(session)).toISOString().replaceAll('-', '').replace('T', ' ').slice(2, 17)
  const content = `${before}${stamp}\t${String(thread).padStart(6)} Query\t${sql}\n`
  await keepFile(session, path, content, runs.test(sql))
}
