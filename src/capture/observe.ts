import { fingerprint, isSyn } from '#packets/fingerprint.ts'
import { direction, flag, type Packet, protocols } from '#packets/packet.ts'
import { flowKey, openFlows } from './flows.ts'
import { handshakes, type Pending } from './handshakes.ts'
import type { records } from './records.ts'
import type { Kind, Sighting, stories } from './stories.ts'
import type { streams } from './streams.ts'

export type ObserveOptions = {
  stories: ReturnType<typeof stories>
  records: ReturnType<typeof records>
  /** The passive edition: nothing is answered, so every packet is a probe, and what comes anyway is put together. */
  streams?: ReturnType<typeof streams>
  flows?: ReturnType<typeof openFlows>
}

/** Neighbour discovery and multicast listeners (RFC 4861, RFC 3810): talk of the link. */
const linkTalk = (type: number) => (type >= 130 && type <= 137) || type === 143

/** An ICMP error (RFC 1122 §3.2.2, RFC 4443 §2.1): what it bears is our own packet. */
const isError = ({ protocol, icmpType: type }: Packet) =>
  protocol === protocols.icmp ? type >= 3 && type <= 12 && type !== 8 : protocol === protocols.icmpv6 && type < 128

/** Which kind of probe TCP flags make of a packet that belongs to nothing. Congestion's two flags change nothing. */
export function kindOf(flags: number): Kind {
  switch (flags & (flag.fin | flag.syn | flag.rst | flag.psh | flag.ack | flag.urg)) {
    case 0:
      return 'null'
    case flag.syn:
      return 'syn'
    case flag.fin:
      return 'fin'
    case flag.fin | flag.psh | flag.urg:
      return 'xmas'
    case flag.fin | flag.ack:
      return 'maimon'
    case flag.ack:
    case flag.ack | flag.psh:
      return 'ack'
    case flag.syn | flag.ack:
      return 'syn-ack'
    case flag.rst:
    case flag.rst | flag.ack:
      return 'rst'
    default:
      return 'odd-flags'
  }
}

