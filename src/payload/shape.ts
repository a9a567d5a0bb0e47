import { createHash } from 'node:crypto'

/** Bytes that a shape is made of. */
const LOOKED_AT = 64 << 10

/** Runs that may hold what differs from one attempt to the next. */
const runs = /[A-Za-z0-9][A-Za-z0-9.+/=_-]*/g
const words = /[A-Za-z0-9][A-Za-z0-9.-]*/g
const address = /^\d{1,3}(?:\.\d{1,3}){3}$/
const host =
  /^(?:[A-Za-z0-9-]{1,63}\.){1,8}(?:com|net|org|info|biz|io|ru|cn|top|xyz|cc|tk|me|co|de|nl|site|online|pro|su|onion|example|test|oast|fun|live|club|tech|space|shop|dev|app)$/i

/** A long run without a dot, in both cases or with digits, is what somebody encoded or drew; the rest goes word by word. */
const maskedRun = (run: string): string =>
  run.length >= 32 && !run.includes('.') && /\d/.test(run) && /[A-Za-z]/.test(run)
    ? '\0B'
    : run.replace(words, maskedWord)

function maskedWord(word: string): string {
  if (word.includes('.')) {
    if (address.test(word)) return '\0A'
    if (host.test(word)) return '\0D'
  }
  if (!/\d/.test(word)) return word
  return /^(?:0x)?[0-9a-f]{8,}$/i.test(word) ? '\0H' : word.replace(/\d+/g, '\x000')
}

/**
 * What a payload looks like with all that varies masked: addresses, host names, long words, hex digits, numbers, and
 * bytes that are no text but for how many there are. Payloads of one tool have one shape, whoever they are sent to.
 */
export function shapeOf(bytes: Buffer): string {
  const text = bytes.toString('latin1', 0, LOOKED_AT)
  // Text in a binary is what stands for six letters or more: less happens by chance.
  return text
    .split(/([\t\r\n\x20-\x7e]{6,})/)
    .map((piece, i) => (i % 2 === 1 ? piece.replace(runs, maskedRun) : binary(piece)))
    .join('')
}

/** First bytes as they are, since a protocol's magic is among them; of the rest how much there is, by powers of two. */
const binary = (piece: string): string =>
  piece.length <= 4
    ? piece.replace(/[^\0]/g, '.')
    : `\x01${piece.charCodeAt(0)}\x02${Math.floor(Math.log2(piece.length))}`

/** Sixteen hex digits by which payloads of one shape are one group. */
export const shapeHash = (bytes: Buffer): string =>
  createHash('sha256').update(shapeOf(bytes), 'latin1').digest('hex').slice(0, 16)
