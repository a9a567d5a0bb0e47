import { tlv } from '#codec/der.ts'

/** What clients send (RFC 4511 §4), made by hand: for tests, recordings and talks. Strings are Latin-1. */

const bytes = (text: string) => Buffer.from(text, 'latin1')
export const octets = (text: string, tag = 0x04): Buffer => tlv(tag, bytes(text))
export const int = (n: number, tag = 0x02): Buffer => {
  if (n >= 0 && n < 0x80) return tlv(tag, Buffer.of(n))
  const four = Buffer.alloc(4)
  four.writeInt32BE(n)
  let start = 0
  while (
    start < 3 &&
    ((four[start] === 0 && four[start + 1]! < 0x80) || (four[start] === 255 && four[start + 1]! >= 0x80))
  )
    start++
  return tlv(tag, four.subarray(start))
}
export const yes = Buffer.of(1, 1, 0xff)
const no = Buffer.of(1, 1, 0)
export const seq = (...parts: Buffer[]): Buffer => tlv(0x30, Buffer.concat(parts))
const set = (...parts: Buffer[]): Buffer => tlv(0x31, Buffer.concat(parts))

export type Control = { oid: string; critical?: boolean; value?: Buffer }
const controlsOf = (list: readonly Control[] = []): Buffer[] =>
  list.length === 0
    ? []
    : [
        tlv(
          0xa0,
          Buffer.concat(
            list.map(({ oid, critical, value }) =>
              seq(
                octets(oid),
                ...(critical === undefined ? [] : [critical ? yes : no]),
                ...(value ? [tlv(0x04, value)] : []),
              ),
            ),
          ),
        ),
      ]

/** A whole LDAPMessage as the Latin-1 text that oracle scripts are made of. */
export const message = (id: number, op: Buffer, controls?: readonly Control[]): string =>
  seq(int(id), op, ...controlsOf(controls)).toString('latin1')

export const bindOp = (dn: string, password: string, version = 3): Buffer =>
  tlv(0x60, Buffer.concat([int(version), octets(dn), octets(password, 0x80)]))
export const saslOp = (mechanism: string, credentials?: string, dn = ''): Buffer =>
  tlv(
    0x60,
    Buffer.concat([
      int(3),
      octets(dn),
      tlv(0xa3, Buffer.concat([octets(mechanism), ...(credentials === undefined ? [] : [octets(credentials)])])),
    ]),
  )
export const unbindOp = Buffer.of(0x42, 0)

/** Filters (RFC 4511 §4.5.1.7). */
export const present = (type: string): Buffer => octets(type, 0x87)
const ava = (tag: number) => (type: string, value: string) => tlv(tag, Buffer.concat([octets(type), octets(value)]))
export const equal = ava(0xa3)
export const atLeast = ava(0xa5)
export const atMost = ava(0xa6)
export const approx = ava(0xa8)
export const and = (...parts: Buffer[]): Buffer => tlv(0xa0, Buffer.concat(parts))
export const or = (...parts: Buffer[]): Buffer => tlv(0xa1, Buffer.concat(parts))
export const not = (part: Buffer): Buffer => tlv(0xa2, part)
/** `a*b*c`: what stands before the first star is the beginning, behind the last the end. */
export const like = (type: string, pattern: string): Buffer => {
  const parts = pattern.split('*')
  const pieces = parts.flatMap((part, i) =>
    part === '' ? [] : [octets(part, i === 0 ? 0x80 : i === parts.length - 1 ? 0x82 : 0x81)],
  )
  return tlv(0xa4, Buffer.concat([octets(type), seq(...pieces)]))
}
export const matching = (rule: string | undefined, type: string | undefined, value: string, dn = false): Buffer =>
  tlv(
    0xa9,
    Buffer.concat([
      ...(rule === undefined ? [] : [octets(rule, 0x81)]),
      ...(type === undefined ? [] : [octets(type, 0x82)]),
      octets(value, 0x83),
      ...(dn ? [Buffer.of(0x84, 1, 0xff)] : []),
    ]),
  )

export const BASE = 0
export const ONE = 1
export const SUB = 2
export type SearchOf = {
  base?: string
  scope?: number
  filter?: Buffer
  attributes?: readonly string[]
  size?: number
  time?: number
  typesOnly?: boolean
  deref?: number
}
export const searchOp = ({
  base = '',
  scope = SUB,
  filter = present('objectClass'),
  attributes = [],
  size = 0,
  time = 0,
  typesOnly = false,
  deref = 0,
}: SearchOf): Buffer =>
  tlv(
    0x63,
    Buffer.concat([
      octets(base),
      int(scope, 0x0a),
      int(deref, 0x0a),
      int(size),
      int(time),
      typesOnly ? yes : no,
      filter,
      seq(...attributes.map(name => octets(name))),
    ]),
  )

type Values = Readonly<Record<string, readonly string[]>>
const partial = (type: string, values: readonly string[]) => seq(octets(type), set(...values.map(v => octets(v))))
export const addOp = (dn: string, attributes: Values): Buffer =>
  tlv(0x68, Buffer.concat([octets(dn), seq(...Object.entries(attributes).map(([t, v]) => partial(t, v)))]))
export const MOD = { add: 0, delete: 1, replace: 2, increment: 3 } as const
export const modifyOp = (
  dn: string,
  changes: readonly [op: number, type: string, values: readonly string[]][],
): Buffer =>
  tlv(
    0x66,
    Buffer.concat([octets(dn), seq(...changes.map(([op, type, values]) => seq(int(op, 0x0a), partial(type, values))))]),
  )
export const deleteOp = (dn: string): Buffer => octets(dn, 0x4a)
export const renameOp = (dn: string, rdn: string, deleteOld: boolean, superior?: string): Buffer =>
  tlv(
    0x6c,
    Buffer.concat([
      octets(dn),
      octets(rdn),
      deleteOld ? yes : no,
      ...(superior === undefined ? [] : [octets(superior, 0x80)]),
    ]),
  )
export const compareOp = (dn: string, type: string, value: string): Buffer =>
  tlv(0x6e, Buffer.concat([octets(dn), seq(octets(type), octets(value))]))
export const abandonOp = (id: number): Buffer => int(id, 0x50)
export const extendedOp = (oid: string, value?: Buffer): Buffer =>
  tlv(0x77, Buffer.concat([octets(oid, 0x80), ...(value ? [tlv(0x81, value)] : [])]))

/** Controls' values. */
export const paged = (size: number, cookie = ''): Buffer => seq(int(size), octets(cookie))
