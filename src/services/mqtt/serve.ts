import { Malformed } from '#codec/malformed.ts'
import type { Persona } from '#persona/persona.ts'
import type { Conn } from '#sensor/conn.ts'
import { Hangup } from '#sensor/endings.ts'
import type { TcpContext } from '#sensor/service.ts'
import { type Broker, newBroker, type Session } from './broker.ts'
import { type Entered, enter, leave } from './connect.ts'
import { flush, flushOthers, say } from './deliver.ts'
import { installationOf, waverOf } from './devices.ts'
import { type Publisher, pulse, untilPulse } from './live.ts'
import type { Options } from './options.ts'
import { numberOf, Property, readProperties } from './properties.ts'
import { completed, publish, received, release } from './publish.ts'
import { subscribe, unsubscribe } from './subscribe.ts'
import { systemTopics } from './sys.ts'
import { Broken, cursorOf, type Packet, packet, Reason, Type, type Version } from './wire.ts'

/** Bytes of a packet that are read into memory; a longer message is kept as a sample and brought to nobody. */
const KEEP = 256 << 10
/** What stands in for keep-alive where a client wants none: seconds. */
const FOREVER = 6 * 3600

type Cx = TcpContext<Options>
type Talk = { conn: Conn; cx: Cx; broker: Broker; session: Session }

/** One client, from CONNECT to its end. */
export async function session(conn: Conn, cx: Cx): Promise<void> {
  const broker = cx.attacker(() => newBroker(publisherOf(cx), () => cx.now() + cx.persona.clockSkew))
  let entered: Entered | undefined
  try {
    const first = await readPacket(conn, cx, 0)
    entered = await enter({ conn, cx, broker }, first)
    if (!entered) return
    pulse(broker)
    await flushAll(broker, entered.session)
    const talk = { conn, cx, broker, session: entered.session }
    while (await turn(talk, entered));
    leave(broker, entered.session)
  } catch (problem) {
    if (entered) await farewell(conn, entered, problem)
    throw problem
  } finally {
    // Unless somebody of the same name came meanwhile.
    if (entered?.session.connection?.conn === conn) leave(broker, entered.session)
    flushOthers(broker, undefined)
  }
}

const publishers = new WeakMap<Persona, Map<string, Publisher>>()

/** What is published, which all attackers' brokers have in common: made once. */
function publisherOf({ persona, options: { installation } }: Cx): Publisher {
  const made = publishers.get(persona) ?? new Map<string, Publisher>()
  publishers.set(persona, made)
  const found = made.get(installation ?? '')
  if (found) return found
  const waver = waverOf(persona)
  const { sources, clients, react } = installationOf(persona, waver, installation)
  const system = systemTopics({
    version: persona.software.mosquitto.version,
    startedAt: persona.bootedAt + 9000 + (persona.derive('mqtt start', 2).readUInt16BE() % 6000),
    rate: sources.reduce((sum, { every }) => sum + (every > 0 ? 1000 / every : 0), 0.02),
    clients,
    listeners: 1,
    waver,
  })
  const publisher = { sources: [...system, ...sources], react }
  made.set(installation ?? '', publisher)
  return publisher
}

/** Waits for the next packet while the installation goes on living; `false` after DISCONNECT. */
async function turn(talk: Talk, { keepAlive }: Entered): Promise<boolean> {
  const { conn, cx, broker, session } = talk
  const since = cx.now()
  const patience = keepAlive > 0 ? keepAlive * 1.5 : FOREVER
  while (conn.held === 0) {
    const before = cx.now()
    const left = patience * 1000 - (before - since)
    // Longer than its keep-alive: nothing is said, in MQTT 5 neither.
    if (left <= 0) throw new Hangup('idle')
    conn.patience = Math.ceil(left / 1000) + 60
    const wait = Math.min(left, untilPulse(broker))
    await conn.glance(1, wait / 1000)
    // Nothing, and so soon: the other side has ended, as the read below says.
    if (conn.held === 0 && cx.now() - before < wait / 2) break
    pulse(broker)
    await flushAll(broker, session)
  }
  const next = await readPacket(conn, cx, session.version)
  broker.traffic.received++
  pulse(broker)
  const more = await handle(talk, next)
  await flushAll(broker, session)
  return more
}

async function flushAll(broker: Broker, session: Session): Promise<void> {
  const { connection } = session
  flushOthers(broker, connection)
  if (connection) await flush(connection)
}

