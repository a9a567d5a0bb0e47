/**
 * Records what Debian's MariaDB knows of itself: variables, status, its own tables, plugins, character sets.
 *   sh bin/skep-node test/oracle/mysql/tables.ts
 * Needs mariadb-server-core and mariadb-client (Debian 12); writes data/mariadb.json.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { PORT, withServer } from './server.ts'

const ask = (sql: string): string[][] => {
  const { stdout, stderr } = spawnSync('mariadb', ['-h127.0.0.1', `-P${PORT}`, '-uroot', '-B', '-N', '-e', sql], {
    encoding: 'utf8',
  })
  if (stderr) throw new Error(`${sql}: ${stderr}`)
  return stdout
    .split('\n')
    .slice(0, -1)
    .map(line =>
      line
        .split('\t')
        .map(cell => cell.replace(/\\([nt0\\])/g, (_, c: string) => ({ n: '\n', t: '\t', 0: '\0' })[c] ?? '\\')),
    )
}

await withServer(async home => {
  // Where Debian's own configuration puts what stands in a directory of its own here.
  const placed = (rows: string[][]) =>
    rows.map(row =>
      row.map(cell =>
        cell
          .replaceAll(`${home}/data`, '/var/lib/mysql')
          .replaceAll(`${home}/socket`, '/run/mysqld/mysqld.sock')
          .replaceAll(`${home}/pid`, '/run/mysqld/mysqld.pid')
          .replaceAll(String(PORT), '3306'),
      ),
    )
  const columns = `SELECT table_schema, table_name, column_name, column_type, is_nullable, IFNULL(column_default, 'NULL'), column_key, extra
    FROM information_schema.columns WHERE table_schema IN ('information_schema', 'mysql') ORDER BY table_schema, table_name, ordinal_position`
  const tables = new Map<string, string[][]>()
  for (const [schema, table, ...column] of ask(columns)) {
    const name = `${schema}.${table}`
    tables.set(name, [...(tables.get(name) ?? []), column])
  }
  const data = {
    variables: placed(ask('SHOW GLOBAL VARIABLES')),
    sessionOnly: ask(
      "SELECT variable_name, IFNULL(session_value, '') FROM information_schema.system_variables WHERE variable_scope = 'SESSION ONLY' ORDER BY 1",
    ),
    status: ask('SHOW GLOBAL STATUS'),
    tables: Object.fromEntries(tables),
    engines: ask('SHOW ENGINES'),
    plugins: ask('SHOW PLUGINS'),
    charsets: ask('SHOW CHARACTER SET'),
    collations: ask('SHOW COLLATION'),
    privileges: ask('SHOW PRIVILEGES'),
  }
  fs.writeFileSync(new URL('../../../data/mariadb.json', import.meta.url), `${JSON.stringify(data)}\n`)
})
