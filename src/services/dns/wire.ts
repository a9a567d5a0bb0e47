import { Cursor } from '#codec/cursor.ts'
import { Malformed } from '#codec/malformed.ts'

/** DNS messages (RFC 1035 §4, EDNS RFC 6891). A name is its labels, Latin-1, without the root's. */
export type Name = readonly string[]

export const types = new Map([
  [1, 'A'],
  [2, 'NS'],
  [5, 'CNAME'],
  [6, 'SOA'],
  [12, 'PTR'],
  [13, 'HINFO'],
  [15, 'MX'],
  [16, 'TXT'],
  [28, 'AAAA'],
  [33, 'SRV'],
  [35, 'NAPTR'],
  [41, 'OPT'],
  [43, 'DS'],
  [46, 'RRSIG'],
  [48, 'DNSKEY'],
  [65, 'HTTPS'],
  [99, 'SPF'],
  [249, 'TKEY'],
  [250, 'TSIG'],
  [251, 'IXFR'],
  [252, 'AXFR'],
  [255, 'ANY'],
  [257, 'CAA'],
])
export const typeName = (type: number): string => types.get(type) ?? `TYPE${type}`
export const classes = new Map([
  [1, 'IN'],
  [3, 'CH'],
  [4, 'HS'],
  [254, 'NONE'],
  [255, 'ANY'],
])
export const className = (found: number): string => classes.get(found) ?? `CLASS${found}`
export const Rcode = {
  ok: 0,
  formErr: 1,
  servFail: 2,
  nxDomain: 3,
  notImp: 4,
  refused: 5,
  notAuth: 9,
  badVers: 16,
  badCookie: 23,
} as const

export type Question = { name: Name; type: number; class: number }
export type Option = { code: number; data: Buffer }
export type Edns = { size: number; version: number; flags: number; options: Option[] }
export type Message = {
  id: number
  flags: number
  opcode: number
  rd: boolean
  cd: boolean
  questions: Question[]
  edns?: Edns
  /** More than one OPT, or one with a name. */
  twice: boolean
}

/** A name at the cursor; a pointer leads only further back, so that it ends (RFC 1035 §4.1.4). */
function readName(cursor: Cursor, whole: Buffer): Name {
  const labels: string[] = []
  let from = cursor
  let limit = cursor.offset
  for (let length = 0; ; ) {
    const size = from.u8()
    if (size === 0) return labels
    if (size >= 0xc0) {
      const target = ((size & 0x3f) << 8) | from.u8()
      if (target >= limit) throw new Malformed('Name with a pointer that does not lead back')
      limit = target
      from = new Cursor(whole.subarray(target))
      continue
    }
    if (size > 63) throw new Malformed('Label of a kind that is not known')
    length += size + 1
    if (length > 254) throw new Malformed('Name longer than 255 bytes')
    labels.push(from.bytes(size).toString('latin1'))
  }
}

export function parse(packet: Buffer): Message {
  const cursor = new Cursor(packet)
  const id = cursor.u16be()
  const flags = cursor.u16be()
  const counts = [cursor.u16be(), cursor.u16be(), cursor.u16be(), cursor.u16be()] as const
  const questions: Question[] = []
  for (let n = 0; n < counts[0]; n++) {
    if (n === 1) throw new Malformed('More than one question')
    questions.push({ name: readName(cursor, packet), type: cursor.u16be(), class: cursor.u16be() })
  }
  const message: Message = {
    id,
    flags,
    opcode: (flags >> 11) & 15,
    rd: (flags & 0x100) !== 0,
    cd: (flags & 0x10) !== 0,
    questions,
    twice: false,
  }
  const rest = counts[1] + counts[2] + counts[3]
  if (rest > 256) throw new Malformed(`${rest} records in a question`)
  for (let n = 0; n < rest; n++) {
    const owner = readName(cursor, packet)
    const type = cursor.u16be()
    const size = cursor.u16be()
    const ttl = cursor.u32be()
    const data = cursor.lp16()
    if (type !== 41) continue
    message.twice ||= message.edns !== undefined || owner.length > 0
    message.edns = { size, version: (ttl >> 16) & 255, flags: ttl & 0xffff, options: readOptions(data) }
  }
  return message
}

function readOptions(data: Buffer): Option[] {
  const cursor = new Cursor(data)
  const options: Option[] = []
  while (cursor.left > 0) options.push({ code: cursor.u16be(), data: cursor.lp16() })
  return options
}

/** A name as people write it, and compare it by. */
export const plain = (name: Name): string =>
  `${name.map(label => label.replace(/[.\\]/g, '\\$&')).join('.')}${name.length === 0 ? '.' : ''}`
export const folded = (name: Name): string => plain(name).toLowerCase()
export const named = (text: string): Name => (text === '' || text === '.' ? [] : text.split('.'))

/** What a record holds: text for TXT, and otherwise names and numbers in their order. */
export type Data =
  | { kind: 'address'; bytes: Buffer }
  | { kind: 'name'; before?: Buffer; names: readonly Name[]; after?: Buffer }
  | { kind: 'text'; text: string }
export type Entry = { name: Name; type: number; class: number; ttl: number; data: Data }

export function u16s(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 2)
  for (const [i, number] of numbers.entries()) bytes.writeUInt16BE(number, i * 2)
  return bytes
}
export function u32s(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4)
  for (const [i, number] of numbers.entries()) bytes.writeUInt32BE(number, i * 4)
  return bytes
}

/** A message on its way out: names are compressed against all that stand before them. */
export class Writer {
  #parts: Buffer[] = []
  #length = 0
  #seen = new Map<string, number>()

  get length(): number {
    return this.#length
  }
  bytes(part: Buffer): void {
    this.#parts.push(part)
    this.#length += part.length
  }
  u16(...numbers: number[]): void {
    this.bytes(u16s(...numbers))
  }
  name(name: Name): void {
    for (let i = 0; i < name.length; i++) {
      // BIND remembers three suffixes of a name, in the case they were written in.
      const rest = plain(name.slice(i))
      const known = this.#seen.get(rest)
      if (known !== undefined) {
        this.u16(0xc000 | known)
        return
      }
      if (i < 3 && this.#length < 0x3fff) this.#seen.set(rest, this.#length)
      const label = Buffer.from(name[i]!, 'latin1')
      this.bytes(Buffer.concat([Buffer.of(label.length), label]))
    }
    this.bytes(Buffer.of(0))
  }
  entry({ name, type, class: found, ttl, data }: Entry): void {
    this.name(name)
    this.u16(type, found, ttl >>> 16, ttl & 0xffff)
    const length = Buffer.alloc(2)
    this.bytes(length)
    const start = this.#length
    if (data.kind === 'address') this.bytes(data.bytes)
    else if (data.kind === 'text') {
      const text = Buffer.from(data.text, 'latin1')
      this.bytes(Buffer.concat([Buffer.of(text.length), text]))
    } else {
      if (data.before) this.bytes(data.before)
      for (const one of data.names) this.name(one)
      if (data.after) this.bytes(data.after)
    }
    length.writeUInt16BE(this.#length - start)
  }
  done(): Buffer {
    return Buffer.concat(this.#parts)
  }
}
