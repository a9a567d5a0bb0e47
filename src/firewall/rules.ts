import { createHash } from 'node:crypto'
import { type Administration, silentChains, silentComment } from './silence.ts'

/** What the rules are made from. */
export type LockFacts = {
  /** The user that the exposed side becomes. */
  user: number
  /** Further users that begin nothing: who takes packets apart. */
  others?: readonly number[]
  /** Ports of decoys that answer datagrams. Their sockets were opened as root, so the user's rule does not see them. */
  datagramPorts: readonly number[]
  /**
   * Ports of decoys that accept connections. Their sockets were opened as root too, and whoever has taken over the process can
   * turn a listener into a caller: connect(2) to AF_UNSPEC unbinds nothing, and the next connect(2) leads out.
   */
  listeningPorts?: readonly number[]
  /** Bytes a second that the decoys may send in all; what is over is dropped and counted. */
  bandwidth?: number
  /** The passive edition: nothing goes in or out but by these ways. */
  passive?: Administration
}

/** The table that is ours, and the only one that we ever touch. */
export const table = { family: 'inet', name: 'skep' } as const

/** What is counted, by name: packets that would have gone out, and did not. */
export const counters = [
  'tcp_ipv4',
  'tcp_ipv6',
  'udp_ipv4',
  'udp_ipv6',
  'icmp_ipv4',
  'icmp_ipv6',
  'other',
  'datagram_port',
  'listening_port',
  'over_bandwidth',
] as const
export type CounterName = (typeof counters)[number]

/**
 * What leaves this machine by whose doing, loopback aside, counted and never dropped: the decoys' answers to who came in,
 * answers of everything else that runs here, and what that began itself.
 */
export const classes = ['answers', 'others_answers', 'others_begun'] as const
export type TrafficClass = (typeof classes)[number]

/**
 * The egress lock as an nftables script (nft(8)), which replaces our table and no other in one transaction. Whatever a
 * process of the exposed side begins is dropped and counted, to loopback too; of conversations that others began (conntrack's
 * direction `reply`) pass what accepted connections and the decoys' own UDP ports send, and no socket opened later: whoever
 * forges a datagram from a victim must not open a way to it. Packets of other users, and those that the kernel makes without
 * a socket (neighbour discovery, errors, reports of multicast groups), are never looked at.
 */
export function lockScript(facts: LockFacts): string {
  const { user, others = [], bandwidth, passive } = facts
  const drop = (match: string, counter: CounterName) => `    ${match} counter name "${counter}" drop`
  const exposed = `meta skuid ${others.length === 0 ? user : `{ ${[user, ...others].join(', ')} }`}`
  return `table ${table.family} ${table.name}
delete table ${table.family} ${table.name}
table ${table.family} ${table.name} {
${[...counters, ...classes].map(name => `  counter ${name} { comment "${commentOf(facts)}" }`).join('\n')}
${passive ? silentChains(passive) : lockChains()}}
`

  function lockChains(): string {
    return `${heldPorts(facts)
      .map(
        ({ name, ports }) =>
          `  set ${name} { type inet_service; flags timeout; timeout ${HELD_S}s; ${ports.length === 0 ? '' : `elements = { ${ports.join(', ')} } `}}`,
      )
      .join('\n')}
  chain decoy {
${[
  drop('meta nfproto ipv4 meta l4proto tcp', 'tcp_ipv4'),
  drop('meta nfproto ipv6 meta l4proto tcp', 'tcp_ipv6'),
  drop('meta nfproto ipv4 meta l4proto udp', 'udp_ipv4'),
  drop('meta nfproto ipv6 meta l4proto udp', 'udp_ipv6'),
  drop('meta l4proto icmp', 'icmp_ipv4'),
  drop('meta l4proto icmpv6', 'icmp_ipv6'),
].join('\n')}
    counter name "other" drop
  }
  chain egress {
    type filter hook output priority filter; policy accept;
${
  bandwidth === undefined
    ? ''
    : `    meta skuid ${user} limit rate over ${bandwidth} bytes/second burst ${2 * bandwidth} bytes counter name "over_bandwidth" drop\n`
}    oifname "lo" ct direction reply meta l4proto tcp accept
    ct direction reply meta l4proto tcp meta skuid ${user} counter name "answers" accept
    oifname "lo" ct direction reply udp sport @datagram_ports accept
    ct direction reply udp sport @datagram_ports counter name "answers" accept
    udp sport @datagram_ports ct direction original oifname != "lo" counter name "datagram_port" drop
    tcp sport @listening_ports meta skuid 0 ct direction original counter name "listening_port" drop
    ${exposed} jump decoy
    oifname "lo" accept
    ct direction reply counter name "others_answers" accept
    counter name "others_begun"
  }
`
  }
}

