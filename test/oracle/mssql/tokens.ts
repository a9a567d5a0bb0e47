/**
 * Reads a server's tokens (MS-TDS 2.2.7, as of TDS 7.2) into lines that a person can compare with the documentation. It knows nothing
 * of how the service writes them. Rows are counted: their form is what real drivers read in test/clients.
 */
export function tokensOf(bytes: Buffer): string[] {
  const found: string[] = []
  let data = messages(bytes)
  let columns: string[] = []
  let rows = 0
  const flush = () => {
    if (rows > 0) found.push(`rows ${rows}`)
    rows = 0
  }
  while (data.length > 0) {
    const kind = data[0]!
    if (kind === 0xd1) {
      const end = rowEnd(data, columns)
      rows++
      data = data.subarray(end)
      continue
    }
    flush()
    if (kind === 0xaa || kind === 0xab) {
      const number = data.readUInt32LE(3)
      const [state, level] = [data[7], data[8]]
      const length = data.readUInt16LE(9)
      const text = data.toString('utf16le', 11, 11 + length * 2)
      found.push(`${kind === 0xaa ? 'error' : 'info'} ${number} ${level} ${state} ${text}`)
      data = data.subarray(3 + data.readUInt16LE(1))
    } else if (kind === 0xe3) {
      found.push(`change ${data[3]} ${data[3]! < 7 ? data.toString('utf16le', 5, 5 + data[4]! * 2) : ''}`.trim())
      data = data.subarray(3 + data.readUInt16LE(1))
    } else if (kind === 0xad || kind === 0xed || kind === 0xa9) {
      found.push(kind === 0xad ? `login ${data.readUInt32BE(4).toString(16)}` : 'other')
      data = data.subarray(3 + data.readUInt16LE(1))
    } else if (kind === 0x79) {
      found.push(`status ${data.readInt32LE(1)}`)
      data = data.subarray(5)
    } else if (kind >= 0xfd) {
      const names = ['done', 'done procedure', 'done within']
      const status = data.readUInt16LE(1)
      const words = [
        status & 1 ? ' more' : '',
        status & 2 ? ' error' : '',
        status & 16 ? ` ${data.readBigUInt64LE(5)}` : '',
      ]
      found.push(names[kind - 0xfd]! + words.join(''))
      data = data.subarray(13)
    } else if (kind === 0x81) {
      const read = columnsOf(data)
      columns = read.types
      found.push(`columns ${read.shown.join(', ')}`)
      data = data.subarray(read.end)
    } else throw new Error(`Token 0x${kind.toString(16)} behind ${found.at(-1)}`)
  }
  flush()
  return found
}

function messages(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt16BE(at + 2)
    parts.push(bytes.subarray(at + 8, at + length))
    at += length
  }
  return Buffer.concat(parts)
}

/** TYPE_INFO: what it is called here, how long it is, and how long its values' lengths are. */
const types = new Map<number, readonly [name: string, more: number, prefix: number]>([
  [0x26, ['intn', 1, 1]],
  [0x38, ['int', 0, -4]],
  [0x7f, ['bigint', 0, -8]],
  [0x34, ['smallint', 0, -2]],
  [0x30, ['tinyint', 0, -1]],
  [0x68, ['bitn', 1, 1]],
  [0x3e, ['float', 0, -8]],
  [0x6d, ['fltn', 1, 1]],
  [0x6e, ['moneyn', 1, 1]],
  [0x3d, ['datetime', 0, -8]],
  [0x6f, ['datetimn', 1, 1]],
  [0x28, ['date', 0, 1]],
  [0x29, ['time', 1, 1]],
  [0x2a, ['datetime2', 1, 1]],
  [0x24, ['guid', 1, 1]],
  [0x6c, ['numeric', 3, 1]],
  [0x6a, ['decimal', 3, 1]],
  [0x62, ['variant', 4, 4]],
  [0xa5, ['varbinary', 2, 2]],
  [0xa7, ['varchar', 7, 2]],
  [0xaf, ['char', 7, 2]],
  [0xe7, ['nvarchar', 7, 2]],
  [0xef, ['nchar', 7, 2]],
])
function columnsOf(data: Buffer) {
  const shown: string[] = []
  const kinds: string[] = []
  let at = 3
  for (let n = data.readUInt16LE(1); n > 0; n--) {
    const flags = data.readUInt16LE(at + 4)
    const id = data[at + 6]!
    const type = types.get(id)
    if (!type) throw new Error(`A column of the type 0x${id.toString(16)}`)
    const [name, more, prefix] = type
    const size = more >= 2 && more !== 4 && more !== 3 ? data.readUInt16LE(at + 7) : 0
    at += 7 + more
    const length = data[at]!
    const called = data.toString('utf16le', at + 1, at + 1 + length * 2)
    shown.push(
      `${called || '-'} ${name}${size ? `(${size === 0xffff ? 'max' : size})` : ''}${flags & 1 ? '' : ' not null'}`,
    )
    kinds.push(size === 0xffff ? 'plp' : String(prefix))
    at += 1 + length * 2
  }
  return { shown, types: kinds, end: at }
}
function rowEnd(data: Buffer, columns: readonly string[]): number {
  let at = 1
  for (const column of columns) {
    if (column === 'plp') {
      const length = data.readBigUInt64LE(at)
      at += 8
      if (length === 0xffff_ffff_ffff_ffffn) continue
      for (let size = data.readUInt32LE(at); ; size = data.readUInt32LE(at)) {
        at += 4 + size
        if (size === 0) break
      }
      continue
    }
    const prefix = Number(column)
    if (prefix < 0) at -= prefix
    else if (prefix === 1) at += 1 + data[at]!
    else if (prefix === 2) at += data.readUInt16LE(at) === 0xffff ? 2 : 2 + data.readUInt16LE(at)
    else at += 4 + data.readUInt32LE(at)
  }
  return at
}
