import { accessOf } from '#access/access.ts'
import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import type { TcpContext } from '#sensor/service.ts'
import { type Broker, type Connection, forget, type Message, newSession, route, type Session } from './broker.ts'
import { resume } from './deliver.ts'
import type { Options } from './options.ts'
import { numberOf, type Properties, Property, passedOn, readProperties, textOf, WILL } from './properties.ts'
import { isTopic } from './topics.ts'
import { Broken, cursorOf, type Packet, packet, Reason, readString, string, Type, u16, type Version } from './wire.ts'

/** CONNECT (3.1.1 §3.1, 5.0 §3.1) in the order of mosquitto's checks (handle_connect.c). */

/** Session, keep-alive in seconds and version: all that the conversation needs. */
export type Entered = { session: Session; keepAlive: number; version: Version }
type Will = NonNullable<Session['will']>
type Introduction = {
  version: Version
  flags: number
  /** Another broker, which is told by the version's highest bit. */
  bridge: boolean
  keepAlive: number
  list: Properties
  id: string
  /** The name is ours. */
  assigned: boolean
  will: Will | undefined
  user: string | undefined
  password: string | undefined
}
type Door = { conn: Conn; cx: TcpContext<Options>; broker: Broker }

/** max_topic_alias and max_inflight_messages. */
const ALIASES = 10
const IN_FLIGHT = 20

/** Answers CONNECT: `undefined` who is not let in; throws `Broken` where mosquitto closes, with or without a word. */
export async function enter(door: Door, { flags: first, body }: Packet): Promise<Entered | undefined> {
  const said = await introduction(door, first, body)
  const { cx, broker, conn } = door
  const { version, list, user, password } = said
  note(cx, said)
  if (textOf(list, Property.authenticationMethod) !== undefined)
    return await refuse(conn, version, Reason.badMethod, 'A method to authenticate that is not there')
  const allowed =
    cx.options.open || (user !== undefined && accessOf(cx, cx.options.access).password(user, password ?? ''))
  if (user !== undefined)
    cx.record.login({
      method: 'mqtt',
      user: text(Buffer.from(user, 'latin1')),
      ...(password === undefined ? {} : { password: text(Buffer.from(password, 'latin1')) }),
      outcome: allowed ? 'success' : 'failure',
    })
  if (!allowed) {
    await conn.write(refusal(version, version === 5 ? Reason.notAuthorised : 5))
    return undefined
  }
  const { session, present } = begin(broker, cx, conn, said)
  const extra = [
    Buffer.of(Property.topicAliasMaximum),
    u16(ALIASES),
    ...(said.assigned ? [Buffer.of(Property.assignedClient), string(said.id)] : []),
    Buffer.of(Property.receiveMaximum),
    u16(IN_FLIGHT),
  ]
  const answer =
    version === 5
      ? packet(Type.connack, 0, Buffer.of(present ? 1 : 0, 0), Buffer.of(Buffer.concat(extra).length), ...extra)
      : packet(Type.connack, 0, Buffer.of(present && version === 4 ? 1 : 0, 0))
  if (answer.length > session.connection!.maximumPacket) throw new Broken('A client that takes no answer')
  session.connection!.outbox.push(answer)
  session.connection!.unsent += answer.length
  resume(broker, session)
  return { session, keepAlive: said.keepAlive, version }
}

/** CONNACK of a refusal, which is also the end. */
async function refuse(conn: Conn, version: Version, code: number, why: string): Promise<never> {
  await conn.write(refusal(version, code))
  throw new Broken(why)
}

const refusal = (version: Version, code: number): Buffer =>
  packet(Type.connack, 0, Buffer.of(0, code), ...(version === 5 ? [Buffer.of(0)] : []))

async function introduction({ conn, cx }: Door, first: number, body: Buffer): Promise<Introduction> {
  const cursor = cursorOf(body)
  const name = cursor.lp16().toString('latin1')
  if (name !== 'MQTT' && name !== 'MQIsdp') throw new Broken('A protocol of another name')
  const byte = cursor.u8()
  const number = byte & 0x7f
  if (name === 'MQIsdp' ? number !== 3 : number !== 4 && number !== 5)
    return await refuse(conn, 3, 1, `Version ${number} of ${name}`)
  const version = number as Version
  if (version !== 3 && first !== 0) throw new Broken('Flags in the header of CONNECT')
  const flags = cursor.u8()
  if (version !== 3 && (flags & 1) !== 0) throw new Broken('The reserved flag of CONNECT')
  if ((flags & 0x18) === 0x18) throw new Broken('A will of QoS 3')
  const keepAlive = cursor.u16be()
  const list = version === 5 ? readProperties(cursor, Type.connect) : []
  for (const id of [Property.receiveMaximum, Property.maximumPacket])
    if (numberOf(list, id) === 0) throw new Broken(`Property ${id} of zero`)
  for (const id of [Property.requestProblem, Property.requestResponse])
    if ((numberOf(list, id) ?? 0) > 1) throw new Broken(`Property ${id} over one`)
  const given = readString(cursor)
  const assigned = given === ''
  if (assigned) {
    if (version === 3 || (version === 4 && (flags & 2) === 0)) return await refuse(conn, version, 2, 'No client name')
  }
  const id = assigned ? `auto-${uuid(cx.random(16))}` : given
  const will = (flags & 4) !== 0 ? readWill(cursor, version, flags, id, cx.now()) : undefined
  if (!will && version !== 3 && (flags & 0x38) !== 0) throw new Broken('Flags of a will that is not there')
  // Who speaks 3.1 may announce what does not come.
  const missing = version === 3 && cursor.left === 0
  const user = (flags & 0x80) !== 0 && !missing ? readString(cursor) : undefined
  if ((flags & 0xc0) === 0x40 && version !== 5) throw new Broken('A password without a user')
  const none = version === 3 && cursor.left === 0
  const password = (flags & 0x40) !== 0 && !none ? cursor.lp16().toString('latin1') : undefined
  if (cursor.left > 0) throw new Broken('More than CONNECT announced')
  return { version, flags, bridge: byte > 0x7f, keepAlive, list, id, assigned, will, user, password }
}

