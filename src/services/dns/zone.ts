import net from 'node:net'
import type { Persona } from '#persona/persona.ts'
import { type Data, type Entry, folded, type Name, named, u16s, u32s } from './wire.ts'

/** Names of a zone, folded, each with its records. */
export type Zone = { apex: Name; entries: Map<string, Entry[]> }

const IN = 1
const DAY = 86_400

const toName = (text: string): Data => ({ kind: 'name', names: [named(text)] })
const soa = (primary: string, contact: string, ...numbers: number[]): Data => ({
  kind: 'name',
  names: [named(primary), named(contact)],
  after: u32s(...numbers),
})
const exchange = (preference: number, text: string): Data => ({
  kind: 'name',
  before: u16s(preference),
  names: [named(text)],
})

/** The 4 or 16 bytes of an address, and the type of its record. */
export function address(ip: string): { type: 1 | 28; data: Data } {
  if (net.isIPv4(ip)) return { type: 1, data: { kind: 'address', bytes: Buffer.from(ip.split('.').map(Number)) } }
  const [head = '', tail] = ip.split('::')
  const words = (text: string) => text.split(':').filter(Boolean)
  const last = tail === undefined ? [] : words(tail)
  const zeros = tail === undefined ? 0 : 8 - words(head).length - last.length
  const all = [...words(head), ...Array<string>(Math.max(0, zeros)).fill('0'), ...last]
  return { type: 28, data: { kind: 'address', bytes: Buffer.concat(all.map(word => u16s(Number.parseInt(word, 16)))) } }
}

function zone(apex: string, lines: [name: string, type: number, data: Data, ttl?: number][], ttl: number): Zone {
  const entries = new Map<string, Entry[]>()
  for (const [relative, type, data, own] of lines) {
    const name = relative === '@' ? named(apex) : [...named(relative), ...named(apex)]
    const key = folded(name)
    entries.set(key, [...(entries.get(key) ?? []), { name, type, class: IN, ttl: own ?? ttl, data }])
  }
  return { apex: named(apex), entries }
}

/** The persona's own domain, as the owner of one server writes it: everything is at `ip`. */
export function ownZone({ domain, hostname, installedAt, derive }: Persona, ip: string): Zone {
  const { type, data } = address(ip)
  const made = new Date(installedAt + 3 * DAY * 1000)
  const serial = Number(`${made.toISOString().slice(0, 10).replaceAll('-', '')}01`) + (derive('dns serial', 1)[0]! % 7)
  const host = (name: string): [string, number, Data] => [name, type, data]
  const alias = (name: string): [string, number, Data] => [name, 5, toName(`${hostname}.${domain}`)]
  const hosts = ['ns1', 'ns2', 'mail', hostname].filter((name, i, all) => all.indexOf(name) === i)
  return zone(
    domain,
    [
      ['@', 6, soa(`ns1.${domain}`, `hostmaster.${domain}`, serial, 28_800, 7200, 604_800, 3600)],
      ['@', 2, toName(`ns1.${domain}`)],
      ['@', 2, toName(`ns2.${domain}`)],
      ['@', type, data],
      ['@', 15, exchange(10, `mail.${domain}`)],
      ['@', 16, { kind: 'text', text: 'v=spf1 mx -all' }],
      ...hosts.map(host),
      ...['www', 'ftp'].filter(name => name !== hostname).map(alias),
      ['_dmarc', 16, { kind: 'text', text: 'v=DMARC1; p=none' }],
    ],
    DAY,
  )
}

/** What Debian's bind9 brings: /etc/bind/named.conf.default-zones. */
export const defaultZones: readonly Zone[] = [
  zone(
    'localhost',
    [
      ['@', 6, soa('localhost', 'root.localhost', 2, 604_800, DAY, 2_419_200, 604_800)],
      ['@', 2, toName('localhost')],
      ['@', 1, address('127.0.0.1').data],
      ['@', 28, address('::1').data],
    ],
    604_800,
  ),
  ...['127', '0', '255'].map(network =>
    zone(
      `${network}.in-addr.arpa`,
      [
        ['@', 6, soa('localhost', 'root.localhost', 1, 604_800, DAY, 2_419_200, 604_800)],
        ['@', 2, toName('localhost')],
        ...(network === '127' ? [['1.0.0', 12, toName('localhost')] as [string, number, Data]] : []),
      ],
      604_800,
    ),
  ),
]

/** Networks whose reverse zones BIND serves empty by itself (RFC 6303 and its registry). */
const emptyNames = [
  '10.in-addr.arpa',
  ...Array.from({ length: 16 }, (_, i) => `${16 + i}.172.in-addr.arpa`),
  '168.192.in-addr.arpa',
  ...Array.from({ length: 64 }, (_, i) => `${64 + i}.100.in-addr.arpa`),
  '254.169.in-addr.arpa',
  '2.0.192.in-addr.arpa',
  '100.51.198.in-addr.arpa',
  '113.0.203.in-addr.arpa',
  '255.255.255.255.in-addr.arpa',
  `${'0.'.repeat(32)}ip6.arpa`,
  `1.${'0.'.repeat(31)}ip6.arpa`,
  '8.b.d.0.1.0.0.2.ip6.arpa',
  'd.f.ip6.arpa',
  ...['8', '9', 'a', 'b'].map(digit => `${digit}.e.f.ip6.arpa`),
  'empty.as112.arpa',
  'home.arpa',
  'resolver.arpa',
]
const emptyZone = (apex: string): Zone =>
  zone(
    apex.toUpperCase(),
    [
      ['@', 6, soa(apex.toUpperCase(), '', 0, 28_800, 7200, 604_800, DAY)],
      ['@', 2, toName(apex.toUpperCase())],
    ],
    DAY,
  )
const empty = new Set(emptyNames)

/** The zone that a name belongs to, if this server has it. */
export function zoneOf(name: Name, own: Zone): Zone | undefined {
  for (let i = 0; i <= name.length; i++) {
    const apex = folded(name.slice(i))
    if (apex === folded(own.apex)) return own
    const usual = defaultZones.find(found => folded(found.apex) === apex)
    if (usual) return usual
    if (empty.has(apex)) return emptyZone(apex)
  }
  return undefined
}
