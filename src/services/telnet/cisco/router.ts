import type { Persona } from '#persona/persona.ts'

/** The router that a persona would have: an ISR of the second generation, after Cisco's own manuals of IOS 15. */
export type Router = {
  name: string
  domain: string
  version: string
  image: string
  product: string
  serial: string
  /** Interfaces with their addresses; undefined where none is set. */
  interfaces: { name: string; address?: string; mask?: string; up: boolean; mac: string }[]
  bootedAt: number
  /** The router of whoever provides the line. */
  gateway: { address: string; mac: string }
  /** The system's image in flash: name, bytes, and when it was put there. */
  flash: { file: string; bytes: number; at: number }
}

/** A local user, with the MD5 crypt of a password that nobody knows. */
export type User = { name: string; secret: string }

export const usersOf = (persona: Persona): User[] =>
  ['enable', ...persona.users.slice(0, 3).map(({ name }) => name)].map(name => {
    const letters = persona.derive(`cisco secret ${name}`, 21).toString('base64').replaceAll('+', '.')
    return { name, secret: `$1$${letters.slice(0, 4)}$${letters.slice(4, 26)}` }
  })

const versions = ['15.7(3)M8', '15.7(3)M6', '15.5(3)M9', '15.4(3)M6'] as const
const models = [
  ['C2900', 'CISCO2911/K9'],
  ['C1900', 'CISCO1941/K9'],
  ['C3900', 'C3900-SPE100/K9'],
] as const

const dotted = (hex: string) => hex.replace(/(.{4})(?=.)/g, '$1.')

export function routerOf(persona: Persona, address: string): Router {
  const draw = persona.derive('cisco router', 24)
  const version = versions[draw[0]! % versions.length]!
  const [model, product] = models[draw[1]! % models.length]!
  const mac = (last: number) =>
    dotted(`f40f1b${draw.subarray(4, 6).toString('hex')}${last.toString(16).padStart(2, '0')}`)
  const letters = [draw[9], draw[10], draw[11], draw[12]].map(byte => 'ABCDEFGHJKLMNPRSTUVWXYZ0123456789'[byte! % 33])
  return {
    name: persona.hostname,
    domain: persona.domain,
    version,
    image: `${model}-UNIVERSALK9-M`,
    product,
    serial: `FTX${1600 + (draw[8]! % 25) * 10 + 1 + (draw[7]! % 9)}${letters.join('')}`,
    interfaces: [
      { name: 'Embedded-Service-Engine0/0', up: false, mac: mac(0) },
      { name: 'GigabitEthernet0/0', address, mask: '255.255.255.0', up: true, mac: mac(draw[6]! & 0xf8) },
      {
        name: 'GigabitEthernet0/1',
        address: `192.168.${draw[13]! % 200}.1`,
        mask: '255.255.255.0',
        up: true,
        mac: mac((draw[6]! & 0xf8) + 1),
      },
      { name: 'GigabitEthernet0/2', up: false, mac: mac((draw[6]! & 0xf8) + 2) },
    ],
    bootedAt: persona.bootedAt,
    gateway: {
      address: address.replace(/\.\d+$/, last => (last === '.1' ? '.254' : '.1')),
      mac: dotted(`00005e0001${two((draw[14]! % 60) + 10)}`),
    },
    flash: {
      file: `${model.toLowerCase()}-universalk9-mz.SPA.${version.replace(/[()]/g, match => (match === '(' ? '-' : '.')).replace('.', '')}.bin`,
      bytes: 96_000_000 + draw.readUInt16BE(15) * 204,
      at: persona.installedAt,
    },
  }
}

const plural = (count: number, unit: string) => `${count} ${unit}${count === 1 ? '' : 's'}`
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const two = (value: number) => String(value).padStart(2, '0')

