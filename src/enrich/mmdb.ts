import { openPaged, type PagedFile } from './pages.ts'

/** The file is not a MaxMind DB, or is damaged. */
export class BadMmdb extends Error {}

/** A value of the data section; integers beyond 2^53 as bigint. */
export type MmdbValue = string | number | bigint | boolean | Buffer | MmdbValue[] | Map<string, MmdbValue>

/** A MaxMind DB, read from disk where it is looked at. */
export type Mmdb = {
  type: string
  ipVersion: 4 | 6
  /** What is known about an address of 4 or 16 bytes. Throws `BadMmdb` where the file is damaged. */
  lookup(address: Uint8Array): MmdbValue | undefined
  close(): void
}

const marker = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1')
/** The metadata stands within the last 128 KiB. */
const metadataReach = 128 << 10
/** Values in one record, and how deep: real ones have some hundred and four. */
const maxValues = 4096
const maxDepth = 16

/** Opens a file in the MaxMind DB format, version 2.0 (maxmind.github.io/MaxMind-DB). */
export function openMmdb(path: string): Mmdb {
  const file = openPaged(path)
  try {
    return read(file)
  } catch (error) {
    file.close()
    throw guarded(error)
  }
}

const guarded = (error: unknown) => (error instanceof RangeError ? new BadMmdb(`Truncated: ${error.message}`) : error)

function read(file: PagedFile): Mmdb {
  const metadata = decoder(file, metadataStart(file)).value(0)
  if (!(metadata instanceof Map)) throw new BadMmdb('The metadata is not a map')
  const number = (name: string) => {
    const value = metadata.get(name)
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new BadMmdb(`The metadata has no ${name}`)
    return value
  }
  const nodeCount = number('node_count')
  const recordSize = number('record_size')
  const ipVersion = number('ip_version')
  if (number('binary_format_major_version') !== 2) throw new BadMmdb('Not version 2 of the format')
  if (recordSize !== 24 && recordSize !== 28 && recordSize !== 32) throw new BadMmdb(`Record size ${recordSize}`)
  if (ipVersion !== 4 && ipVersion !== 6) throw new BadMmdb(`IP version ${ipVersion}`)

  const nodeBytes = recordSize / 4
  const treeBytes = nodeCount * nodeBytes
  if (treeBytes + 16 > file.size) throw new BadMmdb('The search tree is longer than the file')
  const data = decoder(file, treeBytes + 16)

  const next = (node: number, bit: number) => {
    const b = file.read(node * nodeBytes, nodeBytes)
    if (recordSize === 24) return b.readUIntBE(bit * 3, 3)
    if (recordSize === 32) return b.readUInt32BE(bit * 4)
    // 28 bits: the fourth byte holds the upper four bits of both records.
    return bit === 0 ? ((b[3]! >> 4) << 24) | b.readUIntBE(0, 3) : ((b[3]! & 15) << 24) | b.readUIntBE(4, 3)
  }
  // IPv4 addresses lie under ::/96 of an IPv6 tree.
  let v4Root: number | undefined
  const rootFor = (address: Uint8Array) => {
    if (address.length === 16 || ipVersion === 4) return 0
    if (v4Root === undefined) {
      v4Root = 0
      for (let i = 0; i < 96 && v4Root < nodeCount; i++) v4Root = next(v4Root, 0)
    }
    return v4Root
  }

  return {
    type: String(metadata.get('database_type')),
    ipVersion,
    lookup(address) {
      if (address.length === 16 && ipVersion === 4) return undefined
      try {
        let node = rootFor(address)
        for (let i = 0; i < address.length * 8 && node < nodeCount; i++)
          node = next(node, (address[i >> 3]! >> (7 - (i & 7))) & 1)
        if (node === nodeCount) return undefined
        if (node < nodeCount) throw new BadMmdb('The search tree is deeper than the address')
        return data.value(node - nodeCount - 16)
      } catch (error) {
        throw guarded(error)
      }
    },
    close: () => file.close(),
  }
}

