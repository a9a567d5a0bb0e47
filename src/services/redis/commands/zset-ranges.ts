import { RedisError, syntaxError } from '../keyspace.ts'
import { parseRange, parseScore, parseSmall } from './command.ts'

export type Entry = [member: string, score: number]

/** How ZRANGE and its kin choose (t_zset.c, zrangeGenericCommand). */
export type Query = {
  by: 'rank' | 'score' | 'lex'
  reverse: boolean
  withScores: boolean
  limit?: [offset: number, count: number]
  /** ZRANGE alone takes BYSCORE, BYLEX and REV; the older commands say it by their names. */
  any?: boolean
  limits?: boolean
}

export function parseQuery(words: string[], preset: Partial<Query>): Query {
  const query: Query = { by: 'rank', reverse: false, withScores: false, ...preset }
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!.toUpperCase()
    if (word === 'WITHSCORES' && query.by !== 'lex') query.withScores = true
    else if (word === 'LIMIT' && i + 2 < words.length) {
      query.limit = [parseSmall(words[i + 1]!), parseSmall(words[i + 2]!)]
      i += 2
    } else if (preset.any && word === 'REV') query.reverse = true
    else if (preset.any && word === 'BYSCORE') query.by = 'score'
    else if (preset.any && word === 'BYLEX') query.by = 'lex'
    else throw syntaxError()
  }
  if (query.limit && query.by === 'rank')
    throw new RedisError('ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX')
  return query
}

/** Of `entries` in their order, those that the query's bounds leave. */
export function select(entries: Entry[], start: string, stop: string, { by, reverse, limit }: Query): Entry[] {
  if (by === 'rank') {
    const order = reverse ? entries.toReversed() : entries
    return order.slice(...parseRange(start, stop, order.length))
  }
  const [low, high] = reverse ? [stop, start] : [start, stop]
  const chosen = between(entries, by === 'score' ? byScore(low, high) : byLex(low, high))
  if (reverse) chosen.reverse()
  if (!limit) return chosen
  const [offset, count] = limit
  return offset < 0 ? [] : chosen.slice(offset, count < 0 ? undefined : offset + count)
}

type Within = (entry: Entry) => boolean
export const between = (entries: Entry[], within: Within): Entry[] => entries.filter(within)

/** `(1.5`, `-inf`, `10`. */
export function byScore(low: string, high: string): Within {
  const bound = (text: string) => ({
    n: parseScore(text.replace(/^\(/, ''), 'ERR min or max is not a float'),
    open: text.startsWith('('),
  })
  const [from, to] = [bound(low), bound(high)]
  return ([, score]) => (from.open ? score > from.n : score >= from.n) && (to.open ? score < to.n : score <= to.n)
}

/** `-`, `+`, `[member`, `(member`. */
export function byLex(low: string, high: string): Within {
  for (const text of [low, high])
    if (!/^(?:[-+]$|[[(])/.test(text)) throw new RedisError('ERR min or max not valid string range item')
  const above: Within = ([name]) =>
    low === '-' || (low !== '+' && (low[0] === '(' ? name > low.slice(1) : name >= low.slice(1)))
  const below: Within = ([name]) =>
    high === '+' || (high !== '-' && (high[0] === '(' ? name < high.slice(1) : name <= high.slice(1)))
  return entry => above(entry) && below(entry)
}
