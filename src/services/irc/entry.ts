import { accessOf } from '#access/access.ts'
import { MOST, type Network } from './network.ts'
import { clock, doing, end, type Handler, numeric, reply, type Session, syntax, tellAll } from './session.ts'
import { greet, refused } from './unreal.ts'
import { fold, latin } from './wire.ts'

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (n: number) => String(n).padStart(2, '0')
/** `Sun Nov 22 2026 at 09:38:59 (UTC)` of milliseconds since the epoch. */
export const stamp = (at: number): string => {
  const date = new Date(at)
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':')
  return `${days[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${two(date.getUTCDate())} ${date.getUTCFullYear()} at ${time} (UTC)`
}

/** A nickname that ngIRCd takes: no figure first, and the letters of RFC 2812 §2.3.1. */
const NICK = /^[A-Za-z[\]\\`_^{|}][A-Za-z0-9[\]\\`_^{|}-]*$/

export const nick: Handler = (session, { params }) => {
  const [wanted] = params
  if (wanted === undefined) return syntax(session, 'NICK')
  const { user, network, cx } = session
  if (wanted === session.nick) return
  if (wanted.length > cx.options.nickLength)
    return numeric(session, '432', wanted, `Nickname too long, max. ${cx.options.nickLength} characters`)
  if (!NICK.test(wanted)) return numeric(session, '432', wanted, 'Erroneous nickname')
  const there = network.users.get(fold(wanted))
  if (there && there !== user) return numeric(session, '433', wanted, 'Nickname already in use')
  if (session.registered) {
    const line = doing(session, `NICK :${wanted}`)
    session.out.push(line)
    for (const channel of network.channels.values())
      if (channel.members.has(user)) tellAll(session, channel, line, true)
    network.users.delete(fold(user.nick))
    network.users.set(fold(wanted), user)
  }
  user.nick = session.nick = wanted
  return enter(session)
}

export const userCommand: Handler = (session, { params }) => {
  if (session.registered) return numeric(session, '462', 'Connection already registered')
  const [user, , , name] = params
  if (user === undefined || name === undefined) return syntax(session, 'USER')
  session.said = { user, name }
  return enter(session)
}

export const pass: Handler = (session, { params }) => {
  if (session.registered) return numeric(session, '462', 'Connection already registered')
  const [password] = params
  if (password === undefined) return syntax(session, 'PASS')
  session.password = password
}

export const cap: Handler = (session, { params }) => {
  const [verb, list = ''] = params
  if (verb === undefined) return syntax(session, 'CAP')
  const say = (what: string, which: string) => reply(session, 'CAP', `${what} :${which}`)
  switch (verb.toUpperCase()) {
    case 'LS':
      session.negotiating ||= !session.registered
      return say('LS', 'multi-prefix')
    case 'LIST':
      return say('LIST', [...session.capabilities].map(each => `${each} `).join(''))
    case 'REQ': {
      session.negotiating ||= !session.registered
      const wanted = list.split(' ').filter(Boolean).slice(0, 20)
      if (wanted.some(each => each.replace(/^-/, '') !== 'multi-prefix')) return say('NAK', list)
      for (const each of wanted)
        if (each.startsWith('-')) session.capabilities.delete(each.slice(1))
        else session.capabilities.add(each)
      return say('ACK', list)
    }
    case 'CLEAR':
      session.capabilities.clear()
      return say('ACK', '')
    case 'END':
      session.negotiating = false
      return enter(session)
    default:
      return numeric(session, '410', verb, 'Invalid CAP subcommand')
  }
}

/** Comes in once it has said who it is, and may. */
async function enter(session: Session): Promise<void> {
  const { registered, said, negotiating, user, network, cx, conn } = session
  if (registered || !said || session.nick === undefined || negotiating) return
  if (!admitted(session))
    return cx.options.product === 'UnrealIRCd' ? refused(session) : end(session, 'Access denied: Bad password?')
  if (network.users.size >= MOST.users) return end(session, 'Too many connections')
  session.registered = true
  Object.assign(user, {
    user: `~${said.user.slice(0, 9)}`,
    name: said.name,
    host: cx.source.ip,
    since: clock(session),
    active: clock(session),
    conn,
  })
  network.users.set(fold(user.nick), user)
  network.most = Math.max(network.most, network.users.size)
  network.connections++
  if (cx.options.product === 'UnrealIRCd') greet(session)
  else welcome(session)
}

function admitted({ cx, password, nick: name = '', said }: Session): boolean {
  const { options, record } = cx
  const needed = options.password === 'needed'
  if (password === undefined) return !needed
  const good =
    options.password === 'any' || (needed && accessOf(cx, options.access).password(said?.user ?? name, password))
  record.login({
    method: 'irc-pass',
    user: latin(name, 64),
    password: latin(password, 256),
    outcome: good ? 'success' : 'failure',
  })
  return good
}

function welcome(session: Session): void {
  const { server, version, user, network } = session
  numeric(session, '001', `Welcome to the Internet Relay Network ${user.nick}!${user.user}@${user.host}`)
  numeric(session, '002', `Your host is ${server}, running version ngircd-${version} (x86_64/pc/linux-gnu)`)
  numeric(session, '003', `This server has been started ${stamp(network.startedAt)}`)
  reply(session, '004', `${server} ngircd-${version} abBcCFiIoqrRswx abehiIklmMnoOPqQrRstvVz`)
  supported(session)
  counts(session)
  motd(session)
}

export function supported(session: Session): void {
  reply(
    session,
    '005',
    'RFC2812 IRCD=ngIRCd CHARSET=UTF-8 CASEMAPPING=ascii PREFIX=(qaohv)~&@%+ CHANTYPES=#&+ CHANMODES=beI,k,l,imMnOPQRstVz CHANLIMIT=#&+:10 :are supported on this server',
  )
  reply(
    session,
    '005',
    `CHANNELLEN=50 NICKLEN=${session.cx.options.nickLength} TOPICLEN=490 AWAYLEN=127 KICKLEN=400 MODES=5 MAXLIST=beI:50 EXCEPTS=e INVEX=I PENALTY FNC :are supported on this server`,
  )
}

const opersOf = ({ users }: Network) => [...users.values()].filter(({ modes }) => modes.has('o')).length

export function counts(session: Session): void {
  const { users, channels, most, connections } = session.network
  numeric(session, '251', `There are ${users.size} users and 0 services on 1 servers`)
  const opers = opersOf(session.network)
  if (opers > 0) numeric(session, '252', String(opers), 'operator(s) online')
  numeric(session, '254', String(channels.size), 'channels formed')
  numeric(session, '255', `I have ${users.size} users, 0 services and 0 servers`)
  numeric(session, '265', `${users.size} ${most}`, `Current local users: ${users.size}, Max: ${most}`)
  numeric(session, '266', `${users.size} ${most}`, `Current global users: ${users.size}, Max: ${most}`)
  numeric(session, '250', `Highest connection count: ${most} (${connections} connections received)`)
}

/** What Debian's package puts into /etc/ngircd/ngircd.motd. */
const MOTD = `**************************************************
*             H    E    L    L    O              *
*  This is a private irc server. Please contact  *
*  the admin of the server for any questions or  *
*  issues.                                       *
**************************************************
*  The software was provided as a package of     *
*  Debian GNU/Linux <https://www.debian.org/>.   *
*  However, Debian has no control over this      *
*  server.                                       *
**************************************************`

export function motd(session: Session): void {
  numeric(session, '375', `- ${session.server} message of the day`)
  for (const line of MOTD.split('\n')) numeric(session, '372', `- ${line}`)
  numeric(session, '376', 'End of MOTD command')
}
