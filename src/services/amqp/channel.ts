import type { Conn } from '#sensor/conn.ts'
import type { TcpContext } from '#sensor/service.ts'
import type { Options } from './options.ts'
import { deleteQueue, enqueue, feed, type Message, type Queue, release, routed, take, type Vhost } from './vhost.ts'
import { content, method, short, u64 } from './wire.ts'

/** A channel: consumers, what was delivered and not acknowledged, confirmations and transactions (rabbit_channel.erl). */

/** Messages delivered and not acknowledged, of one channel. */
const UNACKED = 10_000
/** Bytes that a client may leave untaken before nothing more is delivered to it. */
const UNSENT = 1 << 20

export type Connection = {
  conn: Conn
  cx: TcpContext<Options>
  vhost: Vhost
  user: string
  /** What the client said that it can do. */
  capabilities: Set<string>
  frameMax: number
  channelMax: number
  channels: Map<number, Channel>
  outbox: Buffer[]
  unsent: number
}
export type Consumer = {
  tag: string
  channel: Channel
  queue: Queue
  noAck: boolean
  exclusive: boolean
  /** Messages at once, 0 for any number. */
  prefetch: number
  unacked: number
}
type Delivered = { message: Message; queue: Queue; consumer: Consumer | undefined }
export type Channel = {
  number: number
  connection: Connection
  consumers: Map<string, Consumer>
  nextTag: number
  unacked: Map<number, Delivered>
  /** Of consumers to come, and of the channel as a whole. */
  prefetch: number
  globalPrefetch: number
  /** Number of the next confirmation, once they were asked for. */
  confirms: number | undefined
  tx: { publish: (() => void)[]; settle: (() => void)[] } | undefined
  /** The queue that an empty name stands for. */
  last: string
  /** We closed it and wait for the client's word; what it says until then is passed over. */
  closing: boolean
  /** Hands a consumer the next message of its queue, if it may have one. */
  deliverTo(consumer: Consumer): boolean
  /** Its queue is gone. */
  cancelled(consumer: Consumer): void
}

export function newChannel(connection: Connection, number: number): Channel {
  const { vhost } = connection
  const channel: Channel = {
    number,
    connection,
    consumers: new Map(),
    nextTag: 1,
    unacked: new Map(),
    prefetch: 0,
    globalPrefetch: 0,
    confirms: undefined,
    tx: undefined,
    last: '',
    closing: false,
    deliverTo(consumer) {
      if (!mayHave(channel, consumer)) return false
      const message = take(vhost, consumer.queue)
      if (!message) return false
      const tag = hand(channel, message, consumer.queue, consumer.noAck ? undefined : consumer, consumer.noAck)
      const head = [short(consumer.tag), u64(tag), Buffer.of(message.redelivered ? 1 : 0)]
      const args = [...head, short(message.exchange), short(message.key)]
      send(
        connection,
        method(number, 60, 60, ...args),
        content(number, message.properties, message.body, connection.frameMax),
      )
      return true
    },
    cancelled(consumer) {
      channel.consumers.delete(consumer.tag)
      if (!connection.capabilities.has('consumer_cancel_notify')) return
      send(connection, method(number, 60, 30, short(consumer.tag), Buffer.of(1)))
    },
  }
  vhost.channels.add(channel)
  return channel
}

function mayHave(channel: Channel, { noAck, prefetch, unacked }: Consumer): boolean {
  if (channel.closing || channel.connection.unsent > UNSENT) return false
  if (noAck) return true
  if (prefetch > 0 && unacked >= prefetch) return false
  return channel.unacked.size < (channel.globalPrefetch || UNACKED)
}

/** Notes that a message went out under the next tag, which is returned. */
export function hand(
  channel: Channel,
  message: Message,
  queue: Queue,
  consumer: Consumer | undefined,
  noAck: boolean,
): number {
  const tag = channel.nextTag++
  if (noAck) release(channel.connection.vhost, message)
  else {
    channel.unacked.set(tag, { message, queue, consumer })
    if (consumer) consumer.unacked++
  }
  return tag
}

/** Deliveries up to a tag, or that one; 0 with `multiple` is all of them. `undefined` when there is no such. */
export function settled(channel: Channel, tag: number, multiple: boolean): Delivered[] | undefined {
  if (!multiple || (tag !== 0 && !channel.unacked.has(tag))) {
    const one = channel.unacked.get(tag)
    if (!one) return undefined
    channel.unacked.delete(tag)
    return [one]
  }
  const found: Delivered[] = []
  for (const [number, one] of channel.unacked) {
    if (tag !== 0 && number > tag) continue
    channel.unacked.delete(number)
    found.push(one)
  }
  return found
}

/** Back to the heads of their queues, in order. */
export function requeue(channel: Channel, deliveries: readonly Delivered[]): void {
  const queues = new Set<Queue>()
  for (const { message, queue, consumer } of [...deliveries].reverse()) {
    if (consumer) consumer.unacked--
    if (channel.connection.vhost.queues.get(queue.name) !== queue) release(channel.connection.vhost, message)
    else queue.messages.unshift({ ...message, redelivered: true })
    queues.add(queue)
  }
  for (const queue of queues) feed(queue)
}

/** Brings a message to the queues that its exchange chooses; how many. */
export function dispatch(channel: Channel, message: Message): number {
  const { vhost } = channel.connection
  const exchange = vhost.exchanges.get(message.exchange)
  const queues = exchange ? routed(vhost, exchange, message) : []
  for (const queue of queues) enqueue(vhost, queue, message)
  return queues.length
}

/** The channel is over: consumers go, what was not acknowledged goes back. */
export function closeChannel(channel: Channel): void {
  const { connection } = channel
  connection.vhost.channels.delete(channel)
  connection.channels.delete(channel.number)
  channel.closing = true
  for (const consumer of channel.consumers.values()) removeConsumer(consumer)
  channel.consumers.clear()
  const all = settled(channel, 0, true)
  if (all) requeue(channel, all)
}

export function removeConsumer(consumer: Consumer): void {
  const { queue, channel } = consumer
  const { vhost } = channel.connection
  queue.consumers = queue.consumers.filter(one => one !== consumer)
  if (queue.autoDelete && queue.consumers.length === 0) deleteQueue(vhost, queue)
}
/** Puts frames into the connection's outbox, which `flush` empties. */
export function send(connection: Connection, ...frames: readonly Buffer[]): void {
  for (const frame of frames) {
    connection.outbox.push(frame)
    connection.unsent += frame.length
  }
}

export async function flush(connection: Connection): Promise<void> {
  if (connection.outbox.length === 0) return
  const bytes = Buffer.concat(connection.outbox)
  connection.outbox.length = 0
  await connection.conn.write(bytes)
  connection.unsent -= bytes.length
  // Now that it took what it had, it may have more.
  for (const { consumers } of connection.channels.values()) for (const { queue } of consumers.values()) feed(queue)
}

/** What others of the same attacker's got meanwhile goes out; they are not waited for. */
export function flushOthers(vhost: Vhost, self: Connection): void {
  const others = new Set([...vhost.channels].map(({ connection }) => connection))
  for (const other of others) if (other !== self) flush(other).catch(() => {})
}
