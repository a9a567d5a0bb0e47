import { isIPv4 } from 'node:net'
import { dotted, netmask } from '../../../fs/addresses.ts'
import { saysOf } from '../../../release.ts'
import type { Process, Program } from '../../../system.ts'
import { say } from '../facts.ts'
import { pathTo } from './ip-route.ts'
import { type Link, mostEntries, networkOf, type Route, trafficOf } from './network.ts'

const amount = (bytes: number): string => {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < 4) {
    value /= 1024
    unit++
  }
  return `${value.toFixed(1)} ${units[unit]}`
}

const described = (process: Process, link: Link): string => {
  const { up, kind } = link
  const loop = kind === 'loopback'
  const flags: [string, number][] = [
    ...(up ? ([['UP', 1]] as [string, number][]) : []),
    ...(loop ? ([['LOOPBACK', 8]] as [string, number][]) : ([['BROADCAST', 2]] as [string, number][])),
    ...(up ? ([['RUNNING', 64]] as [string, number][]) : []),
    ...(link.promiscuous ? ([['PROMISC', 256]] as [string, number][]) : []),
    ...(loop ? [] : ([['MULTICAST', 4096]] as [string, number][])),
  ]
  const { rxBytes, rxPackets, txBytes, txPackets } = trafficOf(process, link.name)
  const v4 = link.addresses.filter(({ family }) => family === 4)
  const lines = [
    `${link.name}: flags=${flags.reduce((sum, [, bit]) => sum + bit, 0)}<${flags.map(([name]) => name).join(',')}>  mtu ${link.mtu}`,
    ...v4
      .slice(0, 1)
      .map(
        ({ local, prefix, broadcast }) =>
          `        inet ${local}  netmask ${netmask(prefix)}${loop ? '' : `  broadcast ${broadcast ?? '0.0.0.0'}`}`,
      ),
    ...link.addresses
      .filter(({ family }) => family === 6 && up)
      .map(
        ({ local, prefix, scope }) =>
          `        inet6 ${local}  prefixlen ${prefix}  scopeid ${scope === 'host' ? '0x10<host>' : scope === 'link' ? '0x20<link>' : '0x0<global>'}`,
      ),
    loop ? '        loop  txqueuelen 1000  (Local Loopback)' : `        ether ${link.mac}  txqueuelen 1000  (Ethernet)`,
    `        RX packets ${rxPackets}  bytes ${rxBytes} (${amount(rxBytes)})`,
    '        RX errors 0  dropped 0  overruns 0  frame 0',
    `        TX packets ${txPackets}  bytes ${txBytes} (${amount(txBytes)})`,
    '        TX errors 0  dropped 0 overruns 0  carrier 0  collisions 0',
  ]
  return `${lines.join('\n')}\n\n`
}

const byName = (a: Link, b: Link): number =>
  Number(a.kind === 'loopback') - Number(b.kind === 'loopback') || (a.name < b.name ? -1 : 1)

