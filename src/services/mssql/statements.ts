import type { Statement } from '#sql/ast.ts'
import { alterTable, createTable, dropTables } from '#sql/define.ts'
import type { Engine, Field } from '#sql/engine.ts'
import { SqlError } from '#sql/error.ts'
import { insert, remove, update, type Written } from '#sql/modify.ts'
import { describeQuery, runQuery } from '#sql/select.ts'
import type { Column, Table } from '#sql/store.ts'
import { placeOf, tableNamed } from './catalog.ts'
import { definingOf } from './defining.ts'
import { failed, named } from './errors.ts'
import type { Run } from './run.ts'
import { command } from './sink.ts'
import { now } from './state.ts'
import { begin } from './transactions.ts'

/** What src/sql carries out, and what a client is told of it. */
export async function carryStatement(s: Statement, run: Run): Promise<void> {
  const { session } = run
  if (session.settings.get('implicit_transactions') === true && session.transactions === 0) begin(session)
  await session.work.statement(() => carry(s, run))
}
function carry(s: Statement, run: Run): void {
  const { session, sink, frame, sql } = run
  const d = definingOf(session, frame, sql)
  switch (s.is) {
    case 'query':
      query(s, run)
      return
    case 'insert': {
      const done = insert(s, d)
      const { table } = d.table(s.table, 0)
      if (table.columns.some(({ increment }) => increment) && done.records > 0) session.identity = table.next - 1n
      wrote(done, command.insert, run)
      return
    }
    case 'update':
      wrote(update(s, d), command.update, run)
      return
    case 'delete':
      wrote(remove(s, d), command.delete, run)
      return
    case 'create table':
      if (tableNamed(session.server, placeOf(session, s.table)))
        throw failed(2714, `There is already an object named '${s.table.at(-1)}' in the database.`, {
          state: 6,
          ends: true,
        })
      for (const { name } of s.columns) named(name)
      createTable(s, d)
      break
    case 'create view': {
      const { fields, rows } = runQuery(s.query, d.engine)
      const { schema, name } = d.place(s.table)
      if (d.catalog.table(schema, name)) {
        if (!s.replace)
          throw failed(2714, `There is already an object named '${name}' in the database.`, { state: 3, ends: true })
        d.catalog.drop(schema, name)
      }
      const made: Table = {
        name,
        columns: columnsOf(fields, s.columns),
        rows: [],
        keys: [],
        next: 1n,
        options: new Map(),
        createdAt: now(session),
        temporary: false,
        view: { text: sql.slice(0, 8192) },
      }
      d.catalog.add(schema, made)
      for (const row of rows) d.catalog.insert(made, row)
      break
    }
    case 'alter table':
      alterTable(s, d)
      break
    case 'drop table': {
      const missing = s.tables.filter(path => {
        const { schema, name } = d.place(path)
        return !d.catalog.table(schema, name)
      })
      if (missing.length && !s.quietly)
        throw failed(
          3701,
          `Cannot drop the ${s.view ? 'view' : 'table'} '${missing[0]!.join('.')}', because it does not exist or you do not have permission.`,
          { class: 11, state: 5 },
        )
      dropTables(s, { ...d, place: d.place })
      break
    }
    case 'truncate':
      for (const path of s.tables) {
        const { table } = d.table(path, 0)
        d.catalog.remove(table, () => false)
        table.next = 1n
      }
      break
    case 'create index':
      break
  }
  sink.done(command.other)
}

const columnsOf = (fields: readonly Field[], names: readonly string[] | undefined): Column[] =>
  fields.map(({ name, type }, i) => ({
    name: names?.[i] ?? name,
    type,
    standard: undefined,
    increment: false,
    comment: '',
  }))

function query(s: Extract<Statement, { is: 'query' }>, run: Run) {
  const { session, sink, frame, sql } = run
  const d = definingOf(session, frame, sql)
  const { body } = s.query
  const into = body.is === 'select' ? body.into : undefined
  if (into && body.is === 'select') {
    const source = { ...s.query, body: { ...body, into: undefined } }
    const nothing = {
      like: undefined,
      options: new Map<string, string>(),
      quietly: false,
      temporary: false,
      replace: false,
      columns: [],
      keys: [],
    }
    const { copied } = createTable({ is: 'create table', table: into.names, query: source, ...nothing }, d)
    session.count = BigInt(copied)
    sink.done(command.select, session.count)
    return
  }
  const { fields, rows } = answered(s.query, run, d.engine)
  session.count = BigInt(rows.length)
  const assigns = body.is === 'select' && body.items.some(({ value }) => value.is === 'variable' && value.assigned)
  if (!assigns) sink.rows(fields, rows)
  sink.done(command.select, session.count)
}

/** What goes wrong with a row comes behind the columns; what is wrong with the text comes alone. */
function answered(asked: Parameters<typeof runQuery>[0], { sink }: Run, engine: Engine): ReturnType<typeof runQuery> {
  const fields = describeQuery(asked, engine)
  try {
    return runQuery(asked, engine)
  } catch (error) {
    if (error instanceof SqlError && error.problem !== 'too much') sink.rows(fields, [])
    throw error
  }
}

function wrote({ affected, records, returned }: Written, number: number, { session, sink }: Run) {
  session.count = BigInt(Math.max(affected, records))
  if (returned) sink.rows(returned.fields, returned.rows)
  sink.done(number, session.count)
}
