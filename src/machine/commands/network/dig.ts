import { ipv4Of, ipv6Of } from '../../internet/addresses.ts'
import { httpDate } from '../../internet/answer.ts'
import type { Process, Program } from '../../system.ts'
import { packageVersion } from '../package-version.ts'
import { ask, type DnsAnswer, type Resource, reverseName, served, serverOf } from './dns.ts'

export const bindVersion = (process: Process): string =>
  `${packageVersion(process, 'bind9-dnsutils', '1:9.18.33-1~deb12u2').replace(/^\d+:/, '')}-${process.host.persona.os.id === 'ubuntu' ? 'Ubuntu' : 'Debian'}`

const usage = `Usage:  dig [@global-server] [domain] [q-type] [q-class] {q-opt}
            {global-d-opt} host [@local-server] {local-d-opt}
            [ host [@local-server] {local-d-opt} [...]]
`
const types = new Set(
  'A AAAA ANY AXFR CAA CNAME DNSKEY DS HINFO HTTPS IXFR MX NAPTR NS NSEC PTR SOA SRV SSHFP SVCB TLSA TXT'.split(' '),
)
/** Queries of one command. */
const mostQueries = 20

const flags = new Set(
  `aaflag aaonly additional adflag all answer authority badcookie besteffort bufsize cdflag class cmd comments cookie crypto
  defname dns64prefix dnssec domain do edns ednsflags ednsopt expandaaaa expire fail header-only https https-get idnin
  idnout identify ignore keepalive keepopen mapped multiline ndots nsid nssearch onesoa opcode padding qid qr question
  raflag rdflag recurse retry rrcomments search short showbadcookie showsearch split stats subnet tcflag tcp time timeout
  tls trace tries ttlid ttlunits udptimeout unknownformat vc yaml zflag`
    .trim()
    .split(/\s+/),
)

type Query = { name: string; type: string }
type Asked = {
  server: string | undefined
  queries: Query[]
  on(flag: string, usual: boolean): boolean
  tries: number
  wait: number
  version: boolean
}

/** The command line, or what dig says about it. */
const asked = (argv: readonly string[]): Asked | string => {
  const settings = new Map<string, string>()
  const queries: Query[] = []
  let server: string | undefined
  let type: string | undefined
  let version = false
  for (let at = 1; at < argv.length; at++) {
    const word = argv[at]!
    if (word.startsWith('+')) {
      const [, no, flag = '', value = ''] = /^\+(no)?([a-z0-9-]*)(?:=(.*))?$/s.exec(word) ?? []
      const known = [...flags].some(one => one === flag || (flag.length > 2 && one.startsWith(flag)))
      if (!known)
        return `Invalid option: ${word}\n${usage}\nUse "dig -h" (or "dig -h | more") for complete list of options\n`
      settings.set(flag, no ? 'no' : value || 'yes')
    } else if (word.startsWith('@')) server = word.slice(1)
    else if (word === '-v') version = true
    else if (word === '-h') return `${usage}`
    else if (/^-[tcqxpbfky]$/.test(word)) {
      const value = argv[++at] ?? ''
      if (word === '-t') type = value.toUpperCase()
      else if (word === '-q') queries.push({ name: value, type: type ?? 'A' })
      else if (word === '-x') {
        const reverse = reverseName(value)
        if (reverse === undefined) return `Invalid IP address ${value}\n`
        queries.push({ name: reverse, type: 'PTR' })
      }
    } else if (/^-[46mriu]+$/.test(word)) continue
    else if (word.startsWith('-'))
      return `Invalid option: ${word}\n${usage}\nUse "dig -h" (or "dig -h | more") for complete list of options\n`
    else if (types.has(word.toUpperCase())) type = word.toUpperCase()
    else if (!/^(IN|CH|HS)$/i.test(word)) queries.push({ name: word, type: '' })
  }
  const number = (name: string, usual: number): number => Math.min(60, Number(settings.get(name)) || usual)
  const given = queries.length > 0 ? queries.slice(0, mostQueries) : [{ name: '.', type: type ?? 'NS' }]
  return {
    server,
    queries: given.map(({ name, type: own }) => ({ name, type: own || (type ?? 'A') })),
    on: (flag, usual) => (settings.has(flag) ? settings.get(flag) !== 'no' : usual),
    tries: number('tries', 3),
    wait: number('time', 5),
    version,
  }
}

/** dig(1) of BIND 9.18. */
export const dig: Program = async process => {
  const given = asked(process.argv)
  if (typeof given === 'string') {
    const help = given === usage
    await (help ? process.stdout : process.stderr).write(given)
    return help ? 0 : 1
  }
  if (given.version) {
    await process.stdout.write(`DiG ${bindVersion(process)}\n`)
    return 0
  }
  let status = 0
  for (const [index, query] of given.queries.entries())
    status = Math.max(status, await one(process, given, query, index === 0))
  return status
}

