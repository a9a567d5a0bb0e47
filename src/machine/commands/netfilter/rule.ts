import { isIPv4, isIPv6 } from 'node:net'
import { dotted, netmask } from '../../fs/addresses.ts'
import { icmpType } from './icmp.ts'
import { protocols } from './listing.ts'
import type { Family, Part, Rule } from './tables.ts'

/** What is wrong with a rule, in iptables' words. */
export class Mistake extends Error {}

const services: ReadonlyMap<string, number> = new Map([
  ['ftp', 21],
  ['ssh', 22],
  ['telnet', 23],
  ['smtp', 25],
  ['domain', 53],
  ['http', 80],
  ['pop3', 110],
  ['ntp', 123],
  ['https', 443],
])
const serviceNames = new Map([...services].map(([name, port]) => [port, name]))

const portOf = (text: string): number => {
  const port = services.get(text) ?? (/^\d{1,5}$/.test(text) ? Number(text) : -1)
  if (port < 0 || port > 65_535) throw new Mistake(`invalid port/service \`${text}' specified`)
  return port
}

const states = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT']
const statesOf = (text: string): string => {
  const wanted = text.toUpperCase().split(',')
  for (const state of wanted) if (!states.includes(state)) throw new Mistake(`Bad state "${state}"`)
  return states.filter(state => wanted.includes(state)).join(',')
}

const quoted = (text: string): string => (/^[\w.,:/-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`)

type Taking = { next(): string; negated: boolean }
type Maker = (taking: Taking) => Part
const not = (negated: boolean): [spec: string, listed: string] => (negated ? ['! ', '!'] : ['', ''])

const port =
  (kind: 'dport' | 'sport', one: string, range: string): Maker =>
  ({ next, negated }) => {
    const text = next()
    const [from = '', to] = text.split(':')
    const [spec, listed] = not(negated)
    if (to === undefined) {
      const number = portOf(from)
      const named = `${one}:${listed}${serviceNames.get(number) ?? number}`
      return { spec: `${spec}--${kind} ${number}`, listed: `${one}:${listed}${number}`, named }
    }
    const [low, high] = [from === '' ? 0 : portOf(from), to === '' ? 65_535 : portOf(to)]
    return { spec: `${spec}--${kind} ${low}:${high}`, listed: `${range}:${listed}${low}:${high}` }
  }
const ports = {
  '--dport': port('dport', 'dpt', 'dpts'),
  '--destination-port': port('dport', 'dpt', 'dpts'),
  '--sport': port('sport', 'spt', 'spts'),
  '--source-port': port('sport', 'spt', 'spts'),
}
const several =
  (kind: string): Maker =>
  ({ next, negated }) => {
    const list = next()
      .split(',', 15)
      .map(one => one.split(':').map(portOf).join(':'))
      .join(',')
    const [spec, listed] = not(negated)
    return { spec: `${spec}--${kind} ${list}`, listed: `${kind} ${listed}${list}` }
  }
const flags =
  (mask: string, set: string): Maker =>
  ({ negated }) => ({
    spec: `${not(negated)[0]}--tcp-flags ${mask} ${set}`,
    listed: `flags:${not(negated)[1]}0x17/0x02`,
  })

/** Options of the modules that people and bots use. */
const modules: ReadonlyMap<string, ReadonlyMap<string, Maker>> = new Map([
  [
    'tcp',
    new Map<string, Maker>([
      ...Object.entries(ports),
      ['--syn', flags('FIN,SYN,RST,ACK', 'SYN')],
      ['--tcp-flags', ({ next }) => ({ spec: `--tcp-flags ${next()} ${next()}`, listed: 'flags:0x3F/0x00' })],
    ]),
  ],
  ['udp', new Map<string, Maker>(Object.entries(ports))],
  [
    'multiport',
    new Map<string, Maker>([
      ['--dports', several('dports')],
      ['--sports', several('sports')],
      ['--ports', several('ports')],
      ['--destination-ports', several('dports')],
      ['--source-ports', several('sports')],
    ]),
  ],
  ['state', new Map<string, Maker>([['--state', ({ next }) => stateful('--state', '', next())]])],
  ['conntrack', new Map<string, Maker>([['--ctstate', ({ next }) => stateful('--ctstate', 'ctstate ', next())]])],
  [
    'icmp',
    new Map<string, Maker>([
      [
        '--icmp-type',
        ({ next, negated }) => {
          const text = next()
          const part = icmpType(text, negated)
          if (!part) throw new Mistake(`Unknown ICMP type \`${text}'`)
          return part
        },
      ],
    ]),
  ],
  [
    'limit',
    new Map<string, Maker>([
      ['--limit', ({ next }) => limit(next())],
      ['--limit-burst', ({ next }) => ({ spec: `--limit-burst ${next()}`, listed: '' })],
    ]),
  ],
  [
    'comment',
    new Map<string, Maker>([
      [
        '--comment',
        ({ next }) => {
          const text = next().slice(0, 255)
          return { spec: `--comment ${quoted(text)}`, listed: `/* ${text} */` }
        },
      ],
    ]),
  ],
])
const stateful = (option: string, word: string, text: string): Part => {
  const list = statesOf(text)
  return { spec: `${option} ${list}`, listed: `${word}${list}` }
}
const units = new Map([
  ['s', 'sec'],
  ['m', 'min'],
  ['h', 'hour'],
  ['d', 'day'],
])
const limit = (text: string): Part => {
  const [, count, unit = 's'] = /^(\d+)(?:\/([a-z]))?/.exec(text) ?? []
  if (count === undefined) throw new Mistake(`bad rate "${text}"`)
  const rate = `${count}/${units.get(unit) ?? 'sec'}`
  return { spec: `--limit ${rate}`, listed: `limit: avg ${rate} burst 5` }
}

