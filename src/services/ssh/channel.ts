import { Broken } from '#machine/system.ts'
import type { Conn } from '#sensor/conn.ts'
import { Hangup } from '#sensor/endings.ts'
import { type Flow, flowOpenssh } from './manners.ts'
import { Message } from './messages.ts'
import type { Transport } from './transport.ts'
import { boolean, message, string, uint32 } from './wire.ts'

export const packetMax = flowOpenssh.packet
export const windowMax = flowOpenssh.window
/** Bytes that a pipe between a program and its reader holds. */
const pipeMax = 64 << 10

/** What the client said when it opened a channel: its number, its window and its largest packet. */
export type Opening = { remote: number; window: number; most: number }
/** `flow`: OpenSSH's where it is not said. */
export type Link = { transport: Transport; conn: Conn; flow?: Flow }

/**
 * One channel (RFC 4254 §5), from the side of sshd: bytes each way, as many as the other side has room for. Whoever
 * writes waits for that room, and what was read makes new room for the client.
 */
export class Channel {
  readonly id: number
  readonly remote: number
  /** Both sides have closed it: its number is free. */
  gone = false
  closeReceived = false
  #link: Link
  #closeSent = false
  #eofSent = false
  /** Room at the client. */
  #window: number
  #most: number
  /** Room here: none until a program is there to read. */
  #room: number
  #excess = 0
  #consumed = 0
  #queue: Buffer[] = []
  #queued = 0
  #started: boolean
  #eof = false
  #forgotten = false
  #lost = false
  /** Nobody here reads any more: what comes is dropped. */
  #deaf = false
  #reader: (() => void) | undefined
  /** What was written and did not leave yet, each piece as standard output or as standard error. */
  #outbox: { bytes: Buffer; extended: boolean }[] = []
  #unsent = 0
  #pumping = false
  /** Who waits for room in it, or for its end. */
  #waiting: (() => void)[] = []
  /** The client widened its window, or went. */
  #widened: (() => void) | undefined

  /** `started`: both ends are there from the beginning, as of a tunnel. */
  constructor(link: Link, id: number, { remote, window, most }: Opening, started: boolean) {
    this.#link = link
    this.id = id
    this.remote = remote
    this.#window = window
    this.#most = most
    this.#started = started
    const { eager, window: room } = this.#flow
    this.#room = started || eager ? room : 0
  }

