/** What the filter is made from. */
export type FilterFacts = {
  passive: boolean
  /** Index of the loopback interface, and of those to be listened on; none: all. */
  loopback: number
  interfaces: readonly number[]
  /** In the passive edition: where the operator comes in, and from where. */
  administration?: { ports: readonly number[]; from: readonly string[] }
}

/**
 * TCP segments that are news: with a flag other than ACK and PSH, without ACK, or without payload. What is left out is the
 * payload of conversations, which the decoys record themselves. Fragments all pass: what they bear is not to be seen here.
 */
const news4 =
  'ip and (ip[6:2] & 0x3fff != 0 or not tcp or tcp[13] & 0x27 != 0 or tcp[13] & 0x10 == 0 or ' +
  'ip[2:2] - ((ip[0] & 0xf) << 2) - ((tcp[12] & 0xf0) >> 2) == 0)'
const news6 =
  'ip6 and (ip6[6] != 6 or ip6[53] & 0x27 != 0 or ip6[53] & 0x10 == 0 or ip6[4:2] - ((ip6[52] & 0xf0) >> 2) == 0)'

/** What we begin ourselves, so that the answers are known for answers. */
const begun =
  'udp or icmp[0] == 8 or (ip6 and ip6[6] == 58 and ip6[40] == 128) or ' +
  '(ip and tcp[13] & 0x12 == 2) or (ip6 and ip6[6] == 6 and ip6[53] & 0x12 == 2)'

/**
 * tcpdump's filter (pcap-filter(7)) for `-i any` with cooked headers of version 2. All of it runs in the kernel, so what is
 * left out costs next to nothing.
 */
export function captureFilter({ passive, loopback, interfaces, administration }: FilterFacts): string {
  const where =
    interfaces.length === 0
      ? `not ifindex ${loopback}`
      : `(${interfaces.map(index => `ifindex ${index}`).join(' or ')})`
  if (!passive) return `${where} and ((inbound and ((${news4}) or (${news6}))) or (outbound and (${begun})))`
  const { ports = [], from = [] } = administration ?? {}
  const own = ports.length === 0 ? '' : ports.map(port => `tcp dst port ${port}`).join(' or ')
  if (own === '') return `${where} and inbound`
  // From where the operator comes, nothing; from elsewhere the first packet, since the rest is a conversation with sshd.
  const left =
    from.length > 0
      ? `(${own}) and (${from.map(net => `src net ${net}`).join(' or ')})`
      : `((${own}) and ((ip and tcp[13] & 0x12 != 2) or (ip6 and ip6[6] == 6 and ip6[53] & 0x12 != 2)))`
  return `${where} and inbound and not (${left})`
}
