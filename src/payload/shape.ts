import { createHash } from 'node:crypto'

/** Bytes that a shape is made of. */
const LOOKED_AT = 64 << 10

/** What differs from one attempt to the next, the longest first: each alternative begins where no other does, or is longer. */
const masks = new RegExp(
  [
    '(?<ip>\\d{1,3}(?:\\.\\d{1,3}){3})',
    '(?<host>(?:[A-Za-z0-9-]{1,63}\\.){1,8}(?:com|net|org|info|biz|io|ru|cn|top|xyz|cc|tk|me|co|de|nl|site|online|pro|su|onion|example|test|oast|fun|live|site|club|tech|space|shop|dev|app)\\b)',
    '(?<blob>[A-Za-z0-9+/=_-]{32,})',
    '(?<hex>(?:0x)?(?=[a-f]{0,16}\\d)[0-9a-f]{8,})',
    '(?<number>\\d+)',
  ].join('|'),
  'gi',
)
const letters: Record<string, string> = { ip: 'A', host: 'D', blob: 'B', hex: 'H', number: '0' }

/**
 * What a payload looks like with all that varies masked: addresses, host names, long words, hex digits, numbers, and
 * bytes that are no text but for how many there are. Payloads of one tool have one shape, whoever they are sent to.
 */
export function shapeOf(bytes: Buffer): string {
  const text = bytes.toString('latin1', 0, LOOKED_AT)
  // Text in a binary is what stands for six letters or more: less happens by chance.
  return text
    .split(/([\t\r\n\x20-\x7e]{6,})/)
    .map((piece, i) =>
      i % 2 === 1
        ? piece.replace(masks, (...args) => {
            const groups = args.at(-1) as Record<string, string | undefined>
            const kind = Object.keys(letters).find(name => groups[name] !== undefined)
            return `\0${letters[kind ?? 'number']}`
          })
        : binary(piece),
    )
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
