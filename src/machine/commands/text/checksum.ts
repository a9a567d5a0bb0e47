import { createHash } from 'node:crypto'
import { blake2b } from './blake2b.ts'

/** What goes through a checksum, piece by piece, and what comes out. */
export type Digest = { update(data: Buffer): void; result(): string }

export type Algorithm = {
  /** As --tag writes it. */
  tag: string
  make(bits?: number): Digest
  /** Hexadecimal digits; none for the old checksums, which have no -c. */
  digits: number | undefined
}

const openssl = (tag: string, name: string, digits: number): Algorithm => ({
  tag,
  digits,
  make() {
    const hash = createHash(name)
    return { update: data => void hash.update(data), result: () => hash.digest('hex') }
  },
})

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24
  for (let i = 0; i < 8; i++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1
  return crc >>> 0
})

/** CRC of cksum(1) (XCU), BSD's and System V's sums: with the number of bytes or blocks. */
const crc = (): Digest => {
  let value = 0
  let size = 0
  const add = (byte: number): void => {
    value = ((value << 8) ^ table[((value >>> 24) ^ byte) & 0xff]!) >>> 0
  }
  return {
    update(data) {
      size += data.length
      for (const byte of data) add(byte)
    },
    result() {
      for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) add(rest & 0xff)
      return `${~value >>> 0} ${size}`
    },
  }
}
const bsd = (): Digest => {
  let value = 0
  let size = 0
  return {
    update(data) {
      size += data.length
      for (const byte of data) value = (((value >> 1) | ((value & 1) << 15)) + byte) & 0xffff
    },
    result: () => `${String(value).padStart(5, '0')} ${String(Math.ceil(size / 1024)).padStart(5)}`,
  }
}
const sysv = (): Digest => {
  let value = 0
  let size = 0
  return {
    update(data) {
      size += data.length
      for (const byte of data) value = (value + byte) >>> 0
    },
    result() {
      const once = (value & 0xffff) + (value >>> 16)
      return `${(once & 0xffff) + (once >>> 16)} ${Math.ceil(size / 512)}`
    },
  }
}

/** By the names that `cksum -a` knows, in its order. */
export const algorithms = new Map<string, Algorithm>([
  ['bsd', { tag: '', make: bsd, digits: undefined }],
  ['sysv', { tag: '', make: sysv, digits: undefined }],
  ['crc', { tag: '', make: crc, digits: undefined }],
  ['md5', openssl('MD5', 'md5', 32)],
  ['sha1', openssl('SHA1', 'sha1', 40)],
  ['sha224', openssl('SHA224', 'sha224', 56)],
  ['sha256', openssl('SHA256', 'sha256', 64)],
  ['sha384', openssl('SHA384', 'sha384', 96)],
  ['sha512', openssl('SHA512', 'sha512', 128)],
  ['blake2b', { tag: 'BLAKE2b', make: (bits = 512) => blake2b(bits), digits: 128 }],
  ['sm3', openssl('SM3', 'sm3', 64)],
])
