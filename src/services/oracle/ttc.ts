import { Malformed } from '#sensor/endings.ts'

/** Two-task common, the layer that client and database speak: types of messages. */
export const message = { protocol: 1, dataTypes: 2, function: 3, error: 4, parameter: 8, status: 9 } as const
/** Functions by number. */
export const call = { logOff: 0x09, authenticate: 0x73, sessionKey: 0x76 } as const

/** A whole number in TTC's universal form: how many bytes, then they, most significant first. */
export function universal(value: number): Buffer {
  if (value === 0) return Buffer.of(0)
  const bytes: number[] = []
  for (let left = value; left > 0; left = Math.floor(left / 256)) bytes.unshift(left & 255)
  return Buffer.from([bytes.length, ...bytes])
}
/** Up to 252 bytes behind their length. */
const counted = (value: Buffer | string): Buffer => {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'latin1') : value
  return Buffer.concat([Buffer.of(bytes.length), bytes])
}

/** Character sets by number: AL32UTF8, and for national text AL16UTF16. */
const AL32UTF8 = 873
const AL16UTF16 = 2000

/** What Linux builds for x64 call their platform. */
const PLATFORM = 'x86_64/Linux 2.4.xx'

/** The pairs of character sets that convert into each other, as the protocol answer lists them. */
const conversions = [832, 840, 850, 865].flatMap(set => [
  [AL32UTF8 - 3, set, 1],
  [set, AL32UTF8 - 3, 1],
])

/** Answer to the protocol negotiation: version 6, the platform, character sets, then what the server can do. */
export function protocolAnswer(fieldVersion: number): Buffer {
  const elements = Buffer.alloc(conversions.length * 5)
  for (const [i, [from, to, kind]] of conversions.entries()) {
    elements.writeUInt16LE(from!, i * 5)
    elements.writeUInt16LE(to!, i * 5 + 2)
    elements[i * 5 + 4] = kind!
  }
  // Its own description: two tables whose lengths stand at 5 and 6, then the national character set.
  const description = Buffer.alloc(100, 5)
  description.set([0, 0, 0, 0x60, 1, 0x24, 0x0f])
  description.set([0x41, 0xb0, 0x47, AL16UTF16 >> 8, AL16UTF16 & 255], 6 + 0x24 + 0x0f)
  description[6 + 0x24 + 0x0f + 2] = 0
  const head = Buffer.alloc(5)
  head.writeUInt16LE(AL32UTF8, 0)
  head[2] = 1
  head.writeUInt16LE(conversions.length, 3)
  const length = Buffer.of(0, description.length)
  const compiled = Buffer.from('060101010f01011001010101010101' + '7fff0310030301017f01ffff010b0101ff0106', 'hex')
  // Where the version of the messages' fields stands.
  compiled[7] = fieldVersion
  const runtime = Buffer.from('02010000180001', 'hex')
  return Buffer.concat([
    Buffer.of(message.protocol, 6, 0),
    Buffer.from(`${PLATFORM}\0`, 'latin1'),
    head,
    elements,
    length,
    description,
    counted(compiled),
    counted(runtime),
  ])
}

/** A client's data types: its version of the messages' fields, and the answer that takes every conversion that it offers. */
export type DataTypes = { fieldVersion: number; answer: Buffer }

/** Time zone UTC as an interval, as the data types carry it. */
const UTC = Buffer.from('800000003c3c3c80000000', 'hex')
const MOST_TYPES = 1024

