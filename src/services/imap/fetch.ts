import type { Message } from '#mailbox/mailbox.ts'
import { type Part, parseMessage } from '#mailbox/mime.ts'
import { type Found, flagsOf, type Imap, messagesOf, Refusal, selectedOf } from './session.ts'
import { bodyStructure, envelope } from './structure.ts'
import { textOf, type Word } from './wire.ts'

/** FETCH (RFC 3501 §6.4.5). */

type Item = { name: string; section?: Section }
type Section = {
  path: number[]
  what: string
  fields: string[]
  peek: boolean
  from?: number
  count?: number
  shown: string
}

const macros = new Map([
  ['ALL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE']],
  ['FAST', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE']],
  ['FULL', ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODY']],
])
const plain = new Set(
  'FLAGS UID INTERNALDATE RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE RFC822 RFC822.HEADER RFC822.TEXT MODSEQ SAVEDATE PREVIEW'.split(
    ' ',
  ),
)

/** Bytes that one command may send: what a mailbox has, a few times over. */
const MOST_SENT = 16 << 20

/** Answers to FETCH, a piece a message. */
export function* fetch(imap: Imap, words: readonly Word[], byUid: boolean): Generator<Buffer> {
  const set = textOf(words[0])
  const wanted = words.slice(1)
  if (set === undefined || wanted.length === 0) throw new Refusal('BAD', 'Invalid arguments')
  const found = messagesOf(imap, set, byUid)
  const items = itemsOf(wanted)
  if (byUid && !items.some(({ name }) => name === 'UID')) items.unshift({ name: 'UID' })
  const { readOnly } = selectedOf(imap)
  let sent = 0
  for (const one of found) {
    const answer = answerOf(imap, one, items, readOnly)
    sent += answer.length
    if (sent > MOST_SENT) return
    yield answer
  }
}

function itemsOf(wanted: readonly Word[]): Item[] {
  const [first] = wanted
  const list = first?.kind === 'list' ? first.items : wanted
  const items: Item[] = []
  for (const word of list) {
    const text = textOf(word) ?? ''
    const macro = wanted.length === 1 && first?.kind !== 'list' ? macros.get(text.toUpperCase()) : undefined
    if (macro) items.push(...macro.map(name => ({ name })))
    else items.push(itemOf(text))
    if (items.length > 64) throw new Refusal('BAD', 'Too many arguments')
  }
  return items
}

function itemOf(text: string): Item {
  const upper = text.toUpperCase()
  if (plain.has(upper)) return { name: upper }
  const found = /^(BODY(?:\.PEEK)?|BINARY(?:\.PEEK|\.SIZE)?)\[([^\]]*)\](?:<(\d{1,10})(?:\.(\d{1,10}))?>)?$/i.exec(text)
  if (!found) throw new Refusal('BAD', `Unknown parameter: ${upper}`)
  const [, name = '', inside = '', from, count] = found
  const [, path = '', what = '', fields = ''] =
    /^((?:\d{1,4})(?:\.\d{1,4})*)?\.?((?:HEADER|TEXT|MIME)?(?:\.FIELDS(?:\.NOT)?)?)\s*(?:\(([^)]*)\))?$/i.exec(
      inside,
    ) ?? []
  if (inside !== '' && path === '' && what === '') throw new Refusal('BAD', `Unknown parameter: ${upper}`)
  return {
    name: 'BODY[]',
    section: {
      path: path === '' ? [] : path.split('.').map(Number),
      what: what.toUpperCase(),
      fields: fields
        .split(' ')
        .filter(Boolean)
        .map(each => each.replace(/^"|"$/g, '').toUpperCase()),
      peek: /\.PEEK$/i.test(name),
      ...(from === undefined ? {} : { from: Number(from) }),
      ...(count === undefined ? {} : { count: Number(count) }),
      shown: inside.toUpperCase(),
    },
  }
}

const EMPTY = Buffer.alloc(0)

function answerOf(imap: Imap, { message, number }: Found, items: readonly Item[], readOnly: boolean): Buffer {
  let parsed: Part | undefined
  const part = () => {
    parsed ??= parseMessage(message.raw)
    return parsed
  }
  const reads = items.some(
    ({ name, section }) => (section && !section.peek) || name === 'RFC822' || name === 'RFC822.TEXT',
  )
  const seen = reads && !readOnly && !message.flags.has('\\Seen')
  if (seen) {
    message.flags.add('\\Seen')
    imap.cx.record.fileRead({ path: `${selectedOf(imap).folder.name}/${message.uid}`, size: message.raw.length })
  }
  // What reading changed is told first.
  const all = seen && !items.some(({ name }) => name === 'FLAGS') ? [{ name: 'FLAGS' }, ...items] : items
  const joined = all.flatMap((item, i) => [Buffer.from(i > 0 ? ' ' : ''), itemValue(imap, message, item, part)])
  return Buffer.concat([Buffer.from(`* ${number} FETCH (`), ...joined, Buffer.from(')\r\n')])
}

