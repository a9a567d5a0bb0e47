import { Cursor } from '#codec/cursor.ts'
import { Malformed } from '#sensor/endings.ts'
import { lengthAt, Out, stringAt } from './wire.ts'

/** Capability flags of the protocol ("Capabilities Flags"); MariaDB's own begin at bit 32. */
export const can = {
  connectWithDb: 1 << 3,
  localFiles: 1 << 7,
  protocol41: 1 << 9,
  ssl: 1 << 11,
  secureConnection: 1 << 15,
  multiStatements: 1 << 16,
  multiResults: 1 << 17,
  pluginAuth: 1 << 19,
  attributes: 1 << 20,
  lengthEncodedAuth: 1 << 21,
  deprecateEof: 1 << 24,
  optionalMetadata: 1 << 25,
  queryAttributes: 1 << 27,
} as const
/** Of MariaDB's extended flags, without their 32 bits below. */
export const mariadbCan = { extendedMetadata: 1 << 3, cacheMetadata: 1 << 4 } as const

export type Greeting = {
  product: 'MariaDB' | 'MySQL'
  /** As SELECT VERSION() says. */
  version: string
  thread: number
  salt: Buffer
  tls: boolean
}
export const NATIVE = 'mysql_native_password'
export const SHA2 = 'caching_sha2_password'

/** Flags of the product, TLS aside: what a client wishes beyond them does not count. */
export const offered = (product: 'MariaDB' | 'MySQL'): number =>
  product === 'MariaDB' ? 0xf7fe | (0x81ff << 16) : 0xf7ff | (0xdfff << 16)

/** What a server sends first (protocol version 10). Flags as recorded from MariaDB 10.11, and as MySQL 8.0 has them. */
export function greeting({ product, version, thread, salt, tls }: Greeting): Buffer {
  const maria = product === 'MariaDB'
  const flags = offered(product)
  const low = flags & 0xffff
  const out = new Out()
    .u8(10)
    .cstring(maria ? `5.5.5-${version}` : version)
    .u32(thread)
    .bytes(salt.subarray(0, 8))
    .u8(0)
    .u16(tls ? low | can.ssl : low)
    .u8(maria ? 45 : 255)
    .u16(2)
    .u16(flags >>> 16)
    .u8(21)
    .bytes(Buffer.alloc(6))
  if (maria) out.u32(0x1d)
  else out.u32(0)
  return out
    .bytes(salt.subarray(8))
    .u8(0)
    .cstring(maria ? NATIVE : SHA2).done
}

/** 20 printable bytes (mysys_ssl/my_rnd.c, create_random_string); MySQL 8 has any but NUL and `$`. */
export function newSalt(random: (bytes: number) => Buffer, product: 'MariaDB' | 'MySQL'): Buffer {
  if (product === 'MariaDB') return Buffer.from(random(20).map(byte => 33 + (byte % 94)))
  return Buffer.from(
    random(20).map(byte => {
      const one = byte & 127
      return one === 0 || one === 36 ? one + 1 : one
    }),
  )
}

export type Response = {
  flags: number
  extended: number
  charset: number
  user: string
  answer: Buffer
  database: string | undefined
  plugin: string | undefined
  attributes: [name: string, value: string][]
}

/** Attributes that are taken down of one client. */
const ATTRIBUTES = 32

/** HandshakeResponse41; `Malformed` for anything else. `ssl`: the client asks for TLS and sends the rest in it. */
export function parseResponse(packet: Buffer): Response | 'ssl' {
  if (packet.length < 32) throw new Malformed('A handshake response is too short')
  const cursor = new Cursor(packet)
  const flags = cursor.u32le()
  if (!(flags & can.protocol41)) throw new Malformed('A handshake response of before 4.1')
  cursor.u32le()
  const charset = cursor.u8()
  cursor.bytes(19)
  const extended = cursor.u32le()
  if (packet.length === 32) {
    if (flags & can.ssl) return 'ssl'
    throw new Malformed('A handshake response without a user')
  }
  const user = cursor.cstring(512).toString('latin1')
  const answer = answerOf(cursor, flags)
  const database = flags & can.connectWithDb && cursor.left > 0 ? cursor.cstring(512).toString('latin1') : undefined
  const plugin = flags & can.pluginAuth && cursor.left > 0 ? upToNul(cursor) : undefined
  const attributes = flags & can.attributes && cursor.left > 0 ? attributesOf(cursor.rest()) : []
  return { flags, extended, charset, user, answer, database: database || undefined, plugin, attributes }
}

function answerOf(cursor: Cursor, flags: number): Buffer {
  if (flags & can.lengthEncodedAuth) {
    const rest = cursor.rest()
    const { value, next } = stringAt(rest, 0)
    cursor.back(rest.length - next)
    return value
  }
  if (flags & can.secureConnection) return cursor.lp8()
  const end = upToNul(cursor)
  return Buffer.from(end, 'latin1')
}
/** A name at the end need not have its NUL. */
function upToNul(cursor: Cursor): string {
  const rest = cursor.rest()
  const end = rest.indexOf(0)
  if (end < 0) return rest.toString('latin1')
  cursor.back(rest.length - end - 1)
  return rest.toString('latin1', 0, end)
}

export function attributesOf(bytes: Buffer): [string, string][] {
  const found: [string, string][] = []
  const { value: total, next } = lengthAt(bytes, 0)
  const end = Math.min(bytes.length, next + total)
  for (let at = next; at < end && found.length < ATTRIBUTES; ) {
    const name = stringAt(bytes, at)
    const value = stringAt(bytes, name.next)
    found.push([name.value.toString('latin1'), value.value.toString('latin1')])
    at = value.next
  }
  return found
}
