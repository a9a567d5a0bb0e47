import { fileType } from './content.ts'

/** Bytes that are tried; the whole is undone only when they make sense. */
const TRIED = 1024
/** Words that a text found by trying keys has to have: noise that happens to be printable has none. */
const words = [
  'http',
  '/bin',
  'wget',
  'curl',
  ' the ',
  'cmd',
  'echo',
  'exec',
  'function',
  'powershell',
  'chmod',
  'tftp',
  'This program',
]

export type Unmasked = { key: Buffer; bytes: Buffer }

/**
 * Undoes XOR with one byte, or a key of up to eight, where the result is an ELF file, a Windows program, or text with
 * words in it. `written`: it is text as it is, and can only hide a program. Each key of a byte is given up after a few bytes that are no text.
 */
export function unmask(bytes: Buffer, written = false): Unmasked | undefined {
  if (bytes.length < 32) return undefined
  const head = bytes.subarray(0, TRIED)
  const key = fileKey(bytes) ?? (written ? undefined : textKey(head))
  if (key === undefined || key.every(byte => byte === 0)) return undefined
  const plain = masked(bytes, key)
  return { key, bytes: plain }
}

export function masked(bytes: Buffer, key: Buffer): Buffer {
  const out = Buffer.allocUnsafe(bytes.length)
  for (let i = 0; i < bytes.length; i++) out[i] = bytes[i]! ^ key[i % key.length]!
  return out
}

/** What begins an ELF file up to its type: class, order, version and ABI are among few, the rest is zero. */
const elfStarts = ['\x01\x01\x01', '\x01\x02\x01', '\x02\x01\x01', '\x02\x02\x01'].map(rest =>
  Buffer.from(`\x7fELF${rest}${'\0'.repeat(9)}`, 'latin1'),
)
const DOS = Buffer.from('This program cannot be run in DOS mode', 'latin1')
const DOS_AT = 0x4e

/** The key that makes a program of it: known bytes give the key, and more of them prove it. */
function fileKey(bytes: Buffer): Buffer | undefined {
  for (let length = 1; length <= 8; length++) {
    for (const start of elfStarts)
      if (bytes.length > 64 && proves(bytes, start, 0, length)) return keyAt(bytes, start, 0, length)
    if (bytes.length > DOS_AT + DOS.length && proves(bytes, DOS, DOS_AT, length)) {
      const key = keyAt(bytes, DOS, DOS_AT, length)
      if (fileType(masked(bytes.subarray(0, 512), key)) === 'pe') return key
    }
  }
  return undefined
}

const keyAt = (bytes: Buffer, crib: Buffer, at: number, length: number): Buffer => {
  const key = Buffer.alloc(length)
  for (let i = 0; i < length; i++) key[(at + i) % length] = bytes[at + i]! ^ crib[i]!
  return key
}
const proves = (bytes: Buffer, crib: Buffer, at: number, length: number): boolean => {
  for (let i = length; i < crib.length; i++)
    if ((bytes[at + i]! ^ crib[i]!) !== (bytes[at + (i % length)]! ^ crib[i % length]!)) return false
  return true
}

/** The key that makes text of it: each of its places is guessed by what is most often there. */
function textKey(head: Buffer): Buffer | undefined {
  for (let length = 1; length <= 8 && head.length >= length * 24; length++) {
    const key = Buffer.alloc(length)
    let good = true
    for (let place = 0; place < length && good; place++) {
      const own = Buffer.alloc(Math.ceil((head.length - place) / length))
      for (let i = 0; i < own.length; i++) own[i] = head[place + i * length]!
      const best = likeliest(own)
      good = best !== undefined
      key[place] = best ?? 0
    }
    if (!good) continue
    const plain = masked(head, key).toString('latin1')
    if (words.some(word => plain.includes(word))) return key
  }
  return undefined
}

/** How much a byte speaks for a text: letters and blanks much; below zero what no text has. */
const weights = Int32Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte)
  if (/[etaoinsrhl ]/.test(char)) return 3
  if (/[a-z]/.test(char)) return 2
  if (/[A-Z0-9./:;\n-]/.test(char)) return 1
  return /[\x20-\x7e\t\r]/.test(char) ? 0 : -1
})

/** The one byte that makes the most text of these; none when no key makes all but a hundredth printable. */
function likeliest(bytes: Buffer): number | undefined {
  const odd = bytes.length / 100
  let best: number | undefined
  let most = 0
  for (let key = 0; key < 256; key++) {
    let score = 0
    let wrong = 0
    // A wrong key shows within a few bytes.
    for (let i = 0; i < bytes.length && wrong <= odd; i++) {
      const weight = weights[bytes[i]! ^ key]!
      if (weight < 0) wrong++
      else score += weight
    }
    if (wrong <= odd && score > most) [best, most] = [key, score]
  }
  return best
}