/** What mosquitto tells a client of MQTT 5 before it closes. */
async function farewell(conn: Conn, { session, version }: Entered, problem: unknown): Promise<void> {
  if (!(problem instanceof Malformed) || conn.over) return
  if (session.connection) await flush(session.connection)
  const reason = problem instanceof Broken ? problem.reason : Reason.malformed
  if (version === 5 && reason !== undefined) await conn.write(packet(Type.disconnect, 0, Buffer.of(reason)))
}

async function handle(talk: Talk, next: Packet): Promise<boolean> {
  const { broker, session } = talk
  switch (next.type) {
    case Type.publish:
      await publish(talk, next)
      return true
    case Type.puback:
    case Type.pubcomp:
      completed(talk, next)
      return true
    case Type.pubrec:
      received(talk, next)
      return true
    case Type.pubrel:
      release(talk, next)
      return true
    case Type.subscribe:
      subscribe(talk, next)
      return true
    case Type.unsubscribe:
      unsubscribe(talk, next)
      return true
    case Type.pingreq:
      say(broker, session, packet(Type.pingresp, 0))
      return true
    case Type.disconnect:
      return disconnect(talk, next)
    // What only bridges get is passed over.
    case Type.pingresp:
    case Type.unsuback:
      return true
    case Type.connect:
      throw new Broken('A second CONNECT')
    case Type.auth:
      throw new Broken('AUTH without a method')
    case Type.suback:
      throw new Broken('SUBACK from a client')
    default:
      throw new Broken(`A packet of type ${next.type}`, Reason.protocol)
  }
}

/** DISCONNECT (5.0 §3.14): `false`, or it throws; with reason 4 the will is done all the same. */
function disconnect({ cx, session }: Talk, { flags, body }: Packet): boolean {
  const cursor = cursorOf(body)
  let reason = 0
  if (session.version === 5 && cursor.left > 0) {
    reason = cursor.u8()
    const expiry = cursor.left > 0 ? numberOf(listOf(cursor), Property.sessionExpiry) : undefined
    if (expiry !== undefined && expiry > 0 && session.expiry === 0)
      throw new Broken('A session that was to end is to stay', Reason.protocol)
    if (expiry !== undefined) session.expiry = expiry === 0xffffffff ? Number.POSITIVE_INFINITY : expiry
  }
  if (cursor.left > 0) throw new Broken('More than DISCONNECT announced')
  if (flags !== 0 && session.version !== 3) throw new Broken('Flags in the header of DISCONNECT')
  cx.record.command({ line: 'DISCONNECT', verb: 'DISCONNECT' })
  if (reason !== 4) session.will = undefined
  return false
}

const listOf = (cursor: ReturnType<typeof cursorOf>) => {
  try {
    return readProperties(cursor, Type.disconnect)
  } catch (problem) {
    throw problem instanceof Malformed ? new Broken(problem.message) : problem
  }
}

/** One packet; `version` 0 before CONNECT, which has to be the first. */
async function readPacket(conn: Conn, cx: Cx, version: Version | 0): Promise<Packet> {
  const head = (await conn.read(1))[0]!
  const type = head >> 4
  if (version === 0 && type !== Type.connect) throw new Broken('Something else than CONNECT first')
  let length = 0
  for (let i = 0; ; i++) {
    if (i === 4) throw new Broken('A length of more than four bytes')
    const byte = (await conn.read(1))[0]!
    length += (byte & 127) * 128 ** i
    if (byte < 128) break
  }
  if (length <= KEEP) return { type, flags: head & 15, body: await conn.read(length) }
  if (type !== Type.publish || version === 0) throw conn.hangup('flooded')
  return await large(conn, cx, head, length, version)
}

/** A message too long for memory: kept whole, and acknowledged as one of no length. */
async function large(conn: Conn, cx: Cx, head: number, length: number, version: Version): Promise<Packet> {
  const start = await conn.read(4096)
  const cursor = cursorOf(start)
  cursor.lp16()
  if ((head & 6) !== 0) cursor.u16be()
  if (version === 5) readProperties(cursor, Type.publish)
  const prefix = start.subarray(0, cursor.offset)
  const writer = cx.sample()
  try {
    await writer.write(start.subarray(cursor.offset))
    for (let left = length - start.length; left > 0; ) {
      const piece = await conn.readSome(Math.min(left, 64 << 10))
      await writer.write(piece)
      left -= piece.length
    }
  } catch (problem) {
    await writer.abort()
    throw problem
  }
  cx.record.fileUpload({ path: 'mqtt-message', sample: await writer.close() })
  // Without the flag to keep it: nothing would be taken away what was kept before.
  return { type: Type.publish, flags: head & 14, body: prefix }
}
