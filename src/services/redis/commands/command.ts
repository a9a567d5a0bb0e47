import { notInteger, RedisError, syntaxError } from '../keyspace.ts'
import type { Redis } from '../state.ts'

/** Answers one command; `args` without the verb. Throws `RedisError` for an error reply. */
export type Run = (args: string[], redis: Redis) => string | Promise<string>
export type Commands = [name: string, run: Run][]

/** util.c, string2ll: no sign but minus, no leading zero, 64 bits. */
export function parseInteger(text: string): bigint {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) throw notInteger()
  const n = BigInt(text)
  if (n < -(2n ** 63n) || n >= 2n ** 63n) throw notInteger()
  return n
}
export const parseSmall = (text: string) => Number(parseInteger(text))

export function parseScore(text: string): number {
  if (/^[-+]?inf(inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity
  const n = Number(text)
  if (text.trim() === '' || /\s|0x/i.test(text) || Number.isNaN(n))
    throw new RedisError('ERR value is not a valid float')
  return n
}
/** As `%.17g` prints a double that JavaScript would print shorter; Redis uses the shortest form too (fpconv in 7.0). */
export const formatScore = (n: number) => (n === Infinity ? 'inf' : n === -Infinity ? '-inf' : String(n))

/** Start and stop of LRANGE and its like → [from, to) of `length` items. */
export function parseRange(start: string, stop: string, length: number): [number, number] {
  const at = (n: number) => (n < 0 ? Math.max(0, length + n) : n)
  const [from, to] = [parseSmall(start), parseSmall(stop)]
  return [at(from), to < 0 && length + to < 0 ? 0 : Math.min(length, at(to) + 1)]
}

/** `[cursor, items]` of SCAN and its like, with MATCH, COUNT and TYPE. */
export function parseScan(args: string[]): {
  cursor: number
  match: string | undefined
  count: number
  type: string | undefined
} {
  const [cursor = '', ...rest] = args
  if (!/^\d{1,20}$/.test(cursor)) throw new RedisError('ERR invalid cursor')
  const found = {
    cursor: Number(cursor),
    match: undefined as string | undefined,
    count: 10,
    type: undefined as string | undefined,
  }
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
