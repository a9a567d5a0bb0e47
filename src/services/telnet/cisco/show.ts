import type { Router } from './router.ts'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (value: number) => String(value).padStart(2, '0')

/** Bytes of the CompactFlash card that `show version` tells of. */
const CARD = 256_487_424

/** `Aug 12 2021 10:20:30 +00:00` */
function stamp(at: number): string {
  const date = new Date(at)
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':')
  return `${months[date.getUTCMonth()]} ${date.getUTCDate()} ${date.getUTCFullYear()} ${time} +00:00`
}

/** `dir`: the image that the router was started from is all there is. */
export const showDirectory = ({ flash }: Router): string =>
  `Directory of flash0:/

    1  -rw-  ${String(flash.bytes).padStart(10)}  ${stamp(flash.at)}  ${flash.file}

${CARD} bytes total (${CARD - flash.bytes} bytes free)
`

export const showFlash = ({ flash }: Router): string =>
  `-#- --length-- -----date/time------ path
1   ${String(flash.bytes).padStart(10)} ${stamp(flash.at)} ${flash.file}

${CARD - flash.bytes} bytes available (${flash.bytes} bytes used)

`

/** `show ip arp`: our own addresses have no age. */
export function showArp({ interfaces, gateway }: Router): string {
  const row = (address: string, age: string, mac: string, name: string): string =>
    `Internet  ${address.padEnd(15)}  ${age.padStart(9)}  ${mac}  ARPA   ${name}\n`
  const rows = interfaces.flatMap(({ address, mac, name, up }) =>
    address && up ? [{ address, line: row(address, '-', mac, name) }] : [],
  )
  const outside = interfaces.find(({ address }) => address !== undefined)
  if (outside) rows.push({ address: gateway.address, line: row(gateway.address, '4', gateway.mac, outside.name) })
  rows.sort((a, b) => a.address.localeCompare(b.address, 'en', { numeric: true }))
  return `Protocol  Address          Age (min)  Hardware Addr   Type   Interface\n${rows.map(({ line }) => line).join('')}`
}

/** `show ip route` of IOS 15: what is connected, and the way out. */
export function showRoute({ interfaces, gateway }: Router): string {
  const connected = interfaces
    .filter(({ address, up }) => address !== undefined && up)
    .map(({ address = '', name }) => ({ address, name, network: address.replace(/\.\d+$/, '.0') }))
    .sort((a, b) => a.network.localeCompare(b.network, 'en', { numeric: true }))
    .map(
      ({ address, name, network }) => `      ${network}/24 is variably subnetted, 2 subnets, 2 masks
C        ${network}/24 is directly connected, ${name}
L        ${address}/32 is directly connected, ${name}
`,
    )
  return `Codes: L - local, C - connected, S - static, R - RIP, M - mobile, B - BGP
       D - EIGRP, EX - EIGRP external, O - OSPF, IA - OSPF inter area\x20
       N1 - OSPF NSSA external type 1, N2 - OSPF NSSA external type 2
       E1 - OSPF external type 1, E2 - OSPF external type 2
       i - IS-IS, su - IS-IS summary, L1 - IS-IS level-1, L2 - IS-IS level-2
       ia - IS-IS inter area, * - candidate default, U - per-user static route
       o - ODR, P - periodic downloaded static route, H - NHRP, l - LISP
       a - application route
       + - replicated route, % - next hop override, p - overrides from PfR

Gateway of last resort is ${gateway.address} to network 0.0.0.0

S*    0.0.0.0/0 [1/0] via ${gateway.address}
${connected.join('')}`
}

/** `show interfaces`: each with what its counters say. `seconds` since the start. */
export const showPorts = ({ interfaces }: Router, seconds: number): string =>
  interfaces
    .map(({ name, address, up, mac }) => {
      const state = up ? 'up, line protocol is up' : 'administratively down, line protocol is down'
      const packets = up ? Math.floor(seconds * (address?.startsWith('192.168.') ? 3.1 : 4.7)) : 0
      const engine = name.startsWith('Embedded')
      return `${name} is ${state}\x20
  Hardware is ${engine ? 'Embedded Service Engine' : 'CN Gigabit Ethernet'}, address is ${mac} (bia ${mac})
${address ? `  Internet address is ${address}/24\n` : ''}  MTU 1500 bytes, BW ${engine ? '10000 Kbit/sec, DLY 1000' : '1000000 Kbit/sec, DLY 10'} usec,\x20
     reliability 255/255, txload 1/255, rxload 1/255
  Encapsulation ARPA, loopback not set
${engine ? '' : `  Keepalive set (10 sec)\n  ${up ? 'Full Duplex, 1Gbps' : 'Auto Duplex, Auto Speed'}, media type is RJ45\n  output flow-control is unsupported, input flow-control is unsupported\n`}  ARP type: ARPA, ARP Timeout 04:00:00
  Last input ${up ? '00:00:00' : 'never'}, output ${up ? '00:00:00' : 'never'}, output hang never
  Last clearing of "show interface" counters never
  Input queue: 0/75/0/0 (size/max/drops/flushes); Total output drops: 0
  Queueing strategy: fifo
  Output queue: 0/40 (size/max)
  5 minute input rate ${up ? '3000 bits/sec, 4' : '0 bits/sec, 0'} packets/sec
  5 minute output rate ${up ? '2000 bits/sec, 3' : '0 bits/sec, 0'} packets/sec
     ${packets} packets input, ${packets * 131} bytes, 0 no buffer
     Received ${Math.floor(packets / 9)} broadcasts (0 IP multicasts)
     0 runts, 0 giants, 0 throttles\x20
     0 input errors, 0 CRC, 0 frame, 0 overrun, 0 ignored
     ${Math.floor(packets * 0.8)} packets output, ${Math.floor(packets * 0.8) * 118} bytes, 0 underruns
     0 output errors, 0 collisions, ${up ? 2 : 0} interface resets
     0 lost carrier, 0 no carrier, 0 pause output
     0 output buffer failures, 0 output buffers swapped out
`
    })
    .join('')

/** `show inventory`: the chassis, with the number that `show version` gives. */
export const showInventory = ({ product, serial }: Router): string =>
  `NAME: "${product} chassis", DESCR: "${product} chassis"
PID: ${product.padEnd(18)}, VID: V06 , SN: ${serial}

`
