import { changed, type Message } from '#mailbox/mailbox.ts'
import { contentOf as decoded, fieldOf, type Part, parseMessage } from '#mailbox/mime.ts'
import { vanishedSince } from './folders.ts'
import { type Found, flagsOf, type Imap, messagesOf, Refusal, selectedOf, startCounting } from './session.ts'
import { bodyStructure, envelope } from './structure.ts'
import { parseSet, quoted, textOf, type Word } from './wire.ts'

/** FETCH (RFC 3501 §6.4.5). */

type Item = { name: string; section?: Section }
type Section = {
  path: number[]
  what: string
  fields: string[]
  peek: boolean
  /** BINARY and BINARY.SIZE ask for a part with its encoding undone (RFC 3516). */
  binary?: 'part' | 'size'
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
  'FLAGS UID INTERNALDATE RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE RFC822 RFC822.HEADER RFC822.TEXT MODSEQ SAVEDATE X-SAVEDATE PREVIEW'.split(
    ' ',
  ),
)

/** Bytes that one command may send: what a mailbox has, a few times over. */
const MOST_SENT = 16 << 20

/** Numbers and flags, which Dovecot tells before all that it has to read a message for. */
const first = new Set(['FLAGS', 'UID', 'INTERNALDATE', 'RFC822.SIZE', 'MODSEQ'])

/** Answers to FETCH, a piece a message. */
export function* fetch(imap: Imap, words: readonly Word[], byUid: boolean): Generator<Buffer> {
  const set = textOf(words[0])
  const [, wanted, modifiers, ...more] = words
  if (set === undefined || wanted === undefined || more.length > 0) throw new Refusal('BAD', 'Invalid arguments')
  if (modifiers && modifiers.kind !== 'list') throw new Refusal('BAD', 'Invalid arguments')
  const since = modifiers && changedSince(imap, modifiers.items, byUid)
  const found = messagesOf(imap, set, byUid)
  const items = itemsOf(wanted)
  if (since) items.push({ name: 'MODSEQ' })
  if (byUid && !items.some(({ name }) => name === 'UID')) items.unshift({ name: 'UID' })
  const known = items.filter(({ name }, i) => items.findIndex(other => other.name === name) === i || name === 'BODY[]')
  known.sort((one, other) => Number(first.has(other.name)) - Number(first.has(one.name)))
  const { readOnly, folder } = selectedOf(imap)
  if (known.some(({ name }) => name === 'MODSEQ')) yield Buffer.from(startCounting(imap))
  if (since?.vanished) yield Buffer.from(vanishedSince(folder, since.modseq, parseSet(set, folder.uidNext - 1)))
  let sent = 0
  for (const one of found) {
    if (since && one.message.modseq <= since.modseq) continue
    const answer = answerOf(imap, one, known, readOnly)
    sent += answer.length
    if (sent > MOST_SENT) return
    yield answer
  }
}

/** `(CHANGEDSINCE 7 VANISHED)` (RFC 7162 §3.1.4, §3.2.6). */
function changedSince(imap: Imap, items: readonly Word[], byUid: boolean): { modseq: number; vanished: boolean } {
  const [name, value, vanished, ...more] = items.map(item => (textOf(item) ?? '').toUpperCase())
  const known = vanished === undefined || (vanished === 'VANISHED' && byUid && imap.qresync)
  if (name !== 'CHANGEDSINCE' || !known || more.length > 0) throw new Refusal('BAD', 'Unknown FETCH modifier')
  if (!/^\d{1,15}$/.test(value ?? '')) throw new Refusal('BAD', 'Invalid CHANGEDSINCE modseq')
  return { modseq: Number(value), vanished: vanished !== undefined }
}

function itemsOf(wanted: Word): Item[] {
  const list = wanted.kind === 'list' ? wanted.items : [wanted]
  if (list.length === 0) throw new Refusal('BAD', 'FETCH list is empty')
  const items: Item[] = []
  for (const [i, word] of list.entries()) {
    // What stands behind PREVIEW in parentheses is how it may be made.
    if (word.kind === 'list' && items.at(-1)?.name === 'PREVIEW') continue
    const text = textOf(word) ?? ''
    const macro = i === 0 && wanted.kind !== 'list' ? macros.get(text.toUpperCase()) : undefined
    if (macro) items.push(...macro.map(name => ({ name })))
    else items.push(itemOf(text))
    if (items.length > 64) throw new Refusal('BAD', 'Too many arguments')
  }
  return items
}

