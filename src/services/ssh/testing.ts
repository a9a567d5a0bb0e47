import {
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hash,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto'
import { duplexPair } from 'node:stream'
import { Cursor } from '#codec/cursor.ts'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import { Hangup, Malformed } from '#sensor/endings.ts'
import { listeningRecorder, testContext } from '../testing/play.ts'
import { ciphers, macs, type Open, plainOpen, plainSeal, type Seal } from './ciphers.ts'
import { deflating, type Flate, inflating } from './compression.ts'
import ssh from './index.ts'
import { deriveKey } from './kex.ts'
import { kexInit, kexInitTail, type Offer } from './kexinit.ts'
import { Message } from './messages.ts'
import { frame } from './packets.ts'
import { boolean, message, mpint, string } from './wire.ts'

/** What this client offers unless told otherwise: one name a list. */
export const modestOffer: Offer = {
  kex: ['curve25519-sha256'],
  host_key: ['ssh-ed25519'],
  encryption_client_to_server: ['aes128-ctr'],
  encryption_server_to_client: ['aes128-ctr'],
  mac_client_to_server: ['hmac-sha2-256'],
  mac_server_to_client: ['hmac-sha2-256'],
  compression_client_to_server: ['none'],
  compression_server_to_client: ['none'],
  languages_client_to_server: [],
  languages_server_to_client: [],
}
export const offer = (changes: Partial<Offer> = {}): Offer => ({ ...modestOffer, ...changes })
export const both = (cipher: string, mac = 'hmac-sha2-256'): Partial<Offer> => ({
  encryption_client_to_server: [cipher],
  encryption_server_to_client: [cipher],
  mac_client_to_server: [mac],
  mac_server_to_client: [mac],
})

/**
 * The client's side of the transport for tests, recorders and benchmarks: does what it is told, right or wrong. Speaks
 * X25519 with any cipher and MAC.
 */
export class TestClient {
  /** Everything the server said before its first packet. */
  greeting = ''
  /** The last packet read: as it came, and its padding. */
  packetRead: Buffer = Buffer.alloc(0)
  padding: Buffer = Buffer.alloc(0)
  seal: Seal = plainSeal
  open: Open = plainOpen
  sent = 0
  received = 0
  sessionId: Buffer = Buffer.alloc(0)
  deflate: Flate | undefined
  inflate: Flate | undefined
  identification: string
  conn: Conn
  #ourInit: Buffer = Buffer.alloc(0)
  #theirInit: Buffer = Buffer.alloc(0)

  constructor(conn: Conn, identification = 'SSH-2.0-Test_1.0') {
    this.conn = conn
    this.identification = identification
  }

  async identify(): Promise<void> {
    await this.conn.write(`${this.identification}\r\n`)
    this.greeting = (await this.conn.readLine()).toString('latin1')
  }

  /** A payload as a packet of its own. */
  async send(payload: Buffer): Promise<void> {
    await this.conn.write(this.packet(payload))
  }
  packet(payload: Buffer): Buffer {
    const sealed = this.seal.seal(
      this.sent,
      frame(this.deflate ? this.deflate(payload) : payload, this.seal, () => undefined),
    )
    this.sent = (this.sent + 1) >>> 0
    return sealed
  }

  /** The next packet's payload. */
  async receive(): Promise<Buffer> {
    const first = await this.conn.read(this.open.firstBytes)
    const length = this.open.length(this.received, first)
    const rest = await this.conn.read(
      length + (this.open.lengthApart ? 0 : 4 - this.open.firstBytes) + this.open.tagBytes,
    )
    const packet = this.open.open(this.received, first, rest)
    if (!packet) throw new Error('The server sent a packet with a wrong tag')
    this.received = (this.received + 1) >>> 0
    this.packetRead = Buffer.concat([first, rest])
    const padding = packet[0]!
    this.padding = packet.subarray(packet.length - padding)
    const packed = packet.subarray(1, packet.length - padding)
    const payload = this.inflate ? this.inflate(packed) : packed
    if (payload[0] === Message.kexInit) this.#theirInit = payload
    return payload
  }

  async sendKexInit(own: Offer): Promise<void> {
    this.#ourInit = kexInit(randomBytes(16), kexInitTail(own))
    await this.send(this.#ourInit)
  }

  /** From both KEXINITs to new keys both ways. Sends everything in one go, as most clients do not. */
  async exchange(own: Offer): Promise<void> {
    const ours = generateKeyPairSync('x25519')
    const value = Buffer.from(ours.publicKey.export({ format: 'jwk' }).x!, 'base64url')
    await this.send(message(Message.kexClientValue, string(value)))
    let payload: Buffer
    do payload = await this.receive()
    while (payload[0] !== Message.kexServerValue)
    const reply = new Cursor(payload.subarray(1))
    const [hostKey, theirs] = [reply.lp32(), reply.lp32()]
    const theirKey = { kty: 'OKP', crv: 'X25519', x: theirs.toString('base64url') }
    const secret = mpint(
      diffieHellman({
        privateKey: ours.privateKey,
        publicKey: createPublicKey({ key: theirKey, format: 'jwk' }),
      }),
    )
    const transcript = [this.identification, this.greeting, this.#ourInit, this.#theirInit, hostKey, value, theirs]
    const exchangeHash = hash('sha256', Buffer.concat([...transcript.map(string), secret]), 'buffer')
    if (this.sessionId.length === 0) this.sessionId = exchangeHash
    await this.send(message(Message.newKeys))
    const derive = (letter: string, bytes: number) =>
      deriveKey('sha256', { secret, exchangeHash, sessionId: this.sessionId }, letter, bytes)
    const side = (cipherName: string, macName: string, letters: string) => {
      const cipher = ciphers.get(cipherName)!
      const mac = cipher.aead ? undefined : macs.get(macName)!
      const [iv, key, macKey] = [...letters] as [string, string, string]
      const keys = {
        iv: derive(iv, cipher.ivBytes),
        key: derive(key, cipher.keyBytes),
        mac: derive(macKey, mac?.keyBytes ?? 0),
      }
      return { cipher, keys, mac }
    }
    const out = side(own.encryption_client_to_server[0]!, own.mac_client_to_server[0]!, 'ACE')
    const back = side(own.encryption_server_to_client[0]!, own.mac_server_to_client[0]!, 'BDF')
    this.seal = out.cipher.seal(out.keys, out.mac)
    if (this.deflate) this.deflate = deflating()
    while ((await this.receive())[0] !== Message.newKeys);
    this.open = back.cipher.open(back.keys, back.mac)
    if (this.inflate) this.inflate = inflating()
    if (own.kex.includes('kex-strict-c-v00@openssh.com')) this.sent = this.received = 0
  }

  /** Identification to new keys. */
  async handshake(own: Offer = modestOffer): Promise<void> {
    await this.identify()
    await this.sendKexInit(own)
    await this.receive()
    await this.exchange(own)
  }

  /** Proves who it is with an Ed25519 key of its own, and reads up to the answer: the message's number. */
  async authenticate(user: string, privateKey: KeyObject): Promise<number> {
    await this.requestService()
    const blob = publicBlob(privateKey)
    const request = [string(user), string('ssh-connection'), string('publickey'), boolean(true), string('ssh-ed25519')]
    const unsigned = message(Message.userauthRequest, ...request, string(blob))
    const signature = sign(null, Buffer.concat([string(this.sessionId), unsigned]), privateKey)
    const signed = Buffer.concat([string('ssh-ed25519'), string(signature)])
    await this.send(Buffer.concat([unsigned, string(signed)]))
    return (await this.receive())[0]!
  }

  /** From here on both directions are compressed. */
  compress(): void {
    this.deflate = deflating()
    this.inflate = inflating()
  }

  async requestService(name = 'ssh-userauth'): Promise<Buffer> {
    await this.send(message(Message.serviceRequest, string(name)))
    return this.receive()
  }
}

/** The blob of a key's public half. */
export const publicBlob = (privateKey: KeyObject): Buffer =>
  Buffer.concat([
    string('ssh-ed25519'),
    string(Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x!, 'base64url')),
  ])

export const userauth = (user: string, method: string, ...fields: Buffer[]): Buffer =>
  message(Message.userauthRequest, string(user), string('ssh-connection'), string(method), ...fields)
export const passwordRequest = (user: string, password: string | Buffer): Buffer =>
  userauth(user, 'password', Buffer.of(0), string(password))

/** A conversation with our service in memory, and what it records. Pauses take no time. */
export function connect({
  identification,
  options = {},
  memory = new Map(),
}: {
  identification?: string
  options?: object
  /** What is kept of the visitor from one conversation to the next. */
  memory?: Map<string, object>
} = {}) {
  const [near, far] = duplexPair()
  const { record, events } = listeningRecorder()
  const cx = testContext(ssh, record, { options, memory })
  if (identification !== undefined) {
    const { software } = cx.persona
    cx.persona = { ...cx.persona, software: { ...software, ssh: { ...software.ssh, identification } } }
  }
  cx.random = randomBytes
  const server = new Conn(far, { ...defaultLimits, ...ssh.limits })
  /** How the conversation ended. */
  const ending = (async () => {
    try {
      await ssh.session!(server, cx)
      return 'done'
    } catch (error) {
      if (error instanceof Hangup) return error.reason
      if (error instanceof Malformed) return `malformed: ${error.message}`
      throw error
    } finally {
      await server.end().catch(() => undefined)
    }
  })()
  return { conn: new Conn(near, { ...defaultLimits, inbox: 1 << 20 }), events, ending, server }
}
