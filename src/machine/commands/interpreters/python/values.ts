/** A value of Python. Text and bytes apart; numbers are doubles, and whole ones show as int. */
export type Value = number | string | boolean | null | Bytes | Float | List | Tuple | Dict | Thing | Callable
export class Bytes {
  readonly data: Buffer
  constructor(data: Buffer) {
    this.data = data
  }
}
/** A float that happens to be whole. */
export class Float {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}
export class List {
  readonly items: Value[]
  readonly kind: 'list' | 'set'
  constructor(items: Value[], kind: 'list' | 'set' = 'list') {
    this.items = items
    this.kind = kind
  }
}
export class Tuple {
  readonly items: Value[]
  constructor(items: Value[]) {
    this.items = items
  }
}
export class Dict {
  readonly entries = new Map<string, [Value, Value]>()
  get(key: Value): Value | undefined {
    return this.entries.get(repr(key))?.[1]
  }
  set(key: Value, value: Value): void {
    this.entries.set(repr(key), [key, value])
  }
}
/** A module, an open file, a socket: a type's name and attributes. */
export class Thing {
  readonly type: string
  readonly attributes: Map<string, Value>
  constructor(type: string, attributes: Iterable<readonly [string, Value]> = []) {
    this.type = type
    this.attributes = new Map(attributes)
  }
}
export type Arguments = { args: Value[]; named: Map<string, Value> }
export class Callable {
  readonly name: string
  readonly run: (given: Arguments) => Promise<Value> | Value
  constructor(name: string, run: (given: Arguments) => Promise<Value> | Value) {
    this.name = name
    this.run = run
  }
}

/** An exception that Python code may catch. */
export class Raised extends Error {
  readonly type: string
  constructor(type: string, message = '') {
    super(message)
    this.type = type
  }
}
/** sys.exit, or the end of a process that replaced this one. */
export class Exit extends Error {
  readonly status: number
  constructor(status: number) {
    super()
    this.status = status
  }
}
/** Something this interpreter does not know: the script ends as if all had gone well. */
export class Unknown extends Error {}

/** Bytes of one value. */
export const mostBytes = 4 << 20
export const mostItems = 100_000

export const bounded = <T extends { length: number }>(value: T): T => {
  if (value.length > mostBytes) throw new Raised('MemoryError')
  return value
}

export const typeName = (value: Value): string => {
  if (value === null) return 'NoneType'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float'
  if (typeof value === 'string') return 'str'
  if (value instanceof Bytes) return 'bytes'
  if (value instanceof Float) return 'float'
  if (value instanceof List) return value.kind
  if (value instanceof Tuple) return 'tuple'
  if (value instanceof Dict) return 'dict'
  return value instanceof Thing ? value.type : 'function'
}

const floatText = (value: number): string => {
  if (value === Number.POSITIVE_INFINITY) return 'inf'
  if (value === Number.NEGATIVE_INFINITY) return '-inf'
  if (Number.isNaN(value)) return 'nan'
  const text = String(value)
  return /^-?\d+$/.test(text) ? `${text}.0` : text.replace(/e([+-])(\d)$/, 'e$10$2')
}

const quoted = (text: string): string => {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'"
  const body = text.replace(/[\\\x00-\x1f\x7f-\xa0'"]/g, char => {
    if (char === mark || char === '\\') return `\\${char}`
    if (char === '"' || char === "'") return char
    const known = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[char]
    return known ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
  return mark + body + mark
}

export const repr = (value: Value, depth = 0): string => {
  if (depth > 20) return '...'
  if (typeof value === 'string') return quoted(value)
  if (value instanceof Bytes)
    return `b${quoted(value.data.toString('latin1').replace(/[\x80-\xff]/g, char => `\0${char}`))
      .replace(/\\x00([\x80-\xff])/g, (_, char: string) => `\\x${char.charCodeAt(0).toString(16)}`)
      .replace(/\\x00\\x([89a-f][0-9a-f])/g, '\\x$1')}`
  if (value instanceof List) {
    const inside = value.items.map(item => repr(item, depth + 1)).join(', ')
    return value.kind === 'set' ? (value.items.length > 0 ? `{${inside}}` : 'set()') : `[${inside}]`
  }
  if (value instanceof Tuple)
    return `(${value.items.map(item => repr(item, depth + 1)).join(', ')}${value.items.length === 1 ? ',' : ''})`
  if (value instanceof Dict)
    return `{${[...value.entries.values()].map(([key, one]) => `${repr(key, depth + 1)}: ${repr(one, depth + 1)}`).join(', ')}}`
  return display(value)
}

/** str() of a value. */
export const display = (value: Value): string => {
  if (value === null) return 'None'
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) return floatText(value)
    return Number.isSafeInteger(value) ? String(value) : BigInt(value).toString()
  }
  if (value instanceof Float) return floatText(value.value)
  if (typeof value === 'string') return value
  if (value instanceof Callable) return `<built-in function ${value.name}>`
  if (value instanceof Thing) return (value.attributes.get('__text__') as string) ?? `<${value.type}>`
  return repr(value)
}

export const truth = (value: Value): boolean => {
  if (value === null || value === false || value === 0 || value === '') return false
  if (value instanceof Bytes) return value.data.length > 0
  if (value instanceof List || value instanceof Tuple) return value.items.length > 0
  if (value instanceof Dict) return value.entries.size > 0
  return !(value instanceof Float) || value.value !== 0
}

export const asNumber = (value: Value): number => {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return Number(value)
  if (value instanceof Float) return value.value
  throw new Raised('TypeError', `must be real number, not ${typeName(value)}`)
}
export const asText = (value: Value | undefined): string => {
  if (typeof value === 'string') return value
  if (value instanceof Bytes) return value.data.toString('latin1')
  throw new Raised('TypeError', `expected str, bytes or os.PathLike object, not ${typeName(value ?? null)}`)
}

/** The items that a loop goes through. */
export const itemsOf = (value: Value): Value[] => {
  if (value instanceof List || value instanceof Tuple) return value.items
  if (typeof value === 'string') return [...value]
  if (value instanceof Bytes) return [...value.data]
  if (value instanceof Dict) return [...value.entries.values()].map(([key]) => key)
  if (value instanceof Thing) {
    const lines = value.attributes.get('__items__')
    if (lines !== undefined) return itemsOf(lines)
  }
  throw new Raised('TypeError', `'${typeName(value)}' object is not iterable`)
}

/** Text on its way out: characters beyond Latin-1 as UTF-8 bytes, as the machine's strings are bytes. */
export const bytesOf = (text: string): Buffer =>
  /[^\x00-\xff]/.test(text) || /[\x80-\xff]/.test(text) ? Buffer.from(text, 'utf8') : Buffer.from(text, 'latin1')
