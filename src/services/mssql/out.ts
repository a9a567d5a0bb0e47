import { LittleEndian } from '#codec/little-endian.ts'

/** Builds a token or a value, little-endian as TDS is. */
export class Out extends LittleEndian {
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
}
