import { hash } from 'node:crypto'
import { Cursor } from '#codec/cursor.ts'
import type { Conn } from '#sensor/conn.ts'
import { Hangup, Malformed } from '#sensor/endings.ts'
import { ciphers, macs, type Open, plainOpen, plainSeal, type Seal } from './ciphers.ts'
import { deflating, type Flate, inflating } from './compression.ts'
import { deriveKey, type KeyExchange, keyExchanges } from './kex.ts'
import { type Agreement, kexInit, negotiate, type Offer, readKexInit } from './kexinit.ts'
import type { Manners } from './manners.ts'
import { lastTransportMessage, Message, protocolError } from './messages.ts'
import { Disconnect, frame, readPayload, withType } from './packets.ts'
import { Traffic } from './rekeying.ts'
import type { Prepared, Server } from './server.ts'
import { message, readEnd, string, uint32 } from './wire.ts'

/** A message as it came: its number, the sequence number of its packet, and a reader behind the number. */
export type Received = { type: number; sequence: number; payload: Buffer; body: Cursor }

export type Setup = {
  conn: Conn
  server: Server
  /** The client's identification without its line end. */
  theirs: string
  random(bytes: number): Buffer
  /** What has gone through already; for tests. */
  traffic?: Traffic
}

const delayed = 'zlib@openssh.com'
const strictClient = 'kex-strict-c-v00@openssh.com'
const strictServer = 'kex-strict-s-v00@openssh.com'

/**
 * The transport layer of SSH (RFC 4253) from the server's side, after the identification strings. One reader calls
 * `receive`; anybody may `send`: packets are sealed in the order of the calls and leave in that order with `flush`.
 */
export class Transport {
  /** The first exchange hash, once there is one. */
  sessionId: Buffer = Buffer.alloc(0)
  /** Blob of the host key that signed the first exchange. */
  hostKeyBlob: Buffer = Buffer.alloc(0)
  /** The client takes signatures of RSA keys with these hashes, as its first offer said. */
  rsaSha2: { sha256: boolean; sha512: boolean } = { sha256: false, sha512: false }
  /** Until then sshd answers a client's KEXINIT with UNIMPLEMENTED, and compresses nothing. */
  #authenticated = false
  #setup: Setup
  readonly #manners: Manners
  #ours: Prepared
  #seal: Seal = plainSeal
  #open: Open = plainOpen
  #sent = 0
  #received = 0
  #out: Buffer[] = []
  #writing: Promise<void> | undefined
  /** The cookie of our KEXINIT while an exchange is under way, from its sending to our NEWKEYS: Latin-1, for its size. */
  #cookie: string | undefined
  /** What may not leave before our NEWKEYS. */
  #held: Buffer[] = []
  #initial = true
  #strict = false
  #skipGuess = false
  #traffic: Traffic
  /** What was agreed on, and what works since the user is known. */
  #compression = { in: 'none', out: 'none' }
  #inflate: Flate | undefined
  #deflate: Flate | undefined
  /** Who waits for the end of an exchange. */
  #waiting: (() => void)[] = []
  #over = false

  constructor(setup: Setup) {
    this.#setup = setup
    this.#manners = setup.server.manners
    this.#traffic = setup.traffic ?? new Traffic()
    this.#ours = setup.server.offerTo(setup.theirs)
  }

