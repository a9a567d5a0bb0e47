import { type Access, accessOf } from '#access/access.ts'
import { authenticate, deskOf, failureDelay, mechanisms, type Result, tryPassword } from '#mailbox/auth.ts'
import { mailboxOf } from '#mailbox/mailbox.ts'
import type { Conn } from '#sensor/conn.ts'
import { Hangup, Malformed } from '#sensor/endings.ts'
import type { TcpContext } from '#sensor/service.ts'
import { CAPABILITIES, commands, withUid } from './commands.ts'
import { idOf } from './folders.ts'
import type { Options } from './options.ts'
import { type Imap, latin, Refusal } from './session.ts'
import { appendTarget } from './store.ts'
import { Bad, MAX_LITERALS, readCommand, type Sent, textOf, Words } from './wire.ts'

/** Dovecot 2.3 with Debian's configuration; wordings recorded from dovecot-imapd 2.3.19.1 (test/oracle/imap). */

/** Commands not understood that are borne before the log-in and after it. */
const EARLY_MISTAKES = 3
const MISTAKES = 20
/** Bytes of literals in one command before the log-in. */
const EARLY_LITERALS = 16 << 10
const BYE = '* BYE Too many invalid IMAP commands.\r\n'
const ERROR = 'BAD Error in IMAP command received by server.'

type Door = { conn: Conn; cx: TcpContext<Options>; access: Access }
/** Who got in, or `over`. */
type Next = { user: string; tag: string } | 'again' | 'mistake' | 'over'

export async function session(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  const door: Door = { conn, cx, access: accessOf(cx, cx.options.access) }
  const vendor = cx.persona.os.id === 'debian' ? 'Debian' : 'Ubuntu'
  try {
    await conn.write(`* OK [CAPABILITY ${early(door)}] Dovecot (${vendor}) ready.\r\n`)
    const entered = await letIn(door)
    if (!entered) return
    const imap: Imap = { conn, cx, mailbox: mailboxOf(cx, entered.user), condstore: false, qresync: false, mistakes: 0 }
    // Who is logged in may stay silent for half an hour (RFC 3501 §5.4).
    conn.patience = 1800
    await conn.write(`${entered.tag} OK [CAPABILITY ${CAPABILITIES}] Logged in\r\n`)
    while (await serveOne(imap));
  } catch (error) {
    if (error instanceof Hangup && error.reason === 'idle') await conn.write('* BYE Disconnected for inactivity.\r\n')
    throw error
  }
}

const early = ({ cx }: Door) =>
  [
    'IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+',
    ...(cx.encrypted ? [] : ['STARTTLS']),
    ...cx.options.mechanisms.map(name => `AUTH=${name}`),
  ].join(' ')

async function letIn(door: Door): Promise<{ user: string; tag: string } | undefined> {
  for (let mistakes = 0; mistakes < EARLY_MISTAKES; ) {
    const sent = await readCommand(door.conn, EARLY_LITERALS)
    const next = await earlyCommand(door, sent)
    door.conn.keep(-sent.held)
    if (next === 'over') return undefined
    if (typeof next === 'object') return next
    if (next === 'mistake' && ++mistakes >= EARLY_MISTAKES) await door.conn.write(BYE)
    else if (next === 'mistake') {
      const tag = new Words(sent.pieces).bare()
      await door.conn.write(`${/^[^\s()%*"\\{+]+$/.test(tag) ? tag : '*'} ${ERROR}\r\n`)
    }
  }
  return undefined
}

