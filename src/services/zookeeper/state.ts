import type { TcpContext } from '#sensor/service.ts'
import type { Identity } from './access.ts'
import type { Options } from './options.ts'
import { addChild, emptyNode, type Node, nameOf, parentOf } from './tree.ts'
import { EventType, forget, trigger, type Watches } from './watches.ts'

/** One attacker's ZooKeeper: its tree, its sessions, and who watches what. */

export type Cx = TcpContext<Options>
/** A connection that has a session. */
export type Client = {
  session: Session
  identities: Identity[]
  server: Server
  notify(type: number, path: string): void
  /** Another connection took its session, or the session ran out. */
  close(): void
}
export type Session = {
  id: bigint
  /** Milliseconds. */
  timeout: number
  ephemerals: Set<string>
  client: Client | undefined
  /** When it was last heard of, in milliseconds since the epoch. */
  heardAt: number
}
export type Server = {
  old: boolean
  nodes: Map<string, Node>
  sessions: Map<bigint, Session>
  /** Of the last transaction. */
  zxid: bigint
  nextSession: bigint
  dataWatches: Watches
  childWatches: Watches
  /** Bytes of paths, data and access lists; and of what is watched. */
  bytes: number
  watched: number
  received: number
  sent: number
  connections: number
  weight(): number
  drop(): void
}

/** Bytes and nodes of one attacker; sessions that nobody closed. */
export const CAPACITY = { bytes: 4 << 20, nodes: 10_000, sessions: 1000 } as const
/** Bytes that a node takes beside its path and data. */
const OVERHEAD = 300

export function weightOf(path: string, { data, acl }: Pick<Node, 'data' | 'acl'>): number {
  let weight = OVERHEAD + 2 * path.length + (data?.length ?? 0)
  for (const { scheme, id } of acl) weight += 64 + 2 * (scheme.length + id.length)
  return weight
}

/** As one is after its first start. */
export function emptyServer(cx: Cx): Server {
  const { version } = cx.persona.software.zookeeper
  const server: Server = {
    old: version.startsWith('3.4.'),
    nodes: new Map([['/', emptyNode()]]),
    sessions: new Map(),
    zxid: 0n,
    // SessionTrackerImpl.initializeNextSession: the time since the machine started, and then a count.
    nextSession:
      (1n << 56n) | (BigInt(9000 + (cx.persona.derive('zookeeper start', 2).readUInt16BE() % 20_000)) << 16n),
    dataWatches: new Map(),
    childWatches: new Map(),
    bytes: 0,
    watched: 0,
    received: 0,
    sent: 0,
    connections: 0,
    weight: () => server.bytes + server.watched,
    drop() {
      server.nodes = new Map([['/', emptyNode()]])
      server.bytes = 0
    },
  }
  plant(server, '/zookeeper', emptyNode())
  if (!server.old) {
    const config = { ...emptyNode(), aversion: -1, acl: [{ perms: 1, scheme: 'world', id: 'anyone' }] }
    plant(server, '/zookeeper/config', config)
  }
  plant(server, '/zookeeper/quota', emptyNode())
  return server
}

/** Puts a node there, without any effect on its parent's versions. */
export function plant(server: Server, path: string, node: Node): void {
  server.nodes.set(path, node)
  server.bytes += weightOf(path, node)
  addChild(server.nodes.get(parentOf(path))!, nameOf(path))
}

/** Takes it away and tells who watches. */
export function uproot(server: Server, path: string): void {
  const node = server.nodes.get(path)
  const parent = server.nodes.get(parentOf(path))
  if (!node || !parent) return
  server.nodes.delete(path)
  server.bytes -= weightOf(path, node)
  parent.children.delete(nameOf(path))
  parent.order = undefined
  parent.pzxid = server.zxid
  server.sessions.get(node.owner)?.ephemerals.delete(path)
}
export function tellRemoved(server: Server, path: string): void {
  const told = trigger(server.dataWatches, path, EventType.deleted)
  trigger(server.childWatches, path, EventType.deleted, told)
  trigger(server.childWatches, parentOf(path), EventType.children)
}

/** The session is over, and with it what lived only as long. */
export function endSession(server: Server, session: Session): void {
  server.zxid++
  server.sessions.delete(session.id)
  for (const path of [...session.ephemerals]) {
    uproot(server, path)
    tellRemoved(server, path)
  }
}

/** Sessions whose time has run out while nobody was connected. */
export function expire(server: Server, now: number): void {
  for (const session of [...server.sessions.values()])
    if (!session.client && session.heardAt + session.timeout < now) endSession(server, session)
  while (server.sessions.size > CAPACITY.sessions) {
    const idle = [...server.sessions.values()].find(({ client }) => !client)
    if (!idle) break
    endSession(server, idle)
  }
}

/** The connection is gone; its session waits for it to come back. */
export function leave(server: Server, client: Client, now: number): void {
  forget(server.dataWatches, client)
  forget(server.childWatches, client)
  if (client.session.client !== client) return
  client.session.client = undefined
  client.session.heardAt = now
}
