import type { Process } from '../../../system.ts'
import { type Address, type Link, leaseOf, type Route, type Traffic, trafficOf } from './network.ts'

export type Look = { brief: boolean; oneline: boolean; statistics: boolean; family: 4 | 6 | undefined; json: boolean }

const stateOf = (link: Link): string => (!link.up ? 'DOWN' : link.kind === 'loopback' ? 'UNKNOWN' : 'UP')

const flagsOf = (link: Link): string[] => [
  ...(link.kind === 'loopback' ? ['LOOPBACK'] : ['BROADCAST', 'MULTICAST']),
  ...(link.promiscuous ? ['PROMISC'] : []),
  ...(link.up ? ['UP', 'LOWER_UP'] : []),
]
const queueOf = (link: Link): string =>
  !link.up && link.kind === 'loopback' ? 'noop' : link.kind === 'loopback' ? 'noqueue' : 'pfifo_fast'

const head = (link: Link, mode: boolean): string =>
  `${link.index}: ${link.name}: <${flagsOf(link).join(',')}> mtu ${link.mtu} qdisc ${queueOf(link)} state ${stateOf(link)}${mode ? ' mode DEFAULT' : ''} group default qlen 1000`

const hardware = (link: Link): string[] => [
  `    link/${link.kind} ${link.mac} brd ${link.kind === 'loopback' ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff'}`,
  ...(link.kind === 'ether' && !link.name.startsWith('enp') && link.index === 2 ? ['    altname enp0s3'] : []),
]

const addressLines = (process: Process, link: Link, address: Address): string[] => {
  const { family, local, prefix, scope, dynamic, broadcast } = address
  const life = dynamic ? `${leaseOf(process)}sec` : 'forever'
  const tail = family === 6 ? '' : `${dynamic ? 'dynamic ' : ''}${address.label || link.name}`
  return [
    `    inet${family === 6 ? '6' : ''} ${local}/${prefix}${broadcast ? ` brd ${broadcast}` : ''} scope ${scope} ${tail}`,
    `       valid_lft ${life} preferred_lft ${life}`,
  ]
}

export const showAddresses = (process: Process, links: readonly Link[], look: Look): string => {
  const wanted = (link: Link): Address[] =>
    link.addresses.filter(({ family }) => look.family === undefined || family === look.family)
  const shown = look.family === undefined ? links : links.filter(link => wanted(link).length > 0)
  if (look.json) return `${JSON.stringify(shown.map(link => jsonOf(link, wanted(link))))}\n`
  if (look.brief)
    return shown
      .map(
        link =>
          `${link.name.padEnd(16)} ${stateOf(link).padEnd(14)} ${wanted(link)
            .map(({ local, prefix }) => `${local}/${prefix} `)
            .join('')}\n`,
      )
      .join('')
  if (look.oneline)
    return shown
      .flatMap(link =>
        wanted(link).map(
          address =>
            `${link.index}: ${link.name}    ${addressLines(process, link, address)
              .map(line => line.slice(line.startsWith('     ') ? 0 : 4))
              .join('\\')}\n`,
        ),
      )
      .join('')
  return shown
    .map(link => {
      const lines = [
        head(link, false),
        ...(look.family === undefined ? hardware(link) : []),
        ...wanted(link).flatMap(address => addressLines(process, link, address)),
      ]
      return `${lines.join('\n')}\n${look.statistics ? statistics(trafficOf(process, link.name)) : ''}`
    })
    .join('')
}

const jsonOf = (link: Link, addresses: readonly Address[]): object => ({
  ifindex: link.index,
  ifname: link.name,
  flags: flagsOf(link),
  mtu: link.mtu,
  qdisc: queueOf(link),
  operstate: stateOf(link),
  group: 'default',
  txqlen: 1000,
  link_type: link.kind,
  address: link.mac,
  broadcast: link.kind === 'loopback' ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff',
  addr_info: addresses.map(({ family, local, prefix, scope, label }) => ({
    family: family === 6 ? 'inet6' : 'inet',
    local,
    prefixlen: prefix,
    scope,
    ...(family === 4 ? { label } : {}),
    valid_life_time: 4294967295,
    preferred_life_time: 4294967295,
  })),
})

export const showLinks = (process: Process, links: readonly Link[], look: Look): string => {
  if (look.brief)
    return links
      .map(link => `${link.name.padEnd(16)} ${stateOf(link).padEnd(14)} ${link.mac} <${flagsOf(link).join(',')}> \n`)
      .join('')
  if (look.oneline) return links.map(link => `${[head(link, true), ...hardware(link)].join('\\')}\n`).join('')
  return links
    .map(
      link =>
        `${[head(link, true), ...hardware(link)].join('\n')}\n${look.statistics ? statistics(trafficOf(process, link.name)) : ''}`,
    )
    .join('')
}

const statistics = ({ rxBytes, rxPackets, txBytes, txPackets }: Traffic): string => {
  const [first, second] = [Math.max(13, `${rxBytes}`.length + 4), Math.max(7, `${rxPackets}`.length)]
  const row = (bytes: number, packets: number): string =>
    `    ${`${bytes}`.padStart(first - 4 + 0)} ${`${packets}`.padStart(second)}      0       0       0       0 \n`
  const bytes = (name: string): string =>
    `    ${name}:${'bytes'.padStart(first - 4 - name.length - 1)} ${'packets'.padStart(second)}`
  return `${bytes('RX')} errors dropped  missed   mcast           \n${row(rxBytes, rxPackets)}${bytes('TX')} errors dropped carrier collsns           \n${row(txBytes, txPackets)}`
}

export const showRoute = ({ destination, gateway, device, source, metric, kernel }: Route): string =>
  `${destination}${gateway ? ` via ${gateway}` : ''} dev ${device} ${kernel ? 'proto kernel ' : ''}${gateway ? '' : 'scope link '}${source ? `src ${source} ` : ''}${metric ? `metric ${metric} ` : ''}`
