/** A rule of a packet filter: options as iptables-save prints them, and as a listing shows them. */
export type Rule = {
  source: string
  destination: string
  protocol: string
  in: string
  out: string
  /** `-m tcp --dport 22`, canonical. */
  matches: readonly { saved: string; shown(numeric: boolean): string }[]
  target: string
  /** `--reject-with tcp-reset` */
  options: string
  shownOptions: string
}
export type Chain = { name: string; policy: string | undefined; rules: Rule[] }
export type Tables = Map<string, Chain[]>

/** Rules of one attacker in all; beyond that the kernel has no memory. */
export const mostRules = 2000

const builtIn: ReadonlyMap<string, readonly string[]> = new Map([
  ['filter', ['INPUT', 'FORWARD', 'OUTPUT']],
  ['nat', ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING']],
  ['mangle', ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']],
  ['raw', ['PREROUTING', 'OUTPUT']],
  ['security', ['INPUT', 'FORWARD', 'OUTPUT']],
])
export const tableNames = (): string[] => [...builtIn.keys()]

export const chainsOf = (tables: Tables, name: string): Chain[] | undefined => {
  const names = builtIn.get(name)
  if (!names) return undefined
  const found = tables.get(name) ?? names.map(chain => ({ name: chain, policy: 'ACCEPT', rules: [] }))
  tables.set(name, found)
  return found
}

const protocols: ReadonlyMap<string, number> = new Map([
  ['all', 0],
  ['icmp', 1],
  ['tcp', 6],
  ['udp', 17],
  ['esp', 50],
  ['ah', 51],
  ['icmpv6', 58],
  ['ipv6-icmp', 58],
  ['sctp', 132],
  ['udplite', 136],
])
const services: ReadonlyMap<string, number> = new Map([
  ['ftp', 21],
  ['ssh', 22],
  ['telnet', 23],
  ['smtp', 25],
  ['domain', 53],
  ['http', 80],
  ['pop3', 110],
  ['ntp', 123],
  ['imap2', 143],
  ['https', 443],
  ['mysql', 3306],
  ['postgresql', 5432],
  ['http-alt', 8080],
])
const serviceOf = new Map([...services].map(([name, port]) => [port, name]))
const targets = new Set(
  'ACCEPT DROP RETURN REJECT LOG MASQUERADE DNAT SNAT REDIRECT MARK TPROXY NOTRACK CT TCPMSS QUEUE NFQUEUE NFLOG CONNMARK SET TEE'.split(
    ' ',
  ),
)

const port = (text: string): string => (services.has(text) ? `${services.get(text)}` : text)
const portShown = (text: string, numeric: boolean): string =>
  text
    .split(',')
    .map(part =>
      part
        .split(':')
        .map(one => (numeric ? one : (serviceOf.get(Number(one)) ?? one)))
        .join(':'),
    )
    .join(',')

const address = (text: string, v6: boolean): string => {
  const [host = '', mask] = text.split('/')
  if (mask?.includes('.')) {
    const ones = mask.split('.').reduce((sum, part) => sum + Number(part).toString(2).replaceAll('0', '').length, 0)
    return `${host}/${ones}`
  }
  return `${host}/${mask ?? (v6 ? 128 : 32)}`
}

export const shownProtocol = (text: string, numeric: boolean): string => {
  const inverted = text.startsWith('!')
  const name = inverted ? text.slice(1) : text
  return (inverted ? '!' : '') + (numeric ? `${protocols.get(name) ?? name}` : name)
}

/** The rule of an iptables command line after its chain, or what is wrong. */
export const parseRule = (words: readonly string[], chains: readonly Chain[], v6: boolean): Rule | string => {
  const rule = {
    source: '',
    destination: '',
    protocol: 'all',
    in: '',
    out: '',
    target: '',
    options: '',
    shownOptions: '',
  }
  const matches: { saved: string; shown(numeric: boolean): string }[] = []
  const loaded = new Set<string>()
  /** Options of one match, gathered under its name. */
  const parts = new Map<string, { saved: string[]; shown: ((numeric: boolean) => string)[] }>()
  const part = (name: string): { saved: string[]; shown: ((numeric: boolean) => string)[] } => {
    const found = parts.get(name) ?? { saved: [], shown: [] }
    parts.set(name, found)
    return found
  }
  let inverted = false
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    const next = (): string => words[++at] ?? ''
    if (word === '!') {
      inverted = true
      continue
    }
    const not = inverted ? '!' : ''
    const notSaved = inverted ? '! ' : ''
    inverted = false
    const wantsPort = (): string | undefined =>
      /^(tcp|udp|sctp|udplite)$/.test(rule.protocol) ? rule.protocol : undefined
    if (word === '-p' || word === '--protocol' || word === '--proto') {
      const name = next().toLowerCase()
      const known = protocols.has(name) ? name : [...protocols].find(([, number]) => `${number}` === name)?.[0]
      if (known === undefined && !/^\d{1,3}$/.test(name)) return `unknown protocol "${name}" specified`
      rule.protocol = not + (known ?? name)
    } else if (word === '-s' || word === '--source' || word === '--src') rule.source = not + address(next(), v6)
    else if (word === '-d' || word === '--destination' || word === '--dst') rule.destination = not + address(next(), v6)
    else if (word === '-i' || word === '--in-interface') rule.in = not + next()
    else if (word === '-o' || word === '--out-interface') rule.out = not + next()
    else if (word === '-m' || word === '--match') {
      const name = next()
      if (
        !/^(tcp|udp|icmp|icmp6|state|conntrack|multiport|comment|limit|recent|connlimit|mac|mark|owner|string|iprange|addrtype|set|hashlimit|time|u32|length|ttl|physdev|pkttype|statistic|tcpmss|sctp)$/.test(
          name,
        )
      )
        return `Couldn't load match \`${name}':No such file or directory\n`
      loaded.add(name)
      part(name)
    } else if (word === '-j' || word === '--jump' || word === '-g' || word === '--goto') {
      rule.target = next()
      if (!targets.has(rule.target) && !chains.some(({ name }) => name === rule.target))
        return `Chain '${rule.target}' does not exist`
    } else if (/^--(dport|sport|destination-port|source-port)$/.test(word)) {
      const protocol = wantsPort()
      if (protocol === undefined) return `unknown option "${word}"`
      const value = next().split(':').map(port).join(':')
      const source = word.startsWith('--s')
      const { saved, shown } = part(protocol)
      saved.push(`${notSaved}--${source ? 'sport' : 'dport'} ${value}`)
      shown.push(
        numeric => `${source ? 'spt' : 'dpt'}${value.includes(':') ? 's' : ''}:${not}${portShown(value, numeric)}`,
      )
    } else if (/^--(dports|sports|ports|destination-ports|source-ports)$/.test(word)) {
      if (!loaded.has('multiport')) return `unknown option "${word}"`
      const value = next().split(',').map(port).join(',')
      const kind = word.startsWith('--d') ? 'dports' : word.startsWith('--s') ? 'sports' : 'ports'
      const { saved, shown } = part('multiport')
      saved.push(`${notSaved}--${kind} ${value}`)
      shown.push(numeric => `multiport ${kind} ${not}${portShown(value, numeric)}`)
    } else if (word === '--state' || word === '--ctstate') {
      const name = word === '--state' ? 'state' : 'conntrack'
      if (!loaded.has(name)) return `unknown option "${word}"`
      const given = new Set(next().toUpperCase().split(','))
      const value = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT']
        .filter(state => given.has(state))
        .join(',')
      part(name).saved.push(`${notSaved}${word} ${value}`)
      part(name).shown.push(() => `${not}${word.slice(2)} ${value}`)
    } else if (word === '--comment') {
      const value = next()
      part('comment').saved.push(`--comment ${quoted(value)}`)
      part('comment').shown.push(() => `/* ${value} */`)
    } else if (word === '--syn' || word === '--tcp-flags') {
      const mask = word === '--syn' ? 'FIN,SYN,RST,ACK' : next().toUpperCase()
      const set = word === '--syn' ? 'SYN' : next().toUpperCase()
      const bits = (text: string): string =>
        `0x${['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG']
          .reduce((sum, flag, index) => sum + (text.split(',').includes(flag) ? 1 << index : 0), 0)
          .toString(16)
          .padStart(2, '0')}`
      part('tcp').saved.push(`${notSaved}--tcp-flags ${mask} ${set}`)
      part('tcp').shown.push(() => `tcp flags:${not}${bits(mask)}/${bits(set)}`)
    } else if (word === '--icmp-type' || word === '--icmpv6-type') {
      const value = next()
      const number = value === 'echo-request' ? '8' : value === 'echo-reply' ? '0' : value
      part('icmp').saved.push(`${notSaved}--icmp-type ${number}`)
      part('icmp').shown.push(() => `icmptype ${not}${number}`)
    } else if (word === '--limit' || word === '--limit-burst') {
      const value = next()
      const spelt = value.replace(
        /\/(second|minute|hour|day)\w*$/,
        (_, unit) => `/${unit === 'second' ? 'sec' : unit === 'minute' ? 'min' : unit}`,
      )
      part('limit').saved.push(`${word} ${spelt}`)
      if (word === '--limit') part('limit').shown.push(() => `limit: avg ${spelt} burst 5`)
    } else if (rule.target !== '' && word.startsWith('--')) {
      const takes = !['--log-tcp-options', '--log-uid', '--random', '--persistent', '--clamp-mss-to-pmtu'].includes(
        word,
      )
      const value = takes ? next() : ''
      const long =
        word === '--to'
          ? rule.target === 'SNAT'
            ? '--to-source'
            : '--to-destination'
          : word === '--to-port'
            ? '--to-ports'
            : word
      rule.options += ` ${long}${value === '' ? '' : ` ${quoted(value)}`}`
      rule.shownOptions += shownOption(rule.target, long, value)
    } else if (word.startsWith('--') && loaded.size > 0) {
      const value = words[at + 1]?.startsWith('-') === false ? ` ${quoted(next())}` : ''
      const name = [...loaded].at(-1)!
      part(name).saved.push(`${notSaved}${word}${value}`)
      part(name).shown.push(() => `${not}${word.slice(2)}${value}`)
    } else if (/^(-n|-v|-w|-4|-6|--wait|--numeric|--verbose|-c)$/.test(word)) {
      if ((word === '-w' || word === '--wait') && /^\d+$/.test(words[at + 1] ?? '')) at++
    } else if (word.startsWith('-')) return `unknown option "${word}"`
    else return `Bad argument \`${word}'`
  }
  for (const [name, { saved, shown }] of parts)
    matches.push({
      saved: `-m ${name}${saved.map(text => ` ${text}`).join('')}`,
      shown: numeric => {
        const text = shown.map(one => one(numeric)).join(' ')
        return (name === 'tcp' || name === 'udp') && text !== '' && !text.startsWith('tcp flags')
          ? `${name} ${text}`
          : text
      },
    })
  if (rule.target === 'REJECT' && rule.options === '') {
    rule.options = ` --reject-with ${v6 ? 'icmp6-port-unreachable' : 'icmp-port-unreachable'}`
    rule.shownOptions = ` reject-with ${v6 ? 'icmp6-port-unreachable' : 'icmp-port-unreachable'}`
  }
  if (rule.target === 'LOG') rule.shownOptions = ` LOG flags 0 level 4${rule.shownOptions}`
  return { ...rule, matches }
}

const quoted = (text: string): string => (/^[\w./:,-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`)

const shownOption = (target: string, option: string, value: string): string => {
  if (option === '--log-prefix') return ` prefix "${value}"`
  if (option === '--to-destination' || option === '--to-source') return ` to:${value}`
  if (option === '--to-ports') return target === 'REDIRECT' ? ` redir ports ${value}` : ` masq ports: ${value}`
  return ` ${option.slice(2)}${value === '' ? '' : ` ${value}`}`
}

/** `-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT`, without its chain. */
export const savedRule = ({ source, destination, in: from, out, protocol, matches, target, options }: Rule): string => {
  const flag = (letter: string, value: string): string =>
    value === '' ? '' : value.startsWith('!') ? ` ! ${letter} ${value.slice(1)}` : ` ${letter} ${value}`
  return [
    flag('-s', source),
    flag('-d', destination),
    flag('-i', from),
    flag('-o', out),
    protocol === 'all' ? '' : flag('-p', protocol),
    ...matches.map(({ saved }) => ` ${saved}`),
    target === '' ? '' : ` -j ${target}${options}`,
  ].join('')
}

/** `0.0.0.0/0`, `anywhere`, `!10.0.0.1`. */
export const shownAddress = (text: string, numeric: boolean, v6: boolean): string => {
  if (text === '') return numeric ? (v6 ? '::/0' : '0.0.0.0/0') : 'anywhere'
  return text.replace(v6 ? /\/128$/ : /\/32$/, '')
}
