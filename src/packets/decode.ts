import { decodeIpv4, decodeIpv6 } from './ip.ts'
import { direction, type Packet } from './packet.ts'
import { linkTypes } from './pcap.ts'

/**
 * What came of taking a frame apart. `other`: no IP, such as ARP. `short`: cut off, or lying about its length. `odd`: a
 * header that no standard knows.
 */
export type Decoded = 'packet' | 'other' | 'short' | 'odd'

const etherIpv4 = 0x0800
const etherIpv6 = 0x86dd
/** IEEE 802.1Q, 802.1ad, and the type that came before the latter. */
const vlanTypes: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100])
/** Tags one behind another; a provider's and a customer's are two. */
const vlanCap = 4
/** linux/if_arp.h */
const arphrdLoopback = 772

/**
 * Takes the frame from `start` to `end` apart into `packet`, which is overwritten; nothing is copied. Never throws for what
 * is in the frame.
 */
export function decode(packet: Packet, bytes: Buffer, start: number, end: number, at: number, link: number): Decoded {
  packet.bytes = bytes
  packet.at = at
  packet.direction = direction.toUs
  packet.loopback = false
  if (link === linkTypes.ethernet) return ethernet(packet, bytes, start, end)
  if (link === linkTypes.cooked2) return cooked2(packet, bytes, start, end)
  if (link === linkTypes.cooked) return cooked(packet, bytes, start, end)
  if (link === linkTypes.raw || link === linkTypes.ipv4 || link === linkTypes.ipv6) return ip(packet, start, end)
  return 'other'
}

/** Destination (6), source (6), type (2); bit 0 of the first byte: a group address (IEEE 802.3 §3.2). */
function ethernet(packet: Packet, bytes: Buffer, start: number, end: number): Decoded {
  if (end - start < 14) return 'short'
  if (bytes[start]! & 1) packet.direction = bytes[start] === 0xff ? direction.broadcast : direction.multicast
  return byType(packet, bytes, start + 12, end)
}

/** Packet type (2), ARPHRD type (2), address length (2), address (8), protocol (2). */
function cooked(packet: Packet, bytes: Buffer, start: number, end: number): Decoded {
  if (end - start < 16) return 'short'
  packet.direction = bytes.readUInt16BE(start)
  packet.loopback = bytes.readUInt16BE(start + 2) === arphrdLoopback
  return byType(packet, bytes, start + 14, end)
}

/** Protocol (2), reserved (2), interface index (4), ARPHRD type (2), packet type (1), address length (1), address (8). */
function cooked2(packet: Packet, bytes: Buffer, start: number, end: number): Decoded {
  if (end - start < 20) return 'short'
  packet.direction = bytes[start + 10]!
  packet.loopback = bytes.readUInt16BE(start + 8) === arphrdLoopback
  const type = bytes.readUInt16BE(start)
  if (vlanTypes.has(type)) return byType(packet, bytes, start + 22, end)
  return ofType(packet, type, start + 20, end)
}

/** From the place of an EtherType on, through VLAN tags: tag (2), type (2). */
function byType(packet: Packet, bytes: Buffer, place: number, end: number): Decoded {
  let at = place
  for (let tags = 0; ; tags++) {
    if (end - at < 2) return 'short'
    const type = bytes.readUInt16BE(at)
    if (!vlanTypes.has(type)) return ofType(packet, type, at + 2, end)
    if (tags === vlanCap) return 'odd'
    at += 4
  }
}

function ofType(packet: Packet, type: number, at: number, end: number): Decoded {
  if (type === etherIpv4) return decodeIpv4(packet, at, end)
  if (type === etherIpv6) return decodeIpv6(packet, at, end)
  return 'other'
}

function ip(packet: Packet, at: number, end: number): Decoded {
  if (at === end) return 'short'
  const version = packet.bytes[at]! >> 4
  return version === 4 ? decodeIpv4(packet, at, end) : version === 6 ? decodeIpv6(packet, at, end) : 'odd'
}
