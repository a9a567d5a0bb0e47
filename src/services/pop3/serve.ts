import { type Access, accessOf } from '#access/access.ts'
import { text } from '#events/text.ts'
import { authenticate, deskOf, failureDelay, mechanisms, type Result, tryPassword } from '#mailbox/auth.ts'
import { mailboxOf } from '#mailbox/mailbox.ts'
import type { Conn } from '#sensor/conn.ts'
import { Hangup, Malformed } from '#sensor/endings.ts'
import type { TcpContext } from '#sensor/service.ts'
import { serveMaildrop } from './maildrop.ts'
import type { Options } from './options.ts'

/** Dovecot 2.3 with Debian's configuration; wordings recorded from dovecot-pop3d 2.3.19.1 (test/oracle/pop3). */

/** Bytes of a line before somebody is logged in, and of one of a SASL exchange. */
const MAX_LINE = 8192
/** Commands that are not understood before somebody is logged in (login-common). */
const MISTAKES = 3

/** One connection before its log-in. */
type Door = {
  conn: Conn
  cx: TcpContext<Options>
  access: Access
  /** What the greeting had for APOP. */
  challenge: string | undefined
  user?: string | undefined
  mistakes: number
}
/** What a command leads to: the maildrop of a user, another command, or the end. */
type Next = { user: string } | 'again' | 'over'

export async function session(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  const access = accessOf(cx, cx.options.access)
  const door: Door = { conn, cx, access, challenge: cx.options.apop ? apopChallenge(cx) : undefined, mistakes: 0 }
  const vendor = cx.persona.os.id === 'debian' ? 'Debian' : 'Ubuntu'
  try {
    await conn.write(`+OK Dovecot (${vendor}) ready.${door.challenge === undefined ? '' : ` ${door.challenge}`}\r\n`)
    const user = await letIn(door)
    if (user !== undefined) await serveMaildrop(conn, cx, mailboxOf(cx, user))
  } catch (error) {
    if (error instanceof Hangup && error.reason === 'idle') await conn.write('-ERR Disconnected for inactivity.\r\n')
    throw error
  }
}

/** `<pid.counter.time.random@host>` in hexadecimal, as Dovecot's auth has it. */
function apopChallenge({ random, now, persona }: TcpContext<Options>): string {
  const time = Math.floor((now() + persona.clockSkew) / 1000).toString(16)
  const pid = (700 + (random(2).readUInt16BE() % 30_000)).toString(16)
  return `<${pid}.1.${time}.${random(16).toString('base64')}@${persona.hostname}>`
}

async function letIn(door: Door): Promise<string | undefined> {
  const { conn, cx } = door
  for (;;) {
    const line = (await conn.readLine(MAX_LINE)).toString('latin1')
    const space = line.indexOf(' ')
    const verb = (space < 0 ? line : line.slice(0, space)).toUpperCase()
    const arg = space < 0 ? '' : line.slice(space + 1)
    // What follows PASS, APOP and AUTH is in the log-in's event.
    const shown = verb === 'PASS' ? verb : verb === 'AUTH' ? `${verb} ${arg.split(' ')[0]}`.trimEnd() : line
    if (line !== '') cx.record.command({ line: latin(shown, 512), verb: latin(verb.slice(0, 32), 64) })
    const command = commands.get(verb)
    if (!command) {
      await conn.write('-ERR Unknown command.\r\n')
      if (++door.mistakes < MISTAKES) continue
      await conn.write('-ERR Too many invalid bad commands.\r\n')
      return undefined
    }
    const next = await command(door, arg)
    if (next === 'over') return undefined
    if (next !== 'again') return next.user
  }
}

const latin = (said: string, max: number) => text(Buffer.from(said, 'latin1'), max)

type Command = (door: Door, arg: string) => Promise<Next>

/** What CAPA lists for everybody (RFC 2449). */
export const CAPABILITIES = ['CAPA', 'TOP', 'UIDL', 'RESP-CODES', 'PIPELINING', 'AUTH-RESP-CODE'] as const

const capa: Command = async ({ conn, cx }) => {
  const more = [...(cx.encrypted ? [] : ['STLS']), 'USER', `SASL ${cx.options.mechanisms.join(' ')}`]
  await conn.write(`+OK\r\n${[...CAPABILITIES, ...more].join('\r\n')}\r\n.\r\n`)
  return 'again'
}

/** Says how a log-in went. */
async function tell(door: Door, result: Result): Promise<Next> {
  const { conn, cx } = door
  door.user = undefined
  if (typeof result === 'object') {
    await conn.write('+OK Logged in.\r\n')
    return result
  }
  if (result === 'failed') await cx.pause(failureDelay)
  await conn.write(`-ERR ${failures[result]}\r\n`)
  return 'again'
}
const failures = {
  failed: '[AUTH] Authentication failed.',
  aborted: 'Authentication aborted by client.',
  'not base64': '[AUTH] Invalid base64 in response',
} as const

const pass: Command = async (door, arg) => {
  if (door.user === undefined) {
    await door.conn.write('-ERR No username given.\r\n')
    return 'again'
  }
  return await tell(door, tryPassword(deskOf(door), 'USER', door.user, arg))
}

/** APOP name digest (RFC 1939 §7): MD5 of challenge and password, in hashcat's form (20). */
const apop: Command = async (door, arg) => {
  const [user, digest = ''] = arg.split(' ')
  if (door.challenge === undefined) {
    await door.conn.write('-ERR APOP not enabled.\r\n')
    return 'again'
  }
  if (user === undefined || !/^[0-9a-f]{32}$/i.test(digest)) {
    await door.conn.write('-ERR Invalid parameters.\r\n')
    return 'again'
  }
  const hash = `${digest.toLowerCase()}:${door.challenge}`
  door.cx.record.login({ method: 'APOP', user: latin(user, 512), hash, outcome: 'failure' })
  return await tell(door, 'failed')
}

const auth: Command = async (door, arg) => {
  const { conn, cx } = door
  const [name = '', initial] = arg.split(' ')
  const offered = cx.options.mechanisms
  if (name === '') {
    await conn.write(`+OK\r\n${offered.join('\r\n')}\r\n.\r\n`)
    return 'again'
  }
  const mechanism = mechanisms.find(known => known === name.toUpperCase() && offered.includes(known))
  if (!mechanism) {
    await conn.write('-ERR [AUTH] Unsupported authentication mechanism.\r\n')
    return 'again'
  }
  try {
    return await tell(door, await authenticate(deskOf(door), mechanism, initial))
  } catch (error) {
    // A SCRAM message that is none: for Dovecot no more than a failure.
    if (error instanceof Malformed && error.message.includes('SCRAM')) return await tell(door, 'failed')
    throw error
  }
}

const stls: Command = async ({ conn, cx }) => {
  if (cx.encrypted) {
    await conn.write('-ERR TLS is already active.\r\n')
    return 'again'
  }
  await conn.write('+OK Begin TLS negotiation now.\r\n')
  await cx.startTls()
  return 'again'
}

const commands = new Map<string, Command>([
  ['CAPA', capa],
  [
    'USER',
    async (door, arg) => {
      door.user = arg
      await door.conn.write('+OK\r\n')
      return 'again'
    },
  ],
  ['PASS', pass],
  ['APOP', apop],
  ['AUTH', auth],
  ['STLS', stls],
  [
    'QUIT',
    async ({ conn }) => {
      await conn.write('+OK Logging out\r\n')
      return 'over'
    },
  ],
])
