import { commandOutput } from '#access/command.ts'
import type { Expression, Statement } from '#sql/ast.ts'
import { alterTable, createTable, type Defining, dropTables } from '#sql/define.ts'
import { SqlError } from '#sql/error.ts'
import { insert, remove, update, type Written } from '#sql/modify.ts'
import type { Parser } from '#sql/parser.ts'
import { parserOf } from '#sql/queries.ts'
import { runQuery } from '#sql/select.ts'
import { statement } from '#sql/statements.ts'
import type { Column as TableColumn } from '#sql/store.ts'
import type { Value } from '#sql/value.ts'
import { administer } from './administer.ts'
import { describeTable } from './describe.ts'
import { assign } from './dialect.ts'
import { type Failure, failureOf, MysqlError, syntaxError } from './errors.ts'
import { dumped, outfile, writeFile } from './files.ts'
import { can } from './handshake.ts'
import { withKeys } from './keys.ts'
import { outcomesOf, Runs } from './libraries.ts'
import { type Column, NO_INDEX, type Okay } from './resultset.ts'
import { show } from './show.ts'
import type { Shown } from './shown.ts'
import { now, type Session, wordingOf } from './state.ts'
import { definingOf } from './writing.ts'

/** What a statement answers. */
export type Answer =
  | { is: 'rows'; fields: readonly Column[]; rows: readonly (readonly Value[])[]; status?: number }
  | ({ is: 'ok' } & Okay)
  | { is: 'error'; failure: Failure }

/** Statements of one text. */
const MOST = 1000
/** Commands that one statement may have run. */
const RUNS = 8

/** Carries out a text: an answer for each of its statements, up to the first that fails. `more`: another follows. */
export async function* execute(
  session: Session,
  sql: string,
  parameters: readonly Value[] = [],
): AsyncGenerator<{ answer: Answer; more: boolean }> {
  let p: Parser
  try {
    p = parserOf(sql, 'mysql')
  } catch (error) {
    if (error instanceof SqlError)
      yield { answer: { is: 'error', failure: failureOf(error, sql, wordingOf(session)) }, more: false }
    else throw error
    return
  }
  for (let n = 0; n < MOST; n++) {
    const from = p.token.start
    if (p.token.kind === 'end') {
      yield { answer: { is: 'error', failure: { code: 1065, state: '42000', text: 'Query was empty' } }, more: false }
      return
    }
    const answer = await one(p, session, sql.slice(from), parameters)
    p.takeOperator(';')
    const more = !p.atEnd && answer.is !== 'error'
    yield { answer, more }
    if (!more) return
  }
}

type Carry = (session: Session, parameters: readonly Value[]) => Answer | Promise<Answer>

async function one(p: Parser, session: Session, rest: string, parameters: readonly Value[]): Promise<Answer> {
  const from = p.token.start
  try {
    const carry = read(p, session)
    ended(p, session)
    const warned = /^\s*show\s+(?:warnings|errors)/i.test(rest)
    if (!warned) session.warnings = []
    return await carried(carry, session, parameters)
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    // A table without a database is found out while reading, before what stands behind it.
    const unplaced =
      session.database === '' &&
      p.named.some(
        ({ kind, start, end }) =>
          /^(?:word|quoted)$/.test(kind) && start >= from && !/^\s*\./.test(p.sql.slice(end, end + 8)),
      )
    const failure =
      error.problem !== 'syntax'
        ? failureOf(error, rest, wordingOf(session))
        : unplaced
          ? failureOf(new SqlError('no database selected'), rest, wordingOf(session))
          : syntaxError(rest, (error.at ?? from) - from, session.server.product)
    session.warnings = [{ level: 'Error', code: failure.code, text: failure.text }]
    return { is: 'error', failure }
  }
}

/** What stands behind a statement ends it, or is an error. */
function ended(p: Parser, session: Session) {
  if (p.token.kind === 'end') return
  if (!p.isOperator(';')) p.fail()
  const next = p.ahead(1)
  if (next.kind !== 'end' && !(session.flags & can.multiStatements)) p.fail(next)
}

async function carried(carry: Carry, session: Session, parameters: readonly Value[]): Promise<Answer> {
  outcomesOf(session).clear()
  for (let run = 0; ; run++)
    try {
      return await session.work.statement(() => carry(session, parameters))
    } catch (error) {
      if (!(error instanceof Runs) || run >= RUNS)
        throw error instanceof Runs ? new SqlError('too much', ['steps']) : error
      outcomesOf(session).set(error.asked.command, await ranFor(session, error.asked))
    }
}

