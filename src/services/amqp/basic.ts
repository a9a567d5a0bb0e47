import { type Channel, type Consumer, dispatch, hand, removeConsumer, requeue, send, settled } from './channel.ts'
import { Refusal } from './errors.ts'
import { checkProperties, note as noteMessage, readProperties } from './messages.ts'
import { type Args, answer, bits, flag, note } from './methods.ts'
import { lastOr } from './queues.ts'
import { bury, exchangeOf, feed, type Message, named, release, take } from './vhost.ts'
import { content, method, short, u32, u64 } from './wire.ts'

/** The basic class (AMQP 0-9-1 §1.8), with confirmations and transactions. */

const CONSUMERS = 500

export function qos(channel: Channel, args: Args): void {
  const [size, count, byte] = [args.long(), args.short(), args.octet()]
  args.end()
  if (size !== 0) throw new Refusal(540, `prefetch_size!=0 (${size})`)
  if (bits(byte)[0]) channel.globalPrefetch = count
  else channel.prefetch = count
  answer(channel, 60, 11)
}

export function consume(channel: Channel, args: Args): void {
  args.short()
  const [given, asked, byte] = [args.text(), args.text(), args.octet()]
  args.table()
  args.end()
  const { connection, consumers } = channel
  const [, noAck, exclusive, noWait] = bits(byte)
  note(channel, 'basic.consume', given, [flag('no-ack', noAck), flag('exclusive', exclusive)])
  if (consumers.has(asked)) throw new Refusal(530, `attempt to reuse consumer tag '${asked}'`)
  const queue = lastOr(channel, given)
  const taken = queue.consumers.some(one => one.exclusive)
  if (taken || (exclusive && queue.consumers.length > 0))
    throw new Refusal(403, `${named('queue', queue.name)} in exclusive use`)
  if (consumers.size >= CONSUMERS) throw new Refusal(530, `reached maximum (${CONSUMERS}) of consumers per channel`)
  const tag = asked === '' ? `amq.ctag-${connection.cx.random(16).toString('base64url')}` : asked
  const consumer: Consumer = {
    tag,
    channel,
    queue,
    noAck: noAck,
    exclusive: exclusive,
    prefetch: channel.prefetch,
    unacked: 0,
  }
  consumers.set(tag, consumer)
  queue.consumers.push(consumer)
  if (!noWait) answer(channel, 60, 21, short(tag))
  feed(queue)
}

export function cancel(channel: Channel, args: Args): void {
  const [tag, byte] = [args.text(), args.octet()]
  args.end()
  const consumer = channel.consumers.get(tag)
  channel.consumers.delete(tag)
  if (consumer) removeConsumer(consumer)
  if (!bits(byte)[0]) answer(channel, 60, 31, short(tag))
}

export function get(channel: Channel, args: Args): void {
  args.short()
  const [given, byte] = [args.text(), args.octet()]
  args.end()
  const { connection, number } = channel
  const [noAck] = bits(byte)
  note(channel, 'basic.get', given)
  const queue = lastOr(channel, given)
  const message = take(connection.vhost, queue)
  if (!message) {
    answer(channel, 60, 72, short(''))
    return
  }
  const tag = hand(channel, message, queue, undefined, noAck)
  const head = [u64(tag), Buffer.of(message.redelivered ? 1 : 0), short(message.exchange), short(message.key)]
  const frames = method(number, 60, 71, ...head, u32(queue.messages.length))
  send(connection, frames, content(number, message.properties, message.body, connection.frameMax))
}

/** Acknowledged, refused, or given back; in a transaction, once it is committed. */
export function settle(channel: Channel, args: Args, how: 'ack' | 'reject' | 'nack'): void {
  const [tag, byte] = [args.longlong(), args.octet()]
  args.end()
  const [first, second] = bits(byte)
  const multiple = how !== 'reject' && first
  const back = how === 'nack' ? second : how === 'reject' && first
  const deliveries = settled(channel, tag, multiple)
  if (!deliveries) throw new Refusal(406, `unknown delivery tag ${tag}`)
  const { vhost } = channel.connection
  const done = () => {
    if (back) {
      requeue(channel, deliveries)
      return
    }
    for (const { message, queue, consumer } of deliveries) {
      if (consumer) consumer.unacked--
      if (how === 'ack') release(vhost, message)
      else bury(vhost, queue, message)
    }
    for (const queue of new Set(deliveries.map(({ queue }) => queue))) feed(queue)
  }
  if (channel.tx) channel.tx.settle.push(done)
  else done()
}

export function recover(channel: Channel, args: Args, answered: boolean): void {
  const byte = args.octet()
  args.end()
  if (!bits(byte)[0]) throw new Refusal(540, 'requeue=false')
  requeue(channel, settled(channel, 0, true) ?? [])
  if (answered) answer(channel, 60, 111)
}

/** basic.publish with its whole content: `flags` are mandatory and immediate. */
export async function publish(
  channel: Channel,
  to: { exchange: string; key: string; flags: number },
  raw: Buffer,
  body: Buffer,
): Promise<void> {
  const { connection, number } = channel
  const { cx, vhost } = connection
  const [mandatory, immediate] = bits(to.flags)
  const properties = readProperties(raw)
  await noteMessage(cx, to.exchange, to.key, properties, body)
  if (immediate) throw new Refusal(540, 'immediate=true')
  const exchange = exchangeOf(vhost, to.exchange)
  if (exchange.internal) throw new Refusal(403, `cannot publish to internal ${named('exchange', exchange.name)}`)
  checkProperties(properties, connection.user)
  const message: Message = {
    exchange: to.exchange,
    key: to.key,
    properties: Buffer.from(raw),
    headers: properties.headers,
    body,
    redelivered: false,
    expiresAt: properties.expiration === undefined ? undefined : vhost.now() + Number(properties.expiration),
    persistent: properties.persistent,
  }
  const done = () => {
    const found = dispatch(channel, message)
    if (mandatory && found === 0)
      send(
        connection,
        method(number, 60, 50, Buffer.of(312 >> 8, 312 & 0xff), short('NO_ROUTE'), short(to.exchange), short(to.key)),
        content(number, message.properties, body, connection.frameMax),
      )
  }
  if (channel.tx) {
    if (channel.tx.publish.length < 5000) channel.tx.publish.push(done)
    return
  }
  done()
  if (channel.confirms !== undefined) answer(channel, 60, 80, u64(channel.confirms++), Buffer.of(0))
}

export function confirm(channel: Channel, args: Args): void {
  const byte = args.octet()
  args.end()
  if (channel.tx) throw new Refusal(406, 'cannot switch from tx to confirm mode')
  channel.confirms ??= 1
  if (!bits(byte)[0]) answer(channel, 85, 11)
}

export function transaction(channel: Channel, args: Args, what: 'select' | 'commit' | 'rollback'): void {
  args.end()
  if (what === 'select') {
    if (channel.confirms !== undefined) throw new Refusal(406, 'cannot switch from confirm to tx mode')
    channel.tx ??= { publish: [], settle: [] }
    answer(channel, 90, 11)
    return
  }
  const { tx } = channel
  if (!tx) throw new Refusal(406, 'channel is not transactional')
  channel.tx = { publish: [], settle: [] }
  if (what === 'commit') for (const done of [...tx.publish, ...tx.settle]) done()
  answer(channel, 90, what === 'commit' ? 21 : 31)
}
