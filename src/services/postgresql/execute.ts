import { commandOutput } from '#access/command.ts'
import type { Statement } from '#sql/ast.ts'
import { alterTable, createTable, type Defining, dropTables } from '#sql/define.ts'
import type { Field } from '#sql/engine.ts'
import { SqlError } from '#sql/error.ts'
import { insert, remove, update, type Written } from '#sql/modify.ts'
import type { Parser } from '#sql/parser.ts'
import { parserOf } from '#sql/queries.ts'
import { describeQuery, runQuery } from '#sql/select.ts'
import { statement } from '#sql/statements.ts'
import type { Column, Row } from '#sql/store.ts'
import { tokenize } from '#sql/tokens.ts'
import type { Value } from '#sql/value.ts'
import { administer } from './administer.ts'
import { castTo, typeNamed } from './cast.ts'
import { copy } from './copy.ts'
import { engineOf } from './dialect.ts'
import { type Failure, failureOf, PgError, pgError } from './errors.ts'
import { writablePages } from './large-objects.ts'
import { Runs } from './libraries.ts'
import { catalogOf, now, type Session } from './state.ts'
import { textOf } from './types.ts'

/** What a statement answers. */
export type Answer =
  | { is: 'rows'; fields: readonly Field[]; rows: readonly Row[]; tag: string }
  | { is: 'done'; tag: string; notices?: readonly Failure[]; reported?: readonly [name: string, value: string] }
  | { is: 'empty' }
  | { is: 'copy out'; lines: readonly string[]; columns: number; tag: string }
  | { is: 'copy in'; columns: number; take(data: string): Promise<number> }

/** Reads and carries out one statement. */
export type Carry = (
  session: Session,
  parameters: readonly (string | null)[],
  types: readonly number[],
) => Answer | Promise<Answer>

/** Statements of one text, and commands that one may have run. */
const MOST = 1000
const RUNS = 8

/** Cuts a text into its statements; a mistake anywhere is told before any of them is carried out. */
export function parse(sql: string): { carry: Carry; verb: string; start: number; query?: Statement }[] {
  const p = parserOf(sql, 'postgresql')
  const found: { carry: Carry; verb: string; start: number; query?: Statement }[] = []
  for (;;) {
    while (p.takeOperator(';'));
    if (p.atEnd) return found
    if (found.length >= MOST) throw new SqlError('too much', ['statements'])
    const start = p.token.start
    found.push({
      ...one(p),
      verb: p.sql
        .slice(start, start + 24)
        .split(/\W/)[0]!
        .toUpperCase(),
      start,
    })
    if (!p.atEnd && !p.isOperator(';')) p.fail()
  }
}
function one(p: Parser): { carry: Carry; query?: Statement } {
  const copied = copy(p)
  if (copied) return { carry: copied }
  const own = administer(p)
  if (own) return { carry: own }
  const made = statement(p)
  if (!made) return p.fail()
  return { carry: (session, parameters, types) => carryOut(made, session, p.sql, parameters, types), query: made }
}

/** Runs what a statement needs run first, as often as it needs it. */
export async function carried(
  carry: Carry,
  session: Session,
  parameters: readonly (string | null)[] = [],
  types: readonly number[] = [],
): Promise<Answer> {
  session.outcomes.clear()
  session.pending = []
  for (let run = 0; ; run++)
    try {
      return await session.work.statement(async () => {
        const answer = await carry(session, parameters, types)
        for (const write of session.pending) await write()
        return answer
      })
    } catch (error) {
      if (!(error instanceof Runs)) throw error
      if (run >= RUNS) throw new SqlError('too much', ['steps'])
      session.outcomes.set(error.command, (await programOutput(session, error.command)).output)
    }
}
export async function programOutput(session: Session, command: string): Promise<{ output: string; status: number }> {
  const exe = `/usr/lib/postgresql/${session.server.version.split('.')[0]}/bin/postgres`
  return commandOutput(session.cx, 'postgres', command, { argv: [exe], exe })
}

