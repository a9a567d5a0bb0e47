import { Duplex } from 'node:stream'
import type { Conn } from '#sensor/conn.ts'
import type { TcpContext } from '#sensor/service.ts'
import { packetType, type Wire, wrapped } from './wire.ts'

/** Types of TLS records: change cipher spec, alert, handshake, application data. No TDS packet has these. */
const isRecord = (byte: number) => byte >= 20 && byte <= 23
const DATA = 23
const TDS_HEADER = 8
const TLS_HEADER = 5
/** Bytes of a TLS handshake that are held while a packet or record is incomplete. */
const HELD = 64 << 10

/**
 * TLS as TDS 7 has it (MS-TDS 3.2.5.1, "TLS/SSL negotiation"): the handshake goes inside of PRELOGIN packets, then records follow
 * each other bare; and where encryption is for the log-in alone, plain TDS packets come after those.
 */
class Envelope extends Duplex {
  readonly #raw: Duplex
  #held: Buffer = Buffer.alloc(0)
  /** Bytes of the TDS packet at hand that are TLS. */
  #inside = 0
  #bare = false
  #released = false
  #plain: (() => void) | undefined
  /** Settles when something comes that is no TLS any more. */
  readonly plain: Promise<void>

  constructor(raw: Duplex) {
    super()
    this.#raw = raw
    this.plain = new Promise(resolve => {
      this.#plain = resolve
    })
    raw.on('data', this.#take)
    raw.on('end', this.#ended)
    raw.on('close', this.#closed)
    raw.on('drain', this.#drained)
    raw.on('error', this.#closed)
  }
  #take = (chunk: Buffer) => {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    this.#unwrap()
    if (this.#held.length > HELD) this.#raw.pause()
  }
  #ended = () => void this.push(null)
  #closed = () => void this.destroy()
  #waiting: (() => void) | undefined
  #drained = () => {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.()
  }

  #unwrap() {
    for (;;) {
      const held = this.#held
      const [first] = held
      if (first === undefined) return
      if (this.#inside > 0) this.#inside -= this.#give(Math.min(held.length, this.#inside))
      else if (!this.#bare && first === packetType.prelogin) {
        if (held.length < TDS_HEADER) return
        this.#inside = Math.max(0, held.readUInt16BE(2) - TDS_HEADER)
        this.#held = held.subarray(TDS_HEADER)
      } else if (isRecord(first)) {
        if (held.length < TLS_HEADER) return
        const length = TLS_HEADER + held.readUInt16BE(3)
        this.#bare = true
        if (held.length < length && held.length < HELD) return
        this.#give(Math.min(held.length, length))
      } else {
        this.#raw.pause()
        this.#plain?.()
        return
      }
    }
  }
  #give(count: number): number {
    this.push(this.#held.subarray(0, count))
    this.#held = this.#held.subarray(count)
    return count
  }

  override _read() {
    if (!this.#released && this.#held.length <= HELD && this.#raw.isPaused() && !this.#released) this.#raw.resume()
  }
  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void) {
    // The handshake's own records are wrapped; the first record with data begins what is bare.
    if (chunk[0] === DATA) this.#bare = true
    if (this.#raw.write(this.#bare ? chunk : wrapped(chunk))) done()
    else this.#waiting = () => done()
  }
  override _final(done: () => void) {
    if (!this.#released) this.#raw.end()
    done()
  }
  override _destroy(error: Error | null, done: (error: Error | null) => void) {
    this.#waiting = undefined
    if (!this.#released) this.#raw.destroy()
    done(error)
  }

  /** Gives the stream below back, with what came on it after the last record. */
  release(): Duplex {
    this.#released = true
    const raw = this.#raw
    raw.pause()
    raw.off('data', this.#take)
    raw.off('end', this.#ended)
    raw.off('close', this.#closed)
    raw.off('drain', this.#drained)
    raw.off('error', this.#closed)
    if (this.#held.length > 0) raw.unshift(this.#held)
    return raw
  }
}

/** The server's half of the handshake; ends when the client's log-in may come. The way back to plain TDS is returned. */
export async function seal(wire: Wire, cx: Pick<TcpContext<unknown>, 'startTls'>): Promise<Seal> {
  const { conn } = wire
  let envelope: Envelope | undefined
  await conn.replaceWire(async raw => {
    envelope = new Envelope(raw)
    return envelope
  })
  await cx.startTls()
  return sealOf(conn, envelope!)
}

export type Seal = {
  /** TLS is over: what comes next is plain. */
  lift(): Promise<void>
  /** After a packet that was not the last of its message: is the rest plain already? Then TLS is over. */
  between(): Promise<void>
}

function sealOf(conn: Conn, envelope: Envelope): Seal {
  let lifted = false
  const lift = async () => {
    if (lifted) return
    lifted = true
    await conn.replaceWire(async secure => {
      const raw = envelope.release()
      // Whoever still holds the layer must not write into what is plain from now on.
      secure.on('error', () => {})
      secure.destroy()
      return raw
    })
  }
  return {
    lift,
    async between() {
      if (lifted || conn.held > 0) return
      const more = conn.peek(1)
      if ((await Promise.race([more.then(() => 'sealed'), envelope.plain.then(() => 'plain')])) === 'plain')
        await lift()
      await more
    },
  }
}
