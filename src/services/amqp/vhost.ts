import type { Channel, Consumer } from './channel.ts'
import { Refusal } from './errors.ts'
import { headersFit, topicFits } from './routing.ts'
import type { Table, Value } from './wire.ts'

/** One attacker's virtual host: exchanges, queues and what is in them (rabbit_exchange.erl, rabbit_amqqueue.erl). */

/** Bytes of messages, and numbers of things, that one virtual host holds. */
const HELD = 8 << 20
const THINGS = 2000
const MESSAGES = 20_000
/** Exchanges that one message may pass. */
const HOPS = 32

export type Message = {
  exchange: string
  key: string
  /** Flags and values, as they came. */
  properties: Buffer
  headers: Table
  body: Buffer
  redelivered: boolean
  /** Milliseconds since the epoch. */
  expiresAt: number | undefined
  persistent: boolean
}
export type Binding = { to: 'queue' | 'exchange'; name: string; key: string; args: Table }
export type Exchange = {
  name: string
  type: string
  durable: boolean
  autoDelete: boolean
  internal: boolean
  args: Table
  bindings: Binding[]
}
export type Queue = {
  name: string
  durable: boolean
  autoDelete: boolean
  /** The connection that alone may use it. */
  owner: object | undefined
  args: Table
  messages: Message[]
  consumers: Consumer[]
}
export type Vhost = {
  exchanges: Map<string, Exchange>
  queues: Map<string, Queue>
  /** Open channels by connection, so that what one brings gets to the other. */
  channels: Set<Channel>
  bytes: number
  count: number
  now(): number
  weight(): number
  drop(): void
}

export const named = (kind: string, name: string): string => `${kind} '${name}' in vhost '/'`

export function newVhost(now: () => number): Vhost {
  const vhost: Vhost = {
    exchanges: new Map(),
    queues: new Map(),
    channels: new Set(),
    bytes: 0,
    count: 0,
    now,
    weight: () => vhost.bytes + 300 * (vhost.count + vhost.exchanges.size + vhost.queues.size),
    drop() {
      for (const queue of vhost.queues.values()) purge(vhost, queue)
    },
  }
  const system = (name: string, type: string, internal = false) =>
    vhost.exchanges.set(name, {
      name,
      type,
      durable: true,
      autoDelete: false,
      internal,
      args: new Map(),
      bindings: [],
    })
  system('', 'direct')
  for (const type of ['direct', 'fanout', 'topic', 'headers']) system(`amq.${type}`, type)
  system('amq.match', 'headers')
  system('amq.rabbitmq.trace', 'topic', true)
  return vhost
}

export const exchangeOf = (vhost: Vhost, name: string): Exchange => {
  const found = vhost.exchanges.get(name)
  if (!found) throw new Refusal(404, `no ${named('exchange', name)}`)
  return found
}
export const queueOf = (vhost: Vhost, name: string, connection: object): Queue => {
  const found = vhost.queues.get(name)
  if (!found) throw new Refusal(404, `no ${named('queue', name)}`)
  if (found.owner !== undefined && found.owner !== connection) throw locked(name)
  return found
}
export const locked = (name: string): Refusal =>
  new Refusal(
    405,
    `cannot obtain exclusive access to locked ${named('queue', name)}. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration.`,
  )

/** There is room for one more thing; what a client could not make otherwise is refused as RabbitMQ's own limits do. */
export function checkRoom(vhost: Vhost, what: 'exchange' | 'queue'): void {
  if (vhost.exchanges.size + vhost.queues.size < THINGS) return
  throw new Refusal(406, `cannot declare ${what}: ${what} limit in vhost '/' (${THINGS}) is reached`)
}
export function checkBindings(vhost: Vhost): void {
  let count = 0
  for (const { bindings } of vhost.exchanges.values()) count += bindings.length
  if (count >= THINGS) throw new Refusal(406, `cannot bind: limit in vhost '/' (${THINGS}) is reached`)
}

const same = (a: Binding, b: Binding): boolean =>
  a.to === b.to && a.name === b.name && a.key === b.key && shape(a.args) === shape(b.args)
const shape = (args: Table): string =>
  JSON.stringify([...args], (_, value) =>
    typeof value === 'bigint' ? String(value) : value instanceof Map ? [...value] : value,
  )

export function bind(vhost: Vhost, exchange: Exchange, binding: Binding): void {
  if (exchange.bindings.some(one => same(one, binding))) return
  checkBindings(vhost)
  exchange.bindings.push(binding)
}
export function unbind(vhost: Vhost, exchange: Exchange, binding: Binding): void {
  exchange.bindings = exchange.bindings.filter(one => !same(one, binding))
  lastGone(vhost, exchange)
}
function lastGone(vhost: Vhost, exchange: Exchange): void {
  if (exchange.autoDelete && exchange.bindings.length === 0) deleteExchange(vhost, exchange)
}