/** Reads data types; `undefined` while the list goes on in the next packet. */
export function readDataTypes(data: Buffer): DataTypes | undefined {
  const compiledAt = 6
  const compiled = data.subarray(compiledAt + 1, compiledAt + 1 + (data[compiledAt] ?? 0))
  const runtimeAt = compiledAt + 1 + compiled.length
  const runtime = data.subarray(runtimeAt + 1, runtimeAt + 1 + (data[runtimeAt] ?? 0))
  const after = runtimeAt + 1 + runtime.length
  // A client that tells its time zone does so before the list; some follow it by the national character set.
  const zoned = ((runtime[1] ?? 0) & 1) === 1
  const skipped = zoned ? (startsList(data, after + UTC.length) ? UTC.length : UTC.length + 2) : 0
  const list = data.subarray(after + skipped)
  let at = 0
  for (let count = 0; ; count++) {
    if (count > MOST_TYPES) throw new Malformed('A list of data types without end')
    if (at + 2 > list.length) return undefined
    if (list.readUInt16BE(at) === 0) break
    if (at + 4 > list.length) return undefined
    at += list.readUInt16BE(at + 2) === 0 ? 4 : 8
  }
  const zone = zoned ? Buffer.concat([UTC, data.subarray(after + UTC.length, after + skipped)]) : Buffer.alloc(0)
  return {
    fieldVersion: compiled[7] ?? 0,
    answer: Buffer.concat([Buffer.of(message.dataTypes), zone, list.subarray(0, at + 2)]),
  }
}
/** The first type is a VARCHAR, which is a VARCHAR. */
const startsList = (data: Buffer, at: number): boolean =>
  at + 4 <= data.length && data.readUInt16BE(at) === 1 && data.readUInt16BE(at + 2) === 1

/**
 * How a client writes numbers: in TTC's universal form, or as it keeps them itself, which is little-endian with a fixed size
 * where anybody still does (OCI clients, and what imitates them).
 */
export type Form = 'universal' | 'own'

const short = (form: Form, value: number): Buffer =>
  form === 'universal' ? universal(value) : Buffer.of(value & 255, value >> 8)
const long = (form: Form, value: number): Buffer => {
  if (form === 'universal') return universal(value)
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** Longest value that such a client takes in one piece; longer ones come in several, behind 0xfe and before an empty one. */
const PIECE = 64
const field = (form: Form, value: string): Buffer[] => {
  if (value === '') return [long(form, 0)]
  if (form === 'universal' || value.length <= PIECE) return [long(form, value.length), counted(value)]
  const pieces: Buffer[] = []
  for (let at = 0; at < value.length; at += PIECE) pieces.push(counted(value.slice(at, at + PIECE)))
  return [long(form, value.length), Buffer.of(0xfe), ...pieces, Buffer.of(0)]
}

/** Values by name with a flag each, as the answers to a log-in carry them. */
export function parameters(
  form: Form,
  pairs: readonly (readonly [name: string, value: string, flag: number])[],
): Buffer {
  return Buffer.concat([
    Buffer.of(message.parameter),
    short(form, pairs.length),
    ...pairs.flatMap(([name, value, flag]) => [...field(form, name), ...field(form, value), long(form, flag)]),
  ])
}

/** Fields that came with 20c. */
const SQL_TYPE_AND_CHECKSUM = 14

/** How a call ended: an error's number and text, or 0 and none. */
export function ended(form: Form, fieldVersion: number, number = 0, words = ''): Buffer {
  const zeroes = (count: number) => Buffer.alloc(count)
  const told = number === 0 ? [] : [counted(`${words}\n`)]
  if (form === 'own') {
    // Since 11g the text stands behind 96 bytes: status, sequence, row 1, number, and all the rest.
    const fields = zeroes(96)
    fields[0] = message.error
    fields.writeUInt32LE(1, 1)
    fields.writeUInt32LE(1, 7)
    fields.writeUInt16LE(number, 11)
    return Buffer.concat([fields, ...told])
  }
  return Buffer.concat([
    Buffer.of(message.error),
    universal(1),
    // Sequence, row.
    zeroes(2),
    universal(number),
    // Two errors of arrays, cursor, position; type, fatal, flags, options, parameter, warning; row id; OS error and what follows.
    zeroes(4 + 6 + 5 + 5 + 1 + 3),
    universal(number),
    zeroes(1),
    ...(fieldVersion >= SQL_TYPE_AND_CHECKSUM ? [zeroes(2)] : []),
    ...told,
  ])
}
