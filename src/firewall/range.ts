import { createHash } from 'node:crypto'

/** Our second table: it brings every port that nobody listens on to the catch-all. */
export const rangeTable = { family: 'inet', name: 'skep_range' } as const

/**
 * Where redirected connections arrive: the address tells the port that the peer asked for, since a socket tells the
 * address it was accepted at, and nothing else survives the way through the kernel. 198.18.0.0/15 is for tests between
 * devices of one's own (RFC 2544) and goes nowhere on the Internet; the other is a unique local prefix (RFC 4193).
 */
export const inner = {
  ipv4: { prefix: '198.18.', route: '198.18.0.0/16' },
  ipv6: { prefix: 'fd5e:ce9:7a11::', route: 'fd5e:ce9:7a11::/112' },
} as const

/** The listeners behind the redirection: one for each address of this machine, so that it is known which was asked. */
export const INNER_PORT = 64_320
/** Addresses of this machine that are told apart; what comes to others counts as the first of their family. */
export const INNER_PORTS = 8

/** The port that a connection accepted at this address was meant for; `undefined`: it was not redirected. */
export function portBehind(address: string): number | undefined {
  const dotted = /^198\.18\.(\d{1,3})\.(\d{1,3})$/.exec(address)
  if (dotted) return Number(dotted[1]) * 256 + Number(dotted[2])
  const [, hex] = /^fd5e:ce9:7a11::([0-9a-f]{1,4})$/.exec(address) ?? []
  return hex === undefined ? undefined : Number.parseInt(hex, 16)
}

export type RangeFacts = {
  /** Addresses of this machine, both families, at most `INNER_PORTS`. */
  addresses: readonly string[]
  /** Ports that are left alone: somebody listens there, or the operator comes in by them. */
  kept: readonly number[]
  /** Ports that answer; the others stay as closed as the kernel has them. */
  open: readonly number[]
  /** Ports that one source may try at once before the rest is closed to it; 0: all. */
  walk: number
  /** Ports of data connections (FTP's passive ones), which are open to nobody but who spoke at one of `doors` before. */
  pool: { ports: readonly number[]; doors: readonly number[] }
}

/** Rules in the words of nft(8), which replace our table and no other in one transaction. */
export function rangeScript(facts: RangeFacts): string {
  const { kept, open } = facts
  const { ipv4, ipv6 } = inner
  const to4 = open.map(port => `${port} : ${ipv4.prefix}${port >> 8}.${port & 255}`)
  const to6 = open.map(port => `${port} : ${ipv6.prefix}${port.toString(16)}`)
  const doors = Array.from({ length: INNER_PORTS }, (_, i) => INNER_PORT + i)
  return `table ${rangeTable.family} ${rangeTable.name}
delete table ${rangeTable.family} ${rangeTable.name}
table ${rangeTable.family} ${rangeTable.name} {
  counter redirected { comment "${rangeComment(facts)}" }
  set held { type inet_proto; flags timeout; timeout ${HELD_S}s; elements = { tcp } }
  set kept { type inet_service; elements = { ${[0, ...kept].join(', ')} } }
  map open4 { type inet_service : ipv4_addr; elements = { ${to4.join(', ')} } }
  map open6 { type inet_service : ipv6_addr; elements = { ${to6.join(', ')} } }
${[...walkerSets(facts.walk), ...guestSets(facts.pool)].join('\n')}
  chain prerouting {
    type nat hook prerouting priority dstnat + 5; policy accept;
    iif "lo" accept
    meta l4proto != @held accept
    ip daddr ${ipv4.route} accept
    ip6 daddr ${ipv6.route} accept
    tcp dport @kept accept
${walkers(facts.walk).join('\n')}
${redirections(facts.addresses).join('\n')}
  }
  chain input {
    type filter hook input priority filter; policy accept;
    meta l4proto != @held accept
    ip daddr ${ipv4.route} ct status & dnat == 0 drop
    ip6 daddr ${ipv6.route} ct status & dnat == 0 drop
    tcp dport { ${doors.join(', ')} } iif != "lo" ct status & dnat == 0 reject with tcp reset
${[...guests(facts.pool), ...uninvited(facts.pool)].join('\n')}
  }
}
`
}

/** Who redirects is there to be redirected to: rules that nobody holds for so long lead nowhere, and touch no port. */
const HELD_S = 120
/** Holds the rules for another while. */
export const holdRangeScript = `flush set ${rangeTable.family} ${rangeTable.name} held
add element ${rangeTable.family} ${rangeTable.name} held { tcp }
`

/** Ports a minute that a source may try beyond the first ones, and how long it is remembered what it has tried. */
const LATER = 6
const REMEMBERED = '1h'
/** Each source's own tries by port. IPv6 counts by networks, of which everybody has a whole one. */
const sources = [
  { map: '4', type: 'ipv4_addr', who: 'ip saddr' },
  { map: '6', type: 'ipv6_addr', who: 'ip6 saddr & ffff:ffff:ffff:ffff::' },
] as const

