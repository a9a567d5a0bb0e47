import { Malformed } from '#sensor/endings.ts'
import { type Field, fieldsOf, type Message, type Value } from './schema.ts'

/** How deep messages may stand in one another (transactions do), and how many fields one message may bring. */
const DEPTH = 16
const FIELDS = 10_000

/** A message in protobuf's wire format; unknown fields are passed over, the last of a field wins. */
export function decode(name: string, bytes: Buffer, depth = 0): Message {
  if (depth > DEPTH) throw new Malformed('Messages within messages')
  const fields = new Map(fieldsOf(name).map(field => [field.number, field]))
  const out: Record<string, Value> = {}
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined) break
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return BigInt.asUintN(64, value)
    }
    throw new Malformed('A varint without end')
  }
  const span = (length: number): Buffer => {
    if (length > bytes.length - at) throw new Malformed('A field longer than its message')
    at += length
    return bytes.subarray(at - length, at)
  }
  for (let n = 0; at < bytes.length; n++) {
    if (n > FIELDS) throw new Malformed('Fields without end')
    const tag = Number(varint() & 0xffff_ffffn)
    const wire = tag & 7
    const raw =
      wire === 0
        ? varint()
        : wire === 2
          ? span(Number(varint()))
          : wire === 1
            ? span(8)
            : wire === 5
              ? span(4)
              : undefined
    if (raw === undefined || tag >>> 3 === 0) throw new Malformed(`Field of wire type ${wire}`)
    const field = fields.get(tag >>> 3)
    if (!field) continue
    const value = read(field, raw, depth)
    if (!field.many) out[field.name] = value
    else if (out[field.name]) (out[field.name] as Value[]).push(value)
    else out[field.name] = [value]
  }
  return out
}

function read({ kind, of, name }: Field, raw: Buffer | bigint, depth: number): Value {
  if (typeof raw === 'bigint') {
    if (kind === 'bool') return raw !== 0n
    if (kind === 'uint64') return raw
    if (kind === 'int64') return BigInt.asIntN(64, raw)
    if (kind === 'enum' || kind === 'int32') return Number(BigInt.asIntN(32, raw))
    if (kind === 'uint32') return Number(BigInt.asUintN(32, raw))
  } else {
    if (kind === 'bytes') return raw
    if (kind === 'string') return raw.toString('utf8')
    if (kind === 'message') return decode(of, raw, depth + 1)
  }
  throw new Malformed(`Field ${name} of the wrong wire type`)
}

/** The reverse: fields by number, defaults left out, as gogo/protobuf marshals. */
export function encode(name: string, message: Message): Buffer {
  const out: Buffer[] = []
  for (const field of fieldsOf(name)) {
    const value = message[field.name]
    if (value === undefined) continue
    for (const one of field.many ? (value as readonly Value[]) : [value]) put(out, field, one)
  }
  return Buffer.concat(out)
}

function put(out: Buffer[], { number, kind, of, many }: Field, value: Value): void {
  if (kind === 'bytes' || kind === 'string' || kind === 'message') {
    const bytes =
      kind === 'message'
        ? encode(of, value as Message)
        : typeof value === 'string'
          ? Buffer.from(value)
          : (value as Buffer)
    if (bytes.length > 0 || kind === 'message' || many)
      out.push(varintOf(BigInt((number << 3) | 2)), varintOf(BigInt(bytes.length)), bytes)
    return
  }
  const whole = BigInt(value as bigint | number | boolean)
  if (whole !== 0n) out.push(varintOf(BigInt(number << 3)), varintOf(BigInt.asUintN(64, whole)))
}

function varintOf(value: bigint): Buffer {
  const bytes: number[] = []
  let left = value
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128)
  bytes.push(Number(left))
  return Buffer.from(bytes)
}
