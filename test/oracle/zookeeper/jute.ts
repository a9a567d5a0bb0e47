import { Op } from '#services/zookeeper/codes.ts'

/** ZooKeeper's requests as its clients write them (zookeeper.jute), for the script of what is recorded. Bytes as Latin-1. */

export const int = (value: number): string => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes.toString('latin1')
}
export const long = (value: bigint): string => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(value)
  return bytes.toString('latin1')
}
export const bool = (value: boolean): string => (value ? '\x01' : '\0')
/** A string or buffer behind its length; the length -1 where there is none. */
export const blob = (value: string | undefined): string => (value === undefined ? int(-1) : int(value.length) + value)
export const vector = (items: readonly string[]): string => int(items.length) + items.join('')
export const framed = (body: string): string => int(body.length) + body

export const OPEN = vector([int(31) + blob('world') + blob('anyone')])
export const acl = (...entries: [perms: number, scheme: string, id: string][]): string =>
  vector(entries.map(([perms, scheme, id]) => int(perms) + blob(scheme) + blob(id)))

/** ConnectRequest. */
export const connect = (
  timeout = 30_000,
  { zxid = 0n, session = 0n, password = '\0'.repeat(16), readOnly = false as boolean | undefined } = {},
): string =>
  framed(
    int(0) +
      long(zxid) +
      int(timeout) +
      long(session) +
      blob(password) +
      (readOnly === undefined ? '' : bool(readOnly)),
  )

type Name = keyof typeof Op

export const request = (xid: number, type: Name | number, body = ''): string =>
  framed(int(xid) + int(typeof type === 'number' ? type : Op[type]) + body)

/** Body of create: flags 0 lasting, 1 ephemeral, 2 sequential, 3 both, 4 container. */
export const node = (path: string | undefined, data: string | undefined, flags = 0, list = OPEN): string =>
  blob(path) + blob(data) + list + int(flags)
export const watched = (path: string | undefined, watch = false): string => blob(path) + bool(watch)
export const versioned = (path: string, version = -1): string => blob(path) + int(version)
export const data = (path: string, value: string | undefined, version = -1): string =>
  blob(path) + blob(value) + int(version)

/** An operation of multi. */
export const op = (type: Name | number, body: string): string =>
  int(typeof type === 'number' ? type : Op[type]) + bool(false) + int(-1) + body
export const END = int(-1) + bool(true) + int(-1)
