import type { Sample } from '#events/action.ts'
import { type Recorder, type RecorderOptions, recorder } from '#events/event.ts'
import { text } from '#events/text.ts'
import { uuid7 } from '#events/uuid7.ts'
import { flag, type Packet } from '#packets/packet.ts'
import { inlineBytes } from './records.ts'

/** One side of a TCP conversation in which nobody answers. */
type Stream = {
  record: Recorder
  began: number
  last: number
  /** Sequence number of its first byte. */
  base: number
  /** Was the base told by a SYN? Otherwise an earlier byte may still come. */
  sure: boolean
  pieces: { at: number; bytes: Buffer }[]
  held: number
  /** Bytes of payload seen in all, repeated and dropped ones too. */
  received: number
}

export type StreamOptions = {
  recording: RecorderOptions
  keep: (bytes: Buffer) => Promise<Sample | undefined>
  most?: number
  /** Bytes kept of one stream, and of all. */
  streamCap?: number
  overallCap?: number
}

const silence = 30_000
/** Pieces of one stream: who sends single bytes gets no farther. */
const piecesCap = 256

/**
 * Puts together what clients send to somebody who never answers, by sequence number: data with a SYN, or after a handshake
 * that was only pretended. A conversation without a byte of payload is none. Bounded in number and in bytes; over a cap
 * the one that began first is told as it is.
 */
export function streams({ recording, keep, most = 2048, streamCap = 64 << 10, overallCap = 16 << 20 }: StreamOptions) {
  const open = new Map<string, Stream>()
  let bytes = 0

  function begin(key: string, packet: Packet): Stream {
    if (open.size >= most) finish(open.keys().next().value!, 'evicted')
    const record = recorder(
      {
        session: uuid7(Math.round(packet.at)),
        service: 'unanswered',
        source: { ip: packet.source, port: packet.sourcePort },
        destination: { ip: packet.destination, port: packet.destinationPort },
        transport: 'tcp',
      },
      recording,
    )
    record.connectionOpened({})
    const syn = (packet.flags & flag.syn) !== 0
    const base = (packet.sequence + (syn ? 1 : 0)) >>> 0
    const stream: Stream = {
      record,
      began: packet.at,
      last: packet.at,
      base,
      sure: syn,
      pieces: [],
      held: 0,
      received: 0,
    }
    open.set(key, stream)
    return stream
  }

  function take(stream: Stream, packet: Packet): void {
    const start = (packet.sequence + (packet.flags & flag.syn ? 1 : 0)) >>> 0
    let at = (start - stream.base) | 0
    if (at < 0 && !stream.sure && -at <= streamCap) {
      // It came before what was taken for the first.
      for (const piece of stream.pieces) piece.at -= at
      stream.base = start
      at = 0
    }
    stream.received += packet.payloadLength
    if (at < 0 || at >= streamCap || stream.pieces.length >= piecesCap) return
    const payload = packet.payload.subarray(0, streamCap - at)
    if (stream.held + payload.length > streamCap) return
    if (stream.pieces.some(piece => piece.at === at && piece.bytes.length >= payload.length)) return
    stream.pieces.push({ at, bytes: Buffer.from(payload) })
    stream.held += payload.length
    bytes += payload.length
  }

  function finish(key: string, reason: 'idle' | 'reset' | 'eof' | 'evicted' | 'shutdown'): void {
    const { record, began, last, pieces, held, received } = open.get(key)!
    open.delete(key)
    bytes -= held
    const whole = assemble(pieces)
    const close = () => record.connectionClosed({ reason, milliseconds: Math.round(last - began), received, sent: 0 })
    void keep(whole).then(sample => {
      if (sample) record.payload({ sample, start: text(whole, inlineBytes) })
      close()
    })
  }

  return {
    see(key: string, packet: Packet): void {
      const known = open.get(key)
      if (!known && packet.payloadLength === 0) return
      const stream = known ?? begin(key, packet)
      stream.last = packet.at
      if (packet.payloadLength > 0) take(stream, packet)
      if (packet.flags & flag.rst) finish(key, 'reset')
      while (bytes > overallCap) finish(open.keys().next().value!, 'evicted')
    },
    sweep(now: number): void {
      for (const [key, { last }] of open) if (now - last >= silence) finish(key, 'idle')
    },
    close(): void {
      for (const key of [...open.keys()]) finish(key, 'shutdown')
    },
    stats: () => ({ streams: open.size, bytes }),
  }
}

/** The pieces in order; where two overlap, the first to come holds, and what is missing is left out. */
export function assemble(pieces: readonly { at: number; bytes: Buffer }[]): Buffer {
  const sorted = [...pieces].sort((a, b) => a.at - b.at)
  const parts: Buffer[] = []
  let end = 0
  for (const { at, bytes } of sorted) {
    if (at + bytes.length <= end) continue
    parts.push(bytes.subarray(Math.max(0, end - at)))
    end = at + bytes.length
  }
  return Buffer.concat(parts)
}
