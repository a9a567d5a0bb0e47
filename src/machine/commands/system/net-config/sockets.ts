import { type Socket, socketsOf } from '../../../fs/sockets.ts'
import { saysOf } from '../../../release.ts'
import type { Process, Program } from '../../../system.ts'
import { getopt, type Option, shortOptions } from '../../getopt.ts'
import { say, textOf } from '../facts.ts'
import { rowsOf } from '../processes/rows.ts'
import { interfaceTable, routeTable } from './net-tools.ts'
import { networkOf } from './network.ts'

/** Names of ports by /etc/services. */
const services = (process: Process): ((port: number, protocol: string) => string) => {
  const names = new Map<string, string>()
  for (const line of (textOf(process, '/etc/services') ?? '').split('\n', 2000)) {
    const [name = '', where = ''] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (where !== '' && !names.has(where)) names.set(where, name)
  }
  return (port, protocol) => (port === 0 ? '*' : (names.get(`${port}/${protocol}`) ?? `${port}`))
}

/** A process's sockets are seen by root and by whoever owns it. */
const visible = (process: Process, socket: Socket): boolean => process.who.uid === 0 || socket.uid === process.who.uid

const netstatOptions: Option[] = [
  { short: 'r', long: 'route' },
  { short: 'i', long: 'interfaces' },
  { short: 'g', long: 'groups' },
  { short: 's', long: 'statistics' },
  { short: 'M', long: 'masquerade' },
  { short: 'v', long: 'verbose' },
  { short: 'W', long: 'wide' },
  { short: 'n', long: 'numeric' },
  { long: 'numeric-hosts' },
  { long: 'numeric-ports' },
  { long: 'numeric-users' },
  { short: 'N', long: 'symbolic' },
  { short: 'e', long: 'extend' },
  { short: 'p', long: 'programs' },
  { short: 'o', long: 'timers' },
  { short: 'c', long: 'continuous' },
  { short: 'l', long: 'listening' },
  { short: 'a', long: 'all' },
  { short: 'F', long: 'fib' },
  { short: 'C', long: 'cache' },
  { short: 'Z', long: 'context' },
  { short: 't', long: 'tcp' },
  { short: 'u', long: 'udp' },
  { short: 'U', long: 'udplite' },
  { short: 'S', long: 'sctp' },
  { short: 'w', long: 'raw' },
  { short: 'x', long: 'unix' },
  { short: '4', long: 'inet' },
  { short: '6', long: 'inet6' },
  { short: 'A', argument: 'required' },
  { short: 'V', long: 'version' },
  { short: 'h', long: 'help' },
]

