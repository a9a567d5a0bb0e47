import { ipv4Of } from '../../internet/addresses.ts'
import { connectTexts, isOwn, lookup, reach } from '../../internet/reach.ts'
import { type Process, type Program, SystemError } from '../../system.ts'
import { getopt, type Parsed, shortOptions } from '../getopt.ts'
import { packageVersion } from '../package-version.ts'
import { listen, relay } from './relay.ts'

/** Ports that one command tries. */
const mostPorts = 65_535

const help = `[v1.10-47]
connect to somewhere:	nc [-options] hostname port[s] [ports] ... 
listen for inbound:	nc -l -p port [-options] [hostname] [port]
options:
	-c shell commands	as \`-e'; use /bin/sh to exec [dangerous!!]
	-e filename		program to exec after connect [dangerous!!]
	-b			allow broadcasts
	-g gateway		source-routing hop point[s], up to 8
	-G num			source-routing pointer: 4, 8, 12, ...
	-h			this cruft
	-i secs			delay interval for lines sent, ports scanned
        -k                      set keepalive option on socket
	-l			listen mode, for inbound connects
	-n			numeric-only IP addresses, no DNS
	-o file			hex dump of traffic
	-p port			local port number
	-r			randomize local and remote ports
	-q secs			quit after EOF on stdin and delay of secs
	-s addr			local source address
	-T tos			set Type Of Service
	-t			answer TELNET negotiation
	-u			UDP mode
	-v			verbose [use twice to be more verbose]
	-w secs			timeout for connects and final net reads
	-C			Send CRLF as line-ending
	-z			zero-I/O mode [used for scanning]
port numbers can be individual or ranges: lo-hi [inclusive];
hyphens in port names must be backslash escaped (e.g. 'ftp\\-data').
`

const openbsdUsage = `usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]
	  [-m minttl] [-O length] [-P proxy_username] [-p source_port]
	  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]
	  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]
	  [destination] [port]
`

/** Ubuntu's nc is OpenBSD's, which has no -e and -c, and other words for what is wrong. */
const isOpenbsd = ({ host }: Process): boolean => host.persona.os.id === 'ubuntu'

/** nc of netcat-traditional 1.10-47, which has always been in the public domain, and of netcat-openbsd. */
export const nc: Program = async process => {
  const fail = async (text: string): Promise<number> => {
    await process.stderr.write(`${text}\n`)
    return 1
  }
  const openbsd = isOpenbsd(process)
  if (process.argv.length === 1) return fail(openbsd ? openbsdUsage.trimEnd() : 'Cmd line: wrong')
  const letters = openbsd ? '46CDdFhI:i:klM:m:NnO:P:p:q:rSs:T:tUuV:vW:w:X:x:Zz' : 'abc:e:g:G:hi:klno:p:q:rs:T:tuvw:xzC'
  const parsed = getopt(process.argv, shortOptions(letters))
  if (typeof parsed === 'string' && openbsd)
    return fail(`${parsed.replace(/unrecognized option '--.*'$/, "invalid option -- '-'")}\n${openbsdUsage.trimEnd()}`)
  if (typeof parsed === 'string')
    return fail(
      `${parsed.replace("invalid option -- '--'", "invalid option -- '-'").replace(/unrecognized option '--.*'$/, "invalid option -- '-'")}\nnc -h for help`,
    )
  if (parsed.has('h')) {
    await process.stderr.write(
      openbsd
        ? `OpenBSD netcat (Debian patchlevel ${packageVersion(process, 'netcat-openbsd', '1.218-4ubuntu1')})\n${openbsdUsage}`
        : help,
    )
    return 0
  }
  const verbose = parsed.has('v')
  if (parsed.has('l')) return waitFor(process, parsed, verbose, fail)
  const [host, ...ports] = parsed.operands
  if (host === undefined) return fail(openbsd ? openbsdUsage.trimEnd() : 'no destination')
  const address =
    ipv4Of(host) === undefined
      ? parsed.has('n')
        ? undefined
        : lookup(process, host, 4)?.[0]
      : lookup(process, host)?.[0]
  if (address === undefined) {
    if (parsed.has('n')) return fail(`Can't parse ${host} as an IP address`)
    process.host.witness.connection({ host, port: Number(ports[0]) || 0, tool: 'nc' })
    return fail(`${host}: forward host lookup failed: Unknown host`)
  }
  if (ports.length === 0) return fail('no port[s] to connect to')
  const name = await nameOf(process, parsed, host, address)
  const many = ports.length > 1 || ports.some(word => word.includes('-'))
  let status = many ? 0 : 1
  let tried = 0
  for (const word of ports) {
    const range = portsOf(process, word)
    if (!range) return fail(`invalid port ${word}`)
    for (let port = range[1]; port >= range[0] && tried < mostPorts; port--, tried++) {
      const made = await one(process, parsed, {
        host,
        address,
        name,
        port,
        alone: range[0] === range[1] && ports.length === 1,
      })
      if (made !== undefined) status = made
    }
  }
  if (parsed.given.filter(({ name: option }) => option === 'v').length > 1)
    await process.stderr.write(' sent 0, rcvd 0\n')
  return status
}