/** What may follow `-j TARGET`. */
const targets: ReadonlyMap<string, ReadonlyMap<string, Maker>> = new Map([
  ['REJECT', new Map<string, Maker>([['--reject-with', ({ next }) => rejects(next())]])],
  [
    'LOG',
    new Map<string, Maker>([
      ['--log-prefix', ({ next }) => prefixed(next())],
      ['--log-level', ({ next }) => ({ spec: `--log-level ${next()}`, listed: '' })],
    ]),
  ],
  [
    'REDIRECT',
    new Map<string, Maker>([
      ['--to-ports', ({ next }) => redirected(next())],
      ['--to-port', ({ next }) => redirected(next())],
    ]),
  ],
  ['DNAT', new Map<string, Maker>([['--to-destination', ({ next }) => rewritten('--to-destination', next())]])],
  ['SNAT', new Map<string, Maker>([['--to-source', ({ next }) => rewritten('--to-source', next())]])],
  ['MASQUERADE', new Map()],
  [
    'MARK',
    new Map<string, Maker>([
      ['--set-mark', ({ next }) => ({ spec: `--set-xmark ${next()}/0xffffffff`, listed: 'MARK set' })],
    ]),
  ],
])
const rejects = (how: string): Part => ({ spec: `--reject-with ${how}`, listed: `reject-with ${how}` })
const prefixed = (text: string): Part => ({
  spec: `--log-prefix ${quoted(text)}`,
  listed: `LOG flags 0 level 4 prefix "${text}"`,
})
const redirected = (to: string): Part => ({ spec: `--to-ports ${to}`, listed: `redir ports ${to}` })
const rewritten = (option: string, to: string): Part => ({ spec: `${option} ${to}`, listed: `to:${to}` })
const plainTargets = new Set(['ACCEPT', 'DROP', 'QUEUE', 'RETURN'])

const bitsOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)

/** An address with its length, or with its mask where that has holes; `undefined` for any at all. */
const addressOf = (text: string, family: Family): string | undefined => {
  const [host = '', mask] = text.split('/')
  const known = family === 'ip' ? isIPv4(host) : isIPv6(host)
  if (!known) throw new Mistake(`host/network \`${text}' not found`)
  const most = family === 'ip' ? 32 : 128
  const dottedMask = family === 'ip' && mask !== undefined && isIPv4(mask)
  const length = mask === undefined ? most : /^\d{1,3}$/.test(mask) ? Number(mask) : -1
  if (!dottedMask && (length < 0 || length > most)) throw new Mistake(`invalid mask \`${mask}' specified`)
  if (family === 'ip6') return length === 0 ? undefined : `${host}/${length}`
  const bits = dottedMask ? bitsOf(mask) : length === 0 ? 0 : (-1 << (32 - length)) >>> 0
  if (bits === 0) return undefined
  const network = dotted((bitsOf(host) & bits) >>> 0)
  const ones = Math.clz32(~bits)
  const whole = netmask(ones) === dotted(bits)
  return `${network}/${whole ? ones : dotted(bits)}`
}

