import type { Keyspace, Value } from './keyspace.ts'

/**
 * The dump that SAVE would write (rdb.c, version 10, uncompressed): what an attacker who points `dir` and `dbfilename` at
 * a crontab, an authorized_keys or a web root leaves there, byte for byte as cron or sshd would meet it.
 */
export function dump(keyspace: Keyspace, version: string, now: number): Buffer {
  const parts: Buffer[] = [Buffer.from('REDIS0010', 'latin1')]
  const aux = (key: string, value: string) => parts.push(Buffer.of(0xfa), text(key), text(value))
  aux('redis-ver', version)
  aux('redis-bits', '64')
  aux('ctime', String(Math.floor(now / 1000)))
  aux('used-mem', String(900_000 + keyspace.used))
  aux('aof-base', '0')
  keyspace.databases.forEach((database, index) => {
    if (database.size === 0) return
    parts.push(Buffer.of(0xfe), length(index), Buffer.of(0xfb), length(database.size), length(keyspace.expiring(index)))
    for (const [key, value] of database) {
      const expires = keyspace.expiresAt(index, key)
      if (expires !== undefined) {
        const at = Buffer.alloc(9)
        at[0] = 0xfc
        at.writeBigUInt64LE(BigInt(Math.round(expires)), 1)
        parts.push(at)
      }
      parts.push(Buffer.of(types[value.type]), text(key), ...encode(value))
    }
  })
  parts.push(Buffer.of(0xff))
  const body = Buffer.concat(parts)
  const checksum = Buffer.alloc(8)
  checksum.writeBigUInt64LE(crc64(body))
  return Buffer.concat([body, checksum])
}

const types = { string: 0, list: 1, set: 2, hash: 4, zset: 5 } as const

function encode(value: Value): Buffer[] {
  if (value.type === 'string') return [text(value.data)]
  if (value.type === 'hash') return [length(value.data.size), ...[...value.data].flat().map(text)]
  if (value.type === 'zset')
    return [length(value.data.size), ...[...value.data].flatMap(([m, s]) => [text(m), double(s)])]
  const items = [...value.data]
  return [length(items.length), ...items.map(text)]
}

const double = (n: number) => {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(n)
  return bytes
}

/** 6, 14 or 32 bits, big endian behind two or eight marker bits. */
function length(n: number): Buffer {
  if (n < 64) return Buffer.of(n)
  if (n < 1 << 14) return Buffer.of(0x40 | (n >> 8), n & 255)
  const bytes = Buffer.alloc(5, 0x80)
  bytes.writeUInt32BE(n, 1)
  return bytes
}
const text = (latin1: string) => Buffer.concat([length(latin1.length), Buffer.from(latin1, 'latin1')])

/** CRC-64 as Redis has it: Jones polynomial 0xad93d23594c935a9, reflected, from 0. */
let table: BigUint64Array | undefined
function crc64(bytes: Buffer): bigint {
  table ??= BigUint64Array.from({ length: 256 }, (_, i) => {
    let crc = BigInt(i)
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x95ac9329ac4bc9b5n : crc >> 1n
    return crc
  })
  let crc = 0n
  for (const byte of bytes) crc = table[Number((crc ^ BigInt(byte)) & 255n)]! ^ (crc >> 8n)
  return crc
}
