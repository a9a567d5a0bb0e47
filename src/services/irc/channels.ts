import { type Channel, channelsOf, leave, MOST, maskOf, newChannel, RANKS, ranked, type User } from './network.ts'
import { clock, doing, type Handler, numeric, reply, type Session, syntax, tell, tellAll } from './session.ts'
import { fold } from './wire.ts'

/** RFC 2812 §1.3; modeless ones begin with `+`. */
const CHANNEL = /^[#&+][^\s,\x07]{0,49}$/
/** Names in one command's list. */
const TARGETS = 20

export const channelOf = ({ network }: Session, name: string): Channel | undefined => network.channels.get(fold(name))
const noChannel = (session: Session, name: string) => numeric(session, '403', name, 'No such channel')
const noOne = (session: Session, name: string) => numeric(session, '401', name, 'No such nick or channel name')
const rankOf = (channel: Channel, user: User) => RANKS.findIndex(([mode]) => channel.members.get(user)?.has(mode))
const mayRule = (session: Session, channel: Channel) => {
  const rank = rankOf(channel, session.user)
  return (rank >= 0 && rank <= 3) || session.user.modes.has('o')
}

export const join: Handler = (session, { params }) => {
  const [names, keys = ''] = params
  if (names === undefined) return syntax(session, 'JOIN')
  const { network, user } = session
  if (names === '0') {
    for (const channel of channelsOf(network, user).reverse()) part(session, channel, user.nick)
    return
  }
  const given = keys.split(',')
  for (const [at, name] of names.split(',').slice(0, TARGETS).entries()) joinOne(session, name, given[at])
}

function joinOne(session: Session, name: string, key: string | undefined) {
  const { network, user } = session
  if (!CHANNEL.test(name)) return noChannel(session, name)
  const found = channelOf(session, name)
  if (found?.members.has(user)) return
  const joined = channelsOf(network, user).length
  if (joined >= MOST.joins || (!found && network.channels.size >= MOST.channels))
    return numeric(session, '405', name, 'You have joined too many channels')
  if (found) {
    const banned = [...found.lists.b.keys()].some(mask => fits(mask, maskOf(user)))
    if (found.key !== undefined && found.key !== key)
      return numeric(session, '475', name, 'Cannot join channel (+k) -- Wrong channel key')
    if (found.limit !== undefined && found.members.size >= found.limit)
      return numeric(session, '471', name, 'Cannot join channel (+l) -- Channel is full, try later')
    if (found.modes.has('i')) return numeric(session, '473', name, 'Cannot join channel (+i) -- Invited users only')
    if (banned) return numeric(session, '474', name, 'Cannot join channel (+b) -- You are banned')
  }
  const channel = found ?? newChannel(name, clock(session))
  const founds = !found && !name.startsWith('+')
  channel.members.set(user, new Set(founds ? ['o'] : []))
  network.channels.set(fold(name), channel)
  tellAll(session, channel, doing(session, `JOIN :${channel.name}`))
  if (channel.topic) topicOf(session, channel)
  namesOf(session, channel)
}

/** A mask with `*` and `?`, matched without going back more than once. */
export function fits(mask: string, text: string): boolean {
  const [pattern, said] = [fold(mask), fold(text)]
  let [at, p, star, mark] = [0, 0, -1, 0]
  while (at < said.length) {
    if (p < pattern.length && (pattern[p] === '?' || pattern[p] === said[at]) && pattern[p] !== '*') {
      at++
      p++
    } else if (pattern[p] === '*') {
      star = p++
      mark = at
    } else if (star >= 0) {
      p = star + 1
      at = ++mark
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}

function namesOf(session: Session, channel: Channel) {
  const shown = [...channel.members.keys()].map(user => `${ranked(channel, user)}${user.nick}`)
  if (shown.length > 0) numeric(session, '353', channel.modes.has('s') ? '@' : '=', channel.name, shown.join(' '))
  numeric(session, '366', channel.name, 'End of NAMES list')
}

function topicOf(session: Session, channel: Channel) {
  const { topic } = channel
  if (!topic) return numeric(session, '331', channel.name, 'No topic is set')
  numeric(session, '332', channel.name, topic.text)
  if (!channel.fixed) reply(session, '333', `${channel.name} ${topic.by} ${topic.at}`)
}

export const names: Handler = (session, { params }) => {
  const [wanted] = params
  const { network } = session
  if (wanted !== undefined) {
    for (const name of wanted.split(',').slice(0, TARGETS)) {
      const channel = channelOf(session, name)
      if (channel) namesOf(session, channel)
      else numeric(session, '366', name, 'End of NAMES list')
    }
    return
  }
  for (const channel of network.channels.values()) if (!channel.fixed) namesOf(session, channel)
  const alone = [...network.users.values()].filter(user => channelsOf(network, user).length === 0)
  if (alone.length > 0) numeric(session, '353', '*', '*', alone.map(({ nick }) => nick).join(' '))
  numeric(session, '366', '*', 'End of NAMES list')
}

export const partCommand: Handler = (session, { params }) => {
  const [list, why] = params
  if (list === undefined) return syntax(session, 'PART')
  for (const name of list.split(',').slice(0, TARGETS)) {
    const channel = channelOf(session, name)
    if (!channel) noChannel(session, name)
    else if (!channel.members.has(session.user)) numeric(session, '442', name, 'You are not on that channel')
    else part(session, channel, why ?? session.user.nick)
  }
}

function part(session: Session, channel: Channel, why: string) {
  tellAll(session, channel, doing(session, `PART ${channel.name} :${why}`))
  leave(session.network, channel, session.user)
}

export const topic: Handler = (session, { params }) => {
  const [name, text] = params
  if (name === undefined) return syntax(session, 'TOPIC')
  const channel = channelOf(session, name)
  if (!channel) return noChannel(session, name)
  if (!channel.members.has(session.user)) return numeric(session, '442', name, 'You are not on that channel')
  if (text === undefined) return topicOf(session, channel)
  if (channel.modes.has('t') && !mayRule(session, channel))
    return numeric(session, '482', name, 'You are not channel operator')
  if (text === '') delete channel.topic
  else channel.topic = { text: text.slice(0, 490), by: session.user.nick, at: clock(session) }
  tellAll(session, channel, doing(session, `TOPIC ${channel.name} :${text}`))
}

export const list: Handler = (session, { params }) => {
  const wanted = params[0]?.split(',').slice(0, TARGETS)
  numeric(session, '321', 'Channel', 'Users  Name')
  for (const channel of [...session.network.channels.values()].reverse()) {
    if (wanted && !wanted.some(mask => fits(mask, channel.name))) continue
    if (channel.modes.has('s') && !channel.members.has(session.user)) continue
    numeric(session, '322', channel.name, String(channel.members.size), channel.topic?.text ?? '')
  }
  numeric(session, '323', 'End of LIST')
}

export const kick: Handler = (session, { params }) => {
  const [name, whom, why] = params
  if (name === undefined || whom === undefined) return syntax(session, 'KICK')
  const channel = channelOf(session, name)
  if (!channel) return noChannel(session, name)
  const user = session.network.users.get(fold(whom))
  if (!user) return noOne(session, whom)
  if (!channel.members.has(session.user)) return numeric(session, '442', name, 'You are not on that channel')
  if (!mayRule(session, channel)) return numeric(session, '482', name, 'You are not channel operator')
  if (!channel.members.has(user)) return numeric(session, '441', whom, name, 'They are not on that channel')
  tellAll(session, channel, doing(session, `KICK ${channel.name} ${user.nick} :${why ?? session.user.nick}`))
  leave(session.network, channel, user)
}

export const invite: Handler = (session, { params }) => {
  const [whom, name] = params
  if (whom === undefined || name === undefined) return syntax(session, 'INVITE')
  const user = session.network.users.get(fold(whom))
  if (!user) return noOne(session, whom)
  const channel = channelOf(session, name)
  if (channel?.members.has(user)) return numeric(session, '443', user.nick, name, 'is already on channel')
  if (channel && !channel.members.has(session.user)) return numeric(session, '442', name, 'You are not on that channel')
  tell(session, user, doing(session, `INVITE ${user.nick} ${name}`))
  session.out.push(doing(session, `341 ${session.user.nick} ${user.nick} ${name}`))
}

/** MODE of a channel: one reply for all that changed. */
export function channelMode(session: Session, name: string, changes: readonly string[]) {
  const channel = channelOf(session, name)
  if (!channel) return noOne(session, name)
  if (changes.length === 0) {
    const inside = channel.members.has(session.user)
    const extra = [
      ...(channel.key === undefined ? [] : ['k', inside ? channel.key : '*']),
      ...(channel.limit === undefined ? [] : ['l', String(channel.limit)]),
    ]
    const letters = [...channel.modes, ...extra.filter((_, i) => i % 2 === 0)].join('')
    reply(session, '324', [channel.name, `+${letters}`, ...extra.filter((_, i) => i % 2 === 1)].join(' '))
    return reply(session, '329', `${channel.name} ${channel.since}`)
  }
  const args = [...changes]
  const done: { sign: string; letter: string; arg?: string }[] = []
  for (let word = args.shift(); word !== undefined; word = args.shift()) {
    let sign = '+'
    for (const letter of word.slice(0, 32)) {
      if (letter === '+' || letter === '-') sign = letter
      else changeOne(session, channel, sign, letter, args, done)
    }
  }
  if (done.length === 0) return
  let [shown, sign] = ['', '']
  for (const one of done) {
    shown += one.sign === sign ? one.letter : `${one.sign}${one.letter}`
    sign = one.sign
  }
  const values = done.flatMap(({ arg }) => (arg === undefined ? [] : [arg]))
  tellAll(session, channel, doing(session, ['MODE', channel.name, shown, ...values].join(' ')))
}

type Done = { sign: string; letter: string; arg?: string }[]

function changeOne(session: Session, channel: Channel, sign: string, letter: string, args: string[], done: Done) {
  const add = sign === '+'
  const list = letter === 'b' ? 'b' : letter === 'e' ? 'e' : letter === 'I' ? 'I' : undefined
  if (list && args.length === 0) return showList(session, channel, list)
  const known = 'imMnOPQRstVzklbeIqaohv'.includes(letter)
  if (!known) return numeric(session, '472', letter, `is unknown mode char for ${channel.name}`)
  if (!mayRule(session, channel)) return numeric(session, '482', channel.name, 'You are not channel operator')
  if (list) {
    const mask = args.shift()!.slice(0, 200)
    if (add && channel.lists[list].size < MOST.list)
      channel.lists[list].set(mask, { by: session.user.nick, at: clock(session) })
    else if (!channel.lists[list].delete(mask)) return
    done.push({ sign, letter, arg: mask })
  } else if (letter === 'k') {
    const key = args.shift()
    if (key === undefined) return
    if (add) channel.key = key.slice(0, 49)
    else delete channel.key
    done.push({ sign, letter, arg: add ? key : '*' })
  } else if (letter === 'l') {
    if (!add) {
      delete channel.limit
      done.push({ sign, letter })
      return
    }
    const limit = Number(args.shift())
    if (!Number.isInteger(limit) || limit < 1 || limit > 0xffff) return
    channel.limit = limit
    done.push({ sign, letter, arg: String(limit) })
  } else if (RANKS.some(([mode]) => mode === letter)) {
    const whom = args.shift()
    if (whom === undefined) return
    const user = session.network.users.get(fold(whom))
    const ranks = user && channel.members.get(user)
    if (!user) return noOne(session, whom)
    if (!ranks) return numeric(session, '441', whom, channel.name, 'They are not on that channel')
    if (add) ranks.add(letter)
    else ranks.delete(letter)
    done.push({ sign, letter, arg: user.nick })
  } else if (add !== channel.modes.has(letter)) {
    if (add) channel.modes.add(letter)
    else channel.modes.delete(letter)
    done.push({ sign, letter })
  }
}

function showList(session: Session, channel: Channel, which: 'b' | 'e' | 'I') {
  const [one, over, name] = { b: ['367', '368', 'ban'], e: ['348', '349', 'exception'], I: ['346', '347', 'invite'] }[
    which
  ] as [string, string, string]
  for (const [mask, { by, at }] of channel.lists[which]) reply(session, one, `${channel.name} ${mask} ${by} ${at}`)
  numeric(session, over, channel.name, `End of channel ${name} list`)
}