const one = async (process: Process, given: Asked, query: Query, first: boolean): Promise<number> => {
  const named = given.server ?? serverOf(process)
  const known = ipv4Of(named) !== undefined || ipv6Of(named) !== undefined
  const resolved = process.host.internet.resolve(named)
  const server = known ? named : (resolved?.v4 ?? '')
  process.host.witness.connection({ host: query.name, port: 53, tool: 'dig' })
  if (server === '') {
    await process.stderr.write(`dig: couldn't get address for '${named}': not found\n`)
    return 10
  }
  const short = given.on('short', false)
  const command = `\n; <<>> DiG ${bindVersion(process)} <<>>${process.argv
    .slice(1)
    .map(word => ` ${word}`)
    .join('')}\n${given.server ? '; (1 server found)\n' : ''};; global options: +cmd\n`
  const comments = given.on('all', true) && given.on('comments', true)
  const banner = first && !short && given.on('all', true) && given.on('cmd', true) ? command : ''
  const state = served(process, server)
  if (state !== 'yes') {
    for (let turn = 0; turn < given.tries; turn++) {
      if (state === 'silent') await process.sleep(given.wait)
      await process.stdout.write(
        `;; communications error to ${server}#53: ${state === 'refused' ? 'connection refused' : 'timed out'}\n`,
      )
    }
    await process.stdout.write(
      `${banner}${short ? ';; no servers could be reached\n' : ';; no servers could be reached\n'}`,
    )
    return 9
  }
  const answer = ask(process, query.name, query.type)
  const milliseconds = 1 + (process.random(1)[0]! % 24)
  await process.sleep(milliseconds / 1000)
  if (short) {
    await process.stdout.write(answer.answers.map(({ data }) => `${data}\n`).join(''))
    return 0
  }
  await process.stdout.write(
    banner + body(process, given, query, answer, comments) + stats(process, given, server, answer, milliseconds),
  )
  return 0
}

/** Tabs up to the column; one space where the text is beyond. */
const toColumn = (text: string, column: number): string => {
  if (text.length >= column) return `${text} `
  return text + '\t'.repeat(Math.ceil((column - text.length) / 8))
}

const row = ({ owner, ttl, type, data }: Resource): string => `${toColumn(owner, 24)}${ttl}\tIN\t${type}\t${data}\n`

const body = (process: Process, given: Asked, query: Query, answer: DnsAnswer, comments: boolean): string => {
  const { answers, authority, status } = answer
  const name = query.name.endsWith('.') ? query.name : `${query.name}.`
  const id = process.random(2).readUInt16LE(0)
  const head = `;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: ${status}, id: ${id}\n;; flags: qr rd ra; QUERY: 1, ANSWER: ${answers.length}, AUTHORITY: ${authority.length}, ADDITIONAL: 1\n\n;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 1232\n`
  const section = (title: string, records: readonly Resource[], flag: string): string =>
    records.length === 0 || !given.on(flag, given.on('all', true))
      ? ''
      : `${comments ? `;; ${title} SECTION:\n` : ''}${records.map(row).join('')}${comments ? '\n' : ''}`
  const question = given.on('question', given.on('all', true))
    ? `${comments ? ';; QUESTION SECTION:\n' : ''}${toColumn(`;${name}`, 32)}IN\t${query.type}\n${comments ? '\n' : ''}`
    : ''
  return `${comments ? head : ''}${question}${section('ANSWER', answers, 'answer')}${section('AUTHORITY', authority, 'authority')}`
}

const stats = (process: Process, given: Asked, server: string, { bytes }: DnsAnswer, milliseconds: number): string => {
  if (!given.on('stats', given.on('all', true))) return ''
  const { timezone } = process.host.persona
  const [, day, date, month, year, time] = /^(\w+), (\d+) (\w+) (\d+) (\S+)/.exec(
    httpDate(process.now() + timezone.offset * 60_000),
  )!
  const zone = timezone.offset === 0 ? 'UTC' : zoneName(timezone.offset)
  return `;; Query time: ${milliseconds} msec\n;; SERVER: ${server}#53(${server}) (UDP)\n;; WHEN: ${day} ${month} ${date} ${time} ${zone} ${year}\n;; MSG SIZE  rcvd: ${bytes}\n\n`
}

const zoneName = (offset: number): string =>
  `${offset < 0 ? '-' : '+'}${String(Math.floor(Math.abs(offset) / 60)).padStart(2, '0')}${offset % 60 === 0 ? '' : String(Math.abs(offset) % 60).padStart(2, '0')}`
