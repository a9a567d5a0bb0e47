import { block, fits, type Reader, spoolOf } from './session.ts'
import { type Article, articlesOf, type Group } from './spool.ts'

/** Commands that read articles (RFC 3977 §6, §8), as nnrpd words them. */

const NO_GROUP = '412 Not in a newsgroup\r\n'
const isId = (word: string) => /^<[^\s<>]{1,248}>$/.test(word)
const isNumber = (word: string) => /^\d{1,10}$/.test(word)

export function group(reader: Reader, [name = '']: readonly string[]): string {
  const found = spoolOf(reader).groups.get(name)
  if (!found) return `411 No such group ${name}\r\n`
  enter(reader, found)
  return `211 ${count(reader, found)}\r\n`
}
function enter(reader: Reader, group: Group): void {
  reader.group = group
  reader.at = articlesOf(spoolOf(reader), group)[0]?.[0] ?? 0
}
const count = (reader: Reader, group: Group): string =>
  [articlesOf(spoolOf(reader), group).length, group.low, group.high, group.name].join(' ')

export function listGroup(reader: Reader, [name, range]: readonly string[]): string {
  const found = name === undefined ? reader.group : spoolOf(reader).groups.get(name)
  if (!found) return name === undefined ? '412 No group specified\r\n' : `411 No such group ${name}\r\n`
  enter(reader, found)
  const [from, to] = bounds(range ?? '1-', reader)
  const numbers = articlesOf(spoolOf(reader), found).flatMap(([number]) =>
    number >= from && number <= to ? [String(number)] : [],
  )
  return block(`211 ${count(reader, found)}`, numbers)
}

/** What an argument names: a message-ID, a number in the group, or nothing for the current article. */
function pick(reader: Reader, word: string | undefined): { number: number; article: Article } | string {
  if (word !== undefined && !isNumber(word)) {
    if (!isId(word)) return '501 Syntax error in Message-ID\r\n'
    const article = spoolOf(reader).byId.get(word)
    return article ? { number: 0, article } : '430 No such article\r\n'
  }
  if (!reader.group) return NO_GROUP
  const number = word === undefined ? reader.at : Number(word)
  const article = spoolOf(reader).byNumber.get(`${reader.group.name}:${number}`)
  if (!article)
    return word === undefined ? '420 Current article number is invalid\r\n' : `423 No such article number ${word}\r\n`
  reader.at = number
  return { number, article }
}

const headOf = ({ raw }: Article): string[] => raw.slice(0, raw.indexOf('\r\n\r\n')).split('\r\n')
const bodyOf = ({ raw }: Article): string[] => {
  const body = raw.slice(raw.indexOf('\r\n\r\n') + 4)
  return (body.endsWith('\r\n') ? body.slice(0, -2) : body).split('\r\n')
}

/** ARTICLE, HEAD, BODY, STAT. */
export const retrieve =
  (code: number, what: 'article' | 'head' | 'body' | 'status') =>
  (reader: Reader, [word]: readonly string[]): string => {
    const found = pick(reader, word)
    if (typeof found === 'string') return found
    const first = `${code} ${found.number} ${found.article.id} ${what}`
    if (what === 'status') return `${first}\r\n`
    const head = what === 'body' ? [] : headOf(found.article)
    const body = what === 'head' ? [] : bodyOf(found.article)
    return block(first, what === 'article' ? [...head, '', ...body] : [...head, ...body])
  }

/** NEXT and LAST. */
export const step =
  (by: 1 | -1) =>
  (reader: Reader): string => {
    if (!reader.group) return NO_GROUP
    const numbers = articlesOf(spoolOf(reader), reader.group).map(([number]) => number)
    const to = by > 0 ? numbers.find(number => number > reader.at) : numbers.findLast(number => number < reader.at)
    if (to === undefined)
      return by > 0 ? '421 No next article to retrieve\r\n' : '422 No previous article to retrieve\r\n'
    reader.at = to
    const { id } = spoolOf(reader).byNumber.get(`${reader.group.name}:${to}`)!
    return `223 ${to} ${id} Article retrieved; request text separately\r\n`
  }

