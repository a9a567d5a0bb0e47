import type { Chain, Family, Rule } from './tables.ts'

export type Listing = { numeric: boolean; verbose: boolean; numbered: boolean; family: Family }

export const protocols: ReadonlyMap<string, number> = new Map([
  ['all', 0],
  ['icmp', 1],
  ['tcp', 6],
  ['udp', 17],
  ['gre', 47],
  ['esp', 50],
  ['ah', 51],
  ['ipv6-icmp', 58],
  ['icmpv6', 58],
  ['sctp', 132],
])

/** A chain as `iptables -L` of 1.8.9 prints it; `all` are the chains whose rules may jump to it. */
export const listChain = (chain: Chain, all: readonly Chain[], how: Listing): string => {
  const { name, policy, rules } = chain
  const references = all.flatMap(other => other.rules).filter(rule => rule.target === name).length
  const counts = how.verbose ? ' 0 packets, 0 bytes' : ''
  const about = policy === undefined ? `${references} references` : `policy ${policy}${counts}`
  const number = how.numbered ? 'num  ' : ''
  const columns = how.verbose
    ? `${number} pkts bytes target     prot opt in     out     source               destination         `
    : `${number}target     prot opt source               destination         `
  const rows = rules.map((rule, index) => `${how.numbered ? `${index + 1}`.padEnd(5) : ''}${rowOf(rule, how)}\n`)
  return `Chain ${name} (${about})\n${columns}\n${rows.join('')}`
}

const rowOf = (rule: Rule, { numeric, verbose, family }: Listing): string => {
  const anywhere = numeric ? (family === 'ip' ? '0.0.0.0/0' : '::/0') : 'anywhere'
  const protocol = protocols.get(rule.protocol?.replace('!', '') ?? 'all')
  const mark = (value: string | undefined): string => (value?.startsWith('!') ? '!' : ' ')
  const shown = (value: string | undefined, none: string, width: number): string =>
    `${mark(value)}${(value?.replace(/^!/, '').replace(/\/(32|128)$/, '') ?? none).padEnd(width)}`
  const kind = numeric ? `${protocol ?? 0}` : (rule.protocol?.replace('!', '') ?? 'all')
  const interfaces = verbose ? `${shown(rule.input, '*', 6)}${shown(rule.output, '*', 6)} ` : ''
  const parts = [...rule.matches, ...rule.about].map(({ listed, named }) => (numeric ? listed : (named ?? listed)))
  return [
    verbose ? '    0     0 ' : '',
    (rule.target ?? '').padEnd(9),
    `${rule.protocol?.startsWith('!') ? ' !' : '  '}${kind.padEnd(4)} `,
    family === 'ip' ? '-- ' : '   ',
    interfaces,
    `${shown(rule.source, anywhere, 19)} ${shown(rule.destination, anywhere, 19)} `,
    ...parts.filter(part => part !== '').map(part => ` ${part}`),
  ].join('')
}
