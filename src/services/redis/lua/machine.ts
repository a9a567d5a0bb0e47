import type { Expression, Statement } from './parser.ts'
import {
  type Callable,
  Exhausted,
  isFunction,
  isTable,
  LuaError,
  numberOf,
  Table,
  textOfNumber,
  truthy,
  typeOf,
  type Value,
} from './value.ts'

/** Steps and bytes that one script may take, and calls within calls. */
const STEPS = 1_500_000
const BYTES = 16 << 20
const DEPTH = 120

/** What a script may still do. */
export class Budget {
  used = 0
  #bytes = BYTES
  depth = 0
  step = (cost = 1): void => {
    this.used += cost
    if (this.used > STEPS) throw new Exhausted()
  }
  take(bytes: number): void {
    this.#bytes -= bytes
    if (this.#bytes < 0) throw new Exhausted()
  }
}

class Scope {
  readonly #names = new Map<string, { value: Value }>()
  readonly #outer: Scope | undefined
  constructor(outer: Scope | undefined) {
    this.#outer = outer
  }
  find(name: string): { value: Value } | undefined {
    for (let scope: Scope | undefined = this; scope; scope = scope.#outer) {
      const found = scope.#names.get(name)
      if (found) return found
    }
    return undefined
  }
  declare(name: string, value: Value): void {
    this.#names.set(name, { value })
  }
}
type Frame = { scope: Scope; rest: Value[] }
const BREAK = 'break'
/** What a block ends with: values that it returns, a break, or nothing. */
type Outcome = Value[] | typeof BREAK | undefined

/** Runs a tree of Lua with these globals; `chunk` is what errors call it. */
export class Machine {
  readonly globals: Table
  readonly budget: Budget
  readonly chunk: string
  constructor(globals: Table, budget: Budget, chunk = 'user_script') {
    this.globals = globals
    this.budget = budget
    this.chunk = chunk
  }

  run(body: Statement[], args: Value[] = []): Value[] {
    const outcome = this.#block(body, { scope: new Scope(undefined), rest: args })
    return Array.isArray(outcome) ? outcome : []
  }
  error(message: string, line: number): LuaError {
    return new LuaError(`${this.chunk}:${line}: ${message}`, line)
  }
  call(callee: Value, args: Value[], line: number, name = ''): Value[] {
    this.budget.step(1 + args.length)
    if (isTable(callee)) {
      const handler = callee.meta?.get('__call')
      if (handler !== undefined) return this.call(handler, [callee, ...args], line)
    }
    if (!isFunction(callee)) throw this.error(`attempt to call ${named(name, callee)}`, line)
    if (++this.budget.depth > DEPTH) {
      this.budget.depth = 0
      throw this.error('stack overflow', line)
    }
    const found = callee.is === 'closure' ? callee.call(args) : callee.call(args, line)
    this.budget.depth--
    return found
  }
  index(of: Value, key: Value, line: number, what = ''): Value {
    this.budget.step()
    if (typeof of === 'string') return (this.globals.get('string') as Table).get(key)
    if (!isTable(of)) throw this.error(`attempt to index ${named(what, of)}`, line)
    const found = of.get(key)
    if (found !== undefined || !of.meta) return found
    const handler = of.meta.get('__index')
    if (handler === undefined) return undefined
    return isFunction(handler) ? this.call(handler, [of, key], line)[0] : this.index(handler, key, line)
  }
  store(of: Value, key: Value, value: Value, line: number): void {
    this.budget.step()
    if (!isTable(of)) throw this.error(`attempt to index a ${typeOf(of)} value`, line)
    if (of.readonly) throw this.error('Attempt to modify a readonly table', line)
    if (key === undefined) throw this.error('table index is nil', line)
    if (typeof key === 'number' && Number.isNaN(key)) throw this.error('table index is NaN', line)
    const handler = of.meta?.get('__newindex')
    if (handler !== undefined && of.get(key) === undefined) {
      if (isFunction(handler)) this.call(handler, [of, key, value], line)
      else this.store(handler, key, value, line)
      return
    }
    this.budget.take(48)
    of.set(key, value)
  }
  text(value: Value): string {
    if (typeof value === 'string') return value
    if (typeof value === 'number') return textOfNumber(value)
    if (isTable(value)) {
      const handler = value.meta?.get('__tostring')
      if (handler !== undefined) return String(this.call(handler, [value], 0)[0])
      return `table: 0x${this.#address(value)}`
    }
    if (isFunction(value)) return `${value.is === 'native' ? 'builtin' : 'function'}: 0x${this.#address(value)}`
    return value === undefined ? 'nil' : String(value)
  }
  #addresses = new Map<object, number>()
  #address(what: object): string {
    const found = this.#addresses.get(what) ?? this.#addresses.size
    if (this.#addresses.size < 1000) this.#addresses.set(what, found)
    return (0x7f3c_5a00_1000 + found * 0x40).toString(16)
  }

