import { downloadsIn } from '#codec/downloads.ts'
import { Malformed } from '#codec/malformed.ts'
import { text } from '#events/text.ts'
import type { Context, Withheld } from '#sensor/service.ts'
import { answer, CISCO_CONFIG, CISCO_WRITE, EXTEND } from './agent.ts'
import * as ber from './ber.ts'
import {
  type Community,
  type Engine,
  encodeCommunity,
  encodePdu,
  encodeReport,
  Pdu,
  parseMessage,
  parsePdu,
  pduNames,
  type Request,
  type Secured,
} from './message.ts'
import { mibOf, startedAt, type Written } from './mib.ts'
import type { Options } from './options.ts'

type Cx = Context<Options>

/** What is kept of an attacker: communities and users tried, so that a walk is one log-in, and what was written. */
type Known = { tried: Set<string>; written: Written; reports: Map<string, number> }
const TRIED = 4096

const stateOf = (cx: Cx) => cx.attacker((): Known => ({ tried: new Set(), written: new Map(), reports: new Map() }))

/** A datagram and its answer, of which the runtime lets out what its sender has sent before. */
export function datagram(packet: Buffer, cx: Cx, room: number): Buffer | Withheld | undefined {
  const message = parseMessage(packet)
  if ('community' in message) return withCommunity(message, cx, room)
  if ('scoped' in message) return secured(message, packet, cx)
  throw new Malformed(`SNMP version ${message.version}`)
}

/** True the first time. */
function first(key: string, { tried }: Known): boolean {
  if (tried.has(key)) return false
  if (tried.size < TRIED) tried.add(key)
  return true
}

function withCommunity({ version, community, pdu }: Community, cx: Cx, room: number) {
  const request = parsePdu(pdu)
  const known = stateOf(cx)
  const word = community.toString('latin1')
  const mayWrite = cx.options.write.includes(word)
  const mayRead = mayWrite || cx.options.read.includes(word)
  const method = version === 0 ? 'snmp-v1' : 'snmp-v2c'
  if (first(`${method} ${word}`, known))
    cx.record.login({ method, password: text(community, 256), outcome: mayRead ? 'success' : 'failure' })
  note(request, cx)
  // Who has a wrong community is not answered at all.
  if (!mayRead) return undefined
  const said = answer({ request, mib: mibOf(cx, known.written), version, mayWrite, written: known.written, room })
  if (!said) return undefined
  const whole = encodeCommunity(version, community, encodePdu(said))
  if (whole.length <= room) return whole
  // RFC 1157 §4.1.2: what is too large is told so, in the size of the question. Version 2's askers come again instead.
  const small = { ...said, first: 1, second: 0, bindings: request.bindings }
  return {
    withheld: whole.length,
    answer: version === 0 ? encodeCommunity(version, community, encodePdu(small)) : undefined,
  }
}

const shownOids = 24

/** A request in a line: kind, names, and what is to be written. */
function note(request: Request, cx: Cx): void {
  const verb = pduNames.get(request.type) ?? `PDU ${request.type}`
  const values = request.bindings
    .slice(0, shownOids)
    .map(({ oid, value }) => (request.type === Pdu.set ? `${ber.dotted(oid)}=${shown(value)}` : ber.dotted(oid)))
  const bulk = request.type === Pdu.getBulk ? [`${request.first}+${request.second}`] : []
  const more = request.bindings.length > shownOids ? [`… ${request.bindings.length}`] : []
  const line = [verb, ...bulk, ...values, ...more].join(' ')
  cx.record.command({ line: line.slice(0, 4096), verb })
  if (request.type === Pdu.set) examine(request, line.slice(0, 1024), cx)
}

/** A value of a SET: text as text, all else in hex. */
function shown(value: Buffer): string {
  const { tag, content } = ber.element(new ber.Cursor(value))
  if (tag === 0x04) return JSON.stringify(text(content, 512))
  if (tag === 0x02 && content.length > 0 && content.length <= 6) return String(ber.integerOf(content))
  return content.toString('hex').slice(0, 128)
}

