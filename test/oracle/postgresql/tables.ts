/**
 * Records what Debian's PostgreSQL knows of itself: settings, types, the columns of its own tables.
 *   sh bin/skep-node test/oracle/postgresql/tables.ts
 * Needs postgresql-15 and postgresql-client-15 (Debian 12); writes data/postgresql.json.
 */
import fs from 'node:fs'
import { ask, PORT, withServer } from './server.ts'

await withServer(async home => {
  const placed = (rows: string[][]) =>
    rows.map(row =>
      row.map(cell =>
        cell
          .replaceAll(`${home}/data`, '/var/lib/postgresql/15/main')
          .replaceAll(home, '/var/run/postgresql')
          .replaceAll(String(PORT), '5432'),
      ),
    )
  const columns = new Map<string, [string, string][]>()
  const list = `SELECT n.nspname || '.' || c.relname, a.attname, t.typname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
    WHERE n.nspname IN ('pg_catalog', 'information_schema') AND c.relkind IN ('r', 'v') AND a.attnum > 0 AND (c.relname !~ '^pg_stat(io)?_|^_pg|sql_' OR c.relname = 'pg_stat_activity') ORDER BY c.relname, a.attnum`
  for (const [table, column, type] of ask(home, list))
    columns.set(table!, [...(columns.get(table!) ?? []), [column!, type!]])
  const rows = (table: string, where = 'true', order = '1') =>
    ask(home, `SELECT * FROM ${table} WHERE ${where} ORDER BY ${order}`)
  const data = {
    settings: placed(
      ask(home, 'SELECT name, setting, unit, category, short_desc, context, vartype FROM pg_settings ORDER BY name'),
    ),
    columns: Object.fromEntries(columns),
    types: rows(
      'pg_type',
      'typrelid = 0 AND (typelem = 0 OR typelem NOT IN (SELECT oid FROM pg_type WHERE typrelid <> 0)) AND typnamespace = 11',
    ),
    namespaces: rows('pg_namespace'),
    access: rows('pg_am'),
    languages: rows('pg_language'),
    collations: rows('pg_collation', "collname IN ('default', 'C', 'POSIX', 'C.utf8', 'ucs_basic')"),
    relations: ask(
      home,
      "SELECT c.oid, relname, relnamespace, relkind, relnatts FROM pg_class c WHERE relkind IN ('r', 'v') AND relname !~ '^_pg|^sql_' AND c.oid < 16384 ORDER BY 1",
    ),
    extensions: ask(home, 'SELECT name, default_version, comment FROM pg_available_extensions ORDER BY 1'),
  }
  fs.writeFileSync(new URL('../../../data/postgresql.json', import.meta.url), `${JSON.stringify(data)}\n`)
})