/** netstat(8) of net-tools 2.10. */
export const netstat: Program = async process => {
  const parsed = getopt(process.argv, netstatOptions)
  const usage =
    'usage: netstat [-vWeenNcCF] [<Af>] -r         netstat {-V|--version|-h|--help}\n       netstat [-vWnNcaeol] [<Socket> ...]\n       netstat { [-vWeenNac] -i | [-cnNe] -M | -s [-6tuw] }\n'
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\n${usage}`)
    return 4
  }
  const { has } = parsed
  if (has('version')) return say(process, `net-tools ${saysOf(process.host.persona).netTools}\n`)
  if (has('help')) {
    await process.stderr.write(usage)
    return 0
  }
  const numeric = has('numeric') || has('numeric-ports')
  if (has('route')) return say(process, routeTable(process, has('numeric') || has('numeric-hosts'), true))
  if (has('interfaces'))
    return say(
      process,
      `Kernel Interface table\n${interfaceTable(
        process,
        networkOf(process).links.toSorted((a, b) => b.index - a.index),
        'Iface             MTU ',
      )}`,
    )
  if (has('statistics')) return say(process, statistics(process))
  const [all, listening, programs, extended] = [has('all'), has('listening'), has('programs'), has('extend')]
  const kinds = ['tcp', 'udp', 'raw', 'unix'].filter(has)
  const families = has('inet') === has('inet6') ? [false, true] : [has('inet6')]
  const port = services(process)
  const title = all ? 'servers and established' : listening ? 'only servers' : 'w/o servers'
  const lines: string[] = []
  if (kinds.length === 0 || kinds.some(kind => kind !== 'unix')) {
    if (programs && process.who.uid !== 0)
      await process.stderr.write(
        '(Not all processes could be identified, non-owned process info\n will not be shown, you would have to be root to see it all.)\n',
      )
    lines.push(`Active Internet connections (${title})`)
    lines.push(
      `Proto Recv-Q Send-Q Local Address           Foreign Address         State      ${extended ? ' User       Inode     ' : ''}${programs ? ' PID/Program name    ' : ''}${has('timers') ? ' Timer' : ''}`,
    )
    for (const socket of socketsOf(process.host.processes).toSorted(byProtocol)) {
      const open = socket.state === 'LISTEN' || socket.state === 'UNCONN'
      if (kinds.length > 0 && !kinds.includes(socket.protocol)) continue
      if (!families.includes(socket.v6) || (!all && open !== listening)) continue
      const name = (number: number): string =>
        number === 0 ? '*' : numeric ? `${number}` : port(number, socket.protocol)
      const end = (address: string, number: number): string => {
        const text = `${!numeric && address === '0.0.0.0' ? '0.0.0.0' : !numeric && address === '::' ? '[::]' : address}`
        const whole = `${text}:${name(number)}`
        return has('wide')
          ? whole
          : whole.length > 23
            ? `${text.slice(0, 23 - name(number).length - 1)}:${name(number)}`
            : whole
      }
      const state = socket.state === 'ESTAB' ? 'ESTABLISHED' : socket.state === 'LISTEN' ? 'LISTEN' : ''
      const holder = socket.holders[socket.holders.length - 1]
      const row = holder && rowsOf(process).find(({ pid }) => pid === holder.pid)
      const program =
        holder && visible(process, socket)
          ? `${holder.pid}/${row?.argv[0]?.includes(':') ? row.argv[0] : holder.name}`.slice(0, 19)
          : '-'
      lines.push(
        `${`${socket.protocol}${socket.v6 ? '6' : ''}`.padEnd(5)} ${'0'.padStart(6)} ${'0'.padStart(6)} ${end(socket.local, socket.localPort).padEnd(23)} ${end(socket.remote, socket.remotePort).padEnd(23)} ${state.padEnd(11)}${extended ? ` ${(numeric ? '0' : 'root').padEnd(10)} ${`${socket.inode}`.padEnd(10)}` : ''}${programs ? ` ${program.padEnd(19)} ` : ''}${has('timers') ? ` ${state === 'ESTABLISHED' ? 'keepalive (6012.34/0/0)' : 'off (0.00/0/0)'}` : ''}`,
      )
    }
  }
  if (kinds.length === 0 || kinds.includes('unix')) {
    lines.push(`Active UNIX domain sockets (${title})`)
    lines.push(
      `Proto RefCnt Flags       Type       State         I-Node   ${programs ? 'PID/Program name     ' : ''}Path`,
    )
    for (const [inode, path, type, listens] of unixSockets) {
      if (!all && listens !== listening) continue
      lines.push(
        `unix  2      [ ${listens ? 'ACC' : '   '} ]     ${type.padEnd(10)} ${(listens ? 'LISTENING' : type === 'DGRAM' ? '' : 'CONNECTED').padEnd(13)} ${`${inode}`.padEnd(8)} ${programs ? '1/init               ' : ''}${path}`,
      )
    }
  }
  await process.stdout.write(lines.map(line => `${line}\n`).join(''))
  while (has('continuous')) await process.sleep(1)
  return 0
}

const byProtocol = (a: Socket, b: Socket): number =>
  Number(a.protocol === 'udp') - Number(b.protocol === 'udp') || Number(a.v6) - Number(b.v6)

const unixSockets: readonly [inode: number, path: string, type: string, listens: boolean][] = [
  [11_021, '/run/systemd/notify', 'DGRAM', false],
  [11_024, '/run/systemd/private', 'STREAM', true],
  [11_043, '/run/systemd/journal/dev-log', 'DGRAM', false],
  [11_045, '/run/systemd/journal/socket', 'DGRAM', false],
  [11_047, '/run/systemd/journal/stdout', 'STREAM', true],
  [11_053, '/run/udev/control', 'SEQPACKET', true],
  [13_004, '/run/dbus/system_bus_socket', 'STREAM', true],
]

const statistics = (process: Process): string => {
  const rx = networkOf(process).links.length > 0 ? Math.floor((process.now() - process.host.persona.bootedAt) / 520) : 0
  return `Ip:\n    Forwarding: 2\n    ${rx} total packets received\n    0 forwarded\n    0 incoming packets discarded\n    ${rx - 12} incoming packets delivered\n    ${Math.floor(rx * 0.7)} requests sent out\nIcmp:\n    ${Math.floor(rx / 90)} ICMP messages received\n    ${Math.floor(rx / 400)} input ICMP message failed\nTcp:\n    ${Math.floor(rx / 300)} active connection openings\n    ${Math.floor(rx / 40)} passive connection openings\n    ${Math.floor(rx / 120)} failed connection attempts\n    1 connections established\n    ${Math.floor(rx * 0.9)} segments received\n    ${Math.floor(rx * 0.65)} segments sent out\n    ${Math.floor(rx / 60)} segments retransmitted\nUdp:\n    ${Math.floor(rx / 50)} packets received\n    ${Math.floor(rx / 50)} packets sent\n`
}

const ssOptions: Option[] = [
  ...shortOptions('hVnrlaoempTisbEZzN:460tMSudwxf:KHOA:D:F:'),
  ...[
    'numeric',
    'resolve',
    'all',
    'listening',
    'options',
    'extended',
    'memory',
    'processes',
    'info',
    'summary',
    'ipv4',
    'ipv6',
    'tcp',
    'udp',
    'raw',
    'unix',
    'no-header',
    'oneline',
    'help',
    'version',
    'tos',
    'cgroup',
  ].map(long => ({ long })),
  { long: 'family', argument: 'required' },
  { long: 'query', argument: 'required' },
]
const longToShort: ReadonlyMap<string, string> = new Map([
  ['numeric', 'n'],
  ['all', 'a'],
  ['listening', 'l'],
  ['processes', 'p'],
  ['summary', 's'],
  ['ipv4', '4'],
  ['ipv6', '6'],
  ['tcp', 't'],
  ['udp', 'u'],
  ['raw', 'w'],
  ['unix', 'x'],
  ['no-header', 'H'],
  ['options', 'o'],
  ['extended', 'e'],
  ['help', 'h'],
  ['version', 'V'],
])

/** ss(8) of iproute2 6.1.0. */
export const ss: Program = async process => {
  const parsed = getopt(process.argv, ssOptions)
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\nUsage: ss [ OPTIONS ]\n       ss [ OPTIONS ] [ FILTER ]\n`)
    return 255
  }
  const given = new Set(parsed.given.map(({ name }) => longToShort.get(name) ?? name))
  const has = (letter: string): boolean => given.has(letter)
  if (has('Z') || has('z')) {
    await process.stderr.write('ss: SELinux is not enabled.\n')
    return 1
  }
  if (has('V')) return say(process, 'ss utility, iproute2-6.1.0\n')
  if (has('h')) return say(process, 'Usage: ss [ OPTIONS ]\n       ss [ OPTIONS ] [ FILTER ]\n')
  const family = parsed.value('f') ?? parsed.value('family')
  if (family !== undefined && !/^(inet6?|link|unix|netlink|vsock|tipc|xdp|help)$/.test(family)) {
    await process.stderr.write(
      `ss: "${family}" is invalid family\nUsage: ss [ OPTIONS ]\n       ss [ OPTIONS ] [ FILTER ]\n`,
    )
    return 255
  }
  const every = socketsOf(process.host.processes)
  if (has('s')) return say(process, summary(every))
  const kinds = [
    ...(has('t') ? ['tcp'] : []),
    ...(has('u') ? ['udp'] : []),
    ...(has('w') ? ['raw'] : []),
    ...(has('x') ? ['unix'] : []),
  ]
  const port = services(process)
  const filter = parsed.operands
  const stateWord = filter[0] === 'state' ? filter[1] : undefined
  const wantedPort = /(?:sport|dport)\s*(?:=|==|eq)\s*:?(\w+)/.exec(filter.join(' '))?.[1]
  const shown = every
    .filter(({ protocol }) => kinds.length === 0 || kinds.includes(protocol))
    .filter(({ v6 }) => (has('4') || family === 'inet' ? !v6 : true) && (has('6') || family === 'inet6' ? v6 : true))
    .filter(({ state }) => {
      const open = state === 'LISTEN' || state === 'UNCONN'
      if (stateWord !== undefined)
        return stateWord.startsWith('listen')
          ? open
          : stateWord.startsWith('estab')
            ? state === 'ESTAB'
            : stateWord === 'all' || (stateWord === 'connected' && !open)
      return has('a') || open === has('l')
    })
    .filter(
      ({ localPort, remotePort, protocol }) =>
        wantedPort === undefined ||
        [localPort, remotePort].some(number => `${number}` === wantedPort || port(number, protocol) === wantedPort),
    )
    .toSorted((a, b) => Number(a.protocol === 'tcp') - Number(b.protocol === 'tcp') || Number(a.v6) - Number(b.v6))
  const name = (number: number, protocol: string): string =>
    number === 0 ? '*' : has('n') ? `${number}` : port(number, protocol)
  const ends = (address: string, v6: boolean): string => (v6 ? `[${address}]` : address)
  const rows = shown.map(socket => [
    socket.protocol,
    socket.state,
    '0',
    `${socket.state === 'LISTEN' ? socket.backlog : 0}`,
    ends(socket.local, socket.v6),
    name(socket.localPort, socket.protocol),
    ends(socket.remote, socket.v6),
    name(socket.remotePort, socket.protocol),
    [
      has('p') && visible(process, socket) && socket.holders.length > 0
        ? `users:(${socket.holders.map(one => `("${one.name}",pid=${one.pid},fd=${one.fd})`).join(',')})`
        : '',
      has('o') && socket.state === 'ESTAB' ? 'timer:(keepalive,100min,0)' : '',
      has('e')
        ? `ino:${socket.inode} sk:${(socket.inode % 4096).toString(16)} cgroup:/system.slice/ssh.service <->`
        : '',
    ]
      .filter(Boolean)
      .join(' '),
  ])
  const one = kinds.length === 1
  const bare = stateWord !== undefined && stateWord !== 'all' && stateWord !== 'connected'
  return say(process, layOut(rows, { netid: !one, state: !bare, header: !has('H') }))
}

