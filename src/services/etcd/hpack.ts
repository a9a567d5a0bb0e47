import { Malformed } from '#sensor/endings.ts'

/** HPACK (RFC 7541): header fields of HTTP/2, with its tables and its Huffman code. */
type Row = readonly [name: string, value: string]

/** Appendix A; from index 1 on. */
const fixed: readonly Row[] =
  `:authority|:method GET|:method POST|:path /|:path /index.html|:scheme http|:scheme https|:status 200|:status 204|:status 206|:status 304|:status 400|:status 404|:status 500|accept-charset|accept-encoding gzip, deflate|accept-language|accept-ranges|accept|access-control-allow-origin|age|allow|authorization|cache-control|content-disposition|content-encoding|content-language|content-length|content-location|content-range|content-type|cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|if-none-match|if-range|if-unmodified-since|last-modified|link|location|max-forwards|proxy-authenticate|proxy-authorization|range|referer|refresh|retry-after|server|set-cookie|strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate`
    .split('|')
    .map(row => {
      const [name = '', ...value] = row.split(' ')
      return [name, value.join(' ')]
    })

/** Appendix B: bits of each octet's code, by its value; 256 is the end of string. Codes are canonical. */
const lengths: readonly number[] = `
  13 23 28 28 28 28 28 28 28 24 30 28 28 30 28 28 28 28 28 28 28 28 30 28 28 28 28 28 28 28 28 28
  6 10 10 12 13 6 8 11 10 10 8 11 8 6 6 6 5 5 5 6 6 6 6 6 6 6 7 8 15 6 12 10
  13 6 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 8 7 8 13 19 13 14 6
  15 5 6 5 6 5 6 6 6 5 7 7 6 6 6 5 6 7 6 5 5 6 7 7 7 7 7 15 11 14 13 28
  20 22 20 20 22 22 22 23 22 23 23 23 23 23 24 23 24 24 22 23 24 23 23 23 23 21 22 23 22 23 23 24
  22 21 20 22 22 23 23 21 23 22 22 24 21 22 23 23 21 21 22 21 23 22 23 23 20 22 22 22 23 22 22 23
  26 26 20 19 22 23 22 25 26 26 26 27 27 26 24 25 19 21 26 27 27 26 27 24 21 21 26 26 28 27 27 27
  20 24 20 21 22 21 21 23 22 22 25 25 24 24 26 23 26 27 26 26 27 27 27 27 27 28 27 27 27 27 27 26 30`
  .trim()
  .split(/\s+/)
  .map(Number)
const codes: number[] = []
/** Octet by `length * 2^30 + code`. */
const octets = new Map<number, number>()
{
  let code = 0
  for (let length = 5; length <= 30; length++, code *= 2)
    for (const [octet, bits] of lengths.entries())
      if (bits === length) {
        octets.set(length * 2 ** 30 + code, octet)
        codes[octet] = code++
      }
}

function unpacked(bytes: Buffer): string {
  let out = ''
  let code = 0
  let length = 0
  for (const byte of bytes)
    for (let bit = 7; bit >= 0; bit--) {
      code = code * 2 + ((byte >> bit) & 1)
      const octet = octets.get(++length * 2 ** 30 + code)
      if (octet === 256 || length > 30) throw new Malformed('Huffman code of nothing')
      if (octet === undefined) continue
      out += String.fromCharCode(octet)
      code = length = 0
    }
  // What is left is the beginning of the end of string: ones, fewer than eight (§5.2).
  if (length > 7 || code !== 2 ** length - 1) throw new Malformed('Huffman padding')
  return out
}

function packed(text: string): Buffer {
  let bits = ''
  for (const letter of text) {
    const octet = letter.charCodeAt(0) & 255
    bits += codes[octet]!.toString(2).padStart(lengths[octet]!, '0')
  }
  bits = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1')
  return Buffer.from(
    Array.from({ length: bits.length / 8 }, (_, i) => Number.parseInt(bits.slice(8 * i, 8 * i + 8), 2)),
  )
}

