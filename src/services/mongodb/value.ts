/**
 * BSON's values (bsonspec.org 1.1) in memory. Strings are Latin-1, a character a byte, so that what came goes back as it
 * was and compares as the server compares it. A JavaScript number is a double, a bigint a 64-bit integer.
 */
export type Doc = Map<string, Value>
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Doc
  | Value[]
  | Int32
  | ObjectId
  | DateTime
  | Binary
  | Regex
  | Timestamp
  | Decimal
  | Code
  | Undefined
  | MinKey
  | MaxKey

export type Int32 = { readonly is: 'int'; readonly n: number }
export type ObjectId = { readonly is: 'oid'; readonly hex: string }
/** Milliseconds since the epoch, UTC. */
export type DateTime = { readonly is: 'date'; readonly at: bigint }
export type Binary = { readonly is: 'binary'; readonly kind: number; readonly bytes: Buffer }
export type Regex = { readonly is: 'regex'; readonly source: string; readonly flags: string }
export type Timestamp = { readonly is: 'timestamp'; readonly increment: number; readonly seconds: number }
/** IEEE 754-2008 decimal128, kept as its sixteen bytes. */
export type Decimal = { readonly is: 'decimal'; readonly bytes: Buffer }
/** JavaScript, with its scope where it has one; also what remains of the deprecated symbol and DBPointer. */
export type Code = {
  readonly is: 'code'
  readonly type: 0x0c | 0x0d | 0x0e | 0x0f
  readonly text: string
  readonly extra?: Buffer
}
export type Undefined = { readonly is: 'undefined' }
export type MinKey = { readonly is: 'min' }
export type MaxKey = { readonly is: 'max' }

export const int = (n: number): Int32 => ({ is: 'int', n: n | 0 })
export const oid = (bytes: Buffer): ObjectId => ({ is: 'oid', hex: bytes.toString('hex', 0, 12) })
export const date = (milliseconds: number | bigint): DateTime => ({
  is: 'date',
  at: typeof milliseconds === 'bigint' ? milliseconds : BigInt(Math.trunc(milliseconds)),
})
export const binary = (bytes: Buffer, kind = 0): Binary => ({ is: 'binary', kind, bytes })

/** A document of these fields, in this order; what is `undefined` is left out. */
export function doc(fields: Record<string, Value | undefined>): Doc {
  const made: Doc = new Map()
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) made.set(name, value)
  return made
}

export const isDoc = (value: Value | undefined): value is Doc => value instanceof Map
export const isArray = (value: Value | undefined): value is Value[] => Array.isArray(value)
/** Whether it is one of the values that stand as objects here. */
export const isA = <K extends Tagged['is']>(value: Value | undefined, is: K): value is Extract<Tagged, { is: K }> =>
  typeof value === 'object' && value !== null && 'is' in value && value.is === is
export type Tagged = Extract<Value, { is: string }>

export const isNumber = (value: Value | undefined): value is number | bigint | Int32 | Decimal =>
  typeof value === 'number' || typeof value === 'bigint' || isA(value, 'int') || isA(value, 'decimal')
/** A number as JavaScript has it; 64-bit integers and decimals lose what a double cannot hold. */
export function numberOf(value: Value | undefined): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (isA(value, 'int')) return value.n
  if (isA(value, 'decimal')) return decimalNumber(value)
  return undefined
}
/** Truth as the server sees it (BSONElement::trueValue): zero, null and what is not there are false. */
export const truthy = (value: Value | undefined): boolean =>
  !(value === undefined || value === null || value === false || isA(value, 'undefined') || numberOf(value) === 0)

/** A decimal's value as a double: sign, 14 bits of exponent, 113 of coefficient. */
export function decimalNumber({ bytes }: Decimal): number {
  const high = bytes.readBigUInt64LE(8)
  const negative = high >> 63n === 1n ? -1 : 1
  if (((high >> 58n) & 31n) === 31n) return Number.NaN
  if (((high >> 58n) & 31n) === 30n) return negative * Number.POSITIVE_INFINITY
  if (((high >> 61n) & 3n) === 3n) return negative * 0
  const exponent = Number((high >> 49n) & 0x3fffn) - 6176
  const coefficient = ((high & 0x1_ffff_ffff_ffffn) << 64n) | bytes.readBigUInt64LE(0)
  return negative * Number(`${coefficient}e${exponent}`)
}

/** The name that `$type` and error messages give it. */
export function typeName(value: Value | undefined): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (isDoc(value)) return 'object'
  if (isArray(value)) return 'array'
  if (typeof value === 'object') return codeNames[value.is]
  return { boolean: 'bool', number: 'double', bigint: 'long', string: 'string' }[
    typeof value as 'boolean' | 'number' | 'bigint' | 'string'
  ]
}
const codeNames = {
  int: 'int',
  oid: 'objectId',
  date: 'date',
  binary: 'binData',
  regex: 'regex',
  timestamp: 'timestamp',
  decimal: 'decimal',
  code: 'javascript',
  undefined: 'undefined',
  min: 'minKey',
  max: 'maxKey',
} as const
