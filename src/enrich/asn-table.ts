import { createReadStream, existsSync, statSync } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { addressBytes } from './address.ts'
import { openPaged, type PagedFile } from './pages.ts'

/*
 * Which network announces an address, in one sorted file that is searched where it lies:
 *
 *   header   64 bytes: magic (8), edition (32, the version of the data it was made of), counts of the four
 *            tables below (u32 each: IPv4 ranges, IPv6 ranges, networks, bytes of names)
 *   IPv4     12 bytes each: first address, last address, number of the network (u32 big-endian), in order
 *   IPv6     36 bytes each: first and last address (16 bytes), number of the network
 *   networks  8 bytes each: AS number, end of its name in the names
 *   names    UTF-8
 */
const magic = 'skepasn1'
const headerBytes = 64
const networkBytes = 8
const shapes = [
  { address: 4, row: 12 },
  { address: 16, row: 36 },
] as const

export type AsnTable = {
  lookup(address: Uint8Array): { asn: number; network: string } | undefined
  close(): void
}

/** Opens the table; undefined when it is missing, of another edition, or cut short. */
export function openAsnTable(path: string, edition: string): AsnTable | undefined {
  if (!existsSync(path)) return undefined
  const file = openPaged(path, 128)
  const table = readTable(file, edition)
  if (table === undefined) file.close()
  return table
}

function readTable(file: PagedFile, edition: string): AsnTable | undefined {
  if (file.size < headerBytes) return undefined
  const header = file.read(0, headerBytes)
  if (header.toString('latin1', 0, 8) !== magic || header.toString('utf8', 8, 40) !== edition.padEnd(32).slice(0, 32))
    return undefined
  const [v4, v6, networks, names] = [40, 44, 48, 52].map(at => header.readUInt32BE(at)) as [
    number,
    number,
    number,
    number,
  ]
  const networksAt = headerBytes + v4 * shapes[0].row + v6 * shapes[1].row
  const namesAt = networksAt + networks * networkBytes
  if (file.size !== namesAt + names) return undefined

  const network = (n: number) => {
    const row = file.read(networksAt + n * networkBytes, networkBytes)
    const asn = row.readUInt32BE(0)
    const end = row.readUInt32BE(4)
    const start = n === 0 ? 0 : file.read(networksAt + (n - 1) * networkBytes + 4, 4).readUInt32BE(0)
    return { asn, network: file.read(namesAt + start, end - start).toString('utf8') }
  }
  return {
    lookup(address) {
      const isV4 = address.length === 4
      const { row } = shapes[isV4 ? 0 : 1]
      const base = isV4 ? headerBytes : headerBytes + v4 * shapes[0].row
      // The last range that begins at or before the address.
      let low = 0
      let high = isV4 ? v4 : v6
      while (low < high) {
        const middle = (low + high) >>> 1
        if (Buffer.compare(file.read(base + middle * row, address.length), address) <= 0) low = middle + 1
        else high = middle
      }
      if (low === 0) return undefined
      const found = file.read(base + (low - 1) * row, row)
      if (Buffer.compare(found.subarray(address.length, 2 * address.length), address) < 0) return undefined
      return network(found.readUInt32BE(2 * address.length))
    },
    close: () => file.close(),
  }
}

export type AsnSource = { v4: string; v6: string; edition: string }

/**
 * Makes the table of the two CSV files (`first,last,AS number,name`, in order of address). `progress` hears the part done,
 * 0 to 1. Rows that are out of order or no ranges are left out and counted. The file appears whole or not at all.
 */
export async function buildAsnTable(source: AsnSource, path: string, progress: (done: number) => void = () => {}) {
  await mkdir(dirname(path), { recursive: true })
  const draft = `${path}.${process.pid}.part`
  const file = await open(draft, 'w')
  try {
    const networks = new Map<number, number>()
    const ends: number[] = []
    const names: Buffer[] = []
    let nameBytes = 0
    const numberOf = (asn: number, name: string) => {
      const known = networks.get(asn)
      if (known !== undefined) return known
      const bytes = Buffer.from(name.slice(0, 200))
      names.push(bytes)
      nameBytes += bytes.length
      ends.push(nameBytes)
      networks.set(asn, ends.length - 1)
      return ends.length - 1
    }

    const total = statSync(source.v4).size + statSync(source.v6).size
    let readBytes = 0
    let skipped = 0
    const counts = [0, 0]
    await file.write(Buffer.alloc(headerBytes), 0, headerBytes, 0)
    let at = headerBytes
    for (const [index, csv] of [source.v4, source.v6].entries()) {
      const { address, row } = shapes[index as 0 | 1]
      const block = Buffer.alloc(row * 8192)
      let filled = 0
      let previous = Buffer.alloc(0)
      const flush = async () => {
        await file.write(block, 0, filled, at)
        at += filled
        filled = 0
      }
      for await (const line of createInterface({ input: createReadStream(csv) })) {
        readBytes += line.length + 1
        const range = parseRow(line, address)
        if (range === undefined || Buffer.compare(range.first, previous) <= 0) {
          skipped++
          continue
        }
        previous = range.last
        range.first.copy(block, filled)
        range.last.copy(block, filled + address)
        block.writeUInt32BE(numberOf(range.asn, range.name), filled + 2 * address)
        filled += row
        counts[index]!++
        if (filled === block.length) {
          await flush()
          progress(Math.min(readBytes / total, 1))
        }
      }
      await flush()
    }

    const table = Buffer.alloc(networks.size * networkBytes)
    for (const [asn, n] of networks) {
      table.writeUInt32BE(asn, n * networkBytes)
      table.writeUInt32BE(ends[n]!, n * networkBytes + 4)
    }
    await file.write(table, 0, table.length, at)
    await file.write(Buffer.concat(names), 0, nameBytes, at + table.length)
    const header = Buffer.alloc(headerBytes)
    header.write(magic, 0, 'latin1')
    header.write(source.edition.padEnd(32).slice(0, 32), 8)
    for (const [index, n] of [...counts, networks.size, nameBytes].entries()) header.writeUInt32BE(n, 40 + index * 4)
    await file.write(header, 0, headerBytes, 0)
    await rename(draft, path)
    progress(1)
    return { ranges: counts[0]! + counts[1]!, networks: networks.size, skipped }
  } finally {
    await file.close()
    await rm(draft, { force: true })
  }
}

function parseRow(line: string, address: number) {
  const [first = '', last = '', asn = ''] = line.split(',', 3)
  const name = unquoted(line.slice(first.length + last.length + asn.length + 3))
  const [a, b] = [addressBytes(first), addressBytes(last)]
  if (a?.length !== address || b?.length !== address || !/^\d{1,10}$/.test(asn) || Number(asn) > 0xffffffff)
    return undefined
  const range = { first: Buffer.from(a), last: Buffer.from(b), asn: Number(asn), name }
  return Buffer.compare(range.first, range.last) > 0 ? undefined : range
}

/** A CSV field (RFC 4180 §2). */
const unquoted = (field: string) =>
  field.startsWith('"') && field.endsWith('"') && field.length > 1 ? field.slice(1, -1).replaceAll('""', '"') : field