/** Bytes of a table (the default of SETTINGS_HEADER_TABLE_SIZE), and of a decoded head. */
const TABLE = 4096
const HEAD = 16 << 10

/** The fields that one side has sent, newest first (§2.3.2). */
class Table {
  rows: Row[] = []
  #size = 0
  #most = TABLE
  add(row: Row) {
    this.rows.unshift(row)
    this.#size += sizeOf(row)
    this.resize(this.#most)
  }
  resize(most: number) {
    this.#most = most
    while (this.#size > most) this.#size -= sizeOf(this.rows.pop()!)
  }
  at(index: number): Row {
    const row = index <= fixed.length ? fixed[index - 1] : this.rows[index - fixed.length - 1]
    if (!row) throw new Malformed(`No field at ${index}`)
    return row
  }
}
const sizeOf = ([name, value]: Row): number => name.length + value.length + 32

/** Reads the heads of one direction of a connection, in their order. */
export function decoder(): (block: Buffer) => Row[] {
  const table = new Table()
  return block => {
    let at = 0
    const integer = (bits: number): number => {
      const most = 2 ** bits - 1
      let value = block[at++]! & most
      if (value < most) return value
      for (let shift = 0; shift <= 21; shift += 7) {
        const byte = block[at++]
        if (byte === undefined) break
        value += (byte & 127) * 2 ** shift
        if (byte < 128) return value
      }
      throw new Malformed('An integer without end')
    }
    const string = (): string => {
      const huffman = ((block[at] ?? 0) & 128) !== 0
      if (at >= block.length) throw new Malformed('A head that ends early')
      const length = integer(7)
      if (length > block.length - at) throw new Malformed('A string longer than its head')
      at += length
      const bytes = block.subarray(at - length, at)
      return huffman ? unpacked(bytes) : bytes.toString('latin1')
    }
    const out: Row[] = []
    let size = 0
    while (at < block.length) {
      const first = block[at]!
      if (first >= 128) out.push(table.at(integer(7)))
      else if (first >> 5 === 1) {
        const most = integer(5)
        if (most > TABLE) throw new Malformed('A table larger than allowed')
        table.resize(most)
        continue
      } else {
        const kept = first >= 64
        const index = integer(kept ? 6 : 4)
        const row: Row = [index === 0 ? string() : table.at(index)[0], string()]
        if (kept) table.add(row)
        out.push(row)
      }
      size += sizeOf(out.at(-1)!)
      if (size > HEAD) throw new Malformed('A head too large')
    }
    return out
  }
}

/** Writes heads as golang.org/x/net/http2/hpack does: what was sent before by its number, all else kept by both sides. */
export function encoder(): (rows: readonly Row[]) => Buffer {
  const table = new Table()
  return rows => {
    const out: Buffer[] = []
    const integer = (value: number, bits: number, flag: number) => {
      const most = 2 ** bits - 1
      const bytes = [flag | Math.min(value, most)]
      if (value >= most) {
        let left = value - most
        for (; left > 127; left >>= 7) bytes.push((left & 127) | 128)
        bytes.push(left)
      }
      out.push(Buffer.from(bytes))
    }
    const string = (text: string) => {
      const short = packed(text)
      const huffman = short.length < text.length
      integer(huffman ? short.length : text.length, 7, huffman ? 128 : 0)
      out.push(huffman ? short : Buffer.from(text, 'latin1'))
    }
    for (const row of rows) {
      const all = [...fixed, ...table.rows]
      const whole = all.findIndex(([name, value]) => name === row[0] && value === row[1])
      if (whole >= 0) {
        integer(whole + 1, 7, 128)
        continue
      }
      const named = all.findIndex(([name]) => name === row[0])
      integer(named + 1, 6, 64)
      if (named < 0) string(row[0])
      string(row[1])
      table.add(row)
    }
    return Buffer.concat(out)
  }
}
