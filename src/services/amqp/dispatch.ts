import type { SampleWriter } from '#artifacts/samples.ts'
import * as basic from './basic.ts'
import { type Channel, type Connection, closeChannel, newChannel, send } from './channel.ts'
import { Crash, erlang, Refusal } from './errors.ts'
import * as exchanges from './exchanges.ts'
import { type Args, answer, argsOf, bits } from './methods.ts'
import * as queues from './queues.ts'
import { type Frame, FrameType, method, short, u16, u32 } from './wire.ts'

/** Frames of open channels: methods to their handlers, headers and bodies to the message that they belong to. */

/** Bytes of a body kept in memory; a longer one is a sample and is brought to nobody. */
const KEEP = 256 << 10
/** Of all bodies that are not complete, and how many of them may be long. */
const PENDING = 4 << 20
const WRITERS = 2

/** basic.publish that waits for its content. */
type Pending = {
  to: { exchange: string; key: string; flags: number }
  size: number
  got: number
  properties: Buffer
  parts: Buffer[]
  writer: SampleWriter | undefined
}
export type Collected = Map<number, Pending>
type Handler = (channel: Channel, args: Args) => void | Promise<void>

const id = (classId: number, methodId: number): number => classId * 65_536 + methodId
const PUBLISH = id(60, 40)
const OPEN = id(20, 10)
const CLOSE = id(20, 40)
const CLOSE_OK = id(20, 41)

const handlers = new Map<number, Handler>([
  [id(20, 20), flow],
  [id(30, 10), (channel, args) => access(channel, args)],
  [id(40, 10), exchanges.declare],
  [id(40, 20), exchanges.remove],
  [id(40, 30), (channel, args) => exchanges.binding(channel, args, 'bind')],
  [id(40, 40), (channel, args) => exchanges.binding(channel, args, 'unbind')],
  [id(50, 10), queues.declare],
  [id(50, 20), queues.bindTo],
  [id(50, 30), queues.empty],
  [id(50, 40), queues.remove],
  [id(50, 50), queues.unbindFrom],
  [id(60, 10), basic.qos],
  [id(60, 20), basic.consume],
  [id(60, 30), basic.cancel],
  [id(60, 31), () => {}],
  [id(60, 70), basic.get],
  [id(60, 80), (channel, args) => basic.settle(channel, args, 'ack')],
  [id(60, 90), (channel, args) => basic.settle(channel, args, 'reject')],
  [id(60, 100), (channel, args) => basic.recover(channel, args, false)],
  [id(60, 110), (channel, args) => basic.recover(channel, args, true)],
  [id(60, 120), (channel, args) => basic.settle(channel, args, 'nack')],
  [id(85, 10), basic.confirm],
  [id(90, 10), (channel, args) => basic.transaction(channel, args, 'select')],
  [id(90, 20), (channel, args) => basic.transaction(channel, args, 'commit')],
  [id(90, 30), (channel, args) => basic.transaction(channel, args, 'rollback')],
])
/** Methods of AMQP that only servers say, or that belong on channel 0. */
const others = new Map([
  [10, [10, 11, 20, 21, 30, 31, 40, 41, 50, 51, 60, 61, 70, 71]],
  [20, [11, 21]],
  [30, [11]],
  [40, [11, 21, 31, 51]],
  [50, [11, 21, 31, 41, 51]],
  [60, [11, 21, 50, 60, 71, 72, 111]],
  [85, [11]],
  [90, [11, 21, 31]],
])

/** A frame of channel `number`, which is above 0; throws `Refusal` of the whole connection. */
export async function onChannel(connection: Connection, collected: Collected, frame: Frame): Promise<void> {
  const { channel: number, payload, type } = frame
  const called = type === FrameType.method && payload.length >= 4 ? payload.readUInt32BE() : undefined
  if (type === FrameType.method && called === undefined)
    throw new Refusal(505, `type 1, all octets = ${erlang(payload)}`)
  const channel = connection.channels.get(number)
  if (!channel) {
    if (called !== OPEN) throw new Refusal(504, "expected 'channel.open'", { method: called ?? 0 })
    open(connection, number)
    return
  }
  if (channel.closing) {
    if (called === OPEN) throw new Refusal(504, "second 'channel.open' seen", { method: OPEN })
    if (called === CLOSE) send(connection, method(number, 20, 41))
    if (called === CLOSE || called === CLOSE_OK) connection.channels.delete(number)
    return
  }
  let blamed = called ?? 0
  try {
    const pending = collected.get(number)
    if (pending) blamed = PUBLISH
    if (pending) await collect(channel, collected, pending, frame)
    else await call(channel, collected, called, payload)
  } catch (problem) {
    if (!(problem instanceof Refusal)) throw problem
    if (problem.hard) throw problem.method === undefined ? withMethod(problem, blamed) : problem
    refuse(channel, problem, blamed)
    drop(collected, number)
  }
}