/** ifconfig(8) of net-tools 2.10. */
export const ifconfig: Program = async process => {
  const words = process.argv.slice(1)
  const { links } = networkOf(process)
  const flags = words.filter(word => /^-(a|s|v|V|-version|h|-help)$/.test(word))
  if (flags.some(flag => flag === '-V' || flag === '--version'))
    return say(process, `net-tools ${saysOf(process.host.persona).netTools}\n`)
  if (flags.some(flag => flag === '-h' || flag === '--help')) {
    await process.stderr.write('Usage:\n  ifconfig [-a] [-v] [-s] <interface> [[<AF>] <address>]\n')
    return 0
  }
  const [name, ...changes] = words.filter(word => !flags.includes(word))
  if (name?.startsWith('-')) {
    await process.stderr.write(
      `ifconfig: option \`${name}' not recognised.\nifconfig: \`--help' gives usage information.\n`,
    )
    return 1
  }
  const found = name === undefined ? undefined : links.find(one => one.name === name.replace(/:.*/, ''))
  if (name !== undefined && !found) {
    await process.stderr.write(
      changes.length > 0
        ? `${changes.some(word => isIPv4(word.split('/')[0]!)) ? 'SIOCSIFADDR: No such device\n' : ''}${name}: ERROR while getting interface flags: No such device\n`
        : `${name}: error fetching interface information: Device not found\n`,
    )
    return changes.length > 0 ? 255 : 1
  }
  if (changes.length === 0) {
    const shown = (found ? [found] : links.toSorted(byName)).filter(({ up }) => found || up || flags.includes('-a'))
    if (flags.includes('-s')) return say(process, interfaceTable(process, shown, 'Iface      MTU '))
    return say(process, shown.map(link => described(process, link)).join(''))
  }
  if (process.who.uid !== 0) {
    await process.stderr.write(`SIOCSIFFLAGS: Operation not permitted\n`)
    return 255
  }
  const link = found!
  for (let at = 0; at < changes.length; at++) {
    const word = changes[at]!
    const value = changes[at + 1] ?? ''
    if (word === 'up') link.up = true
    else if (word === 'down') link.up = false
    else if (word === 'mtu') link.mtu = Number(changes[++at]) || link.mtu
    else if (word === 'promisc') link.promiscuous = true
    else if (word === '-promisc') link.promiscuous = false
    else if (word === 'hw' && value === 'ether') {
      at += 2
      link.mac = changes[at] ?? link.mac
    } else if (word === 'netmask' && isIPv4(value)) {
      const v4 = link.addresses.find(({ family }) => family === 4)
      if (v4)
        v4.prefix = value.split('.').reduce((sum, part) => sum + Number(part).toString(2).replaceAll('0', '').length, 0)
      at++
    } else if (word === 'broadcast' && isIPv4(value)) {
      const v4 = link.addresses.find(({ family }) => family === 4)
      if (v4) v4.broadcast = value
      at++
    } else if (isIPv4(word.split('/')[0]!)) {
      const [local = '', bits] = word.split('/')
      const prefix = Number(bits ?? (local.startsWith('10.') ? 8 : /^(172|12\d|1[3-8]\d)\./.test(local) ? 16 : 24))
      const size = 2 ** (32 - prefix)
      const value32 = local.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
      link.addresses = [
        {
          family: 4,
          local,
          prefix,
          scope: 'global',
          dynamic: false,
          broadcast: dotted(Math.floor(value32 / size) * size + size - 1),
          label: link.name,
        },
        ...link.addresses.filter(({ family }) => family === 6),
      ]
      link.up = true
    } else if (!/^(inet|arp|-arp|multicast|allmulti|-allmulti|txqueuelen|\d+)$/.test(word)) {
      await process.stderr.write(`${word}: Host name lookup failure\nifconfig: \`--help' gives usage information.\n`)
      return 1
    }
  }
  return 0
}

export const interfaceTable = (process: Process, links: readonly Link[], head: string): string =>
  `${head}   RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n${links
    .map(link => {
      const { rxPackets, txPackets } = trafficOf(process, link.name)
      const flags = link.kind === 'loopback' ? (link.up ? 'LRU' : 'L') : link.up ? 'BMRU' : 'BM'
      return `${link.name.padEnd(15)} ${`${link.mtu}`.padStart(5)} ${`${rxPackets}`.padStart(8)}      0      0 0      ${`${txPackets}`.padStart(8)}      0      0      0 ${flags}\n`
    })
    .join('')}`

const split = ({ destination }: Route): [network: string, mask: string] => {
  if (destination === 'default') return ['0.0.0.0', '0.0.0.0']
  const [network = '', bits = '32'] = destination.split('/')
  return [network, netmask(Number(bits))]
}

/** The kernel's table as route(8) and `netstat -r` print it. */
export const routeTable = (process: Process, numeric: boolean, netstat: boolean): string => {
  const rows = networkOf(process).routes.map(one => {
    const [network, mask] = split(one)
    const name = !numeric && network === '0.0.0.0' ? 'default' : network
    const gateway = one.gateway ?? (numeric ? '0.0.0.0' : '0.0.0.0')
    const flags = `U${one.gateway ? 'G' : ''}${mask === '255.255.255.255' ? 'H' : ''}`
    const head = `${name.padEnd(15)} ${gateway.padEnd(15)} ${mask.padEnd(15)} `
    return netstat
      ? `${head}${flags.padEnd(5)}     0 0          0 ${one.device}\n`
      : `${head}${flags.padEnd(5)} ${`${one.metric}`.padEnd(6)} 0        0 ${one.device}\n`
  })
  const head = netstat
    ? 'Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n'
    : 'Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n'
  return `Kernel IP routing table\n${head}${rows.join('')}`
}

