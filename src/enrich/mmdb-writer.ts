/*
 * Makes small MaxMind DB files for the tests (format 2.0).
 */

export type Plain = string | number | bigint | boolean | Buffer | Plain[] | { [key: string]: Plain } | Double | Pointer
/** A number as a 64-bit float rather than an unsigned integer. */
export class Double {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
}
/** A reference to an offset in the data section. */
export class Pointer {
  readonly target: number
  constructor(target: number) {
    this.target = target
  }
}

export function encode(value: Plain): Buffer {
  if (value instanceof Double) {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleBE(value.value)
    return Buffer.concat([control(3, 8), bytes])
  }
  if (value instanceof Pointer) {
    const bytes = Buffer.alloc(5)
    bytes.writeUInt32BE(value.target, 1)
    bytes[0] = (1 << 5) | (3 << 3)
    return bytes
  }
  if (Buffer.isBuffer(value)) return Buffer.concat([control(4, value.length), value])
  if (typeof value === 'string') return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)])
  if (typeof value === 'boolean') return control(14, value ? 1 : 0)
  if (typeof value === 'number' || typeof value === 'bigint') {
    const hex = value.toString(16)
    const bytes = value ? Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex') : Buffer.alloc(0)
    return Buffer.concat([control(typeof value === 'bigint' ? 10 : bytes.length <= 2 ? 5 : 6, bytes.length), bytes])
  }
  if (Array.isArray(value)) return Buffer.concat([control(11, value.length), ...value.map(encode)])
  const entries = Object.entries(value)
  return Buffer.concat([control(7, entries.length), ...entries.flatMap(([key, inner]) => [encode(key), encode(inner)])])
}

function control(type: number, size: number): Buffer {
  const [low, more] =
    size < 29 ? [size, []] : size < 285 ? [29, [size - 29]] : [30, [(size - 285) >> 8, (size - 285) & 255]]
  return Buffer.from(type > 7 ? [low, type - 7, ...more] : [(type << 5) | low, ...more])
}

type Node = [Node | number | undefined, Node | number | undefined]

/** A database of the given prefixes (bits as text) and their records; what lies before the data may be given, for pointers. */
export function mmdb(
  records: [bits: string, value: Plain][],
  ipVersion: 4 | 6,
  recordSize: 24 | 28 | 32,
  preamble: Buffer = Buffer.alloc(0),
): Buffer {
  const root: Node = [undefined, undefined]
  const data: Buffer[] = [preamble]
  let offset = preamble.length
  for (const [bits, value] of records) {
    let node = root
    for (const bit of bits.slice(0, -1)) {
      node[+bit] ??= [undefined, undefined]
      node = node[+bit] as Node
    }
    node[Number(bits.at(-1))] = offset
    const bytes = encode(value)
    data.push(bytes)
    offset += bytes.length
  }
  const nodes: Node[] = []
  const number = (node: Node) => {
    nodes.push(node)
    for (const side of node) if (Array.isArray(side)) number(side)
  }
  number(root)
  const word = (side: Node | number | undefined) =>
    side === undefined ? nodes.length : typeof side === 'number' ? nodes.length + 16 + side : nodes.indexOf(side)
  const tree = nodes.map(([left, right]) => pair(word(left), word(right), recordSize))
  const metadata = encode({
    node_count: nodes.length,
    record_size: recordSize,
    ip_version: ipVersion,
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    database_type: 'Test',
    build_epoch: 1n,
  })
  return Buffer.concat([...tree, Buffer.alloc(16), ...data, Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1'), metadata])
}

function pair(left: number, right: number, size: 24 | 28 | 32): Buffer {
  const bytes = Buffer.alloc(size / 4)
  if (size === 32) {
    bytes.writeUInt32BE(left)
    bytes.writeUInt32BE(right, 4)
  } else {
    bytes.writeUIntBE(left & 0xffffff, 0, 3)
    bytes.writeUIntBE(right & 0xffffff, bytes.length - 3, 3)
    if (size === 28) bytes[3] = ((left >>> 24) << 4) | (right >>> 24)
  }
  return bytes
}

/** The first `length` bits of an address. */
export const bits = (address: Uint8Array, length: number) =>
  [...address]
    .map(byte => byte.toString(2).padStart(8, '0'))
    .join('')
    .slice(0, length)
