import { Malformed } from '#codec/malformed.ts'
import { type Doc, int, isArray, isDoc, type Tagged, type Value } from './value.ts'

/** BSON (bsonspec.org 1.1), read with bounds and written. */

/** BSONDepth::kDefaultMaxAllowableDepth is 200; elements of one message, which each cost memory beside their bytes. */
const DEPTH = 180
const ELEMENTS = 200_000
/** Largest document (BSONObjMaxUserSize). */
const DOCUMENT = 16 << 20

/** One document that fills `bytes` from `at`; `Malformed` for anything the format does not know. */
export function readDocument(bytes: Buffer, at = 0): { doc: Doc; end: number } {
  const reader = new Reader(bytes, at)
  const doc = reader.document(0)
  return { doc, end: reader.at }
}

class Reader {
  at: number
  #bytes: Buffer
  #elements = 0
  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  /** `int32 total, element*, 0x00`; the length counts itself and the end. */
  document(depth: number): Doc {
    const found: Doc = new Map()
    this.#elementsOf(depth, (name, value) => found.set(name, value))
    return found
  }
  #array(depth: number): Value[] {
    const found: Value[] = []
    // The names, "0" and up, are not looked at, as by the server.
    this.#elementsOf(depth, (_, value) => found.push(value))
    return found
  }
  #elementsOf(depth: number, add: (name: string, value: Value) => void): void {
    if (depth > DEPTH) throw new Malformed('A BSON document nested too deeply')
    const start = this.at
    const length = this.#i32()
    const end = start + length
    if (length < 5 || end > this.#bytes.length || length > DOCUMENT + 16_384)
      throw new Malformed(`A BSON document of ${length} bytes where ${this.#bytes.length - start} are left`)
    for (;;) {
      const type = this.#u8()
      if (type === 0) break
      if (++this.#elements > ELEMENTS) throw new Malformed('Too many BSON elements')
      const name = this.#cstring()
      add(name, this.#value(type, depth))
      if (this.at >= end) throw new Malformed('A BSON element beyond the end of its document')
    }
    if (this.at !== end) throw new Malformed('A BSON document ends elsewhere than it says')
  }

  #value(type: number, depth: number): Value {
    switch (type) {
      case 0x01:
        return this.#take(8).readDoubleLE()
      case 0x02:
        return this.#string()
      case 0x03:
        return this.document(depth + 1)
      case 0x04:
        return this.#array(depth + 1)
      case 0x05:
        return this.#binary()
      case 0x06:
        return { is: 'undefined' }
      case 0x07:
        return { is: 'oid', hex: this.#take(12).toString('hex') }
      case 0x08:
        return this.#bool()
      case 0x09:
        return { is: 'date', at: this.#take(8).readBigInt64LE() }
      case 0x0a:
        return null
      case 0x0b:
        return { is: 'regex', source: this.#cstring(), flags: this.#cstring() }
      case 0x0c:
        return { is: 'code', type, text: this.#string(), extra: Buffer.from(this.#take(12)) }
      case 0x0d:
      case 0x0e:
        return { is: 'code', type, text: this.#string() }
      case 0x0f:
        return this.#codeWithScope(depth)
      case 0x10:
        return int(this.#i32())
      case 0x11: {
        const bytes = this.#take(8)
        return { is: 'timestamp', increment: bytes.readUInt32LE(0), seconds: bytes.readUInt32LE(4) }
      }
      case 0x12:
        return this.#take(8).readBigInt64LE()
      case 0x13:
        return { is: 'decimal', bytes: Buffer.from(this.#take(16)) }
      case 0x7f:
        return { is: 'max' }
      case 0xff:
        return { is: 'min' }
      default:
        throw new Malformed(`A BSON element of type ${type}`)
    }
  }

  #binary(): Value {
    const length = this.#i32()
    const kind = this.#u8()
    return { is: 'binary', kind, bytes: Buffer.from(this.#take(length)) }
  }
  #bool(): boolean {
    const byte = this.#u8()
    if (byte > 1) throw new Malformed(`A BSON boolean of ${byte}`)
    return byte === 1
  }
  #codeWithScope(depth: number): Value {
    this.#i32()
    const text = this.#string()
    const start = this.at
    this.document(depth + 1)
    return { is: 'code', type: 0x0f, text, extra: Buffer.from(this.#bytes.subarray(start, this.at)) }
  }
  /** `int32 length, bytes, 0x00`; the length counts the NUL. */
  #string(): string {
    const length = this.#i32()
    if (length < 1) throw new Malformed(`A BSON string of ${length} bytes`)
    const bytes = this.#take(length)
    if (bytes[length - 1] !== 0) throw new Malformed('A BSON string without its end')
    return bytes.toString('latin1', 0, length - 1)
  }
  #cstring(): string {
    const end = this.#bytes.indexOf(0, this.at)
    if (end < 0) throw new Malformed('A BSON name without its end')
    const text = this.#bytes.toString('latin1', this.at, end)
    this.at = end + 1
    return text
  }
  #u8(): number {
    return this.#take(1)[0]!
  }
  #i32(): number {
    return this.#take(4).readInt32LE()
  }
  #take(n: number): Buffer {
    if (n < 0 || this.at + n > this.#bytes.length)
      throw new Malformed(`Truncated BSON: needed ${n} bytes at ${this.at}, had ${this.#bytes.length - this.at}`)
    this.at += n
    return this.#bytes.subarray(this.at - n, this.at)
  }
}

/** The bytes of a document. */
export function writeDocument(document: Doc): Buffer {
  const parts: Buffer[] = []
  writeInto(document, parts)
  return Buffer.concat(parts)
}

/** Appends the document; how many bytes. */
function writeInto(container: Doc | Value[], parts: Buffer[]): number {
  const head = Buffer.allocUnsafe(4)
  parts.push(head)
  let size = 5
  const entries = isArray(container) ? container.entries() : container.entries()
  for (const [name, value] of entries) {
    const label = Buffer.from(`?${name}\0`, 'latin1')
    parts.push(label)
    size += label.length + writeValue(value, label, parts)
  }
  parts.push(END)
  head.writeInt32LE(size)
  return size
}
const END = Buffer.alloc(1)

/** Appends the value and puts its type in front of its name. */
function writeValue(value: Value, label: Buffer, parts: Buffer[]): number {
  const put = (type: number, ...more: Buffer[]): number => {
    label[0] = type
    let size = 0
    for (const part of more) {
      parts.push(part)
      size += part.length
    }
    return size
  }
  if (value === null) return put(0x0a)
  if (isDoc(value) || isArray(value)) {
    label[0] = isDoc(value) ? 0x03 : 0x04
    return writeInto(value, parts)
  }
  switch (typeof value) {
    case 'boolean':
      return put(0x08, Buffer.of(value ? 1 : 0))
    case 'number': {
      const bytes = Buffer.allocUnsafe(8)
      bytes.writeDoubleLE(value)
      return put(0x01, bytes)
    }
    case 'bigint':
      return put(0x12, i64(value))
    case 'string':
      return put(0x02, string(value))
  }
  return put(...tagged(value))
}

function tagged(value: Tagged): [type: number, ...parts: Buffer[]] {
  switch (value.is) {
    case 'int':
      return [0x10, i32(value.n)]
    case 'oid':
      return [0x07, Buffer.from(value.hex, 'hex')]
    case 'date':
      return [0x09, i64(value.at)]
    case 'binary':
      return [0x05, i32(value.bytes.length), Buffer.of(value.kind), value.bytes]
    case 'regex':
      return [0x0b, Buffer.from(`${value.source}\0${value.flags}\0`, 'latin1')]
    case 'timestamp':
      return [0x11, i32(value.increment), i32(value.seconds)]
    case 'decimal':
      return [0x13, value.bytes]
    case 'undefined':
      return [0x06]
    case 'min':
      return [0xff]
    case 'max':
      return [0x7f]
    case 'code': {
      const text = string(value.text)
      const extra = value.extra ?? Buffer.alloc(0)
      return value.type === 0x0f
        ? [value.type, i32(4 + text.length + extra.length), text, extra]
        : [value.type, text, extra]
    }
  }
}
const i32 = (n: number): Buffer => {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeInt32LE(n | 0)
  return bytes
}
const i64 = (n: bigint): Buffer => {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigInt64LE(BigInt.asIntN(64, n))
  return bytes
}
const string = (text: string): Buffer => {
  const bytes = Buffer.allocUnsafe(text.length + 5)
  bytes.writeInt32LE(text.length + 1)
  bytes.write(text, 4, 'latin1')
  bytes[text.length + 4] = 0
  return bytes
}

/** Bytes that a value takes on the wire, its name left out. */
export function sizeOf(value: Value): number {
  if (value === null) return 0
  if (typeof value === 'boolean') return 1
  if (typeof value === 'number' || typeof value === 'bigint') return 8
  if (typeof value === 'string') return value.length + 5
  if (isDoc(value) || isArray(value)) {
    let size = 5
    for (const [name, item] of value.entries()) size += 2 + String(name).length + sizeOf(item)
    return size
  }
  return tagged(value).reduce((sum: number, part) => sum + (typeof part === 'number' ? 0 : part.length), 0)
}
