import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto'
import { poly1305 } from '@noble/ciphers/_poly1305.js'
import { umac } from './umac.ts'
import { uint32 } from './wire.ts'

/**
 * One direction's protection, sending side: turns a whole plain packet (length, padding length, payload, padding) into
 * what goes on the wire, its tag included. Called in the order of sequence numbers.
 */
export type Seal = {
  blockBytes: number
  /** The length field stands outside the encrypted blocks (encrypt-then-MAC and AEAD). */
  lengthApart: boolean
  seal(sequence: number, packet: Buffer): Buffer
}

/** The receiving side: first the bytes that tell the length, then the rest. */
export type Open = {
  blockBytes: number
  lengthApart: boolean
  /** Bytes to read before `length` can be told. */
  firstBytes: number
  tagBytes: number
  length(sequence: number, first: Buffer): number
  /** Padding length, payload and padding; `undefined` when the tag is wrong. `rest` ends with the tag. */
  open(sequence: number, first: Buffer, rest: Buffer): Buffer | undefined
}

export const plainSeal: Seal = { blockBytes: 8, lengthApart: false, seal: (_, packet) => packet }
export const plainOpen: Open = {
  blockBytes: 8,
  lengthApart: false,
  firstBytes: 8,
  tagBytes: 0,
  length: (_, first) => first.readUInt32BE(),
  open: (_, first, rest) => Buffer.concat([first.subarray(4), rest]),
}

export type Keys = { iv: Buffer; key: Buffer; mac: Buffer }

export type Cipher = {
  blockBytes: number
  keyBytes: number
  ivBytes: number
  /** Authenticates by itself; no MAC is negotiated. */
  aead: boolean
  seal(keys: Keys, mac: Mac | undefined): Seal
  open(keys: Keys, mac: Mac | undefined): Open
}

type Tag = (sequence: number, ...parts: Buffer[]) => Buffer
export type Mac = { keyBytes: number; tagBytes: number; encryptThenMac: boolean; keyed(key: Buffer): Tag }

const hmac = (hash: string, tagBytes: number): Omit<Mac, 'encryptThenMac'> => ({
  keyBytes: tagBytes,
  tagBytes,
  keyed: key => (sequence, part, other) => {
    const running = createHmac(hash, key).update(uint32(sequence)).update(part!)
    return (other ? running.update(other) : running).digest()
  },
})
const universal = (tagBytes: 8 | 16): Omit<Mac, 'encryptThenMac'> => ({
  keyBytes: 16,
  tagBytes,
  keyed(key) {
    const tag = umac(key, tagBytes)
    const nonce = Buffer.alloc(8)
    return (sequence, ...parts) => {
      nonce.writeUInt32BE(sequence, 4)
      return tag(nonce, parts.length === 1 ? parts[0]! : Buffer.concat(parts))
    }
  },
})

export const macs: ReadonlyMap<string, Mac> = new Map(
  (
    [
      ['umac-64', '@openssh.com', universal(8)],
      ['umac-128', '@openssh.com', universal(16)],
      ['hmac-sha2-256', '', hmac('sha256', 32)],
      ['hmac-sha2-512', '', hmac('sha512', 64)],
      ['hmac-sha1', '', hmac('sha1', 20)],
    ] as const
  ).flatMap(([name, vendor, mac]): [string, Mac][] => [
    [`${name}${vendor}`, { ...mac, encryptThenMac: false }],
    [`${name}-etm@openssh.com`, { ...mac, encryptThenMac: true }],
  ]),
)

const same = (a: Uint8Array, b: Uint8Array): boolean => timingSafeEqual(a, b)

/** AES in counter mode (RFC 4344), with the MAC over the plain packet or, encrypt-then-MAC, over the encrypted one. */
const aesCtr = (bits: number): Cipher => ({
  blockBytes: 16,
  keyBytes: bits / 8,
  ivBytes: 16,
  aead: false,
  seal({ iv, key, mac: macKey }, mac) {
    const { encryptThenMac, keyed } = mac!
    const cipher = createCipheriv(`aes-${bits}-ctr`, key, iv)
    const tag = keyed(macKey)
    return {
      blockBytes: 16,
      lengthApart: encryptThenMac,
      seal(sequence, packet) {
        if (!encryptThenMac) return Buffer.concat([cipher.update(packet), tag(sequence, packet)])
        const sealed = Buffer.concat([packet.subarray(0, 4), cipher.update(packet.subarray(4))])
        return Buffer.concat([sealed, tag(sequence, sealed)])
      },
    }
  },
  open({ iv, key, mac: macKey }, mac) {
    const { encryptThenMac, keyed, tagBytes } = mac!
    const cipher = createDecipheriv(`aes-${bits}-ctr`, key, iv)
    const tag = keyed(macKey)
    const split = (rest: Buffer) => [rest.subarray(0, rest.length - tagBytes), rest.subarray(rest.length - tagBytes)]
    if (encryptThenMac)
      return {
        blockBytes: 16,
        lengthApart: true,
        firstBytes: 4,
        tagBytes,
        length: (_, first) => first.readUInt32BE(),
        open(sequence, first, rest) {
          const [sealed, expected] = split(rest) as [Buffer, Buffer]
          return same(tag(sequence, first, sealed), expected) ? cipher.update(sealed) : undefined
        },
      }
    let start: Buffer
    return {
      blockBytes: 16,
      lengthApart: false,
      firstBytes: 16,
      tagBytes,
      length(_, first) {
        start = cipher.update(first)
        return start.readUInt32BE()
      },
      open(sequence, _, rest) {
        const [sealed, expected] = split(rest) as [Buffer, Buffer]
        const packet = Buffer.concat([start, cipher.update(sealed)])
        return same(tag(sequence, packet), expected) ? packet.subarray(4) : undefined
      },
    }
  },
})