async function ranFor({ cx, server }: Session, { command, gives }: Runs['asked']): Promise<Value> {
  const line = command.slice(command.indexOf('\0') + 1)
  if (line === '') return gives === 'output' ? null : 0n
  const exe = server.product === 'MariaDB' ? '/usr/sbin/mariadbd' : '/usr/sbin/mysqld'
  const { output, status } = await commandOutput(cx, 'mysql', line, { argv: [exe], exe })
  return gives === 'output' ? output : BigInt(status)
}

/** Reads one statement; what it does is done later, so that a mistake at its end comes first. */
function read(p: Parser, session: Session): Carry {
  const from = p.token.start
  if (p.isWord('show')) {
    p.next()
    const make = show(p, session) ?? p.fail()
    return () => shownRows(make())
  }
  if (p.isWord('explain') || p.isWord('describe') || p.isWord('desc')) return describe(p)
  const own = administer(p, session)
  if (own) return own
  const found = statement(p)
  if (!found) return p.fail()
  const sql = p.sql.slice(0, p.end)
  return (who, parameters) => carryOut(found, who, sql, from, parameters)
}

/** What comes out of INFORMATION_SCHEMA was looked through. */
const shownRows = (shown: Shown): Answer => ({ is: 'rows', ...shown, status: shown.fields[0]?.origin ? NO_INDEX : 0 })

function describe(p: Parser): Carry {
  p.next()
  if (
    p.isWord('select') ||
    p.isWord('extended') ||
    p.isWord('update') ||
    p.isWord('delete') ||
    p.isWord('insert') ||
    p.isWord('format')
  ) {
    while (p.token.kind !== 'end' && !p.isOperator(';')) p.next()
    return () => explained
  }
  const path = p.path()
  if (p.token.kind === 'string' || (p.token.kind === 'word' && p.token.text !== '')) p.next()
  return session => shownRows(describeTable(session, path.at(-2) ?? session.database, path.at(-1)!))
}
const explainColumn = (name: string, length: number, notNull = false): Column => ({
  table: '',
  name,
  type: { name: 'varchar', length, ...(notNull ? { notNull: true } : {}) },
})
const explained: Answer = {
  is: 'rows',
  fields: [
    { table: '', name: 'id', type: { name: 'bigint', length: 3, unsigned: true } },
    explainColumn('select_type', 19, true),
    explainColumn('table', 64),
    explainColumn('type', 10),
    explainColumn('possible_keys', 4096),
    explainColumn('key', 64),
    explainColumn('key_len', 4096),
    explainColumn('ref', 2048),
    explainColumn('rows', 64),
    explainColumn('Extra', 255, true),
  ],
  rows: [[1n, 'SIMPLE', null, null, null, null, null, null, null, 'No tables used']],
}

/** Statements that define: they commit what went before. */
const defines: ReadonlySet<Statement['is']> = new Set([
  'create table',
  'create view',
  'alter table',
  'drop table',
  'truncate',
  'create index',
])
const readsNothing = ({ body }: Query): boolean => body.is === 'select' && !body.from

async function carryOut(
  s: Statement,
  session: Session,
  sql: string,
  _: number,
  parameters: readonly Value[],
): Promise<Answer> {
  const d = definingOf(session, sql, parameters)
  if (!defines.has(s.is)) {
    if (session.variables.get('autocommit') === 0n && !(s.is === 'query' && readsNothing(s.query))) session.work.begin()
  } else if (!('temporary' in s && s.temporary)) session.work.commit()
  switch (s.is) {
    case 'query':
      return select(s.query, session, d)
    case 'insert': {
      const done = insert(s, d)
      session.inserted = done.inserted || session.inserted
      const given = done.inserted || givenNumber(s, d)
      const many = !Array.isArray(s.source) || s.source.length > 1
      return wrote(
        session,
        done,
        many ? `Records: ${done.records}  Duplicates: ${done.duplicates}  Warnings: ${session.warnings.length}` : '',
        given,
      )
    }
    case 'update': {
      const done = update(s, d)
      return wrote(
        session,
        done,
        `Rows matched: ${done.matched}  Changed: ${done.affected}  Warnings: ${session.warnings.length}`,
      )
    }
    case 'delete': {
      const answer = wrote(session, remove(s, d), '')
      return answer.is === 'ok' && !s.where ? { ...answer, status: NO_INDEX } : answer
    }
    case 'create table': {
      const { made, copied } = createTable(s, d)
      if (!made) session.warnings.push({ level: 'Note', code: 1050, text: `Table '${s.table.at(-1)}' already exists` })
      return done(session, BigInt(copied), s.query ? `Records: ${copied}  Duplicates: 0  Warnings: 0` : '')
    }
    case 'create view':
      return createView(s, session, d)
    case 'alter table':
      alterTable(s, d)
      return done(session, 0n, 'Records: 0  Duplicates: 0  Warnings: 0')
    case 'drop table': {
      // MariaDB drops those that are there, and then says which were not; MySQL 8 drops all or none.
      const missing = dropTables(
        s,
        session.server.product === 'MariaDB' ? { ...d, catalog: session.server.catalog } : d,
      )
      if (missing.length && !s.quietly) throw new MysqlError(1051, '42S02', `Unknown table '${missing.join(',')}'`)
      for (const name of missing) session.warnings.push({ level: 'Note', code: 1051, text: `Unknown table '${name}'` })
      return done(session)
    }
    case 'truncate':
      for (const path of s.tables) {
        const { table } = d.table(path, 0)
        d.catalog.remove(table, () => false)
        table.next = 1n
      }
      return done(session)
    case 'create index':
      return done(session, 0n, 'Records: 0  Duplicates: 0  Warnings: 0')
  }
}

