import type { Regex } from '../../regex/regex.ts'
import { pure, replace, splitInto } from './builtins.ts'
import { type Cell, limits, type Machine, newCell, RunFault } from './machine.ts'
import { runBody } from './statements.ts'
import type { Expr } from './syntax.ts'
import { compare, fromOutside, isTrue, toNumber, type Value } from './values.ts'

/**
 * A computation that gives way where something has to be waited for: it yields the promise and gets what it came to. All
 * else goes on at once, which is what makes a line cheap.
 */
export type Steps<T> = Generator<Promise<unknown>, T, unknown>

/** Waits for the promise. */
export function* wait<T>(promise: Promise<T>): Steps<T> {
  return (yield promise) as T
}

/** Runs it to its end. */
export const drive = async <T>(steps: Steps<T>): Promise<T> => {
  let result = steps.next()
  while (!result.done) {
    let got: unknown
    let failed = false
    try {
      got = await result.value
    } catch (error) {
      failed = true
      got = error
    }
    result = failed ? steps.throw(got) : steps.next(got)
  }
  return result.value
}

/** The value of an expression. */
export function* evaluate(m: Machine, expr: Expr): Steps<Value> {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return expr.value
    case 'name':
      return m.read(expr.name, expr.local)
    case 'field':
      return m.record.field(Math.trunc(toNumber(yield* evaluate(m, expr.of))))
    case 'regex':
      return m.regex(expr.source).test(m.text(m.record.field(0)), m.process.step) ? 1 : 0
    case 'index': {
      const key = yield* subscript(m, expr.subscripts)
      const table = m.table(expr.name, expr.local)
      const found = table.get(key)
      if (found === undefined && !table.has(key) && table.size >= limits.elements) m.process.step(1_000_000)
      // What was used last stands first in its list.
      table.delete(key)
      table.set(key, found)
      return found
    }
    case 'grouping':
      return yield* evaluate(m, expr.items[0]!)
    case 'assign':
      return yield* assignment(m, expr)
    case 'condition':
      return yield* evaluate(m, isTrue(yield* evaluate(m, expr.test)) ? expr.yes : expr.no)
    case 'or':
      return isTrue(yield* evaluate(m, expr.left)) || isTrue(yield* evaluate(m, expr.right)) ? 1 : 0
    case 'and':
      return isTrue(yield* evaluate(m, expr.left)) && isTrue(yield* evaluate(m, expr.right)) ? 1 : 0
    case 'in': {
      const key = yield* subscript(m, expr.subscripts)
      return m.table(expr.name, expr.local).has(key) ? 1 : 0
    }
    case 'match': {
      const text = m.text(yield* evaluate(m, expr.left))
      const regex = yield* regexOf(m, expr.right)
      return regex.test(text, m.process.step) !== expr.negated ? 1 : 0
    }
    case 'compare': {
      const left = yield* evaluate(m, expr.left)
      const right = yield* evaluate(m, expr.right)
      return compares(expr.operator, compare(left, right, m.text)) ? 1 : 0
    }
    case 'concat': {
      const text = m.text(yield* evaluate(m, expr.left)) + m.text(yield* evaluate(m, expr.right))
      if (text.length > 1024) m.process.step(text.length >> 10)
      if (text.length > limits.text) m.process.step(1_000_000)
      return text
    }
    case 'arithmetic': {
      const left = toNumber(yield* evaluate(m, expr.left))
      return calculate(expr.operator, left, toNumber(yield* evaluate(m, expr.right)))
    }
    case 'not':
      return isTrue(yield* evaluate(m, expr.of)) ? 0 : 1
    case 'minus':
      return 0 - toNumber(yield* evaluate(m, expr.of))
    case 'plus':
      return toNumber(yield* evaluate(m, expr.of))
    case 'step': {
      const place = yield* placeOf(m, expr.target)
      const before = toNumber(place.get())
      place.set(before + expr.by)
      return expr.prefix ? before + expr.by : before
    }
    case 'builtin':
      return yield* builtin(m, expr.name, expr.args)
    case 'call':
      return yield* call(m, expr.name, expr.args)
    case 'getline':
      return yield* getline(m, expr)
  }
}

const compares = (operator: string, order: number): boolean => {
  switch (operator) {
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '==':
      return order === 0
    case '!=':
      return order !== 0
    case '>':
      return order > 0
    default:
      return order >= 0
  }
}

const calculate = (operator: string, left: number, right: number): number => {
  switch (operator[0]) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return left / right
    case '%':
      return left % right
    default:
      return left ** right
  }
}

/** The key of an element: several subscripts are joined by SUBSEP. */
export function* subscript(m: Machine, subscripts: readonly Expr[]): Steps<string> {
  const keys: string[] = []
  for (const one of subscripts) keys.push(m.text(yield* evaluate(m, one)))
  return keys.length === 1 ? keys[0]! : keys.join(m.text(m.read('SUBSEP', -1)))
}

/** What an assignment goes to, its subscripts computed once. */
type Target = { get(): Value; set(value: Value): void }