/** AES-GCM as OpenSSH does it (RFC 5647 with the length in clear): the nonce's last eight bytes count packets. */
const aesGcm = (bits: number): Cipher => {
  const name = `aes-${bits}-gcm` as 'aes-128-gcm'
  const nonces = (iv: Buffer) => {
    const nonce = Buffer.from(iv)
    let count = nonce.readBigUInt64BE(4)
    return () => {
      nonce.writeBigUInt64BE(count, 4)
      count = (count + 1n) & 0xffffffffffffffffn
      return nonce
    }
  }
  return {
    blockBytes: 16,
    keyBytes: bits / 8,
    ivBytes: 12,
    aead: true,
    seal({ iv, key }) {
      const next = nonces(iv)
      return {
        blockBytes: 16,
        lengthApart: true,
        seal(_, packet) {
          const cipher = createCipheriv(name, key, next())
          const length = packet.subarray(0, 4)
          cipher.setAAD(length)
          const sealed = cipher.update(packet.subarray(4))
          cipher.final()
          return Buffer.concat([length, sealed, cipher.getAuthTag()])
        },
      }
    },
    open({ iv, key }) {
      const next = nonces(iv)
      return {
        blockBytes: 16,
        lengthApart: true,
        firstBytes: 4,
        tagBytes: 16,
        length: (_, first) => first.readUInt32BE(),
        open(_, first, rest) {
          const cipher = createDecipheriv(name, key, next(), { authTagLength: 16 })
          cipher.setAAD(first)
          cipher.setAuthTag(rest.subarray(rest.length - 16))
          const plain = cipher.update(rest.subarray(0, rest.length - 16))
          try {
            cipher.final()
          } catch {
            return undefined
          }
          return plain
        },
      }
    },
  }
}

/**
 * chacha20-poly1305@openssh.com (OpenSSH's PROTOCOL.chacha20poly1305): the second half of the key encrypts the length,
 * the first half the rest; block 0 of the latter's stream is the Poly1305 key. The nonce is the sequence number.
 */
const chachaPoly: Cipher = {
  blockBytes: 8,
  keyBytes: 64,
  ivBytes: 0,
  aead: true,
  seal({ key }) {
    const { lengths, start } = chachaStreams(key)
    return {
      blockBytes: 8,
      lengthApart: true,
      seal(sequence, packet) {
        const { polyKey, stream } = start(sequence)
        const sealed = Buffer.concat([lengths(sequence, packet.subarray(0, 4)), stream.update(packet.subarray(4))])
        return Buffer.concat([sealed, poly1305(sealed, polyKey)])
      },
    }
  },
  open({ key }) {
    const { lengths, start } = chachaStreams(key)
    return {
      blockBytes: 8,
      lengthApart: true,
      firstBytes: 4,
      tagBytes: 16,
      length: (sequence, first) => lengths(sequence, first).readUInt32BE(),
      open(sequence, first, rest) {
        const { polyKey, stream } = start(sequence)
        const sealed = rest.subarray(0, rest.length - 16)
        const tag = poly1305(Buffer.concat([first, sealed]), polyKey)
        return same(tag, rest.subarray(rest.length - 16)) ? stream.update(sealed) : undefined
      },
    }
  },
}
const zeros = Buffer.alloc(64)
function chachaStreams(key: Buffer) {
  const main = key.subarray(0, 32)
  const header = key.subarray(32)
  // OpenSSL's IV: a 64-bit little-endian block counter, then the 64-bit nonce.
  const iv = Buffer.alloc(16)
  const at = (sequence: number) => {
    iv.writeUInt32BE(sequence, 12)
    return iv
  }
  return {
    lengths: (sequence: number, length: Buffer) => createCipheriv('chacha20', header, at(sequence)).update(length),
    start(sequence: number) {
      const stream = createCipheriv('chacha20', main, at(sequence))
      return { polyKey: stream.update(zeros).subarray(0, 32), stream }
    },
  }
}
export const ciphers: ReadonlyMap<string, Cipher> = new Map([
  ['chacha20-poly1305@openssh.com', chachaPoly],
  ['aes128-ctr', aesCtr(128)],
  ['aes192-ctr', aesCtr(192)],
  ['aes256-ctr', aesCtr(256)],
  ['aes128-gcm@openssh.com', aesGcm(128)],
  ['aes256-gcm@openssh.com', aesGcm(256)],
])
