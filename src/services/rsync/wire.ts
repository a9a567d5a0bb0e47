import { Malformed } from '#codec/malformed.ts'
import type { Conn } from '#sensor/conn.ts'

/** io.c: what a frame of the multiplexed stream carries; its header has 7 more. */
export const Message = { Data: 0, ErrorXfer: 1, Info: 2, Error: 3, ErrorExit: 86 } as const
const BASE = 7

/** io.c: numbers of files that mean something else. */
export const DONE = -1
export const FLIST_EOF = -2
const FLIST_OFFSET = -101

/** The client says that it has given up (MSG_ERROR_EXIT); an end like any other. */
export class GivenUp extends Error {}

/** Bytes taken from the socket at once. */
const SLICE = 32 << 10

/**
 * Both directions of a conversation once its module is chosen (io.c): little-endian numbers, first bare and then in frames
 * of a 24-bit length and a tag. What is written waits until something is read, or until it is pushed.
 */
export class Wire {
  /** Bytes each way since frames began, as rsync's statistics count them. */
  received = 0
  sent = 0
  #conn: Conn
  #framed = false
  #left = 0
  #out: Buffer[] = []
  #held = 0
  #written = { positive: -1, negative: 1 }
  #seen = { positive: -1, negative: 1 }

  constructor(conn: Conn) {
    this.#conn = conn
  }

  /** From here on, both sides speak in frames. */
  async frame(): Promise<void> {
    await this.push()
    this.#framed = true
  }

