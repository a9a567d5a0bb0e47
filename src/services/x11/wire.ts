import type { Conn } from '#sensor/conn.ts'

/** The client chooses the byte order of all that is said (X11 §8): `l` is the least significant byte first. */
export type Order = 'l' | 'B'

/** A message of ours, field by field. */
export class Out {
  #parts: Buffer[] = []
  #order: Order
  #length = 0
  constructor(order: Order) {
    this.#order = order
  }
  #add(part: Buffer): this {
    this.#parts.push(part)
    this.#length += part.length
    return this
  }
  u8(...values: number[]): this {
    return this.#add(Buffer.from(values))
  }
  u16(...values: number[]): this {
    const part = Buffer.alloc(2 * values.length)
    values.forEach((value, i) => {
      if (this.#order === 'l') part.writeUInt16LE(value & 0xffff, 2 * i)
      else part.writeUInt16BE(value & 0xffff, 2 * i)
    })
    return this.#add(part)
  }
  u32(...values: number[]): this {
    const part = Buffer.alloc(4 * values.length)
    values.forEach((value, i) => {
      if (this.#order === 'l') part.writeUInt32LE(value >>> 0, 4 * i)
      else part.writeUInt32BE(value >>> 0, 4 * i)
    })
    return this.#add(part)
  }
  zeros(count: number): this {
    return this.#add(Buffer.alloc(count))
  }
  bytes(part: Buffer): this {
    return this.#add(part)
  }
  text(text: string): this {
    return this.#add(Buffer.from(text, 'latin1'))
  }
  /** Up to a whole number of four bytes. */
  pad(): this {
    return this.zeros((4 - (this.#length % 4)) % 4)
  }
  get length(): number {
    return this.#length
  }
  get done(): Buffer {
    return Buffer.concat(this.#parts)
  }
}

/** A request: opcode, the byte behind it, and its fields, which are read by where they stand in the protocol's tables. */
export class Request {
  readonly opcode: number
  readonly data: number
  readonly body: Buffer
  readonly order: Order
  constructor(order: Order, opcode: number, data: number, body: Buffer) {
    this.order = order
    this.opcode = opcode
    this.data = data
    this.body = body
  }
  /** Offsets count from the request's beginning, as in the tables: four bytes are the head. */
  u8(at: number): number {
    return this.body[at - 4] ?? 0
  }
  u16(at: number): number {
    return this.order === 'l' ? this.body.readUInt16LE(at - 4) : this.body.readUInt16BE(at - 4)
  }
  i16(at: number): number {
    return (this.u16(at) << 16) >> 16
  }
  u32(at: number): number {
    return this.order === 'l' ? this.body.readUInt32LE(at - 4) : this.body.readUInt32BE(at - 4)
  }
  bytes(at: number, count: number): Buffer {
    return this.body.subarray(at - 4, at - 4 + count)
  }
  text(at: number, count: number): string {
    return this.bytes(at, count).toString('latin1')
  }
  get length(): number {
    return this.body.length + 4
  }
}

/** Bytes of one request that are held; the rest of a longer one (pictures put here) is read over. */
const MOST = 256 << 10

/** The next request; `big`: the client may use BIG-REQUESTS. `undefined` for a length that ends the connection. */
export async function readRequest(conn: Conn, order: Order, big: boolean): Promise<Request | undefined> {
  const head = await conn.read(4)
  const u32 = (bytes: Buffer) => (order === 'l' ? bytes.readUInt32LE() : bytes.readUInt32BE())
  let size = 4 * (order === 'l' ? head.readUInt16LE(2) : head.readUInt16BE(2)) - 4
  if (size < 0) {
    if (!big) return undefined
    size = 4 * u32(await conn.read(4)) - 8
    if (size < 0) return undefined
  }
  const body = await conn.read(Math.min(size, MOST))
  for (let left = size - body.length; left > 0; ) left -= (await conn.readSome(Math.min(left, 64 << 10))).length
  return new Request(order, head[0]!, head[1]!, body)
}
