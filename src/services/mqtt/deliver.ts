import { type Broker, type Connection, hasRoom, type Message, type Outgoing, type Session, sizeOf } from './broker.ts'
import { Property } from './properties.ts'
import { packet, string, Type, u16, u32, varint } from './wire.ts'

/** From the broker to a client (database.c): what may be under way at once, what waits, and what comes again. */

/** max_queued_messages. */
const QUEUED = 1000
/** Bytes that a client may leave untaken before it is as good as gone. */
const UNSENT = 1 << 20

type How = { qos: number; retain: boolean; identifier: number }

/** One message for one session: sent, held for later, or dropped. */
export function deliver(broker: Broker, session: Session, message: Message, how: How): void {
  const qos = Math.min(message.qos, how.qos)
  const out: Outgoing = { message, qos, retain: how.retain, identifier: how.identifier, mid: 0, released: false }
  if (qos === 0) {
    say(broker, session, publication(broker, session, out, false))
    return
  }
  if (!hasRoom(broker, message)) return
  session.lastMid = session.lastMid >= 65_535 ? 1 : session.lastMid + 1
  out.mid = session.lastMid
  if (session.connection && session.sendQuota > 0) begin(broker, session, out)
  else if (session.queue.length < QUEUED) session.queue.push(out)
  else return
  broker.bytes += sizeOf(message)
}

function begin(broker: Broker, session: Session, out: Outgoing): void {
  session.sendQuota = Math.max(0, session.sendQuota - 1)
  session.outgoing.set(out.mid, out)
  say(broker, session, publication(broker, session, out, false))
}

/** A message arrived for good. Whatever waits goes out once anything may, as in mosquitto. */
export function acknowledged(broker: Broker, session: Session, mid: number): void {
  const out = session.outgoing.get(mid)
  if (!out) return
  session.outgoing.delete(mid)
  broker.bytes -= sizeOf(out.message)
  session.sendQuota = Math.min(session.sendMaximum, session.sendQuota + 1)
  sendQueued(broker, session)
}

function sendQueued(broker: Broker, session: Session): void {
  if (session.sendQuota === 0) return
  const waiting = session.queue
  session.queue = []
  for (const out of waiting) begin(broker, session, out)
}

/** A session goes on: what was under way comes again, then what waited. */
export function resume(broker: Broker, session: Session): void {
  session.sendQuota = session.sendMaximum
  for (const out of session.outgoing.values()) {
    session.sendQuota = Math.max(0, session.sendQuota - 1)
    say(broker, session, out.released ? packet(Type.pubrel, 2, u16(out.mid)) : publication(broker, session, out, true))
  }
  sendQueued(broker, session)
}

/** PUBLISH as this client reads it; what is too large for it is not sent. */
function publication(broker: Broker, session: Session, out: Outgoing, again: boolean): Buffer {
  const { message, qos, retain, identifier, mid } = out
  const head = [string(message.topic), ...(qos > 0 ? [u16(mid)] : [])]
  const flags = (again ? 8 : 0) | (qos << 1) | (retain ? 1 : 0)
  if (session.version !== 5) return packet(Type.publish, flags, ...head, message.payload)
  const list = Buffer.concat([
    ...(identifier > 0 ? [Buffer.of(Property.subscriptionIdentifier), varint(identifier)] : []),
    message.properties,
    ...(message.expiresAt === undefined
      ? []
      : [Buffer.of(Property.messageExpiry), u32(Math.max(1, Math.ceil((message.expiresAt - broker.now()) / 1000)))]),
  ])
  return packet(Type.publish, flags, ...head, varint(list.length), list, message.payload)
}

/** Puts a packet into the client's outbox, which `flush` empties. */
export function say(broker: Broker, session: Session, bytes: Buffer): void {
  const { connection } = session
  if (!connection || bytes.length > connection.maximumPacket) return
  if (connection.unsent > UNSENT) {
    connection.conn.hangup('stalled')
    return
  }
  connection.outbox.push(bytes)
  connection.unsent += bytes.length
  broker.traffic.sent++
}

/** Sends what is in the outbox. */
export async function flush(connection: Connection): Promise<void> {
  if (connection.outbox.length === 0) return
  const bytes = Buffer.concat(connection.outbox)
  connection.outbox.length = 0
  await connection.conn.write(bytes)
  connection.unsent -= bytes.length
}

/** The same for all others, who are not waited for. */
export function flushOthers(broker: Broker, self: Connection | undefined): void {
  for (const { connection } of broker.sessions.values())
    if (connection && connection !== self) flush(connection).catch(() => {})
}
