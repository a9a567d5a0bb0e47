import type { Cursor } from '#codec/cursor.ts'
import { Malformed } from '#codec/malformed.ts'

/** Jute, ZooKeeper's serialisation: integers in network order, strings and buffers behind a length that is -1 for none. */

export const readInt = (cursor: Cursor): number => cursor.bytes(4).readInt32BE()
export const readLong = (cursor: Cursor): bigint => cursor.bytes(8).readBigInt64BE()
export const readBool = (cursor: Cursor): boolean => cursor.u8() === 1

export function readBuffer(cursor: Cursor): Buffer | undefined {
  const length = readInt(cursor)
  if (length < -1) throw new Malformed(`Unreasonable length = ${length}`)
  return length === -1 ? undefined : cursor.bytes(length)
}
export const readString = (cursor: Cursor): string | undefined => readBuffer(cursor)?.toString()

/** Every item takes at least a byte, so that the frame bounds their number. */
export function readVector<T>(cursor: Cursor, item: (cursor: Cursor) => T): T[] {
  const count = readInt(cursor)
  if (count > cursor.left) throw new Malformed(`A vector of ${count} items`)
  return Array.from({ length: Math.max(0, count) }, () => item(cursor))
}

export type Acl = { perms: number; scheme: string; id: string }
export const readAcl = (cursor: Cursor): Acl => ({
  perms: readInt(cursor),
  scheme: readString(cursor) ?? '',
  id: readString(cursor) ?? '',
})

export function int(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
export function long(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt.asIntN(64, value))
  return bytes
}
export const bool = (value: boolean): Buffer => Buffer.of(value ? 1 : 0)
export function blob(value: Buffer | string | undefined): Buffer {
  if (value === undefined) return int(-1)
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return Buffer.concat([int(bytes.length), bytes])
}
export const vector = (items: readonly Buffer[]): Buffer => Buffer.concat([int(items.length), ...items])
export const acls = (list: readonly Acl[]): Buffer =>
  vector(list.map(({ perms, scheme, id }) => Buffer.concat([int(perms), blob(scheme), blob(id)])))
export const framed = (...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([int(body.length), body])
}
