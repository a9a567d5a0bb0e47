import type { Defining } from '#sql/define.ts'
import { SqlError } from '#sql/error.ts'
import { type Column, type Row, rowWeight, type Table } from '#sql/store.ts'
import type { Session } from './state.ts'

/**
 * pg_largeobject as a table that a superuser writes to: bytes are put in by pages, and lo_export makes a library of them. That is how sqlmap
 * and Metasploit bring one.
 */

/** LOBLKSIZE: bytes of a page. */
const PAGE = 2048
/** Bytes of all large objects of one attacker. */
const BYTES = 8 << 20

const column = (name: string, type: string): Column => ({
  name,
  type: { name: type, notNull: true },
  standard: undefined,
  increment: false,
  comment: '',
})

/** The pages of all objects as rows, as the catalog shows them: loid, pageno, data. */
export const pages = ({ server }: Session): Row[] =>
  [...server.objects].flatMap(([oid, content]) =>
    Array.from(
      { length: Math.ceil(content.length / PAGE) },
      (_, page): Row => [BigInt(oid), BigInt(page), content.slice(page * PAGE, (page + 1) * PAGE)],
    ),
  )

/** The table for one statement that writes; when it is done, the objects are what its rows say. */
export function writablePages(session: Session, { use }: Defining['catalog']): Table {
  const table: Table = {
    name: 'pg_largeobject',
    columns: [column('loid', 'oid'), column('pageno', 'int4'), column('data', 'bytea')],
    rows: pages(session),
    // Pages come in any order, so one that was skipped is there as zeros: no key, and the last of a number counts.
    keys: [],
    next: 1n,
    options: new Map(),
    createdAt: 0,
    temporary: true,
  }
  const weight = () => table.rows.reduce((sum, row) => sum + rowWeight(row), 0)
  const before = weight()
  session.pending.push(async () => {
    // Rows of this table are not kept; its objects are, and are counted as such.
    use.bytes -= weight() - before
    assemble(session, table.rows)
  })
  return table
}

function assemble({ server }: Session, rows: readonly Row[]) {
  const made = new Map<number, string>([...server.objects.keys()].map(oid => [oid, '']))
  let bytes = 0
  for (const [oid, page, data] of rows.toSorted((a, b) => Number(a[0]) - Number(b[0]) || Number(a[1]) - Number(b[1]))) {
    const before = made.get(Number(oid)) ?? ''
    const at = Number(page) * PAGE
    const piece = String(data ?? '').slice(0, PAGE)
    bytes += at + piece.length - before.length
    if (at < 0 || bytes > BYTES || made.size > 100) throw new SqlError('too much', ['bytes'])
    made.set(Number(oid), before.slice(0, at).padEnd(at, '\0') + piece)
  }
  server.objects = made
}