/** What is wrong with a text, in PostgreSQL's words. */
export function problemOf(error: SqlError, sql: string): Failure {
  return failureOf(error, sql, at => {
    const token = tokenize(sql, 'postgresql').find(({ start, end }) => start <= at && at < Math.max(end, start + 1))
    if (!token || token.kind === 'end') return ''
    if (token.kind === 'broken') {
      const rest = sql.slice(token.start)
      if (/^[eEnN]?'/.test(rest)) return `\0unterminated quoted string at or near "${rest}"`
      if (rest.startsWith('"')) return `\0unterminated quoted identifier at or near "${rest}"`
      if (rest.startsWith('$'))
        return rest.length > 1 ? `\0unterminated dollar-quoted string at or near "${rest}"` : '$'
    }
    return sql.slice(token.start, token.end)
  })
}

async function carryOut(
  s: Statement,
  session: Session,
  sql: string,
  parameters: readonly (string | null)[],
  types: readonly number[],
): Promise<Answer> {
  const d = definingOf(session, sql, parameters, types)
  switch (s.is) {
    case 'query': {
      const into = s.query.body.is === 'select' ? s.query.body.into : undefined
      if (into) {
        const { copied } = createTable(
          {
            is: 'create table',
            table: into.names,
            quietly: false,
            temporary: false,
            replace: false,
            columns: [],
            keys: [],
            like: undefined,
            query: { ...s.query, body: { ...s.query.body, into: undefined } as never },
            options: new Map(),
          },
          d,
        )
        return { is: 'done', tag: `SELECT ${copied}` }
      }
      const { fields, rows } = executed(s.query, d)
      return { is: 'rows', fields, rows, tag: `SELECT ${rows.length}` }
    }
    case 'insert':
      return wrote(insert(s, d), count => `INSERT 0 ${count}`)
    case 'update':
      return wrote(update(s, d), count => `UPDATE ${count}`)
    case 'delete':
      return wrote(remove(s, d), count => `DELETE ${count}`)
    case 'create table': {
      const { made, copied } = createTable(s, d)
      if (!made)
        return {
          is: 'done',
          tag: 'CREATE TABLE',
          notices: [
            skipping(`relation "${s.table.at(-1)}" already exists, skipping`, '42P07', [
              'parse_utilcmd.c',
              '207',
              'transformCreateStmt',
            ]),
          ],
        }
      return { is: 'done', tag: s.query ? `SELECT ${copied}` : 'CREATE TABLE' }
    }
    case 'create view': {
      const { fields, rows } = runQuery(s.query, d.engine)
      const { schema, name } = d.place(s.table)
      if (s.replace && d.catalog.table(schema, name)) d.catalog.drop(schema, name)
      const table = {
        name,
        columns: fields.map(
          ({ name: column, type }): Column => ({
            name: column,
            type,
            standard: undefined,
            increment: false,
            comment: '',
          }),
        ),
        rows: [],
        keys: [],
        next: 1n,
        options: new Map<string, string>(),
        createdAt: d.now,
        temporary: false,
        view: { text: sql.slice(0, 4096) },
      }
      if (d.catalog.table(schema, name)) throw new SqlError('table exists', [name])
      d.catalog.add(schema, table)
      for (const row of rows) d.catalog.insert(table, row)
      return { is: 'done', tag: 'CREATE VIEW' }
    }
    case 'alter table':
      alterTable(s, d)
      return { is: 'done', tag: 'ALTER TABLE' }
    case 'drop table': {
      const kind = s.view ? 'view' : 'table'
      const gone = s.tables.filter(path => !d.catalog.table(path.at(-2) ?? 'public', path.at(-1)!))
      if (gone.length && !s.quietly)
        throw pgError('42P01', `${kind} "${gone[0]!.at(-1)}" does not exist`, {
          where: ['tablecmds.c', '1304', 'DropErrorMsgNonExistent'],
        })
      dropTables(s, d)
      return {
        is: 'done',
        tag: `DROP ${kind.toUpperCase()}`,
        notices: gone.map(path =>
          skipping(`${kind} "${path.at(-1)}" does not exist, skipping`, '00000', [
            'tablecmds.c',
            '1310',
            'DropErrorMsgNonExistent',
          ]),
        ),
      }
    }
    case 'truncate':
      for (const path of s.tables) d.catalog.remove(d.table(path, 0).table, () => false)
      return { is: 'done', tag: 'TRUNCATE TABLE' }
    case 'create index':
      return { is: 'done', tag: 'CREATE INDEX' }
  }
}
/** Columns that a client has been told of when a statement fails. */
const told = new WeakMap<SqlError, readonly Field[]>()
export const columnsOf = (error: SqlError): readonly Field[] | undefined => told.get(error)

/** What is found out while rows are made comes after the columns; what the planner finds out, before. */
function executed(query: Extract<Statement, { is: 'query' }>['query'], d: Defining): { fields: Field[]; rows: Row[] } {
  const fields = describeQuery(query, d.engine)
  try {
    return runQuery(query, d.engine)
  } catch (error) {
    if (
      error instanceof SqlError &&
      (error.problem === 'more than one row' ||
        (error instanceof PgError && !error.failure.code.startsWith('22')) ||
        // The planner works out what stands alone, and no query within the query.
        (error.problem === 'bad value' && /\bselect\b[\s\S]*\bselect\b/i.test(d.engine.sql)))
    )
      told.set(error, fields)
    throw error
  }
}

export const skipping = (words: string, code: string, where: Failure['where']): Failure => ({
  severity: 'NOTICE',
  code,
  words,
  ...(where ? { where } : {}),
})

function wrote({ affected, records, duplicates, returned }: Written, tag: (count: number) => string): Answer {
  const count = records > 0 ? records - (affected === 0 ? duplicates : 0) : affected
  return returned ? { is: 'rows', ...returned, tag: tag(count) } : { is: 'done', tag: tag(count) }
}

export function definingOf(
  session: Session,
  sql: string,
  parameters: readonly (string | null)[] = [],
  types: readonly number[] = [],
): Defining {
  const catalog = catalogOf(session)
  const schemaOf = (path: readonly string[]) => path.at(-2) ?? 'public'
  return {
    engine: engineOf(session, sql, parameters, types),
    catalog,
    now: now(session),
    place(path) {
      const schema = schemaOf(path)
      if (/^pg_|^information_schema$/.test(schema))
        throw pgError('42501', `permission denied to create "${schema}.${path.at(-1)}"`, {
          detail: 'System catalog modifications are currently disallowed.',
        })
      if (!catalog.schemas.has(schema)) throw new SqlError('no database', [schema])
      return { schema, name: path.at(-1)! }
    },
    table(path, at) {
      if (path.at(-1) === 'pg_largeobject' && (path.length === 1 || path.at(-2) === 'pg_catalog'))
        return { schema: 'pg_catalog', table: writablePages(session, catalog) }
      const table = catalog.table(schemaOf(path), path.at(-1)!)
      if (!table)
        throw new SqlError(
          'no table',
          [path.at(-2) ?? 'public', path.at(-1)!],
          at === 0 ? Math.max(0, sql.indexOf(path[0]!)) : at,
        )
      return { schema: schemaOf(path), table }
    },
    columnType: ({ type }) => (/serial/.test(type.name) ? { ...typeNamed(type), notNull: true } : typeNamed(type)),
    kept: ({ type }) => (type.name === 'unknown' ? { name: 'text' } : type),
    store: (value, column) => stored(value, column, session),
    missing: ({ name }) => {
      throw new SqlError('not null', [name, ''])
    },
  }
}

function stored(value: Value, { name, type, increment }: Column, session: Session): Value {
  if (value === null) {
    if (type.notNull && !increment) throw new SqlError('not null', [name, ''])
    return null
  }
  const kept = castTo(value, { ...type, length: undefined } as never, { name: 'unknown' }, session)
  if (/char$/.test(type.name) && type.length !== undefined && textOf(kept as Exclude<Value, null>).length > type.length)
    throw pgError('22001', `value too long for type character varying(${type.length})`, {
      where: ['varchar.c', '632', 'varchar'],
    })
  return type.name === 'numeric' && kept !== null ? castTo(kept, type, { name: 'numeric' }, session) : kept
}
