import type { Field } from '#sql/engine.ts'
import { SqlError } from '#sql/error.ts'
import { parserOf } from '#sql/queries.ts'
import { describeQuery, runQuery } from '#sql/select.ts'
import type { Value } from '#sql/value.ts'
import { castTo } from './cast.ts'
import { engineOf, typeOfValue } from './dialect.ts'
import { failed } from './errors.ts'
import type { Declared } from './nodes.ts'
import { parseBatch } from './parse.ts'
import { answer, type Call, type Given, numberArgument, type Procedure, textArgument } from './procedure.ts'
import { newFrame, type Run, runWithin } from './run.ts'
import { command } from './sink.ts'
import type { Frame, Prepared } from './state.ts'
import { textOf } from './texts.ts'
import { typeNamed, typeText } from './types.ts'

/** Statements by handle, and cursors of the programming interface: sp_executesql, sp_prepare, sp_cursoropen and their kin. */

/** `@a int, @b nvarchar(20) OUTPUT`. */
function declarations(text: string): Declared[] {
  const p = parserOf(text, 'tsql')
  if (p.atEnd) return []
  return p.list(() => {
    const name = p.token.kind === 'variable' ? p.next().text : p.fail()
    p.takeWord('as')
    const type = p.type()
    const value = p.takeOperator('=') ? p.expression() : undefined
    const output = p.takeWord('output') || p.takeWord('out')
    return { name, type, value, output }
  })
}
const prepared = (sql: string, parameters: string): Prepared => ({
  sql,
  parameters: declarations(parameters).map(({ name, type, output }) => ({ name, type: typeNamed(type), output })),
})

function frameFor({ parameters }: Prepared, args: readonly Given[], run: Run): Frame {
  const frame = newFrame(run.frame.depth + 1)
  for (const [i, { name, type }] of parameters.entries()) {
    const given = args.find(one => one.name?.toLowerCase() === name.toLowerCase()) ?? args[i]
    if (!given)
      throw failed(
        8178,
        `The parameterized query '(${parameters.map(one => `@${one.name} ${typeText(one.type)}`).join(',')})' expects the parameter '@${name}', which was not supplied.`,
        { ends: true },
      )
    frame.variables.set(name.toLowerCase(), {
      type,
      value:
        given.value === null
          ? null
          : castTo(given.value, type, given.type.name === 'null' ? typeOfValue(given.value) : given.type),
    })
  }
  return frame
}
async function carry(one: Prepared, args: readonly Given[], run: Run): Promise<void> {
  const frame = frameFor(one, args, run)
  // The caller has counted itself already.
  run.sink.depth--
  try {
    await runWithin(one.sql, run, frame)
  } finally {
    run.sink.depth++
  }
  for (const [i, { name, output }] of one.parameters.entries()) {
    const given = args.find(other => other.name?.toLowerCase() === name.toLowerCase()) ?? args[i]
    if (output) given?.give?.(frame.variables.get(name.toLowerCase())?.value ?? null)
  }
}
const executeSql: Procedure = async call => {
  const sql = textArgument(call, 0, 'stmt') ?? textArgument(call, 0, 'statement')
  if (sql === undefined) return 0
  const parameters = call.args[1]
  const listed =
    parameters && (parameters.name === undefined || /^param/i.test(parameters.name)) && parameters.value !== null
      ? textOf(parameters.value)
      : ''
  await carry(prepared(sql, listed), call.args.slice(2), call.run)
}

/** Prepared statements that one connection may keep, the bytes of their texts, cursors, and rows of one. */
const MOST = 256
const MOST_BYTES = 4 << 20
const MOST_CURSORS = 16
const MOST_ROWS = 20_000
function keep(call: Call, one: Prepared): number {
  const { session } = call.run
  let bytes = one.sql.length
  for (const { sql } of session.prepared.values()) bytes += sql.length
  if (bytes > MOST_BYTES) throw new SqlError('too much', ['bytes'])
  if (session.prepared.size >= MOST) session.prepared.delete(session.prepared.keys().next().value!)
  const handle = ++session.handle
  session.prepared.set(handle, one)
  call.args[0]?.give?.(BigInt(handle))
  return handle
}
const known = (call: Call): Prepared => {
  const handle = numberArgument(call, 0)
  const found = handle === undefined ? undefined : call.run.session.prepared.get(handle)
  if (!found) throw failed(8179, `Could not find prepared statement with handle ${handle ?? 0}.`, { state: 2 })
  return found
}
const prepare: Procedure = call => {
  const one = prepared(textArgument(call, 2) ?? '', textArgument(call, 1) ?? '')
  keep(call, one)
  if (numberArgument(call, 3) === 1) describe(one, call)
}
/** The columns that a text would answer, without a row; nothing where that cannot be said. */
function fieldsOf(one: Prepared, run: Run): Field[] | undefined {
  const frame = newFrame()
  for (const { name, type } of one.parameters) frame.variables.set(name.toLowerCase(), { type, value: null })
  try {
    const [node] = parseBatch(one.sql)
    if (node?.is !== 'sql' || node.statement.is !== 'query') return undefined
    return describeQuery(node.statement.query, engineOf(run.session, frame, one.sql))
  } catch (error) {
    if (error instanceof SqlError) return undefined
    throw error
  }
}
function describe(one: Prepared, { run }: Call) {
  const fields = fieldsOf(one, run)
  if (!fields) return
  run.sink.rows(fields, [])
  run.sink.done(command.select, 0n)
}
const prepareAndExecute: Procedure = async call => {
  const one = prepared(textArgument(call, 2) ?? '', textArgument(call, 1) ?? '')
  keep(call, one)
  await carry(one, call.args.slice(3), call.run)
}
const execute: Procedure = async call => carry(known(call), call.args.slice(1), call.run)
const forget: Procedure = call => {
  call.run.session.prepared.delete(numberArgument(call, 0) ?? -1)
}

