import { Malformed } from '#codec/malformed.ts'
import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import type { Context, TcpContext, Withheld } from '#sensor/service.ts'
import { encode, nothing, type Reply, resolve, wrongEdns } from './answer.ts'
import type { Options } from './options.ts'
import { className, type Message, parse, plain, Rcode, typeName } from './wire.ts'

type Cx = Context<Options>

/** Messages behind their length, one after another (RFC 7766). */
export async function session(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  for (;;) {
    const length = (await conn.read(2)).readUInt16BE()
    const answer = respond(await conn.read(length), cx, true)
    if (!answer) return
    const head = Buffer.alloc(2)
    head.writeUInt16BE(answer.whole.length)
    await conn.write(Buffer.concat([head, answer.whole]))
  }
}

/** What does not fit into the question's size is told to come back over TCP, as a server under attack does (RFC 6891 §7). */
export function datagram(packet: Buffer, cx: Cx): Buffer | Withheld | undefined {
  const answer = respond(packet, cx, false)
  if (!answer) return undefined
  const { whole } = answer
  return whole.length <= packet.length ? whole : { withheld: whole.length, answer: answer.truncated() }
}

type Response = { whole: Buffer; truncated(): Buffer }

/** The answer to one message; undefined where named keeps silent. */
export function respond(packet: Buffer, cx: Cx, stream: boolean): Response | undefined {
  if (packet.length < 12) throw new Malformed(`A message of ${packet.length} bytes`)
  const flags = packet.readUInt16BE(2)
  // An answer is not answered.
  if (flags & 0x8000) {
    note(undefined, `response to nobody, ${packet.length} bytes`, cx)
    return undefined
  }
  let message: Message
  try {
    message = parse(packet)
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    cx.record.malformed({ why: error.message, bytes: text(packet, 256) })
    return bare(packet, Rcode.formErr)
  }
  note(message, '', cx)
  const reply = judge(message, cx)
  if (!reply) return bare(packet, Rcode.notImp)
  return {
    whole: encode(message, reply, cx, stream),
    truncated: () => encode(message, reply, cx, stream, true),
  }
}

const opcodes = ['QUERY', 'IQUERY', 'STATUS', 'opcode 3', 'NOTIFY', 'UPDATE', 'DSO']

function judge(message: Message, cx: Cx): Reply | undefined {
  const wrong = wrongEdns(message)
  if (wrong !== undefined) return nothing(wrong)
  if (message.opcode === 0) return resolve(message, cx)
  // A notification is thanked for; what a primary makes of it is its own affair.
  if (message.opcode === 4) return { ...nothing(Rcode.ok), authoritative: true }
  if (message.opcode === 5) return nothing(Rcode.refused)
  return undefined
}

/** A header alone: who could not be understood is told no more. */
function bare(packet: Buffer, rcode: number): Response {
  const head = Buffer.alloc(12)
  packet.copy(head, 0, 0, 2)
  head.writeUInt16BE(0x8000 | (packet.readUInt16BE(2) & 0x7910) | rcode, 2)
  return { whole: head, truncated: () => head }
}

const hunted = new Set(['version.bind', 'hostname.bind', 'id.server', 'authors.bind', 'version.server'])

function note(message: Message | undefined, otherwise: string, { record }: Cx): void {
  const question = message?.questions[0]
  const verb = message ? (opcodes[message.opcode] ?? `opcode ${message.opcode}`) : 'RESPONSE'
  if (!question) {
    record.command({ line: `${verb} ${otherwise}`.trim(), verb })
    return
  }
  const name = text(Buffer.from(plain(question.name), 'latin1'), 300)
  const type = typeName(question.type)
  const found = className(question.class)
  const marks = [message!.rd && '+recurse', message!.edns && `+edns ${message!.edns.size}`].filter(Boolean).join(' ')
  const line = `${verb === 'QUERY' ? '' : `${verb} `}${name} ${found} ${type}${marks ? ` ${marks}` : ''}`
  record.command({ line, verb: verb === 'QUERY' ? type : verb })
  if (type === 'AXFR' || type === 'IXFR')
    record.exploit({ id: 'dns-zone-transfer', name: 'Attempt to take a whole zone', evidence: line })
  else if (verb === 'UPDATE') record.exploit({ id: 'dns-update', name: 'Attempt to change a zone', evidence: line })
  else if (hunted.has(name.toLowerCase()))
    record.exploit({ id: 'dns-version', name: 'Name server asked who it is', evidence: line })
}