/** Words that the command itself takes, in the middle of a rule as well. */
export type Common = (option: string, next: () => string) => boolean

/** A rule from the words of a command line; `chains` are those that a rule may jump to. Throws `Mistake`. */
export const readRule = (
  words: readonly string[],
  family: Family,
  chains: ReadonlySet<string>,
  common: Common,
): Rule => {
  const rule: Rule = { matches: [], about: [] }
  const loaded: { name: string; options: ReadonlyMap<string, Maker>; parts: Part[] }[] = []
  let negated = false
  for (let at = 0; at < words.length; at++) {
    const option = words[at]!
    const next = (): string => {
      const word = words[++at]
      if (word === undefined) throw new Mistake(`option "${option}" requires an argument`)
      return word
    }
    const value = (): string => {
      const word = next()
      return negated ? `!${word}` : word
    }
    if (option === '!') {
      negated = true
      continue
    }
    if (option === '-s' || option === '--source' || option === '--src') rule.source = marked(addressOf(next(), family))
    else if (option === '-d' || option === '--destination' || option === '--dst')
      rule.destination = marked(addressOf(next(), family))
    else if (option === '-i' || option === '--in-interface') rule.input = value()
    else if (option === '-o' || option === '--out-interface') rule.output = value()
    else if (option === '-p' || option === '--protocol') rule.protocol = mark(protocolOf(next()))
    else if (option === '-m' || option === '--match') load(next())
    else if (option === '-j' || option === '--jump' || option === '-g' || option === '--goto') rule.target = next()
    else if (!common(option, next) && !moduleTakes(option, next)) throw new Mistake(`unknown option "${option}"`)
    negated = false
  }
  if (rule.target === 'REJECT' && rule.about.length === 0)
    rule.about.push(rejects(family === 'ip' ? 'icmp-port-unreachable' : 'icmp6-port-unreachable'))
  if (rule.target === 'LOG' && rule.about.length === 0) rule.about.push({ spec: '', listed: 'LOG flags 0 level 4' })
  if (
    rule.target !== undefined &&
    !plainTargets.has(rule.target) &&
    !targets.has(rule.target) &&
    !chains.has(rule.target)
  )
    throw new Mistake(`Chain '${rule.target}' does not exist`)
  rule.matches = loaded.map(({ name, parts }) => ({
    spec: [`-m ${name}`, ...parts.map(({ spec }) => spec)].join(' '),
    listed: listedAs(name, parts, 'listed'),
    named: listedAs(name, parts, 'named'),
  }))
  rule.about = rule.about.filter(({ spec, listed }) => spec !== '' || listed !== '')
  return rule

  function marked(address: string | undefined): string | undefined {
    return address === undefined ? undefined : mark(address)
  }
  function mark(text: string): string {
    return negated ? `!${text}` : text
  }
  function load(name: string): (typeof loaded)[number] {
    const options = modules.get(name)
    if (!options) throw new Mistake(`Couldn't load match \`${name}':No such file or directory\n`)
    const found = { name, options, parts: [] }
    loaded.push(found)
    return found
  }
  function moduleTakes(option: string, next: () => string): boolean {
    const taking = { next, negated }
    const own = rule.target === undefined ? undefined : targets.get(rule.target)?.get(option)
    if (own) {
      rule.about.push(own(taking))
      return true
    }
    let owner = loaded.find(({ options }) => options.has(option))
    const protocol = rule.protocol
    // -p tcp brings its module along when one of its options is used.
    if (!owner && protocol !== undefined && modules.get(protocol)?.has(option)) owner = load(protocol)
    if (!owner) return false
    owner.parts.push(owner.options.get(option)!(taking))
    return true
  }
}

const listedAs = (name: string, parts: readonly Part[], form: 'listed' | 'named'): string => {
  const texts = parts
    .map(part => (form === 'named' ? (part.named ?? part.listed) : part.listed))
    .filter(text => text !== '')
  const words = new Set(['tcp', 'udp', 'multiport', 'state'])
  return words.has(name) && texts.length > 0 ? `${name} ${texts.join(' ')}` : texts.join(' ')
}

const protocolOf = (text: string): string => {
  const name = text.toLowerCase()
  if (protocols.has(name)) return name
  const named = [...protocols].find(([, number]) => `${number}` === name)?.[0]
  if (named === undefined && !/^\d{1,3}$/.test(name)) throw new Mistake(`unknown protocol "${text}" specified`)
  return named ?? name
}
