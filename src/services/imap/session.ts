import { text } from '#events/text.ts'
import type { Folder, Mailbox, Message } from '#mailbox/mailbox.ts'
import type { Conn } from '#sensor/conn.ts'
import type { TcpContext } from '#sensor/service.ts'
import type { Options } from './options.ts'
import { parseSet, ranges } from './wire.ts'

/** The folder that is open, as this client has been told of it: its numbers count this list. */
export type Selected = {
  folder: Folder
  view: Message[]
  readOnly: boolean
  keywords: Set<string>
  /** What a search was told to keep (RFC 5182): `$`. */
  saved: ReadonlySet<Message>
}

/** One connection with somebody logged in. */
export type Imap = {
  conn: Conn
  cx: TcpContext<Options>
  mailbox: Mailbox
  selected?: Selected | undefined
  /** Whether the client is told of modification sequences (RFC 7162). */
  condstore: boolean
  /** Whether it hears of messages that are gone by their UIDs (RFC 7162 §3.2). */
  qresync: boolean
  mistakes: number
}

/** What was sent, Latin-1, for an event. */
export const latin = (said: string, max = 512) => text(Buffer.from(said, 'latin1'), max)

/** The clock of the pretended machine. */
export const clock = ({ cx }: Imap) => cx.now() + cx.persona.clockSkew

/** A complaint for the whole command: `NO` or `BAD` with these words. */
export class Refusal extends Error {
  readonly kind: 'NO' | 'BAD'
  constructor(kind: 'NO' | 'BAD', words: string) {
    super(words)
    this.kind = kind
  }
}
export const noMailbox = (name: string, code = '') => new Refusal('NO', `${code}Mailbox doesn't exist: ${name}`)

export function selectedOf(imap: Imap): Selected {
  if (!imap.selected) throw new Refusal('BAD', 'No mailbox selected')
  return imap.selected
}

/** A folder by the name a client gave it; INBOX in any case. */
export const folderOf = ({ mailbox }: Imap, name: string): Folder | undefined =>
  mailbox.folders.get(/^inbox$/i.test(name) ? 'INBOX' : name)

export type Found = { message: Message; number: number }

/** The messages that a set names, by number or UID. Numbers have to be there, UIDs need not. */
export function messagesOf(imap: Imap, set: string, byUid: boolean): Found[] {
  const { view } = selectedOf(imap)
  const highest = byUid ? (view.at(-1)?.uid ?? 0) : view.length
  if (set === '$') {
    const { saved } = selectedOf(imap)
    return view.flatMap((message, i) => (saved.has(message) ? [{ message, number: i + 1 }] : []))
  }
  const holds = parseSet(set, highest)
  if (!holds) throw new Refusal('BAD', 'Invalid messageset')
  // Every number has to be one of a message.
  if (!byUid && set.split(/[,:]/).some(end => end !== '*' && Number(end) > view.length))
    throw new Refusal('BAD', 'Invalid messageset')
  return view.flatMap((message, i) => (holds(byUid ? message.uid : i + 1) ? [{ message, number: i + 1 }] : []))
}

const SYSTEM = ['\\Answered', '\\Flagged', '\\Deleted', '\\Seen', '\\Draft']

/** Flags in the order in which Dovecot tells them. */
export function flagsOf(message: Message): string {
  const system = SYSTEM.filter(flag => message.flags.has(flag))
  const keywords = [...message.flags].filter(flag => !flag.startsWith('\\'))
  return [...system, ...(message.recent ? ['\\Recent'] : []), ...keywords].join(' ')
}

/** FLAGS and PERMANENTFLAGS of a folder with these keywords. */
export function flagLines({ readOnly, keywords }: Selected): string {
  const all = [...SYSTEM, ...keywords].join(' ')
  const permanent = readOnly ? 'PERMANENTFLAGS ()] Read-only mailbox' : `PERMANENTFLAGS (${all} \\*)] Flags permitted`
  return `* FLAGS (${all})\r\n* OK [${permanent}.\r\n`
}

/** A keyword that the folder has not seen: it becomes known. Returns what is said of it. */
export function learnKeywords(selected: Selected, words: readonly string[]): string {
  const fresh = words.filter(word => !word.startsWith('\\') && !selected.keywords.has(word))
  if (fresh.length === 0 || selected.keywords.size + fresh.length > 64) return ''
  for (const word of fresh) selected.keywords.add(word)
  return flagLines(selected)
}

/** The client shows that it knows modification sequences: from here on it is told of them. */
export function startCounting(imap: Imap): string {
  if (imap.condstore) return ''
  imap.condstore = true
  return imap.selected ? `* OK [HIGHESTMODSEQ ${imap.selected.folder.modseq}] Highest\r\n` : ''
}

/** Tells of messages that are gone or new since this client last heard (RFC 3501 §7.4.1, §7.3.1). */
export function changes({ selected, qresync }: Imap): string {
  if (!selected) return ''
  const { folder, view } = selected
  const there = new Set(folder.messages)
  let said = ''
  const vanished = view.filter(message => !there.has(message)).map(({ uid }) => uid)
  if (qresync && vanished.length > 0) said += `* VANISHED ${ranges(vanished)}\r\n`
  for (let i = view.length - 1; i >= 0; i--)
    if (!there.has(view[i]!)) {
      if (!qresync) said += `* ${i + 1} EXPUNGE\r\n`
      view.splice(i, 1)
    }
  if (folder.messages.length > view.length) {
    selected.view = [...folder.messages]
    const recent = selected.view.filter(message => message.recent).length
    said += `* ${selected.view.length} EXISTS\r\n* ${recent} RECENT\r\n`
  }
  return said
}
