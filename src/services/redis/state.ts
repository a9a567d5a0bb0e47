import { Pace } from '#access/pace.ts'
import type { Context } from '#sensor/service.ts'
import defaults from '../../../data/redis-config.json' with { type: 'json' }
import { Keyspace } from './keyspace.ts'
import type { Options } from './options.ts'
import type { Denied, User } from './users.ts'
import { type Shapes, shapes } from './wire.ts'

/** The server as one attacker left it: what a real one keeps between connections. */
export type Server = {
  keyspace: Keyspace
  /** What CONFIG SET made of the defaults. */
  config: Map<string, string>
  /** Users of ACL SETUSER; the default one is there when it was changed by that. */
  users: Map<string, User>
  denials: Denied[]
  master: { host: string; port: number } | undefined
  pace: Pace
  scripts: Map<string, string>
  runId: string
  replicationId: string
  /** The replication id before the last change of roles. */
  formerId: string | undefined
  startedAt: number
  savedAt: number
  saves: number
  commands: number
  connections: number
  clientId: number
  /** For the runtime, which bounds what all attackers' servers hold. */
  weight(): number
  drop(): void
}

/** One connection. */
export type Client = {
  id: number
  name: string
  db: number
  resp: 2 | 3
  shape: Shapes
  authenticated: boolean
  user: string
  transaction: { queue: string[][]; weight: number; broken: boolean } | undefined
  /** What WATCH saw: the version of each key, by database and name. */
  watched: Map<string, { db: number; key: string; version: number }>
  channels: Set<string>
  patterns: Set<string>
  shardChannels: Set<string>
  /** CLIENT REPLY. */
  replies: 'on' | 'off' | 'skip' | 'skipping'
  since: number
  monitoring: boolean
  /** REPLCONF capa eof: takes a dump whose length is not known before. */
  capable: boolean
}

export type Redis = {
  cx: Context<Options>
  server: Server
  client: Client
  /** Inside EXEC or a script nothing blocks. */
  nested?: true
}

/** Channels that a client listens to, of all kinds. */
export const subscriptions = ({ channels, patterns, shardChannels }: Client) =>
  channels.size + patterns.size + shardChannels.size

/** A server that has been up since some time after boot, with the little that a small site keeps in it. */
export function newServer(cx: Context<Options>): Server {
  const { persona } = cx
  const keyspace = new Keyspace()
  const startedAt = persona.bootedAt + 14_000 + (persona.derive('redis start', 2).readUInt16BE() % 9000)
  seed(keyspace, cx)
  keyspace.changes = 0
  const config = new Map<string, string>()
  if (cx.options.password) config.set('requirepass', cx.options.password)
  const scripts = new Map<string, string>()
  return {
    keyspace,
    config,
    master: undefined,
    pace: new Pace(),
    users: new Map(),
    denials: [],
    scripts,
    runId: persona.derive('redis run id', 20).toString('hex'),
    replicationId: persona.derive('redis replication id', 20).toString('hex'),
    formerId: undefined,
    startedAt,
    savedAt: cx.now() - 1000 * (300 + (persona.derive('redis save', 2).readUInt16BE() % 3000)),
    saves: 1 + (persona.derive('redis saves', 1)[0]! % 90),
    commands: 4000 + persona.derive('redis commands', 3).readUIntBE(0, 3),
    connections: 40 + (persona.derive('redis connections', 2).readUInt16BE() % 4000),
    clientId: 0,
    weight() {
      let bytes = keyspace.used
      for (const map of [config, scripts]) for (const text of map.values()) bytes += text.length
      return bytes
    },
    drop() {
      keyspace.clearAll()
      scripts.clear()
    },
  }
}

const factory = new Map<string, string>(Object.entries(defaults))
/** All options there are, with their values at start. */
export const optionNames = [...factory.keys()]
/** One option as the server has it now. */
export const setting = (server: Server, name: string): string => {
  if (server.master && /^(?:slave|replica)of$/.test(name)) return `${server.master.host} ${server.master.port}`
  return server.config.get(name) ?? factory.get(name) ?? ''
}

function seed(keyspace: Keyspace, { persona, now }: Context<Options>) {
  const hex = (label: string, bytes: number) => persona.derive(`redis ${label}`, bytes).toString('hex')
  const sessions = 3 + (persona.derive('redis sessions', 1)[0]! % 9)
  for (let i = 0; i < sessions; i++) {
    const key = `sess:${hex(`session ${i}`, 12)}`
    const user = 100 + (persona.derive(`redis user ${i}`, 2).readUInt16BE() % 4000)
    keyspace.set(0, key, {
      type: 'string',
      data: `{"cookie":{"path":"/","httpOnly":true},"uid":${user},"csrf":"${hex(`csrf ${i}`, 8)}"}`,
    })
    keyspace.expireAt(0, key, now() + 60_000 * (5 + (persona.derive(`redis ttl ${i}`, 2).readUInt16BE() % 1400)))
  }
  keyspace.set(0, 'stats:visits', {
    type: 'string',
    data: String(20_000 + persona.derive('redis visits', 3).readUIntBE(0, 3)),
  })
}

export function newClient(server: Server, now: number, needsPassword: boolean): Client {
  server.connections++
  server.clientId = server.clientId ? server.clientId + 1 : server.connections
  return {
    id: server.clientId,
    name: '',
    db: 0,
    resp: 2,
    shape: shapes[2],
    authenticated: !needsPassword,
    user: 'default',
    transaction: undefined,
    channels: new Set(),
    patterns: new Set(),
    shardChannels: new Set(),
    watched: new Map(),
    replies: 'on',
    since: now,
    monitoring: false,
    capable: false,
  }
}
