import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'
import { splitInline } from './inline.ts'

/** RESP (redis.io/docs/reference/protocol-spec), as networking.c of Redis 7.0 reads and writes it. */

/** A break of the protocol that Redis names before it closes. */
export class ProtocolError extends Malformed {}

/** PROTO_INLINE_MAX_SIZE: an inline request, or the line in front of an array or a bulk. */
const LINE_MAX = 64 << 10
/** proto-max-bulk-len. */
const BULK_MAX = 512 << 20
/** What a client may send before AUTH (networking.c, processMultibulkBuffer). */
const UNKNOWN = { count: 10, bulk: 16_384 }
/** Bytes of one request kept in memory, each argument counted with what it costs beside its bytes. */
const REQUEST_MAX = 4 << 20
const ARGUMENT = 64

export type Reading = {
  /** Bytes of one argument that stay in memory; a longer one goes to `large` and stands in the result cut off there. */
  keep: number
  large(pieces: AsyncGenerator<Buffer>): Promise<void>
  authenticated: boolean
}
/** A request and the bytes it counts with its connection until `conn.keep(-weight)`. */
export type Request = { args: string[]; weight: number; inline: boolean }

/** One request: an array of bulk strings or a line of words. */
export async function readCommand(conn: Conn, how: Reading): Promise<Request> {
  const multibulk = String(await conn.peek(1)) === '*'
  const line = await readProtocolLine(conn, multibulk ? 'too big mbulk count string' : 'too big inline request')
  if (!multibulk) {
    const args = line.includes('\0') ? await swallow(conn) : splitInline(line)
    if (!args) throw new ProtocolError('unbalanced quotes in request')
    return { args, weight: 0, inline: true }
  }
  const count = parseLength(line.slice(1), 'invalid multibulk length', -(2 ** 31), 2 ** 31 - 1)
  if (!how.authenticated && count > UNKNOWN.count) throw new ProtocolError('unauthenticated multibulk length')
  const request: Request = { args: [], weight: 0, inline: false }
  for (let i = 0; i < count; i++) {
    const arg = await readBulk(conn, how)
    request.args.push(arg)
    request.weight += arg.length + ARGUMENT
    conn.keep(ARGUMENT)
    if (request.weight > REQUEST_MAX) throw conn.hangup('flooded')
  }
  return request
}

async function readBulk(conn: Conn, { authenticated, keep, large }: Reading): Promise<string> {
  const head = await readProtocolLine(conn, 'too big bulk count string')
  if (!head.startsWith('$')) throw new ProtocolError(`expected '$', got '${head[0] ?? ' '}'`)
  const length = parseLength(head.slice(1), 'invalid bulk length', 0, BULK_MAX)
  if (!authenticated && length > UNKNOWN.bulk) throw new ProtocolError('unauthenticated bulk length')
  const arg = await gather(conn, length, length > keep ? { keep, large } : undefined)
  // Whatever stands for CRLF is passed over unread, as by the real one.
  await conn.read(2)
  return arg
}

/** An argument in pieces as they come, counted with the connection: its whole, or its start and all of it for `large`. */
async function gather(conn: Conn, length: number, cut: Pick<Reading, 'keep' | 'large'> | undefined): Promise<string> {
  const most = cut?.keep ?? length
  let parts: string[] = []
  let kept = 0
  async function* pieces() {
    for (let left = length; left > 0; ) {
      const piece = await conn.readSome(Math.min(left, 64 << 10))
      left -= piece.length
      if (kept < most) {
        const part = piece.toString('latin1', 0, most - kept)
        kept += part.length
        conn.keep(part.length)
        parts.push(part)
        // Bytes that dribble in must not each cost an object.
        if (parts.length > 32) parts = [parts.join('')]
      }
      yield piece
    }
  }
  if (cut) await cut.large(pieces())
  else for await (const _ of pieces());
  return parts.join('')
}

/** A NUL hides the line's end from strchr(3): nothing is answered until too much has come. */
async function swallow(conn: Conn): Promise<never> {
  for (let bytes = 0; bytes <= LINE_MAX; ) bytes += (await conn.readSome()).length
  throw new ProtocolError('too big inline request')
}

async function readProtocolLine(conn: Conn, tooLong: string): Promise<string> {
  try {
    return (await conn.readLine(LINE_MAX)).toString('latin1')
  } catch (error) {
    throw error instanceof Malformed ? new ProtocolError(tooLong) : error
  }
}

/** util.c, string2ll: no sign but minus, no leading zero. */
function parseLength(digits: string, wrong: string, min: number, max: number): number {
  const number = /^(?:0|-?[1-9]\d{0,18})$/.test(digits) ? Number(digits) : Number.NaN
  if (!(number >= min && number <= max)) throw new ProtocolError(wrong)
  return number
}

/** An answer that grew out of proportion: a client that asks for this wants our memory, not its data. */
export class TooMuch extends Error {}
const ANSWER_MAX = 8 << 20

export const ok = '+OK\r\n'
export const simple = (text: string) => `+${text}\r\n`
/** `code message`; line breaks would end it early, so Redis turns them into spaces. */
export const error = (text: string) => `-${text.replace(/[\r\n]/g, ' ')}\r\n`
export const integer = (n: number | bigint) => `:${n}\r\n`
/** Latin-1, one character a byte. */
export const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`
export const array = (items: readonly string[]) => aggregate('*', items.length, items)
export const bulks = (texts: Iterable<string>) => array(Array.from(texts, bulk))

function aggregate(mark: string, count: number, items: readonly string[]): string {
  let length = 0
  for (const item of items) length += item.length
  if (length > ANSWER_MAX) throw new TooMuch()
  return `${mark}${count}\r\n${items.join('')}`
}

/** What differs between RESP2 and RESP3. */
export const shapes = {
  2: {
    nil: '$-1\r\n',
    nilArray: '*-1\r\n',
    map: (pairs: readonly [string, string][]) => array(pairs.flat()),
    set: array,
    double: (text: string) => bulk(text),
    push: array,
    verbatim: bulk,
  },
  3: {
    nil: '_\r\n',
    nilArray: '_\r\n',
    map: (pairs: readonly [string, string][]) => aggregate('%', pairs.length, pairs.flat()),
    set: (items: readonly string[]) => aggregate('~', items.length, items),
    double: (text: string) => `,${text}\r\n`,
    push: (items: readonly string[]) => aggregate('>', items.length, items),
    verbatim: (text: string) => `=${text.length + 4}\r\ntxt:${text}\r\n`,
  },
} as const
export type Shapes = (typeof shapes)[2 | 3]