/** REPLACE and the like with a number of their own: the OK packet tells it. */
function givenNumber(s: Extract<Statement, { is: 'insert' }>, d: Defining): bigint {
  const { table } = d.table(s.table, 0)
  const at = table.columns.findIndex(({ increment }) => increment)
  const value = at < 0 ? undefined : table.rows.at(-1)?.[at]
  return typeof value === 'bigint' ? value : 0n
}

function done(session: Session, affected = 0n, info = '', inserted = 0n): Answer {
  session.affected = affected
  return { is: 'ok', affected, info, inserted }
}
function wrote(session: Session, { affected, returned }: Written, info: string, inserted = 0n): Answer {
  session.affected = BigInt(affected)
  if (returned) return { is: 'rows', ...returned }
  return done(session, BigInt(affected), info, inserted)
}

async function select(
  query: Extract<Statement, { is: 'query' }>['query'],
  session: Session,
  d: Defining,
): Promise<Answer> {
  const result = runQuery(query, d.engine)
  const into = intoOf(query)
  session.found = BigInt(result.rows.length)
  session.affected = -1n
  if (!into)
    return {
      is: 'rows',
      ...withKeys(session, result),
      status: scans(query, session) ? NO_INDEX : 0,
    }
  const [name = ''] = into.names
  if (into.is === 'variables') {
    if (into.names.length !== result.fields.length)
      throw new MysqlError(1222, '21000', 'The used SELECT statements have a different number of columns')
    if (result.rows.length > 1) throw new MysqlError(1172, '42000', 'Result consisted of more than one row')
    for (const [i, variable] of into.names.entries())
      if (result.rows[0]) assign(session, variable, result.rows[0][i] ?? null)
  } else
    await writeFile(session, name, () =>
      into.is === 'dumpfile' ? dumped(result.rows) : outfile(result.rows, into.fields!),
    )
  return done(session, BigInt(result.rows.length))
}

type Query = Extract<Statement, { is: 'query' }>['query']
const intoOf = (query: Query): Query['into'] =>
  query.into ??
  (query.body.is === 'select' ? query.body.into : query.body.is === 'set' ? intoOf(query.body.right) : undefined)

/** Did it go through a whole table? Who asks by a key's column did not. */
function scans({ body }: Query, session: Session): boolean {
  if (body.is === 'set') return !body.all
  if (body.is !== 'select' || !body.from) return false
  let { from } = body
  while (from.is === 'join') from = from.left
  if (from.is === 'query') return scans(from.query, session)
  if (from.is !== 'table') return false
  const table = session.server.catalog.table(from.path.at(-2) ?? session.database, from.path.at(-1)!)
  if (!table) return /^information_schema$/i.test(from.path.at(-2) ?? session.database)
  return !table.keys.some(({ columns }) => names(body.where, columns[0]!))
}
function names(where: Expression | undefined, column: string): boolean {
  if (!where) return false
  if (where.is === 'column') return where.path.at(-1) === column
  if (where.is === 'binary' || where.is === 'logical') return names(where.left, column) || names(where.right, column)
  return (where.is === 'in' || where.is === 'between') && names(where.operand, column)
}

function createView(s: Extract<Statement, { is: 'create view' }>, session: Session, d: Defining): Answer {
  const { schema, name } = d.place(s.table)
  const result = runQuery(s.query, d.engine)
  if (d.catalog.table(schema, name)) {
    if (!s.replace) throw new SqlError('table exists', [name])
    d.catalog.drop(schema, name)
  }
  const columns = result.fields.map(
    (field, i): TableColumn => ({
      name: s.columns?.[i] ?? field.name,
      type: field.type,
      standard: undefined,
      increment: false,
      comment: '',
    }),
  )
  const table = {
    name,
    columns,
    rows: [],
    keys: [],
    next: 1n,
    options: new Map<string, string>(),
    createdAt: now(session),
    temporary: false,
    view: { text: d.engine.sql },
  }
  d.catalog.add(schema, table)
  for (const row of result.rows) d.catalog.insert(table, row)
  return done(session)
}
