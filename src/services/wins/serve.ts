import { text } from '#events/text.ts'
import type { Context } from '#sensor/service.ts'
import type { Options } from './options.ts'
import { encoded, NB, NBSTAT, parseQuery, type Query } from './packet.ts'

type Cx = Context<Options>

/** A name that it holds: `group` names belong to many. */
type Held = { name: string; suffix: number; group: boolean }

/** What nmbd answers: flags of RFC 1002 §4.2.1.1, seconds, bytes. */
const POSITIVE = 0x8580
const STATUS = 0x8400
/** A refusal of each operation: somebody has the name (RCODE 6), or this is no server of names (1). */
const ACTIVE = 0xad86
const NO_SERVER = new Map<Query['operation'], number>([
  ['register', 0xad81],
  ['refresh', 0xad81],
  ['release', 0xb401],
])
const TTL = 259_200
/** What is counted behind the names of a status: nothing of it is filled in, not even a hardware address. */
const STATISTICS = 46

/** A question to nmbd of Samba 4.17 as master browser of its group, or a claim to a name, and its answer. */
export function datagram(packet: Buffer, cx: Cx): Buffer | undefined {
  const query = parseQuery(packet)
  tell(query, cx)
  if (query.response || query.scope) return undefined
  const held = namesOf(cx)
  const own = held.find(({ name, suffix }) => name === query.name.toUpperCase() && suffix === query.suffix)
  const anybody = query.name === '*'
  if (query.operation !== 'query') return refusal(query, own !== undefined)
  if (query.type === NBSTAT && (own || anybody)) return status(query, held)
  if (query.type === NB && (own || anybody)) return positive(query, own?.group ?? false, cx.destination.ip)
  return undefined
}

function namesOf({ persona, options: { workgroup } }: Cx): Held[] {
  const host = persona.hostname.toUpperCase().slice(0, 15)
  return [
    ...[0x00, 0x03, 0x20].map(suffix => ({ name: host, suffix, group: false })),
    { name: '\x01\x02__MSBROWSE__\x02', suffix: 0x01, group: true },
    { name: workgroup, suffix: 0x00, group: true },
    { name: workgroup, suffix: 0x1d, group: false },
    { name: workgroup, suffix: 0x1e, group: true },
  ]
}

function answer(query: Query, flags: number, type: number, seconds: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12)
  head.writeUInt16BE(query.id, 0)
  head.writeUInt16BE(flags, 2)
  head.writeUInt16BE(1, 6)
  const record = Buffer.alloc(10)
  record.writeUInt16BE(type, 0)
  record.writeUInt16BE(1, 2)
  record.writeUInt32BE(seconds, 4)
  record.writeUInt16BE(data.length, 8)
  const name = encoded([query.name, query.suffix, query.name === '*' ? '\0' : ' '])
  return Buffer.concat([head, name, record, data])
}

const positive = (query: Query, group: boolean, ip: string): Buffer =>
  answer(query, POSITIVE, NB, TTL, Buffer.from([group ? 0x80 : 0, 0, ...bytesOf(ip)]))

/** RFC 1002 §4.2.18. */
function status(query: Query, held: readonly Held[]): Buffer {
  const names = held.map(({ name, suffix, group }) =>
    Buffer.concat([Buffer.from(name.padEnd(15), 'latin1'), Buffer.of(suffix, group ? 0x84 : 0x04, 0)]),
  )
  return answer(query, STATUS, NBSTAT, 0, Buffer.concat([Buffer.of(held.length), ...names, Buffer.alloc(STATISTICS)]))
}

/** Who claims one of its names before all is told no; who takes it for a server of names as well. */
function refusal(query: Query, own: boolean): Buffer | undefined {
  const flags = query.broadcast ? (own && query.operation === 'register' ? ACTIVE : undefined) : refused(query)
  if (flags === undefined || query.address === undefined) return undefined
  return answer(query, flags, NB, 0, Buffer.from([0, 0, ...bytesOf(query.address)]))
}
const refused = ({ multihomed, operation }: Query) => (multihomed ? undefined : NO_SERVER.get(operation))

const bytesOf = (ip: string): number[] => (/^\d+(?:\.\d+){3}$/.test(ip) ? ip.split('.').map(Number) : [0, 0, 0, 0])

/** `status *<00>`, `register NEWBOX<00> 192.0.2.9`. */
function tell({ operation, type, name, suffix, address, response }: Query, { record }: Cx): void {
  const verb = operation === 'query' && type === NBSTAT ? 'status' : operation
  const shown = `${text(Buffer.from(name, 'latin1'), 64)}<${suffix.toString(16).padStart(2, '0')}>`
  const line = [...(response ? ['answer:'] : []), verb, shown, ...(address === undefined ? [] : [address])].join(' ')
  record.command({ line, verb })
}
