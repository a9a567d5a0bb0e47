/** Builds a message of integers with their lowest byte first, which are cut to their width. */
export class LittleEndian {
  readonly #parts: Buffer[] = []

  u8(n: number): this {
    return this.bytes(Buffer.of(n & 255))
  }
  u16(n: number): this {
    const part = Buffer.alloc(2)
    part.writeUInt16LE(n & 0xffff)
    return this.bytes(part)
  }
  u32(n: number): this {
    const part = Buffer.alloc(4)
    part.writeUInt32LE(n >>> 0)
    return this.bytes(part)
  }
  u64(n: bigint): this {
    const part = Buffer.alloc(8)
    part.writeBigUInt64LE(BigInt.asUintN(64, n))
    return this.bytes(part)
  }
  bytes(part: Buffer): this {
    this.#parts.push(part)
    return this
  }
  get done(): Buffer {
    return Buffer.concat(this.#parts)
  }
}
