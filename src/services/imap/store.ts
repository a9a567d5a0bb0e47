import { addMessage, type Folder, type Message, removeMessages } from '#mailbox/mailbox.ts'
import { parseDate } from './fetch.ts'
import { nameOf } from './folders.ts'
import { ranges } from './search.ts'
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
} from './session.ts'
import { textOf, type Word } from './wire.ts'

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

export function store(imap: Imap, words: readonly Word[], byUid: boolean): { said: string; ignored: boolean } {
  const selected = selectedOf(imap)
  const [set, what] = [textOf(words[0]), (textOf(words[1]) ?? '').toUpperCase()]
  const found = set === undefined ? undefined : messagesOf(imap, set, byUid)
  const [, sign, silent] = /^([+-]?)FLAGS(\.SILENT)?$/.exec(what) ?? []
  if (!found || sign === undefined || words.length < 3) throw new Refusal('BAD', 'Invalid arguments')
  const flags = flagList(words.slice(2), what)
  if (selected.readOnly) return { said: '', ignored: true }
  let said = learnKeywords(selected, flags)
  for (const { message, number } of found) {
    if (sign === '') message.flags = new Set(flags)
    else
      for (const flag of flags) {
        if (sign === '-') message.flags.delete(flag)
        else if (message.flags.size < MOST_FLAGS) message.flags.add(flag)
      }
    if (silent === undefined)
      said += `* ${number} FETCH (${byUid ? `UID ${message.uid} ` : ''}FLAGS (${flagsOf(message)}))\r\n`
  }
  return { said, ignored: false }
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

/** APPEND folder [flags] [date] message: the message is kept as a sample as well. */
export async function append(imap: Imap, words: readonly Word[]): Promise<string> {
  const folder = appendTarget(imap, words)
  const rest = words.slice(1)
  const flags = rest[0]?.kind === 'list' ? flagList([rest.shift()!], 'APPEND') : []
  const { offset } = imap.cx.persona.timezone
  const dated = rest.length > 1 ? parseDate(textOf(rest.shift()) ?? '', offset) : clock(imap)
  const body = textOf(rest[0])
  if (body === undefined) throw new Refusal('BAD', 'Missing message size')
  if (dated === undefined) throw new Refusal('BAD', 'Invalid internal date')
  const sent = Buffer.from(body, 'latin1')
  const writer = imap.cx.sample()
  await writer.write(sent)
  imap.cx.record.fileUpload({ path: `${folder.name}/${folder.uidNext}.eml`, sample: await writer.close() })
  // Stored with the line ends that letters have.
  const raw = Buffer.from(body.replace(/\r?\n/g, '\r\n'), 'latin1')
  const made = addMessage(imap.mailbox, folder, { at: dated, raw, flags: new Set(flags), recent: true })
  if (!made) throw new Refusal('NO', '[OVERQUOTA] Quota exceeded (mailbox for user is full)')
  return `[APPENDUID ${folder.uidValidity} ${made.uid}]`
}
