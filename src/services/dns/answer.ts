import { createHash } from 'node:crypto'
import type { Context } from '#sensor/service.ts'
import type { Options } from './options.ts'
import { type Entry, folded, type Message, type Name, named, type Option, Rcode, u32s, Writer } from './wire.ts'
import { ownZone, type Zone, zoneOf } from './zone.ts'

type Cx = Context<Options>

/** What named says to a question. Rcodes over 15 need EDNS. */
export type Reply = {
  rcode: number
  authoritative: boolean
  answer: Entry[]
  authority: Entry[]
  additional: Entry[]
  /** Extended DNS error (RFC 8914). */
  ede?: number
}
/** An answer without records. */
export const nothing = (rcode: number, ede?: number): Reply => ({
  rcode,
  authoritative: false,
  answer: [],
  authority: [],
  additional: [],
  ...(ede === undefined ? {} : { ede }),
})

const T = { a: 1, ns: 2, cname: 5, soa: 6, mx: 15, txt: 16, aaaa: 28, ixfr: 251, axfr: 252, any: 255 } as const
const PROHIBITED = 18

/** One question of opcode QUERY. */
export function resolve(message: Message, cx: Cx): Reply {
  const question = message.questions[0]
  if (message.questions.length !== 1 || question === undefined) return nothing(Rcode.formErr)
  const { name, type, class: found } = question
  if (found === 3) return chaos(name, type, message.rd, cx)
  if (found === 255) return nothing(Rcode.formErr)
  if (found !== 1) return nothing(Rcode.refused, PROHIBITED)
  const zone = zoneOf(name, ownZone(cx.persona, cx.destination.ip))
  if (type === T.axfr || type === T.ixfr) {
    const here = zone && folded(zone.apex) === folded(name)
    return nothing(here ? Rcode.refused : Rcode.notAuth)
  }
  // Meta types that nobody can ask for (RFC 6895 §3.1).
  if (type === 41 || type === 250) return nothing(Rcode.formErr)
  if (type === 249) return nothing(Rcode.formErr)
  if (type === 253 || type === 254) return nothing(Rcode.notImp)
  return zone ? lookUp(zone, name, type, message.rd, cx) : nothing(Rcode.refused, PROHIBITED)
}

function lookUp(zone: Zone, name: Name, type: number, rd: boolean, cx: Cx): Reply {
  const reply: Reply = { ...nothing(Rcode.ok), authoritative: true }
  let here = zone.entries.get(folded(name)) ?? []
  let owner = name
  // Zones that BIND makes by itself answer in the question's own letters.
  const made = zone.entries.size === 1
  const alias = here.find(entry => entry.type === T.cname)
  if (alias && type !== T.cname && type !== T.any) {
    reply.answer.push(alias)
    const target = alias.data.kind === 'name' ? alias.data.names[0]! : []
    owner = target
    here = zone.entries.get(folded(target)) ?? []
  }
  const found = here.filter(entry => type === T.any || entry.type === type)
  reply.answer.push(...shuffled(found, cx).map(entry => (made ? { ...entry, name } : entry)))
  if (found.length === 0) {
    const soa = zone.entries.get(folded(zone.apex))!.find(entry => entry.type === T.soa)!
    const minimum = soa.data.kind === 'name' ? soa.data.after!.readUInt32BE(16) : soa.ttl
    reply.authority.push({ ...soa, ttl: Math.min(soa.ttl, minimum) })
    const below = [...zone.entries.keys()].some(key => key.endsWith(`.${folded(owner)}`))
    if (here.length === 0 && !below) reply.rcode = Rcode.nxDomain
    return reply
  }
  // minimal-responses no-auth-recursive: who wants recursion gets no authority section; what is named is added anyway.
  const servers = zone.entries.get(folded(zone.apex))!.filter(entry => entry.type === T.ns)
  if (type === T.any) return reply
  if (!rd && !(folded(owner) === folded(zone.apex) && type === T.ns)) reply.authority.push(...shuffled(servers, cx))
  add(zone, reply)
  return reply
}

/** rrset-order: random. */
const shuffled = (entries: Entry[], cx: Cx): Entry[] => {
  const ns = entries.filter(entry => entry.type === T.ns)
  if (ns.length < 2 || cx.random(1)[0]! % 2 === 0) return entries
  const turned = [...ns.slice(1), ns[0]!]
  return entries.map(entry => (entry.type === T.ns ? turned.shift()! : entry))
}

/** Addresses of the servers and mail exchangers that an answer names. */
function add(zone: Zone, reply: Reply): void {
  const seen = new Set(
    reply.answer.filter(({ type }) => type === T.a || type === T.aaaa).map(({ name }) => folded(name)),
  )
  for (const { type, data } of [...reply.answer, ...reply.authority]) {
    if ((type !== T.ns && type !== T.mx) || data.kind !== 'name') continue
    const key = folded(data.names[0]!)
    if (seen.has(key)) continue
    seen.add(key)
    const addresses = (zone.entries.get(key) ?? []).filter(entry => entry.type === T.a || entry.type === T.aaaa)
    reply.additional.push(...addresses)
  }
}

