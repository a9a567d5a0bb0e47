const width = 17
const height = 9
const symbols = ' .o+=*BOX@%&#/^SE'
const most = symbols.length - 1

/** The picture of a digest ("drunken bishop"), with what stands in its frame: sshkey_fingerprint's of OpenSSH. */
export const randomart = (digest: Buffer, title: string, hash: string): string => {
  const field = Array.from({ length: width }, () => new Uint8Array(height))
  let [x, y] = [width >> 1, height >> 1]
  for (const byte of digest) {
    for (let step = 0, bits = byte; step < 4; step++, bits >>= 2) {
      x = Math.min(width - 1, Math.max(0, x + (bits & 1 ? 1 : -1)))
      y = Math.min(height - 1, Math.max(0, y + (bits & 2 ? 1 : -1)))
      if (field[x]![y]! < most - 2) field[x]![y]!++
    }
  }
  field[width >> 1]![height >> 1] = most - 1
  field[x]![y] = most
  const rows = Array.from({ length: height }, (_, row) => `|${field.map(column => symbols[column[row]!]).join('')}|`)
  return [border(title), ...rows, border(hash)].join('\n')
}

const border = (text: string): string => {
  const label = `[${text}]`
  const before = (width - label.length) >> 1
  return `+${'-'.repeat(before)}${label}${'-'.repeat(width - label.length - before)}+`
}