const uuid = (bytes: Buffer): string =>
  bytes
    .toString('hex')
    .toUpperCase()
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

function readWill(
  cursor: ReturnType<typeof cursorOf>,
  version: Version,
  flags: number,
  from: string,
  now: number,
): Will {
  const list = version === 5 ? readProperties(cursor, WILL) : []
  const topic = readString(cursor)
  if (topic === '' || !isTopic(topic)) throw new Broken('A will for no topic')
  const expiry = numberOf(list, Property.messageExpiry)
  const message: Message = {
    topic,
    payload: Buffer.from(cursor.lp16()),
    qos: (flags >> 3) & 3,
    retain: (flags & 0x20) !== 0,
    properties: passedOn(list),
    expiresAt: expiry === undefined ? undefined : now + expiry * 1000,
    from,
  }
  return { message, delay: numberOf(list, Property.willDelay) ?? 0 }
}

function begin(broker: Broker, cx: TcpContext<Options>, conn: Conn, said: Introduction) {
  const { version, flags, list, id } = said
  const clean = (flags & 2) !== 0
  const before = broker.sessions.get(id)
  if (before) {
    const taken = before.connection?.conn
    leave(broker, before)
    taken?.hangup('done')
    if (before.expiry < Number.POSITIVE_INFINITY && cx.now() - before.endedAt > before.expiry * 1000)
      forget(broker, before)
    else if (clean) forget(broker, before)
  }
  const present = broker.sessions.has(id)
  const session = present ? broker.sessions.get(id)! : newSession(broker, id, version)
  broker.wills = broker.wills.filter(will => will.session !== session)
  const expiry = numberOf(list, Property.sessionExpiry) ?? 0
  session.version = version
  session.expiry =
    version === 5 ? (expiry === 0xffffffff ? Number.POSITIVE_INFINITY : expiry) : clean ? 0 : Number.POSITIVE_INFINITY
  session.sendMaximum = Math.min(IN_FLIGHT, numberOf(list, Property.receiveMaximum) ?? IN_FLIGHT)
  session.receiveQuota = IN_FLIGHT - session.incoming.size
  session.will = said.will
  session.bridge = said.bridge
  const connection: Connection = {
    conn,
    outbox: [],
    unsent: 0,
    maximumPacket: numberOf(list, Property.maximumPacket) ?? Number.POSITIVE_INFINITY,
    aliases: new Map(),
  }
  session.connection = connection
  broker.traffic.connects++
  return { session, present }
}

/** The connection is over. A will that no good-bye took back is done, now or later. */
export function leave(broker: Broker, session: Session): void {
  const { connection, will } = session
  if (!connection) return
  session.connection = undefined
  session.endedAt = broker.now()
  session.will = undefined
  if (will) {
    const delay = Math.min(will.delay, session.expiry)
    if (delay > 0) broker.wills.push({ at: broker.now() + delay * 1000, session, message: will.message })
    else route(broker, will.message)
  }
  if (session.expiry === 0) forget(broker, session)
}

const versions = { 3: '3.1', 4: '3.1.1', 5: '5.0' } as const
/** CONNECT as a line; who it was is in the log-in's event. */
function note(cx: TcpContext<Options>, { version, flags, keepAlive, id, will, assigned }: Introduction): void {
  const words = [
    `CONNECT ${versions[version]}`,
    `client=${assigned ? '' : text(Buffer.from(id, 'latin1'), 256)}`,
    `keepalive=${keepAlive}`,
    ...((flags & 2) !== 0 ? ['clean'] : []),
    ...(will
      ? [`will=${text(Buffer.from(will.message.topic, 'latin1'), 256)}`, `message=${text(will.message.payload, 1024)}`]
      : []),
  ]
  cx.record.command({ line: words.join(' '), verb: 'CONNECT' })
  // CVE-2017-7650: a name that is a pattern gets past the patterns of access lists before 1.4.12.
  if (/[+#]/.test(id))
    cx.record.exploit({
      id: 'CVE-2017-7650',
      name: 'Mosquitto access lists passed by a client name with wildcards',
      evidence: words[1]!,
    })
}
