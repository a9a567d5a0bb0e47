/** Bytes by value, over at most `max` of them. */
export function histogram(bytes: Uint8Array, max = bytes.length): Uint32Array {
  const counts = new Uint32Array(256)
  for (let i = 0; i < Math.min(bytes.length, max); i++) counts[bytes[i]!]!++
  return counts
}

/** Shannon entropy in bits a byte, two decimals: text has 4 to 5, machine code 6, what is compressed or encrypted nearly 8. */
export function entropy(bytes: Uint8Array): number {
  if (bytes.length === 0) return 0
  let sum = 0
  for (const count of histogram(bytes)) if (count > 0) sum -= (count / bytes.length) * Math.log2(count / bytes.length)
  return Math.round(sum * 100) / 100
}

const isText = (byte: number) => (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13

/** Share of bytes that are printable ASCII or white space, over the first 4 KiB. */
export function textShare(bytes: Uint8Array): number {
  const length = Math.min(bytes.length, 4096)
  let text = 0
  for (let i = 0; i < length; i++) if (isText(bytes[i]!)) text++
  return length === 0 ? 0 : text / length
}

/** Text as people and programs write it: printable, and half of it small letters and blanks. Masked text is not. */
export function isWritten(bytes: Uint8Array): boolean {
  if (textShare(bytes) < 0.9) return false
  const length = Math.min(bytes.length, 4096)
  let common = 0
  for (let i = 0; i < length; i++) {
    const byte = bytes[i]!
    if ((byte >= 0x61 && byte <= 0x7a) || byte === 0x20) common++
  }
  return common > length * 0.5
}

/** What a payload's bytes are made of, by shares: `text`, `binary`, or `mixed`. */
export const nature = (bytes: Uint8Array): 'text' | 'binary' | 'mixed' => {
  const share = textShare(bytes)
  return share > 0.97 ? 'text' : share < 0.6 ? 'binary' : 'mixed'
}

/** Files by their first bytes (latin1). */
const magics: readonly [type: string, mark: string, at?: number][] = [
  ['elf', '\x7fELF'],
  ['gzip', '\x1f\x8b\x08'],
  ['zip', 'PK\x03\x04'],
  ['rar', 'Rar!\x1a\x07'],
  ['7z', '7z\xbc\xaf\x27\x1c'],
  ['xz', '\xfd7zXZ\0'],
  ['bzip2', 'BZh'],
  ['zstd', '\x28\xb5\x2f\xfd'],
  ['lz4', '\x04\x22\x4d\x18'],
  ['java-class', '\xca\xfe\xba\xbe'],
  ['java-serialization', '\xac\xed\0\x05'],
  ['php', '<?php'],
  ['jsp', '<%@'],
  ['pdf', '%PDF-'],
  ['png', '\x89PNG\r\n'],
  ['jpeg', '\xff\xd8\xff'],
  ['gif', 'GIF8'],
  ['ole', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'],
  ['dex', 'dex\n03'],
  ['wasm', '\0asm'],
  ['sqlite', 'SQLite format 3\0'],
  ['rdb', 'REDIS0'],
  ['deb', '!<arch>\ndebian'],
  ['macho', '\xcf\xfa\xed\xfe'],
  ['macho', '\xce\xfa\xed\xfe'],
  ['tar', 'ustar', 257],
  ['pickle', '\x80\x04\x95'],
  ['xml', '<?xml'],
]

/** A file's type by its magic: `elf`, `pe`, `script`, `zip` … */
export function fileType(bytes: Buffer): string | undefined {
  const head = bytes.toString('latin1', 0, 272)
  if (head.startsWith('#!')) return 'script'
  if (head.startsWith('MZ'))
    return isPe(bytes) ? 'pe' : bytes.length > 64 && head.includes('DOS mode') ? 'pe' : undefined
  return magics.find(([, mark, at = 0]) => head.startsWith(mark, at))?.[0]
}

/** The DOS header's last field leads to `PE\0\0`. */
const isPe = (bytes: Buffer): boolean => {
  if (bytes.length < 64) return false
  const at = bytes.readUInt32LE(60)
  return at < bytes.length && bytes.toString('latin1', at, at + 4) === 'PE\0\0'
}