/** sp_cursoropen: handle, text, options, concurrency, count; the columns are told, rows come with sp_cursorfetch. */
function openCursor(call: Call, one: Prepared, args: readonly Given[], at: number): void {
  const { run } = call
  const { session, sink } = run
  const [node] = parseBatch(one.sql)
  if (node?.is !== 'sql' || node.statement.is !== 'query')
    throw failed(
      16_937,
      'A server cursor cannot be opened on the given statement or statements. Use a default result set or client cursor.',
    )
  const { fields, rows } = runQuery(node.statement.query, engineOf(session, frameFor(one, args, run), one.sql))
  if (session.cursors.size >= MOST_CURSORS) session.cursors.delete(session.cursors.keys().next().value!)
  if (rows.length > MOST_ROWS) throw new SqlError('too much', ['rows'])
  const handle = 180_150_000 + ++session.handle
  session.cursors.set(handle, { fields, rows, at: -1 })
  sink.rows(fields, [])
  sink.done(command.select, 0n)
  call.args[at]?.give?.(BigInt(handle))
  call.args[at + 4]?.give?.(BigInt(rows.length))
}
const cursorOpen: Procedure = call => {
  const listed = textArgument(call, 5) ?? ''
  openCursor(call, prepared(textArgument(call, 1) ?? '', listed), call.args.slice(6), 0)
}
const cursorPrepare: Procedure = call =>
  void keep(call, prepared(textArgument(call, 2) ?? '', textArgument(call, 1) ?? ''))
const cursorExecute: Procedure = call => openCursor(call, known(call), call.args.slice(5), 1)
const cursorPrepareExecute: Procedure = call => {
  const one = prepared(textArgument(call, 3) ?? '', textArgument(call, 2) ?? '')
  keep(call, one)
  openCursor(call, one, call.args.slice(7), 1)
}
/** Kinds of fetches: first, next, previous, last, absolute. */
const cursorFetch: Procedure = call => {
  const { session, sink } = call.run
  const cursor = session.cursors.get(numberArgument(call, 0) ?? -1)
  if (!cursor) throw failed(16_909, 'sp_cursorfetch: The cursor identifier value provided is not valid.')
  const kind = numberArgument(call, 1) ?? 2
  const count = Math.max(1, Math.min(10_000, numberArgument(call, 3) ?? 1))
  const from =
    kind & 1
      ? 0
      : kind & 4
        ? cursor.at - count
        : kind & 8
          ? cursor.rows.length - count
          : kind & 16
            ? (numberArgument(call, 2) ?? 1) - 1
            : cursor.at + 1
  const start = Math.max(0, from)
  const rows = cursor.rows.slice(start, start + count)
  cursor.at = Math.min(cursor.rows.length, start + rows.length) - 1
  sink.rows(cursor.fields, rows)
  sink.done(command.select, BigInt(rows.length))
}
const cursorClose: Procedure = call => {
  call.run.session.cursors.delete(numberArgument(call, 0) ?? -1)
}
const quietly: Procedure = () => 0

const describeFirst: Procedure = call => {
  const one = prepared(textArgument(call, 0, 'tsql') ?? '', textArgument(call, 1, 'params') ?? '')
  const fields = fieldsOf(one, call.run) ?? []
  answer(
    call,
    'is_hidden:i column_ordinal:i name:s is_nullable:i system_type_name:s',
    fields.map(({ name, type }, i): Value[] => [0n, BigInt(i + 1), name, type.notNull ? 0n : 1n, typeText(type)]),
  )
}

export const handleProcedures: readonly (readonly [string, Procedure])[] = [
  ['sp_executesql', executeSql],
  ['sp_prepare', prepare],
  ['sp_execute', execute],
  ['sp_prepexec', prepareAndExecute],
  ['sp_prepexecrpc', prepareAndExecute],
  ['sp_unprepare', forget],
  ['sp_cursoropen', cursorOpen],
  ['sp_cursorprepare', cursorPrepare],
  ['sp_cursorexecute', cursorExecute],
  ['sp_cursorprepexec', cursorPrepareExecute],
  ['sp_cursorunprepare', forget],
  ['sp_cursorfetch', cursorFetch],
  ['sp_cursorclose', cursorClose],
  ['sp_cursoroption', quietly],
  ['sp_cursor', quietly],
  ['sp_describe_first_result_set', describeFirst],
  ['sp_describe_undeclared_parameters', call => answer(call, 'parameter_ordinal:i name:s', [])],
]