const walkerSets = (walk: number): string[] =>
  walk === 0
    ? []
    : sources.flatMap(({ map, type }) => [
        `  set tried${map} { type ${type} . inet_service; size 65535; flags dynamic,timeout; timeout ${REMEMBERED}; }`,
        `  set walkers${map} { type ${type}; size 65535; flags dynamic,timeout; timeout ${REMEMBERED}; }`,
      ])

/**
 * Who walks through all ports finds the rest closed after the first ones, as on a machine; what was tried before stays as
 * it was, so that guessers of one port are never shut out.
 */
const walkers = (walk: number): string[] =>
  walk === 0
    ? []
    : sources.flatMap(({ map, who }) => [
        `    meta nfproto ipv${map} ${who} . tcp dport != @tried${map} add @walkers${map} { ${who} limit rate over ${LATER}/minute burst ${walk} packets } accept`,
        `    meta nfproto ipv${map} add @tried${map} { ${who} . tcp dport }`,
      ])

type Pool = RangeFacts['pool']
const guestSets = ({ ports }: Pool): string[] =>
  ports.length === 0
    ? []
    : sources.map(
        ({ map, type }) =>
          `  set guests${map} { type ${type}; size 65535; flags dynamic,timeout; timeout ${REMEMBERED}; }`,
      )

/** Who said something at a door is remembered: a scanner knocks and says nothing … */
const guests = ({ ports, doors }: Pool): string[] =>
  ports.length === 0
    ? []
    : sources.map(
        ({ map, who }) =>
          `    meta nfproto ipv${map} tcp flags & psh == psh ct original proto-dst { ${doors.join(', ')} } update @guests${map} { ${who} }`,
      )

/** … and for all others the data connections' ports are closed: a row of open ports would be a mark of ours. */
const uninvited = ({ ports }: Pool): string[] =>
  ports.length === 0
    ? []
    : sources.map(
        ({ map, who }) =>
          `    meta nfproto ipv${map} iif != "lo" tcp dport { ${ports.join(', ')} } ct state new ${who} != @guests${map} reject with tcp reset`,
      )

function redirections(addresses: readonly string[]): string[] {
  const families = [
    { word: 'ip', map: 'open4', own: addresses.filter(address => !address.includes(':')) },
    { word: 'ip6', map: 'open6', own: addresses.filter(address => address.includes(':')) },
  ]
  return families.flatMap(({ word, map, own }) => {
    const rule = (match: string, port: number) =>
      `    ${match} counter name "redirected" dnat ${word} to tcp dport map @${map} : ${port}`
    const port = (address: string) => INNER_PORT + addresses.indexOf(address)
    const rest =
      own[0] === undefined ? [] : [rule(`meta nfproto ipv${word === 'ip' ? 4 : 6} fib daddr type local`, port(own[0]))]
    return [...own.map(address => rule(`${word} daddr ${address}`, port(address))), ...rest]
  })
}

/** Stands on our counter: tells one set of rules from another without reading them back in another version's words. */
export const rangeComment = (facts: RangeFacts): string =>
  `skep range 2: ${createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32)}`

const trial = `table ${rangeTable.family} skep_trial`
/** What the rules are made of, put up and taken away in one transaction: a kernel without one of its parts refuses. */
export const trialScript = `${trial} {
  chain prerouting {
    type nat hook prerouting priority dstnat + 5; policy accept;
    meta nfproto ipv4 fib daddr type local dnat ip to tcp dport map { 1 : ${inner.ipv4.prefix}0.1 } : ${INNER_PORT}
    meta nfproto ipv6 fib daddr type local dnat ip6 to tcp dport map { 1 : ${inner.ipv6.prefix}1 } : ${INNER_PORT}
  }
}
delete ${trial}
`

/** Takes our table away, if it is there. */
export const removeRangeScript = `table ${rangeTable.family} ${rangeTable.name}\ndelete table ${rangeTable.family} ${rangeTable.name}\n`

/**
 * The ports that answer, the same at every start of the same sensor: most of those that are asked for the most, a share
 * of the others. A machine on which everything is open is no machine.
 */
export function openPorts(draw: Buffer, listed: readonly number[], percent: number): number[] {
  const often = new Set(listed)
  const share = (port: number) => (often.has(port) ? Math.max(percent, LISTED_PERCENT) : percent)
  return Array.from({ length: 65_535 }, (_, i) => i + 1).filter(port => (draw[port]! * 100) / 256 < share(port))
}
/** Of the ports that are asked for the most, how many in a hundred answer. */
const LISTED_PERCENT = 85