/**
 * The decoys' ports are the decoys' while they run. Afterwards they may be given to anybody, and the kernel's own choice for
 * a connection of root's would be dropped: so they are forgotten after this long, unless they are held again.
 */
const HELD_S = 600
const heldPorts = ({ datagramPorts, listeningPorts = [], passive }: LockFacts) =>
  passive
    ? []
    : [
        { name: 'datagram_ports', ports: inOrder(datagramPorts) },
        { name: 'listening_ports', ports: inOrder(listeningPorts) },
      ]

/** Holds the decoys' ports for another ten minutes; nothing, where the rules know of none. */
export const holdScript = (facts: LockFacts): string =>
  releaseScript(facts) +
  heldPorts(facts)
    .filter(({ ports }) => ports.length > 0)
    .map(({ name, ports }) => `add element ${table.family} ${table.name} ${name} { ${ports.join(', ')} }\n`)
    .join('')

/** Lets go of them: nobody listens any more. What the decoys' user begins is dropped as before. */
export const releaseScript = (facts: LockFacts): string =>
  heldPorts(facts)
    .map(({ name }) => `flush set ${table.family} ${table.name} ${name}\n`)
    .join('')

/** Stands on our counters: tells one set of rules from another without reading them back in another version's words. */
export const commentOf = ({
  user,
  others = [],
  datagramPorts,
  listeningPorts = [],
  bandwidth,
  passive,
}: LockFacts): string =>
  passive
    ? silentComment(passive)
    : `skep egress lock 6: user ${user}, ${digest({ others, ports: inOrder(datagramPorts), doors: inOrder(listeningPorts), bandwidth })}`
const inOrder = (ports: readonly number[]) => [...new Set(ports)].toSorted((a, b) => a - b)
/** nft takes 128 characters of comment. */
const digest = (facts: object) => createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32)

/** Takes our table away, if it is there. */
export const removeScript = `table ${table.family} ${table.name}\ndelete table ${table.family} ${table.name}\n`

type Listed = {
  nftables?: {
    counter?: { name: string; packets: number; bytes?: number; comment?: string }
    chain?: { name: string; hook?: string; policy?: string }
    rule?: { chain: string }
  }[]
}

/** Our table as `nft -j list table inet skep` tells it. */
export type Applied = {
  comment: string
  counters: Record<CounterName, number>
  /** Bytes that left, since the rules were applied. */
  traffic: Record<TrafficClass, number>
  /** Rules of the chain that hangs in the kernel's output hook; 0 where it does not. */
  rules: number
}

/** Reads that; throws where it is not what nft prints. */
export function readApplied(json: string): Applied {
  const { nftables = [] } = JSON.parse(json) as Listed
  const hooked = nftables.some(({ chain }) => chain?.name === 'egress' && chain.hook === 'output')
  const listed = new Map(nftables.flatMap(({ counter }) => (counter ? [[counter.name, counter] as const] : [])))
  return {
    comment: nftables.find(({ counter }) => counter)?.counter?.comment ?? '',
    counters: Object.fromEntries(counters.map(name => [name, listed.get(name)?.packets ?? 0])) as Record<
      CounterName,
      number
    >,
    traffic: Object.fromEntries(classes.map(name => [name, listed.get(name)?.bytes ?? 0])) as Record<
      TrafficClass,
      number
    >,
    rules: hooked ? nftables.filter(({ rule }) => rule?.chain === 'egress').length : 0,
  }
}
