import type { Expression } from '#sql/ast.ts'
import { createTable } from '#sql/define.ts'
import { SqlError } from '#sql/error.ts'
import { evaluate } from '#sql/evaluate.ts'
import { typeOf } from '#sql/infer.ts'
import { Scope } from '#sql/scope.ts'
import { runQuery } from '#sql/select.ts'
import type { Value } from '#sql/value.ts'
import { castTo } from './cast.ts'
import { command as carryCommand } from './commands.ts'
import { steps as cursorSteps } from './cursors.ts'
import { definingOf } from './defining.ts'
import { engineOf, STEPS, typeFor, variableOf } from './dialect.ts'
import { failed, noticesOf } from './errors.ts'
import { callProcedure } from './invoke.ts'
import { createModule } from './modules.ts'
import type { Node } from './nodes.ts'
import { parseBatch } from './parse.ts'
import { raise } from './raise.ts'
import { command, type Sink } from './sink.ts'
import { type Frame, momentSeconds, type Session } from './state.ts'
import { carryStatement } from './statements.ts'
import { textOf } from './texts.ts'
import type { Notice } from './tokens.ts'
import { begin, commit, rollBack, rollBackTo, save } from './transactions.ts'
import { typeNamed } from './types.ts'

/** Where a text runs: whose session, into what answer, and with which names. */
export type Run = { session: Session; sink: Sink; frame: Frame; sql: string; trying: boolean }
/** How control leaves a statement other than at its end. */
export type Leaving = { how: 'break' | 'continue' } | { how: 'return'; value: Value }

/** Procedures in procedures. */
const DEEPEST = 32
/** Turns of all loops of one batch. */
const TURNS = 100_000

/** What ends a batch has been told already. */
export class BatchOver extends Error {}

export const newFrame = (depth = 0, procedure?: string): Frame => ({ variables: new Map(), depth, procedure })

/** Carries out a batch; true when all went well. */
export async function runBatch(session: Session, sink: Sink, sql: string, frame = newFrame()): Promise<boolean> {
  session.steps = STEPS
  try {
    await runText({ session, sink, frame, sql, trying: false })
    return true
  } catch (error) {
    if (error instanceof BatchOver) return false
    throw error
  }
}

/** Reads a text and carries it out. */
export async function runText(run: Run): Promise<Leaving | undefined> {
  if (run.frame.depth > DEEPEST)
    throw failed(217, 'Maximum stored procedure, function, trigger, or view nesting level exceeded (limit 32).', {
      ends: true,
    })
  let nodes: Node[]
  try {
    nodes = parseBatch(run.sql)
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    if (run.trying) throw error
    tell(run, error, undefined)
    throw new BatchOver()
  }
  return runNodes(nodes, run)
}

export async function runNodes(nodes: readonly Node[], run: Run): Promise<Leaving | undefined> {
  for (const node of nodes) {
    const leaving = await runNode(node, run)
    if (leaving) return leaving
  }
  return undefined
}

async function runNode(node: Node, run: Run): Promise<Leaving | undefined> {
  const { session } = run
  session.steps -= 20
  try {
    const leaving = await carry(node, run)
    if (node.is !== 'if' && node.is !== 'block' && node.is !== 'declare') session.error = 0
    return leaving
  } catch (error) {
    if (!(error instanceof SqlError) || run.trying) throw error
    if (tell(run, error, node)) throw new BatchOver()
    return undefined
  }
}

/** Errors into the answer; true when the batch ends with them. */
function tell({ session, sink, frame, sql }: Run, error: SqlError, node: Node | undefined): boolean {
  const { notices, ends } = noticesOf(error, sql)
  const line = node ? sql.slice(0, node.at).split('\n').length : 1
  // What only reads has nothing to be taken back.
  const reads = node?.is === 'set' || (node?.is === 'sql' && node.statement.is === 'query')
  for (const said of notices.filter(({ number }) => !reads || number !== 3621))
    sink.notice({
      ...said,
      line: said.line ?? line,
      ...(frame.procedure && !said.procedure ? { procedure: frame.procedure } : {}),
    })
  session.error = notices[0]!.number
  sink.done(command.other, undefined, true)
  const aborts = session.settings.get('xact_abort') === true
  if (aborts) rollBack(session)
  return ends || aborts
}

