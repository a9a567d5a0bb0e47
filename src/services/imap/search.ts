import type { Message } from '#mailbox/mailbox.ts'
import { contentOf, type Part, parseMessage } from '#mailbox/mime.ts'
import { parseDate } from './fetch.ts'
import { headOf, sentOn } from './sent.ts'
import {
  clock,
  type Found,
  type Imap,
  learnKeywords,
  messagesOf,
  Refusal,
  selectedOf,
  startCounting,
} from './session.ts'
import { parseSet, ranges, textOf, type Word } from './wire.ts'

/** SEARCH (RFC 3501 §6.4.4, 4731, 5032, 5182, 7162), and what SORT and THREAD share with it. */

type Test = (message: Message, number: number) => boolean

/** Keys in one command: each looks through every message. */
const MOST_KEYS = 16

type Reader = { imap: Imap; words: Word[]; left: number; said: string; modseq: boolean }
/** What was found; what is said before and after it; whether modification sequences were asked for. */
export type Criteria = { found: Found[]; before: string; after: string; modseq: boolean }

/** The messages that hold to all keys. */
export function searchFor(imap: Imap, words: readonly Word[], charset?: string): Criteria {
  const { view } = selectedOf(imap)
  if (charset !== undefined && !/^(?:UTF-8|US-ASCII)$/i.test(charset))
    throw new Refusal('NO', '[BADCHARSET] Unknown charset')
  if (words.length === 0) throw new Refusal('BAD', 'Missing search parameters')
  const reader: Reader = { imap, words: [...words], left: MOST_KEYS, said: '', modseq: false }
  const test = all(reader)
  const found = view.flatMap((message, i) => (test(message, i + 1) ? [{ message, number: i + 1 }] : []))
  return { found, before: reader.modseq ? startCounting(imap) : '', after: reader.said, modseq: reader.modseq }
}

/** The answer to SEARCH: untagged lines. */
export const search = (imap: Imap, words: readonly Word[], byUid: boolean, tag: string): string =>
  results(imap, words, byUid, tag, 'SEARCH', rest => {
    const named = /^CHARSET$/i.test(textOf(rest[0]) ?? '')
    return searchFor(imap, named ? rest.slice(2) : rest, named ? (textOf(rest[1]) ?? '') : undefined)
  })

/** Tells what SEARCH or SORT found: all of it, or what the client wants returned. */
export function results(
  imap: Imap,
  words: readonly Word[],
  byUid: boolean,
  tag: string,
  verb: 'SEARCH' | 'SORT',
  work: (rest: Word[]) => Criteria,
): string {
  const selected = selectedOf(imap)
  const rest = [...words]
  const wanted = returnOptions(rest)
  const { found, before, after, modseq } = work(rest)
  const numbers = found.map(({ message, number }) => (byUid ? message.uid : number))
  const highest =
    modseq && found.length > 0 ? found.reduce((most, { message }) => Math.max(most, message.modseq), 0) : undefined
  if (!wanted) {
    const counted = highest === undefined ? '' : ` (MODSEQ ${highest})`
    return `${before}* ${verb}${numbers.map(n => ` ${n}`).join('')}${counted}\r\n${after}`
  }
  const { SAVE: saves, ...told } = wanted
  if (saves)
    selected.saved = new Set(
      keptOf(
        found.map(({ message }) => message),
        told,
      ),
    )
  if (saves && Object.keys(told).length === 0) return `${before}${after}`
  return `${before}${extended(numbers, told, byUid, tag, verb, highest)}${after}`
}

/** What `$` stands for afterwards: the ends alone where only they were asked for (RFC 5182 §2.4). */
function keptOf(found: readonly Message[], { MIN, MAX, ALL, COUNT }: Returned): readonly Message[] {
  if ((!MIN && !MAX) || ALL || COUNT) return found
  return [...(MIN ? found.slice(0, 1) : []), ...(MAX ? found.slice(-1) : [])]
}

const returnable = ['SAVE', 'MIN', 'MAX', 'ALL', 'COUNT'] as const
type Returned = Partial<Record<(typeof returnable)[number], true>> & { PARTIAL?: [from: number, to: number] }

