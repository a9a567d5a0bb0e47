import type { Conn } from '#sensor/conn.ts'
import type { TcpContext } from '#sensor/service.ts'
import type { Options } from './options.ts'
import { people } from './people.ts'
import { fold } from './wire.ts'

export type Cx = TcpContext<Options>

/** Somebody who is there: a client of this attacker's, or one of the people who are always there. */
export type User = {
  nick: string
  user: string
  host: string
  name: string
  modes: Set<string>
  away?: string
  /** Seconds since the epoch. */
  since: number
  active: number
  /** Of people who are not there there is none. */
  conn?: Conn
}
/** Modes that a member may have, highest first. */
export const RANKS = [
  ['q', '~'],
  ['a', '&'],
  ['o', '@'],
  ['h', '%'],
  ['v', '+'],
] as const
export type Channel = {
  name: string
  topic?: { text: string; by: string; at: number }
  /** Letters of `imMnOPQRstVz`, in the order in which they were set. */
  modes: Set<string>
  key?: string
  limit?: number
  lists: Record<'b' | 'e' | 'I', Map<string, { by: string; at: number }>>
  members: Map<User, Set<string>>
  since: number
  /** It stays when nobody is in it. */
  fixed?: true
}
/** One attacker's own server: what is done on it nobody else sees. */
export type Network = {
  users: Map<string, User>
  channels: Map<string, Channel>
  /** Milliseconds since the epoch. */
  startedAt: number
  most: number
  connections: number
}

/** Clients of one attacker at once, channels, and what a channel's lists hold (MAXLIST). */
export const MOST = { users: 64, channels: 200, list: 50, joins: 10 } as const

export function newNetwork({ options, persona, now }: Cx): Network {
  const network: Network = {
    users: new Map(),
    channels: new Map(),
    startedAt: Math.min(now(), persona.bootedAt + 41_000),
    most: 1,
    connections: 0,
  }
  const server = newChannel('&SERVER', 0)
  server.topic = { text: 'Server Messages', by: persona.fqdn, at: Math.floor(network.startedAt / 1000) }
  server.fixed = true
  network.channels.set(fold(server.name), server)
  if (options.people) people(network, persona, now())
  return network
}

export const newChannel = (name: string, since: number): Channel => ({
  name,
  modes: new Set(),
  lists: { b: new Map(), e: new Map(), I: new Map() },
  members: new Map(),
  since,
})

export const maskOf = ({ nick, user, host }: User): string => `${nick}!${user}@${host}`

export const channelsOf = (network: Network, user: User): Channel[] =>
  [...network.channels.values()].filter(({ members }) => members.has(user))

/** `@guest`: a member with the highest of its ranks. */
export const ranked = (channel: Channel, user: User): string => {
  const ranks = channel.members.get(user)
  return RANKS.find(([mode]) => ranks?.has(mode))?.[1] ?? ''
}

/** Leaves, and takes an empty channel along. */
export function leave(network: Network, channel: Channel, user: User): void {
  channel.members.delete(user)
  if (channel.members.size === 0 && !channel.fixed) network.channels.delete(fold(channel.name))
}