export function* placeOf(m: Machine, expr: Expr): Steps<Target> {
  if (expr.kind === 'name')
    return { get: () => m.read(expr.name, expr.local), set: value => m.write(expr.name, expr.local, value) }
  if (expr.kind === 'field') {
    const index = Math.trunc(toNumber(yield* evaluate(m, expr.of)))
    return { get: () => m.record.field(index), set: value => m.record.setField(index, value) }
  }
  if (expr.kind === 'index') {
    const key = yield* subscript(m, expr.subscripts)
    const table = m.table(expr.name, expr.local)
    return {
      get: () => table.get(key),
      set(value) {
        if (table.size >= limits.elements && !table.has(key)) m.process.step(1_000_000)
        table.delete(key)
        table.set(key, value)
      },
    }
  }
  if (expr.kind === 'grouping' && expr.items.length === 1) return yield* placeOf(m, expr.items[0]!)
  throw new RunFault('assignment to what is no variable', false)
}

function* assignment(m: Machine, { operator, target, value }: Extract<Expr, { kind: 'assign' }>): Steps<Value> {
  const made = yield* evaluate(m, value)
  const place = yield* placeOf(m, target)
  const result = operator === '=' ? made : calculate(operator, toNumber(place.get()), toNumber(made))
  place.set(result)
  return result
}

/** An expression in slashes, or text that is one. */
export function* regexOf(m: Machine, expr: Expr): Steps<Regex> {
  return m.regex(expr.kind === 'regex' ? expr.source : m.text(yield* evaluate(m, expr)))
}

function* builtin(m: Machine, name: string, args: readonly Expr[]): Steps<Value> {
  const [first, second, third] = args as [Expr, Expr, Expr]
  switch (name) {
    case 'length': {
      if (!first) return m.text(m.record.field(0)).length
      if (first.kind === 'name') {
        const { table } = m.cell(first.name, first.local)
        if (table) return table.size
      }
      break
    }
    case 'split': {
      const text = m.text(yield* evaluate(m, first))
      const separator = !third
        ? m.text(m.read('FS', -1))
        : third.kind === 'regex'
          ? third.source
          : m.text(yield* evaluate(m, third))
      if (second.kind !== 'name') throw new RunFault('split into what is no array', false)
      const table = m.table(second.name, second.local)
      // A single character in slashes is an expression, too.
      return splitInto(m, text, table, third?.kind === 'regex' && third.source === ' ' ? '[ ]' : separator)
    }
    case 'match': {
      const text = m.text(yield* evaluate(m, first))
      const found = (yield* regexOf(m, second)).find(text, 0, m.process.step)
      m.write('RSTART', -1, found ? found[0]! + 1 : 0)
      m.write('RLENGTH', -1, found ? found[1]! - found[0]! : -1)
      return found ? found[0]! + 1 : 0
    }
    case 'sub':
    case 'gsub': {
      const regex = yield* regexOf(m, first)
      const replacement = m.text(yield* evaluate(m, second))
      const target: Expr = third ?? { kind: 'field', of: { kind: 'number', value: 0 } }
      const isPlace = ['name', 'index', 'field'].includes(target.kind)
      const place = isPlace ? yield* placeOf(m, target) : undefined
      const text = m.text(place ? place.get() : yield* evaluate(m, target))
      const made = replace(m, regex, replacement, text, name === 'gsub')
      if (made) place?.set(made.text)
      return made?.count ?? 0
    }
    case 'system':
      return yield* wait(m.streams.system(m.text(yield* evaluate(m, first))))
    case 'close':
      return yield* wait(m.streams.close(m.text(yield* evaluate(m, first))))
    case 'fflush':
      yield* wait(m.streams.flush())
      return 0
  }
  const values: Value[] = []
  for (const arg of args) values.push(yield* evaluate(m, arg))
  return pure(m, name, values)
}

function* call(m: Machine, name: string, args: readonly Expr[]): Steps<Value> {
  const definition = m.syntax.functions.get(name)!
  if (args.length > definition.parameters.length) throw new RunFault(`too many arguments in call to ${name}`, false)
  const frame: Cell[] = []
  for (const arg of args) {
    if (arg.kind === 'name' && !(arg.local < 0 && arg.name === 'NF')) {
      const cell = m.cell(arg.name, arg.local)
      if (cell.table) frame.push({ value: undefined, table: cell.table, origin: undefined })
      else frame.push({ value: cell.value, table: undefined, origin: cell.value === undefined ? cell : undefined })
    } else frame.push(newCell(yield* evaluate(m, arg)))
  }
  while (frame.length < definition.parameters.length) frame.push(newCell())
  m.process.step(2)
  if (m.frames.length >= limits.calls) throw new RunFault('function call nesting too deep', false)
  m.frames.push(frame)
  try {
    return yield* runBody(m, definition.body)
  } finally {
    m.frames.pop()
  }
}

function* getline(m: Machine, expr: Extract<Expr, { kind: 'getline' }>): Steps<Value> {
  const { from, source, target } = expr
  let text: string | undefined
  if (from === 'main') text = yield* wait(m.nextRecord())
  else {
    const name = m.text(yield* evaluate(m, source!))
    if (from === 'command') yield* wait(m.streams.flush())
    const reader = from === 'file' ? m.streams.file(name) : yield* wait(m.streams.command(name))
    if (!reader) return -1
    const separator = m.text(m.read('RS', -1))
    text = yield* wait(reader.next({ text: separator, regex: separator.length > 1 ? m.regex(separator) : undefined }))
  }
  if (text === undefined) return 0
  if (from === 'main') m.countRecord()
  if (target) (yield* placeOf(m, target)).set(fromOutside(text))
  else m.record.setWhole(text)
  return 1
}
