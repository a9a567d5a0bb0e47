import { Cursor } from '#codec/cursor.ts'

/** TFTP (RFC 1350) with option extension (RFC 2347), as tftpd-hpa 5.2 reads and words it. */

export const opcodes = { read: 1, write: 2, data: 3, ack: 4, error: 5, oack: 6 } as const

/** Errors that tftpd-hpa sends: number and text. */
export const errors = {
  notFound: [1, 'File not found'],
  denied: [0, 'Permission denied'],
  folder: [0, 'Is a directory'],
  noMode: [4, 'Missing mode'],
  mode: [4, 'Unknown mode'],
  option: [8, 'Unsupported option(s) requested'],
} as const
export type Failure = keyof typeof errors

export type Request = {
  /** Latin-1. */
  name: string
  mode: 'octet' | 'netascii'
  /** As sent: name and value. */
  options: [name: string, value: string][]
}

const NAMED = 512

/** What stands behind the opcode: name, mode and pairs of options, each with a NUL. */
export function parseRequest(body: Buffer): Request | Failure {
  const words = wordsOf(body)
  const [name = '', mode, ...rest] = words
  // An empty name ends what is looked at, as in tftpd.c.
  if (name === '' || mode === undefined) return 'noMode'
  const kind = mode.toLowerCase()
  if (kind !== 'octet' && kind !== 'netascii') return 'mode'
  const options: [string, string][] = []
  for (let i = 0; i + 1 < rest.length && options.length < 16; i += 2) options.push([rest[i]!, rest[i + 1]!])
  return { name: name.slice(0, NAMED), mode: kind, options }
}

function wordsOf(body: Buffer): string[] {
  const words: string[] = []
  for (let at = 0; words.length < 40; ) {
    const end = body.indexOf(0, at)
    if (end < 0) break
    words.push(body.toString('latin1', at, end))
    at = end + 1
  }
  return words
}

export type Accepted = { blksize: number; answered: [name: string, value: string][] }

const whole = (text: string) => (/^\d{1,10}$/.test(text) ? Number(text) : undefined)

/** What becomes of the options (RFC 2348, 2349; blksize2, utimeout and rollover are tftpd-hpa's own). */
export function negotiate(options: Request['options'], size: number | undefined): Accepted | Failure {
  const accepted: Accepted = { blksize: 512, answered: [] }
  const seen = new Set<string>()
  for (const [name, text] of options) {
    const known = name.toLowerCase()
    const value = whole(text)
    if (value === undefined || seen.has(known)) continue
    seen.add(known)
    if (known === 'blksize') {
      if (value < 8) return 'option'
      accepted.blksize = Math.min(value, 65_464)
      accepted.answered.push([name, String(accepted.blksize)])
    } else if (known === 'blksize2') {
      if (value < 8) return 'option'
      accepted.blksize = 2 ** Math.floor(Math.log2(Math.min(value, 32_768)))
      accepted.answered.push([name, String(accepted.blksize)])
    } else if (known === 'tsize') accepted.answered.push([name, String(size ?? value)])
    else if (known === 'timeout') {
      if (value < 1 || value > 255) return 'option'
      accepted.answered.push([name, String(value)])
    } else if (known === 'utimeout') {
      if (value < 10_000 || value > 255_000_000) return 'option'
      accepted.answered.push([name, String(value)])
    } else if (known === 'rollover') {
      if (value > 65_535) return 'option'
      accepted.answered.push([name, String(value)])
    }
  }
  return accepted
}

const head = (opcode: number, number: number) => Buffer.of(0, opcode, number >> 8, number & 255)
export const data = (block: number, bytes: Buffer): Buffer => Buffer.concat([head(opcodes.data, block), bytes])
export const ack = (block: number): Buffer => head(opcodes.ack, block)
export const failure = (which: Failure): Buffer => {
  const [code, text] = errors[which]
  return Buffer.concat([head(opcodes.error, code), Buffer.from(`${text}\0`)])
}
export const oack = (answered: Accepted['answered']): Buffer =>
  Buffer.concat([
    Buffer.of(0, opcodes.oack),
    Buffer.from(
      answered
        .flat()
        .map(word => `${word}\0`)
        .join(''),
      'latin1',
    ),
  ])

/** Opcode, block number, and bytes behind them. */
export function parseBlock(packet: Buffer): { block: number; bytes: Buffer } {
  const cursor = new Cursor(packet)
  cursor.u16be()
  return { block: cursor.u16be(), bytes: cursor.rest() }
}