function metadataStart(file: PagedFile): number {
  const reach = Math.min(metadataReach, file.size)
  const end = Buffer.from(file.read(file.size - reach, reach))
  const at = end.lastIndexOf(marker)
  if (at < 0) throw new BadMmdb('No MaxMind DB: its metadata marker is missing')
  return file.size - reach + at + marker.length
}

/** Decodes values of the section that starts at `base`, to whose start its pointers refer. */
function decoder(file: PagedFile, base: number) {
  let left = 0

  // ctrl byte: 3 bits type, 5 bits size; type 0 is told by the next byte, sizes 29–31 by 1–3 more bytes.
  function control(at: number): { type: number; size: number; at: number } {
    const first = file.read(base + at++, 1)[0]!
    let type = first >> 5
    let size = first & 31
    if (type === 1) return { type, size, at }
    if (type === 0) type = 7 + file.read(base + at++, 1)[0]!
    if (size >= 29) {
      const bytes = size - 28
      size = [29, 285, 65_821][bytes - 1]! + file.read(base + at, bytes).readUIntBE(0, bytes)
      at += bytes
    }
    return { type, size, at }
  }

  // Pointer: size bits 3–4 tell its bytes, bits 0–2 are the upper bits of its value except in the longest form.
  function pointer(size: number, at: number): { target: number; at: number } {
    const bytes = (size >> 3) + 1
    const low = file.read(base + at, bytes).readUIntBE(0, bytes)
    const target = bytes === 4 ? low : (size & 7) * 2 ** (8 * bytes) + low + [0, 2048, 526_336][bytes - 1]!
    return { target, at: at + bytes }
  }

  function decode(start: number, depth: number): { value: MmdbValue; at: number } {
    if (--left < 0 || depth > maxDepth) throw new BadMmdb('A record without end')
    let { type, size, at } = control(start)
    if (type === 1) {
      const found = pointer(size, at)
      if (control(found.target).type === 1) throw new BadMmdb('A pointer to a pointer')
      return { value: decode(found.target, depth + 1).value, at: found.at }
    }
    if (type === 7) {
      const map = new Map<string, MmdbValue>()
      for (; size > 0; size--) {
        const key = decode(at, depth + 1)
        if (typeof key.value !== 'string') throw new BadMmdb('A key that is not text')
        const entry = decode(key.at, depth + 1)
        map.set(key.value, entry.value)
        at = entry.at
      }
      return { value: map, at }
    }
    if (type === 11) {
      const list: MmdbValue[] = []
      for (; size > 0; size--) {
        const entry = decode(at, depth + 1)
        list.push(entry.value)
        at = entry.at
      }
      return { value: list, at }
    }
    if (type === 14) return { value: size !== 0, at }
    return { value: scalar(type, file.read(base + at, size)), at: at + size }
  }

  return {
    value(at: number): MmdbValue {
      left = maxValues
      return decode(at, 0).value
    },
  }
}

function scalar(type: number, bytes: Buffer): MmdbValue {
  const size = bytes.length
  if (type === 2) return bytes.toString('utf8')
  if (type === 3 && size === 8) return bytes.readDoubleBE(0)
  if (type === 4) return Buffer.from(bytes)
  if (type === 15 && size === 4) return bytes.readFloatBE(0)
  if (type === 8 && size <= 4) return size === 0 ? 0 : size === 4 ? bytes.readInt32BE(0) : bytes.readUIntBE(0, size)
  // 16, 32, 64 and 128 bits, leading zero bytes left out.
  if ((type === 5 && size <= 2) || (type === 6 && size <= 4)) return size === 0 ? 0 : bytes.readUIntBE(0, size)
  if ((type === 9 && size <= 8) || (type === 10 && size <= 16)) return BigInt(`0x0${bytes.toString('hex')}`)
  throw new BadMmdb(`A value of type ${type} with ${size} bytes`)
}
