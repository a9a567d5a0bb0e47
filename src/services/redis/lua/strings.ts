import type { Machine } from './machine.ts'
import { BadPattern, type Found, findPattern } from './patterns.ts'
import {
  Exhausted,
  general,
  isFunction,
  isTable,
  type LuaError,
  library,
  native,
  numberOf,
  type Table,
  truthy,
  typeOf,
  type Value,
} from './value.ts'

/** Lua's string library (§5.4). */
type Given = Value[]

/** Argument `at` of a function as text or number, or its complaint (lauxlib.c). */
export function arguments_(machine: Machine, name: string, given: Given, line: number) {
  const bad = (at: number, wanted: string): LuaError =>
    machine.error(
      `bad argument #${at + 1} to '${name}' (${wanted} expected, got ${given.length <= at ? 'no value' : typeOf(given[at])})`,
      line,
    )
  return {
    text(at: number): string {
      const value = given[at]
      if (typeof value !== 'string' && typeof value !== 'number') throw bad(at, 'string')
      return machine.text(value)
    },
    number(at: number, otherwise?: number): number {
      const value = given[at]
      if (value === undefined && otherwise !== undefined) return otherwise
      const n = numberOf(value)
      if (n === undefined) throw bad(at, 'number')
      return n
    },
    table(at: number): Table {
      const value = given[at]
      if (!isTable(value)) throw bad(at, 'table')
      return value
    },
  }
}

/** Positions of Lua, from one on or from the end, as [from, to) of JavaScript. */
function range(length: number, from: number, to: number): [number, number] {
  const place = (n: number): number => (n < 0 ? Math.max(0, length + n + 1) : n)
  return [Math.max(1, Math.trunc(place(from))) - 1, Math.min(length, Math.trunc(place(to)))]
}