/** Rows that a cursor may hold. */
const MOST_ROWS = 20_000
function bounded<T extends { rows: readonly unknown[] }>(result: T): T {
  if (result.rows.length > MOST_ROWS) throw new SqlError('too much', ['rows'])
  return result
}

/** Characters that a variable takes for each step of its batch. */
const A_STEP = 16
/** What is put into variables counts as work, so that it is bounded as work is. */
const charge = (session: Session, value: Value): Value => {
  if (typeof value === 'string') session.steps -= Math.floor(value.length / A_STEP)
  if (session.steps < 0) throw new SqlError('too much', ['steps'])
  return value
}

/** The value of an expression that stands alone. */
export function valueIn(e: Expression, { session, frame, sql }: Run): Value {
  const scope = new Scope(engineOf(session, frame, sql), [])
  typeOf(e, scope)
  return evaluate(e, scope)
}
const isTrue = (e: Expression, run: Run): boolean => {
  const scope = new Scope(engineOf(run.session, run.frame, run.sql), [])
  typeOf(e, scope)
  return scope.engine.truth(evaluate(e, scope)) === true
}

async function carry(node: Node, run: Run): Promise<Leaving | undefined> {
  const { session, sink, frame } = run
  switch (node.is) {
    case 'sql':
      await carryStatement(node.statement, run)
      return undefined
    case 'declare': {
      const type = typeNamed(node.type)
      frame.variables.set(node.name.toLowerCase(), { type, value: null })
      const value = node.value ? charge(session, valueIn(node.value, run)) : null
      if (value !== null)
        frame.variables.get(node.name.toLowerCase())!.value = castTo(value, type, typeFor(value, type))
      if (frame.variables.size > 2000) throw new SqlError('too much', ['variables'])
      return undefined
    }
    case 'declare table': {
      const d = definingOf(session, frame, run.sql)
      const { schema, name } = d.place([node.name])
      if (session.server.catalog.table(schema, name)) session.server.catalog.drop(schema, name)
      const nothing = {
        like: undefined,
        query: undefined,
        options: new Map<string, string>(),
        quietly: false,
        temporary: true,
        replace: false,
      }
      createTable({ is: 'create table', table: [node.name], columns: node.columns, keys: node.keys, ...nothing }, d)
      return undefined
    }
    case 'set': {
      const variable = variableOf(frame, node.name)
      const value = charge(session, valueIn(node.value, run))
      variable.value = value === null ? null : castTo(value, variable.type, typeFor(value, variable.type))
      return undefined
    }
    case 'option':
      for (const name of node.names)
        session.settings.set(name, node.value === 'on' ? true : node.value === 'off' ? false : node.value)
      if (node.names.includes('nocount')) sink.quiet = node.value === 'on'
      sink.done(command.other)
      return undefined
    case 'if':
      if (isTrue(node.condition, run)) return runNode(node.then, run)
      return node.otherwise ? runNode(node.otherwise, run) : undefined
    case 'while':
      return loop(node, run)
    case 'block':
      return runNodes(node.nodes, run)
    case 'try':
      return attempt(node, run)
    case 'execute':
      await callProcedure(node, run)
      return undefined
    case 'execute text': {
      if (node.server !== undefined)
        throw failed(
          7202,
          `Could not find server '${node.server}' in sys.servers. Verify that the correct server name was specified. If necessary, execute the stored procedure sp_addlinkedserver to add the server to sys.servers.`,
          { class: 11, state: 2 },
        )
      const text = valueIn(node.text, run)
      if (text !== null) await runWithin(textOf(text), run)
      return undefined
    }
    case 'insert execute':
      return insertExecute(node, run)
    case 'print': {
      const value = valueIn(node.value, run)
      sink.notice({
        number: 0,
        state: 1,
        class: 0,
        text: value === null ? ' ' : textOf(value).slice(0, 4000),
        line: lineOf(node, run),
      })
      return undefined
    }
    case 'raiserror':
    case 'throw':
      raise(node, run)
      return undefined
    case 'return':
      return { how: 'return', value: node.value ? valueIn(node.value, run) : null }
    case 'break':
    case 'continue':
      return { how: node.is }
    case 'nothing':
      return undefined
    case 'use':
      use(node.database, run)
      return undefined
    case 'transaction':
      if (node.what === 'begin') begin(session, node.name)
      else if (node.what === 'commit') commit(session)
      else if (node.what === 'rollback') rollBackTo(session, node.name)
      else save(session, node.name ?? '')
      sink.done(command.other)
      return undefined
    case 'wait':
      session.waits = Math.min(
        60,
        session.waits + (node.delay ? momentSeconds(textOf(valueIn(node.delay, run) ?? '')) : 0),
      )
      sink.done(command.other)
      return undefined
    case 'cursor':
      if (session.named.size >= 16) throw new SqlError('too much', ['cursors'])
      session.named.set(node.name.toLowerCase(), {
        ...bounded(runQuery(node.query, engineOf(session, frame, run.sql))),
        at: -1,
      })
      return undefined
    case 'cursor step':
      cursorSteps(node, run)
      return undefined
    case 'module':
      createModule(node, run)
      return undefined
    case 'command':
      await carryCommand(node.tokens, run)
      return undefined
  }
}
export const lineOf = (node: { at: number }, { sql }: Run): number => sql.slice(0, node.at).split('\n').length

