import type { Conn } from '#sensor/conn.ts'
import { deliver } from './deliver.ts'
import type { Publisher, States } from './live.ts'
import { levelsOf, shareOf } from './topics.ts'
import type { Version } from './wire.ts'

/** One attacker's broker: sessions, subscriptions and retained messages, in mosquitto's order (subs.c, retain.c). */

/** Bytes of messages that one broker holds, topics, sessions and subscriptions that it knows. */
const HELD = 8 << 20
const RETAINED = 5000
const SESSIONS = 256
const SUBSCRIPTIONS = 4000

export type Message = {
  topic: string
  payload: Buffer
  qos: number
  retain: boolean
  /** Properties for its receivers, encoded. */
  properties: Buffer
  /** Milliseconds since the epoch. */
  expiresAt: number | undefined
  /** The client that sent it; nobody's own begins with a NUL. */
  from: string
}
export type Subscription = {
  session: Session
  qos: number
  identifier: number
  noLocal: boolean
  asPublished: boolean
}
/** A message on its way to a client that acknowledges: `released` once PUBREC came. */
export type Outgoing = {
  message: Message
  qos: number
  retain: boolean
  identifier: number
  mid: number
  released: boolean
}
/** A client, and what stays of it when it is away. */
export type Session = {
  id: string
  version: Version
  /** Gets nothing back of what it brings, and hears what was kept as it was sent. */
  bridge: boolean
  /** Seconds that it outlives its connection. */
  expiry: number
  connection: Connection | undefined
  endedAt: number
  outgoing: Map<number, Outgoing>
  queue: Outgoing[]
  /** QoS 2, until PUBREL. */
  incoming: Map<number, Message>
  lastMid: number
  sendMaximum: number
  sendQuota: number
  receiveQuota: number
  will: { message: Message; delay: number } | undefined
  filters: Set<string>
}
export type Connection = {
  conn: Conn
  outbox: Buffer[]
  /** Bytes written and not taken yet. */
  unsent: number
  maximumPacket: number
  aliases: Map<number, string>
}

type Branch = {
  children: Map<string, Branch>
  subscriptions: Map<Session, Subscription>
  shares: Map<string, Map<Session, Subscription>>
}
type Kept = { children: Map<string, Kept>; message: Message | undefined }

export type Broker = {
  sessions: Map<string, Session>
  root: Branch
  kept: Kept
  keptCount: number
  subscriptions: number
  bytes: number
  wills: { at: number; session: Session; message: Message }[]
  publisher: Publisher
  states: States
  /** By source: when it published last, and what, where that is asked for. */
  published: number[]
  values: string[]
  /** Milliseconds since the epoch, as the pretended machine's clock has them. */
  now(): number
  /** What clients sent and got since it was made; the installation's own goes on top ($SYS). */
  traffic: { received: number; sent: number; connects: number }
  weight(): number
  drop(): void
}

const branch = (): Branch => ({ children: new Map(), subscriptions: new Map(), shares: new Map() })

export function newBroker(publisher: Publisher, now: () => number): Broker {
  const broker: Broker = {
    sessions: new Map(),
    root: branch(),
    kept: { children: new Map(), message: undefined },
    keptCount: 0,
    subscriptions: 0,
    bytes: 0,
    wills: [],
    publisher,
    states: new Map(),
    published: [],
    values: [],
    now,
    traffic: { received: 0, sent: 0, connects: 0 },
    weight: () => broker.bytes + 400 * (broker.keptCount + broker.subscriptions) + 1000 * broker.sessions.size,
    drop() {
      for (const session of broker.sessions.values()) session.queue.length = 0
      broker.kept.children.clear()
      broker.keptCount = broker.bytes = 0
      // What devices say is there again at the next visit.
      broker.published.length = broker.values.length = 0
    },
  }
  return broker
}

export const sizeOf = (message: Message): number =>
  message.topic.length + message.payload.length + message.properties.length
/** Is there room for a message that somebody has to wait for? */
export const hasRoom = (broker: Broker, message: Message): boolean => broker.bytes + sizeOf(message) <= HELD

/** The session of that name, made anew where there is none; the longest gone gives way. */
export function newSession(broker: Broker, id: string, version: Version): Session {
  if (broker.sessions.size >= SESSIONS) {
    const away = [...broker.sessions.values()].find(one => !one.connection)
    if (away) forget(broker, away)
  }
  const session: Session = {
    id,
    version,
    bridge: false,
    expiry: 0,
    connection: undefined,
    endedAt: 0,
    outgoing: new Map(),
    queue: [],
    incoming: new Map(),
    lastMid: 0,
    sendMaximum: 20,
    sendQuota: 20,
    receiveQuota: 20,
    will: undefined,
    filters: new Set(),
  }
  broker.sessions.set(id, session)
  return session
}

/** The session is over: nothing of it stays. */
export function forget(broker: Broker, session: Session): void {
  for (const filter of [...session.filters]) unsubscribe(broker, session, filter)
  for (const { message } of session.queue) broker.bytes -= sizeOf(message)
  for (const { message } of session.outgoing.values()) broker.bytes -= sizeOf(message)
  for (const message of session.incoming.values()) broker.bytes -= sizeOf(message)
  session.queue = []
  session.outgoing.clear()
  session.incoming.clear()
  if (broker.sessions.get(session.id) === session) broker.sessions.delete(session.id)
}

