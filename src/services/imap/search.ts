import type { Message } from '#mailbox/mailbox.ts'
import { parseMessage } from '#mailbox/mime.ts'
import { parseDate } from './fetch.ts'
import { type Imap, learnKeywords, messagesOf, Refusal, selectedOf } from './session.ts'
import { parseSet, textOf, type Word } from './wire.ts'

/** SEARCH (RFC 3501 §6.4.4, RFC 4731). */

type Test = (message: Message, number: number) => boolean

/** Keys in one command: each looks through every message. */
const MOST_KEYS = 16

type Reader = { imap: Imap; words: Word[]; left: number; said: string }

/** The answer to SEARCH: untagged lines. */
export function search(imap: Imap, words: readonly Word[], byUid: boolean, tag: string): string {
  const { view } = selectedOf(imap)
  const reader: Reader = { imap, words: [...words], left: MOST_KEYS, said: '' }
  const wanted = returnOptions(reader)
  if (/^CHARSET$/i.test(textOf(reader.words[0]) ?? '')) {
    reader.words.shift()
    if (!/^(UTF-8|US-ASCII)$/i.test(textOf(reader.words.shift()) ?? ''))
      throw new Refusal('NO', '[BADCHARSET] Unknown charset')
  }
  if (reader.words.length === 0) throw new Refusal('BAD', 'Missing search parameters')
  const test = all(reader)
  const found = view.flatMap((message, i) => (test(message, i + 1) ? [byUid ? message.uid : i + 1] : []))
  return `${wanted ? extended(found, wanted, byUid, tag) : `* SEARCH${found.map(n => ` ${n}`).join('')}\r\n`}${reader.said}`
}

function returnOptions({ words }: Reader): string[] | undefined {
  const [first, second] = words
  if (!/^RETURN$/i.test(textOf(first) ?? '') || second?.kind !== 'list') return undefined
  words.splice(0, 2)
  const list = second.items.map(item => (textOf(item) ?? '').toUpperCase())
  return list.length === 0 ? ['ALL'] : list
}

function extended(found: readonly number[], wanted: readonly string[], byUid: boolean, tag: string): string {
  const parts = [`* ESEARCH (TAG "${tag}")`, ...(byUid ? ['UID'] : [])]
  if (found.length > 0) {
    if (wanted.includes('MIN')) parts.push(`MIN ${found[0]}`)
    if (wanted.includes('MAX')) parts.push(`MAX ${found.at(-1)}`)
    if (wanted.includes('ALL')) parts.push(`ALL ${ranges(found)}`)
  }
  if (wanted.includes('COUNT')) parts.push(`COUNT ${found.length}`)
  return `${parts.join(' ')}\r\n`
}

/** `1:3,7` */
export function ranges(numbers: readonly number[]): string {
  const out: string[] = []
  for (let i = 0; i < numbers.length; i++) {
    const from = numbers[i]!
    while (numbers[i + 1] === numbers[i]! + 1) i++
    out.push(from === numbers[i] ? String(from) : `${from}:${numbers[i]}`)
  }
  return out.join(',')
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
  if (!word || reader.left-- <= 0) throw new Refusal('BAD', 'Missing search parameters')
  if (word.kind === 'list') return all({ ...reader, words: [...word.items] })
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
  const holds = /^[\d*:,]+$/.test(name) ? numbers(reader.imap, name) : undefined
  if (!holds) throw new Refusal('BAD', `Unknown argument ${name}`)
  return (_, number) => holds(number)
}

function numbers(imap: Imap, set: string): (number: number) => boolean {
  const found = new Set(messagesOf(imap, set, false).map(({ number }) => number))
  return number => found.has(number)
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
    case 'LARGER':
    case 'SMALLER': {
      const size = Number(argument())
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
      return ({ raw }) => lower((name === 'TEXT' ? raw : parseMessage(raw).body).toString('latin1')).includes(wanted)
    }
    case 'BEFORE':
    case 'ON':
    case 'SINCE':
    case 'SENTBEFORE':
    case 'SENTON':
    case 'SENTSINCE': {
      const day = parseDate(argument(), offset)
      if (day === undefined) throw new Refusal('BAD', `Invalid search date parameter (for search key: ${name})`)
      const how = name.replace('SENT', '')
      return ({ at }) =>
        how === 'BEFORE' ? at < day : how === 'SINCE' ? at >= day : at >= day && at < day + 86_400_000
    }
    default:
      return undefined
  }
}

function inField(name: string, wanted: string): Test {
  const [field, text] = [lower(name), lower(wanted)]
  return ({ raw }) =>
    parseMessage(raw).fields.some(each => lower(each.name) === field && lower(each.value).includes(text))
}
