import type { Context } from '#sensor/service.ts'
import defaults from '../../../data/redis-config.json' with { type: 'json' }
import { Keyspace } from './keyspace.ts'
import type { Options } from './options.ts'
import { type Shapes, shapes } from './wire.ts'

/** The server as one attacker left it: what a real one keeps between connections. */
export type Server = {
  keyspace: Keyspace
  config: Map<string, string>
  master: { host: string; port: number } | undefined
  modules: string[]
  scripts: Map<string, string>
  runId: string
  replicationId: string
  startedAt: number
  savedAt: number
  commands: number
  connections: number
  clientId: number
}

/** One connection. */
export type Client = {
  id: number
  name: string
  db: number
  resp: 2 | 3
  shape: Shapes
  authenticated: boolean
  transaction: { queue: string[][]; broken: boolean } | undefined
  channels: Set<string>
  patterns: Set<string>
  since: number
  monitoring: boolean
}

export type Redis = { cx: Context<Options>; server: Server; client: Client }

/** A server that has been up since some time after boot, with the little that a small site keeps in it. */
export function newServer(cx: Context<Options>): Server {
  const { persona } = cx
  const keyspace = new Keyspace()
  const startedAt = persona.bootedAt + 14_000 + (persona.derive('redis start', 2).readUInt16BE() % 9000)
  seed(keyspace, cx)
  keyspace.changes = 0
  const config = new Map<string, string>(Object.entries(defaults))
  if (cx.options.password) config.set('requirepass', cx.options.password)
  return {
    keyspace,
    config,
    master: undefined,
    modules: [],
    scripts: new Map(),
    runId: persona.derive('redis run id', 20).toString('hex'),
    replicationId: persona.derive('redis replication id', 20).toString('hex'),
    startedAt,
    savedAt: cx.now() - 1000 * (300 + (persona.derive('redis save', 2).readUInt16BE() % 3000)),
    commands: 4000 + persona.derive('redis commands', 3).readUIntBE(0, 3),
    connections: 40 + (persona.derive('redis connections', 2).readUInt16BE() % 4000),
    clientId: 0,
  }
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
    transaction: undefined,
    channels: new Set(),
    patterns: new Set(),
    since: now,
    monitoring: false,
  }
}
