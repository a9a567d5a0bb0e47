import { fieldOf, type Request } from './message.ts'
import { mediaPorts } from './ports.ts'
import { common, parseSdp } from './sdp.ts'
import { alone, type Call, type Cx, type Exchange, keepCall, ownAddress } from './state.ts'

/** What the answer to a CANCEL needs of the INVITE (RFC 3261 §9.2), and no more of it. */
const kept = new Set(['via', 'from', 'to', 'call-id', 'cseq', 'record-route'])
const MOST_KEPT = 4096

const essence = (request: Request): Request => ({
  ...request,
  uri: alone(request.uri.slice(0, 256)),
  fields: request.fields
    .filter(({ name }) => kept.has(name))
    .map(({ name, value, line }) => ({ name: alone(name), value: alone(value), line: alone(line) })),
  body: Buffer.alloc(0),
})

/**
 * Puts a call down that was taken or rings. Nobody is called; what the caller says arrives at a port of ours. One whose
 * fields are longer than any client's is not remembered. What is asked again is the same call.
 */
export function begin(x: Exchange, tag: string, dialled: string, answered: boolean): Call {
  const { request, cx, attacker, again } = x
  const before = again ? attacker.calls.get(idOf(x)) : undefined
  if (before) return before
  const port = mediaPorts[cx.random(1)[0]! % mediaPorts.length]!
  const call = {
    invite: essence(request),
    tag,
    dialled: alone(dialled.slice(0, 128)),
    answered,
    port,
    offer: parseSdp(request.body),
  }
  const size = call.invite.fields.reduce((sum, { line }) => sum + line.length, 0)
  if (size <= MOST_KEPT) keepCall(attacker, alone(idOf(x)), call)
  return call
}

export const idOf = ({ request }: Pick<Exchange, 'request'>): string => fieldOf(request, 'call-id') ?? ''

/** The answer to an offer as Asterisk words it, with `maxptime` as its version has it; `undefined` where no codec is common. */
export function answerTo(call: Call, cx: Cx, name: string, maxptime: number): string | undefined {
  const { offer, port } = call
  const codecs = offer
    ? common(offer)
    : [
        { payload: 0, name: 'PCMU/8000' },
        { payload: 8, name: 'PCMA/8000' },
      ]
  if (codecs.every(({ name }) => /^telephone-event/i.test(name))) return undefined
  const ip = ownAddress(cx)
  const address = `${ip.includes(':') ? 'IP6' : 'IP4'} ${ip}`
  const id = offer ? offer.id : String(cx.random(4).readUInt32BE())
  const version = offer ? String(BigInt(offer.version) + 2n) : id
  return [
    'v=0',
    `o=- ${id} ${version} IN ${address}`,
    `s=${name}`,
    `c=IN ${address}`,
    't=0 0',
    `m=audio ${port + cx.destination.port - cx.port} RTP/AVP ${codecs.map(({ payload }) => payload).join(' ')}`,
    ...codecs.flatMap(({ payload, name }) => [
      `a=rtpmap:${payload} ${name}`,
      ...(/^telephone-event/i.test(name) ? [`a=fmtp:${payload} 0-16`] : []),
    ]),
    'a=ptime:20',
    `a=maxptime:${maxptime}`,
    'a=sendrecv',
    '',
  ].join('\r\n')
}
