/** An entry of a ZIP archive's central directory (APPNOTE 6.3). `time`: milliseconds since the epoch. */
export type ZipEntry = {
  name: string
  method: number
  encrypted: boolean
  crc: number
  packed: number
  size: number
  time: number
  /** Permissions and type as Unix has them, where it was made there. */
  mode: number | undefined
  at: number
}

export type ZipFile = { entries: ZipEntry[]; comment: string }

const mostEntries = 20_000
const endSize = 22

/** The directory at the archive's end; `undefined` where there is none. */
export const readZip = (data: Buffer): ZipFile | undefined => {
  for (let at = data.length - endSize; at >= Math.max(0, data.length - endSize - 65_535); at--) {
    if (data.readUInt32LE(at) !== 0x06054b50) continue
    const count = Math.min(data.readUInt16LE(at + 10), mostEntries)
    const length = data.readUInt16LE(at + 20)
    const entries: ZipEntry[] = []
    let next = data.readUInt32LE(at + 16)
    for (let index = 0; index < count; index++) {
      if (next + 46 > data.length || data.readUInt32LE(next) !== 0x02014b50) break
      const [name, extra, comment] = [28, 30, 32].map(offset => data.readUInt16LE(next + offset)) as [
        number,
        number,
        number,
      ]
      const isUnix = data[next + 5] === 3
      entries.push({
        name: data.toString('latin1', next + 46, next + 46 + name),
        method: data.readUInt16LE(next + 10),
        encrypted: (data.readUInt16LE(next + 8) & 1) !== 0,
        crc: data.readUInt32LE(next + 16),
        packed: data.readUInt32LE(next + 20),
        size: data.readUInt32LE(next + 24),
        time: timeOf(data.readUInt16LE(next + 14), data.readUInt16LE(next + 12)),
        mode: isUnix ? data.readUInt32LE(next + 38) >>> 16 : undefined,
        at: data.readUInt32LE(next + 42),
      })
      next += 46 + name + extra + comment
    }
    return { entries, comment: data.toString('latin1', at + endSize, at + endSize + length) }
  }
  return undefined
}

/** MS-DOS dates count from 1980, in steps of two seconds. */
const timeOf = (date: number, time: number): number =>
  Date.UTC(1980 + (date >> 9), ((date >> 5) & 15) - 1, date & 31, time >> 11, (time >> 5) & 63, (time & 31) * 2)

/** What is stored of an entry; `undefined` where its own header is not there. */
export const packedOf = (data: Buffer, { at, packed }: ZipEntry): Buffer | undefined => {
  if (at + 30 > data.length || data.readUInt32LE(at) !== 0x04034b50) return undefined
  const from = at + 30 + data.readUInt16LE(at + 26) + data.readUInt16LE(at + 28)
  return from + packed > data.length ? undefined : data.subarray(from, from + packed)
}
