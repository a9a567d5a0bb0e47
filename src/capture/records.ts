import { hash } from 'node:crypto'
import type { SampleWriter } from '#artifacts/samples.ts'
import type { Sample, Sender } from '#events/action.ts'
import { type Recorder, type RecorderOptions, recorder, type Transport } from '#events/event.ts'
import { text } from '#events/text.ts'
import { type Fingerprint, fingerprint } from '#packets/fingerprint.ts'
import { flag, type Packet, protocols } from '#packets/packet.ts'
import { budget } from './budget.ts'
import type { Losses } from './losses.ts'
import { Recent } from './recent.ts'
import { type Chapter, type Kind, numbersOf } from './stories.ts'

export type RecordOptions = {
  recording: RecorderOptions
  sample: () => SampleWriter
  losses: Losses
  /** Every packet is worth an event, not only one with a payload: the passive edition. */
  everything: boolean
}

/** Bytes of a payload that stand in its event. */
export const inlineBytes = 1024
/** Samples being written at once, bytes that wait for that, and samples remembered so as not to be written again. */
const writing = 64
const waitingCap = 16 << 20
const remembered = 4096
/** Clients whose first packet was told in the last hour. */
const hellosCap = 8192
const helloMs = 3_600_000

const budgets = {
  payloads: { perSource: 64, refillMs: 3_000, overall: 500, overallMs: 20 },
  everything: { perSource: 200, refillMs: 600, overall: 2000, overallMs: 5 },
}

const flagNames = Object.entries(flag) as [string, number][]

const transports = new Map<Kind, Transport | undefined>([
  ['udp', 'udp'],
  ['sctp', 'sctp'],
  ['icmp', 'icmp'],
  ['icmpv6', 'ipv6-icmp'],
  ['protocol', undefined],
])

const senderOf = ({ ttl, initialTtl, hops, ja4t, os, tool }: Fingerprint): Sender => ({
  ttl,
  initial_ttl: initialTtl,
  hops,
  ...(ja4t === undefined ? {} : { ja4t }),
  ...(os === undefined ? {} : { os }),
  ...(tool === undefined ? {} : { tool }),
})

