import { downloadsIn } from '#codec/downloads.ts'
import type { Conn } from '#sensor/conn.ts'
import { Hangup } from '#sensor/endings.ts'
import { invite, join, kick, list, names, partCommand, topic } from './channels.ts'
import { cap, nick, pass, userCommand } from './entry.ts'
import { type Cx, channelsOf, leave, type Network, newNetwork } from './network.ts'
import { away, ison, mode, notice, privmsg, userhost, who, whois, whowas } from './people-commands.ts'
import { serverCommands } from './server-commands.ts'
import { doing, end, type Handler, numeric, reply, type Session, tellAll } from './session.ts'
import { backDoor, hello } from './unreal.ts'
import { fold, latin, parse, readLine } from './wire.ts'

const quit: Handler = (session, { params }) =>
  end(session, params[0] === undefined || params[0] === '' ? 'Closing connection' : `"${params[0]}"`)

/** Before a client has said who it is. */
const entry = new Map<string, Handler>([
  ['NICK', nick],
  ['USER', userCommand],
  ['PASS', pass],
  ['CAP', cap],
  ['QUIT', quit],
])
const commands = new Map<string, Handler>([
  ...serverCommands,
  ['JOIN', join],
  ['PART', partCommand],
  ['NAMES', names],
  ['TOPIC', topic],
  ['LIST', list],
  ['KICK', kick],
  ['INVITE', invite],
  ['MODE', mode],
  ['PRIVMSG', privmsg],
  ['NOTICE', notice],
  ['WHOIS', whois],
  ['WHOWAS', whowas],
  ['WHO', who],
  ['ISON', ison],
  ['USERHOST', userhost],
  ['AWAY', away],
  ...entry,
])
const orders = new Set(['PRIVMSG', 'NOTICE', 'TOPIC'])
const DOWNLOADS = 10
/** Sent by browsers, not by anybody who chats. */
const web = new Set(['GET', 'POST', 'HEAD', 'PUT', 'OPTIONS'])

/** One client, until it has had enough. */
export async function session(conn: Conn, cx: Cx): Promise<void> {
  const network = cx.attacker<Network>(() => newNetwork(cx))
  const session: Session = {
    conn,
    cx,
    network,
    server: cx.persona.fqdn,
    version: cx.persona.software.ngircd.version,
    user: { nick: '', user: '', host: cx.source.ip, name: '', modes: new Set(), since: 0, active: 0 },
    registered: false,
    negotiating: false,
    capabilities: new Set(),
    out: [],
    over: false,
  }
  if (cx.options.product === 'UnrealIRCd') session.out.push(...hello(session))
  await flush(session)
  let why = 'Client closed connection'
  try {
    while (!session.over) {
      const line = await nextLine(session)
      if (line === undefined) end(session, 'Request too long')
      else await answer(session, line)
      await flush(session)
    }
    why = 'Quit'
  } catch (error) {
    if (error instanceof Hangup && error.reason === 'idle') {
      why = `Ping timeout: ${PONG} seconds`
      session.out.push(`ERROR :${why}`)
      await flush(session)
    }
    throw error
  } finally {
    gone(session, why)
  }
}

/** PingTimeout and PongTimeout of Debian's ngircd.conf, in seconds. */
const PING = 120
const PONG = 20

/** The silent are asked whether they are there, once. */
async function nextLine(session: Session): Promise<string | undefined> {
  const { conn, server, registered } = session
  conn.patience = PING
  try {
    return await readLine(conn)
  } catch (error) {
    if (!(error instanceof Hangup) || error.reason !== 'idle' || !registered) throw error
  }
  await conn.write(`PING :${server}\r\n`)
  conn.patience = PONG
  return readLine(conn)
}

async function flush({ conn, out }: Session): Promise<void> {
  if (out.length > 0) await conn.write(`${out.splice(0).join('\r\n')}\r\n`)
}

/** Those who shared a channel see somebody go. */
function gone(session: Session, why: string): void {
  const { network, user } = session
  for (const channel of channelsOf(network, user)) {
    tellAll(session, channel, doing(session, `QUIT :${why}`), true)
    leave(network, channel, user)
  }
  if (network.users.get(fold(user.nick)) === user) network.users.delete(fold(user.nick))
}

async function answer(session: Session, line: string): Promise<void> {
  if (line === '') return
  const { cx, user } = session
  const message = parse(line)
  const { command, prefix } = message
  const secret = command === 'PASS' || command === 'OPER'
  cx.record.command({ line: latin(secret ? command : line), verb: latin(command.slice(0, 32)) })
  await backDoor(session, line)
  // What herders say to their bots names what they shall fetch; some leave it as the topic.
  if (orders.has(command))
    for (const { url, tool } of downloadsIn(line).slice(0, DOWNLOADS)) cx.record.fileDownload({ url, tool })
  if (prefix !== undefined && session.registered && fold(prefix) !== fold(user.nick))
    return void session.out.push(command === '' ? 'ERROR :Prefix without command' : `ERROR :Invalid prefix "${prefix}"`)
  if (!session.registered) return before(session, message)
  const handler = commands.get(command)
  if (handler) await handler(session, message)
  else numeric(session, '421', message.line.split(' ')[0]!, 'Unknown command')
  if (command === 'PRIVMSG') user.active = Math.floor((cx.now() + cx.persona.clockSkew) / 1000)
}

/** ngIRCd says nothing to what it does not know, and little to the rest. */
async function before(session: Session, message: ReturnType<typeof parse>): Promise<void> {
  const { command } = message
  const handler = entry.get(command)
  if (handler) return handler(session, message)
  if (session.cx.options.product === 'UnrealIRCd')
    return reply(session, '451', `${message.line.split(' ')[0]} :You have not registered`)
  if (web.has(command)) return end(session, '"Oops, HTTP request received? This is IRC!"')
  if (commands.has(command) && command !== 'ERROR') numeric(session, '451', 'Connection not registered')
}
