import type { Decoded } from './decode.ts'
import { type Packet, protocols } from './packet.ts'

/** IPv4 (RFC 791 §3.1), then what it carries. */
export function decodeIpv4(packet: Packet, at: number, end: number): Decoded {
  const { bytes } = packet
  if (end - at < 20) return 'short'
  const header = (bytes[at]! & 15) * 4
  if (bytes[at]! >> 4 !== 4 || header < 20) return 'odd'
  if (end - at < header) return 'short'
  const total = bytes.readUInt16BE(at + 2)
  if (total !== 0 && total < header) return 'odd'
  const fragment = bytes.readUInt16BE(at + 6)
  packet.family = 4
  packet.id = bytes.readUInt16BE(at + 4)
  packet.label = 0
  packet.dontFragment = (fragment & 0x4000) !== 0
  packet.moreFragments = (fragment & 0x2000) !== 0
  packet.fragmentOffset = (fragment & 0x1fff) * 8
  packet.ttl = bytes[at + 8]!
  packet.protocol = bytes[at + 9]!
  packet.length = total === 0 ? end - at : total
  packet.sourceAt = at + 12
  packet.destinationAt = at + 16
  // Frames are padded to 60 bytes; and no length at all is what segmentation offload leaves behind.
  return carried(packet, at + header, end, total === 0 ? end : at + total)
}

/** Extension headers that say where the next one begins (RFC 8200 §4, RFC 6275 §6.1, RFC 7401 §5.1, RFC 5533 §5.2). */
const extensions: ReadonlySet<number> = new Set([0, 43, 60, 135, 139, 140])
const fragmentHeader = 44
const authentication = 51
/** Extension headers one behind another; each may stand there once, destination options twice (RFC 8200 §4.1). */
const extensionCap = 10

/** IPv6 (RFC 8200 §3) through its extension headers, then what it carries. */
export function decodeIpv6(packet: Packet, at: number, end: number): Decoded {
  const { bytes } = packet
  if (end - at < 40) return 'short'
  if (bytes[at]! >> 4 !== 6) return 'odd'
  const length = bytes.readUInt16BE(at + 4)
  packet.family = 6
  packet.id = 0
  packet.label = bytes.readUInt32BE(at) & 0xfffff
  packet.dontFragment = true
  packet.moreFragments = false
  packet.fragmentOffset = 0
  packet.ttl = bytes[at + 7]!
  packet.sourceAt = at + 8
  packet.destinationAt = at + 24
  const whole = length === 0 ? end : at + 40 + length
  packet.length = whole - at
  let next = bytes[at + 6]!
  let place = at + 40
  for (let headers = 0; ; headers++) {
    const isFragment = next === fragmentHeader
    if (!isFragment && next !== authentication && !extensions.has(next)) break
    if (headers === extensionCap) return 'odd'
    if (Math.min(end, whole) - place < 8) return 'short'
    if (isFragment) {
      const field = bytes.readUInt16BE(place + 2)
      packet.fragmentOffset = field & 0xfff8
      packet.moreFragments = (field & 1) !== 0
      packet.dontFragment = false
    }
    const size = isFragment ? 8 : next === authentication ? (bytes[place + 1]! + 2) * 4 : (bytes[place + 1]! + 1) * 8
    next = bytes[place]!
    place += size
    if (packet.fragmentOffset > 0) break
  }
  packet.protocol = next
  if (place > Math.min(end, whole)) return 'short'
  return carried(packet, place, end, whole)
}

/** What an IP packet carries, from `at`; `end` is where the bytes end that are here, `whole` where the packet does. */
function carried(packet: Packet, at: number, end: number, whole: number): Decoded {
  const stop = Math.min(end, whole)
  packet.hasPorts = false
  packet.wholeTcp = false
  packet.sourcePort = 0
  packet.destinationPort = 0
  packet.flags = 0
  packet.icmpType = 0
  packet.icmpCode = 0
  payload(packet, at, stop, whole)
  // Of a later fragment only the packet that it belongs to is known.
  if (packet.fragmentOffset > 0) return 'packet'
  switch (packet.protocol) {
    case protocols.tcp:
      return tcp(packet, at, stop, whole)
    case protocols.udp:
      return udp(packet, at, stop, whole)
    case protocols.sctp:
      if (stop - at < 12) return ports(packet, at, stop)
      payload(packet, at + 12, stop, whole)
      return ports(packet, at, stop)
    case protocols.icmp:
    case protocols.icmpv6:
      if (stop - at < 4) return 'short'
      packet.icmpType = packet.bytes[at]!
      packet.icmpCode = packet.bytes[at + 1]!
      // Type, code, checksum, and four bytes of which each type makes its own (RFC 792, RFC 4443 §2.1).
      payload(packet, Math.min(at + 8, stop), stop, whole)
      return 'packet'
    default:
      return 'packet'
  }
}

function payload(packet: Packet, at: number, end: number, whole: number): void {
  packet.payloadAt = Math.min(at, end)
  packet.payloadEnd = end
  packet.payloadLength = Math.max(0, whole - at)
}

function ports(packet: Packet, at: number, stop: number): Decoded {
  if (stop - at < 4) return 'short'
  packet.hasPorts = true
  packet.sourcePort = packet.bytes.readUInt16BE(at)
  packet.destinationPort = packet.bytes.readUInt16BE(at + 2)
  return 'packet'
}

/** RFC 9293 §3.1 */
function tcp(packet: Packet, at: number, stop: number, whole: number): Decoded {
  const { bytes } = packet
  if (ports(packet, at, stop) === 'short') return 'short'
  if (stop - at < 20) {
    payload(packet, stop, stop, stop)
    return packet.moreFragments ? 'packet' : 'short'
  }
  const header = (bytes[at + 12]! >> 4) * 4
  if (header < 20) return 'odd'
  packet.wholeTcp = true
  packet.sequence = bytes.readUInt32BE(at + 4)
  packet.acknowledgement = bytes.readUInt32BE(at + 8)
  packet.flags = bytes[at + 13]!
  packet.window = bytes.readUInt16BE(at + 14)
  packet.optionsAt = at + 20
  packet.optionsEnd = Math.min(at + header, stop)
  payload(packet, at + header, stop, whole)
  return 'packet'
}

/** RFC 768; a length that lies does not take away from what is there. */
function udp(packet: Packet, at: number, stop: number, whole: number): Decoded {
  if (ports(packet, at, stop) === 'short') return 'short'
  payload(packet, Math.min(at + 8, stop), stop, whole)
  return 'packet'
}
