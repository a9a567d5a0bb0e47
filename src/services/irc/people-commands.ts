import { channelMode, channelOf, fits } from './channels.ts'
import { type Channel, channelsOf, ranked, type User } from './network.ts'
import { clock, doing, type Handler, numeric, reply, type Session, syntax, tell, tellAll } from './session.ts'
import { fold } from './wire.ts'

const TARGETS = 20
const noOne = (session: Session, name: string) => numeric(session, '401', name, 'No such nick or channel name')
const userOf = ({ network }: Session, nick: string): User | undefined => network.users.get(fold(nick))

/** PRIVMSG, and NOTICE, which nothing answers (RFC 2812 §3.3.2). */
const message =
  (verb: 'PRIVMSG' | 'NOTICE'): Handler =>
  (session, { params }) => {
    const [targets, text] = params
    const quiet = verb === 'NOTICE'
    if (targets === undefined) return quiet ? undefined : numeric(session, '411', `No recipient given (${verb})`)
    if (text === undefined) return quiet ? undefined : numeric(session, '412', 'No text to send')
    for (const target of targets.split(',').slice(0, TARGETS)) {
      const channel = channelOf(session, target)
      const user = userOf(session, target)
      const line = (to: string) => doing(session, `${verb} ${to} :${text}`)
      if (channel) {
        const outside = !channel.members.has(session.user) && (channel.modes.has('n') || channel.fixed)
        const silent = channel.modes.has('m') && ranked(channel, session.user) === ''
        if (outside || silent) numeric(session, '404', channel.name, 'Cannot send to channel')
        else tellAll(session, channel, line(channel.name), true)
      } else if (user) {
        if (user.away !== undefined && !quiet) numeric(session, '301', user.nick, user.away)
        tell(session, user, line(user.nick))
      } else if (!quiet) noOne(session, target)
    }
  }
export const privmsg = message('PRIVMSG')
export const notice = message('NOTICE')

export const whois: Handler = (session, { params }) => {
  const wanted = params[1] ?? params[0]
  if (wanted === undefined) return numeric(session, '431', 'No nickname given')
  const user = userOf(session, wanted)
  if (user) about(session, user)
  else noOne(session, wanted)
  numeric(session, '318', user?.nick ?? wanted, 'End of WHOIS list')
}

function about(session: Session, user: User): void {
  const { server, network } = session
  const own = user === session.user
  reply(session, '311', `${user.nick} ${user.user} ${user.host} * :${user.name}`)
  const channels = channelsOf(network, user).filter(({ modes }) => own || !modes.has('s'))
  if (channels.length > 0)
    numeric(session, '319', user.nick, channels.map(channel => `${ranked(channel, user)}${channel.name}`).join(' '))
  numeric(session, '312', user.nick, server, INFO)
  if (user.modes.has('o')) numeric(session, '313', user.nick, 'is an IRC operator')
  if (own) {
    numeric(session, '378', user.nick, `is connecting from *@${user.host} ${user.host}`)
    numeric(session, '379', user.nick, `is using modes +${[...user.modes].join('')}`)
  }
  numeric(
    session,
    '317',
    user.nick,
    String(clock(session) - user.active),
    String(user.since),
    'seconds idle, signon time',
  )
  if (user.away !== undefined) numeric(session, '301', user.nick, user.away)
}
/** `Info` of Debian's ngircd.conf. */
export const INFO = 'Yet another IRC Server running on Debian GNU/Linux'

export const whowas: Handler = (session, { params }) => {
  const [nick] = params
  if (nick === undefined) return numeric(session, '431', 'No nickname given')
  numeric(session, '406', nick, 'There was no such nickname')
  numeric(session, '369', nick, 'End of WHOWAS list')
}

export const who: Handler = (session, { params }) => {
  const [mask = '*', only] = params
  const channel = channelOf(session, mask)
  const row = (user: User, where: Channel | undefined) => {
    const flags = `${user.away === undefined ? 'H' : 'G'}${user.modes.has('o') ? '*' : ''}${where ? ranked(where, user) : ''}`
    numeric(
      session,
      '352',
      where?.name ?? '*',
      user.user,
      user.host,
      session.server,
      user.nick,
      flags,
      `0 ${user.name}`,
    )
  }
  if (channel) for (const user of channel.members.keys()) row(user, channel)
  else
    for (const user of session.network.users.values())
      if (fits(mask, user.nick) && (only !== 'o' || user.modes.has('o'))) row(user, undefined)
  numeric(session, '315', mask, 'End of WHO list')
}

export const ison: Handler = (session, { params }) => {
  if (params.length === 0) return syntax(session, 'ISON')
  const asked = params.flatMap(each => each.split(' ')).slice(0, 100)
  numeric(session, '303', asked.flatMap(nick => userOf(session, nick)?.nick ?? []).join(' '))
}

export const userhost: Handler = (session, { params }) => {
  if (params.length === 0) return syntax(session, 'USERHOST')
  const shown = params.slice(0, 5).flatMap(nick => {
    const user = userOf(session, nick)
    return user
      ? [
          `${user.nick}${user.modes.has('o') ? '*' : ''}=${user.away === undefined ? '+' : '-'}${user.user}@${user.host}`,
        ]
      : []
  })
  numeric(session, '302', shown.join(' '))
}

export const away: Handler = (session, { params }) => {
  const [why] = params
  const { user } = session
  if (why) {
    user.away = why.slice(0, 127)
    user.modes.add('a')
    return numeric(session, '306', 'You have been marked as being away')
  }
  delete user.away
  user.modes.delete('a')
  numeric(session, '305', 'You are no longer marked as being away')
}

export const mode: Handler = (session, { params }) => {
  const [target, ...changes] = params
  if (target === undefined) return syntax(session, 'MODE')
  const { user } = session
  if (/^[#&+]/.test(target)) return channelMode(session, target, changes)
  const whom = userOf(session, target)
  if (!whom) return noOne(session, target)
  if (whom !== user) return numeric(session, '502', "Can't set/get mode for other users")
  const [change] = changes
  if (change === undefined) return reply(session, '221', `+${[...user.modes].join('')}`)
  let [sign, done] = ['+', '']
  for (const letter of change.slice(0, 32)) {
    if (letter === '+' || letter === '-') sign = letter
    else if ('ao'.includes(letter) && sign === '+') numeric(session, '481', 'Permission denied')
    else if ('cCqx'.includes(letter) && !user.modes.has('o')) numeric(session, '481', 'Permission denied')
    else if (!'abBcCFiIoqrRswx'.includes(letter)) numeric(session, '501', `Unknown mode "${sign}${letter}"`)
    else if ((sign === '+') !== user.modes.has(letter)) {
      if (sign === '+') user.modes.add(letter)
      else user.modes.delete(letter)
      done += `${sign}${letter}`
    }
  }
  if (done !== '') session.out.push(doing(session, `MODE ${user.nick} :${done}`))
}
