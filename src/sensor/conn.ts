import type { Duplex } from 'node:stream'
import type { Budget } from './budget.ts'
import { Hangup, Malformed, type Reason } from './endings.ts'

/** Seconds and bytes that bound one conversation. */
export type Limits = {
  /** Seconds without a byte from the peer while we wait for one. */
  idle: number
  /** Seconds that a peer may leave our answer in its buffers. */
  stalled: number
  /** Seconds that a whole conversation may last. */
  lifetime: number
  /** Bytes held before they are read; the largest frame a service can ask for. */
  inbox: number
  /** Bytes the peer may send in all. */
  total: number
}
export const defaultLimits: Limits = { idle: 60, stalled: 30, lifetime: 3600, inbox: 64 << 10, total: 16 << 20 }

/** What must be true before an answer leaves: the events recorded so far are durable. `undefined`: they are already. */
export type Gate = () => Promise<void> | undefined

const EMPTY = Buffer.alloc(0)
/** Milliseconds between our last byte and the end of our patience. */
const LINGER = 5_000
const open: Gate = () => undefined

/**
 * One peer, read as a story: `await` what comes next, `write` the answer. Every read is bounded in bytes and time. One
 * reader and any number of writers may wait at once, so a full-duplex protocol runs a read loop beside its pushes.
 * Works over any `Duplex`: a socket, TLS, or `stream.duplexPair()` in tests.
 */
export class Conn {
  received = 0
  sent = 0
  limits: Limits
  /** Seconds to wait for the next bytes: `limits.idle` until a service knows better (HTTP keep-alive). */
  patience: number
  /** Seconds that the whole conversation may last: `limits.lifetime` until a service knows better (a log-in). */
  lifetime: number
  #wire: Duplex
  #gate: Gate
  #now: () => number
  #inbox: Buffer = EMPTY
  #start = 0
  #end = 0
  #bornAt: number
  #readSince = 0
  #blockedSince = 0
  #endedAt = 0
  #readsOver: Hangup | undefined
  #over: Hangup | undefined
  #reader: (() => void) | undefined
  #giveUp: ((why: Hangup) => void) | undefined
  #writers: (() => void)[] | undefined
  #sleepers: Set<() => void> | undefined
  #budget: Budget | undefined
  #weight = 0
  #unsent = 0
  #handlers: { data: (chunk: Buffer) => void; end: () => void; error: () => void; close: () => void; drain: () => void }

