import { notInteger, type Of, RedisError, syntaxError, type Type } from '../keyspace.ts'
import type { Redis } from '../state.ts'
import { bulk } from '../wire.ts'

/** Answers one command; `args` without the verb. Throws `RedisError` for an error reply. */
export type Run = (args: string[], redis: Redis) => string | Promise<string>
export type Commands = [name: string, run: Run][]

/** The data at a key if they are of that type; throws WRONGTYPE for another. */
export const dataAt = <T extends Type>({ server, client, cx }: Redis, key: string, type: T): Of<T> | undefined =>
  server.keyspace.get(client.db, key, type, cx.now())
/** The value at a key, whatever its type. */
export const valueAt = ({ server, client, cx }: Redis, key: string) => server.keyspace.find(client.db, key, cx.now())
export const remove = ({ server, client }: Redis, key: string) => server.keyspace.delete(client.db, key)
/** Call after taking from a collection. */
export const shrunk = ({ server, client }: Redis, key: string) => server.keyspace.shrunk(client.db, key)
export const nilOr = ({ client }: Redis, data: string | undefined) =>
  data === undefined ? client.shape.nil : bulk(data)
export const lengthOf = (items: readonly string[]) => items.reduce((sum, item) => sum + item.length, 0)

/** util.c, string2ll: no sign but minus, no leading zero, 64 bits. */
export function parseInteger(text: string, wrong = notInteger): bigint {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) throw wrong()
  const n = BigInt(text)
  if (n < -(2n ** 63n) || n >= 2n ** 63n) throw wrong()
  return n
}
export const parseSmall = (text: string, wrong?: () => RedisError) => Number(parseInteger(text, wrong))
/** How many to take: none for all that is missing, never negative. */
export const parseCount = (text: string): number => {
  const wrong = () => new RedisError('ERR value is out of range, must be positive')
  const count = parseSmall(text, wrong)
  if (count < 0) throw wrong()
  return count
}

export function parseScore(text: string, wrong = 'ERR value is not a valid float'): number {
  if (/^[-+]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  const n = Number(text)
  if (text.length > 256 || !/^[-+]?[\d.]/.test(text) || /\s|[xob]/i.test(text) || Number.isNaN(n))
    throw new RedisError(wrong)
  return n
}
/** The shortest decimal that gives the double back (fpconv in 7.0). */
export const formatScore = (n: number) => (n === Infinity ? 'inf' : n === -Infinity ? '-inf' : String(n))

/** Start and stop of LRANGE and its like → [from, to) of `length` items. */
export function parseRange(start: string, stop: string, length: number): [number, number] {
  const at = (n: number) => (n < 0 ? Math.max(0, length + n) : n)
  const [from, to] = [parseSmall(start), parseSmall(stop)]
  return [at(from), to < 0 && length + to < 0 ? 0 : Math.min(length, at(to) + 1)]
}

/** `numkeys key [key …]`: the keys, and the words behind them. */
export function parseKeys([count = '', ...rest]: string[]): [keys: string[], more: string[]] {
  const wrong = () => new RedisError('ERR numkeys should be greater than 0')
  const n = parseSmall(count, wrong)
  if (n <= 0) throw wrong()
  if (n > rest.length) throw syntaxError()
  return [rest.slice(0, n), rest.slice(n)]
}

/** `[cursor, options]` of SCAN and its like: MATCH, COUNT and, for SCAN alone, TYPE. */
export function parseScan(args: string[]): { cursor: number; match?: string; count: number; type?: string } {
  const [cursor = '', ...rest] = args
  if (!/^\d{1,20}$/.test(cursor)) throw new RedisError('ERR invalid cursor')
  const found: ReturnType<typeof parseScan> = { cursor: Number(cursor), count: 10 }
  for (let i = 0; i < rest.length; i += 2) {
    const [word, value] = [rest[i]!.toUpperCase(), rest[i + 1]]
    if (value === undefined) throw syntaxError()
    if (word === 'MATCH') found.match = value
    else if (word === 'TYPE') found.type = value.toLowerCase()
    else if (word === 'COUNT') {
      found.count = parseSmall(value)
      if (found.count < 1) throw syntaxError()
    } else throw syntaxError()
  }
  return found
}
