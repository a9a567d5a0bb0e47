import { text } from '#events/text.ts'
import type { TcpContext } from '#sensor/service.ts'
import { subscribe as add, type Broker, keptFor, type Message, unsubscribe as remove, type Session } from './broker.ts'
import { deliver, say } from './deliver.ts'
import type { Options } from './options.ts'
import { numberOf, Property, readProperties } from './properties.ts'
import { isFilter } from './topics.ts'
import { Broken, cursorOf, type Packet, packet, Reason, readString, Type, u16 } from './wire.ts'

/** SUBSCRIBE and UNSUBSCRIBE (3.1.1 §3.8, §3.10; 5.0 the same; handle_subscribe.c). */

type Talk = { cx: TcpContext<Options>; broker: Broker; session: Session }
type Wish = { filter: string; options: number }

/** Filters of one packet. */
const MOST = 512

/** Answers with what was granted, then with what was kept for such subscriptions. */
export function subscribe({ cx, broker, session }: Talk, { flags, body }: Packet): void {
  const { version } = session
  if (version !== 3 && flags !== 2) throw new Broken('SUBSCRIBE without its flag', Reason.malformed)
  const cursor = cursorOf(body)
  const mid = numberFrom(cursor)
  const list = version === 5 ? readProperties(cursor, Type.subscribe) : []
  const identifier = numberOf(list, Property.subscriptionIdentifier)
  if (identifier === 0) throw new Broken('A subscription identifier of zero', Reason.malformed)
  const wishes: Wish[] = []
  while (cursor.left > 0) {
    const filter = filterFrom(cursor)
    const options = cursor.u8()
    checkOptions(options, version)
    wishes.push({ filter, options })
    if (wishes.length > MOST) throw new Broken(`More than ${MOST} filters`, Reason.malformed)
  }
  note(
    cx,
    'SUBSCRIBE',
    wishes.map(({ filter, options }) => `${filter} ${options & 3}`),
  )
  if (wishes.length === 0 && version !== 3) throw new Broken('SUBSCRIBE to nothing', Reason.malformed)
  const kept: [Message, Wish][] = []
  const granted = wishes.map(wish => grant(broker, session, wish, identifier ?? 0, kept))
  const reasons = version === 5 ? [Buffer.of(0)] : []
  say(broker, session, packet(Type.suback, 0, u16(mid), ...reasons, Buffer.from(granted)))
  for (const [message, { options }] of kept)
    deliver(broker, session, message, { qos: options & 3, retain: true, identifier: identifier ?? 0 })
}

function checkOptions(options: number, version: number): void {
  if ((options & 3) === 3) throw new Broken('A subscription of QoS 3', Reason.malformed)
  // No local, retain as published, retain handling; two bits are reserved.
  if (version !== 5 ? options > 2 : (options & 0xc0) !== 0 || (options & 0x30) === 0x30)
    throw new Broken('Options of a subscription that there are not', Reason.malformed)
}

/** Adds one subscription; what is kept for it goes into `kept`. */
function grant(broker: Broker, session: Session, wish: Wish, identifier: number, kept: [Message, Wish][]): number {
  const { filter, options } = wish
  const qos = options & 3
  const before = add(broker, filter, {
    session,
    qos,
    identifier,
    noLocal: session.bridge || (options & 4) !== 0,
    asPublished: session.bridge || (options & 8) !== 0,
  })
  if (before === 'full') return session.version === 5 ? Reason.quotaExceeded : 0x80
  const handling = (options >> 4) & 3
  if (handling === 0 || (handling === 1 && before === 'new'))
    for (const message of keptFor(broker, filter, broker.now())) kept.push([message, wish])
  return qos
}

/** Answers UNSUBSCRIBE; MQTT 5 is told which of them there were. */
export function unsubscribe({ cx, broker, session }: Talk, { flags, body }: Packet): void {
  const { version } = session
  if (version !== 3 && flags !== 2) throw new Broken('UNSUBSCRIBE without its flag', Reason.malformed)
  const cursor = cursorOf(body)
  const mid = numberFrom(cursor)
  if (version === 5) readProperties(cursor, Type.unsubscribe)
  if (cursor.left === 0 && version !== 3) throw new Broken('UNSUBSCRIBE from nothing', Reason.malformed)
  const filters: string[] = []
  while (cursor.left > 0) {
    filters.push(filterFrom(cursor))
    if (filters.length > MOST) throw new Broken(`More than ${MOST} filters`, Reason.malformed)
  }
  note(cx, 'UNSUBSCRIBE', filters)
  const reasons = filters.map(filter => (remove(broker, session, filter) ? 0 : Reason.noSubscription))
  const told = version === 5 ? Buffer.of(0, ...reasons) : Buffer.alloc(0)
  say(broker, session, packet(Type.unsuback, 0, u16(mid), told))
}

function numberFrom(cursor: ReturnType<typeof cursorOf>): number {
  const mid = cursor.u16be()
  if (mid === 0) throw new Broken('A packet of number zero', Reason.malformed)
  return mid
}

function filterFrom(cursor: ReturnType<typeof cursorOf>): string {
  const filter = readString(cursor)
  if (filter === '' || !isFilter(filter)) throw new Broken('A filter that is none', Reason.malformed)
  return filter
}

function note(cx: TcpContext<Options>, verb: string, what: readonly string[]): void {
  cx.record.command({ line: text(Buffer.from(`${verb} ${what.join(' ')}`, 'latin1')), verb })
}
