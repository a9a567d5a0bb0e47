import { addMessage, changed, type Folder, type Message, removeMessages } from '#mailbox/mailbox.ts'
import { parseDate, sectionOf } from './fetch.ts'
import { nameOf } from './folders.ts'
import {
  changes,
  clock,
  type Found,
  flagsOf,
  folderOf,
  type Imap,
  learnKeywords,
  messagesOf,
  noMailbox,
  Refusal,
  selectedOf,
  startCounting,
} from './session.ts'
import { ranges, textOf, type Word } from './wire.ts'

/** Commands that change messages (RFC 3501 §6.4, RFC 4315, RFC 6851). */

const SYSTEM = new Map(
  ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft'].map(flag => [flag.toLowerCase(), flag]),
)

/** Flags of one message at most: words of a client's own stay few. */
const MOST_FLAGS = 32

/** Flags as a client wrote them: one, or a list. */
function flagList(words: readonly Word[], verb: string): string[] {
  const [first] = words
  const list = first?.kind === 'list' ? first.items : words
  return list.slice(0, MOST_FLAGS).map(word => {
    const text = (textOf(word) ?? '').slice(0, 64)
    if (!text.startsWith('\\')) return text
    const known = SYSTEM.get(text.toLowerCase())
    if (!known) throw new Refusal('BAD', `Invalid system flag ${text.toUpperCase()}`)
    return verb === '' ? text : known
  })
}

/** STORE: what is told before, and the words of its end. */
export function store(imap: Imap, given: readonly Word[], byUid: boolean): { said: string; done: string } {
  const selected = selectedOf(imap)
  const words = [...given]
  const set = textOf(words.shift())
  const unchangedSince = words[0]?.kind === 'list' ? storeModifier(words.shift()) : undefined
  const what = (textOf(words.shift()) ?? '').toUpperCase()
  const found = set === undefined ? undefined : messagesOf(imap, set, byUid)
  const [, sign, silent] = /^([+-]?)FLAGS(\.SILENT)?$/.exec(what) ?? []
  if (!found || sign === undefined || words.length === 0) throw new Refusal('BAD', 'Invalid arguments')
  const flags = flagList(words, what)
  if (selected.readOnly) return { said: '', done: 'Store ignored with read-only mailbox' }
  let said = unchangedSince === undefined ? '' : startCounting(imap)
  said += learnKeywords(selected, flags)
  const newer = ({ message }: Found) => unchangedSince !== undefined && message.modseq > unchangedSince
  const failed = found.filter(newer)
  const stored = found.filter(each => !newer(each))
  const touched = stored.filter(({ message }) => apply(message, sign, flags))
  changed(
    selected.folder,
    touched.map(({ message }) => message),
  )
  for (const { message, number } of stored) {
    const told = [
      ...(byUid ? [`UID ${message.uid}`] : []),
      ...(imap.condstore ? [`MODSEQ (${message.modseq})`] : []),
      ...(silent === undefined ? [`FLAGS (${flagsOf(message)})`] : []),
    ]
    if (silent === undefined || imap.condstore) said += `* ${number} FETCH (${told.join(' ')})\r\n`
  }
  if (failed.length === 0) return { said, done: 'Store completed' }
  const left = ranges(failed.map(({ message, number }) => (byUid ? message.uid : number)))
  return { said, done: `[MODIFIED ${left}] Conditional store failed` }
}

/** `(UNCHANGEDSINCE 7)` (RFC 7162 §3.1.3). */
function storeModifier(word: Word | undefined): number {
  const [name, value] = word?.kind === 'list' ? word.items.map(textOf) : []
  if (name?.toUpperCase() !== 'UNCHANGEDSINCE') throw new Refusal('BAD', 'Unknown STORE modifier')
  if (!/^\d{1,15}$/.test(value ?? '')) throw new Refusal('BAD', 'Invalid UNCHANGEDSINCE modseq')
  return Number(value)
}

/** Changes a message's flags as told; whether any is another now. */
function apply(message: Message, sign: string, flags: readonly string[]): boolean {
  const before = message.flags
  const after = new Set(sign === '' ? [] : before)
  for (const flag of flags) {
    if (sign === '-') after.delete(flag)
    else if (after.size < MOST_FLAGS) after.add(flag)
  }
  message.flags = after
  return before.size !== after.size || [...after].some(flag => !before.has(flag))
}

/** EXPUNGE, and CLOSE, which does it without a word. */
export function expunge(imap: Imap, only?: readonly Found[]): string {
  const { folder, readOnly } = selectedOf(imap)
  if (readOnly) return ''
  const named = only && new Set(only.map(({ message }) => message))
  const gone = folder.messages.filter(message => message.flags.has('\\Deleted') && (!named || named.has(message)))
  removeMessages(imap.mailbox, folder, new Set(gone))
  return changes(imap)
}

