import type { Host } from '../../system.ts'

/** One part of a rule: as `iptables -S` writes it, and as `iptables -L` lists it. */
export type Part = { spec: string; listed: string; named?: string }
export type Rule = {
  /** `!` in front where negated; addresses with their length. */
  source?: string | undefined
  destination?: string | undefined
  input?: string
  output?: string
  protocol?: string
  matches: Part[]
  target?: string
  /** What belongs to the target. */
  about: Part[]
}
/** `used`: it has had a rule; until then the kernel knows nothing of a built-in chain. */
export type Chain = { name: string; policy: string | undefined; rules: Rule[]; used?: boolean }
export type Table = { chains: Map<string, Chain>; touched: boolean }
export type Family = 'ip' | 'ip6'

const builtIn: ReadonlyMap<string, readonly string[]> = new Map([
  ['filter', ['INPUT', 'FORWARD', 'OUTPUT']],
  ['nat', ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING']],
  ['mangle', ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']],
  ['raw', ['PREROUTING', 'OUTPUT']],
  ['security', ['INPUT', 'FORWARD', 'OUTPUT']],
])
export const tableNames: readonly string[] = [...builtIn.keys()]

/** Rules and chains that one attacker may set. */
export const mostRules = 2000
export const mostChains = 200

/** The kernel's tables of one family, as this attacker left them. */
export const tablesOf = (host: Host, family: Family): ReadonlyMap<string, Table> =>
  host.state(
    `netfilter ${family}`,
    () =>
      new Map(
        [...builtIn].map(([name, chains]) => [
          name,
          {
            touched: false,
            chains: new Map(chains.map(chain => [chain, { name: chain, policy: 'ACCEPT', rules: [] as Rule[] }])),
          },
        ]),
      ),
  )

/** `-s 192.0.2.1/32 … -j DROP`: a rule as it would be typed. */
export const specOf = ({ source, destination, input, output, protocol, matches, target, about }: Rule): string => {
  const said = (option: string, value: string | undefined): string[] =>
    value === undefined ? [] : value.startsWith('!') ? [`! ${option} ${value.slice(1)}`] : [`${option} ${value}`]
  return [
    ...said('-s', source),
    ...said('-d', destination),
    ...said('-i', input),
    ...said('-o', output),
    ...said('-p', protocol),
    ...matches.map(({ spec }) => spec),
    ...(target === undefined ? [] : [`-j ${target}`]),
    ...about.map(({ spec }) => spec),
  ].join(' ')
}

/** How `iptables -S` and `iptables-save` write the chains' rules. */
export const rulesOf = (chains: Iterable<Chain>): string =>
  [...chains]
    .flatMap(({ name, rules }) => rules.map(rule => `-A ${name} ${specOf(rule)}`.trimEnd().concat('\n')))
    .join('')