/** Adds or changes a subscription: whether it was there, or that there is no room. */
export function subscribe(broker: Broker, filter: string, subscription: Subscription): 'new' | 'there' | 'full' {
  const { session } = subscription
  const there = session.filters.has(filter)
  if (!there && broker.subscriptions >= SUBSCRIPTIONS) return 'full'
  const { group, filter: inner } = shareOf(filter)
  let at = broker.root
  for (const level of levelsOf(inner)) {
    const next = at.children.get(level) ?? branch()
    at.children.set(level, next)
    at = next
  }
  let place = at.subscriptions
  if (group !== undefined) {
    place = at.shares.get(group) ?? new Map<Session, Subscription>()
    at.shares.set(group, place)
  }
  const old = place.get(session)
  // Of one that was there, QoS and identifier alone change (sub__add_leaf of 2.0.11).
  place.set(session, old ? { ...subscription, noLocal: old.noLocal, asPublished: old.asPublished } : subscription)
  session.filters.add(filter)
  if (!there) broker.subscriptions++
  return there ? 'there' : 'new'
}

/** Whether there was such a subscription. */
export function unsubscribe(broker: Broker, session: Session, filter: string): boolean {
  if (!session.filters.delete(filter)) return false
  broker.subscriptions--
  const { group, filter: inner } = shareOf(filter)
  const path: [Branch, string][] = []
  let at = broker.root
  for (const level of levelsOf(inner)) {
    path.push([at, level])
    at = at.children.get(level)!
  }
  if (group === undefined) at.subscriptions.delete(session)
  else {
    at.shares.get(group)!.delete(session)
    if (at.shares.get(group)!.size === 0) at.shares.delete(group)
  }
  for (const [parent, level] of path.reverse()) {
    const child = parent.children.get(level)!
    if (child.children.size + child.subscriptions.size + child.shares.size > 0) break
    parent.children.delete(level)
  }
  return true
}

/** Brings a message to all who want it, and keeps it if it is to be kept. Whether anybody had asked for such. */
export function route(broker: Broker, message: Message): boolean {
  const levels = levelsOf(message.topic)
  if (message.retain) keep(broker, message, levels)
  const served = new Set<Session>()
  let matched = false
  const hand = (at: Branch) => {
    if (at.subscriptions.size + at.shares.size === 0) return
    matched = true
    for (const share of at.shares.values()) {
      const [session, subscription] = share.entries().next().value!
      share.delete(session)
      share.set(session, subscription)
      give(broker, message, subscription, served)
    }
    for (const subscription of at.subscriptions.values()) give(broker, message, subscription, served)
  }
  const search = (at: Branch, depth: number) => {
    const level = levels[depth]
    if (level !== undefined)
      for (const name of [level, '+']) {
        const child = at.children.get(name)
        if (!child) continue
        search(child, depth + 1)
        if (depth === levels.length - 1) hand(child)
      }
    const rest = at.children.get('#')
    if (rest) hand(rest)
  }
  search(broker.root, 0)
  return matched
}

function give(broker: Broker, message: Message, subscription: Subscription, served: Set<Session>): void {
  const { session, noLocal, asPublished } = subscription
  if (noLocal && session.id === message.from) return
  // `allow_duplicate_messages false` is for those who cannot tell which subscription it came by.
  if (session.version !== 5) {
    if (served.has(session)) return
    served.add(session)
  }
  deliver(broker, session, message, {
    qos: subscription.qos,
    retain: asPublished && message.retain,
    identifier: subscription.identifier,
  })
}

function keep(broker: Broker, message: Message, levels: readonly string[]): void {
  let at = broker.kept
  for (const level of levels) {
    let next = at.children.get(level)
    if (!next) {
      if (message.payload.length === 0) return
      next = { children: new Map(), message: undefined }
      at.children.set(level, next)
    }
    at = next
  }
  if (at.message) {
    broker.bytes -= sizeOf(at.message)
    broker.keptCount--
  }
  at.message = undefined
  if (message.payload.length === 0 || broker.keptCount >= RETAINED || !hasRoom(broker, message)) return
  at.message = message
  broker.bytes += sizeOf(message)
  broker.keptCount++
}

/** Kept messages that fit a filter, in the order in which mosquitto's tree is walked. */
export function keptFor(broker: Broker, filter: string, now: number): Message[] {
  const levels = levelsOf(shareOf(filter).filter)
  const found: Message[] = []
  const take = ({ message }: Kept) => {
    if (message && (message.expiresAt === undefined || message.expiresAt > now)) found.push(message)
  }
  const below = (at: Kept) => {
    for (const child of at.children.values()) {
      take(child)
      below(child)
    }
  }
  const search = (at: Kept, depth: number) => {
    const level = levels[depth]!
    if (level === '#') return below(at)
    const children =
      level === '+' ? at.children.values() : [at.children.get(level)].filter(child => child !== undefined)
    for (const child of children) {
      if (depth === levels.length - 1) take(child)
      else search(child, depth + 1)
      // `a/#` is `a` as well.
      if (depth === levels.length - 2 && levels[depth + 1] === '#' && depth > 0) take(child)
    }
  }
  search(broker.kept, 0)
  return found
}