/** Looks at every packet and sees to it that it stands in the story it belongs to, or in none. */
export function observer({ stories, records, streams, flows = openFlows() }: ObserveOptions) {
  let served: ReadonlySet<number> = new Set()
  let latest = 0
  const held = handshakes((key, pending) => {
    flows.set(key, 'probed')
    told(pending)
  })

  /** A SYN that led to nothing: one sighting a packet, retransmissions included. */
  function told({ sighting, packets }: Pending): void {
    for (let n = 0; n < packets; n++) stories.see(sighting)
  }

  const keyOf = (packet: Packet, source: string, destination: string) =>
    flowKey(packet.protocol, source, packet.sourcePort, destination, packet.destinationPort)

  function sightingOf(packet: Packet, kind: Kind, number: number): Sighting {
    // The packet is overwritten by the next one, and this is asked for later.
    let print: ReturnType<typeof fingerprint> | undefined
    const keep = kind === 'syn' ? fingerprint(packet) : undefined
    return {
      kind,
      source: packet.source,
      destination: packet.destination,
      number,
      at: packet.at,
      bytes: packet.length,
      sequence: packet.sequence,
      sourcePort: packet.sourcePort,
      destinationPort: packet.destinationPort,
      destination4: packet.family === 4 ? packet.destination4 : 0,
      fingerprint: () => (print ??= keep ?? fingerprint(packet)),
    }
  }

  function probe(packet: Packet, kind: Kind, number: number): void {
    const session = stories.see(sightingOf(packet, kind, number))
    if (streams || !isError(packet)) records.packet(packet, kind, session)
  }

  /** What we begin is nobody's probe when its answer comes. */
  function outgoing(packet: Packet): void {
    const { source, destination } = packet
    if (packet.protocol === protocols.udp || isSyn(packet)) {
      const key = flowKey(packet.protocol, destination, packet.destinationPort, source, packet.sourcePort)
      flows.set(key, flows.get(key) ?? 'ours')
    } else if (packet.icmpType === 8 || packet.icmpType === 128)
      flows.set(flowKey(0, destination, 0, source, 0), 'ours')
  }

  function tcp(packet: Packet): void {
    const kind = packet.wholeTcp ? kindOf(packet.flags) : 'fragment'
    const key = keyOf(packet, packet.source, packet.destination)
    if (streams) {
      probe(packet, kind, packet.destinationPort)
      if (packet.wholeTcp) streams.see(key, packet)
    } else if (kind === 'syn') {
      held.syn(key, sightingOf(packet, kind, packet.destinationPort))
      // Whether it is a probe is not known yet, and what it bears would be gone by then.
      if (packet.payloadLength > 0) records.packet(packet, kind, undefined)
    } else if (!knownTcp(key, packet)) probe(packet, kind, packet.destinationPort)
  }

  /** Does it belong to a conversation, or to a SYN that was seen? */
  function knownTcp(key: string, packet: Packet): boolean {
    if (packet.flags & flag.rst && held.broken(key)) return true
    if (flows.get(key) !== undefined) return true
    if (!(packet.flags & flag.ack) || packet.flags & (flag.syn | flag.rst)) return false
    const done = held.done(key, packet.sequence)
    if (done) accepted(key, done)
    return done !== undefined
  }

  function accepted(key: string, { sighting }: Pending): void {
    flows.set(key, 'accepted')
    const { source, sourcePort, destination, destinationPort } = sighting
    records.hello(
      { source: { ip: source, port: sourcePort }, destination: { ip: destination, port: destinationPort } },
      sighting.fingerprint(),
      sighting.at,
    )
  }

  function udp(packet: Packet): void {
    if (served.has(packet.destinationPort)) return
    if (flows.get(keyOf(packet, packet.source, packet.destination)) === 'ours') return
    probe(packet, 'udp', packet.destinationPort)
  }

  function icmp(packet: Packet, kind: 'icmp' | 'icmpv6'): void {
    const { icmpType: type } = packet
    if (kind === 'icmpv6' && linkTalk(type)) return
    const reply = type === (kind === 'icmp' ? 0 : 129)
    if (reply && flows.get(flowKey(0, packet.source, 0, packet.destination, 0)) === 'ours') return
    probe(packet, kind, type)
  }

  return {
    see(packet: Packet): void {
      if (packet.at > latest) latest = packet.at
      if (packet.loopback || packet.direction === direction.toOthers) return
      if (packet.direction === direction.fromUs) {
        outgoing(packet)
        return
      }
      // What is for the whole link is no probe of this machine, but in the passive edition nothing is left out. A later
      // fragment's first one told, or will tell, what it belongs to.
      if ((packet.direction !== direction.toUs && !streams) || packet.fragmentOffset > 0) return
      if (packet.protocol === protocols.tcp) tcp(packet)
      else if (packet.protocol === protocols.udp) udp(packet)
      else if (packet.protocol === protocols.icmp) icmp(packet, 'icmp')
      else if (packet.protocol === protocols.icmpv6) icmp(packet, 'icmpv6')
      else if (packet.protocol === protocols.sctp) probe(packet, 'sctp', packet.destinationPort)
      else probe(packet, 'protocol', packet.protocol)
    },

    /** UDP ports where a decoy listens: what comes there is its own story. */
    serve(ports: readonly number[]): void {
      served = new Set(ports)
    },

    /** Once a second. Packets may come late through the pipe: their own clock is what holds. */
    sweep(now: number): void {
      held.sweep(Math.max(latest, now - 2500))
      stories.sweep(now)
      streams?.sweep(now)
    },

    close(): void {
      held.close()
      streams?.close()
      stories.close()
    },

    stats: () => ({ held: held.stats(), flows: flows.size, ...stories.stats() }),
  }
}
