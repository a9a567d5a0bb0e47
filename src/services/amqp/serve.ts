import type { Conn } from '#sensor/conn.ts'
import { Hangup, Malformed } from '#sensor/endings.ts'
import type { TcpContext } from '#sensor/service.ts'
import { type Connection, closeChannel, flush, flushOthers, send } from './channel.ts'
import { type Collected, drop, onChannel } from './dispatch.ts'
import { erlang, Refusal } from './errors.ts'
import { enter, refusal, start } from './login.ts'
import { argsOf } from './methods.ts'
import type { Options } from './options.ts'
import { seededVhost } from './seed.ts'
import { deleteQueue } from './vhost.ts'
import { END, FRAME_MAX, FRAME_MIN, type Frame, FrameType, frame, method, short, u16, u32 } from './wire.ts'

/** A connection of AMQP 0-9-1, from its header to its end (rabbit_reader.erl). */

/** Seconds before a client that was not let in, or not understood, hears nothing more. */
const SILENT_CLOSE = 3
/** Seconds that a client has to go after its good-bye was answered. */
const LEAVE = 1
const CHANNELS = 2047
/** Seconds between heartbeats, as proposed. */
const HEARTBEAT = 60
/** Frames that are passed over while we wait for the client to agree that it is over. */
const LAST_FRAMES = 1000

type Cx = TcpContext<Options>
const OWN = 'AMQP\0\0\x09\x01'
/** Headers that are taken, and the version that Connection.Start answers with. */
const headers = new Map<string, readonly [number, number]>([
  [OWN, [0, 9]],
  ['AMQP\x01\x01\0\x09', [0, 9]],
  ['AMQP\x01\x01\x09\x01', [0, 9]],
  ['AMQP\x01\x01\x08\0', [8, 0]],
])

export async function session(conn: Conn, cx: Cx): Promise<void> {
  const header = (await conn.read(8)).toString('latin1')
  const version = headers.get(header)
  if (!version) {
    await conn.write(OWN)
    if (header.startsWith('AMQP')) return
    throw new Malformed('Something else than the header of AMQP')
  }
  await conn.write(start(cx, version))
  const connection = await handshake(conn, cx)
  if (connection) await running(connection)
}

/** Log-in, tuning and virtual host; `undefined` who did not get that far. */
async function handshake(conn: Conn, cx: Cx): Promise<Connection | undefined> {
  try {
    const entry = enter(cx, await expected(conn, 11))
    if (entry.outcome === 'refused' && entry.told) {
      await conn.write(method(0, 10, 50, u16(403), short(refusal(entry.mechanism)), u32(0)))
      await agreed(conn, FRAME_MIN)
      return undefined
    }
    if (entry.outcome !== 'in') {
      await cx.pause(SILENT_CLOSE)
      return undefined
    }
    await conn.write(method(0, 10, 30, u16(CHANNELS), u32(FRAME_MAX), u16(HEARTBEAT)))
    const tuned = argsOf((await expected(conn, 31)).subarray(4))
    const [channelMax, frameMax, heartbeat] = [tuned.short(), tuned.long(), tuned.short()]
    checkTuned('channel_max', channelMax, 1, CHANNELS)
    checkTuned('frame_max', frameMax, FRAME_MIN, FRAME_MAX)
    const connection: Connection = {
      conn,
      cx,
      vhost: cx.attacker(() => seededVhost(cx)),
      user: entry.user,
      capabilities: entry.capabilities,
      frameMax,
      channelMax,
      channels: new Map(),
      outbox: [],
      unsent: 0,
    }
    conn.patience = heartbeat > 0 ? 2 * heartbeat : conn.limits.idle
    return (await opened(connection)) ? connection : undefined
  } catch (problem) {
    if (problem instanceof Hangup || !(problem instanceof Malformed)) throw problem
    // Who is not in yet is not told.
    await cx.pause(SILENT_CLOSE)
    throw problem
  }
}

/** A method of the connection class while it is being made. */
async function expected(conn: Conn, methodId: number): Promise<Buffer> {
  const { type, channel, payload } = await readFrame(conn, FRAME_MIN)
  if (type === FrameType.heartbeat) return await expected(conn, methodId)
  if (
    type !== FrameType.method ||
    channel !== 0 ||
    payload.length < 4 ||
    payload.readUInt32BE() !== 10 * 65_536 + methodId
  )
    throw new Malformed(`Something else than method ${methodId} of class 10`)
  return payload
}

function checkTuned(name: string, value: number, least: number, most: number): void {
  if (value !== 0 && value < least)
    throw new Malformed(`negotiated ${name} = ${value} is lower than the minimum allowed value (${least})`)
  if (value === 0 || value > most)
    throw new Malformed(`negotiated ${name} = ${value} is higher than the maximum allowed value (${most})`)
}

