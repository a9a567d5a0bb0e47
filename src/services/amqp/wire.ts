import { Cursor } from '#codec/cursor.ts'
import { Malformed } from '#sensor/endings.ts'

/** Frames and fields of AMQP 0-9-1 (§4.2), with RabbitMQ's types. Strings are Latin-1, a byte a character. */

export const FrameType = { method: 1, header: 2, body: 3, heartbeat: 8 } as const
export const END = 0xce
/** Frames until the two sides have agreed on more, and what RabbitMQ proposes. */
export const FRAME_MIN = 4096
export const FRAME_MAX = 131_072

export type Frame = { type: number; channel: number; payload: Buffer }

/** Tables nested this deep, and entries in all, are read; more is an attack. */
const DEPTH = 16
const ENTRIES = 4096

/** A field of a table: its type's letter, and the value as bytes that can be said again. */
export type Value =
  | { type: 'S' | 'x'; value: string }
  | { type: 't'; value: boolean }
  | { type: 'b' | 'B' | 's' | 'u' | 'I' | 'i' | 'l' | 'L' | 'T'; value: bigint }
  | { type: 'f' | 'd'; value: number }
  | { type: 'D'; value: string }
  | { type: 'V'; value: null }
  | { type: 'A'; value: Value[] }
  | { type: 'F'; value: Table }
export type Table = Map<string, Value>

export const u16 = (value: number): Buffer => Buffer.of((value >> 8) & 0xff, value & 0xff)
export const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
export const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}
export const short = (text: string): Buffer => {
  const bytes = Buffer.from(text.slice(0, 255), 'latin1')
  return Buffer.concat([Buffer.of(bytes.length), bytes])
}
export const long = (bytes: Buffer | string): Buffer => {
  const buffer = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
  return Buffer.concat([u32(buffer.length), buffer])
}

export const frame = (type: number, channel: number, payload: Buffer): Buffer =>
  Buffer.concat([Buffer.of(type), u16(channel), u32(payload.length), payload, Buffer.of(END)])
export const method = (channel: number, classId: number, methodId: number, ...args: readonly Buffer[]): Buffer =>
  frame(FrameType.method, channel, Buffer.concat([u16(classId), u16(methodId), ...args]))

/** A message's header and body, in frames of at most `max` bytes. */
export function content(channel: number, properties: Buffer, body: Buffer, max: number): Buffer {
  const frames = [frame(FrameType.header, channel, Buffer.concat([u16(60), u16(0), u64(body.length), properties]))]
  for (let at = 0; at < body.length; at += max - 8)
    frames.push(frame(FrameType.body, channel, body.subarray(at, at + max - 8)))
  return Buffer.concat(frames)
}

/** A table without its length. */
export function readTable(bytes: Buffer, depth = 0, budget = { left: ENTRIES }): Table {
  const cursor = new Cursor(bytes)
  const table: Table = new Map()
  while (cursor.left > 0) {
    const name = cursor.lp8().toString('latin1')
    table.set(name, readValue(cursor, depth, budget))
  }
  return table
}

function readValue(cursor: Cursor, depth: number, budget: { left: number }): Value {
  if (depth > DEPTH || --budget.left < 0) throw new Malformed('A table that is too large')
  const type = String.fromCharCode(cursor.u8())
  switch (type) {
    case 'S':
    case 'x':
      return { type, value: cursor.lp32().toString('latin1') }
    case 't':
      return { type, value: cursor.u8() !== 0 }
    case 'b':
      return { type, value: BigInt(cursor.bytes(1).readInt8()) }
    case 'B':
      return { type, value: BigInt(cursor.u8()) }
    case 's':
      return { type, value: BigInt(cursor.bytes(2).readInt16BE()) }
    case 'u':
      return { type, value: BigInt(cursor.u16be()) }
    case 'I':
      return { type, value: BigInt(cursor.bytes(4).readInt32BE()) }
    case 'i':
      return { type, value: BigInt(cursor.u32be()) }
    case 'l':
    case 'L':
      return { type, value: cursor.bytes(8).readBigInt64BE() }
    case 'T':
      return { type, value: cursor.u64be() }
    case 'f':
      return { type, value: cursor.bytes(4).readFloatBE() }
    case 'd':
      return { type, value: cursor.bytes(8).readDoubleBE() }
    case 'D':
      return { type, value: cursor.bytes(5).toString('latin1') }
    case 'V':
      return { type, value: null }
    case 'A': {
      const list = new Cursor(cursor.lp32())
      const value: Value[] = []
      while (list.left > 0) value.push(readValue(list, depth + 1, budget))
      return { type, value }
    }
    case 'F':
      return { type, value: readTable(cursor.lp32(), depth + 1, budget) }
    default:
      throw new Malformed(`A field of type ${JSON.stringify(type)}`)
  }
}

type Plain = string | number | boolean | { readonly [name: string]: Plain }
/** A table of our own, with its length: texts as long strings, numbers of 32 bits, tables. */
export const table = (fields: { readonly [name: string]: Plain } = {}): Buffer =>
  long(Buffer.concat(Object.entries(fields).flatMap(([name, value]) => [short(name), plain(value)])))
function plain(value: Plain): Buffer {
  if (typeof value === 'string') return Buffer.concat([Buffer.from('S'), long(value)])
  if (typeof value === 'number') return Buffer.concat([Buffer.from('I'), u32(value)])
  if (typeof value === 'boolean') return Buffer.of(0x74, value ? 1 : 0)
  return Buffer.concat([Buffer.from('F'), table(value)])
}

/** A value as a text for the log: what a person would write. */
export function shown(one: Value): string {
  if (one.type === 'F') return `{${[...one.value].map(([name, value]) => `${name}: ${shown(value)}`).join(', ')}}`
  if (one.type === 'A') return `[${one.value.map(shown).join(', ')}]`
  return String(one.value)
}
export const textIn = (fields: Table, name: string): string | undefined => {
  const found = fields.get(name)
  return found?.type === 'S' ? found.value : undefined
}
