import { addFolder, type Folder, removeMessages } from '#mailbox/mailbox.ts'
import { clock, flagLines, flagsOf, folderOf, type Imap, noMailbox, Refusal, type Selected } from './session.ts'
import { astring, quoted, ranges, textOf, type Word } from './wire.ts'

/** Commands about folders (RFC 3501 §6.3). A dot separates levels, as in a Maildir. */

const special = new Map([
  ['Drafts', '\\Drafts'],
  ['Sent', '\\Sent'],
  ['Trash', '\\Trash'],
  ['Junk', '\\Junk'],
])

/** The one name that a command is about. */
export function nameOf(words: readonly Word[]): string {
  const name = textOf(words[0])
  if (name === undefined) throw new Refusal('BAD', 'Invalid arguments')
  return name
}
/** A name that a folder may be given; Dovecot says what it does not like about another. */
function checked(name: string): string {
  if (!modifiedUtf7(name)) throw new Refusal('NO', 'Mailbox name is not valid mUTF-7')
  const wrong = invalid.find(([pattern]) => pattern.test(name))?.[1]
  if (wrong !== undefined) throw new Refusal('NO', `[CANNOT] Invalid mailbox name: ${wrong}`)
  return name
}
const invalid: readonly [RegExp, string][] = [
  [/^$/, 'Name is empty'],
  [/\//, "Name must not have '/' characters"],
  [/^\./, 'Begins with hierarchy separator'],
  [/\.\./, 'Has adjacent hierarchy separators'],
  [/.{201}/s, 'Mailbox name too long'],
  [/[\0-\x1f]/, 'Mailbox name contains control characters'],
]

/** RFC 3501 §5.1.3: `&` and `-` hold UTF-16 in base64, of letters that ASCII has not. */
function modifiedUtf7(name: string): boolean {
  if (/[\x80-\xff]/.test(name)) return false
  return name.split('&').every((piece, i) => {
    if (i === 0) return true
    const end = piece.indexOf('-')
    const coded = piece.slice(0, Math.max(0, end))
    if (end < 0 || !/^[A-Za-z0-9+,]*$/.test(coded)) return false
    const bytes = Buffer.from(coded.replaceAll(',', '/'), 'base64')
    return (
      bytes.length % 2 === 0 &&
      !bytes
        .swap16()
        .toString('utf16le')
        .match(/[\x20-\x7e]/)
    )
  })
}

/** `%` stands for anything within a level, `*` for anything; no expression is built of what was sent. */
export function matches(pattern: string, name: string): boolean {
  let states = new Set([0])
  const skip = (from: Set<number>) => {
    for (const at of from) if (pattern[at] === '*' || pattern[at] === '%') from.add(at + 1)
    return from
  }
  states = skip(states)
  for (const letter of name) {
    const next = new Set<number>()
    for (const at of states) {
      const wanted = pattern[at]
      if (wanted === '*' || (wanted === '%' && letter !== '.')) next.add(at)
      else if (wanted === letter) next.add(at + 1)
    }
    states = skip(next)
  }
  return states.has(pattern.length)
}

/** Names of all folders, with levels that only hold others. */
function namesOf({ mailbox }: Imap): { name: string; folder?: Folder }[] {
  const all = new Map<string, Folder | undefined>()
  for (const [name, folder] of mailbox.folders) {
    for (let at = name.indexOf('.'); at > 0; at = name.indexOf('.', at + 1))
      if (!mailbox.folders.has(name.slice(0, at))) all.set(name.slice(0, at), undefined)
    if (name !== 'INBOX') all.set(name, folder)
  }
  const inbox = mailbox.folders.get('INBOX')
  if (inbox) all.set('INBOX', inbox)
  return [...all].map(([name, folder]) => ({ name, ...(folder ? { folder } : {}) }))
}

type Listed = { select: Set<string>; returned: Set<string>; status: Word | undefined; extended: boolean }

/** What RFC 5258 lets a client select and have returned. */
function listOptions(words: Word[]): Listed {
  const asked: Listed = { select: new Set(), returned: new Set(), status: undefined, extended: false }
  const [first] = words
  if (first?.kind === 'list') {
    words.shift()
    asked.extended = true
    for (const item of first.items) asked.select.add((textOf(item) ?? '').toUpperCase())
    if (![...asked.select].every(name => selectable.has(name))) throw new Refusal('BAD', 'Unknown select options')
    for (const name of ['SUBSCRIBED', 'SPECIAL-USE']) if (asked.select.has(name)) asked.returned.add(name)
  }
  if (words[1]?.kind === 'list') asked.extended = true
  if (/^RETURN$/i.test(textOf(words[2]) ?? '') && words[3]?.kind === 'list') {
    asked.extended = true
    const items = [...words[3].items]
    for (let item = items.shift(); item; item = items.shift()) {
      const name = (textOf(item) ?? '').toUpperCase()
      if (!returnable.has(name)) throw new Refusal('BAD', 'Unknown return options')
      if (name === 'STATUS') asked.status = items.shift()
      else asked.returned.add(name)
    }
  }
  return asked
}
const selectable = new Set(['SUBSCRIBED', 'REMOTE', 'RECURSIVEMATCH', 'SPECIAL-USE'])
const returnable = new Set(['SUBSCRIBED', 'CHILDREN', 'SPECIAL-USE', 'STATUS'])

/** LIST, with what RFC 5258, 5819 and 6154 add to it, and LSUB. */
export function list(imap: Imap, verb: 'LIST' | 'LSUB', given: readonly Word[]): string {
  const words = [...given]
  const asked = listOptions(words)
  const [reference, pattern] = [textOf(words[0]), words[1]]
  const patterns = pattern?.kind === 'list' ? pattern.items.map(item => textOf(item) ?? '') : [textOf(pattern)]
  if (reference === undefined) throw new Refusal('BAD', 'Invalid reference')
  if (patterns[0] === undefined) throw new Refusal('BAD', 'Invalid pattern')
  if (patterns[0] === '') return verb === 'LIST' ? `* LIST (\\Noselect) "." ""\r\n` : ''
  const names = namesOf(imap)
  return names
    .filter(({ name }) =>
      patterns.some(each => matches(`${reference}${each!}`.slice(0, 200).replace(/^inbox$/i, 'INBOX'), name)),
    )
    .filter(({ folder }) => (verb === 'LIST' && !asked.select.has('SUBSCRIBED')) || folder?.subscribed)
    .filter(({ name }) => !asked.select.has('SPECIAL-USE') || special.has(name))
    .map(({ name, folder }) => {
      const use = special.get(name)
      const children = names.some(other => other.name.startsWith(`${name}.`)) ? '\\HasChildren' : '\\HasNoChildren'
      const tells = (what: string) => (asked.extended ? asked.returned.has(what) : what !== 'SUBSCRIBED')
      const listed = [
        ...(tells('SUBSCRIBED') && folder?.subscribed ? ['\\Subscribed'] : []),
        ...(folder ? [] : ['\\Noselect']),
        ...(tells('CHILDREN') ? [children] : []),
        ...(tells('SPECIAL-USE') && use ? [use] : []),
      ]
      const counted = asked.status && folder ? statusOf(folder, asked.status) : ''
      return `* ${verb} (${verb === 'LSUB' ? (use ?? '') : listed.join(' ')}) "." ${astring(name)}\r\n${counted}`
    })
    .join('')
}

export function status(imap: Imap, words: readonly Word[]): string {
  const name = textOf(words[0])
  if (name === undefined || words[1] === undefined) throw new Refusal('BAD', 'Missing arguments')
  const folder = folderOf(imap, name)
  // What is wrong with the question is told first.
  const told = statusOf(folder, words[1])
  if (!folder) throw noMailbox(name)
  return told
}

/** The line that tells a folder's numbers; without a folder it only looks at what was asked for. */
function statusOf(folder: Folder | undefined, list: Word): string {
  if (list.kind !== 'list') throw new Refusal('BAD', 'Status items must be list')
  if (list.items.length === 0) throw new Refusal('BAD', 'Empty status list')
  const items = list.items.map(item => (textOf(item) ?? '').toUpperCase())
  const wrong = items.find(item => !values.has(item))
  if (wrong !== undefined) throw new Refusal('BAD', `Invalid status item ${wrong}`)
  if (!folder) return ''
  // In Dovecot's order, whatever the client's.
  const told = [...values].filter(([item]) => items.includes(item)).map(([item, value]) => `${item} ${value(folder)}`)
  return `* STATUS ${astring(folder.name)} (${told.join(' ')})\r\n`
}
const values = new Map<string, (folder: Folder) => number | string>([
  ['MESSAGES', ({ messages }) => messages.length],
  ['RECENT', ({ messages }) => messages.filter(message => message.recent).length],
  ['UIDNEXT', ({ uidNext }) => uidNext],
  ['UIDVALIDITY', ({ uidValidity }) => uidValidity],
  ['UNSEEN', ({ messages }) => messages.filter(message => !message.flags.has('\\Seen')).length],
  ['HIGHESTMODSEQ', ({ modseq }) => modseq],
  ['SIZE', ({ messages }) => messages.reduce((sum, { raw }) => sum + raw.length, 0)],
])

export function create(imap: Imap, words: readonly Word[]): void {
  const name = checked(nameOf(words).replace(/\.$/, ''))
  if (folderOf(imap, name)) throw new Refusal('NO', '[ALREADYEXISTS] Mailbox already exists')
  if (!addFolder(imap.mailbox, name, clock(imap)))
    throw new Refusal('NO', '[LIMIT] Maximum number of mailboxes reached')
}

export function remove(imap: Imap, words: readonly Word[]): void {
  const name = nameOf(words)
  if (/^inbox$/i.test(name)) throw new Refusal('NO', "INBOX can't be deleted")
  const folder = imap.mailbox.folders.get(name)
  if (!folder) throw noMailbox(name, '[NONEXISTENT] ')
  removeMessages(imap.mailbox, folder, new Set(folder.messages))
  imap.mailbox.folders.delete(name)
  if (imap.selected?.folder === folder) imap.selected = undefined
}

export function rename(imap: Imap, words: readonly Word[]): void {
  const [from, to] = [nameOf(words), textOf(words[1])]
  if (to === undefined) throw new Refusal('BAD', 'Invalid arguments')
  const folder = imap.mailbox.folders.get(from)
  if (!folder) throw noMailbox(from, '[NONEXISTENT] ')
  if (from === 'INBOX') throw new Refusal('NO', "[CANNOT] Renaming INBOX isn't supported")
  if (folderOf(imap, checked(to))) throw new Refusal('NO', '[ALREADYEXISTS] Target mailbox already exists')
  imap.mailbox.folders.delete(from)
  folder.name = to
  imap.mailbox.folders.set(to, folder)
}

export function subscribe(imap: Imap, words: readonly Word[], subscribed: boolean): void {
  const name = nameOf(words)
  const folder = folderOf(imap, name)
  if (folder) folder.subscribed = subscribed
  else if (subscribed) throw noMailbox(name)
}

/** SELECT and EXAMINE. */
export function select(imap: Imap, words: readonly Word[], readOnly: boolean): string {
  const name = nameOf(words)
  const since = resynchronised(imap, words[1])
  const closed = imap.selected ? '* OK [CLOSED] Previous mailbox closed.\r\n' : ''
  imap.selected = undefined
  const folder = folderOf(imap, name)
  if (!folder) throw noMailbox(name)
  const keywords = new Set(folder.messages.flatMap(({ flags }) => [...flags].filter(flag => !flag.startsWith('\\'))))
  imap.selected = { folder, view: [...folder.messages], readOnly, keywords, saved: new Set() }
  const { messages, uidValidity, uidNext } = folder
  const unseen = messages.findIndex(({ flags }) => !flags.has('\\Seen'))
  const recent = messages.filter(message => message.recent)
  const told = [
    `${messages.length} EXISTS`,
    `${recent.length} RECENT`,
    ...(unseen < 0 ? [] : [`OK [UNSEEN ${unseen + 1}] First unseen.`]),
    `OK [UIDVALIDITY ${uidValidity}] UIDs valid`,
    `OK [UIDNEXT ${uidNext}] Predicted next UID`,
    ...(imap.condstore ? [`OK [HIGHESTMODSEQ ${folder.modseq}] Highest`] : []),
  ]
  const missed = since && since.uidValidity === uidValidity ? missedSince(imap.selected, since.modseq) : ''
  return `${closed}${flagLines(imap.selected)}${told.map(line => `* ${line}\r\n`).join('')}${missed}`
}

/** What stands behind SELECT's folder: CONDSTORE, and from when a client that was here before has to catch up (RFC 7162). */
function resynchronised(imap: Imap, parameters: Word | undefined): { uidValidity: number; modseq: number } | undefined {
  if (parameters?.kind !== 'list') return undefined
  const items = [...parameters.items]
  for (let item = items.shift(); item; item = items.shift()) {
    const name = (textOf(item) ?? '').toUpperCase()
    if (name === 'CONDSTORE') imap.condstore = true
    if (name !== 'QRESYNC') continue
    if (!imap.qresync) throw new Refusal('BAD', 'QRESYNC not enabled')
    const known = items.shift()
    const [uidValidity, modseq] = known?.kind === 'list' ? known.items.map(each => Number(textOf(each))) : []
    if (!uidValidity || !modseq) throw new Refusal('BAD', 'Invalid QRESYNC parameters')
    return { uidValidity, modseq }
  }
  return undefined
}

/** Messages that are gone, and those whose flags changed, since a modification sequence. */
export function missedSince({ folder, view }: Selected, modseq: number): string {
  const vanished = vanishedSince(folder, modseq)
  const flags = view.map((message, i) =>
    message.modseq > modseq
      ? `* ${i + 1} FETCH (UID ${message.uid} FLAGS (${flagsOf(message)}) MODSEQ (${message.modseq}))\r\n`
      : '',
  )
  return vanished + flags.join('')
}

/** `* VANISHED (EARLIER) 5,9` (RFC 7162 §3.2.10.1). */
export function vanishedSince({ gone }: Folder, modseq: number, holds = (_uid: number) => true): string {
  const uids = gone.filter(each => each.modseq > modseq && holds(each.uid)).map(({ uid }) => uid)
  return uids.length === 0 ? '' : `* VANISHED (EARLIER) ${ranges(uids.sort((a, b) => a - b))}\r\n`
}

/** ID (RFC 2971): what a client says of itself, as text. */
export const idOf = (words: readonly Word[]) =>
  words[0]?.kind === 'list' ? words[0].items.map(item => quoted(textOf(item)?.slice(0, 200))).join(' ') : 'NIL'