const withMethod = (problem: Refusal, called: number): Refusal =>
  new Refusal(problem.code, problem.message.replace(/^\w+ - /, ''), { hard: true, method: called })

function open(connection: Connection, number: number): void {
  const { channels, channelMax } = connection
  if (channelMax !== 0 && channels.size >= channelMax)
    throw new Refusal(
      530,
      `number of channels opened (${channels.size}) has reached the negotiated channel_max (${channelMax})`,
      { method: 0 },
    )
  channels.set(number, newChannel(connection, number))
  send(connection, method(number, 20, 11, u32(0)))
}

/** channel.close: the channel hears nothing more until the client agreed. */
function refuse(channel: Channel, problem: Refusal, called: number): void {
  const { connection, number } = channel
  connection.cx.record.malformed({ why: problem.message })
  closeChannel(channel)
  connection.channels.set(number, channel)
  const why = [u16(problem.code), short(problem.message), u32(called)]
  send(connection, method(number, 20, 40, ...why))
}

async function call(
  channel: Channel,
  collected: Collected,
  called: number | undefined,
  payload: Buffer,
): Promise<void> {
  if (called === undefined) throw new Refusal(505, 'expected method frame, got non method frame instead', { method: 0 })
  const args = argsOf(payload.subarray(4))
  if (called === OPEN) throw new Refusal(504, "second 'channel.open' seen")
  if (called === CLOSE) {
    closeChannel(channel)
    drop(collected, channel.number)
    send(channel.connection, method(channel.number, 20, 41))
    return
  }
  if (called === CLOSE_OK) return
  if (called === PUBLISH) {
    args.short()
    const [exchange, key, flags] = [args.text(), args.text(), args.octet()]
    args.end()
    collected.set(channel.number, {
      to: { exchange, key, flags },
      size: -1,
      got: 0,
      properties: Buffer.alloc(0),
      parts: [],
      writer: undefined,
    })
    return
  }
  const handler = handlers.get(called)
  if (handler) await handler(channel, args)
  else if (others.get(called >> 16)?.includes(called & 0xffff)) throw new Refusal(503, 'unimplemented method')
  else throw new Crash(`No method ${called & 0xffff} of class ${called >> 16}`)
}

async function collect(channel: Channel, collected: Collected, pending: Pending, frame: Frame): Promise<void> {
  const { type, payload } = frame
  if (pending.size < 0) {
    if (type !== FrameType.header)
      throw new Refusal(505, 'expected content header for class 60, got non content header frame instead')
    if (payload.length < 14) throw new Refusal(501, `cannot decode ${erlang(payload)}`)
    const classId = payload.readUInt16BE()
    if (classId !== 60)
      throw new Refusal(505, `expected content header for class 60, got one for class ${classId} instead`)
    pending.size = Number(payload.readBigUInt64BE(4))
    pending.properties = Buffer.from(payload.subarray(12))
    checkPending(channel, collected)
    if (pending.size > KEEP) pending.writer = channel.connection.cx.sample()
  } else {
    if (type !== FrameType.body) throw new Refusal(505, 'expected content body, got non content body frame instead')
    pending.got += payload.length
    if (pending.writer) await pending.writer.write(payload)
    else pending.parts.push(Buffer.from(payload))
  }
  if (pending.got > pending.size) {
    // RabbitMQ's collector never gets to its end.
    drop(collected, channel.number)
    channel.closing = true
    return
  }
  if (pending.got < pending.size) return
  collected.delete(channel.number)
  if (pending.writer) {
    const path = `${pending.to.exchange} ${pending.to.key}`.slice(0, 256)
    channel.connection.cx.record.fileUpload({ path, sample: await pending.writer.close() })
    if (channel.confirms !== undefined) channel.confirms++
    return
  }
  await basic.publish(channel, pending.to, pending.properties, Buffer.concat(pending.parts))
}

function checkPending({ connection }: Channel, collected: Collected): void {
  let [bytes, writers] = [0, 0]
  for (const { size, writer } of collected.values()) {
    if (size <= KEEP) bytes += Math.max(0, size)
    if (writer) writers++
  }
  if (bytes > PENDING || writers > WRITERS) throw connection.conn.hangup('flooded')
}

/** What was begun is not finished. */
export function drop(collected: Collected, number: number): void {
  collected
    .get(number)
    ?.writer?.abort()
    .catch(() => {})
  collected.delete(number)
}

function flow(channel: Channel, args: Args): void {
  const byte = args.octet()
  args.end()
  if (!bits(byte)[0]) throw new Refusal(540, 'active=false')
  answer(channel, 20, 21, Buffer.of(1))
}

/** access.request of 0-9: everybody may everything. */
function access(channel: Channel, args: Args): void {
  args.text()
  args.octet()
  args.end()
  answer(channel, 30, 11, u16(1))
}