function itemOf(text: string): Item {
  const upper = text.toUpperCase()
  if (plain.has(upper)) return { name: upper }
  if (/^(?:BODY|BINARY)[^[]*\[[^\]]*$/.test(upper)) throw new Refusal('BAD', "Invalid BODY[..] parameter: Missing ']'")
  const wrong = /^RFC822\./.test(upper) ? `Unknown parameter ${upper}` : `Unknown parameter: ${upper}`
  const found = /^(BODY(?:\.PEEK)?|BINARY(?:\.PEEK|\.SIZE)?)\[([^\]]*)\](?:<(\d{1,10})(?:\.(\d{1,10}))?>)?$/i.exec(text)
  if (!found) throw new Refusal('BAD', wrong)
  const [, name = '', inside = '', from, count] = found
  const [, path = '', what = '', fields = ''] =
    /^((?:\d{1,4})(?:\.\d{1,4})*)?\.?((?:HEADER|TEXT|MIME)?(?:\.FIELDS(?:\.NOT)?)?)\s*(?:\(([^)]*)\))?$/i.exec(
      inside,
    ) ?? []
  if (inside !== '' && path === '' && what === '') throw new Refusal('BAD', 'Invalid BODY[..] section')
  return {
    name: 'BODY[]',
    section: {
      path: path === '' ? [] : path.split('.').map(Number),
      what: what.toUpperCase(),
      fields: fields
        .split(' ')
        .filter(Boolean)
        .map(each => each.replace(/^"|"$/g, '').toUpperCase()),
      peek: /\.(?:PEEK|SIZE)$/i.test(name),
      ...(/^BINARY/i.test(name) ? { binary: /SIZE$/i.test(name) ? ('size' as const) : ('part' as const) } : {}),
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
    changed(selectedOf(imap).folder, [message])
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
  if (section?.binary) return binaryOf(section, raw, part())
  if (section) return literal(labelOf(section), slice(section, contentOf(section, raw, part)))
  switch (name) {
    case 'FLAGS':
      return text(`(${flagsOf(message)})`)
    case 'UID':
      return text(String(message.uid))
    case 'INTERNALDATE':
    case 'SAVEDATE':
    case 'X-SAVEDATE':
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
      return text(quoted(previewOf(part())))
    default:
      return text(`(${message.modseq})`)
  }
}

const labelOf = ({ shown, from }: Section) => `BODY[${shown}]${from === undefined ? '' : `<${from}>`}`
const slice = ({ from, count }: Section, bytes: Buffer) =>
  from === undefined ? bytes : bytes.subarray(from, count === undefined ? undefined : from + count)

/** BINARY[2], and BINARY.SIZE[2]: a literal that may hold NULs where an encoding was undone or a whole message is meant. */
function binaryOf(section: Section, raw: Buffer, whole: Part): Buffer {
  const part = partAt(whole, section.path)
  const bytes = section.path.length === 0 ? raw : part ? decoded(part) : EMPTY
  const label = `BINARY${section.binary === 'size' ? '.SIZE' : ''}[${section.shown}]`
  if (section.binary === 'size') return Buffer.from(`${label} ${bytes.length}`)
  const encoding = part && fieldOf(part.fields, 'content-transfer-encoding')
  const plain = section.path.length > 0 && !/^(?:base64|quoted-printable)$/i.test(encoding ?? '')
  const piece = slice(section, bytes)
  const from = section.from === undefined ? '' : `<${section.from}>`
  return Buffer.concat([Buffer.from(`${label}${from} ${plain ? '' : '~'}{${piece.length}}\r\n`), piece])
}

/** The first words of a message (RFC 8970): of its first part that is text. */
function previewOf(part: Part): string {
  const inner = part.message ?? part.parts.find(({ type }) => /^(?:text|multipart)$/i.test(type))
  if (inner) return previewOf(inner)
  const text = decoded(part).toString('latin1', 0, LONGEST_PREVIEW * 4)
  return text.replace(/\s+/g, ' ').trim().slice(0, LONGEST_PREVIEW).trimEnd()
}
const LONGEST_PREVIEW = 200

/** A section as a URL names it: `HEADER`, `1.MIME`, `2` (RFC 5092). */
export function sectionOf(raw: Buffer, named: string): Buffer {
  const { section } = itemOf(`BODY[${named}]`)
  return section ? contentOf(section, raw, () => parseMessage(raw)) : EMPTY
}

/** The part with these numbers; a message within a message has the parts of what it holds. */
function partAt(whole: Part, path: readonly number[]): Part | undefined {
  let at: Part | undefined = whole
  for (const number of path) {
    const here: Part | undefined = at?.message ?? at
    at = here && here.parts.length > 0 ? here.parts[number - 1] : number === 1 ? here : undefined
  }
  return at
}

/** What a section names (RFC 3501 §6.4.5); nothing when it is not there. */
function contentOf({ path, what, fields }: Section, raw: Buffer, part: () => Part): Buffer {
  if (path.length === 0 && what === '') return raw
  const at = partAt(part(), path)
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