function returnOptions(words: Word[]): Returned | undefined {
  const [first, second] = words
  if (!/^RETURN$/i.test(textOf(first) ?? '') || second?.kind !== 'list') return undefined
  words.splice(0, 2)
  const wanted: Returned = {}
  const items = second.items.map(item => (textOf(item) ?? '').toUpperCase())
  while (items.length > 0) {
    const name = items.shift()!
    const known = returnable.find(each => each === name)
    if (known) wanted[known] = true
    else if (name === 'PARTIAL') {
      const range = /^([1-9]\d{0,8}):([1-9]\d{0,8})$/.exec(items.shift() ?? '')
      if (!range) throw new Refusal('BAD', 'PARTIAL range invalid')
      wanted.PARTIAL = [Number(range[1]), Number(range[2])].sort((a, b) => a - b) as [number, number]
    } else if (name !== 'CONTEXT' && name !== 'UPDATE') throw new Refusal('BAD', 'Unknown SEARCH return option')
  }
  return Object.keys(wanted).length === 0 ? { ALL: true } : wanted
}

function extended(
  found: readonly number[],
  wanted: Returned,
  byUid: boolean,
  tag: string,
  verb: 'SEARCH' | 'SORT',
  highest: number | undefined,
): string {
  const parts = [`* ESEARCH (TAG "${tag}")`, ...(byUid ? ['UID'] : [])]
  // Sorted numbers keep their order.
  const listed = (numbers: readonly number[]) => (verb === 'SORT' ? numbers.join(',') : ranges(numbers))
  if (found.length > 0) {
    if (wanted.MIN) parts.push(`MIN ${found[0]}`)
    if (wanted.MAX) parts.push(`MAX ${found.at(-1)}`)
    if (wanted.ALL) parts.push(`ALL ${listed(found)}`)
  }
  if (wanted.COUNT) parts.push(`COUNT ${found.length}`)
  if (wanted.PARTIAL) {
    const [from, to] = wanted.PARTIAL
    const some = found.slice(from - 1, to)
    parts.push(`PARTIAL (${from}:${to} ${some.length > 0 ? listed(some) : 'NIL'})`)
  }
  if (highest !== undefined) parts.push(`MODSEQ ${highest}`)
  return `${parts.join(' ')}\r\n`
}

/** All keys up to the end hold. */
function all(reader: Reader): Test {
  const tests: Test[] = []
  while (reader.words.length > 0) tests.push(key(reader))
  return (message, number) => tests.every(test => test(message, number))
}

const flags = new Map([
  ['ANSWERED', '\\Answered'],
  ['DELETED', '\\Deleted'],
  ['DRAFT', '\\Draft'],
  ['FLAGGED', '\\Flagged'],
  ['SEEN', '\\Seen'],
])
const lower = (text: string) => text.toLowerCase()

function key(reader: Reader): Test {
  const word = reader.words.shift()
  if (!word || reader.left-- <= 0) throw new Refusal('BAD', 'Missing argument')
  if (word.kind === 'list') return within(reader, word.items)
  const name = word.text.toUpperCase()
  const flag = flags.get(name) ?? flags.get(name.replace(/^UN/, ''))
  if (flag) return message => message.flags.has(flag) !== name.startsWith('UN')
  const argument = (): string => {
    const text = textOf(reader.words.shift())
    if (text === undefined) throw new Refusal('BAD', `Missing parameter for search key (for search key: ${name})`)
    return text
  }
  const simple = simpleKey(reader, name, argument)
  if (simple) return simple
  if (name === '$') {
    const kept = new Set(messagesOf(reader.imap, '$', false).map(({ message }) => message))
    return message => kept.has(message)
  }
  const holds = /^[\d*:,]+$/.test(name) ? parseSet(name, selectedOf(reader.imap).view.length) : undefined
  if (!holds) throw new Refusal('BAD', `Unknown argument ${name}`)
  return (_, number) => holds(number)
}

/** All keys in a pair of parentheses hold. */
function within(reader: Reader, items: readonly Word[]): Test {
  if (items.length === 0) throw new Refusal('BAD', 'No search parameters inside list')
  const inner = { ...reader, words: [...items] }
  const test = all(inner)
  Object.assign(reader, { left: inner.left, said: inner.said, modseq: inner.modseq })
  return test
}

