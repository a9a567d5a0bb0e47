import { dotted, netmask } from '../../fs/addresses.ts'
import { socketsOf } from '../../fs/sockets.ts'
import type { Process, Program } from '../../system.ts'
import { getopt, shortOptions } from '../getopt.ts'
import { textOf } from '../system/facts.ts'
import { ifconfig as configures, route as routes } from '../system/net-config/net-tools.ts'
import { type Link, networkOf, trafficOf } from '../system/net-config/network.ts'
import { optionMistake } from './wget.ts'

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
const amount = (bytes: number): string => {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < 4) {
    value /= 1024
    unit++
  }
  return `${value.toFixed(1)} ${units[unit]}`
}

const described = (process: Process, link: Link): string => {
  const loop = link.kind === 'loopback'
  const { rxBytes, rxPackets, txBytes, txPackets } = trafficOf(process, link.name)
  const flags = [
    ...(link.up ? ['UP'] : []),
    loop ? 'LOOPBACK' : 'BROADCAST',
    ...(link.up ? ['RUNNING'] : []),
    ...(link.promiscuous ? ['PROMISC'] : []),
    ...(loop ? [] : ['MULTICAST']),
  ]
  const lines = [
    `${link.name.padEnd(10)}Link encap:${loop ? 'Local Loopback  ' : `Ethernet  HWaddr ${link.mac.toUpperCase()}  `}`,
    ...link.addresses
      .filter(({ family }) => family === 4)
      .slice(0, 1)
      .map(
        ({ local, prefix, broadcast }) =>
          `          inet addr:${local}${loop ? '' : `  Bcast:${broadcast ?? '0.0.0.0'}`}  Mask:${netmask(prefix)}`,
      ),
    ...link.addresses
      .filter(({ family }) => family === 6 && link.up)
      .map(({ local, prefix, scope }) => {
        const where = { host: 'Host', link: 'Link', global: 'Global' }[scope]
        return `          inet6 addr: ${local}/${prefix} Scope:${where}`
      }),
    `          ${flags.join(' ')}  MTU:${link.mtu}  Metric:1`,
    `          RX packets:${rxPackets} errors:0 dropped:0 overruns:0 frame:0`,
    `          TX packets:${txPackets} errors:0 dropped:0 overruns:0 carrier:0`,
    `          collisions:0 txqueuelen:${loop ? 0 : 1000} `,
    `          RX bytes:${rxBytes} (${amount(rxBytes)})  TX bytes:${txBytes} (${amount(txBytes)})`,
  ]
  return `${lines.join('\n')}\n\n`
}

/** ifconfig of BusyBox 1.35.0: shows as net-tools once did, and changes what it is told to. */
export const ifconfig: Program = async process => {
  const words = process.argv.slice(1).filter(word => word !== '-a')
  if (words.length > 1) return configures(process)
  const { links } = networkOf(process)
  const [name] = words
  const shown = links
    .filter(link => (name === undefined ? link.up || process.argv.includes('-a') : link.name === name))
    .toSorted((a, b) => Number(a.kind === 'loopback') - Number(b.kind === 'loopback'))
  if (name !== undefined && shown.length === 0) {
    await process.stderr.write(`ifconfig: ${name}: error fetching interface information: Device not found\n`)
    return 1
  }
  await process.stdout.write(shown.map(link => described(process, link)).join(''))
  return 0
}

/** route of BusyBox 1.35.0. */
export const route: Program = async process => {
  const words = process.argv.slice(1)
  if (words.some(word => !/^-[neA]+$|^inet6?$/.test(word))) return routes(process)
  const wide = words.some(word => /^-\w*e/.test(word))
  await process.stdout.write(
    routingTable(
      process,
      words.some(word => /^-\w*n/.test(word)),
      wide,
    ),
  )
  return 0
}

/** From /proc/net/route, whose addresses stand in the byte order of the host. */
const routingTable = (process: Process, numeric: boolean, wide: boolean): string => {
  const address = (word: string): string =>
    dotted(Number.parseInt(word.replace(/(..)(..)(..)(..)/, '$4$3$2$1'), 16) || 0)
  const flagsOf = (value: number): string => `U${value & 2 ? 'G' : ''}${value & 4 ? 'H' : ''}`
  const rows = (textOf(process, '/proc/net/route') ?? '')
    .split('\n')
    .slice(1, 200)
    .map(line => line.trim().split(/\s+/))
    .filter(fields => fields.length >= 8)
    .map(([device = '', to = '', via = '', flags = '', , use = '0', metric = '0', mask = '']) => {
      const [destination, gateway] = [address(to), address(via)]
      const shown = [
        destination === '0.0.0.0' && !numeric ? 'default' : destination,
        gateway === '0.0.0.0' && !numeric ? '*' : gateway,
        address(mask),
      ].map(text => text.padEnd(15))
      const head = `${shown.join(' ')} ${flagsOf(Number.parseInt(flags, 16)).padEnd(5)} `
      return wide
        ? `${head}    0 0          0 ${device}\n`
        : `${head}${metric.padEnd(6)} 0      ${use.padStart(3)} ${device}\n`
    })
  const columns = wide ? '  MSS Window  irtt Iface' : 'Metric Ref    Use Iface'
  return `Kernel IP routing table\nDestination     Gateway         Genmask         Flags ${columns}\n${rows.join('')}`
}