  #block(body: readonly Statement[], outer: Frame): Outcome {
    const frame: Frame = { scope: new Scope(outer.scope), rest: outer.rest }
    return this.#all(body, frame)
  }
  #all(body: readonly Statement[], frame: Frame): Outcome {
    for (const statement of body) {
      this.budget.step()
      const outcome = this.#statement(statement, frame)
      if (outcome !== undefined) return outcome
    }
    return undefined
  }

  #statement(one: Statement, frame: Frame): Outcome {
    switch (one.is) {
      case 'local': {
        const values = this.#list(one.values, frame)
        one.names.forEach((name, i) => void frame.scope.declare(name, values[i]))
        return undefined
      }
      case 'assign': {
        const values = this.#list(one.values, frame)
        one.targets.forEach((target, i) => void this.#assign(target, values[i], frame))
        return undefined
      }
      case 'call':
        this.#many(one.call, frame)
        return undefined
      case 'do':
        return this.#block(one.body, frame)
      case 'while':
        while (truthy(this.#one(one.test, frame))) {
          this.budget.step()
          const outcome = this.#block(one.body, frame)
          if (outcome === BREAK) break
          if (outcome !== undefined) return outcome
        }
        return undefined
      case 'repeat':
        for (;;) {
          this.budget.step()
          // Its test sees what the body declared.
          const inner: Frame = { scope: new Scope(frame.scope), rest: frame.rest }
          const outcome = this.#all(one.body, inner)
          if (outcome === BREAK) return undefined
          if (outcome !== undefined) return outcome
          if (truthy(this.#one(one.test, inner))) return undefined
        }
      case 'if': {
        const arm = one.arms.find(({ test }) => truthy(this.#one(test, frame)))
        const body = arm?.body ?? one.otherwise
        return body && this.#block(body, frame)
      }
      case 'count':
        return this.#count(one, frame)
      case 'each':
        return this.#each(one, frame)
      case 'localfunction':
        frame.scope.declare(one.name, undefined)
        frame.scope.find(one.name)!.value = this.#one(one.of, frame)
        return undefined
      case 'return':
        return this.#list(one.values, frame)
      case 'break':
        return BREAK
    }
  }
  #count(one: Extract<Statement, { is: 'count' }>, frame: Frame): Outcome {
    const [from, to, by] = [one.from, one.to, one.by].map((part, i) => {
      const value = part === undefined ? 1 : numberOf(this.#one(part, frame))
      if (value === undefined)
        throw this.error(`'for' ${['initial value', 'limit', 'step'][i]} must be a number`, one.line)
      return value
    }) as [number, number, number]
    for (let n = from; by > 0 ? n <= to : n >= to; n += by) {
      this.budget.step(2)
      const inner: Frame = { scope: new Scope(frame.scope), rest: frame.rest }
      inner.scope.declare(one.name, n)
      const outcome = this.#all(one.body, inner)
      if (outcome === BREAK) break
      if (outcome !== undefined) return outcome
    }
    return undefined
  }
  #each(one: Extract<Statement, { is: 'each' }>, frame: Frame): Outcome {
    const [step, state, first] = this.#list(one.values, frame)
    let control = first
    for (;;) {
      const values = this.call(step, [state, control], one.line)
      control = values[0]
      if (control === undefined) return undefined
      const inner: Frame = { scope: new Scope(frame.scope), rest: frame.rest }
      one.names.forEach((name, i) => void inner.scope.declare(name, values[i]))
      const outcome = this.#all(one.body, inner)
      if (outcome === BREAK) return undefined
      if (outcome !== undefined) return outcome
    }
  }
  #assign(target: Expression, value: Value, frame: Frame): void {
    if (target.is === 'name') {
      const local = frame.scope.find(target.name)
      if (local) local.value = value
      else this.store(this.globals, target.name, value, target.line)
    } else if (target.is === 'index')
      this.store(this.#one(target.of, frame), this.#one(target.key, frame), value, target.line)
  }

  /** Values of a list: the last expression gives all of its own. */
  #list(list: readonly Expression[], frame: Frame): Value[] {
    const found: Value[] = []
    list.forEach((one, i) => {
      if (i === list.length - 1) found.push(...this.#many(one, frame))
      else found.push(this.#one(one, frame))
    })
    return found
  }
  #many(one: Expression, frame: Frame): Value[] {
    if (one.is === 'vararg') return frame.rest
    if (one.is === 'call')
      return this.call(this.#one(one.of, frame), this.#list(one.args, frame), one.line, describe(one.of, frame.scope))
    if (one.is === 'method') {
      const self = this.#one(one.of, frame)
      const callee = this.index(self, one.name, one.line)
      return this.call(callee, [self, ...this.#list(one.args, frame)], one.line, `method '${one.name}'`)
    }
    return [this.#one(one, frame)]
  }
  #one(one: Expression, frame: Frame): Value {
    this.budget.step()
    switch (one.is) {
      case 'nil':
        return undefined
      case 'true':
        return true
      case 'false':
        return false
      case 'number':
      case 'string':
        return one.value
      case 'vararg':
        return frame.rest[0]
      case 'single':
        return this.#one(one.of, frame)
      case 'name': {
        const local = frame.scope.find(one.name)
        return local ? local.value : this.index(this.globals, one.name, one.line)
      }
      case 'index':
        return this.index(this.#one(one.of, frame), this.#one(one.key, frame), one.line, describe(one.of, frame.scope))
      case 'call':
      case 'method':
        return this.#many(one, frame)[0]
      case 'function':
        return this.#closure(one, frame)
      case 'table':
        return this.#table(one, frame)
      case 'unary':
        return this.#unary(one, frame)
      case 'binary':
        return this.#binary(one, frame)
    }
  }
  #closure(one: Extract<Expression, { is: 'function' }>, outer: Frame): Callable {
    this.budget.take(64)
    return {
      is: 'closure',
      call: args => {
        const frame: Frame = { scope: new Scope(outer.scope), rest: one.vararg ? args.slice(one.names.length) : [] }
        one.names.forEach((name, i) => void frame.scope.declare(name, args[i]))
        const outcome = this.#all(one.body, frame)
        return Array.isArray(outcome) ? outcome : []
      },
    }
  }
  #table(one: Extract<Expression, { is: 'table' }>, frame: Frame): Table {
    const made = new Table()
    let n = 1
    this.budget.take(64)
    one.items.forEach(({ key, value }, i) => {
      const values =
        key === undefined && i === one.items.length - 1 ? this.#many(value, frame) : [this.#one(value, frame)]
      if (key !== undefined) this.store(made, this.#one(key, frame), values[0], one.line)
      else for (const item of values) this.store(made, n++, item, one.line)
    })
    return made
  }
  #unary(one: Extract<Expression, { is: 'unary' }>, frame: Frame): Value {
    const value = this.#one(one.of, frame)
    if (one.operator === 'not') return !truthy(value)
    if (one.operator === '#') {
      if (typeof value === 'string') return value.length
      if (isTable(value)) return value.list.length
      throw this.error(`attempt to get length of ${named(describe(one.of, frame.scope), value)}`, one.line)
    }
    return -this.#number(value, one.of, frame, one.line)
  }
  #number(value: Value, of: Expression, frame: Frame, line: number): number {
    const n = numberOf(value)
    if (n === undefined)
      throw this.error(`attempt to perform arithmetic on ${named(describe(of, frame.scope), value)}`, line)
    return n
  }
  #binary(one: Extract<Expression, { is: 'binary' }>, frame: Frame): Value {
    const { operator, line } = one
    const left = this.#one(one.left, frame)
    if (operator === 'and') return truthy(left) ? this.#one(one.right, frame) : left
    if (operator === 'or') return truthy(left) ? left : this.#one(one.right, frame)
    const right = this.#one(one.right, frame)
    switch (operator) {
      case '==':
        return left === right
      case '~=':
        return left !== right
      case '<':
        return this.less(left, right, line)
      case '>':
        return this.less(right, left, line)
      case '<=':
        return !this.less(right, left, line)
      case '>=':
        return !this.less(left, right, line)
      case '..':
        return this.#joined(left, right, one, frame)
    }
    const [a, b] = [this.#number(left, one.left, frame, line), this.#number(right, one.right, frame, line)]
    if (operator === '+') return a + b
    if (operator === '-') return a - b
    if (operator === '*') return a * b
    if (operator === '/') return a / b
    return operator === '%' ? a - Math.floor(a / b) * b : a ** b
  }
  #joined(left: Value, right: Value, one: Extract<Expression, { is: 'binary' }>, frame: Frame): string {
    for (const [value, of] of [
      [left, one.left],
      [right, one.right],
    ] as const)
      if (typeof value !== 'string' && typeof value !== 'number')
        throw this.error(`attempt to concatenate ${named(describe(of, frame.scope), value)}`, one.line)
    const made = this.text(left) + this.text(right)
    this.budget.take(made.length)
    return made
  }
  less(a: Value, b: Value, line: number): boolean {
    if (typeof a === 'number' && typeof b === 'number') return a < b
    if (typeof a === 'string' && typeof b === 'string') return a < b
    const [x, y] = [typeOf(a), typeOf(b)]
    throw this.error(x === y ? `attempt to compare two ${x} values` : `attempt to compare ${x} with ${y}`, line)
  }
}

/** What an error calls an operand (ldebug.c, getobjname). */
function describe(one: Expression, scope: Scope): string {
  if (one.is === 'name') return `${scope.find(one.name) ? 'local' : 'global'} '${one.name}'`
  if (one.is === 'index' && one.key.is === 'string') return `field '${one.key.value}'`
  if (one.is === 'index') return `field '?'`
  return ''
}
/** `global 'x' (a nil value)`, or `a nil value` of what has no name. */
const named = (name: string, value: Value): string =>
  name === '' ? `a ${typeOf(value)} value` : `${name} (a ${typeOf(value)} value)`