const layOut = (
  rows: readonly string[][],
  { netid, state, header }: { netid: boolean; state: boolean; header: boolean },
): string => {
  const head = ['Netid', 'State', 'Recv-Q', 'Send-Q', 'Local Address', 'Port', 'Peer Address', 'Port', 'Process']
  const all = [head, ...rows]
  const width = (column: number): number => Math.max(...all.map(row => row[column]!.length))
  const widths = head.map((_, column) => width(column))
  const last = all.map(row => row[8]!).reduce((most, text) => Math.max(most, text.length), 0)
  return (header ? all : rows)
    .map(row => {
      const title = row === head
      const process = row[8]!.padEnd(last)
      return `${netid ? `${row[0]!.padEnd(widths[0]!)} ` : ''}${state ? `${row[1]!.padEnd(widths[1]!)} ` : ''}${row[2]!.padEnd(widths[2]!)} ${row[3]!.padEnd(widths[3]!)} ${row[4]!.padStart(widths[4]!)}:${row[5]!.padEnd(widths[5]!)} ${row[6]!.padStart(widths[6]!)}:${row[7]!.padEnd(widths[7]!)}${title || widths[7]! > 4 ? '' : ''}${process}\n`
    })
    .join('')
}

const summary = (sockets: readonly Socket[]): string => {
  const count = (protocol: string, v6?: boolean): number =>
    sockets.filter(one => one.protocol === protocol && (v6 === undefined || one.v6 === v6)).length
  const row = (name: string, all: number, v4: number, v6: number): string =>
    `${name}\t  ${`${all}`.padEnd(9)} ${`${v4}`.padEnd(9)} ${`${v6}`.padEnd(9)}\n`
  const established = sockets.filter(({ state }) => state === 'ESTAB').length
  return `Total: ${140 + sockets.length}\nTCP:   ${count('tcp')} (estab ${established}, closed 0, orphaned 0, timewait 0)\n\nTransport Total     IP        IPv6\n${row('RAW', 0, 0, 0)}${row('UDP', count('udp'), count('udp', false), count('udp', true))}${row('TCP', count('tcp'), count('tcp', false), count('tcp', true))}${row('INET', sockets.length, sockets.filter(({ v6 }) => !v6).length, sockets.filter(({ v6 }) => v6).length)}${row('FRAG', 0, 0, 0)}\n`
}
