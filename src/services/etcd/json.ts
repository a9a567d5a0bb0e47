import { enumNames, enums, type Field, fieldsOf, type Message, type Value } from './schema.ts'

/** What Go's encoding/json and jsonpb (golang/protobuf 1.3) say of a text that they cannot take. */
export class JsonError extends Error {}

/** JSON to a message: original or camel-case names, unknown ones passed over, what follows the first value ignored. */
export function fromJson(name: string, source: string): Message {
  if (source.trim() === '') return {}
  return toMessage(name, parsed(source), 0)
}

function parsed(source: string): unknown {
  try {
    return exact(source)
  } catch (error) {
    if (error instanceof RangeError) throw new JsonError('exceeded max depth')
    const why = String((error as Error).message)
    const at = Number(/at position (\d+)/.exec(why)?.[1] ?? -1)
    if (/after JSON/.test(why) && at > 0) return exact(source.slice(0, at))
    throw new JsonError(complaint(source, why, at))
  }
}
/** Integers beyond 2^53 stay what they are. */
const exact = (source: string): unknown =>
  JSON.parse(source, (_, value, context?: { source?: string }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d{1,20}$/.test(context?.source ?? '')
      ? BigInt(context!.source!)
      : value,
  )

/** scanner.go of encoding/json: the words of the mistakes that are made most. */
function complaint(source: string, why: string, at: number): string {
  const start = source.trimStart()
  const literal = ['true', 'false', 'null'].find(word => start[0] === word[0])
  if (literal && !start.startsWith(literal)) {
    const wrong = [...literal].findIndex((letter, i) => start[i] !== letter)
    if (start[wrong] === undefined) return 'unexpected EOF'
    return `invalid character ${quoted(start[wrong])} in literal ${literal} (expecting ${quoted(literal[wrong]!)})`
  }
  if (/end of JSON|Unterminated/.test(why) || at >= source.length) return 'unexpected EOF'
  const found = source[at < 0 ? source.length - start.length : at] ?? ' '
  if (/property name/.test(why)) return `invalid character ${quoted(found)} looking for beginning of object key string`
  if (/after property name/.test(why)) return `invalid character ${quoted(found)} after object key`
  if (/after property value/.test(why)) return `invalid character ${quoted(found)} after object key:value pair`
  if (/after array element/.test(why)) return `invalid character ${quoted(found)} after array element`
  return `invalid character ${quoted(found)} looking for beginning of value`
}
const quoted = (letter: string): string => (letter === "'" ? `'\\''` : `'${letter}'`)

const goNames: ReadonlyMap<string, string> = new Map([
  ['bytes', '[]uint8'],
  ['string', 'string'],
  ['bool', 'bool'],
  ['int64', 'int64'],
  ['uint64', 'uint64'],
  ['int32', 'int32'],
  ['uint32', 'uint32'],
])
const kindOf = (value: unknown): string =>
  Array.isArray(value)
    ? 'array'
    : typeof value === 'bigint'
      ? 'number'
      : typeof value === 'boolean'
        ? 'bool'
        : typeof value
const unmarshal = (value: unknown, type: string): JsonError =>
  new JsonError(`json: cannot unmarshal ${kindOf(value)} into Go value of type ${type}`)

function toMessage(name: string, value: unknown, depth: number): Message {
  if (depth > 16) throw new JsonError('exceeded max depth')
  if (value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) throw unmarshal(value, 'map[string]json.RawMessage')
  const given = new Map(Object.entries(value))
  const out: Record<string, Value> = {}
  for (const field of fieldsOf(name)) {
    const one = given.get(field.name) ?? given.get(camel(field.name))
    if (one === undefined || one === null) continue
    if (!field.many) out[field.name] = toValue(field, one, depth)
    else if (Array.isArray(one)) out[field.name] = one.slice(0, 10_000).map(item => toValue(field, item, depth))
    else throw unmarshal(one, '[]json.RawMessage')
  }
  return out
}
const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

function toValue({ kind, of }: Field, value: unknown, depth: number): Value {
  if (kind === 'message') return toMessage(of, value, depth + 1)
  if (kind === 'enum') return toEnum(of, value)
  if (kind === 'bytes') {
    if (typeof value !== 'string') throw unmarshal(value, '[]uint8')
    return fromBase64(value)
  }
  if (kind === 'string' || kind === 'bool') {
    if (typeof value !== (kind === 'bool' ? 'boolean' : 'string')) throw unmarshal(value, kind)
    return value as string | boolean
  }
  // jsonpb takes a number in quotation marks for a number.
  const number = typeof value === 'string' ? parsed(value) : value
  if (typeof number === 'number' && Number.isInteger(number)) return kind.endsWith('64') ? BigInt(number) : number | 0
  if (typeof number === 'bigint') return kind === 'uint64' ? BigInt.asUintN(64, number) : BigInt.asIntN(64, number)
  throw unmarshal(number, goNames.get(kind) ?? kind)
}

function toEnum(of: string, value: unknown): number {
  if (typeof value === 'number') return value | 0
  const at = enums.get(of)!.indexOf(String(value))
  if (at < 0) throw new JsonError(`unknown value ${JSON.stringify(value)} for enum ${enumNames.get(of)}`)
  return at
}

function fromBase64(value: string): Buffer {
  const bare = value.replace(/[\r\n]/g, '')
  const wrong = /[^A-Za-z0-9+/=]/.exec(bare)
  if (wrong) throw new JsonError(`illegal base64 data at input byte ${wrong.index}`)
  const end = bare.indexOf('=')
  if (bare.length % 4 !== 0 || (end >= 0 && bare.length - end > 2))
    throw new JsonError(`illegal base64 data at input byte ${end < 0 ? bare.length - (bare.length % 4) : bare.length}`)
  return Buffer.from(bare, 'base64')
}

/** A message as grpc-gateway writes it: original names, 64 bits in quotation marks, defaults left out. */
export function toJson(name: string, message: Message): string {
  const out: string[] = []
  for (const { name: key, kind, of, many } of fieldsOf(name)) {
    const value = message[key]
    if (value === undefined) continue
    const shown = (one: Value): string => {
      if (kind === 'message') return toJson(of, one as Message)
      if (kind === 'bytes') return `"${(one as Buffer).toString('base64')}"`
      if (kind === 'enum') return `"${enums.get(of)![Number(one)] ?? one}"`
      if (kind === 'int64' || kind === 'uint64') return `"${one}"`
      return typeof one === 'string' ? goString(one) : String(one)
    }
    if (many) {
      if ((value as readonly Value[]).length > 0)
        out.push(`"${key}":[${(value as readonly Value[]).map(shown).join()}]`)
    } else if (kind === 'message' || !isDefault(value)) out.push(`"${key}":${shown(value)}`)
  }
  return `{${out.join()}}`
}
const isDefault = (value: Value): boolean =>
  Buffer.isBuffer(value) ? value.length === 0 : value === '' || value === false || value === 0 || value === 0n

/** encoding/json also escapes what HTML takes for its own. */
export const goString = (value: string): string =>
  JSON.stringify(value).replace(/[<>&]/g, sign => `\\u00${sign.charCodeAt(0).toString(16)}`)
