import type { Persona } from '#persona/persona.ts'
import { lettersOf } from './letters.ts'

/**
 * A message: its number for good (RFC 3501 §2.3.1.1), when it came, its flags, all of it with CRLF, and the folder's
 * modification sequence when it last changed (RFC 7162).
 */
export type Message = { uid: number; at: number; raw: Buffer; flags: Set<string>; recent: boolean; modseq: number }
export type Folder = {
  name: string
  uidValidity: number
  uidNext: number
  messages: Message[]
  subscribed: boolean
  /** The highest modification sequence given so far: every change of a message takes the next. */
  modseq: number
  /** Messages that are gone, oldest first: what a client that comes back is told (RFC 7162 §3.2.10.2). */
  gone: { uid: number; modseq: number }[]
}
/** What one attacker finds under one account, and what they made of it. */
export type Mailbox = { folders: Map<string, Folder>; bytes: number }

/** What one account may hold, and what all attackers together may have put into theirs. */
const MOST_BYTES = 2 << 20
const MOST_MESSAGES = 500
const MOST_LEFT = 32 << 20
const MOST_FOLDERS = 64
const MOST_ACCOUNTS = 8
/** Messages gone that a folder remembers. */
const MOST_GONE = 500
/** Dovecot's sequence of an empty folder, and of what lies in a Maildir when it is first read. */
const NO_CHANGE = 1
const FIRST_CHANGE = 2

/** What of a conversation a mailbox needs: a service's context has it. */
export type Visit = {
  persona: Persona
  /** Milliseconds since the epoch. */
  now(): number
  attacker<T extends object>(make: () => T, room?: string): T
}

/** This attacker's mailbox of this user: made at the first visit, by whatever protocol, and kept as they leave it. */
export function mailboxOf(visit: Visit, user: string): Mailbox {
  const accounts = visit.attacker<Map<string, Mailbox>>(() => new Map(), 'mailbox')
  const found = accounts.get(user)
  if (found) return found
  const mailbox = makeMailbox(visit.persona, user, visit.now() + visit.persona.clockSkew)
  accounts.set(user, mailbox)
  if (accounts.size > MOST_ACCOUNTS) accounts.delete(accounts.keys().next().value!)
  return mailbox
}

function makeMailbox(persona: Persona, user: string, now: number): Mailbox {
  const came = lettersOf(persona, user, now)
  const messages = came.map(({ letter, number }, i) => ({
    uid: number,
    at: letter.at,
    raw: shared(`${user}\0${number}`, letter.raw),
    // The last two were not read yet.
    flags: new Set(i < came.length - 2 ? ['\\Seen'] : []),
    recent: false,
    modseq: FIRST_CHANGE,
  }))
  const inbox = newFolder(persona, user, 'INBOX', messages)
  const folders = new Map([['INBOX', inbox]])
  for (const name of ['Drafts', 'Sent', 'Trash']) folders.set(name, newFolder(persona, user, name, []))
  return { folders, bytes: messages.reduce((sum, { raw }) => sum + raw.length, 0) }
}

/** The same letter of the same user is one in memory, however many attackers read it. */
function shared(key: string, raw: Buffer): Buffer {
  const known = letters.get(key)
  if (known?.equals(raw)) return known
  letters.set(key, raw)
  if (letters.size > MOST_SHARED) letters.delete(letters.keys().next().value!)
  return raw
}
const MOST_SHARED = 2000
const letters = new Map<string, Buffer>()

function newFolder(persona: Persona, user: string, name: string, messages: Message[]): Folder {
  // Dovecot's UIDVALIDITY is the second in which a folder was made.
  const uidValidity =
    Math.floor(persona.installedAt / 1000) + (persona.derive(`folder ${user} ${name}`, 3).readUIntBE(0, 3) % 864_000)
  const modseq = messages.length > 0 ? FIRST_CHANGE : NO_CHANGE
  const uidNext = (messages.at(-1)?.uid ?? 0) + 1
  return { name, uidValidity, uidNext, messages, subscribed: name !== 'INBOX', modseq, gone: [] }
}

/** A folder that the attacker makes. */
export function addFolder(mailbox: Mailbox, name: string, now: number): Folder | undefined {
  if (mailbox.folders.size >= MOST_FOLDERS) return undefined
  const uidValidity = Math.floor(now / 1000)
  const folder = { name, uidValidity, uidNext: 1, messages: [], subscribed: false, modseq: NO_CHANGE, gone: [] }
  mailbox.folders.set(name, folder)
  return folder
}

/** Puts a message in, if there is room for it. */
export function addMessage(
  mailbox: Mailbox,
  folder: Folder,
  message: Omit<Message, 'uid' | 'modseq'>,
): Message | undefined {
  if (mailbox.bytes + message.raw.length > MOST_BYTES || folder.messages.length >= MOST_MESSAGES) return undefined
  const added = { ...message, raw: alone(message.raw), uid: folder.uidNext++, modseq: ++folder.modseq }
  folder.messages.push(added)
  mailbox.bytes += added.raw.length
  left.set(added, { mailbox: new WeakRef(mailbox), folder: new WeakRef(folder) })
  leftBytes += weight(added)
  for (const [oldest, where] of left) {
    if (leftBytes <= MOST_LEFT) break
    const [its, of] = [where.mailbox.deref(), where.folder.deref()]
    if (its && of) removeMessages(its, of, new Set([oldest]))
    else forget(oldest)
  }
  return added
}

/** What attackers put into mailboxes, oldest first: that goes when there is too much of all. It keeps no mailbox alive. */
const left = new Map<Message, { mailbox: WeakRef<Mailbox>; folder: WeakRef<Folder> }>()
let leftBytes = 0
/** A message is more than its bytes. */
const weight = ({ raw }: Message) => raw.length + 1024

/** A copy that holds no larger buffer in memory. */
function alone(raw: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(raw.length)
  raw.copy(copy)
  return copy
}

function forget(message: Message): void {
  if (left.delete(message)) leftBytes -= weight(message)
}

/** Takes messages out for good. */
export function removeMessages(mailbox: Mailbox, folder: Folder, gone: ReadonlySet<Message>): void {
  if (gone.size === 0) return
  folder.messages = folder.messages.filter(message => !gone.has(message))
  folder.modseq++
  for (const message of gone) {
    folder.gone.push({ uid: message.uid, modseq: folder.modseq })
    mailbox.bytes -= message.raw.length
    forget(message)
  }
  folder.gone.splice(0, Math.max(0, folder.gone.length - MOST_GONE))
}

/** Flags of these messages changed, at once: they share the next modification sequence. */
export function changed(folder: Folder, messages: readonly Message[]): void {
  if (messages.length === 0) return
  folder.modseq++
  for (const message of messages) message.modseq = folder.modseq
}
