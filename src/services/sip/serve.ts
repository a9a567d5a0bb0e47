import { Malformed } from '#codec/malformed.ts'
import type { Conn } from '#sensor/conn.ts'
import type { TcpContext, Withheld } from '#sensor/service.ts'
import { viaParam } from './address.ts'
import { asterisk, encodeAsterisk } from './asterisk.ts'
import { encodeKamailio, kamailio } from './kamailio.ts'
import { hangUp, hear } from './media.ts'
import { fieldOf, MOST_HEAD, parseDatagram, parseHead, type Request, type Response } from './message.ts'
import { keepMessage, noteCall, noteRequest } from './note.ts'
import type { Options } from './options.ts'
import { mediaPorts } from './ports.ts'
import { type Encode, fitting, type Reply } from './reply.ts'
import { attackerOf, type Cx, type Exchange, seenBefore, shown, type Transport } from './state.ts'

const media: ReadonlySet<number> = new Set(mediaPorts)

/** Asterisk answers a call a moment after it said that it tries: what its dialplan takes. */
const MOMENT = 1

const productOf = ({ options, persona }: Cx): 'Asterisk' | 'Kamailio' =>
  options.product === 'persona' ? persona.software.sip.product : options.product

const encoderOf = (cx: Cx): Encode => (productOf(cx) === 'Asterisk' ? encodeAsterisk(cx) : encodeKamailio(cx))

/** Messages one after another, each as long as it says (RFC 3261 §18.3). */
export async function session(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  const encode = encoderOf(cx)
  for (;;) {
    const message = await readMessage(conn, productOf(cx) === 'Kamailio')
    const x = exchange(message, cx, cx.encrypted ? 'TLS' : 'TCP')
    if (!x) continue
    const replies = answer(x)
    if (x.request.method === 'MESSAGE') await keepMessage(x)
    for (const [i, reply] of replies.entries()) {
      if (i > 0) await cx.pause(MOMENT)
      await conn.write(encode(reply, 3))
    }
  }
}

/** `pongs`: two empty lines between messages are a question whether anybody is there, and one is the answer (RFC 5626 §4.4.1). */
async function readMessage(conn: Conn, pongs: boolean): Promise<Request | Response> {
  for (;;) {
    const head = (await conn.readUntil('\n\r\n', MOST_HEAD)).toString('latin1').replace(/^[\r\n]+/, '')
    if (head === '') {
      if (pongs) await conn.write('\r\n')
      continue
    }
    const message = parseHead(head)
    if (message.length === undefined) throw new Malformed('A message in a stream, and no Content-Length')
    return { ...message, body: await conn.read(message.length) }
  }
}

/** A datagram and what it is answered with, in as many bytes as there is room for. */
export function datagram(packet: Buffer, cx: Cx, room: number): Buffer | readonly Buffer[] | Withheld | undefined {
  if (media.has(cx.port)) return hear(packet, cx)
  // Kept open through a translator: RFC 5626 §3.5.1, and what phones send that never read it.
  if (packet.length <= 4 || packet.every(byte => byte === 13 || byte === 10)) return undefined
  const x = exchange(parseDatagram(packet), cx, 'UDP')
  if (!x) return undefined
  const replies = answer(x)
  if (x.request.method === 'MESSAGE') void keepMessage(x).catch(() => {})
  if (replies.length === 0) return undefined
  const fits = fitting(replies, encoderOf(cx), room)
  return typeof fits === 'number' ? { withheld: fits } : fits
}

/** What a message starts; nothing where it is an answer, which nobody here asked for. */
export function exchange(message: Request | Response, cx: Cx, transport: Transport): Exchange | undefined {
  if (message.kind === 'response') {
    cx.record.command({ line: shown(message.line), verb: 'response' })
    return undefined
  }
  const attacker = attackerOf(cx)
  const [via = '', id = '', cseq = ''] = ['via', 'call-id', 'cseq'].map(name => fieldOf(message, name))
  const branch = viaParam(via, 'branch') ?? ''
  // Without the cookie of RFC 3261, a branch tells transactions apart for nobody.
  const again = branch.startsWith('z9hG4bK') && seenBefore(attacker, `${branch} ${id} ${cseq}`.slice(0, 512))
  return { request: message, cx, attacker, transport, again }
}

/** The product's answers, after all that there is to write down. */
export function answer(x: Exchange): Reply[] {
  noteRequest(x)
  const replies = (productOf(x.cx) === 'Asterisk' ? asterisk : kamailio)(x)
  const last = replies.at(-1)
  if (x.request.method === 'INVITE') noteCall(x, last?.status ?? 0)
  return replies
}

/** An address and port of a datagram's has fallen silent: so has its voice. */
export const silent = (cx: Cx): void => hangUp(cx)
