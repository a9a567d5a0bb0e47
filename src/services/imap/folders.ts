import { addFolder, type Folder, removeMessages } from '#mailbox/mailbox.ts'
import { clock, flagLines, folderOf, type Imap, noMailbox, Refusal } from './session.ts'
import { astring, quoted, textOf, type Word } from './wire.ts'

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
const checked = (name: string) => {
  if (name === '' || name.length > 200 || /[\0-\x1f/]|^\.|\.$|\.\./.test(name))
    throw new Refusal('NO', '[CANNOT] Invalid mailbox name')
  return name
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

/** LIST and LSUB; what RFC 5258 adds to them is passed over. */
export function list(imap: Imap, verb: 'LIST' | 'LSUB', words: readonly Word[]): string {
  const plain = words.filter(word => word.kind !== 'list')
  const [reference, pattern] = [textOf(plain[0]), textOf(plain[1])]
  const patterns =
    pattern === undefined && words[1]?.kind === 'list' ? words[1].items.map(item => textOf(item) ?? '') : [pattern]
  if (reference === undefined || patterns[0] === undefined) throw new Refusal('BAD', 'Invalid arguments')
  if (patterns[0] === '') return `* ${verb} (\\Noselect) "." ""\r\n`
  const names = namesOf(imap)
  const found = names.filter(({ name }) =>
    patterns.some(each => matches(`${reference}${each!}`.slice(0, 200).replace(/^inbox$/i, 'INBOX'), name)),
  )
  const shown = verb === 'LSUB' ? found.filter(({ folder }) => folder?.subscribed) : found
  return shown
    .map(({ name, folder }) => {
      const use = special.get(name)
      const children = names.some(other => other.name.startsWith(`${name}.`)) ? '\\HasChildren' : '\\HasNoChildren'
      const listed = [...(folder ? [] : ['\\Noselect']), children, ...(use ? [use] : [])]
      return `* ${verb} (${verb === 'LSUB' ? (use ?? '') : listed.join(' ')}) "." ${astring(name)}\r\n`
    })
    .join('')
}

export function status(imap: Imap, words: readonly Word[]): string {
  const name = nameOf(words)
  const list = words[1]
  if (list?.kind !== 'list') throw new Refusal('BAD', 'Status items must be list')
  if (list.items.length === 0) throw new Refusal('BAD', 'Empty status list')
  const items = list.items.map(item => (textOf(item) ?? '').toUpperCase())
  const wrong = items.find(item => !values.has(item))
  if (wrong !== undefined) throw new Refusal('BAD', `Invalid status item ${wrong}`)
  const folder = folderOf(imap, name)
  if (!folder) throw noMailbox(name)
  // In Dovecot's order, whatever the client's.
  const told = [...values].filter(([item]) => items.includes(item)).map(([item, value]) => `${item} ${value(folder)}`)
  return `* STATUS ${astring(name)} (${told.join(' ')})\r\n`
}
const values = new Map<string, (folder: Folder) => number | string>([
  ['MESSAGES', ({ messages }) => messages.length],
  ['RECENT', ({ messages }) => messages.filter(message => message.recent).length],
  ['UIDNEXT', ({ uidNext }) => uidNext],
  ['UIDVALIDITY', ({ uidValidity }) => uidValidity],
  ['UNSEEN', ({ messages }) => messages.filter(message => !message.flags.has('\\Seen')).length],
  ['SIZE', ({ messages }) => messages.reduce((sum, { raw }) => sum + raw.length, 0)],
  ['HIGHESTMODSEQ', ({ messages }) => messages.length + 1],
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
  if (from === 'INBOX') throw new Refusal('NO', '[CANNOT] Renaming INBOX is not supported')
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
  const closed = imap.selected ? '* OK [CLOSED] Previous mailbox closed.\r\n' : ''
  imap.selected = undefined
  const folder = folderOf(imap, name)
  if (!folder) throw noMailbox(name)
  const keywords = new Set(folder.messages.flatMap(({ flags }) => [...flags].filter(flag => !flag.startsWith('\\'))))
  imap.selected = { folder, view: [...folder.messages], readOnly, keywords }
  const { messages, uidValidity, uidNext } = folder
  const unseen = messages.findIndex(({ flags }) => !flags.has('\\Seen'))
  const recent = messages.filter(message => message.recent)
  const told = [
    `${messages.length} EXISTS`,
    `${recent.length} RECENT`,
    ...(unseen < 0 ? [] : [`OK [UNSEEN ${unseen + 1}] First unseen.`]),
    `OK [UIDVALIDITY ${uidValidity}] UIDs valid`,
    `OK [UIDNEXT ${uidNext}] Predicted next UID`,
    ...(imap.condstore ? [`OK [HIGHESTMODSEQ ${messages.length + 1}] Highest`] : []),
  ]
  return `${closed}${flagLines(imap.selected)}${told.map(line => `* ${line}\r\n`).join('')}`
}

/** ID (RFC 2971): what a client says of itself, as text. */
export const idOf = (words: readonly Word[]) =>
  words[0]?.kind === 'list' ? words[0].items.map(item => quoted(textOf(item)?.slice(0, 200))).join(' ') : 'NIL'
