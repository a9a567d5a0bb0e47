import { Malformed } from './malformed.ts'

/** Reads a complete frame left to right; running off its end is the peer's fault and says so. */
export class Cursor {
  #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }
  get left(): number {
    return this.#bytes.length - this.#at
  }
  get offset(): number {
    return this.#at
  }
  /** A view, not a copy. */
  bytes(n: number): Buffer {
    if (n < 0 || n > this.left)
      throw new Malformed(`Truncated: needed ${n} bytes at offset ${this.#at}, had ${this.left}`)
    this.#at += n
    return this.#bytes.subarray(this.#at - n, this.#at)
  }
  u8(): number {
    return this.bytes(1).readUInt8()
  }
  u16be(): number {
    return this.bytes(2).readUInt16BE()
  }
  u16le(): number {
    return this.bytes(2).readUInt16LE()
  }
  u24be(): number {
    return this.bytes(3).readUIntBE(0, 3)
  }
  u32be(): number {
    return this.bytes(4).readUInt32BE()
  }
  u32le(): number {
    return this.bytes(4).readUInt32LE()
  }
  u64be(): bigint {
    return this.bytes(8).readBigUInt64BE()
  }
  /** A block behind an 8-, 16- or 32-bit big-endian length. */
  lp8(): Buffer {
    return this.bytes(this.u8())
  }
  lp16(): Buffer {
    return this.bytes(this.u16be())
  }
  lp24(): Buffer {
    return this.bytes(this.u24be())
  }
  lp32(): Buffer {
    return this.bytes(this.u32be())
  }
  /** Bytes up to a NUL, which is consumed. */
  cstring(max = 256): Buffer {
    const end = this.#bytes.indexOf(0, this.#at)
    if (end < 0 || end - this.#at > max) throw new Malformed(`No NUL within ${max} bytes at offset ${this.#at}`)
    const found = this.bytes(end - this.#at)
    this.#at++
    return found
  }
  /** Leaves the last `n` bytes read to be read again. */
  back(n: number): void {
    this.#at -= Math.max(0, Math.min(n, this.#at))
  }
  rest(): Buffer {
    return this.bytes(this.left)
  }
}
