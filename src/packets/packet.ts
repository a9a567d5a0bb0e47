/** Which way a frame went, as Linux's cooked header says (LINUX_SLL_HOST …); other links do not tell. */
export const direction = { toUs: 0, broadcast: 1, multicast: 2, toOthers: 3, fromUs: 4 } as const

export const protocols = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 } as const

/** TCP flags (RFC 9293 §3.1, RFC 3168 §6.1). */
export const flag = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ece: 64, cwr: 128 } as const

/**
 * One packet, taken apart; a class only so that one object serves for all of them, one after another (decode.ts). Bytes
 * stay where they came: `…At` and `…End` are places in `bytes`.
 */
export class Packet {
  bytes: Buffer = Buffer.alloc(0)
  /** Milliseconds since the epoch, with fractions. */
  at = 0
  /** Bytes of the IP packet as it was sent. */
  length = 0
  direction: number = direction.toUs
  /** Came by the loopback interface (ARPHRD_LOOPBACK). */
  loopback = false
  family: 4 | 6 = 4
  /** IANA number of what the IP packet carries, behind all extension headers. */
  protocol = 0
  /** Time to live, or hop limit. */
  ttl = 0
  /** Identification: 16 bits of IPv4, 0 for IPv6, whose flow label stands in `label`. */
  id = 0
  label = 0
  dontFragment = false
  /** Bytes before this fragment's; 0 for the first one, and for what is whole. */
  fragmentOffset = 0
  moreFragments = false
  sourceAt = 0
  destinationAt = 0
  /** Are there ports? TCP, UDP and SCTP, but not of later fragments. */
  hasPorts = false
  sourcePort = 0
  destinationPort = 0
  /** Is the TCP header there as a whole? A tiny first fragment may bear the ports alone. */
  wholeTcp = false
  flags = 0
  sequence = 0
  acknowledgement = 0
  window = 0
  optionsAt = 0
  optionsEnd = 0
  icmpType = 0
  icmpCode = 0
  payloadAt = 0
  payloadEnd = 0
  /** Bytes of payload that the headers tell of; more than are here when the capture cut it off. */
  payloadLength = 0

  /** IPv4's source as a number. */
  get source4(): number {
    return this.bytes.readUInt32BE(this.sourceAt)
  }
  get destination4(): number {
    return this.bytes.readUInt32BE(this.destinationAt)
  }
  get source(): string {
    return addressText(this.bytes, this.sourceAt, this.family)
  }
  get destination(): string {
    return addressText(this.bytes, this.destinationAt, this.family)
  }
  /** Lent like the packet itself. */
  get payload(): Buffer {
    return this.bytes.subarray(this.payloadAt, this.payloadEnd)
  }
}

/** An address in its text form; IPv6's is canonical (RFC 5952 §4). */
export function addressText(bytes: Buffer, at: number, family: 4 | 6): string {
  if (family === 4) return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`
  let best = -1
  let longest = 1
  for (let i = 0; i < 8; ) {
    let n = 0
    while (i + n < 8 && bytes.readUInt16BE(at + 2 * (i + n)) === 0) n++
    if (n > longest) {
      longest = n
      best = i
    }
    i += n + 1
  }
  let text = ''
  for (let i = 0; i < 8; i++) {
    if (i === best) {
      text += '::'
      i += longest - 1
    } else {
      const colon = text !== '' && !text.endsWith('::') ? ':' : ''
      text += colon + bytes.readUInt16BE(at + 2 * i).toString(16)
    }
  }
  return text
}