/** Turns what was seen into events: stories, single packets with what they carried, and first packets of connections. */
export function records({ recording, sample, losses, everything }: RecordOptions) {
  /** One a story, so that its events are counted through; gone with its end. */
  const open = new Map<string, Recorder>()
  const allowed = budget(everything ? budgets.everything : budgets.payloads)
  const hellos = new Recent<number>(hellosCap)
  const samples = new Recent<Sample>(remembered)
  const waiting: (() => void)[] = []
  let waitingBytes = 0
  let busy = 0

  /** The recorder of a story, whichever of its events comes first. */
  function of(session: string, kind: Kind, source: Chapter['source'], destination: Chapter['destination']): Recorder {
    const known = open.get(session)
    if (known) return known
    const made = recorderOf(session, kind, source, destination)
    open.set(session, made)
    return made
  }

  function recorderOf(
    session: string | undefined,
    kind: Kind,
    source: Chapter['source'],
    destination: Chapter['destination'],
  ): Recorder {
    const end = withPort(kind)
    const transport = transports.has(kind) ? transports.get(kind) : 'tcp'
    return recorder(
      {
        service: 'scan',
        ...(session === undefined ? {} : { session }),
        ...(source === undefined ? {} : { source: end(source) }),
        destination: end(destination),
        ...(transport === undefined ? {} : { transport }),
      },
      recording,
    )
  }

  function chapter(told: Chapter): void {
    const { session, kind, source, destination, numbers, first, last, fingerprint: print, sources, rate, reason } = told
    of(session, kind, source, destination).scan({
      kind,
      [numbersOf(kind)]: numbers,
      count: told.count,
      packets: told.packets,
      bytes: told.bytes,
      ...(rate === undefined ? {} : { rate }),
      first: new Date(first).toISOString(),
      last: new Date(last).toISOString(),
      tools: told.tools,
      destinations: told.destinations,
      ...(sources === undefined ? {} : { sources }),
      ...(print === undefined ? {} : { sender: senderOf(print) }),
      ...(reason === undefined ? {} : { reason }),
    })
    if (reason !== undefined) open.delete(session)
  }

  /** A packet, of a story if there is one yet, if it is worth an event of its own. */
  function packet(seen: Packet, kind: Kind, session: string | undefined): void {
    const payload = seen.payload
    if (payload.length === 0 && !everything) return
    const sha256 = payload.length === 0 ? undefined : hash('sha256', payload)
    const verdict = allowed(seen.source, everything ? undefined : sha256, seen.at)
    if (verdict === 'over') losses.add('capture', 'more packets of a source than its budget of events')
    if (verdict !== 'take') return
    const ends = [
      { ip: seen.source, port: seen.sourcePort },
      { ip: seen.destination, port: seen.destinationPort },
    ] as const
    const [source, destination] = ends.map(withPort(kind)) as [{ ip: string }, { ip: string }]
    const record = session === undefined ? recorderOf(undefined, kind, ...ends) : of(session, kind, ...ends)
    const details = {
      source,
      destination,
      bytes: seen.payloadLength,
      headers: headersOf(seen),
      sender: senderOf(fingerprint(seen)),
      ...(payload.length === 0 ? {} : { start: text(payload, inlineBytes) }),
    }
    if (sha256 === undefined) record.packet(details)
    else
      void keep(Buffer.from(payload), sha256).then(kept =>
        record.packet({ ...details, ...(kept === undefined ? {} : { sample: kept }) }),
      )
  }

  /** Keeps a payload as a sample, after those that are being written; `undefined`: too much waits already. */
  async function keep(payload: Buffer, sha256 = hash('sha256', payload)): Promise<Sample | undefined> {
    const known = samples.get(sha256)
    if (known) return known
    if (waitingBytes + payload.length > waitingCap) {
      losses.add('capture', 'more samples at once than can be written')
      return undefined
    }
    waitingBytes += payload.length
    busy++
    if (busy > writing) await new Promise<void>(resolve => waiting.push(resolve))
    try {
      const writer = sample()
      await writer.write(payload)
      const kept = await writer.close()
      samples.set(sha256, kept)
      return kept
    } finally {
      waitingBytes -= payload.length
      busy--
      waiting.shift()?.()
    }
  }

  /** The SYN of a connection that came about. */
  function hello(
    ends: { source: { ip: string; port: number }; destination: { ip: string; port: number } },
    print: Fingerprint,
    at: number,
  ): void {
    const who = `${ends.source.ip} ${print.ja4t}`
    const told = hellos.get(who)
    if (told !== undefined && at - told < helloMs) return
    hellos.set(who, at)
    recorder({ service: 'scan', ...ends, transport: 'tcp' }, recording).tcpHello(senderOf(print))
  }

  return { chapter, packet, hello, keep, stats: () => ({ open: open.size, busy }) }
}

const withPort = (kind: Kind) => {
  const ports = numbersOf(kind) === 'ports'
  return ({ ip, port }: { ip: string; port: number }) => (ports ? { ip, port } : { ip })
}

/** The headers of one packet, as far as they do not stand elsewhere in its event. */
function headersOf(seen: Packet): object {
  const { protocol, flags, wholeTcp, icmpType, icmpCode, id, label, length } = seen
  return {
    protocol,
    length,
    ...(seen.family === 4 ? { id } : { label }),
    ...(wholeTcp
      ? {
          flags: flagNames.flatMap(([name, bit]) => (flags & bit ? [name] : [])),
          sequence: seen.sequence,
          acknowledgement: seen.acknowledgement,
          window: seen.window,
        }
      : {}),
    ...(protocol === protocols.icmp || protocol === protocols.icmpv6 ? { type: icmpType, code: icmpCode } : {}),
  }
}
