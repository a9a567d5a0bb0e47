/** Builds a token or a value, little-endian as TDS is. */
export class Out {
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
  ucs2(text: string): this {
    return this.bytes(Buffer.from(text, 'utf16le'))
  }
  /** Characters behind their count in a byte. */
  short(text: string): this {
    const cut = text.slice(0, 255)
    return this.u8(cut.length).ucs2(cut)
  }
  /** Characters behind their count in two bytes. */
  long(text: string): this {
    const cut = text.slice(0, 0xffff)
    return this.u16(cut.length).ucs2(cut)
  }
  get done(): Buffer {
    return Buffer.concat(this.#parts)
  }
}