/** `*14:02:11.230 UTC Thu Jan 15 2026`: a clock that nobody has set against another has the asterisk. */
export function clock(now: number): string {
  const date = new Date(now)
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':')
  const milliseconds = String(date.getUTCMilliseconds()).padStart(3, '0')
  return `*${time}.${milliseconds} UTC ${days[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${date.getUTCDate()} ${date.getUTCFullYear()}\n`
}

export function showVersion(router: Router, now: number): string {
  const minutes = Math.max(1, Math.floor((now - router.bootedAt) / 60_000))
  const parts = [
    [Math.floor(minutes / 10_080), 'week'],
    [Math.floor(minutes / 1440) % 7, 'day'],
    [Math.floor(minutes / 60) % 24, 'hour'],
    [minutes % 60, 'minute'],
  ] as const
  const uptime = parts.filter(([count]) => count > 0).map(([count, unit]) => plural(count, unit))
  const model = router.image.split('-')[0]!
  return `Cisco IOS Software, ${model} Software (${router.image}), Version ${router.version}, RELEASE SOFTWARE (fc1)
Technical Support: http://www.cisco.com/techsupport
Compiled by prod_rel_team

ROM: System Bootstrap, Version 15.0(1r)M16, RELEASE SOFTWARE (fc1)

${router.name} uptime is ${uptime.join(', ')}
System returned to ROM by power-on
System image file is "flash0:${router.flash.file}"
Last reload type: Normal Reload

Cisco ${router.product} (revision 1.0) with 483328K/40960K bytes of memory.
Processor board ID ${router.serial}
${plural(router.interfaces.length - 1, 'Gigabit Ethernet interface')}
1 terminal line
DRAM configuration is 64 bits wide with parity enabled.
255K bytes of non-volatile configuration memory.
250880K bytes of ATA System CompactFlash 0 (Read/Write)

Configuration register is 0x2102

`
}

export function showInterfaces(router: Router): string {
  const row = (name: string, address: string, method: string, status: string, protocol: string) =>
    `${name.padEnd(27)}${address.padEnd(16)}YES ${method.padEnd(7)}${status.padEnd(22)}${protocol.padEnd(8)}\n`
  const rows = router.interfaces.map(one =>
    one.address
      ? row(one.name, one.address, 'NVRAM', one.up ? 'up' : 'down', one.up ? 'up' : 'down')
      : row(one.name, 'unassigned', 'NVRAM', 'administratively down', 'down'),
  )
  return `Interface                  IP-Address      OK? Method Status                Protocol\n${rows.join('')}`
}

/** `more`: lines that the visitor configured, at the end of what was there. */
export function showRunning(router: Router, users: readonly User[], more: readonly string[]): string {
  const interfaces = router.interfaces
    .map(
      one =>
        `interface ${one.name}\n${one.address ? ` ip address ${one.address} ${one.mask}\n` : ' no ip address\n'}${one.up ? '' : ' shutdown\n'}${one.name.startsWith('Giga') ? ' duplex auto\n speed auto\n' : ''}!\n`,
    )
    .join('')
  const body = `!
version ${router.version.replace(/\(.*/, '')}
service timestamps debug datetime msec
service timestamps log datetime msec
no service password-encryption
!
hostname ${router.name}
!
boot-start-marker
boot-end-marker
!
!
no aaa new-model
!
ip domain name ${router.domain}
no ip domain lookup
ip cef
no ipv6 cef
!
license udi pid ${router.product} sn ${router.serial}
!
enable secret 5 ${users[0]?.secret ?? ''}
!
${users
  .slice(1)
  .map(({ name, secret }) => `username ${name} secret 5 ${secret}\n`)
  .join('')}!
${interfaces}ip forward-protocol nd
!
no ip http server
no ip http secure-server
!
ip route 0.0.0.0 0.0.0.0 ${router.gateway.address}
!
${more.map(line => `${line}\n`).join('')}line con 0
line aux 0
line vty 0 4
 login local
 transport input telnet
!
scheduler allocate 20000 1000
!
end

`
  return `Building configuration...\n\nCurrent configuration : ${body.length} bytes\n${body}`
}
