import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'

/** RESP (redis.io/docs/reference/protocol-spec), as networking.c of Redis 7.0 reads and writes it. */

/** A break of the protocol that Redis names before it closes. */
export class ProtocolError extends Malformed {}

const INLINE_MAX = 64 << 10
/** Redis takes 512 MB; what is over this is kept as a sample and not in memory. */
export const BULK_MAX = 512 << 20

/**
 * One request: an array of bulk strings or a line of words. An argument longer than `keep` bytes is handed to `large`
 * piece by piece and stands in the result as its first `keep` bytes.
 */
export async function readCommand(
  conn: Conn,
  keep: number,
  large: (pieces: AsyncGenerator<Buffer>) => Promise<void>,
): Promise<string[]> {
  const line = await readProtocolLine(conn, INLINE_MAX, 'too big inline request')
  if (!line.startsWith('*')) return splitInline(line)
  const count = parseLength(line.slice(1), 'invalid multibulk length', -(2 ** 31), 2 ** 31 - 1)
  const args: string[] = []
  for (let i = 0; i < count; i++) {
    const head = await readProtocolLine(conn, INLINE_MAX, 'too big bulk count string')
    if (!head.startsWith('$')) throw new ProtocolError(`expected '$', got '${/^[\x20-\x7e]/.exec(head)?.[0] ?? ' '}'`)
    const length = parseLength(head.slice(1), 'invalid bulk length', 0, BULK_MAX)
    if (length <= keep) args.push((await conn.read(length)).toString('latin1'))
    else args.push(await passOn(conn, length, keep, large))
    await conn.read(2)
    if (args.length > 1 << 16) throw new Malformed(`Command of more than ${1 << 16} arguments`)
  }
  return args
}

async function passOn(conn: Conn, length: number, keep: number, large: (p: AsyncGenerator<Buffer>) => Promise<void>) {
  const start: Buffer[] = []
  let kept = 0
  async function* pieces() {
    for (let left = length; left > 0; ) {
      const piece = await conn.readSome(Math.min(left, 64 << 10))
      left -= piece.length
      if (kept < keep) {
        start.push(piece)
        kept += piece.length
      }
      yield piece
    }
  }
  await large(pieces())
  return Buffer.concat(start).subarray(0, keep).toString('latin1')
}

async function readProtocolLine(conn: Conn, max: number, tooLong: string): Promise<string> {
  try {
    return (await conn.readLine(max)).toString('latin1')
  } catch (error) {
    throw error instanceof Malformed ? new ProtocolError(tooLong) : error
  }
}

function parseLength(digits: string, wrong: string, min: number, max: number): number {
  const number = /^-?\d{1,10}$/.test(digits) ? Number(digits) : Number.NaN
  if (!(number >= min && number <= max)) throw new ProtocolError(wrong)
  return number
}

const inlineEscapes = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['a', '\x07'],
])

/** sds.c, sdssplitargs: words, "double" quotes with escapes, 'single' quotes; a quote must end a word. */
export function splitInline(line: string): string[] {
  const words: string[] = []
  const word =
    /[ \t\0\r\n\v\f]*(?:"((?:\\x[0-9a-fA-F]{2}|\\.|[^"\\])*)"(?=[\s\0]|$)|'((?:\\'|[^'])*)'(?=[\s\0]|$)|([^\s\0"']+)|(["'\S]))/gy
  for (let match = word.exec(line); match; match = word.exec(line)) {
    const [, double, single, bare, broken] = match
    if (broken !== undefined || (bare !== undefined && /["']/.test(line[word.lastIndex] ?? '')))
      throw new ProtocolError('unbalanced quotes in request')
    words.push(double === undefined ? (single?.replaceAll("\\'", "'") ?? bare ?? '') : unquote(double))
  }
  return words
}

const unquote = (text: string) =>
  text.replace(/\\(?:x([0-9a-fA-F]{2})|(.))/gs, (_, hex?: string, c?: string) =>
    hex ? String.fromCharCode(Number.parseInt(hex, 16)) : (inlineEscapes.get(c!) ?? c!),
  )

export const ok = '+OK\r\n'
export const simple = (text: string) => `+${text}\r\n`
/** `code message`; line breaks would end it early, so Redis turns them into spaces. */
export const error = (text: string) => `-${text.replace(/[\r\n]/g, ' ')}\r\n`
export const integer = (n: number | bigint) => `:${n}\r\n`
/** Latin-1, one character a byte. */
export const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`
export const array = (items: readonly string[]) => `*${items.length}\r\n${items.join('')}`
export const bulks = (texts: Iterable<string>) => array(Array.from(texts, bulk))

/** What differs between RESP2 and RESP3. */
export const shapes = {
  2: {
    nil: '$-1\r\n',
    nilArray: '*-1\r\n',
    map: (pairs: readonly [string, string][]) => array(pairs.flat()),
    set: array,
    double: (text: string) => bulk(text),
    push: array,
  },
  3: {
    nil: '_\r\n',
    nilArray: '_\r\n',
    map: (pairs: readonly [string, string][]) => `%${pairs.length}\r\n${pairs.flat().join('')}`,
    set: (items: readonly string[]) => `~${items.length}\r\n${items.join('')}`,
    double: (text: string) => `,${text}\r\n`,
    push: (items: readonly string[]) => `>${items.length}\r\n${items.join('')}`,
  },
} as const
export type Shapes = (typeof shapes)[2 | 3]