/** What -v calls an address: what a reverse look-up says. */
const nameOf = async (process: Process, parsed: Parsed, host: string, address: string): Promise<string> => {
  if (!parsed.has('v') || parsed.has('n')) return ipv4Of(host) === undefined ? host : '(UNKNOWN)'
  if (address.startsWith('127.0.0.1')) return 'localhost'
  if (ipv4Of(host) === undefined) return host
  await process.stderr.write(`${host}: inverse host lookup failed: Unknown host\n`)
  return '(UNKNOWN)'
}

const services = (process: Process, wanted: (name: string, port: number) => boolean): [string, number] | undefined => {
  let text: string
  try {
    text = process.fs.readFile('/etc/services', process.who, { max: 64 << 10 }).toString('latin1')
  } catch (error) {
    if (error instanceof SystemError) return undefined
    throw error
  }
  for (const [, name = '', port = ''] of text.matchAll(/^([\w+.-]+)\s+(\d+)\/tcp/gm))
    if (wanted(name, Number(port))) return [name, Number(port)]
  return undefined
}

const portsOf = (process: Process, word: string): [number, number] | undefined => {
  const found = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(word)
  if (!found) {
    const named = services(process, name => name === word)
    return named ? [named[1], named[1]] : undefined
  }
  const low = Number(found[1])
  const high = Number(found[2] ?? found[1])
  return low < 1 ? undefined : [Math.min(low, high) & 0xffff, Math.max(low, high) & 0xffff]
}

type Aim = { host: string; address: string; name: string; port: number; alone: boolean }

/** One port: its exit status, or `undefined` where it was not to be had. */
const one = async (process: Process, parsed: Parsed, aim: Aim): Promise<number | undefined> => {
  process.step(20)
  const { host, address, port, name, alone } = aim
  const verbose = parsed.has('v')
  const scans = parsed.has('z')
  const service = parsed.has('n') ? undefined : services(process, (_, number) => number === port)?.[0]
  const shown = `${name} [${address}] ${port} (${service ?? '?'})`
  const place = { host, port, tool: 'nc' }
  if (parsed.has('u')) {
    const own = isOwn(process, address)
    if (scans) process.host.witness.connection(place)
    if (verbose && !own) await process.stderr.write(`${shown} open\n`)
    if (scans) return own ? 1 : 0
    return relay(process, place, address)
  }
  const made = reach(process, address, port)
  const patience = Number(parsed.value('w') ?? 0) || 0
  const late = patience > 0 && made.seconds > patience
  await process.sleep(late ? patience : made.seconds)
  if (late || made.refused !== undefined) {
    process.host.witness.connection(place)
    // Of several ports the refused ones are passed over, unless it is told to say more.
    const text = late ? connectTexts.ETIMEDOUT : connectTexts[made.refused!]
    if (
      alone ||
      parsed.given.filter(({ name: option }) => option === 'v').length > 1 ||
      made.refused !== 'ECONNREFUSED'
    )
      await process.stderr.write(`${shown} : ${text}\n`)
    return undefined
  }
  if (verbose) await process.stderr.write(`${shown} open\n`)
  if (scans) {
    process.host.witness.connection(place)
    return 0
  }
  const command = parsed.value('c')
  const program = parsed.value('e')
  return relay(
    process,
    place,
    address,
    command === undefined ? (program === undefined ? undefined : [program]) : ['/bin/sh', '-c', command],
  )
}

const waitFor = async (process: Process, parsed: Parsed, verbose: boolean, fail: (text: string) => Promise<number>) => {
  const port = Number(parsed.value('p') ?? parsed.operands.at(-1) ?? 0) || 32_768 + (process.pid % 28_000)
  if (verbose) await process.stderr.write(`listening on [any] ${port & 0xffff} ...\n`)
  const patience = Number(parsed.value('w') ?? 0) || 0
  await listen(process, port & 0xffff, patience)
  return fail('no connection : Connection timed out')
}
