import { createHash } from 'node:crypto'

/** How the operator comes in: TCP ports, and the addresses and networks from which; none: from everywhere. */
export type Administration = { ports: readonly number[]; from: readonly string[] }

/**
 * What keeps a link alive and cannot be left out: neighbour and router discovery (RFC 4861), and the reports by which
 * switches learn where to send it (RFC 3810). For IPv4 that is ARP, which no rule of ours sees.
 */
const link =
  'icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, 143 } ip6 hoplimit { 1, 255 }'

/**
 * The chains of the passive edition: what comes in ends before conntrack and every socket, and so do answers that the kernel
 * or a program might still give. Packet capture sees what comes in before any of this. Loopback is left alone.
 */
export function silentChains({ ports, from }: Administration): string {
  const set = ports.join(', ')
  const own = (direction: 'in' | 'out') => {
    const [port, address] = direction === 'in' ? ['dport', 'saddr'] : ['sport', 'daddr']
    const families = [
      ['ip', from.filter(network => !network.includes(':'))],
      ['ip6', from.filter(network => network.includes(':'))],
    ] as const
    const matches =
      from.length === 0
        ? ['']
        : families.flatMap(([family, networks]) =>
            networks.length > 0 ? [`${family} ${address} { ${networks.join(', ')} } `] : [],
          )
    return matches.map(match => `    ${match}tcp ${port} { ${set} } accept`).join('\n')
  }
  const drop = (match: string, counter: string) => `    ${match} counter name "${counter}" drop`
  return `  chain arrivals {
    type filter hook prerouting priority raw; policy accept;
    iifname "lo" accept
    ${link} accept
    icmpv6 type packet-too-big accept
    icmp type destination-unreachable icmp code frag-needed accept
${own('in')}
    drop
  }
  chain egress {
    type filter hook output priority raw; policy accept;
    oifname "lo" accept
    ${link} accept
${own('out')}
${drop('meta nfproto ipv4 meta l4proto tcp', 'tcp_ipv4')}
${drop('meta nfproto ipv6 meta l4proto tcp', 'tcp_ipv6')}
${drop('meta nfproto ipv4 meta l4proto udp', 'udp_ipv4')}
${drop('meta nfproto ipv6 meta l4proto udp', 'udp_ipv6')}
${drop('meta l4proto icmp', 'icmp_ipv4')}
${drop('meta l4proto icmpv6', 'icmp_ipv6')}
    counter name "other" drop
  }
`
}

/** Tells one set of these rules from another; nft(8) takes 128 bytes. */
export const silentComment = (administration: Administration): string =>
  `skep silence 1: ${createHash('sha256').update(JSON.stringify(administration)).digest('hex').slice(0, 32)}`
