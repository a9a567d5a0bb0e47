import { formatted } from './builtins.ts'
import { evaluate, type Steps, subscript, wait } from './evaluate.ts'
import { type Machine, RunFault } from './machine.ts'
import { OutputFault } from './streams.ts'
import type { Expr, Statement } from './syntax.ts'
import { isTrue, keysOf, toNumber, type Value } from './values.ts'

/** How a statement ended that did not simply go on to the next. */
export type Flow = 'break' | 'continue' | 'next' | 'nextfile' | 'exit' | 'return' | undefined

type Left = { status: number; value: Value }
const lefts = new WeakMap<Machine, Left>()
/** What exit and return were given. */
export const leftOf = (m: Machine): Left => {
  const found = lefts.get(m)
  if (found) return found
  const made: Left = { status: 0, value: undefined }
  lefts.set(m, made)
  return made
}

/** Control that leaves a function for more than its caller. */
export class Unwound extends Error {
  readonly flow: Flow
  constructor(flow: Flow) {
    super(String(flow))
    this.flow = flow
  }
}

/** A function's body; its value. */
export function* runBody(m: Machine, body: Statement): Steps<Value> {
  const left = leftOf(m)
  left.value = undefined
  const flow = yield* run(m, body)
  if (flow === 'exit' || flow === 'next' || flow === 'nextfile') throw new Unwound(flow)
  const { value } = left
  left.value = undefined
  return flow === 'return' ? value : undefined
}

export function* run(m: Machine, statement: Statement): Steps<Flow> {
  m.process.step()
  switch (statement.kind) {
    case 'block':
      for (const one of statement.body) {
        const flow = yield* run(m, one)
        if (flow) return flow
      }
      return undefined
    case 'expression':
      yield* evaluate(m, statement.value)
      return undefined
    case 'print':
      yield* print(m, statement)
      return undefined
    case 'if': {
      const chosen = isTrue(yield* evaluate(m, statement.test)) ? statement.yes : statement.no
      return chosen ? yield* run(m, chosen) : undefined
    }
    case 'while':
      return yield* loop(m, statement.test, statement.body, undefined)
    case 'do': {
      const flow = yield* run(m, statement.body)
      if (flow === 'break') return undefined
      if (flow && flow !== 'continue') return flow
      return yield* loop(m, statement.test, statement.body, undefined)
    }
    case 'for':
      if (statement.first) yield* run(m, statement.first)
      return yield* loop(m, statement.test, statement.body, statement.next)
    case 'each': {
      for (const key of keysOf(m.table(statement.name, statement.local))) {
        const { variable } = statement
        if (variable.kind === 'name') m.write(variable.name, variable.local, key)
        const flow = yield* run(m, statement.body)
        if (flow === 'break') return undefined
        if (flow && flow !== 'continue') return flow
      }
      return undefined
    }
    case 'delete': {
      const table = m.table(statement.name, statement.local)
      if (statement.subscripts) table.delete(yield* subscript(m, statement.subscripts))
      else table.clear()
      return undefined
    }
    case 'exit':
      if (statement.value) leftOf(m).status = Math.trunc(toNumber(yield* evaluate(m, statement.value)))
      return 'exit'
    case 'return': {
      const value = statement.value ? yield* evaluate(m, statement.value) : undefined
      leftOf(m).value = value
      return 'return'
    }
    default:
      return statement.kind
  }
}

function* loop(m: Machine, test: Expr | undefined, body: Statement, next: Statement | undefined): Steps<Flow> {
  let turns = 0
  while (!test || isTrue(yield* evaluate(m, test))) {
    // Others get the processor now and then.
    if (++turns % 2000 === 0) yield new Promise(resolve => setImmediate(resolve))
    const flow = yield* run(m, body)
    if (flow === 'break') return undefined
    if (flow && flow !== 'continue') return flow
    if (next) yield* run(m, next)
  }
  return undefined
}

function* print(m: Machine, { args, formatted: byFormat, output }: Extract<Statement, { kind: 'print' }>): Steps<void> {
  const values: Value[] = []
  for (const arg of args) values.push(yield* evaluate(m, arg))
  const ors = byFormat ? '' : m.text(m.read('ORS', -1))
  const text = byFormat
    ? formatted(m, 'printf', m.text(values[0]), values.slice(1))
    : values.length === 0
      ? m.text(m.record.field(0)) + ors
      : values.map(m.shown).join(m.text(m.read('OFS', -1))) + ors
  if (!output) {
    const written = m.streams.standard.put(text)
    if (written) yield* wait(written)
    return
  }
  const name = m.text(yield* evaluate(m, output.target))
  if (name === '') throw new RunFault('null file name in output redirection')
  try {
    const write = yield* wait(m.streams.output(output.operator, name))
    yield* wait(write(text))
  } catch (error) {
    if (!(error instanceof OutputFault)) throw error
    throw new RunFault(`${error.message}${error.cause ? ` (${error.cause})` : ''}`, false)
  }
}
