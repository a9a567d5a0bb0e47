import { text } from '#events/text.ts'
import { changed, type Folder, type Mailbox, type Message, removeMessages } from '#mailbox/mailbox.ts'
import type { Conn } from '#sensor/conn.ts'
import type { TcpContext } from '#sensor/service.ts'
import type { Options } from './options.ts'
import { CAPABILITIES } from './serve.ts'

/** Bytes of a command, and commands not understood that are borne (pop3-client.c). */
const MAX_LINE = 8192
const MISTAKES = 20

/** A session with a maildrop (RFC 1939's transaction state): what it had when it began, and what is marked to go. */
type Drop = { conn: Conn; cx: TcpContext<Options>; inbox: Folder; messages: readonly Message[]; gone: Set<Message> }

export async function serveMaildrop(conn: Conn, cx: TcpContext<Options>, mailbox: Mailbox): Promise<void> {
  const inbox = mailbox.folders.get('INBOX')!
  const drop: Drop = { conn, cx, inbox, messages: [...inbox.messages], gone: new Set() }
  for (let mistakes = 0; mistakes < MISTAKES; ) {
    const line = (await conn.readLine(MAX_LINE)).toString('latin1')
    const space = line.indexOf(' ')
    const name = space < 0 ? line : line.slice(0, space)
    const verb = name.toUpperCase()
    if (line !== '')
      cx.record.command({
        line: text(Buffer.from(line, 'latin1'), 512),
        verb: text(Buffer.from(verb.slice(0, 32), 'latin1')),
      })
    if (verb === 'QUIT') {
      const deleted = drop.gone.size > 0
      removeMessages(mailbox, inbox, drop.gone)
      await conn.write(deleted ? '+OK Logging out, messages deleted.\r\n' : '+OK Logging out.\r\n')
      return
    }
    const command = commands.get(verb)
    if (command) await conn.write(command(drop, space < 0 ? '' : line.slice(space + 1)))
    else {
      mistakes++
      await conn.write(name === '' ? '-ERR Unknown command.\r\n' : `-ERR Unknown command: ${name}\r\n`)
    }
  }
  await conn.write('-ERR Too many bad commands.\r\n')
}

type Command = (drop: Drop, arg: string) => Buffer | string

/** The message that an argument names, or what is wrong with it; `more` stands behind it. */
function pick({ messages, gone }: Drop, arg: string): { message: Message; number: number; more: string } | string {
  const [digits = '', more = ''] = /^\d{1,10}/.test(arg) ? [/^\d+/.exec(arg)![0], arg.replace(/^\d+/, '')] : ['', '']
  if (digits === '') return `-ERR Invalid message number: ${arg}\r\n`
  const number = Number(digits)
  const message = messages[number - 1]
  if (!message) return `-ERR There's no message ${number}.\r\n`
  return gone.has(message) ? '-ERR Message is deleted.\r\n' : { message, number, more }
}

const left = ({ messages, gone }: Drop) =>
  messages.flatMap((message, i) => (gone.has(message) ? [] : [{ message, number: i + 1 }]))

const stat: Command = drop => {
  const rest = left(drop)
  return `+OK ${rest.length} ${rest.reduce((sum, { message }) => sum + message.raw.length, 0)}\r\n`
}

/** LIST and UIDL: of one message, or of all. */
const listing =
  (of: (drop: Drop, message: Message) => string, head: (count: number) => string): Command =>
  (drop, arg) => {
    if (arg !== '') {
      const found = pick(drop, arg)
      return typeof found === 'string' ? found : `+OK ${found.number} ${of(drop, found.message)}\r\n`
    }
    const rest = left(drop)
    const lines = rest.map(({ message, number }) => `${number} ${of(drop, message)}\r\n`)
    return `${head(rest.length)}\r\n${lines.join('')}.\r\n`
  }

const hex = (value: number) => value.toString(16).padStart(8, '0')

/** Lines that begin with a dot get another (RFC 1939 §3); a last line without an end gets one. */
function multiline(body: Buffer): Buffer {
  const lines = body.toString('latin1').replace(/^\./gm, '..')
  return Buffer.from(`${lines}${lines.endsWith('\r\n') || lines === '' ? '' : '\r\n'}.\r\n`, 'latin1')
}

const retrieve: Command = (drop, arg) => {
  const found = pick(drop, arg)
  if (typeof found === 'string') return found
  if (!found.message.flags.has('\\Seen')) {
    found.message.flags.add('\\Seen')
    changed(drop.inbox, [found.message])
  }
  const { raw } = found.message
  return Buffer.concat([Buffer.from(`+OK ${raw.length} octets\r\n`), multiline(raw)])
}

const top: Command = (drop, arg) => {
  const found = pick(drop, arg)
  if (typeof found === 'string') return found
  const count = found.more.trim()
  if (count === '') return '-ERR Noise after message number: \r\n'
  if (!/^\d{1,10}$/.test(count)) return `-ERR Invalid size: ${count}\r\n`
  const { raw } = found.message
  const end = raw.indexOf('\r\n\r\n')
  let at = end < 0 ? raw.length : end + 4
  for (let lines = Number(count); lines > 0 && at < raw.length; lines--) {
    const feed = raw.indexOf(10, at)
    at = feed < 0 ? raw.length : feed + 1
  }
  return Buffer.concat([Buffer.from('+OK\r\n'), multiline(raw.subarray(0, at))])
}

const remove: Command = (drop, arg) => {
  const found = pick(drop, arg)
  if (typeof found === 'string') return found
  drop.gone.add(found.message)
  return '+OK Marked to be deleted.\r\n'
}

const commands = new Map<string, Command>([
  ['CAPA', () => `+OK\r\n${CAPABILITIES.join('\r\n')}\r\n.\r\n`],
  ['STAT', stat],
  [
    'LIST',
    listing(
      (_, message) => String(message.raw.length),
      count => `+OK ${count} messages:`,
    ),
  ],
  // pop3_uidl_format %08Xu%08Xv.
  [
    'UIDL',
    listing(
      ({ inbox }, { uid }) => hex(uid) + hex(inbox.uidValidity),
      () => '+OK',
    ),
  ],
  ['RETR', retrieve],
  ['TOP', top],
  ['DELE', remove],
  ['NOOP', () => '+OK\r\n'],
  [
    'RSET',
    drop => {
      drop.gone.clear()
      return '+OK\r\n'
    },
  ],
])