export function strings(machine: Machine): Table {
  const { budget } = machine
  const on = (name: string, run: (a: ReturnType<typeof arguments_>, given: Given, line: number) => Value[]) =>
    native(name, (given, line) => run(arguments_(machine, name, given, line), given, line))
  const made = (text: string): Value[] => {
    budget.take(text.length)
    return [text]
  }
  const search = (text: string, pattern: string, from: number, line: number): Found | undefined => {
    try {
      return findPattern(text, pattern, from, () => budget.step())
    } catch (error) {
      if (error instanceof BadPattern) throw machine.error(error.message, line)
      throw error
    }
  }
  const find = (name: string, plainly: boolean) =>
    on(name, (a, given, line) => {
      const [text, pattern] = [a.text(0), a.text(1)]
      const [from] = range(text.length, a.number(2, 1), text.length)
      if (from > text.length) return [undefined]
      if (plainly && (truthy(given[3]) || !/[\^$*+?.([%-]/.test(pattern))) {
        const at = text.indexOf(pattern, from)
        budget.step(1 + (text.length >> 4))
        return at < 0 ? [undefined] : [at + 1, at + pattern.length]
      }
      const found = search(text, pattern, from, line)
      if (!found) return [undefined]
      if (plainly) return [found.start + 1, found.end, ...found.captures]
      return found.captures.length > 0 ? found.captures : [text.slice(found.start, found.end)]
    })
  return library({
    len: on('len', a => [a.text(0).length]),
    lower: on('lower', a => made(a.text(0).replace(/[A-Z]+/g, word => word.toLowerCase()))),
    upper: on('upper', a => made(a.text(0).replace(/[a-z]+/g, word => word.toUpperCase()))),
    reverse: on('reverse', a => made([...a.text(0)].reverse().join(''))),
    rep: on('rep', a => {
      const [text, n] = [a.text(0), Math.max(0, Math.trunc(a.number(1)) || 0)]
      if (text.length * n > 16 << 20) throw new Exhausted()
      return made(text.repeat(n))
    }),
    sub: on('sub', a => {
      const text = a.text(0)
      return made(text.slice(...range(text.length, a.number(1), a.number(2, -1))))
    }),
    byte: on('byte', a => {
      const text = a.text(0)
      const from = a.number(1, 1)
      const codes = [...text.slice(...range(text.length, from, a.number(2, from)))].map(c => c.charCodeAt(0))
      budget.step(codes.length)
      if (codes.length > 8000) throw new Exhausted()
      return codes
    }),
    char: on('char', (a, given) => made(given.map((_, i) => String.fromCharCode(a.number(i) & 255)).join(''))),
    find: find('find', true),
    match: find('match', false),
    gmatch: on('gmatch', (a, _, line) => {
      const [text, pattern] = [a.text(0), a.text(1)]
      let at = 0
      return [
        native('for iterator', () => {
          if (at > text.length) return [undefined]
          const found = search(text, pattern, at, line)
          if (!found) return [undefined]
          at = found.end === found.start ? found.end + 1 : found.end
          return found.captures.length > 0 ? found.captures : [text.slice(found.start, found.end)]
        }),
      ]
    }),
    gsub: on('gsub', (a, given, line) => {
      const [text, pattern, most] = [a.text(0), a.text(1), a.number(3, Number.POSITIVE_INFINITY)]
      const by = given[2]
      if (typeof by !== 'string' && typeof by !== 'number' && !isTable(by) && !isFunction(by))
        throw machine.error("bad argument #3 to 'gsub' (string/function/table expected)", line)
      let [out, at, count] = ['', 0, 0]
      while (count < most && at <= text.length) {
        const found = search(text, pattern, at, line)
        if (!found) break
        count++
        const whole = text.slice(found.start, found.end)
        const first = found.captures[0] ?? whole
        const value = isTable(by)
          ? machine.index(by, first, line)
          : isFunction(by)
            ? machine.call(by, found.captures.length > 0 ? found.captures : [whole], line)[0]
            : machine
                .text(by)
                .replace(/%(.)/gs, (_, c: string) =>
                  c === '0'
                    ? whole
                    : /\d/.test(c)
                      ? String(c === '1' ? first : (found.captures[Number(c) - 1] ?? ''))
                      : c,
                )
        const piece = text.slice(at, found.start) + (truthy(value) ? machine.text(value) : whole)
        budget.take(piece.length)
        out += piece
        at = found.end
        if (found.end === found.start) out += text[at++] ?? ''
        if (pattern.startsWith('^')) break
      }
      return [out + text.slice(at), count]
    }),
    format: on('format', (a, given, line) => made(format(machine, a, given, line))),
  })
}

function format(machine: Machine, a: ReturnType<typeof arguments_>, given: Given, line: number): string {
  let next = 1
  return a
    .text(0)
    .replace(
      /%(?:%|([-+ #0]{0,5})(\d{0,2})(?:\.(\d{0,2}))?([A-Za-z])|)/g,
      (whole, flags: string | undefined, width: string, precision: string | undefined, kind: string | undefined) => {
        if (whole === '%%') return '%'
        if (kind === undefined || !'cdiuoxXeEfgGqs'.includes(kind))
          throw machine.error(`invalid option '${whole.slice(0, 8)}' to 'format'`, line)
        const at = next++
        const plain = converted(machine, a, given, at, kind, precision)
        const signed = /[dieEfgG]/.test(kind) && flags?.includes('+') && !plain.startsWith('-') ? `+${plain}` : plain
        const room = Number(width || 0)
        if (flags?.includes('-')) return signed.padEnd(room)
        if (flags?.includes('0') && kind !== 's' && kind !== 'q')
          return signed.replace(
            /^([-+]?)(.*)$/s,
            (_, sign: string, digits: string) => sign + digits.padStart(room - sign.length, '0'),
          )
        return signed.padStart(room)
      },
    )
}
function converted(
  machine: Machine,
  a: ReturnType<typeof arguments_>,
  given: Given,
  at: number,
  kind: string,
  precision: string | undefined,
): string {
  const digits = precision === undefined ? 6 : Number(precision || 0)
  switch (kind) {
    case 's': {
      if (at >= given.length) a.text(at)
      const text = machine.text(given[at])
      return precision === undefined ? text : text.slice(0, digits)
    }
    case 'q':
      return `"${a.text(at).replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\\n').replace(/\r/g, '\\r').replace(/\0/g, '\\000')}"`
    case 'c':
      return String.fromCharCode(a.number(at) & 255)
    case 'd':
    case 'i':
    case 'u':
      return String(Math.trunc(a.number(at)) || 0)
    case 'o':
      return Math.trunc(a.number(at)).toString(8)
    case 'x':
      return BigInt.asUintN(64, BigInt(Math.trunc(a.number(at)) || 0)).toString(16)
    case 'X':
      return BigInt.asUintN(64, BigInt(Math.trunc(a.number(at)) || 0))
        .toString(16)
        .toUpperCase()
    case 'e':
    case 'E':
      return a
        .number(at)
        .toExponential(digits)
        .replace(/e([-+])(\d)$/, 'e$10$2')
    case 'f':
      return a.number(at).toFixed(digits)
    default:
      return general(a.number(at), digits || 1)
  }
}
