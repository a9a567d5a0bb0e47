import { createHash } from 'node:crypto'
import { ipv4Of, ipv6Of } from '../../internet/addresses.ts'
import { isOwn, reach } from '../../internet/reach.ts'
import { type Process, SystemError } from '../../system.ts'

/** One record as a zone file has it; `data` is the text of its last field. */
export type Resource = { owner: string; ttl: number; type: string; data: string }
export type DnsAnswer = { status: 'NOERROR' | 'NXDOMAIN'; answers: Resource[]; authority: Resource[]; bytes: number }

/** The first name server of /etc/resolv.conf. */
export const serverOf = (process: Process): string => {
  try {
    const text = process.fs.readFile('/etc/resolv.conf', process.who, { max: 16 << 10 }).toString('latin1')
    return /^\s*nameserver\s+([\d.a-fA-F:]+)/m.exec(text)?.[1] ?? '127.0.0.1'
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    return '127.0.0.1'
  }
}

/** Is there a name server at the address? */
export const served = (process: Process, address: string): 'refused' | 'silent' | 'yes' => {
  if (isOwn(process, address)) return 'refused'
  const { refused } = reach(process, address, 53)
  return refused === undefined ? 'yes' : refused === 'ECONNREFUSED' ? 'refused' : 'silent'
}

/** `4.3.2.1.in-addr.arpa` for -x. */
export const reverseName = (address: string): string | undefined => {
  if (ipv4Of(address) !== undefined) return `${address.split('.').toReversed().join('.')}.in-addr.arpa`
  const full = ipv6Of(address)
  if (full === undefined) return undefined
  const [head = '', tail = ''] = full.split('::')
  const groups = (half: string) => (half === '' ? [] : half.split(':'))
  const missing = 8 - groups(head).length - groups(tail).length
  const all = full.includes('::')
    ? [...groups(head), ...Array<string>(missing).fill('0'), ...groups(tail)]
    : groups(full)
  return `${all
    .map(group => group.padStart(4, '0'))
    .join('')
    .split('')
    .toReversed()
    .join('.')}.ip6.arpa`
}

/** Numbers that follow from a name. */
const drawn = (name: string, below: number): number =>
  createHash('sha256').update(name).digest().readUInt32LE(0) % below

/** What a resolver says of a name. */
export const ask = (process: Process, given: string, type: string): DnsAnswer => {
  process.step(20)
  const name = given.replace(/\.$/, '').toLowerCase()
  const owner = name === '' ? '.' : `${name}.`
  const question = name.length + 2 + 16 + 11
  if (name.endsWith('.arpa') && type === 'PTR') {
    const known = new Map([
      ['8.8.8.8.in-addr.arpa', 'dns.google.'],
      ['1.1.1.1.in-addr.arpa', 'one.one.one.one.'],
      ['1.0.0.127.in-addr.arpa', 'localhost.'],
    ]).get(name)
    if (known !== undefined)
      return {
        status: 'NOERROR',
        answers: [{ owner, ttl: 7200, type, data: known }],
        authority: [],
        bytes: question + 14 + known.length,
      }
  }
  const found = process.host.internet.resolve(name)
  const zone = name.split('.').slice(-2).join('.')
  const soa = (of: string): Resource => ({
    owner: of,
    ttl: 300 + drawn(of, 1500),
    type: 'SOA',
    data:
      of === '.'
        ? `a.root-servers.net. nstld.verisign-grs.com. ${serial(process)} 1800 900 604800 86400`
        : `ns1.${of} hostmaster.${of} ${serial(process)} 7200 3600 1209600 3600`,
  })
  if (!found || ipv4Of(name) !== undefined || ipv6Of(name) !== undefined)
    return { status: 'NXDOMAIN', answers: [], authority: [soa('.')], bytes: question + 75 }
  const ttl = [60, 120, 300, 600, 1800, 3600][drawn(name, 6)]!
  const one = (kind: string, data: string): Resource => ({ owner, ttl, type: kind, data })
  const all: Resource[] = [
    ...(found.v4 ? [one('A', found.v4)] : []),
    ...(found.v6 ? [one('AAAA', found.v6)] : []),
    ...(name === zone
      ? [
          one('MX', `10 mail.${zone}.`),
          one('NS', `ns1.${zone}.`),
          one('NS', `ns2.${zone}.`),
          one('TXT', '"v=spf1 a mx ~all"'),
        ]
      : []),
  ]
  const answers = all.filter(record => type === 'ANY' || record.type === type)
  const sizes = answers.reduce(
    (sum, { type: kind, data }) => sum + 12 + (kind === 'A' ? 4 : kind === 'AAAA' ? 16 : data.length + 2),
    0,
  )
  return {
    status: 'NOERROR',
    answers,
    authority: answers.length > 0 ? [] : [soa(`${zone}.`)],
    bytes: question + (answers.length > 0 ? sizes : 46),
  }
}

/** Serial numbers count days. */
const serial = (process: Process): string =>
  `${new Date(process.now()).toISOString().slice(0, 10).replaceAll('-', '')}01`
