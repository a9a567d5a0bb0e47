import dgram, { type RemoteInfo, type Socket } from 'node:dgram'
import { type Recorder, recorder } from '#events/event.ts'
import { text } from '#events/text.ts'
import { uuid7 } from '#events/uuid7.ts'
import type { Gate } from './conn.ts'
import { context, type Running, type World } from './converse.ts'
import { Malformed } from './endings.ts'
import { plainAddress } from './proxy-protocol.ts'
import type { Context, Endpoint } from './service.ts'
import type { Bound } from './tcp.ts'

export type UdpOptions = {
  gate: Gate
  /** Answers per source address and minute, and overall per second. */
  budget: { perSource: number; overall: number }
}

/** Datagrams of one address and port at one of ours, until it falls silent. */
type Flow = { record: Recorder; cx: Context<unknown>; began: number; last: number; received: number; sent: number }

const FLOWS = 8192
const SILENCE = 30_000
const SOURCES = 8192

/**
 * All UDP listeners of a sensor. Nobody's address is proved here, so an answer is never larger than its question, and
 * each address and the whole sensor have a budget of answers: a sensor is of no use for reflection.
 */
export function udpSide(world: World, options: UdpOptions) {
  const flows = new Map<string, Flow>()
  const spent = new Map<string, number>()
  const sockets: Socket[] = []
  const { now } = world.recording
  let overall = 0
  let withheld = 0
  let minute = 0

  async function bind(running: Running, endpoint: Endpoint, address: string, port: number): Promise<Bound> {
    const socket = dgram.createSocket({ type: address.includes(':') ? 'udp6' : 'udp4' })
    const bound: Bound = { service: running.service.name, endpoint, address, port }
    sockets.push(socket)
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject)
        socket.bind({ address, port, exclusive: true }, () => {
          socket.removeListener('error', reject)
          resolve()
        })
      })
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      return { ...bound, why: code === 'EADDRINUSE' ? 'taken' : message, ...(code === undefined ? {} : { code }) }
    }
    socket.on('error', () => {})
    socket.on('message', (packet, from) => void answer(running, socket, packet, from))
    return bound
  }

  async function answer(running: Running, socket: Socket, packet: Buffer, from: RemoteInfo) {
    const flow = flowOf(running, from, socket.address().port)
    flow.received += packet.length
    const reply = replyTo(running, packet, flow)
    if (!reply || !mayAnswer(reply, packet, flow.cx.source.ip)) return
    const durable = options.gate()
    if (durable) await durable
    flow.sent += reply.length
    socket.send(reply, from.port, from.address, () => {})
  }

  function replyTo(running: Running, packet: Buffer, { record, cx }: Flow): Buffer | undefined {
    try {
      return running.service.datagram!(packet, cx)
    } catch (error) {
      if (error instanceof Malformed) record.malformed({ why: error.message, bytes: text(packet, 512) })
      else
        record.serviceError({
          stack: text(Buffer.from(String((error as Error)?.stack)), 2048),
          bytes: text(packet, 512),
        })
      return undefined
    }
  }

  function mayAnswer(reply: Buffer, packet: Buffer, ip: string): boolean {
    const mine = spent.get(ip) ?? 0
    const allowed =
      reply.length <= packet.length &&
      mine < options.budget.perSource &&
      overall < options.budget.overall &&
      (mine > 0 || spent.size < SOURCES)
    if (allowed) {
      spent.set(ip, mine + 1)
      overall++
    } else withheld++
    return allowed
  }

  function flowOf(running: Running, from: RemoteInfo, port: number): Flow {
    const at = now()
    const key = `${from.address} ${from.port} ${port}`
    const known = flows.get(key)
    if (known) {
      known.last = at
      return known
    }
    if (flows.size >= FLOWS) finish(flows.keys().next().value!, 'evicted')
    const who = {
      source: { ip: plainAddress(from.address.replace(/%.*/, '')), port: from.port },
      destination: { ip: running.service.name && '0.0.0.0', port },
      transport: 'udp' as const,
    }
    const record = recorder({ session: uuid7(at), service: running.service.name, ...who }, world.recording)
    record.connectionOpened({})
    const flow = { record, cx: context(running, who, record, world), began: at, last: at, received: 0, sent: 0 }
    flows.set(key, flow)
    return flow
  }

  function finish(key: string, reason: string) {
    const { record, began, last, received, sent } = flows.get(key)!
    flows.delete(key)
    record.connectionClosed({ reason, milliseconds: last - began, received, sent })
  }

  /** Once a second. */
  function sweep() {
    overall = 0
    if (++minute % 60 === 0) spent.clear()
    for (const [key, flow] of flows) if (now() - flow.last > SILENCE) finish(key, 'idle')
  }

  function close() {
    for (const key of [...flows.keys()]) finish(key, 'shutdown')
    for (const socket of sockets) socket.close()
  }

  return { bind, sweep, close, stats: () => ({ held: flows.size, withheld }) }
}
