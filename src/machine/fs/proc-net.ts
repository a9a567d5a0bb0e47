import { addressesOf, netmask } from './addresses.ts'
import type { ProcSources } from './proc-files.ts'
import { type Socket, socketsOf } from './sockets.ts'
import { type Vitals, vitalsOf } from './vitals.ts'

const sockets = ({ processes }: ProcSources, protocol: Socket['protocol'], v6: boolean): Socket[] =>
  socketsOf(processes).filter(socket => socket.protocol === protocol && socket.v6 === v6)

/** The files of /proc/net: text of each, made when it is read. */
export const netFiles: ReadonlyMap<string, (sources: ProcSources) => string> = new Map<
  string,
  (sources: ProcSources) => string
>([
  ['dev', ({ persona, now }) => netDevices(persona.interface, vitalsOf(persona, now()).traffic)],
  [
    'arp',
    ({ persona, processes }) => {
      const { gateway, gatewayMac } = addressesOf(persona, processes)
      return `IP address       HW type     Flags       HW address            Mask     Device\n${gateway.padEnd(16)} 0x1         0x2         ${gatewayMac}     *        ${persona.interface}\n`
    },
  ],
  [
    'route',
    ({ persona, processes }) => {
      const { interface: card } = persona
      const { gateway, network, prefix } = addressesOf(persona, processes)
      const row = (...fields: (string | number)[]): string => `${fields.join('\t').padEnd(127)}\n`
      return (
        row(
          'Iface',
          'Destination',
          'Gateway ',
          'Flags',
          'RefCnt',
          'Use',
          'Metric',
          'Mask',
          '',
          'MTU',
          'Window',
          'IRTT',
        ) +
        row(card, '00000000', hexV4(gateway), '0003', 0, 0, 0, '00000000', 0, 0, 0) +
        row(card, hexV4(network), '00000000', '0001', 0, 0, 0, hexV4(netmask(prefix)), 0, 0, 0)
      )
    },
  ],
  ['tcp', from => table(sockets(from, 'tcp', false), false)],
  ['tcp6', from => table(sockets(from, 'tcp', true), true)],
  ['udp', from => table(sockets(from, 'udp', false), false, true)],
  ['udp6', from => table(sockets(from, 'udp', true), true, true)],
  ['raw', () => table([], false, true)],
  [
    'if_inet6',
    ({ persona, processes }) => {
      const local = expandV6(addressesOf(persona, processes).linkLocal)
      return `${local} 02 40 20 80 ${persona.interface.padStart(8)}\n${'0'.repeat(31)}1 01 80 10 80       lo\n`
    },
  ],
  ['unix', () => 'Num       RefCount Protocol Flags    Type St Inode Path\n'],
  ['wireless', () => ''],
])

/** An address as the kernel prints it: words of 32 bits in host order. */
export const hexV4 = (address: string): string =>
  address
    .split('.')
    .toReversed()
    .map(part => Number(part).toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase()

/** An IPv6 address as 32 hexadecimal digits. */
export const expandV6 = (address: string): string => {
  const [head = '', tail] = address.split('::')
  const words = (text: string): string[] => (text ? text.split(':').map(word => word.padStart(4, '0')) : [])
  const [before, after] = [words(head), words(tail ?? '')]
  return [...before, ...Array(Math.max(0, 8 - before.length - after.length)).fill('0000'), ...after].join('')
}

const hexV6 = (address: string): string =>
  expandV6(address)
    .replace(/(..)(..)(..)(..)/g, '$4$3$2$1')
    .toUpperCase()

const states = { ESTAB: '01', LISTEN: '0A', UNCONN: '07' } as const

/** tcp4_seq_show of net/ipv4/tcp_ipv4.c and its relatives. */
const table = (sockets: readonly Socket[], wide: boolean, udp = false): string => {
  const hex = wide ? hexV6 : hexV4
  const end = (address: string, port: number): string =>
    `${hex(address)}:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const rows = sockets.map((socket, index) => {
    const { state, uid, inode } = socket
    const timer = state === 'ESTAB' ? '02:000A7D8C' : '00:00000000'
    const tail = udp
      ? `${inode} 2 0000000000000000 0`
      : `${inode} ${state === 'ESTAB' ? '4 0000000000000000 20 4 29 10 -1' : '1 0000000000000000 100 0 0 10 0'}`
    const row = `${`${index}`.padStart(udp ? 5 : 4)}: ${end(socket.local, socket.localPort)} ${end(socket.remote, socket.remotePort)} ${states[state]} 00000000:00000000 ${timer} 00000000 ${`${uid}`.padStart(5)}        0 ${tail}`
    return `${wide ? row : row.padEnd(udp ? 127 : 149)}\n`
  })
  const drops = udp ? ' ref pointer drops' : ''
  const head = wide
    ? `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode${drops}`
    : `${udp ? '   sl' : '  sl'}  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode${drops}`.padEnd(
        udp ? 127 : 149,
      )
  return `${head}\n${rows.join('')}`
}

const netDevices = (name: string, traffic: Vitals['traffic']): string => {
  // dev_seq_printf_stats of net/core/net-procfs.c
  const widths = [7, 7, 4, 4, 4, 5, 10, 9, 8, 7, 4, 4, 4, 5, 7, 10]
  const row = (device: string, bytes: number, packets: number, sent: number, sentPackets: number): string => {
    const figures = [bytes, packets, 0, 0, 0, 0, 0, 0, sent, sentPackets, 0, 0, 0, 0, 0, 0]
    return `${device.padStart(6)}: ${figures.map((figure, index) => `${figure}`.padStart(widths[index]!)).join(' ')}\n`
  }
  const { received, receivedPackets, sent, sentPackets } = traffic
  const local = Math.floor(receivedPackets / 400)
  return `Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n${row('lo', local * 84, local, local * 84, local)}${row(name, received, receivedPackets, sent, sentPackets)}`
}
