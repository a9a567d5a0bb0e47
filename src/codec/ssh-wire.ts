import type { Cursor } from './cursor.ts'
import { Malformed } from './malformed.ts'

// The data types of RFC 4251 §5, as OpenSSH reads and writes them.

export const byte = (value: number): Buffer => Buffer.of(value)
export const boolean = (value: boolean): Buffer => Buffer.of(value ? 1 : 0)

export function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

/** A `string`: text is sent as Latin-1, so what was read as Latin-1 goes out unchanged. */
export function string(value: Buffer | string): Buffer {
  const bytes = Buffer.allocUnsafe(4 + value.length)
  bytes.writeUInt32BE(value.length)
  if (typeof value === 'string') bytes.write(value, 4, 'latin1')
  else bytes.set(value, 4)
  return bytes
}

/** An `mpint` from an unsigned big-endian number. */
export function mpint(value: Buffer): Buffer {
  let start = 0
  while (start < value.length && value[start] === 0) start++
  const digits = value.subarray(start)
  const sign = digits.length > 0 && digits[0]! & 0x80 ? 1 : 0
  const bytes = Buffer.alloc(4 + sign + digits.length)
  bytes.writeUInt32BE(sign + digits.length)
  bytes.set(digits, 4 + sign)
  return bytes
}

/** The fields of one message, first its number. */
export const message = (type: number, ...fields: Buffer[]): Buffer => Buffer.concat([byte(type), ...fields])

/** A `string` that OpenSSH wants as text: a NUL may only be its last byte, and is dropped. */
export function readText(from: Cursor): Buffer {
  const bytes = from.lp32()
  const nul = bytes.indexOf(0)
  if (nul < 0) return bytes
  if (nul < bytes.length - 1) throw new Malformed('A NUL inside a string')
  return bytes.subarray(0, nul)
}

/** Digits of an `mpint` without leading zeros; negative ones and those over 16384 bits are refused, as by OpenSSH. */
export function readMpint(from: Cursor): Buffer {
  const bytes = from.lp32()
  if (bytes.length > 0 && bytes[0]! & 0x80) throw new Malformed('A negative mpint')
  if (bytes.length > 2049) throw new Malformed(`An mpint of ${bytes.length} bytes`)
  let start = 0
  while (start < bytes.length && bytes[start] === 0) start++
  return bytes.subarray(start)
}

export function readEnd(from: Cursor): void {
  if (from.left > 0) throw new Malformed(`${from.left} bytes after the end of the message`)
}

/** A `uint64`. */
export function uint64(value: number | bigint): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}