/** `3`, `3-`, `3-7`; none is the current article. */
function bounds(range: string | undefined, { at, group }: Reader): [from: number, to: number] {
  const [, from, dash, to] = /^(\d{1,10})(-)?(\d{1,10})?$/.exec(range ?? String(at)) ?? []
  if (from === undefined) return [1, 0]
  return [
    Number(from),
    dash === undefined ? Number(from) : to === undefined ? (group?.high ?? 0x7fff_ffff) : Number(to),
  ]
}
const isRange = (word: string) => /^\d{1,10}(?:-(?:\d{1,10})?)?$/.test(word)

/** Articles of a range of the current group; an answer where there are none. */
function inRange(reader: Reader, range: string | undefined): [number, Article][] | string {
  if (range !== undefined && !isRange(range)) return '501 Syntax error in Message-ID\r\n'
  if (!reader.group) return NO_GROUP
  const [from, to] = bounds(range, reader)
  const found = articlesOf(spoolOf(reader), reader.group).filter(([number]) => number >= from && number <= to)
  if (found.length > 0) return found
  return range === undefined ? '420 Current article number is invalid\r\n' : `423 No articles in ${range}\r\n`
}

/** A header field's value with tabs and line ends as spaces; metadata begin with a colon. */
function fieldOf(article: Article, name: string): string {
  const lower = name.toLowerCase()
  if (lower === ':bytes' || lower === 'bytes') return String(article.raw.length)
  if (lower === ':lines') return String(bodyOf(article).length)
  const found = headOf(article).find(line => line.slice(0, line.indexOf(':')).toLowerCase() === lower)
  return found === undefined
    ? ''
    : found
        .slice(found.indexOf(':') + 1)
        .trim()
        .replace(/[\t\r\n]/g, ' ')
}

export function over(reader: Reader, [range]: readonly string[]): string {
  if (range !== undefined && isId(range)) return '503 Overview by Message-ID unsupported\r\n'
  const found = inRange(reader, range)
  if (typeof found === 'string') return found
  const lines = found.map(([number, article]) => {
    const fields = ['Subject', 'From', 'Date', 'Message-ID', 'References', ':bytes', ':lines'].map(name =>
      fieldOf(article, name),
    )
    return [number, ...fields, `Xref: ${fieldOf(article, 'Xref')}`].join('\t')
  })
  return block(`224 Overview information for ${range ?? reader.at} follows`, lines)
}

/** What the overview database has: those header fields are answered from it. */
const OVERVIEW = new Set([
  'subject',
  'from',
  'date',
  'message-id',
  'references',
  'bytes',
  ':bytes',
  'lines',
  ':lines',
  'xref',
])

/** HDR (225) and XHDR (221); XPAT with patterns. */
export const header =
  (code: 221 | 225, patterned = false) =>
  (reader: Reader, [name = '', range, ...patterns]: readonly string[]): string => {
    const wanted = (value: string) => !patterned || patterns.some(pattern => fits(pattern, value))
    if (range !== undefined && isId(range)) {
      const article = spoolOf(reader).byId.get(range)
      if (!article) return '430 No such article\r\n'
      const value = fieldOf(article, name)
      return block(
        `${code} Header information for ${name} follows (from the article)`,
        wanted(value) ? [`${code === 225 ? 0 : range} ${value}`] : [],
      )
    }
    const found = inRange(reader, range)
    if (typeof found === 'string') return found
    const source = OVERVIEW.has(name.toLowerCase())
      ? `Header or metadata information for ${name} follows (from overview)`
      : `Header information for ${name} follows (from articles)`
    const lines = found.flatMap(([number, article]) => {
      const value = fieldOf(article, name)
      return wanted(value) ? [`${number} ${value}`] : []
    })
    return block(`${code} ${source}`, lines)
  }
