import { createECDH, createPublicKey, diffieHellman, generateKeyPairSync, hash } from 'node:crypto'
import { Cursor } from '#codec/cursor.ts'
import { Malformed } from '#codec/malformed.ts'
import { chooseGroup, type Exchange, fixedGroup, groupExchange } from './dh.ts'
import { Message } from './messages.ts'
import { encapsulate, publicKeyBytes } from './sntrup761.ts'
import { message, mpint, readEnd, readMpint, string, uint32 } from './wire.ts'

/** What both sides share after an exchange: K as it enters the hashes, and the fields before it in H. */
export type Shared = {
  /** The shared secret, encoded (`mpint`, or `string` for the hybrid). */
  secret: Buffer
  /** Fields of the exchange hash between K_S and K. */
  hashed: Buffer
  /** Our field in the reply that also bears host key and signature. */
  reply: Buffer
  replyType: number
}

export type KeyExchange = {
  hash: 'sha1' | 'sha256' | 'sha384' | 'sha512'
  /** The server's part: asks for the client's messages, may send one before the reply. `undefined`: sshd breaks off. */
  run(peer: {
    expect(type: number): Promise<Cursor>
    send(payload: Buffer): void
    random(bytes: number): Buffer
  }): Promise<Shared>
}

/** One message each way; `answer` gives our public value and the encoded secret. */
const oneRound = (
  hashName: KeyExchange['hash'],
  answer: (client: Buffer, random: (bytes: number) => Buffer) => Promise<{ value: Buffer; secret: Buffer }>,
): KeyExchange => ({
  hash: hashName,
  async run({ expect, random }) {
    const from = await expect(Message.kexClientValue)
    const client = from.lp32()
    readEnd(from)
    const { value, secret } = await answer(client, random)
    const reply = string(value)
    return { secret, hashed: Buffer.concat([string(client), reply]), reply, replyType: Message.kexServerValue }
  },
})

/** X25519 (RFC 8731): our public value and the raw secret. */
function x25519(client: Buffer): { value: Buffer; secret: Buffer } {
  if (client.length !== 32) throw new Malformed(`An X25519 value of ${client.length} bytes`)
  const ours = generateKeyPairSync('x25519')
  const theirs = createPublicKey({ key: client, format: 'raw-public', asymmetricKeyType: 'x25519' } as never)
  let secret: Buffer
  try {
    secret = diffieHellman({ privateKey: ours.privateKey, publicKey: theirs })
  } catch {
    throw new Malformed('An X25519 value of small order')
  }
  return { value: ours.publicKey.export({ format: 'raw-public' } as never) as unknown as Buffer, secret }
}
const curve25519 = oneRound('sha256', async client => {
  const { value, secret } = x25519(client)
  return { value, secret: mpint(secret) }
})

/** sntrup761x25519-sha512: both values side by side, both secrets hashed into a string. */
const hybrid = oneRound('sha512', async (client, random) => {
  if (client.length !== publicKeyBytes + 32) throw new Malformed(`A hybrid value of ${client.length} bytes`)
  const { ciphertext, key } = encapsulate(client.subarray(0, publicKeyBytes), random)
  const { value, secret } = x25519(client.subarray(publicKeyBytes))
  return {
    value: Buffer.concat([ciphertext, value]),
    secret: string(hash('sha512', Buffer.concat([key, secret]), 'buffer')),
  }
})

/** ECDH over a NIST curve (RFC 5656 §4); OpenSSH takes only uncompressed points. */
const nist = (curve: string, hashName: KeyExchange['hash']) =>
  oneRound(hashName, async client => {
    const ecdh = createECDH(curve)
    const value = ecdh.generateKeys()
    if (client[0] !== 4 || client.length !== value.length) throw new Malformed('Not an uncompressed point')
    try {
      return { value, secret: mpint(ecdh.computeSecret(client)) }
    } catch {
      throw new Malformed('Not a point on the curve')
    }
  })

const agree = async (ours: Exchange, client: Buffer) => ({
  value: mpint(ours.publicValue).subarray(4),
  secret: mpint(await ours.secret(client)),
})
/** A MODP group of RFC 3526 (RFC 8268). */
const modp = (group: 'modp14' | 'modp16' | 'modp18', hashName: KeyExchange['hash']) =>
  oneRound(hashName, client => agree(fixedGroup(group), readMpint(new Cursor(string(client)))))

/** Group exchange (RFC 4419). */
const gex: KeyExchange = {
  hash: 'sha256',
  async run({ expect, send, random }) {
    const request = await expect(Message.gexRequest)
    const [min, wanted, max] = [request.u32be(), request.u32be(), request.u32be()]
    readEnd(request)
    const group = chooseGroup(min, wanted, max, random)
    if (!group) throw new Malformed(`A group of ${min} to ${max} bits, best ${wanted}`)
    const [p, g] = [mpint(group.prime), mpint(group.generator)]
    send(message(Message.gexGroup, p, g))
    const ours = groupExchange(group)
    const init = await expect(Message.gexInit)
    const client = readMpint(init)
    readEnd(init)
    const { value, secret } = await agree(ours, client)
    const sizes = [uint32(min), uint32(wanted), uint32(max)]
    return {
      secret,
      hashed: Buffer.concat([...sizes, p, g, mpint(client), string(value)]),
      reply: string(value),
      replyType: Message.gexReply,
    }
  },
}

export const keyExchanges: ReadonlyMap<string, KeyExchange> = new Map([
  ['sntrup761x25519-sha512', hybrid],
  ['sntrup761x25519-sha512@openssh.com', hybrid],
  ['curve25519-sha256', curve25519],
  ['curve25519-sha256@libssh.org', curve25519],
  ['ecdh-sha2-nistp256', nist('prime256v1', 'sha256')],
  ['ecdh-sha2-nistp384', nist('secp384r1', 'sha384')],
  ['ecdh-sha2-nistp521', nist('secp521r1', 'sha512')],
  ['diffie-hellman-group-exchange-sha256', gex],
  ['diffie-hellman-group16-sha512', modp('modp16', 'sha512')],
  ['diffie-hellman-group18-sha512', modp('modp18', 'sha512')],
  ['diffie-hellman-group14-sha256', modp('modp14', 'sha256')],
  ['diffie-hellman-group14-sha1', modp('modp14', 'sha1')],
])

const nothing = Buffer.alloc(0)

/** Key material of any length (RFC 4253 §7.2). `letter` is A to F. */
export function deriveKey(
  hashName: KeyExchange['hash'],
  { secret, exchangeHash, sessionId }: { secret: Buffer; exchangeHash: Buffer; sessionId: Buffer },
  letter: string,
  bytes: number,
): Buffer {
  if (bytes === 0) return nothing
  // A buffer of its own: a piece of Node's pool would keep eight kilobytes alive for as long as the key.
  const key = Buffer.allocUnsafeSlow(bytes)
  let digest = hash(hashName, Buffer.concat([secret, exchangeHash, Buffer.from(letter), sessionId]), 'buffer')
  for (let at = 0; ; ) {
    at += digest.copy(key, at)
    if (at >= bytes) return key
    digest = hash(hashName, Buffer.concat([secret, exchangeHash, key.subarray(0, at)]), 'buffer')
  }
}
