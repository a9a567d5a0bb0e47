import type { Parser } from '#sql/parser.ts'
import { type Carry, ok, rest } from './carry.ts'
import { MysqlError } from './errors.ts'
import { readFile } from './files.ts'
import type { Session } from './state.ts'
import { definingOf } from './writing.ts'

/** Lines of one file that go into a table. */
const MOST = 10_000

/**
 * LOAD DATA INFILE: a file of the pretended machine into a table, a line a row, cells between tabs unless FIELDS TERMINATED BY says otherwise. A
 * client's own file (LOCAL) is never asked for.
 */
export function loadData(p: Parser): Carry {
  if (!p.isWord('data') && !p.isWord('xml') && !p.isWord('index')) p.fail()
  p.next()
  while (/^(?:low_priority|concurrent)$/.test(p.word)) p.next()
  const local = p.takeWord('local')
  p.needWord('infile')
  const file = p.string()
  if (!p.takeWord('replace')) p.takeWord('ignore')
  const path = p.takeWord('into', 'table') ? p.path() : undefined
  const between = (p.takeWord('fields') || p.takeWord('columns')) && p.takeWord('terminated', 'by') ? p.string() : '\t'
  rest(p)
  return session => {
    if (local)
      throw new MysqlError(
        4166,
        'HY000',
        'The used command is not allowed because the MariaDB server or client has disabled the local infile capability',
      )
    return path ? loaded(session, file, path, between, p.sql) : ok()
  }
}

function loaded(session: Session, file: string, path: readonly string[], between: string, sql: string) {
  const d = definingOf(session, sql)
  const { table } = d.table(path, 0)
  const content = readFile(session, file)
  if (typeof content !== 'string')
    throw new MysqlError(29, 'HY000', `File '${file}' not found (Errcode: 2 "No such file or directory")`)
  const lines = content.replace(/\n$/, '').split('\n').slice(0, MOST)
  for (const [n, line] of lines.entries()) {
    const cells = between === '' ? [line] : line.split(between)
    const row = table.columns.map((column, i) =>
      cells[i] === undefined || cells[i] === '\\N' ? null : d.store(cells[i]!, column, n + 1),
    )
    d.catalog.insert(table, row)
  }
  return {
    is: 'ok',
    affected: BigInt(lines.length),
    info: `Records: ${lines.length}  Deleted: 0  Skipped: 0  Warnings: 0`,
  } as const
}
