import type { Machine } from './machine.ts'
import { arguments_ } from './strings.ts'
import { general, isTable, library, native, Table, type Value } from './value.ts'

/** lua-cjson 2.1, as Redis brings it: encode and decode. */
const DEPTH = 100
const NULL = native('null', () => [])

export function cjson(machine: Machine): Table {
  const { budget } = machine
  const encode = (value: Value, line: number, depth: number): string => {
    budget.step()
    if (depth > DEPTH) throw machine.error('Cannot serialise, excessive depth (101)', line)
    if (value === undefined || value === NULL) return 'null'
    if (typeof value === 'boolean') return String(value)
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) throw machine.error('Cannot serialise number: must not be NaN or Inf', line)
      return general(value, 14)
    }
    if (typeof value === 'string') return quoted(value)
    if (!isTable(value)) throw machine.error('Cannot serialise function: type not supported', line)
    if (value.fields.size === 0 && value.list.length > 0)
      return `[${value.list.map(item => encode(item, line, depth + 1)).join(',')}]`
    const pairs = [...value.list.map((item, i): [Value, Value] => [i + 1, item]), ...value.fields]
    return `{${pairs.map(([name, item]) => `${quoted(machine.text(name))}:${encode(item, line, depth + 1)}`).join(',')}}`
  }
  const decoded = (value: unknown): Value => {
    budget.step()
    budget.take(48)
    if (value === null) return NULL
    if (typeof value !== 'object')
      return typeof value === 'string' ? Buffer.from(value, 'utf8').toString('latin1') : (value as Value)
    const made = new Table()
    if (Array.isArray(value)) value.forEach((item, i) => void made.set(i + 1, decoded(item)))
    else
      for (const [name, item] of Object.entries(value as object))
        made.set(Buffer.from(name, 'utf8').toString('latin1'), decoded(item))
    return made
  }
  return library({
    null: NULL,
    encode: native('encode', ([value], line) => {
      const text = encode(value, line, 0)
      budget.take(text.length)
      return [text]
    }),
    decode: native('decode', (given, line) => {
      const text = Buffer.from(arguments_(machine, 'decode', given, line).text(0), 'latin1').toString('utf8')
      budget.step(text.length)
      // Too deep a text would use up the stack that reads it.
      if (/[[{]{100}/.test(text.replace(/[^[{\]}]/g, '')))
        throw machine.error('Found too many nested data structures (1001)', line)
      try {
        return [decoded(JSON.parse(text))]
      } catch (error) {
        if (error instanceof SyntaxError)
          throw machine.error('Expected value but found invalid token at character 1', line)
        throw error
      }
    }),
  })
}
const quoted = (text: string): string =>
  `"${text.replace(/[\\"/\x00-\x1f\x7f]/g, c => ({ '\\': '\\\\', '"': '\\"', '/': '\\/', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\b': '\\b', '\f': '\\f' })[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`