  /** The first key exchange. `heard` is called as soon as the client's offer is known. */
  async start(heard: (offer: Offer) => void): Promise<void> {
    if (!this.#cookie) this.#sendKexInit()
    const init = await this.#expect(Message.kexInit)
    await this.#exchange(init, heard)
    this.#initial = false
  }

  /** For who is hasty: the offer, before anything is known of the client but that it is there. */
  begin(): Promise<void> {
    this.#sendKexInit()
    return this.flush()
  }
  /** The client's identification, when it came after that. */
  identified(theirs: string): void {
    this.#setup.theirs = theirs
  }

  /** The next message that is not the transport layer's own business. */
  async receive(): Promise<Received> {
    for (;;) {
      const received = await this.#next()
      const early = !this.#authenticated && !this.#manners.rekeysEarly
      if (received.type !== Message.kexInit || early) return received
      if (!this.#cookie) this.#sendKexInit()
      await this.#exchange(received)
      this.#wake()
    }
  }

  /** Says that the user is known: keys may be exchanged anew from now on, and what was agreed to be compressed is. */
  welcome(): void {
    this.send(message(Message.userauthSuccess))
    this.#authenticated = true
    this.#compress()
  }

  /** Begins a new key exchange; other messages wait until it is over. */
  rekey(): void {
    if (!this.#cookie) this.#sendKexInit()
  }

  /** Seals a payload behind all that was sent before. It leaves with the next `flush`. */
  send(payload: Buffer): void {
    if (isKeyExchange(payload[0]!)) this.#sealNow(payload)
    else {
      if (this.#authenticated && this.#traffic.isMuch(this.#seal.blockBytes, this.#open.blockBytes)) this.rekey()
      if (this.#cookie) this.#held.push(payload)
      else this.#sealNow(payload)
    }
  }

  /**
   * For whoever sends without being asked: done when what was sent is on its way, and nothing is held back for an
   * exchange of keys. Throws when the connection is over.
   */
  async room(): Promise<void> {
    await this.flush()
    while (this.#cookie && !this.#over) await new Promise<void>(resolve => this.#waiting.push(resolve))
    if (this.#over) throw new Hangup('eof')
  }

  /** Nothing more will come or go: whoever waits for room waits in vain. */
  close(): void {
    this.#over = true
    this.#wake()
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  /** Writes what was sent so far; done when all of it is with the peer's kernel or on its way. */
  async flush(): Promise<void> {
    if (this.#out.length > 0) this.#writing ??= this.#drain()
    await this.#writing
  }

  /** The answer to a message that nobody here expects. */
  unimplemented(received: Received): void {
    if (!this.#manners.tolerates(received.type, this.#cookie !== undefined))
      throw new Malformed(`Message ${received.type} out of turn`)
    this.send(message(Message.unimplemented, uint32(received.sequence)))
  }

  /** Says why, as sshd does, and is done. The caller ends the connection. */
  async disconnect(text: string): Promise<void> {
    if (!this.#manners.explains) return
    this.#sealNow(message(Message.disconnect, uint32(protocolError), string(text.slice(0, 1023)), string('')))
    await this.flush()
  }

  async #drain(): Promise<void> {
    try {
      while (this.#out.length > 0) {
        const bytes = this.#out.length === 1 ? this.#out[0]! : Buffer.concat(this.#out)
        this.#out = []
        await this.#setup.conn.write(bytes)
      }
    } finally {
      // Here and not a turn later: what is sent meanwhile would wait for somebody else's flush.
      this.#writing = undefined
    }
  }

  #sealNow(plain: Buffer): void {
    const payload = this.#deflate ? this.#deflate(plain) : plain
    const packet = frame(payload, this.#seal, bytes =>
      this.#seal === plainSeal && !this.#manners.padsWithChance ? undefined : this.#setup.random(bytes),
    )
    this.#traffic.sent(packet.length)
    this.#out.push(this.#seal.seal(this.#sent, packet))
    this.#sent = (this.#sent + 1) >>> 0
  }

  async #next(): Promise<Received> {
    for (;;) {
      const sequence = this.#received
      // Most of a connection's life is spent on this line.
      const first = await this.#setup.conn.read(this.#open.firstBytes)
      let payload: Buffer
      try {
        const packed = await readPayload(
          first,
          n => this.#setup.conn.read(n),
          this.#open,
          sequence,
          this.#manners.packet,
        )
        this.#traffic.received(packed.length)
        payload = withType(this.#inflate && packed.length > 0 ? this.#inflate(packed) : packed, this.#manners.skims)
      } catch (error) {
        if (error instanceof Disconnect) await this.disconnect(error.message)
        throw error
      }
      this.#received = (sequence + 1) >>> 0
      const type = payload[0]!
      const body = new Cursor(payload.subarray(1))
      if (type === Message.disconnect) {
        if (!this.#manners.skims) {
          body.u32be()
          body.lp32()
        }
        throw new Hangup('eof')
      }
      // Strict key exchange: until it is over nothing is handled in passing.
      if (!(this.#initial && this.#strict)) {
        if (type === Message.ignore) continue
        if (this.#manners.skims && (type === Message.debug || type === Message.unimplemented)) continue
        if (type === Message.debug) {
          body.u8()
          body.lp32()
          body.lp32()
          continue
        }
        if (type === Message.unimplemented) {
          body.u32be()
          continue
        }
      }
      return { type, sequence, payload, body }
    }
  }

  /** The next message of a key exchange, when it is `type`; anything else is answered as sshd does. */
  async #expect(type: number): Promise<Received> {
    for (;;) {
      await this.flush()
      const received = await this.#next()
      const { type: came } = received
      if (came !== type && !this.#skipGuess && !this.#manners.tolerates(came, true))
        throw new Malformed(`Message ${came} during key exchange`)
      if (came > lastTransportMessage) throw new Malformed(`Message ${came} during key exchange`)
      if (this.#skipGuess) this.#skipGuess = false
      else if (received.type === type) return received
      else if (this.#initial && this.#strict) {
        const why = `strict KEX violation: unexpected packet type ${received.type} (seqnr ${received.sequence})`
        await this.disconnect(why)
        throw new Malformed(why)
      } else this.unimplemented(received)
    }
  }

  #sendKexInit(): void {
    const cookie = this.#setup.random(16)
    this.#cookie = cookie.toString('latin1')
    this.#sealNow(kexInit(cookie, this.#ours.tail))
  }

  async #exchange(init: Received, heard?: (offer: Offer) => void): Promise<void> {
    const { offer, guess } = readKexInit(init.body, this.#manners.skims)
    heard?.(offer)
    if (this.#initial) {
      const takes = (name: string) => offer.host_key.includes(name)
      this.rsaSha2 = { sha256: takes('rsa-sha2-256'), sha512: takes('rsa-sha2-512') }
      this.#strict = offer.kex.includes(strictClient) && this.#ours.offer.kex.includes(strictServer)
      if (this.#strict && init.sequence !== 0) {
        const why = 'strict KEX violation: KEXINIT was not the first packet'
        await this.disconnect(why)
        throw new Malformed(why)
      }
    }
    const agreed = negotiate(offer, this.#ours.offer, guess, name => ciphers.get(name)!.aead)
    this.#skipGuess = agreed.skipGuess
    const method = keyExchanges.get(agreed.kex)
    // A client may offer our markers (kex-strict-s…) as if they were methods.
    if (!method) throw new Malformed(`"${agreed.kex}" is no key exchange method`)

    const { secret, hashed, reply, replyType } = await method.run({
      expect: async type => (await this.#expect(type)).body,
      send: payload => this.send(payload),
      random: this.#setup.random,
    })
    const { server, theirs } = this.#setup
    const hostKey = server.hostKeys.get(agreed.hostKey)!
    const ourInit = kexInit(Buffer.from(this.#cookie!, 'latin1'), this.#ours.tail)
    // RFC 4253 §8.
    const transcript = [theirs, server.identification, init.payload, ourInit, hostKey.blob].map(string)
    const exchangeHash = hash(method.hash, Buffer.concat([...transcript, hashed, secret]), 'buffer')
    if (this.#initial) {
      this.sessionId = exchangeHash
      this.hostKeyBlob = hostKey.blob
    }
    this.send(message(replyType, string(hostKey.blob), reply, string(hostKey.sign(exchangeHash))))
    this.send(message(Message.newKeys))
    const next = newKeys(method.hash, { secret, exchangeHash, sessionId: this.sessionId }, agreed)
    this.#seal = next.seal
    this.#compression = { in: agreed.clientToServer.compression, out: agreed.serverToClient.compression }
    this.#traffic.renewOut()
    this.#deflate = undefined
    if (this.#authenticated) this.#compress('out')
    if (this.#strict) this.#sent = 0
    this.#cookie = undefined
    if (this.#initial && offer.kex.includes('ext-info-c')) this.#sendExtensions()
    for (const payload of this.#held.splice(0)) this.send(payload)

    const { body } = await this.#expect(Message.newKeys)
    if (!this.#manners.skims) readEnd(body)
    this.#open = next.open
    this.#traffic.renewIn()
    this.#inflate = undefined
    if (this.#authenticated) this.#compress('in')
    if (this.#strict) this.#received = 0
  }

  /** New streams for what is to be compressed: each set of keys begins anew. */
  #compress(way?: 'in' | 'out'): void {
    if (way !== 'out' && this.#compression.in === delayed) this.#inflate = inflating()
    if (way !== 'in' && this.#compression.out === delayed) this.#deflate = deflating()
  }

  #sendExtensions(): void {
    const { extensions } = this.#setup.server.release
    this.send(
      message(
        Message.extInfo,
        uint32(extensions.length),
        ...extensions.flatMap(([name, value]) => [string(name), string(value)]),
      ),
    )
  }
}

/** Messages that may be sent while an exchange is under way (RFC 4253 §7.1). */
const isKeyExchange = (type: number): boolean =>
  type <= lastTransportMessage &&
  type !== Message.serviceRequest &&
  type !== Message.serviceAccept &&
  type !== Message.extInfo

function newKeys(
  hashName: KeyExchange['hash'],
  shared: { secret: Buffer; exchangeHash: Buffer; sessionId: Buffer },
  { clientToServer, serverToClient }: Agreement,
): { seal: Seal; open: Open } {
  const prepare = (way: Agreement['clientToServer'], [ivLetter, keyLetter, macLetter]: [string, string, string]) => {
    const cipher = ciphers.get(way.cipher)!
    const mac = way.mac === undefined ? undefined : macs.get(way.mac)!
    const derive = (letter: string, bytes: number) => deriveKey(hashName, shared, letter, bytes)
    const keys = {
      iv: derive(ivLetter, cipher.ivBytes),
      key: derive(keyLetter, cipher.keyBytes),
      mac: derive(macLetter, mac?.keyBytes ?? 0),
    }
    return { cipher, keys, mac }
  }
  const incoming = prepare(clientToServer, ['A', 'C', 'E'])
  const outgoing = prepare(serverToClient, ['B', 'D', 'F'])
  return {
    open: incoming.cipher.open(incoming.keys, incoming.mac),
    seal: outgoing.cipher.seal(outgoing.keys, outgoing.mac),
  }
}
