import type { SampleWriter } from '#artifacts/samples.ts'
import { Malformed } from '#codec/malformed.ts'
import { type Attacker, attackerOf, type Call, type Cx, shown } from './state.ts'

/** What somebody says in a call: payloads one after another as they came, and keys that were pressed. */
type Stream = {
  call: Call
  codec: string
  writer: SampleWriter | undefined
  written: Promise<unknown>
  waiting: number
  size: number
  keys: string
  /** Of the key pressed last: its packets are sent several times. */
  lastKey: number
}

/** Bytes of one voice that are kept (over eight minutes of G.711), pieces of it in memory, keys. */
const MOST_BYTES = 4 << 20
const MOST_WAITING = 64
const MOST_KEYS = 256
const keys = '0123456789*#ABCD'
const endings = new Map([
  ['PCMU/8000', 'ulaw'],
  ['PCMA/8000', 'alaw'],
  ['GSM/8000', 'gsm'],
  ['G722/8000', 'g722'],
])

const streams = new WeakMap<Cx, Stream>()
const strangers = new WeakSet<Cx>()

/** RTP (RFC 3550 §5.1) that came to a port a call was told. It is kept, and never answered. */
export function hear(packet: Buffer, cx: Cx): undefined {
  const stream = streams.get(cx) ?? begun(cx)
  if (!stream) {
    if (strangers.has(cx)) return undefined
    strangers.add(cx)
    throw new Malformed('A datagram to a port for voices, and no call')
  }
  const rtp = parseRtp(packet)
  const name = nameOf(stream.call, rtp.payload)
  if (/^telephone-event/i.test(name)) press(stream, rtp)
  else keep(stream, name, rtp.bytes, cx)
  return undefined
}

/** The voice of a call that was told this port, which may go on a moment longer than the call. */
function begun(cx: Cx): Stream | undefined {
  const call = callAt(attackerOf(cx), cx.port)
  if (!call) return undefined
  const stream: Stream = {
    call,
    codec: '',
    writer: undefined,
    written: Promise.resolve(),
    waiting: 0,
    size: 0,
    keys: '',
    lastKey: -1,
  }
  streams.set(cx, stream)
  return stream
}

const callAt = ({ calls }: Attacker, port: number): Call | undefined =>
  [...calls.values()].findLast(call => call.answered && call.port === port)

const nameOf = ({ offer }: Call, payload: number): string =>
  offer?.names.get(payload) ?? (payload === 8 ? 'PCMA/8000' : payload === 0 ? 'PCMU/8000' : `payload ${payload}`)

function parseRtp(packet: Buffer): { payload: number; timestamp: number; bytes: Buffer } {
  if (packet.length < 12 || packet[0]! >> 6 !== 2) throw new Malformed('No RTP')
  let at = 12 + (packet[0]! & 15) * 4
  if (packet[0]! & 0x10 && packet.length >= at + 4) at += 4 + packet.readUInt16BE(at + 2) * 4
  const padding = packet[0]! & 0x20 ? packet.at(-1)! : 0
  if (at + padding > packet.length) throw new Malformed('RTP shorter than its header says')
  return {
    payload: packet[1]! & 0x7f,
    timestamp: packet.readUInt32BE(4),
    bytes: packet.subarray(at, packet.length - padding),
  }
}

/** A key (RFC 4733 §2.3): event, end and volume, duration. */
function press(stream: Stream, { timestamp, bytes }: { timestamp: number; bytes: Buffer }): void {
  const key = keys[bytes[0] ?? 16]
  if (key === undefined || stream.lastKey === timestamp || stream.keys.length >= MOST_KEYS) return
  stream.lastKey = timestamp
  stream.keys += key
}

function keep(stream: Stream, name: string, bytes: Buffer, cx: Cx): void {
  if (stream.waiting > MOST_WAITING || stream.size + bytes.length > MOST_BYTES || bytes.length === 0) return
  stream.codec ||= endings.get(name.toUpperCase()) ?? 'rtp'
  stream.writer ??= cx.sample()
  const { writer } = stream
  stream.size += bytes.length
  stream.waiting++
  stream.written = stream.written
    .then(() => writer.write(bytes))
    .finally(() => stream.waiting--)
    .catch(() => {})
}

/** The voice has fallen silent. */
export function hangUp(cx: Cx): void {
  const stream = streams.get(cx)
  streams.delete(cx)
  if (!stream) return
  const { writer, written, call, codec, keys: pressed } = stream
  if (pressed !== '') cx.record.command({ line: `DTMF ${pressed}`, verb: 'DTMF' })
  if (!writer) return
  void written
    .then(() => writer.close())
    .then(sample => cx.record.fileUpload({ path: shown(`/RTP/${call.dialled}.${codec}`, 256), sample }))
    .catch(() => {})
}
