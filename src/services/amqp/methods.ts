import { Cursor } from '#codec/cursor.ts'
import { text } from '#events/text.ts'
import { Malformed } from '#sensor/endings.ts'
import { type Channel, send } from './channel.ts'
import { erlang, Refusal } from './errors.ts'
import { method, readTable, shown, type Table, type Value } from './wire.ts'

/** What the classes of methods share: reading arguments, answering, comparing with what is there. */

/** Arguments from left to right; what cannot be read, or is left over, is a FRAME_ERROR. */
export type Args = {
  octet(): number
  short(): number
  long(): number
  longlong(): number
  text(): string
  bytes(): Buffer
  table(): Table
  end(): void
}

export function argsOf(bytes: Buffer): Args {
  const cursor = new Cursor(bytes)
  const bad = () => new Refusal(501, `cannot decode ${erlang(bytes)}`)
  const reading = <T>(read: () => T): T => {
    try {
      return read()
    } catch (problem) {
      throw problem instanceof Malformed ? bad() : problem
    }
  }
  return {
    octet: () => reading(() => cursor.u8()),
    short: () => reading(() => cursor.u16be()),
    long: () => reading(() => cursor.u32be()),
    longlong: () => reading(() => Number(cursor.u64be())),
    text: () => reading(() => cursor.lp8().toString('latin1')),
    bytes: () => reading(() => cursor.lp32()),
    table: () => reading(() => readTable(cursor.lp32())),
    end() {
      if (cursor.left > 0) throw bad()
    },
  }
}

/** The lowest bits of an octet, first bit first. */
export const bits = (byte: number): [boolean, boolean, boolean, boolean, boolean] => {
  const bit = (at: number) => ((byte >> at) & 1) === 1
  return [bit(0), bit(1), bit(2), bit(3), bit(4)]
}

export const answer = (channel: Channel, classId: number, methodId: number, ...args: readonly Buffer[]): void =>
  send(channel.connection, method(channel.number, classId, methodId, ...args))

/** A field of something declared again has to be as it was. */
export function checkSame(field: string, what: string, received: unknown, current: unknown): void {
  if (received === current) return
  throw new Refusal(406, `inequivalent arg '${field}' for ${what}: received '${received}' but current is '${current}'`)
}

const typeNames = new Map([
  ['S', 'longstr'],
  ['t', 'bool'],
  ['b', 'byte'],
  ['B', 'unsignedbyte'],
  ['s', 'short'],
  ['u', 'unsignedshort'],
  ['I', 'signedint'],
  ['i', 'unsignedint'],
  ['l', 'long'],
  ['T', 'timestamp'],
  ['D', 'decimal'],
  ['F', 'table'],
  ['A', 'array'],
  ['d', 'double'],
  ['f', 'float'],
  ['x', 'binary'],
  ['V', 'void'],
])
export const typeName = ({ type }: Value): string => typeNames.get(type) ?? type

const told = (value: Value | undefined): string =>
  value ? `the value '${shown(value)}' of type '${typeName(value)}'` : 'none'
export function inequivalent(field: string, what: string, mine: Value | undefined, theirs: Value | undefined): Refusal {
  return new Refusal(
    406,
    `inequivalent arg '${field}' for ${what}: received ${told(mine)} but current is ${told(theirs)}`,
  )
}

export const flag = (name: string, set: boolean): string => (set ? name : '')

/** The method as a line of the log: its name, what it is about, and whatever else it says. */
export function note({ connection }: Channel, verb: string, name: string, more: readonly string[] = []): void {
  const words = [verb, name === '' ? "''" : name, ...more.filter(Boolean)]
  connection.cx.record.command({ line: text(Buffer.from(words.join(' '), 'latin1'), 2048), verb })
}