  get #flow(): Flow {
    return this.#link.flow ?? flowOpenssh
  }
  /** The client has said that it sends no more. */
  get eof(): boolean {
    return this.#eof
  }
  get started(): boolean {
    return this.#started
  }
  /** The client takes no more, whatever is written. */
  get broken(): boolean {
    return this.closeReceived || this.#closeSent
  }

  confirm(): void {
    const { transport } = this.#link
    transport.send(
      message(
        Message.channelOpenConfirmation,
        uint32(this.remote),
        uint32(this.id),
        uint32(this.#room),
        uint32(this.#flow.packet),
      ),
    )
  }

  /** A program is there to read: gives the client its window. */
  start(): void {
    this.#started = true
    const { eager, window } = this.#flow
    if (eager) return
    this.#room = window
    this.#adjust(window)
  }

  /** `CHANNEL_DATA` came. The text of sshd's disconnect when the client goes over its window by far. */
  take(data: Buffer): string | undefined {
    if (data.length > packetMax) return undefined
    if (data.length > this.#room) {
      this.#excess += data.length - this.#room
      this.#room = 0
      // A tenth is let pass (channels.c, channel_input_data).
      if (this.#excess > windowMax / 10) return `channel ${this.id}: peer ignored channel window`
    } else {
      this.#room -= data.length
      this.#excess = 0
    }
    if (data.length === 0) return undefined
    if (this.#deaf) this.#read(data.length)
    else {
      this.#queue.push(data)
      this.#queued += data.length
      this.#link.conn.keep(data.length)
      this.#wakeReader()
    }
    return undefined
  }
  /** `CHANNEL_EOF` came. When nobody is there to read yet, sshd forgets to tell whoever comes. */
  finish(): void {
    this.#eof = true
    if (!this.#started) this.#forgotten = true
    this.#wakeReader()
  }
  /** `CHANNEL_WINDOW_ADJUST` came. False: over 2^32, which sshd ends the connection for. */
  widen(bytes: number): boolean {
    if (this.#window + bytes > 0xffffffff) return false
    this.#window += bytes
    this.#wakeWriters()
    return true
  }
  /** The connection is gone: nothing more comes, and what is written goes nowhere. */
  lose(): void {
    this.#lost = true
    this.closed()
  }
  /** `CHANNEL_CLOSE` came. */
  closed(): void {
    this.closeReceived = true
    this.#eof = true
    this.deafen()
    this.#wakeWriters()
    if (this.#closeSent) this.gone = true
  }

  /** What the client sent next; `undefined` when no more comes. One reader at a time. */
  async read(max = windowMax): Promise<Buffer | undefined> {
    while (this.#queue.length === 0) {
      if ((this.#eof && !this.#forgotten) || this.#deaf) return undefined
      await new Promise<void>(resolve => {
        this.#reader = resolve
      })
    }
    const first = this.#queue[0]!
    const data = first.subarray(0, max)
    if (data.length === first.length) this.#queue.shift()
    else this.#queue[0] = first.subarray(data.length)
    this.#queued -= data.length
    this.#link.conn.keep(-data.length)
    this.#read(data.length)
    return data
  }
  /** Nobody reads what still comes. */
  deafen(): void {
    this.#deaf = true
    if (this.#queued > 0) {
      this.#link.conn.keep(-this.#queued)
      this.#read(this.#queued)
    }
    this.#queue = []
    this.#queued = 0
    this.#wakeReader()
  }

  /**
   * Sends as standard output, or as standard error; waits while more than a pipe holds has not left. Throws `Broken` when
   * nobody takes it.
   */
  async write(data: Buffer | string, extended = false): Promise<void> {
    if (this.#lost) return
    if (this.broken || this.#eofSent) throw new Broken()
    const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data
    if (bytes.length === 0) return
    this.#outbox.push({ bytes, extended })
    this.#unsent += bytes.length
    void this.#pump()
    while (this.#unsent > pipeMax && !this.broken) await this.#wait()
    if (this.broken && !this.#lost) throw new Broken()
  }
  /** Everything written has left, or never will. */
  async drained(): Promise<void> {
    while (this.#unsent > 0 && !this.broken) await this.#wait()
  }
  /** Everything written has left, or waits for the client to make room for it. */
  async offered(): Promise<void> {
    while (this.#unsent > 0 && !this.#widened && !this.broken) await this.#wait()
  }
  /** Something written waits for the client to take it. */
  get full(): boolean {
    return this.#unsent > 0
  }

  #wait(): Promise<void> {
    return new Promise(resolve => this.#waiting.push(resolve))
  }
  async #pump(): Promise<void> {
    if (this.#pumping) return
    this.#pumping = true
    try {
      // What is written in one turn goes out in one packet, as from a pipe that is read when there is time.
      await new Promise(setImmediate)
      while (this.#outbox.length > 0 && !this.broken) {
        const room = Math.min(this.#window, this.#most, this.#flow.data)
        if (room > 0) this.#link.transport.send(this.#packet(room))
        if (room > 0) await this.#link.transport.room()
        else {
          const widened = new Promise<void>(resolve => {
            this.#widened = resolve
          })
          this.#wake()
          await widened
        }
        this.#wake()
      }
    } catch (error) {
      // The conversation's own reader learns how it ended.
      if (!(error instanceof Hangup)) throw error
      this.#lost = this.closeReceived = true
    } finally {
      this.#pumping = false
      if (this.broken) this.#outbox = []
      this.#wake()
    }
  }
  /** The next message of at most `room` bytes of data. */
  #packet(room: number): Buffer {
    const { extended } = this.#outbox[0]!
    const pieces: Buffer[] = []
    let size = 0
    while (size < room && this.#outbox[0]?.extended === extended) {
      const first = this.#outbox[0]
      const piece = first.bytes.subarray(0, room - size)
      pieces.push(piece)
      size += piece.length
      if (piece.length === first.bytes.length) this.#outbox.shift()
      else first.bytes = first.bytes.subarray(piece.length)
    }
    this.#unsent -= size
    this.#window -= size
    return dataMessage(this.remote, pieces, size, extended)
  }
  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
  #wakeWriters(): void {
    const wake = this.#widened
    this.#widened = undefined
    wake?.()
    if (this.broken) this.#wake()
  }

  request(type: string, ...fields: Buffer[]): void {
    if (this.#closeSent || this.#lost) return
    const { transport } = this.#link
    transport.send(message(Message.channelRequest, uint32(this.remote), string(type), boolean(false), ...fields))
  }
  sendEof(): void {
    if (this.#eofSent || this.broken) return
    this.#eofSent = true
    this.#link.transport.send(message(Message.channelEof, uint32(this.remote)))
  }
  sendClose(): void {
    if (this.#closeSent) return
    this.#closeSent = true
    if (!this.#lost) this.#link.transport.send(message(Message.channelClose, uint32(this.remote)))
    this.deafen()
    this.#wakeWriters()
    if (this.closeReceived) this.gone = true
  }

  /** Makes room for what was read, when there is enough of it to tell (channels.c, channel_check_window). */
  #read(bytes: number): void {
    this.#consumed += bytes
    if (this.broken || this.#eof) return
    const { eager, window } = this.#flow
    if (eager ? this.#consumed < window / 3 : window - this.#room <= 3 * packetMax && this.#room >= window / 2) return
    this.#room += this.#consumed
    this.#adjust(this.#consumed)
    this.#consumed = 0
  }
  #adjust(bytes: number): void {
    const { transport } = this.#link
    transport.send(message(Message.channelWindowAdjust, uint32(this.remote), uint32(bytes)))
    void transport.flush().catch(() => undefined)
  }
  #wakeReader(): void {
    const wake = this.#reader
    this.#reader = undefined
    wake?.()
  }
}

/** CHANNEL_DATA, or CHANNEL_EXTENDED_DATA of standard error, in one piece: most messages are these. */
function dataMessage(remote: number, pieces: Buffer[], size: number, extended: boolean): Buffer {
  const head = extended ? 13 : 9
  const payload = Buffer.allocUnsafe(head + size)
  payload[0] = extended ? Message.channelExtendedData : Message.channelData
  payload.writeUInt32BE(remote, 1)
  if (extended) payload.writeUInt32BE(1, 5)
  payload.writeUInt32BE(size, head - 4)
  let at = head
  for (const piece of pieces) {
    payload.set(piece, at)
    at += piece.length
  }
  return payload
}
