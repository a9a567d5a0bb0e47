import dgram, { type RemoteInfo } from 'node:dgram'
import os from 'node:os'
import { type Recorder, recorder } from '#events/event.ts'
import { text } from '#events/text.ts'
import { uuid7 } from '#events/uuid7.ts'
import { networkOf, plainAddress } from './address.ts'
import type { Gate } from './conn.ts'
import { context, type Running, type World } from './converse.ts'
import { Malformed, type Reason } from './endings.ts'
import { reflections } from './reflections.ts'
import { savings } from './savings.ts'
import type { Context, Endpoint, Withheld } from './service.ts'
import type { Bound } from './tcp.ts'

export type UdpOptions = {
  gate: Gate
  /** Answers per source address and minute, and overall per second. */
  budget: { perSource: number; overall: number }
  /** Who has answers to come: at most so many addresses a minute, and so many flows at once. */
  caps?: { sources: number; flows: number }
}

/** A socket, as far as answering goes. */
export type Outlet = {
  /** Where it is bound, wildcards included. */
  address: string
  port: number
  /** The endpoint's port as configured, if it is another. */
  configured?: number
  send(reply: Buffer, port: number, address: string): void
}
export type Sender = Pick<RemoteInfo, 'address' | 'port'>

/** Datagrams of one address and port at one of ours, until it falls silent. */
type Flow = {
  running: Running
  record: Recorder
  cx: Context<unknown>
  began: number
  last: number
  received: number
  sent: number
}

/** Milliseconds without a datagram after which a flow is over. */
const SILENCE = 30_000
const defaultCaps = { sources: 8192, flows: 8192 }

/**
 * All UDP listeners of a sensor. Nobody's address is proved here, so nobody is sent more bytes than came from them, in
 * one answer or, where a service saves, in a minute; and each address and the whole sensor have a budget of answers: a sensor is of no use for reflection.
 */
