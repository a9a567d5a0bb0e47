import { accessOf } from '#access/access.ts'
import { counts, motd, stamp, supported } from './entry.ts'
import { INFO } from './people-commands.ts'
import { clock, end, type Handler, numeric, reply, type Session, syntax } from './session.ts'
import { latin } from './wire.ts'

/** How Debian builds ngIRCd. */
const BUILD = 'IDENT+IPv6+IRCPLUS+PAM+SSL+SYSLOG+ZLIB-x86_64/pc/linux-gnu'
/** SOURCE_DATE_EPOCH of the package: the day of its changelog. */
const BORN = Date.UTC(2024, 4, 1, 10)

/** A query that may name a server: there is this one. */
const here =
  (answer: Handler): Handler =>
  (session, message) => {
    const [asked] = message.params
    if (asked !== undefined && asked !== session.server) return numeric(session, '402', asked, 'No such server')
    return answer(session, message)
  }

const version = here(session => {
  numeric(session, '351', `ngIRCd-${session.version}.`, session.server, BUILD)
  supported(session)
})
const admin = here(session => {
  const { persona } = session.cx
  numeric(session, '256', session.server, 'Administrative info')
  numeric(session, '257', 'Debian User')
  numeric(session, '258', 'Debian City')
  numeric(session, '259', session.cx.options.people ? `irc@${persona.domain}` : 'irc@irc.example.com')
})
const info = here(session => {
  numeric(session, '371', `ngIRCd ${session.version}-${BUILD}`)
  numeric(session, '371', `Birth Date: ${stamp(BORN)}`)
  numeric(session, '371', `On-line since ${stamp(session.network.startedAt)}`)
  numeric(session, '374', 'End of INFO list')
})
const links: Handler = session => {
  numeric(session, '364', session.server, session.server, `0 ${INFO}`)
  numeric(session, '365', '*', 'End of LINKS list')
}
const stats: Handler = (session, { params }) => {
  const [query = '*'] = params
  if (query === 'u') {
    const up = clock(session) - Math.floor(session.network.startedAt / 1000)
    const two = (n: number) => String(n).padStart(2, '0')
    const time = `${Math.floor((up % 86_400) / 3600)}:${two(Math.floor((up % 3600) / 60))}:${two(up % 60)}`
    numeric(session, '242', `Server Up ${Math.floor(up / 86_400)} days ${time}`)
  }
  numeric(session, '219', query, 'End of STATS report')
}
const weekdays = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')
const monthNames = 'January February March April May June July August September October November December'.split(' ')
const time = here(session => {
  const date = new Date(clock(session) * 1000)
  const two = (n: number) => String(n).padStart(2, '0')
  const day = `${weekdays[date.getUTCDay()]} ${monthNames[date.getUTCMonth()]} ${two(date.getUTCDate())} ${date.getUTCFullYear()}`
  numeric(session, '391', session.server, `${day} -- ${two(date.getUTCHours())}:${two(date.getUTCMinutes())} UTC`)
})
const trace = here(session => numeric(session, '262', session.server, `ngIRCd-${session.version}.`, 'End of TRACE'))
const help: Handler = (session, { params }) => {
  const say = (line: string) => reply(session, 'NOTICE', `:${line}`)
  if (params.length > 0) return say(`No help for "${params[0]}" found.`)
  say('This is ngIRCd, a server software for Internet Relay Chat (IRC)')
  say('networks. You can find more information about ngIRCd on its homepage:')
  say('\t<http://ngircd.barton.de>')
  say('')
  say('Use "HELP COMMANDS" to get a list of all available commands and')
  say('"HELP <command-name>" to get help for a specific IRC command, for')
  say('example "HELP quit" or "HELP privmsg".')
}

const ping: Handler = (session, { params, line }) => {
  const [origin, server] = params
  if (origin === undefined) return numeric(session, '409', 'No origin specified')
  if (server !== undefined && server !== session.server) return numeric(session, '402', server, 'No such server')
  // Told back as it came: with its colon, where it had one.
  session.out.push(`:${session.server} PONG ${session.server} :${origin || line.slice(6)}`)
}
const pong: Handler = (session, { params }) => {
  if (params.length === 0) numeric(session, '409', 'No origin specified')
}

/** Seconds that a wrong password costs. */
const PENALTY = 3
const oper: Handler = async (session, { params }) => {
  const [name, password] = params
  if (name === undefined || password === undefined) return syntax(session, 'OPER')
  const { cx, user } = session
  const good = accessOf(cx, cx.options.access).password(name, password)
  cx.record.login({
    method: 'irc-oper',
    user: latin(name, 64),
    password: latin(password, 256),
    outcome: good ? 'success' : 'failure',
  })
  if (!good) {
    numeric(session, '464', 'Invalid password')
    return cx.pause(PENALTY)
  }
  user.modes.add('o')
  session.out.push(`:${session.server} MODE ${user.nick} :+o`)
  numeric(session, '381', 'You are now an IRC Operator')
}

/** What operators alone may do. Nothing of it is done, but for what the client sees of it. */
const operators =
  (then: Handler): Handler =>
  (session, message) =>
    session.user.modes.has('o') ? then(session, message) : numeric(session, '481', 'Permission denied')
const die = operators((session, { params }) => {
  if (params[0] !== undefined) reply(session, 'NOTICE', `:${params[0]}`)
  end(session, 'Server going down')
})
const rehash = operators((session: Session) => numeric(session, '382', '/etc/ngircd/ngircd.conf', 'Rehashing'))
const nothing = operators(() => {})
const needs =
  (count: number, then: Handler): Handler =>
  (session, message) =>
    message.params.length < count ? syntax(session, message.command) : then(session, message)
const linked: Handler = session => numeric(session, '451', 'Connection not registered as server link')

/** Commands about the server, and about who runs it. */
export const serverCommands: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['VERSION', version],
  ['ADMIN', admin],
  ['INFO', info],
  ['LINKS', links],
  ['STATS', stats],
  ['TIME', time],
  ['TRACE', trace],
  ['HELP', help],
  ['LUSERS', here(counts)],
  ['MOTD', here(motd)],
  ['PING', ping],
  ['PONG', pong],
  ['OPER', oper],
  ['DIE', die],
  ['RESTART', die],
  ['REHASH', rehash],
  ['KILL', nothing],
  ['WALLOPS', nothing],
  ['CONNECT', nothing],
  ['DISCONNECT', nothing],
  ['KLINE', nothing],
  ['SQUIT', needs(2, nothing)],
  ['GLINE', needs(1, nothing)],
  ['SERVER', needs(2, linked)],
  ['CHANINFO', linked],
  ['NJOIN', linked],
  ['SUMMON', session => numeric(session, '445', 'SUMMON has been disabled')],
  ['USERS', session => numeric(session, '446', 'USERS has been disabled')],
  ['ERROR', () => {}],
])