/** The ways from a community that may write into a machine or a router. */
function examine(request: Request, line: string, cx: Cx): void {
  const names = request.bindings.map(({ oid }) => ber.dotted(oid))
  const exploit = (id: string, name: string) => cx.record.exploit({ id, name, evidence: line })
  if (names.some(name => name.startsWith(EXTEND))) {
    exploit('snmp-extend', 'Command to be run by net-snmp’s extension table')
    const commands = request.bindings.map(({ value }) => ber.element(new ber.Cursor(value)).content.toString('latin1'))
    for (const download of downloadsIn(commands.join(' '))) cx.record.fileDownload(download)
  }
  for (const { oid, value } of request.bindings) {
    const name = ber.dotted(oid)
    const prefix = [CISCO_WRITE, CISCO_CONFIG].find(known => name.startsWith(known))
    if (prefix === undefined) continue
    exploit('snmp-cisco-config', 'Configuration of a router to be sent or fetched by TFTP')
    const file = text(ber.element(new ber.Cursor(value)).content, 256)
    const address = oid.slice(-4).join('.')
    cx.record.fileDownload({ url: `tftp://${address}/${file}`, tool: 'snmp' })
  }
}

/** RFC 3414 §3.2, in its order: engine, user, then whether what is asked for can be had. */
const reports = {
  securityLevel: '1.3.6.1.6.3.15.1.1.1.0',
  timeWindow: '1.3.6.1.6.3.15.1.1.2.0',
  user: '1.3.6.1.6.3.15.1.1.3.0',
  engine: '1.3.6.1.6.3.15.1.1.4.0',
} as const

/** Net-SNMP's own engine identifier: enterprise 8072, format 128, four random bytes and the time of the first start. */
export function engineOf(cx: Cx): Engine {
  const { persona } = cx
  const time = Buffer.alloc(8)
  time.writeUInt32LE(Math.floor((persona.installedAt + 2 * 3_600_000) / 1000))
  const id = Buffer.concat([Buffer.from('80001f8880', 'hex'), persona.derive('snmp engine', 4), time])
  const seconds = Math.max(0, Math.floor((cx.now() + persona.clockSkew - startedAt(cx)) / 1000))
  return { id, boots: 2 + (persona.derive('snmp boots', 1)[0]! % 30), time: seconds }
}

const AUTHENTICATED = 1

/** hashcat's modes 25000 and 26700 to 27300 by the length of the digest (RFC 3414 §6, RFC 7860 §4). */
const digestKinds = new Map([
  [12, [0, 'usm-md5-sha1']],
  [16, [3, 'usm-sha224']],
  [24, [4, 'usm-sha256']],
  [32, [5, 'usm-sha384']],
  [48, [6, 'usm-sha512']],
] as const)

/** `$SNMPv3$kind$number$message with its digest zeroed$engine$digest`, all in hex. */
export function crackable(message: Secured, packet: Buffer): { method: string; hash: string } | undefined {
  const [kind, method] = digestKinds.get(message.digest.length as 12) ?? []
  if (kind === undefined || method === undefined || packet.length > 1500) return undefined
  const whole = Buffer.from(packet)
  whole.fill(0, message.digestAt, message.digestAt + message.digest.length)
  // A number to tell lines apart, of which hashcat takes eight digits.
  const number = message.id % 100_000_000
  const parts = [number, whole.toString('hex'), message.engineId.toString('hex'), message.digest.toString('hex')]
  return { method, hash: `$SNMPv3$${kind}$${parts.join('$')}` }
}

function secured(message: Secured, packet: Buffer, cx: Cx): Buffer | undefined {
  const engine = engineOf(cx)
  const known = stateOf(cx)
  const user = text(message.user, 64)
  const level = ['noAuthNoPriv', 'authNoPriv', '', 'authPriv'][message.flags & 3]
  cx.record.command({ line: `SNMPv3 ${level}${user ? ` user ${user}` : ' discovery'}`, verb: 'SNMPv3' })
  const material = message.flags & AUTHENTICATED ? crackable(message, packet) : undefined
  if (material && first(`usm ${user} ${material.hash.slice(-40)}`, known))
    cx.record.login({ method: material.method, user, hash: material.hash, outcome: 'failure' })
  else if (!material && user !== '' && first(`usm ${user}`, known))
    cx.record.login({ method: 'usm-none', user, outcome: 'failure' })
  if (message.model !== 3) return undefined
  const which = message.engineId.equals(engine.id) ? 'user' : 'engine'
  const count = (known.reports.get(which) ?? 0) + 1
  known.reports.set(which, count)
  return encodeReport(message, engine, ber.oid(reports[which]), count, requestIdOf(message))
}

/** Of a request that is not encrypted; 0 of any other (RFC 3412 §7.1.3). */
function requestIdOf({ scoped, flags }: Secured): number {
  if (flags & 2 || scoped.tag !== 0x30) return 0
  try {
    const cursor = new ber.Cursor(scoped.content)
    ber.expect(cursor, 4)
    ber.expect(cursor, 4)
    return ber.integerOf(ber.expect(new ber.Cursor(ber.element(cursor).content), 2))
  } catch (error) {
    if (error instanceof Malformed) return 0
    throw error
  }
}
