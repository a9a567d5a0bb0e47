/** Values of Lua. nil is `undefined`; strings are Latin-1, a character a byte. */
export type Value = undefined | boolean | number | string | Table | Callable
export type Callable = Closure | Native
/** A function of the script. */
export type Closure = { is: 'closure'; call(args: Value[]): Value[] }
/** A function of a library. */
export type Native = { is: 'native'; name: string; call(args: Value[], line: number): Value[] }

/** What a script throws: any value, and the line that it happened at. */
export class LuaError extends Error {
  readonly value: Value
  readonly line: number
  constructor(value: Value, line: number) {
    super('Lua')
    this.value = value
    this.line = line
  }
}
/** The script did more than any may: steps, memory or depth. No pcall holds it. */
export class Exhausted extends Error {}

/** A table: what is numbered from one on lies in a list. */
export class Table {
  list: Value[] = []
  readonly fields = new Map<Value, Value>()
  meta: Table | undefined
  readonly = false
  #order: Value[] | undefined
  #places: Map<Value, number> | undefined

  get(key: Value): Value {
    if (typeof key === 'number') {
      const found = this.list[key - 1]
      if (found !== undefined) return found
    }
    return this.fields.get(key)
  }
  set(key: Value, value: Value): void {
    if (typeof key === 'number' && Number.isInteger(key) && key >= 1 && key <= this.list.length + 1) {
      this.#numbered(key, value)
      return
    }
    if (value === undefined) this.fields.delete(key)
    else {
      if (!this.fields.has(key)) this.#order = undefined
      this.fields.set(key, value)
    }
  }
  #numbered(key: number, value: Value): void {
    if (value !== undefined) {
      if (key > this.list.length) this.#order = undefined
      this.list[key - 1] = value
      // What waited behind a gap follows.
      for (let next = this.list.length + 1; this.fields.size > 0 && this.fields.has(next); next++) {
        this.list.push(this.fields.get(next))
        this.fields.delete(next)
      }
    } else if (key === this.list.length) {
      this.list.pop()
      this.#order = undefined
    } else if (key < this.list.length) {
      // A hole: what is behind it goes on under its numbers.
      for (let i = key + 1; i <= this.list.length; i++) this.fields.set(i, this.list[i - 1])
      this.list.length = key - 1
      this.#order = undefined
    }
  }
  /** The key after `key`, in an order that holds while nothing is added. */
  next(key: Value): [Value, Value] | undefined {
    if (!this.#order) {
      this.#order = [...this.list.keys()].map(i => (i + 1) as Value)
      this.#order.push(...this.fields.keys())
      this.#places = undefined
    }
    if (!this.#places) this.#places = new Map(this.#order.map((one, i) => [one, i]))
    let at = key === undefined ? 0 : (this.#places.get(key) ?? this.#order.length) + 1
    for (; at < this.#order.length; at++) {
      const value = this.get(this.#order[at])
      if (value !== undefined) return [this.#order[at], value]
    }
    return undefined
  }
}

export const isTable = (value: Value): value is Table => value instanceof Table
export const isFunction = (value: Value): value is Callable => typeof value === 'object' && !(value instanceof Table)
export const truthy = (value: Value): boolean => value !== undefined && value !== false
export const typeOf = (value: Value): string =>
  value === undefined ? 'nil' : isTable(value) ? 'table' : typeof value === 'object' ? 'function' : typeof value

/** `%.14g`, as tostring has it. */
export function textOfNumber(n: number): string {
  if (Number.isNaN(n)) return Object.is(n, Number.NaN) ? '-nan' : 'nan'
  if (!Number.isFinite(n)) return n > 0 ? 'inf' : '-inf'
  if (Number.isInteger(n) && Math.abs(n) < 1e15) return Object.is(n, -0) ? '-0' : String(n)
  return general(n, 14)
}
/** C's `%.Ng`. */
export function general(n: number, digits: number): string {
  if (n === 0) return '0'
  const exponent = Number(n.toExponential(Math.max(0, digits - 1)).split('e')[1])
  if (exponent < -4 || exponent >= digits) {
    const [mantissa = '', power = ''] = n.toExponential(Math.max(0, digits - 1)).split('e')
    const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa
    return `${short}e${power.startsWith('-') ? '-' : '+'}${power.replace(/^[-+]/, '').padStart(2, '0')}`
  }
  const fixed = n.toFixed(Math.max(0, digits - 1 - exponent))
  return fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed
}
/** A number that a text is (§2.2.1). */
export function numberOf(value: Value): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || value.length > 100) return undefined
  const text = value.trim()
  return /^[-+]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)$/.test(text)
    ? text.startsWith('-')
      ? -Number(text.slice(1))
      : Number(text.replace(/^\+/, ''))
    : undefined
}
export const native = (name: string, call: Native['call']): Native => ({ is: 'native', name, call })
/** A table of functions and constants. */
export function library(fields: Record<string, Value | Native['call']>): Table {
  const made = new Table()
  for (const [name, value] of Object.entries(fields))
    made.set(name, typeof value === 'function' ? native(name, value) : value)
  made.readonly = true
  return made
}