export function udpSide(world: World, options: UdpOptions) {
  const caps = options.caps ?? defaultCaps
  /** The one silent for longest comes first. */
  const flows = new Map<string, Flow>()
  const budgets = new Map<string, number>()
  const sockets: dgram.Socket[] = []
  const local = localAddresses(world.recording.now)
  const { now } = world.recording
  const asked = reflections(now, caps.sources)
  const saved = savings(caps.sources)
  let overall = 0
  let withheld = 0
  let seconds = 0

  async function bind(running: Running, endpoint: Endpoint, address: string, port: number): Promise<Bound> {
    const type = address.includes(':') ? 'udp6' : 'udp4'
    // Addresses need no looking up, and a look-up that is denied would raise past every handler.
    const lookup = (name: string, _: unknown, done: (error: null, address: string, family: number) => void) =>
      done(null, name, type === 'udp6' ? 6 : 4)
    const socket = dgram.createSocket({ type, lookup: lookup as never })
    const bound: Bound = { service: running.service.name, endpoint, address, port }
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject)
        socket.bind({ address, port, exclusive: true }, () => {
          socket.removeListener('error', reject)
          resolve()
        })
      })
    } catch (error) {
      socket.close()
      const { code, message } = error as NodeJS.ErrnoException
      return { ...bound, why: code === 'EADDRINUSE' ? 'taken' : message, ...(code === undefined ? {} : { code }) }
    }
    socket.on('error', () => {})
    sockets.push(socket)
    const outlet: Outlet = {
      address,
      port: socket.address().port,
      configured: endpoint.port,
      send: (reply, port, address) => socket.send(reply, port, address, () => {}),
    }
    socket.on('message', (packet, from) => void hear(running, outlet, packet, from))
    return bound
  }

  /** A datagram came; resolves when its answer, if it gets one, was sent. Never rejects. */
  async function hear(running: Running, outlet: Outlet, packet: Buffer, from: Sender): Promise<void> {
    const flow = flowOf(running, outlet, from)
    flow.received += packet.length
    const saves = running.service.saves === true
    const { ip } = flow.cx.source
    const room = saves ? saved.add(ip, packet.length) : packet.length
    const said = replyTo(running, packet, flow, room)
    if (!said) return
    const { replies, wanted } = repliesOf(said)
    if (wanted > packet.length) asked.count(ip, flow.record, packet.length, wanted)
    let left = room
    for (const reply of replies) {
      if (!mayAnswer(reply, left, flow.cx.source)) return
      left -= reply.length
      if (saves) saved.spend(ip, reply.length)
      try {
        await options.gate()
        outlet.send(reply, from.port, from.address)
        flow.sent += reply.length
      } catch {
        // The disk, the network or a closed socket refused: as if the answer had been lost on its way.
        withheld++
      }
    }
  }

  function replyTo(
    running: Running,
    packet: Buffer,
    { record, cx }: Flow,
    room: number,
  ): ReturnType<NonNullable<typeof running.service.datagram>> {
    try {
      return running.service.datagram!(packet, cx, room)
    } catch (error) {
      if (error instanceof Malformed) record.malformed({ why: error.message, bytes: text(packet, 512) })
      else record.serviceError({ stack: stackOf(error), bytes: text(packet, 512) })
      return undefined
    }
  }

  function mayAnswer(reply: Buffer, room: number, { ip, port }: Context<unknown>['source']): boolean {
    const who = networkOf(ip)
    const mine = budgets.get(who) ?? 0
    const allowed =
      // Nobody can be reached at port 0: it was forged.
      port !== 0 &&
      reply.length <= room &&
      mine < options.budget.perSource &&
      overall < options.budget.overall &&
      (mine > 0 || budgets.size < caps.sources)
    if (allowed) {
      budgets.set(who, mine + 1)
      overall++
    } else withheld++
    return allowed
  }

  function flowOf(running: Running, outlet: Outlet, from: Sender): Flow {
    const at = now()
    const key = `${from.address} ${from.port} ${outlet.port}`
    const known = flows.get(key)
    if (known) {
      known.last = at
      flows.delete(key)
      flows.set(key, known)
      return known
    }
    if (flows.size >= caps.flows) finish(flows.keys().next().value!, 'evicted')
    const ip = plainAddress(from.address)
    const who = {
      source: { ip, port: from.port },
      destination: { ip: local(outlet.address, ip), port: outlet.port },
      transport: 'udp' as const,
    }
    const record = recorder({ session: uuid7(at), service: running.service.name, ...who }, world.recording)
    record.connectionOpened({})
    const flow = {
      running,
      record,
      cx: context(running, { ...who, port: outlet.configured ?? outlet.port }, record, world),
      began: at,
      last: at,
      received: 0,
      sent: 0,
    }
    flows.set(key, flow)
    return flow
  }

  function finish(key: string, reason: Reason) {
    const { running, cx, record, began, last, received, sent } = flows.get(key)!
    flows.delete(key)
    try {
      running.service.silent?.(cx)
    } catch (error) {
      record.serviceError({ stack: stackOf(error) })
    }
    record.connectionClosed({ reason, milliseconds: last - began, received, sent })
  }

  /** Once a second. */
  function sweep() {
    overall = 0
    asked.sweep()
    if (++seconds % 60 === 0) {
      budgets.clear()
      saved.clear()
    }
    const before = now() - SILENCE
    for (const [key, { last }] of flows) {
      if (last >= before) break
      finish(key, 'idle')
    }
  }

  function close() {
    asked.close()
    for (const key of [...flows.keys()]) finish(key, 'shutdown')
    for (const socket of sockets) socket.close()
  }

  /** `refused` counts answers not sent. */
  const stats = () => {
    const connections: Record<string, number> = {}
    for (const { running } of flows.values()) {
      const { name } = running.service
      connections[name] = (connections[name] ?? 0) + 1
    }
    return { held: flows.size, refused: withheld, sources: budgets.size, connections }
  }

  return { bind, hear, sweep, close, stats }
}

const stackOf = (error: unknown): string => text(Buffer.from(String((error as Error)?.stack ?? error)), 2048)

/** The datagrams of an answer, and how many bytes it would have had in all. */
function repliesOf(said: Buffer | readonly Buffer[] | Withheld): { replies: readonly Buffer[]; wanted: number } {
  if ('withheld' in said) return { replies: said.answer ? [said.answer] : [], wanted: said.withheld }
  const replies = Buffer.isBuffer(said) ? [said] : said
  return { replies, wanted: replies.reduce((sum, { length }) => sum + length, 0) }
}

/**
 * The address of ours that a datagram came to. A socket on a wildcard does not tell, so there it is the machine's first
 * public-facing address of the sender's family, looked up at most once a minute.
 */
function localAddresses(now: () => number): (bound: string, source: string) => string {
  let known = { 4: '0.0.0.0', 6: '::' }
  let lookedAt = Number.NEGATIVE_INFINITY
  return (bound, source) => {
    if (bound !== '0.0.0.0' && bound !== '::') return bound
    if (now() - lookedAt >= 60_000) {
      lookedAt = now()
      const all = Object.values(os.networkInterfaces()).flatMap(addresses => addresses ?? [])
      const first = (family: 'IPv4' | 'IPv6') =>
        all.find(a => a.family === family && !a.internal && !/^fe80:/i.test(a.address))?.address
      known = { 4: first('IPv4') ?? '0.0.0.0', 6: plainAddress(first('IPv6') ?? '::') }
    }
    return known[source.includes(':') ? 6 : 4]
  }
}