export function deleteExchange(vhost: Vhost, exchange: Exchange): void {
  vhost.exchanges.delete(exchange.name)
  without(vhost, 'exchange', exchange.name)
}
/** Removes a queue, and tells its consumers' channels; how many messages were in it. */
export function deleteQueue(vhost: Vhost, queue: Queue): number {
  vhost.queues.delete(queue.name)
  const count = purge(vhost, queue)
  without(vhost, 'queue', queue.name)
  for (const consumer of queue.consumers) consumer.channel.cancelled(consumer)
  queue.consumers = []
  return count
}
function without(vhost: Vhost, to: Binding['to'], name: string): void {
  for (const exchange of [...vhost.exchanges.values()]) {
    const left = exchange.bindings.filter(one => one.to !== to || one.name !== name)
    if (left.length === exchange.bindings.length) continue
    exchange.bindings = left
    lastGone(vhost, exchange)
  }
}
export function purge(vhost: Vhost, queue: Queue): number {
  const count = queue.messages.length
  for (const message of queue.messages) release(vhost, message)
  queue.messages = []
  return count
}

const sizeOf = ({ body, properties, key }: Message): number => body.length + properties.length + key.length
/** A message left for good. */
export function release(vhost: Vhost, message: Message): void {
  vhost.bytes -= sizeOf(message)
  vhost.count--
}

/** Queues that a message comes to by way of an exchange, each once. */
export function routed(vhost: Vhost, from: Exchange, message: Message): Queue[] {
  const found = new Set<Queue>()
  const seen = new Set<Exchange>()
  const visit = (exchange: Exchange, hops: number): void => {
    if (seen.has(exchange) || hops > HOPS) return
    seen.add(exchange)
    const before = found.size
    const direct = exchange.name === '' ? vhost.queues.get(message.key) : undefined
    if (direct) found.add(direct)
    let passed = false
    for (const binding of exchange.bindings) {
      if (!fits(exchange.type, binding, message)) continue
      const queue = binding.to === 'queue' ? vhost.queues.get(binding.name) : undefined
      const next = binding.to === 'exchange' ? vhost.exchanges.get(binding.name) : undefined
      if (queue) found.add(queue)
      if (next) visit(next, hops + 1)
      passed = true
    }
    const alternate = exchange.args.get('alternate-exchange')
    if (found.size === before && !passed && alternate?.type === 'S') {
      const next = vhost.exchanges.get(alternate.value)
      if (next) visit(next, hops + 1)
    }
  }
  visit(from, 0)
  return [...found]
}

function fits(type: string, { key, args }: Binding, message: Message): boolean {
  if (type === 'fanout') return true
  if (type === 'direct') return key === message.key
  return type === 'topic' ? topicFits(key, message.key) : headersFit(args, message.headers)
}

const numberIn = (args: Table, name: string): number | undefined => {
  const found: Value | undefined = args.get(name)
  return typeof found?.value === 'bigint' ? Number(found.value) : undefined
}

/** Puts a message into a queue; what the queue cannot hold goes where dead letters go. */
export function enqueue(vhost: Vhost, queue: Queue, message: Message, hops = 0): void {
  if (vhost.bytes + sizeOf(message) > HELD || vhost.count >= MESSAGES) return
  vhost.bytes += sizeOf(message)
  vhost.count++
  const life = numberIn(queue.args, 'x-message-ttl')
  const until = life === undefined ? Number.POSITIVE_INFINITY : vhost.now() + life
  queue.messages.push({
    ...message,
    expiresAt: Math.min(message.expiresAt ?? Number.POSITIVE_INFINITY, until),
    redelivered: false,
  })
  const [most, bytes] = [numberIn(queue.args, 'x-max-length'), numberIn(queue.args, 'x-max-length-bytes')]
  while (
    (most !== undefined && queue.messages.length > most) ||
    (bytes !== undefined && queue.messages.reduce((sum, one) => sum + one.body.length, 0) > bytes)
  )
    bury(vhost, queue, queue.messages.shift()!, hops)
  feed(queue)
}

/** A message that expired, was refused or had no room: gone, or to where the queue's arguments say. */
export function bury(vhost: Vhost, queue: Queue, message: Message, hops = 0): void {
  release(vhost, message)
  const to = queue.args.get('x-dead-letter-exchange')
  const key = queue.args.get('x-dead-letter-routing-key')
  const exchange = to?.type === 'S' ? vhost.exchanges.get(to.value) : undefined
  if (!exchange || hops > 8) return
  const dead = {
    ...message,
    exchange: exchange.name,
    key: key?.type === 'S' ? key.value : message.key,
    expiresAt: undefined,
  }
  for (const next of routed(vhost, exchange, dead)) if (next !== queue) enqueue(vhost, next, dead, hops + 1)
}

/** The next message that is still good. */
export function take(vhost: Vhost, queue: Queue): Message | undefined {
  for (;;) {
    const message = queue.messages.shift()
    if (!message || message.expiresAt === undefined || message.expiresAt > vhost.now()) return message
    bury(vhost, queue, message)
  }
}

/** Hands out what waits, to consumers in turn. */
export function feed(queue: Queue): void {
  for (let idle = 0; queue.messages.length > 0 && idle < queue.consumers.length; ) {
    const consumer = queue.consumers.shift()!
    queue.consumers.push(consumer)
    if (consumer.channel.deliverTo(consumer)) idle = 0
    else idle++
  }
}