function simpleKey(reader: Reader, name: string, argument: () => string): Test | undefined {
  const { imap } = reader
  const { offset } = imap.cx.persona.timezone
  switch (name) {
    case 'ALL':
      return () => true
    case 'NEW':
      return message => message.recent && !message.flags.has('\\Seen')
    case 'OLD':
      return message => !message.recent
    case 'RECENT':
      return message => message.recent
    case 'NOT': {
      const test = key(reader)
      return (message, number) => !test(message, number)
    }
    case 'OR': {
      const [one, other] = [key(reader), key(reader)]
      return (message, number) => one(message, number) || other(message, number)
    }
    case 'UID': {
      const { view } = selectedOf(imap)
      const holds = parseSet(argument(), view.at(-1)?.uid ?? 0)
      if (!holds) throw new Refusal('BAD', 'Invalid UID messageset')
      return message => holds(message.uid)
    }
    case 'KEYWORD':
    case 'UNKEYWORD': {
      const word = argument()
      reader.said += learnKeywords(selectedOf(imap), [word])
      return message => message.flags.has(word) === (name === 'KEYWORD')
    }
    case 'FUZZY':
      return key(reader)
    case 'OLDER':
    case 'YOUNGER': {
      const seconds = wholeNumber(argument())
      if (!seconds) throw new Refusal('BAD', 'Invalid search interval parameter')
      const since = clock(imap) - seconds * 1000
      return ({ at }) => (name === 'OLDER' ? at <= since : at >= since)
    }
    case 'MODSEQ': {
      const since = wholeNumber(argument())
      if (since === undefined) throw new Refusal('BAD', 'Invalid MODSEQ value')
      reader.modseq = true
      return ({ modseq }) => modseq >= since
    }
    // What Dovecot calls a message, which nobody is told here.
    case 'X-GUID':
      argument()
      return () => false
    case 'LARGER':
    case 'SMALLER': {
      const size = wholeNumber(argument())
      if (size === undefined) throw new Refusal('BAD', 'Invalid search size parameter')
      return ({ raw }) => (name === 'LARGER' ? raw.length > size : raw.length < size)
    }
    case 'BCC':
    case 'CC':
    case 'FROM':
    case 'SUBJECT':
    case 'TO':
      return inField(name, argument())
    case 'HEADER': {
      const field = argument()
      return inField(field, argument())
    }
    case 'BODY':
    case 'TEXT': {
      const wanted = lower(argument())
      return ({ raw }) => reads(parseMessage(raw), name === 'TEXT', wanted)
    }
    case 'BEFORE':
    case 'ON':
    case 'SINCE':
    case 'SENTBEFORE':
    case 'SENTON':
    case 'SENTSINCE': {
      const day = parseDate(argument(), offset)
      if (day === undefined) throw new Refusal('BAD', 'Invalid search date parameter')
      const how = name.replace('SENT', '')
      // The day that the sender's calendar showed, or the one here on which the message came.
      const sent = day + offset * 60_000
      return (message, number) => {
        const [at, from] = how === name ? [message.at, day] : [sentOn(headOf(message, number)), sent]
        return how === 'BEFORE' ? at < from : how === 'SINCE' ? at >= from : at >= from && at < from + 86_400_000
      }
    }
    default:
      return undefined
  }
}

const wholeNumber = (text: string): number | undefined => (/^\d{1,15}$/.test(text) ? Number(text) : undefined)

/** Whether what is there to be read holds these words: text with its encoding undone, no other files. */
function reads(part: Part, headers: boolean, wanted: string): boolean {
  const holds = (bytes: Buffer) => lower(bytes.toString('latin1')).includes(wanted)
  if (headers && holds(part.header)) return true
  if (part.message) return reads(part.message, true, wanted)
  if (part.parts.length > 0) return part.parts.some(inner => reads(inner, headers, wanted))
  return part.type.toLowerCase() === 'text' && holds(contentOf(part))
}

function inField(name: string, wanted: string): Test {
  const [field, text] = [lower(name), lower(wanted)]
  return ({ raw }) =>
    parseMessage(raw).fields.some(each => lower(each.name) === field && lower(each.value).includes(text))
}