const states = ['', 'ESTABLISHED', 'SYN_SENT', 'SYN_RECV', 'FIN_WAIT1', 'FIN_WAIT2', 'TIME_WAIT', 'CLOSE', 'CLOSE_WAIT']
const LISTEN = 10

/** netstat of BusyBox 1.35.0, over the tables of /proc/net. */
export const netstat: Program = async process => {
  const parsed = getopt(process.argv, shortOptions('laentuwxrWp'))
  if (typeof parsed === 'string') return optionMistake(process, 'netstat', parsed)
  const { has } = parsed
  if (has('r')) {
    await process.stdout.write(routingTable(process, has('n'), true))
    return 0
  }
  const picked = ['t', 'u', 'w', 'x'].some(letter => has(letter))
  const internet = !picked || has('t') || has('u') || has('w')
  const which = has('a') ? '(servers and established)' : has('l') ? '(only servers)' : '(w/o servers)'
  let text = ''
  if (internet) {
    const owner = has('p') ? 'PID/Program name    ' : ''
    text += `Active Internet connections ${which}\nProto Recv-Q Send-Q Local Address           Foreign Address         State       ${owner}\n`
    for (const protocol of ['tcp', 'udp'] as const)
      if (!picked || has(protocol === 'tcp' ? 't' : 'u'))
        for (const version of ['', '6'])
          text += sockets(process, `${protocol}${version}`, { all: has('a'), listening: has('l'), owners: has('p') })
  }
  if (!picked || has('x'))
    text += `Active UNIX domain sockets ${which}\nProto RefCnt Flags       Type       State         I-Node ${has('p') ? 'PID/Program name    ' : ''}Path\n`
  await process.stdout.write(text)
  return 0
}

type Wanted = { all: boolean; listening: boolean; owners: boolean }

const sockets = (process: Process, table: string, { all, listening, owners }: Wanted): string =>
  (textOf(process, `/proc/net/${table}`) ?? '')
    .split('\n')
    .slice(1, 400)
    .map(line => line.trim().split(/\s+/))
    .filter(fields => fields.length > 9)
    .map(([, local = '', remote = '', state = '', , , , , , inode = '']) => {
      const number = Number.parseInt(state, 16)
      const waits = table.startsWith('tcp') ? number === LISTEN : Number.parseInt(remote.split(':')[1] ?? '0', 16) === 0
      if (!all && waits !== listening) return ''
      const [here, there] = [place(local), place(remote)].map(text => text.padEnd(23).slice(0, 23))
      const word = table.startsWith('udp') ? '' : number === LISTEN ? 'LISTEN' : (states[number] ?? '')
      return `${table.replace('6', '').padEnd(3)}        0      0 ${here} ${there} ${word.padEnd(11)} ${owners ? ownerOf(process, inode) : ''}\n`
    })
    .join('')

/** `0100007F:0016`; the longer ones are of IPv6, four words. */
const place = (text: string): string => {
  const [address = '', port = ''] = text.split(':')
  const number = Number.parseInt(port, 16)
  const shown = number === 0 ? '*' : String(number)
  if (address.length === 8)
    return `${dotted(Number.parseInt(address.replace(/(..)(..)(..)(..)/, '$4$3$2$1'), 16) || 0)}:${shown}`
  if (/^0+$/.test(address)) return `:::${shown}`
  const words = (address.match(/.{8}/g) ?? []).map(word => word.replace(/(..)(..)(..)(..)/, '$4$3$2$1')).join('')
  const v4 = /^0{20}ffff(.{8})$/i.exec(words)?.[1]
  if (v4) return `::ffff:${dotted(Number.parseInt(v4, 16))}:${shown}`
  return `${(words.match(/.{4}/g) ?? []).map(word => Number.parseInt(word, 16).toString(16)).join(':')}:${shown}`
}

const ownerOf = (process: Process, inode: string): string => {
  const holder = socketsOf(process.host.processes).find(socket => String(socket.inode) === inode)?.holders[0]
  return holder ? `${holder.pid}/${holder.name}` : '-'
}

/** Hardware addresses: `arp -a` and `cat /proc/net/arp` agree. */
export const arp: Program = async process => {
  const rows = (textOf(process, '/proc/net/arp') ?? '').split('\n').slice(1, 200)
  for (const row of rows) {
    const [address, , , mac, , device] = row.trim().split(/\s+/)
    if (device) await process.stdout.write(`? (${address}) at ${mac} [ether]  on ${device}\n`)
  }
  return 0
}

/** uptime of BusyBox 1.35.0. */
export const uptime: Program = async process => {
  const seconds = Number((textOf(process, '/proc/uptime') ?? '0').split(' ')[0])
  const load = (textOf(process, '/proc/loadavg') ?? '').split(' ').slice(0, 3).join(', ')
  const clock = new Date(process.now() + process.host.persona.timezone.offset * 60_000).toISOString().slice(11, 19)
  const [days, hours, minutes] = [86_400, 3600, 60].map((unit, at) => Math.floor(seconds / unit) % [1e9, 24, 60][at]!)
  const long = days === 0 ? '' : `${days} day${days === 1 ? '' : 's'}, `
  const rest = hours === 0 ? `${minutes} min, ` : `${String(hours).padStart(2)}:${String(minutes).padStart(2, '0')}, `
  // A device keeps no utmp.
  const users = process.host.make.busybox ? '' : ` ${process.host.logins().length} users, `
  await process.stdout.write(` ${clock} up ${long}${rest}${users} load average: ${load}\n`)
  return 0
}