async function loop(node: Extract<Node, { is: 'while' }>, run: Run): Promise<Leaving | undefined> {
  for (let turn = 0; isTrue(node.condition, run); turn++) {
    run.session.steps -= 10
    if (turn > TURNS || run.session.steps < 0) throw new SqlError('too much', ['steps'])
    const leaving = await runNode(node.body, run)
    if (leaving?.how === 'break') return undefined
    if (leaving?.how === 'return') return leaving
  }
  return undefined
}

async function attempt(node: Extract<Node, { is: 'try' }>, run: Run): Promise<Leaving | undefined> {
  const { session } = run
  try {
    return await runNodes(node.body, { ...run, trying: true })
  } catch (error) {
    if (!(error instanceof SqlError) || error.problem === 'too much') throw error
    const before = session.caught
    const [said] = noticesOf(error, run.sql).notices as [Notice]
    session.caught = { ...said, ...(run.frame.procedure ? { procedure: run.frame.procedure } : {}) }
    session.error = said.number
    try {
      return await runNodes(node.handler, run)
    } finally {
      session.caught = before
    }
  }
}

/** A text within another: its variables are its own. */
export async function runWithin(
  sql: string,
  run: Run,
  frame: Frame = newFrame(run.frame.depth + 1, run.frame.procedure),
): Promise<Leaving | undefined> {
  const { sink, session } = run
  const database = session.database
  sink.depth++
  try {
    return await runText({ ...run, sql, frame })
  } finally {
    sink.depth--
    session.database = database
  }
}

async function insertExecute(node: Extract<Node, { is: 'insert execute' }>, run: Run): Promise<undefined> {
  const { sink, session } = run
  const before = sink.caught
  const caught: NonNullable<Sink['caught']> = { fields: [], rows: [] }
  sink.caught = caught
  try {
    await carry(node.call, { ...run, trying: true })
  } finally {
    sink.caught = before
  }
  const values = caught.rows.map(row =>
    row.map((value, i) => constant(value, caught.fields[i]?.type.name ?? 'nvarchar')),
  )
  const insert = {
    is: 'insert',
    table: node.table,
    columns: node.columns,
    places: [],
    source: values,
    replace: false,
    ignore: false,
    update: undefined,
    returning: undefined,
  } as const
  if (values.length) await carryStatement(insert, run)
  session.count = BigInt(values.length)
  return undefined
}
/** A value that is there already, as an expression. */
const constant = (value: Value, type: string): Expression =>
  value === null
    ? { is: 'literal', of: 'null', text: 'null', at: 0, end: 0 }
    : {
        is: 'literal',
        of: typeof value === 'bigint' && value >= 0n ? 'integer' : /binary/.test(type) ? 'hex' : 'string',
        text: textOf(value),
        at: 0,
        end: 0,
      }

/** USE: another database, and the words that every client shows. */
export function use(name: string, { session, sink }: Pick<Run, 'session' | 'sink'>): void {
  const found = session.server.databases.get(name.toLowerCase())
  if (!found) throw new SqlError('no database', [name])
  const before = session.database
  session.database = found.name
  sink.database(found.name, before)
  sink.done(command.other)
}
