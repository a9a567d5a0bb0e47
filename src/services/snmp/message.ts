import * as ber from './ber.ts'

/** SNMP messages: v1 (RFC 1157), v2c (RFC 1901), v3 with the user-based security model (RFC 3412, 3414). */

export const Pdu = {
  get: 0xa0,
  getNext: 0xa1,
  response: 0xa2,
  set: 0xa3,
  trapV1: 0xa4,
  getBulk: 0xa5,
  inform: 0xa6,
  trap: 0xa7,
  report: 0xa8,
} as const
export const pduNames = new Map<number, string>(
  Object.entries({
    GET: 0xa0,
    GETNEXT: 0xa1,
    RESPONSE: 0xa2,
    SET: 0xa3,
    TRAP: 0xa4,
    GETBULK: 0xa5,
    INFORM: 0xa6,
    TRAP2: 0xa7,
    REPORT: 0xa8,
  }).map(([name, tag]) => [tag, name]),
)

/** A variable and its value as they stand in a message; the value is a whole element. */
export type Binding = { oid: ber.Oid; value: Buffer }
export type Request = {
  type: number
  id: number
  /** Error status and index; of a bulk request non-repeaters and repetitions. */
  first: number
  second: number
  bindings: Binding[]
}

const MOST_BINDINGS = 128

export function parsePdu(found: ber.Element): Request {
  const cursor = new ber.Cursor(found.content)
  const id = ber.integerOf(ber.expect(cursor, 2))
  const first = ber.integerOf(ber.expect(cursor, 2))
  const second = ber.integerOf(ber.expect(cursor, 2))
  const list = new ber.Cursor(ber.expect(cursor, 0x30))
  const bindings: Binding[] = []
  while (list.left > 0 && bindings.length < MOST_BINDINGS) {
    const one = new ber.Cursor(ber.expect(list, 0x30))
    const oid = ber.oidOf(ber.expect(one, 6))
    const value = ber.element(one)
    bindings.push({ oid, value: ber.tlv(value.tag, value.content) })
  }
  return { type: found.tag, id, first, second, bindings }
}

export const encodePdu = ({ type, id, first, second, bindings }: Request): Buffer =>
  ber.tlv(
    type,
    ber.integer(id),
    ber.integer(first),
    ber.integer(second),
    ber.sequence(...bindings.map(({ oid, value }) => ber.sequence(ber.objectId(oid), value))),
  )

export type Community = { version: 0 | 1; community: Buffer; pdu: ber.Element }
export type Secured = {
  version: 3
  id: number
  maxSize: number
  flags: number
  model: number
  engineId: Buffer
  boots: number
  time: number
  user: Buffer
  digest: Buffer
  /** Where the digest stands in the whole message. */
  digestAt: number
  salt: Buffer
  /** The scoped PDU: an element, or the octets of an encrypted one. */
  scoped: ber.Element
}

/** Version as on the wire: 0, 1, 3. */
export function parseMessage(packet: Buffer): Community | Secured | { version: number } {
  const cursor = new ber.Cursor(ber.expect(new ber.Cursor(packet), 0x30))
  const version = ber.integerOf(ber.expect(cursor, 2))
  if (version === 0 || version === 1) return { version, community: ber.expect(cursor, 4), pdu: ber.element(cursor) }
  if (version !== 3) return { version }
  const header = new ber.Cursor(ber.expect(cursor, 0x30))
  const id = ber.integerOf(ber.expect(header, 2))
  const maxSize = ber.integerOf(ber.expect(header, 2))
  const flags = ber.expect(header, 4)[0] ?? 0
  const model = ber.integerOf(ber.expect(header, 2))
  const security = new ber.Cursor(ber.expect(new ber.Cursor(ber.expect(cursor, 4)), 0x30))
  const engineId = ber.expect(security, 4)
  const boots = ber.integerOf(ber.expect(security, 2))
  const time = ber.integerOf(ber.expect(security, 2))
  const user = ber.expect(security, 4)
  const digest = ber.expect(security, 4)
  const salt = ber.expect(security, 4)
  // Buffers that are views of one memory tell by their offsets where they stand in it.
  const digestAt = digest.byteOffset - packet.byteOffset
  const secured = { id, maxSize, flags, model, engineId, boots, time, user, digest, digestAt, salt }
  return { version, ...secured, scoped: ber.element(cursor) }
}

export const encodeCommunity = (version: number, community: Buffer, pdu: Buffer): Buffer =>
  ber.sequence(ber.integer(version), ber.octets(community), pdu)

export type Engine = { id: Buffer; boots: number; time: number }

/** A report in answer to `to` (RFC 3412 §7.1): one counter, neither signed nor encrypted. */
export function encodeReport(to: Secured, engine: Engine, counter: ber.Oid, count: number, requestId: number): Buffer {
  const bindings = [{ oid: counter, value: ber.integer(count, 0x41) }]
  const pdu = encodePdu({ type: Pdu.report, id: requestId, first: 0, second: 0, bindings })
  const security = ber.sequence(
    ber.octets(engine.id),
    ber.integer(engine.boots),
    ber.integer(engine.time),
    ber.octets(to.user),
    ber.octets(''),
    ber.octets(''),
  )
  return ber.sequence(
    ber.integer(3),
    ber.sequence(ber.integer(to.id), ber.integer(65_507), ber.octets(Buffer.of(0)), ber.integer(3)),
    ber.octets(security),
    ber.sequence(ber.octets(engine.id), ber.octets(''), pdu),
  )
}