/** COPY and MOVE: what is said before, and COPYUID's code. */
export function copy(
  imap: Imap,
  words: readonly Word[],
  byUid: boolean,
  move: boolean,
): { code: string; said: string } {
  const set = textOf(words[0])
  const name = textOf(words[1])
  if (set === undefined || name === undefined) throw new Refusal('BAD', 'Invalid arguments')
  const found = messagesOf(imap, set, byUid)
  const target = folderOf(imap, name)
  if (!target) throw noMailbox(name, '[TRYCREATE] ')
  if (found.length === 0) return { code: '', said: '' }
  const copies = found.map(({ message }) => {
    const { at, raw, flags } = message
    const made = addMessage(imap.mailbox, target, { at, raw, flags: new Set(flags), recent: true })
    if (!made) throw new Refusal('NO', '[OVERQUOTA] Quota exceeded (mailbox for user is full)')
    return { from: message, made }
  })
  const uids = (list: readonly Message[]) => ranges(list.map(({ uid }) => uid))
  const code = `[COPYUID ${target.uidValidity} ${uids(copies.map(each => each.from))} ${uids(copies.map(each => each.made))}]`
  if (!move) return { code, said: '' }
  removeMessages(imap.mailbox, selectedOf(imap).folder, new Set(copies.map(({ from }) => from)))
  return { code, said: `* OK ${code} Moved UIDs.\r\n${changes(imap)}` }
}

/** Where APPEND wants to put its message; asked before the literal comes. */
export function appendTarget(imap: Imap, words: readonly Word[]): Folder {
  const name = nameOf(words)
  const folder = folderOf(imap, name)
  if (!folder) throw noMailbox(name, '[TRYCREATE] ')
  return folder
}

/** Messages of one APPEND (RFC 3502), and pieces of one of them (RFC 4469). */
const MOST_APPENDED = 32
const MOST_PIECES = 64

/** APPEND folder, then once or more often [flags] [date] message: each message is kept as a sample as well. */
export async function append(imap: Imap, words: readonly Word[]): Promise<string> {
  const folder = appendTarget(imap, words)
  const rest = words.slice(1)
  const made: Message[] = []
  do {
    const flags = rest[0]?.kind === 'list' ? flagList([rest.shift()!], 'APPEND') : []
    const message = messageOf(imap, rest)
    const writer = imap.cx.sample()
    await writer.write(message.sent)
    imap.cx.record.fileUpload({ path: `${folder.name}/${folder.uidNext}.eml`, sample: await writer.close() })
    if (message.sent.length === 0) throw new Refusal('NO', "Can't save a zero byte message")
    // Stored with the line ends that letters have.
    const raw = Buffer.from(message.sent.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1')
    const added = addMessage(imap.mailbox, folder, { at: message.at, raw, flags: new Set(flags), recent: true })
    if (!added) throw new Refusal('NO', '[OVERQUOTA] Quota exceeded (mailbox for user is full)')
    made.push(added)
  } while (rest.length > 0 && made.length < MOST_APPENDED)
  return `[APPENDUID ${folder.uidValidity} ${ranges(made.map(({ uid }) => uid))}]`
}

/** When a message is said to have come, and what it is: a literal, or put together of several (CATENATE). Takes its words. */
function messageOf(imap: Imap, words: Word[]): { at: number; sent: Buffer } {
  const { offset } = imap.cx.persona.timezone
  const catenated = () => words[0]?.kind === 'atom' && words[0].text.toUpperCase() === 'CATENATE'
  const dated = words[0]?.kind === 'string' && !words[0].literal
  const at = dated ? parseDate(textOf(words.shift()) ?? '', offset) : clock(imap)
  if (at === undefined) throw new Refusal('BAD', 'Invalid internal date')
  if (catenated()) {
    const [, pieces] = words.splice(0, 2)
    return { at, sent: catenate(imap, pieces?.kind === 'list' ? pieces.items : []) }
  }
  const body = words.shift()
  if (body?.kind !== 'string' || !body.literal) throw new Refusal('BAD', 'Missing message size')
  return { at, sent: Buffer.from(body.text, 'latin1') }
}

/** `(URL "/INBOX/;UID=5/;SECTION=HEADER" TEXT {3}…)` (RFC 4469). */
function catenate(imap: Imap, items: readonly Word[]): Buffer {
  const pieces: Buffer[] = []
  for (let i = 0; i < items.length && pieces.length < MOST_PIECES; i += 2) {
    const [kind, value] = [textOf(items[i])?.toUpperCase(), textOf(items[i + 1])]
    if (value === undefined || (kind !== 'URL' && kind !== 'TEXT')) throw new Refusal('BAD', 'Invalid arguments')
    pieces.push(kind === 'TEXT' ? Buffer.from(value, 'latin1') : pointedAt(imap, value))
  }
  return Buffer.concat(pieces)
}

/** What an IMAP URL within this mailbox names (RFC 5092): a message, or a section of it. */
function pointedAt(imap: Imap, url: string): Buffer {
  const [, name = '', uid, section] =
    /^(?:imap:\/\/[^/]{0,200})?\/([^/;]{1,200})(?:;UIDVALIDITY=\d+)?\/;UID=(\d{1,10})(?:\/;SECTION=([^/;]{1,200}))?$/i.exec(
      url,
    ) ?? []
  const bad = (why: string) => new Refusal('NO', `[BADURL ${url.slice(0, 500).replace(/[\r\n]/g, '')}] ${why}`)
  if (uid === undefined) throw bad('Invalid URL')
  const message = folderOf(imap, name)?.messages.find(each => each.uid === Number(uid))
  if (!message) throw bad('Message not found')
  return section === undefined ? message.raw : sectionOf(message.raw, section)
}