  constructor(
    wire: Duplex,
    limits: Limits = defaultLimits,
    gate: Gate = open,
    now: () => number = Date.now,
    budget?: Budget,
  ) {
    this.#budget = budget
    this.limits = limits
    this.patience = limits.idle
    this.lifetime = limits.lifetime
    this.#gate = gate
    this.#now = now
    this.#bornAt = now()
    this.#handlers = {
      data: chunk => this.#receive(chunk),
      end: () => this.#finishReading('eof'),
      error: () => this.hangup('reset'),
      close: () => this.hangup('eof'),
      drain: () => this.#drained(),
    }
    this.#wire = wire
    this.#attach()
    // It told of its end before anybody listened.
    if (wire.destroyed) this.hangup('reset')
  }

  /** Bytes that arrived and were not read yet. */
  get held(): number {
    return this.#end - this.#start
  }
  /** Why the conversation is over, once it is. */
  get over(): Reason | undefined {
    return this.#over?.reason
  }
  /** Bytes of this conversation in memory: unread, unsent, and what its service said that it keeps. */
  get weight(): number {
    return this.#weight
  }
  /** Milliseconds that the peer has let us wait for its next byte, or for room to send ours. */
  get silence(): number {
    const since = this.#endedAt || this.#readSince || this.#blockedSince
    return since ? this.#now() - since : 0
  }
  /** Another service's limits from here on: it was found out only now who is asked for. */
  under(limits: Limits): void {
    this.limits = limits
    this.patience = limits.idle
    this.lifetime = limits.lifetime
  }
  /** A service holds `bytes` more of what it read (fewer when negative) beyond the next call: they count as ours. */
  keep(bytes: number): void {
    this.#weigh(bytes)
  }

  /** Exactly `n` bytes; a view that is never moved or overwritten. */
  async read(n: number): Promise<Buffer> {
    if (n > this.limits.inbox) throw new Malformed(`Cannot read ${n} bytes: over the ${this.limits.inbox} byte cap`)
    while (this.held < n) await this.#more()
    return this.#take(n)
  }

  /** Up to and including `mark`. */
  async readUntil(mark: string, max = 4096): Promise<Buffer> {
    for (let from = 0; ; ) {
      const view = this.#inbox.subarray(this.#start, this.#end)
      const at = view.indexOf(mark, from, 'latin1')
      if (at >= 0 && at <= max) return this.#take(at + mark.length)
      if (at > max || view.length > max + mark.length)
        throw new Malformed(`No ${JSON.stringify(mark)} within ${max} bytes`)
      from = Math.max(0, view.length - mark.length + 1)
      await this.#more()
    }
  }

  /** A line without its LF or CRLF, as bytes (`text()` makes them printable). */
  async readLine(max = 4096): Promise<Buffer> {
    const line = await this.readUntil('\n', max)
    const end = line.length - (line.at(-2) === 13 ? 2 : 1)
    return line.subarray(0, end)
  }

  /** Whatever has come, at least one byte, at most `max`. */
  async readSome(max = 64 << 10): Promise<Buffer> {
    while (this.held === 0) await this.#more()
    return this.#take(Math.min(this.held, max))
  }

  /** The first `n` bytes without taking them; fewer when the peer stops sending before. */
  async peek(n: number): Promise<Buffer> {
    while (this.held < n && !this.#readsOver) await this.#more()
    return this.#inbox.subarray(this.#start, Math.min(this.#end, this.#start + n))
  }

  /**
   * Whatever is there, up to `most` bytes, once it is `n` of them or `seconds` have passed: for peers who may be waiting for
   * us to speak. Takes none.
   */
  async glance(n: number, seconds: number, most = n): Promise<Buffer> {
    if (this.held < n && !this.#readsOver) await this.#awaitFor(n, seconds)
    return this.#inbox.subarray(this.#start, Math.min(this.#end, this.#start + most))
  }
  async #awaitFor(n: number, seconds: number): Promise<void> {
    let late = false
    const timer = setTimeout(() => {
      late = true
      this.#wake()
    }, seconds * 1000)
    try {
      while (this.held < n && !this.#readsOver && !late) await this.#more()
    } finally {
      clearTimeout(timer)
    }
  }

  /** Sends once everything recorded before is durable; waits while the peer is slow. A string is sent as Latin-1. */
  async write(bytes: Buffer | string): Promise<void> {
    const durable = this.#gate()
    if (durable) await durable
    if (this.#over) throw this.#over
    this.sent += bytes.length
    if (this.#wire.write(bytes, 'latin1')) return
    this.#owe(this.#wire.writableLength)
    if (this.#over) throw this.#over
    this.#blockedSince ||= this.#now()
    await new Promise<void>(resolve => {
      this.#writers ??= []
      this.#writers.push(resolve)
    })
    if (this.#over) throw this.#over
  }

  /** Seconds pass; throws when the conversation ends meanwhile. */
  async pause(seconds: number): Promise<void> {
    if (this.#over) throw this.#over
    this.#sleepers ??= new Set()
    const sleepers = this.#sleepers
    await new Promise<void>(resolve => {
      const wake = () => {
        clearTimeout(timer)
        sleepers.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, seconds * 1000)
      sleepers.add(wake)
    })
    if (this.#over) throw this.#over
  }

  /**
   * Our side is over: closes once all is sent, and waits a moment for the peer to do so too, since a socket closed over
   * unread bytes would reset away the last answer.
   */
  async end(): Promise<void> {
    const durable = this.#gate()
    if (durable) await durable
    this.#endedAt = this.#now()
    this.#forget()
    this.#wire.end()
    this.#wire.resume()
  }

  /** Breaks off; `reason` is what every waiting and later call throws. */
  hangup(reason: Reason): Hangup {
    this.#over ??= new Hangup(reason)
    if (reason === 'flooded') this.#forget()
    this.#finishReading(reason)
    this.#drained()
    if (this.#sleepers) for (const wake of [...this.#sleepers]) wake()
    this.#weigh(-this.#weight)
    this.#budget = undefined
    this.#wire.destroy()
    return this.#over
  }

  /** What the sweep asks once a second: did a deadline pass? */
  expire(now: number): void {
    const { stalled } = this.limits
    if (this.#endedAt && now - this.#endedAt > LINGER) this.hangup('done')
    else if (this.#readSince && now - this.#readSince > this.patience * 1000) this.#tire()
    else if (this.#blockedSince && now - this.#blockedSince > stalled * 1000) this.hangup('stalled')
    else if (now - this.#bornAt > this.lifetime * 1000) this.hangup('lifetime')
  }

  // Fails the waiting read and no more, so that a service can say what its product says to the silent; a stalled
  // handshake, where nobody reads, is cut.
  #tire() {
    const giveUp = this.#giveUp
    if (!giveUp) return void this.hangup('idle')
    this.#readSince = 0
    this.#reader = this.#giveUp = undefined
    giveUp(new Hangup('idle'))
  }

  /**
   * Goes on over another stream that `upgrade` makes from this one (TLS). Bytes that arrived and were not read are the
   * new layer's first input. Like any answer, the new layer's waits until what was recorded is durable.
   */
  async replaceWire(upgrade: (wire: Duplex) => Promise<Duplex>): Promise<void> {
    const durable = this.#gate()
    if (durable) await durable
    if (this.#over) throw this.#over
    const old = this.#wire
    this.#detach()
    old.pause()
    if (this.held > 0) old.unshift(Buffer.from(this.#inbox.subarray(this.#start, this.#end)))
    this.#forget()
    const broken = () => this.hangup('reset')
    old.once('close', broken)
    old.on('error', broken)
    this.#readSince = this.#now()
    try {
      this.#wire = await upgrade(old)
    } catch (error) {
      // Nothing can be said any more to a peer with whom the layer failed.
      const over = this.#over
      this.hangup('reset')
      throw over ?? error
    } finally {
      old.removeListener('close', broken)
      this.#readSince = 0
    }
    this.#attach()
  }

  #attach() {
    for (const [event, handler] of Object.entries(this.#handlers)) this.#wire.on(event, handler)
  }
  #detach() {
    for (const [event, handler] of Object.entries(this.#handlers)) this.#wire.removeListener(event, handler)
  }
  // A half-close ends reading only: `printf … | nc` still deserves its answers.
  #finishReading(reason: Reason) {
    this.#readsOver ??= new Hangup(reason)
    this.#wake()
  }
  #receive(chunk: Buffer) {
    this.received += chunk.length
    if (this.#endedAt) return
    if (this.received > this.limits.total) return void this.hangup('flooded')
    this.#append(chunk)
    this.#weigh(chunk.length)
    if (this.held > this.limits.inbox) this.#wire.pause()
    this.#wake()
  }
  // Never moves bytes already handed out: `#take` returns views.
  #append(chunk: Buffer) {
    if (this.held === 0) {
      this.#inbox = chunk
      this.#start = 0
      this.#end = chunk.length
      return
    }
    if (this.#end + chunk.length > this.#inbox.length || !this.#owned) {
      const grown = Buffer.allocUnsafeSlow(Math.max(256, 2 * (this.held + chunk.length)))
      this.#inbox.copy(grown, 0, this.#start, this.#end)
      this.#end = this.held
      this.#start = 0
      this.#inbox = grown
      this.#owned = true
    }
    this.#inbox.set(chunk, this.#end)
    this.#end += chunk.length
  }
  #owned = false
  #take(n: number): Buffer {
    this.#weigh(-n)
    const taken = this.#inbox.subarray(this.#start, this.#start + n)
    this.#start += n
    if (this.held === 0) {
      this.#inbox = EMPTY
      this.#start = this.#end = 0
      this.#owned = false
    }
    return taken
  }
  #more(): Promise<void> {
    if (this.#readsOver) throw this.#readsOver
    if (this.#wire.isPaused()) this.#wire.resume()
    this.#readSince = this.#now()
    return new Promise((resolve, reject) => {
      this.#reader = resolve
      this.#giveUp = reject
    })
  }
  #wake() {
    this.#readSince = 0
    const reader = this.#reader
    this.#reader = this.#giveUp = undefined
    reader?.()
  }
  /** Drops what was not read. */
  #forget() {
    this.#weigh(-this.held)
    this.#inbox = EMPTY
    this.#start = this.#end = 0
    this.#owned = false
  }
  #owe(bytes: number) {
    const more = bytes - this.#unsent
    this.#unsent = bytes
    this.#weigh(more)
  }
  #weigh(bytes: number) {
    if (bytes === 0 || !this.#budget) return
    this.#weight += bytes
    this.#budget.weigh(this, bytes)
  }
  #drained() {
    this.#blockedSince = 0
    this.#owe(0)
    const writers = this.#writers
    this.#writers = undefined
    if (writers) for (const writer of writers) writer()
  }
}