function itemValue(imap: Imap, message: Message, { name, section }: Item, part: () => Part): Buffer {
  const { raw } = message
  const text = (value: string) => Buffer.from(`${name} ${value}`, 'latin1')
  const literal = (label: string, bytes: Buffer) =>
    Buffer.concat([Buffer.from(`${label} {${bytes.length}}\r\n`, 'latin1'), bytes])
  if (section) return literal(labelOf(section), slice(section, contentOf(section, raw, part)))
  switch (name) {
    case 'FLAGS':
      return text(`(${flagsOf(message)})`)
    case 'UID':
      return text(String(message.uid))
    case 'INTERNALDATE':
    case 'SAVEDATE':
      return text(`"${internalDate(message.at, imap.cx.persona.timezone.offset)}"`)
    case 'RFC822.SIZE':
      return text(String(raw.length))
    case 'ENVELOPE':
      return text(envelope(part()))
    case 'BODY':
      return text(bodyStructure(part(), false))
    case 'BODYSTRUCTURE':
      return text(bodyStructure(part(), true))
    case 'RFC822':
      return literal(name, raw)
    case 'RFC822.HEADER':
      return literal(name, part().header)
    case 'RFC822.TEXT':
      return literal(name, part().body)
    case 'PREVIEW':
      return literal(name, Buffer.from(part().body.toString('latin1', 0, 200).replace(/\s+/g, ' ').trim(), 'latin1'))
    default:
      return text('(1)')
  }
}

const labelOf = ({ shown, from }: Section) => `BODY[${shown}]${from === undefined ? '' : `<${from}>`}`
const slice = ({ from, count }: Section, bytes: Buffer) =>
  from === undefined ? bytes : bytes.subarray(from, count === undefined ? undefined : from + count)

/** What a section names (RFC 3501 §6.4.5); nothing when it is not there. */
function contentOf({ path, what, fields }: Section, raw: Buffer, part: () => Part): Buffer {
  if (path.length === 0 && what === '') return raw
  let at: Part | undefined = part()
  for (const number of path) {
    // A message within a message has the parts of what it holds.
    const here: Part | undefined = at?.message ?? at
    at = here && here.parts.length > 0 ? here.parts[number - 1] : number === 1 ? here : undefined
  }
  if (!at) return EMPTY
  const holder = path.length === 0 ? at : at.message
  if (what === 'MIME') return at.header
  if (what === '') return at.body
  if (!holder) return EMPTY
  if (what === 'TEXT') return holder.body
  if (what === 'HEADER') return holder.header
  const not = what.endsWith('.NOT')
  const kept = holder.fields.filter(field => fields.includes(field.name.toUpperCase()) !== not)
  return Buffer.from(`${kept.map(field => field.raw).join('')}\r\n`, 'latin1')
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `22-Nov-2025 04:34:07 +0900` (RFC 3501 §9, date-time). */
export function internalDate(at: number, offset: number): string {
  const shown = new Date(at + offset * 60_000)
  const two = (n: number) => String(n).padStart(2, '0')
  const minutes = Math.abs(offset)
  const day = `${two(shown.getUTCDate())}-${MONTHS[shown.getUTCMonth()]}-${shown.getUTCFullYear()}`
  return `${day} ${shown.toISOString().slice(11, 19)} ${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`
}

/** Milliseconds of a day (`1-Jan-2026`) or of a date-time; `undefined` when it is none. */
export function parseDate(text: string, offset: number): number | undefined {
  const found = /^\s?(\d{1,2})-([A-Za-z]{3})-(\d{4})(?: (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d))?$/.exec(text)
  if (!found) return undefined
  const [, day, name, year, hours, minutes, seconds, sign, zoneHours, zoneMinutes] = found
  const month = MONTHS.findIndex(known => known.toLowerCase() === name!.toLowerCase())
  if (month < 0) return undefined
  if (hours === undefined) return Date.UTC(Number(year), month, Number(day)) - offset * 60_000
  const zone = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === '-' ? -1 : 1)
  return Date.UTC(Number(year), month, Number(day), Number(hours), Number(minutes), Number(seconds)) - zone * 60_000
}
