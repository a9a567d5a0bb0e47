import { drawFrom } from '#persona/draw.ts'
import type { Persona } from '#persona/persona.ts'
import { type Network, newChannel, type User } from './network.ts'
import { fold } from './wire.ts'

const nicks =
  'kestrel mira tomas v0id jonas rina hex_ noodle sanne pixl oskar yuki delta9 brk lumen petra tux22 wim'.split(' ')
const rooms = [
  ['#main', 'general talk, be nice'],
  ['#lobby', 'welcome'],
  ['#ops', 'no pasting, use the wiki'],
  ['#music', 'now playing: nothing'],
  ['#dev', 'build is green again'],
  ['#offtopic', 'anything goes'],
] as const

/** A few people of the persona's acquaintance, who are connected, and say nothing. */
export function people(network: Network, persona: Persona, now: number): void {
  const draw = drawFrom(persona.derive('irc people', 32), 'people')
  const at = Math.floor(now / 1000)
  const here: User[] = []
  for (let left = draw.between(4, 8); left > 0; left--) {
    const nick = draw.pick(nicks)
    if (network.users.has(fold(nick))) continue
    const since = Math.max(Math.floor(network.startedAt / 1000), at - draw.between(3600, 86_400 * 6))
    const host = draw.chance(0.4)
      ? '127.0.0.1'
      : `${draw.pick(['host', 'dsl', 'pool'])}-${draw.between(2, 250)}.${persona.domain}`
    const active = at - draw.between(60, 36_000)
    const user: User = { nick, user: `~${nick.slice(0, 8)}`, host, name: nick, modes: new Set(), since, active }
    network.users.set(fold(nick), user)
    here.push(user)
  }
  const first = draw.below(rooms.length)
  for (let n = 0; n < draw.between(2, 3); n++) {
    const [name, text] = rooms[(first + n) % rooms.length]!
    const since = Math.floor(network.startedAt / 1000) + 30 + draw.below(300)
    const channel = newChannel(name, since)
    const members = here.filter(() => draw.chance(0.6))
    const [owner = here[0]!] = members
    for (const user of members.length > 0 ? members : [owner])
      channel.members.set(user, new Set(user === owner ? ['o'] : []))
    channel.topic = { text, by: owner.nick, at: since + draw.below(5000) }
    channel.modes = new Set(['n', 't'])
    network.channels.set(fold(name), channel)
  }
  network.most = here.length + 1
  network.connections = here.length + draw.between(3, 40)
}