const CH = 3
/** The class in which named speaks of itself (bin/named/config.c, "_bind"). */
function chaos(name: Name, type: number, rd: boolean, { persona }: Cx): Reply {
  const texts = new Map([
    ['version.bind', persona.software.dns.identification],
    ['hostname.bind', persona.hostname],
    ['id.server', ''],
  ])
  const key = folded(name)
  const text = texts.get(key)
  if (text === undefined) return nothing(Rcode.refused, PROHIBITED)
  const reply: Reply = { ...nothing(Rcode.ok), authoritative: true }
  if ((type === T.txt || type === T.any) && text !== '') {
    reply.answer.push({ name, type: T.txt, class: CH, ttl: 0, data: { kind: 'text', text } })
    if (!rd) reply.authority.push({ name, type: T.ns, class: CH, ttl: 0, data: { kind: 'name', names: [named(key)] } })
  } else {
    const after = u32s(0, 28_800, 7200, 604_800, 86_400)
    const names = [name, ['hostmaster', ...name]]
    const data = { kind: 'name', names, after } as const
    const soa: Entry = { name, type: T.soa, class: CH, ttl: 86_400, data }
    if (type === T.soa) reply.answer.push(soa)
    else reply.authority.push(soa)
  }
  return reply
}

const COOKIE = 10
/** RFC 9018: version, reserved, time, and a hash that only this server can make. */
function cookie(client: Buffer, cx: Cx): Option {
  const time = Buffer.alloc(4)
  time.writeUInt32BE(Math.floor((cx.now() + cx.persona.clockSkew) / 1000) >>> 0)
  const secret = cx.persona.derive('dns cookie', 16)
  const front = Buffer.concat([client, Buffer.of(1, 0, 0, 0), time])
  const hash = createHash('sha256').update(secret).update(front).update(cx.source.ip).digest().subarray(0, 8)
  return { code: COOKIE, data: Buffer.concat([front, hash]) }
}

/** Is the EDNS part of a question as it should be; otherwise the rcode. */
export function wrongEdns({ edns, twice }: Message): number | undefined {
  if (!edns) return undefined
  if (twice) return Rcode.formErr
  if (edns.version > 0) return Rcode.badVers
  const sent = edns.options.find(option => option.code === COOKIE)
  // RFC 7873 §5.2.2.
  if (sent && (sent.data.length < 8 || (sent.data.length > 8 && sent.data.length < 16) || sent.data.length > 40))
    return Rcode.formErr
  return undefined
}

/** The whole answer, or with `truncated` its header and question alone. */
export function encode(message: Message, reply: Reply, cx: Cx, stream: boolean, truncated = false): Buffer {
  const writer = new Writer()
  const { edns } = message
  const counts = truncated ? [0, 0, 0] : [reply.answer.length, reply.authority.length, reply.additional.length]
  const flags =
    0x8000 |
    (message.opcode << 11) |
    (reply.authoritative ? 0x400 : 0) |
    (truncated ? 0x200 : 0) |
    (message.rd ? 0x100 : 0) |
    (message.cd ? 0x10 : 0) |
    (reply.rcode & 15)
  const question = message.questions[0]
  writer.u16(message.id, flags, question ? 1 : 0, counts[0]!, counts[1]!, counts[2]! + (edns && !message.twice ? 1 : 0))
  if (question) {
    writer.name(question.name)
    writer.u16(question.type, question.class)
  }
  if (!truncated) for (const entry of [...reply.answer, ...reply.authority, ...reply.additional]) writer.entry(entry)
  if (edns && !message.twice) writer.bytes(optOf(message, reply, cx, stream, truncated))
  return writer.done()
}

function optOf({ edns }: Message, reply: Reply, cx: Cx, stream: boolean, truncated: boolean): Buffer {
  const options: Option[] = []
  const sent = edns!.options.find(option => option.code === COOKIE)
  if (!truncated && sent && sent.data.length >= 8 && reply.rcode !== Rcode.formErr)
    options.push(cookie(sent.data.subarray(0, 8), cx))
  // edns-tcp-keepalive (RFC 7828): tcp-advertised-timeout is 300 tenths of a second.
  if (!truncated && stream && edns!.options.some(option => option.code === 11))
    options.push({ code: 11, data: Buffer.of(1, 0x2c) })
  const subnet = edns!.options.find(option => option.code === 8)
  if (!truncated && subnet && subnet.data.length <= 20) options.push(subnet)
  if (!truncated && reply.ede !== undefined) options.push({ code: 15, data: Buffer.of(0, reply.ede) })
  const data = Buffer.concat(
    options.map(option => {
      const head = Buffer.alloc(4)
      head.writeUInt16BE(option.code, 0)
      head.writeUInt16BE(option.data.length, 2)
      return Buffer.concat([head, option.data])
    }),
  )
  const opt = Buffer.alloc(11)
  opt.writeUInt16BE(41, 1)
  opt.writeUInt16BE(1232, 3)
  opt[5] = reply.rcode >> 4
  opt.writeUInt16BE(edns!.flags & 0x8000, 7)
  opt.writeUInt16BE(data.length, 9)
  return Buffer.concat([opt, data])
}
