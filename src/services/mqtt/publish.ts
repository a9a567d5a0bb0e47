import { downloadsIn } from '#codec/downloads.ts'
import { text } from '#events/text.ts'
import type { TcpContext } from '#sensor/service.ts'
import { type Broker, hasRoom, type Message, route, type Session, sizeOf } from './broker.ts'
import { acknowledged, say } from './deliver.ts'
import { react } from './live.ts'
import type { Options } from './options.ts'
import { numberOf, Property, passedOn, readProperties } from './properties.ts'
import { isTopic } from './topics.ts'
import { Broken, cursorOf, type Packet, packet, Reason, readString, Type, u16 } from './wire.ts'

/** PUBLISH and what acknowledges it (3.1.1 §3.3–3.7; handle_publish.c and its like). */

/** Bytes of a message that its event shows; a longer one is a sample as well. */
const SHOWN = 2048
/** Aliases that a client may have, max_topic_alias. */
const ALIASES = 10

type Talk = { cx: TcpContext<Options>; broker: Broker; session: Session }

/** A message from the client. */
export async function publish({ cx, broker, session }: Talk, { flags, body }: Packet): Promise<void> {
  const cursor = cursorOf(body)
  const qos = (flags >> 1) & 3
  if (qos === 3) throw new Broken('PUBLISH of QoS 3', Reason.malformed)
  let topic = readString(cursor)
  if (topic === '' && session.version !== 5) throw new Broken('PUBLISH without a topic', Reason.malformed)
  const mid = qos > 0 ? cursor.u16be() : 0
  if (qos > 0 && mid === 0) throw new Broken('PUBLISH of number zero', Reason.protocol)
  const list = session.version === 5 ? readProperties(cursor, Type.publish) : []
  topic = aliased(session, topic, numberOf(list, Property.topicAlias))
  if (!isTopic(topic)) throw new Broken('PUBLISH to a filter', Reason.protocol)
  const expiry = numberOf(list, Property.messageExpiry)
  const message: Message = {
    topic,
    payload: Buffer.from(cursor.rest()),
    qos,
    retain: (flags & 1) !== 0,
    properties: passedOn(list),
    expiresAt: expiry === undefined ? undefined : broker.now() + expiry * 1000,
    from: session.id,
  }
  await note(cx, message)
  // What a broker says of itself nobody else may say (acl_check in security_default.c).
  const denied = topic.startsWith('$SYS') || topic.startsWith('$share')
  answer(broker, session, message, mid, denied)
}

/** The topic behind an alias (5.0 §3.3.2.3.4), which a topic beside it makes. */
function aliased(session: Session, topic: string, alias: number | undefined): string {
  if (alias === 0) throw new Broken('A topic alias of zero', Reason.malformed)
  if (alias !== undefined && alias > ALIASES) throw new Broken('A topic alias over the maximum', Reason.aliasInvalid)
  const { aliases } = session.connection!
  if (alias !== undefined && topic !== '') aliases.set(alias, topic)
  const found = topic || (alias !== undefined && aliases.get(alias))
  if (!found) throw new Broken('A topic alias that stands for nothing', Reason.protocol)
  return found
}

function answer(broker: Broker, session: Session, message: Message, mid: number, denied: boolean): void {
  if (message.qos === 0) {
    if (!denied) published(broker, message)
    return
  }
  const code = denied ? Reason.notAuthorised : taken(broker, session, message, mid)
  const reason = session.version === 5 && code > 0 ? [Buffer.of(code)] : []
  say(broker, session, packet(message.qos === 1 ? Type.puback : Type.pubrec, 0, u16(mid), ...reason))
}

/** QoS 1 goes on at once, QoS 2 waits for PUBREL: the reason of the answer. */
function taken(broker: Broker, session: Session, message: Message, mid: number): number {
  if (message.qos === 1) return published(broker, message) ? 0 : Reason.noSubscribers
  if (session.incoming.has(mid)) return 0
  if (session.receiveQuota <= 0 || !hasRoom(broker, message)) {
    // mosquitto gives back what it never took, so every second one gets through.
    session.receiveQuota++
    return Reason.quotaExceeded
  }
  session.receiveQuota--
  session.incoming.set(mid, message)
  broker.bytes += sizeOf(message)
  return 0
}

function published(broker: Broker, message: Message): boolean {
  const heard = route(broker, message)
  react(broker, message)
  return heard
}

/** PUBREL: the second half of QoS 2, when the message is brought to the others. */
export function release({ broker, session }: Talk, { flags, body }: Packet): void {
  if (session.version !== 3 && flags !== 2) throw new Broken('PUBREL without its flag', Reason.malformed)
  const mid = numberIn(body)
  const message = session.incoming.get(mid)
  if (message) {
    session.incoming.delete(mid)
    session.receiveQuota++
    broker.bytes -= sizeOf(message)
    published(broker, message)
  }
  say(broker, session, packet(Type.pubcomp, 0, u16(mid)))
}

/** PUBREC of ours: PUBREL, even for what was never sent; a reason of 0x80 and more ends it. */
export function received({ broker, session }: Talk, { body }: Packet): void {
  const mid = numberIn(body)
  if (session.version === 5 && body.length > 2 && body[2]! >= 0x80) {
    acknowledged(broker, session, mid)
    return
  }
  const out = session.outgoing.get(mid)
  if (out) out.released = true
  say(broker, session, packet(Type.pubrel, 2, u16(mid)))
}

/** PUBACK and PUBCOMP of ours. */
export function completed({ broker, session }: Talk, { body }: Packet): void {
  acknowledged(broker, session, numberIn(body))
}

function numberIn(body: Buffer): number {
  const mid = cursorOf(body).u16be()
  if (mid === 0) throw new Broken('An acknowledgement of number zero', Reason.protocol)
  return mid
}

/** What was published, with what it tells to fetch; long messages are kept whole. */
async function note(cx: TcpContext<Options>, { topic, payload, qos, retain }: Message): Promise<void> {
  const name = text(Buffer.from(topic, 'latin1'), 512)
  const how = `${qos > 0 ? ` qos=${qos}` : ''}${retain ? ' retain' : ''}`
  cx.record.command({ line: `PUBLISH ${name}${how} ${text(payload, SHOWN)}`, verb: 'PUBLISH' })
  const downloads = downloadsIn(payload.toString('latin1'))
  for (const download of downloads) cx.record.fileDownload(download)
  // Firmware over the air: the device is told where to get it by the message alone.
  if (downloads.length > 0 && /ota|upgrade|firmware|update/i.test(topic))
    cx.record.exploit({
      id: 'mqtt-ota-takeover',
      name: 'Device told over MQTT to load other firmware',
      evidence: `${name} ${text(payload, 512)}`,
    })
  if (payload.length <= SHOWN) return
  const writer = cx.sample()
  await writer.write(payload)
  cx.record.fileUpload({ path: name, sample: await writer.close() })
}