/** route(8) of net-tools 2.10. */
export const route: Program = async process => {
  const words = process.argv.slice(1)
  const numeric = words.some(word => /^-[a-z]*n/.test(word))
  if (words.includes('-V') || words.includes('--version'))
    return say(process, `net-tools ${saysOf(process.host.persona).netTools}\n`)
  const verb = words.find(word => !word.startsWith('-'))
  if (verb === undefined) return say(process, routeTable(process, numeric, false))
  if (verb !== 'add' && verb !== 'del') {
    await process.stderr.write('Usage: route [-nNvee] [-FC] [<AF>]           List kernel routing tables\n')
    return 4
  }
  const failed = async (why: string): Promise<number> => {
    await process.stderr.write(`SIOC${verb === 'add' ? 'ADD' : 'DEL'}RT: ${why}\n`)
    return 7
  }
  if (process.who.uid !== 0) return failed('Operation not permitted')
  const rest = words.slice(words.indexOf(verb) + 1)
  const option = (name: string): string | undefined =>
    rest.indexOf(name) < 0 ? undefined : rest[rest.indexOf(name) + 1]
  const target =
    rest.find(
      (word, index) =>
        !/^(-net|-host|gw|netmask|dev|metric|reject|inet)$/.test(word) &&
        !/^(gw|netmask|dev|metric)$/.test(rest[index - 1] ?? ''),
    ) ?? 'default'
  const mask = option('netmask')
  const bits = mask?.split('.').reduce((sum, part) => sum + Number(part).toString(2).replaceAll('0', '').length, 0)
  const destination =
    target === '0.0.0.0' || target === 'default' ? 'default' : bits === undefined ? target : `${target}/${bits}`
  const network = networkOf(process)
  const [gateway, device] = [option('gw'), option('dev')]
  const at = network.routes.findIndex(
    one => one.destination === destination && (gateway === undefined || one.gateway === gateway),
  )
  if (verb === 'del') {
    if (at < 0) return failed('No such process')
    network.routes.splice(at, 1)
    return 0
  }
  const through = gateway === undefined ? undefined : pathTo(network.routes, gateway)
  if (gateway !== undefined && (!through || through.gateway !== undefined)) return failed('Network is unreachable')
  if (gateway === undefined && device === undefined && !rest.includes('reject')) return failed('No such device')
  if (at >= 0) return failed('File exists')
  if (network.routes.length < mostEntries)
    network.routes.push({
      destination,
      gateway,
      device: device ?? through?.device ?? 'lo',
      source: undefined,
      metric: Number(option('metric') ?? 0) || 0,
      kernel: false,
    })
  return 0
}

/** arp(8) of net-tools 2.10. */
export const arp: Program = async process => {
  const words = process.argv.slice(1)
  if (words.includes('-V')) return say(process, `net-tools ${saysOf(process.host.persona).netTools}\n`)
  const { neighbours } = networkOf(process)
  const bsd = words.some(word => /^-[a-z]*a/.test(word))
  if (words.includes('-d') || words.includes('-s')) {
    if (process.who.uid === 0) return 0
    await process.stderr.write('SIOCDARP(dontpub): Operation not permitted\n')
    return 255
  }
  if (bsd)
    return say(
      process,
      neighbours.map(({ address, mac, device }) => `? (${address}) at ${mac} [ether] on ${device}\n`).join(''),
    )
  if (neighbours.length === 0) return 0
  return say(
    process,
    `Address                  HWtype  HWaddress           Flags Mask            Iface\n${neighbours.map(({ address, mac, device, state }) => `${address.padEnd(24)} ether   ${mac}   C${state === 'PERMANENT' ? 'M' : ' '}                    ${device}\n`).join('')}`,
  )
}