  /** Bytes that wait. */
  get held(): number {
    return this.#held
  }
  async push(): Promise<void> {
    if (this.#held === 0) return
    const data = Buffer.concat(this.#out)
    this.#out = []
    this.#held = 0
    if (!this.#framed) return this.#conn.write(data)
    for (let at = 0; at < data.length; at += 0xffff) await this.#frameOf(Message.Data, data.subarray(at, at + 0xffff))
  }
  /** A message beside the data: what the client shows to whoever runs it. */
  async message(code: number, body: Buffer | string): Promise<void> {
    await this.push()
    await this.#frameOf(code, Buffer.from(body as string, 'latin1'))
  }
  async #frameOf(code: number, body: Buffer): Promise<void> {
    const header = Buffer.alloc(4)
    header.writeUInt32LE((((code + BASE) << 24) | body.length) >>> 0)
    this.sent += 4 + body.length
    await this.#conn.write(Buffer.concat([header, body]))
  }

  async read(n: number): Promise<Buffer> {
    if (!this.#framed) {
      await this.push()
      return this.#conn.read(n)
    }
    const pieces: Buffer[] = []
    for (let left = n; left > 0; ) {
      while (this.#left === 0) await this.#header()
      const piece = await this.#conn.read(Math.min(left, this.#left, SLICE))
      this.#left -= piece.length
      left -= piece.length
      pieces.push(piece)
    }
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
  }
  async #header(): Promise<void> {
    // What one frame asked for is answered before the next one is awaited.
    await this.push()
    const header = (await this.#conn.read(4)).readUInt32LE()
    const code = (header >>> 24) - BASE
    const length = header & 0xffffff
    // As rsync reads, whole frames at once.
    this.received += 4 + length
    if (code === Message.Data) this.#left = length
    else if (code === Message.ErrorExit) throw new GivenUp()
    else if (code < 0 || length > SLICE) throw new Malformed(`Message ${code} of ${length} bytes`)
    else await this.#conn.read(length)
  }
  async byte(): Promise<number> {
    return (await this.read(1))[0]!
  }
  async short(): Promise<number> {
    return (await this.read(2)).readUInt16LE()
  }
  async int(): Promise<number> {
    return (await this.read(4)).readInt32LE()
  }
  /** read_varint: how many bytes follow stands in the first one's high bits. */
  async varint(): Promise<number> {
    return Number(BigInt.asIntN(32, await this.#variable(4)))
  }
  /** read_varlong, of at least `least` bytes. */
  async varlong(least: number): Promise<number> {
    const first = await this.read(least)
    return Number(await this.#variable(8, first))
  }
  async #variable(most: number, known?: Buffer): Promise<bigint> {
    const first = known ?? (await this.read(1))
    const head = first[0]!
    // The number of leading ones is that of the bytes beyond the least.
    let extra = 0
    while (extra < 6 && head & (0x80 >> extra)) extra++
    const digits = Buffer.concat([first.subarray(1), extra > 0 ? await this.read(extra) : Buffer.alloc(0)])
    const top = head & ((1 << (7 - extra)) - 1)
    if (digits.length > most || (digits.length === most && top > 0)) throw new Malformed('A number that is too large')
    const all = Buffer.alloc(8)
    digits.copy(all)
    if (digits.length < 8) all[digits.length] = top
    return all.readBigInt64LE() & ((1n << BigInt(8 * Math.min(most, digits.length + 1))) - 1n)
  }
  /** read_vstring: a length of one or two bytes. */
  async vstring(max: number): Promise<string> {
    let length = await this.byte()
    if (length & 0x80) length = (length & 0x7f) * 256 + (await this.byte())
    if (length > max) throw new Malformed(`A text of ${length} bytes`)
    return (await this.read(length)).toString('latin1')
  }
  /** read_ndx: which file, as a difference to the one before. */
  async index(): Promise<number> {
    let first = await this.byte()
    if (first === 0) return DONE
    const kind = first === 0xff ? 'negative' : 'positive'
    if (first === 0xff) first = await this.byte()
    let number = this.#seen[kind] + first
    if (first === 0xfe) {
      const two = await this.read(2)
      if (two[0]! & 0x80) {
        const more = await this.read(2)
        number = ((two[0]! & 0x7f) << 24) | two[1]! | (more[0]! << 8) | (more[1]! << 16)
      } else number = this.#seen[kind] + two.readUInt16BE()
    }
    this.#seen[kind] = number
    return kind === 'negative' ? -number : number
  }

  bytes(bytes: Buffer | string): this {
    const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
    this.#out.push(data)
    this.#held += data.length
    return this
  }
  putByte(value: number): this {
    return this.bytes(Buffer.of(value & 0xff))
  }
  putShort(value: number): this {
    return this.bytes(Buffer.of(value & 0xff, (value >> 8) & 0xff))
  }
  putInt(value: number): this {
    const data = Buffer.alloc(4)
    data.writeInt32LE(value | 0)
    return this.bytes(data)
  }
  putVarint(value: number): this {
    return this.#putVariable(BigInt.asUintN(32, BigInt(value)), 1, 4)
  }
  putVarlong(value: number, least: number): this {
    return this.#putVariable(BigInt.asUintN(64, BigInt(value)), least, 8)
  }
  #putVariable(value: bigint, least: number, most: number): this {
    const digits = Buffer.alloc(9)
    digits.writeBigUInt64LE(value)
    let count = most
    while (count > least && digits[count - 1] === 0) count--
    const bit = 1 << (7 - count + least)
    const top = digits[count - 1]!
    if (top >= bit) return this.putByte(~(bit - 1)).bytes(digits.subarray(0, count))
    return this.putByte(count > least ? top | ~(bit * 2 - 1) : top).bytes(digits.subarray(0, count - 1))
  }
  putVstring(text: string): this {
    if (text.length > 0x7f) this.putByte(0x80 | (text.length >> 8))
    return this.putByte(text.length).bytes(text)
  }
  putIndex(value: number): this {
    if (value === DONE) return this.putByte(0)
    const kind = value < 0 ? 'negative' : 'positive'
    const number = Math.abs(value)
    const difference = number - this.#written[kind]
    this.#written[kind] = number
    if (value < 0) this.putByte(0xff)
    if (difference > 0 && difference < 0xfe) return this.putByte(difference)
    if (difference < 0 || difference > 0x7fff)
      return this.bytes(
        Buffer.of(0xfe, (number >> 24) | 0x80, number & 0xff, (number >> 8) & 0xff, (number >> 16) & 0xff),
      )
    return this.bytes(Buffer.of(0xfe, difference >> 8, difference & 0xff))
  }
  /** Announces the list of the directory with this number (NDX_FLIST_OFFSET). */
  putDirectory(number: number): this {
    return this.putIndex(FLIST_OFFSET - number)
  }
}