async function earlyCommand(door: Door, sent: Sent): Promise<Next> {
  const { conn, cx } = door
  const words = new Words(sent.pieces)
  const tag = words.bare()
  const verb = words.bare().toUpperCase()
  if (tag === '' || sent.refused || !/^[^\s()%*"\\{+]+$/.test(tag)) return 'mistake'
  note(door.cx, tag, verb, sent)
  const say = (text: string) => conn.write(`${tag} ${text}\r\n`)
  switch (verb) {
    case 'CAPABILITY':
      await conn.write(`* CAPABILITY ${early(door)}\r\n`)
      await say('OK Pre-login capabilities listed, post-login capabilities have more.')
      return 'again'
    case 'NOOP':
      await say('OK NOOP completed.')
      return 'again'
    case 'ID':
      cx.record.environment({ name: 'IMAP ID', value: latin(idOf(wordsOf(words))) })
      await conn.write('* ID ("name" "Dovecot")\r\n')
      await say('OK ID completed.')
      return 'again'
    case 'LOGOUT':
      await conn.write('* BYE Logging out\r\n')
      await say('OK Logout completed.')
      return 'over'
    case 'STARTTLS':
      if (cx.encrypted) {
        await say('BAD TLS is already active.')
        return 'again'
      }
      await say('OK Begin TLS negotiation now.')
      await cx.startTls()
      return 'again'
    case 'LOGIN':
      return await login(door, tag, words)
    case 'AUTHENTICATE':
      return await sasl(door, tag, words.rest())
    default:
      return 'mistake'
  }
}

/** All words of a command; none where they cannot be read. */
function wordsOf(words: Words) {
  try {
    return words.all()
  } catch (error) {
    if (error instanceof Bad) return []
    throw error
  }
}

async function login(door: Door, tag: string, words: Words): Promise<Next> {
  try {
    const [user, password, more] = [words.next(), words.next(), words.next()].map(textOf)
    if (user === undefined || password === undefined || more !== undefined) return 'mistake'
    return await tell(door, tag, tryPassword(deskOf(door), 'LOGIN', user, password))
  } catch (error) {
    if (!(error instanceof Bad)) throw error
    await door.conn.write(`${tag} BAD ${error.message}\r\n`)
    return 'again'
  }
}

async function sasl(door: Door, tag: string, arg: string): Promise<Next> {
  const [name = '', initial] = arg.split(' ')
  if (name === '') return 'mistake'
  const mechanism = mechanisms.find(known => known === name.toUpperCase() && door.cx.options.mechanisms.includes(known))
  if (!mechanism) {
    await door.conn.write(`${tag} NO [ALERT] Unsupported authentication mechanism.\r\n`)
    return 'again'
  }
  try {
    return await tell(door, tag, await authenticate(deskOf(door), mechanism, initial))
  } catch (error) {
    // A SCRAM message that is none: for Dovecot no more than a failure.
    if (error instanceof Malformed && error.message.includes('SCRAM')) return await tell(door, tag, 'failed')
    throw error
  }
}

async function tell({ conn, cx }: Door, tag: string, result: Result): Promise<Next> {
  if (typeof result === 'object') return { user: result.user, tag }
  if (result === 'failed') await cx.pause(failureDelay)
  await conn.write(`${tag} ${failures[result]}\r\n`)
  return 'again'
}
const failures = {
  failed: 'NO [AUTHENTICATIONFAILED] Authentication failed.',
  aborted: 'BAD Authentication aborted by client.',
  'not base64': 'NO [ALERT] Invalid base64 in response',
} as const

/** Every command is an event; what follows LOGIN and AUTHENTICATE is in the log-in's. */
function note(cx: TcpContext<Options>, tag: string, verb: string, { pieces }: Sent): void {
  const secret = verb === 'LOGIN' || verb === 'AUTHENTICATE'
  const said = pieces.filter(piece => typeof piece === 'string').join(' ')
  cx.record.command({ line: latin(secret ? `${tag} ${verb}` : said, 512), verb: latin(verb.slice(0, 32)) })
}

/** One command of a session; `false` ends it. */
async function serveOne(imap: Imap): Promise<boolean> {
  const sent = await readCommand(imap.conn, MAX_LITERALS, so => wantsLiteral(imap, so))
  const more = await serveCommand(imap, sent)
  imap.conn.keep(-sent.held)
  return more
}

async function serveCommand(imap: Imap, sent: Sent): Promise<boolean> {
  const { conn, cx } = imap
  const words = new Words(sent.pieces)
  const tag = words.bare()
  if (!/^[^\s()%*"\\{+]+$/.test(tag)) return await complain(imap, '*', 'tag', 'Invalid tag')
  const first = words.bare().toUpperCase()
  const byUid = first === 'UID'
  const verb = byUid ? words.bare().toUpperCase() : first
  note(cx, tag, byUid ? `UID ${verb}` : verb, sent)
  if (verb === '') return await complain(imap, tag, 'command', 'Invalid command name')
  if (verb === 'LOGOUT') {
    await conn.write(`* BYE Logging out\r\n${tag} OK Logout completed${TOOK}.\r\n`)
    return false
  }
  const name = byUid ? `UID ${verb}` : verb
  const command = byUid && !withUid.has(verb) ? undefined : commands.get(verb)
  if (!command) return await complain(imap, tag, `command ${latin(name, 64)}`, 'Unknown command')
  // It was too long, or its folder is not there, which APPEND says in its own words.
  if (sent.refused && wantsLiteral(imap, String(sent.pieces[0])))
    return await complain(imap, tag, `command ${name}`, 'Literal size too large')
  try {
    const done = await command(imap, { words: words.all(verb === 'FETCH'), byUid, tag })
    await conn.write(`${tag} OK ${done}${TOOK}.\r\n`)
  } catch (error) {
    if (error instanceof Bad) return await complain(imap, tag, `command ${name}`, error.message)
    if (!(error instanceof Refusal)) throw error
    const bare = error.kind === 'NO' || error.message === 'No mailbox selected' || error.message === 'Expected DONE'
    if (!bare) return await complain(imap, tag, `command ${name}`, error.message)
    await conn.write(`${tag} ${error.kind} ${error.message}${TOOK}.\r\n`)
  }
  return true
}

/** What Dovecot adds to every answer: seconds of work and of waiting. */
const TOOK = ' (0.001 + 0.000 secs)'

async function complain(imap: Imap, tag: string, about: string, words: string): Promise<boolean> {
  await imap.conn.write(`${tag} BAD Error in IMAP ${about}: ${words}${tag === '*' ? '' : TOOK}.\r\n`)
  if (++imap.mistakes < MISTAKES) return true
  await imap.conn.write(BYE)
  return false
}

/** A folder that is not there is told before APPEND's message is sent. */
function wantsLiteral(imap: Imap, so: string): boolean {
  const words = new Words([so.replace(/\{\d{1,10}\+?\}$/, '')])
  words.bare()
  if (!/^APPEND$/i.test(words.bare())) return true
  try {
    const name = words.next()
    // The folder's name itself may be the literal.
    if (!name) return true
    appendTarget(imap, [name])
    return true
  } catch (error) {
    if (error instanceof Refusal || error instanceof Bad) return false
    throw error
  }
}