/** Connection.Open: there is one virtual host. */
async function opened(connection: Connection): Promise<boolean> {
  const { conn, cx } = connection
  const { type, channel, payload } = await readFrame(conn, connection.frameMax)
  if (type === FrameType.heartbeat) return await opened(connection)
  const called = payload.length >= 4 ? payload.readUInt32BE() : 0
  if (channel !== 0 || called !== 10 * 65_536 + 40) {
    const problem =
      channel === 0
        ? unexpected('opening', called)
        : new Refusal(505, shownFrame({ type, channel, payload }), { method: 0 })
    await closing(connection, problem)
    return false
  }
  const vhost = argsOf(payload.subarray(4)).text()
  cx.record.command({ line: `connection.open ${JSON.stringify(vhost).slice(1, -1)}`, verb: 'connection.open' })
  if (vhost !== '/') {
    await closing(connection, new Refusal(530, `vhost ${vhost} not found`, { method: called }))
    return false
  }
  await conn.write(method(0, 10, 41, short('')))
  return true
}

const unexpected = (state: string, called: number): Refusal =>
  new Refusal(504, `unexpected method in connection state ${state}`, { method: called })
const shownFrame = ({ type, payload }: Frame): string => `type ${type}, all octets = ${erlang(payload)}`

async function running(connection: Connection): Promise<void> {
  const { conn, vhost } = connection
  const collected: Collected = new Map()
  try {
    while (await turn(connection, collected));
  } catch (problem) {
    if (!(problem instanceof Refusal)) throw problem
    await flush(connection)
    await closing(connection, problem)
  } finally {
    for (const channel of [...connection.channels.values()]) closeChannel(channel)
    for (const number of [...collected.keys()]) drop(collected, number)
    for (const queue of [...vhost.queues.values()]) if (queue.owner === connection) deleteQueue(vhost, queue)
    if (!conn.over) await flush(connection)
    flushOthers(vhost, connection)
  }
}

/** One frame; heartbeats go out while the client is silent. `false` when it said good-bye. */
async function turn(connection: Connection, collected: Collected): Promise<boolean> {
  const { conn, cx } = connection
  const silence = conn.patience
  const since = cx.now()
  while (conn.held === 0) {
    const before = cx.now()
    const left = silence * 1000 - (before - since)
    if (left <= 0) throw new Hangup('idle')
    const wait = Math.min(left, silence * 250)
    await conn.glance(1, wait / 1000)
    // Nothing, and so soon: the other side has ended, as the read below says.
    if (conn.held === 0 && cx.now() - before < wait / 2) break
    if (conn.held === 0) await conn.write(frame(FrameType.heartbeat, 0, Buffer.alloc(0)))
  }
  const next = await readFrame(conn, connection.frameMax)
  const more = next.channel === 0 ? onConnection(connection, next) : await onOther(connection, collected, next)
  await flush(connection)
  flushOthers(connection.vhost, connection)
  // Whose good-bye was answered closes first.
  if (!more) await conn.glance(1, LEAVE)
  return more
}

async function onOther(connection: Connection, collected: Collected, next: Frame): Promise<boolean> {
  if (next.type === FrameType.heartbeat) throw new Refusal(505, shownFrame(next), { method: 0 })
  await onChannel(connection, collected, next)
  return true
}

function onConnection(connection: Connection, next: Frame): boolean {
  const { type, payload } = next
  if (type === FrameType.heartbeat) return true
  if (type !== FrameType.method || payload.length < 4) throw new Refusal(505, shownFrame(next), { method: 0 })
  const called = payload.readUInt32BE()
  if (called === 10 * 65_536 + 50) {
    send(connection, method(0, 10, 51))
    return false
  }
  if (called === 10 * 65_536 + 51) return false
  if (called !== 10 * 65_536 + 70) throw unexpected('running', called)
  send(connection, method(0, 10, 71))
  return true
}

/** Connection.Close with the reason, and what the client still says to it. */
async function closing({ conn, cx, frameMax }: Connection, problem: Refusal): Promise<void> {
  cx.record.malformed({ why: problem.message })
  await conn.write(method(0, 10, 50, u16(problem.code), short(problem.message), u32(problem.method ?? 0)))
  await agreed(conn, frameMax)
}

/** Until the client agrees that it is over, or breaks off; what it says meanwhile is passed over. */
async function agreed(conn: Conn, frameMax: number): Promise<void> {
  conn.patience = 30
  for (let left = LAST_FRAMES; left > 0; left--)
    try {
      const { channel, payload, type } = await readFrame(conn, frameMax)
      const called = type === FrameType.method && channel === 0 && payload.length >= 4 ? payload.readUInt32BE() : 0
      if (called === 10 * 65_536 + 50) await conn.write(method(0, 10, 51))
      if (called === 10 * 65_536 + 51) return
    } catch (problem) {
      if (problem instanceof Malformed) return
      throw problem
    }
}

/** A frame of at most `max` bytes in all. */
async function readFrame(conn: Conn, max: number): Promise<Frame> {
  const head = await conn.read(7)
  const [type, channel, length] = [head[0]!, head.readUInt16BE(1), head.readUInt32BE(3)]
  if (length > max - 8)
    throw new Refusal(501, `type ${type}, all octets = <<>>: {frame_too_large,${length},${max - 8}}`, { method: 0 })
  const payload = await conn.read(length)
  const end = (await conn.read(1))[0]!
  const shown = () => `type ${type}, all octets = ${erlang(payload)}`
  if (end !== END) throw new Refusal(501, `${shown()}: {invalid_frame_end_marker,${end}}`, { method: 0 })
  if (type > 3 && type !== FrameType.heartbeat) throw new Refusal(501, `${shown()}: unknown_frame`, { method: 0 })
  return { type, channel, payload }
}
