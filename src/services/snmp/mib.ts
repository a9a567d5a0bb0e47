import type { Context } from '#sensor/service.ts'
import * as ber from './ber.ts'
import type { Options } from './options.ts'

type Cx = Context<Options>

/** Objects of the pretended machine: name and value as a whole element. In the order of a walk. */
export type Mib = { oid: ber.Oid; value: Buffer }[]

const text = (value: string | Buffer) => ber.octets(value)
const counter = (value: number) => ber.integer(value % 2 ** 32, 0x41)
const gauge = (value: number) => ber.integer(value, 0x42)
const ticks = (centiseconds: number) => ber.integer(Math.floor(centiseconds) % 2 ** 32, 0x43)
const counter64 = (value: number) => ber.integer(BigInt(Math.floor(value)), 0x46)
const objectId = (value: string) => ber.objectId(ber.oid(value))

/** What the attacker wrote, by name. */
export type Written = Map<string, Buffer>

/** sysContact, sysName, sysLocation: what net-snmp lets a writer change. */
export const writable = new Set(['1.3.6.1.2.1.1.4.0', '1.3.6.1.2.1.1.5.0', '1.3.6.1.2.1.1.6.0'])

/** The last one made: a walk asks many times a second. */
let made: { persona: Cx['persona']; ip: string; at: number; rows: Mib } | undefined

/** Everything that this agent answers for, at this moment, with what was written. */
export function mibOf(cx: Cx, written: Written): Mib {
  const { persona, destination } = cx
  const at = cx.now()
  if (made?.persona !== persona || made.ip !== destination.ip || Math.abs(at - made.at) >= 500)
    made = { persona, ip: destination.ip, at, rows: allOf(cx) }
  if (written.size === 0) return made.rows
  return made.rows.map(({ oid, value }) => ({ oid, value: written.get(ber.dotted(oid)) ?? value }))
}

function allOf(cx: Cx): Mib {
  const rows: Mib = []
  const put: Put = (name, value) => void rows.push({ oid: ber.oid(name), value })
  const scalars = (prefix: string, values: Record<number, Buffer>) => {
    for (const [arc, value] of Object.entries(values)) put(`${prefix}.${arc}.0`, value)
  }
  system(cx, put)
  interfaces(cx, put)
  addresses(cx, put)
  scalars('1.3.6.1.2.1.11', Object.fromEntries(counted.map(arc => [arc, counter(0)])))
  put('1.3.6.1.2.1.11.30.0', ber.integer(2))
  host(cx, put)
  ucd(cx, put)
  return rows.sort((a, b) => ber.compare(a.oid, b.oid))
}
const counted = [
  1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 24, 25, 26, 27, 28, 29, 31, 32,
]

type Put = (name: string, value: Buffer) => void
/** A row of a table: columns from 1 on. */
function row(table: string, index: number, columns: readonly Buffer[], put: Put) {
  for (const [i, value] of columns.entries()) put(`${table}.${i + 1}.${index}`, value)
}

/** When the agent started: some seconds after the machine. */
export const startedAt = ({ persona }: Cx): number =>
  persona.bootedAt + 11_000 + (persona.derive('snmp start', 2).readUInt16BE() % 4000)
const since = (cx: Cx, start: number) => Math.max(0, (cx.now() + cx.persona.clockSkew - start) / 10)

/** Modules that snmpd 5.9 registers in sysORTable. */
const modules: readonly (readonly [id: string, what: string])[] = [
  ['1.3.6.1.6.3.10.3.1.1', 'The SNMP Management Architecture MIB.'],
  ['1.3.6.1.6.3.11.3.1.1', 'The MIB for Message Processing and Dispatching.'],
  ['1.3.6.1.6.3.15.2.1.1', 'The management information definitions for the SNMP User-based Security Model.'],
  ['1.3.6.1.6.3.1', 'The MIB module for SNMPv2 entities'],
  ['1.3.6.1.6.3.16.2.2.1', 'View-based Access Control Model for SNMP.'],
  ['1.3.6.1.2.1.49', 'The MIB module for managing TCP implementations'],
  ['1.3.6.1.2.1.50', 'The MIB module for managing UDP implementations'],
  ['1.3.6.1.2.1.4', 'The MIB module for managing IP and ICMP implementations'],
  ['1.3.6.1.6.3.13.3.1.3', 'The MIB modules for managing SNMP Notification, plus filtering.'],
  ['1.3.6.1.2.1.92', 'The MIB module for logging SNMP Notifications.'],
]

function system(cx: Cx, put: Put) {
  const { os, hostname, domain } = cx.persona
  const at = '1.3.6.1.2.1.1'
  put(`${at}.1.0`, text(`Linux ${hostname} ${os.kernel} ${os.kernelVersion} ${os.arch}`))
  put(`${at}.2.0`, objectId('1.3.6.1.4.1.8072.3.2.10'))
  put(`${at}.3.0`, ticks(since(cx, startedAt(cx))))
  put(`${at}.4.0`, text(`Root <root@${domain}>`))
  put(`${at}.5.0`, text(hostname))
  put(`${at}.6.0`, text('Server Room'))
  put(`${at}.7.0`, ber.integer(72))
  put(`${at}.8.0`, ticks(0))
  modules.forEach(([id, what], i) => {
    put(`${at}.9.1.2.${i + 1}`, objectId(id))
    put(`${at}.9.1.3.${i + 1}`, text(what))
    put(`${at}.9.1.4.${i + 1}`, ticks(0))
  })
}

/** Packets and bytes of an interface, which grow with the time it is up. */
function traffic({ persona }: Cx, seconds: number, label: string): { bytes: number; packets: number } {
  const share = persona.derive(`snmp traffic ${label}`, 2).readUInt16BE()
  const packets = Math.floor(seconds * (0.4 + share / 9000))
  return { packets, bytes: packets * (180 + (share % 500)) }
}

function interfaces(cx: Cx, put: Put) {
  const { persona } = cx
  const seconds = since(cx, persona.bootedAt) / 100
  const mac = Buffer.from(persona.mac.replaceAll(':', ''), 'hex')
  const list = [
    { name: 'lo', type: 24, mtu: 65_536, speed: 10_000_000, mac: Buffer.alloc(0) },
    { name: persona.interface, type: 6, mtu: 1500, speed: 0, mac },
  ]
  put('1.3.6.1.2.1.2.1.0', ber.integer(list.length))
  list.forEach((card, i) => {
    const inward = traffic(cx, seconds, `${card.name} in`)
    const outward = card.name === 'lo' ? inward : traffic(cx, seconds, `${card.name} out`)
    const zero = counter(0)
    const columns = [
      ber.integer(i + 1),
      text(card.name === 'lo' ? 'lo' : 'Red Hat, Inc. Virtio network device'),
      ber.integer(card.type),
      ber.integer(card.mtu),
      gauge(card.speed),
      text(card.mac),
      ber.integer(1),
      ber.integer(1),
      ticks(0),
      counter(inward.bytes),
      counter(inward.packets),
      zero,
      zero,
      zero,
      zero,
      counter(outward.bytes),
      counter(outward.packets),
      zero,
      zero,
      zero,
      gauge(0),
      objectId('0.0'),
    ]
    row('1.3.6.1.2.1.2.2.1', i + 1, columns, put)
    const wide = [
      text(card.name),
      ...[zero, zero, zero, zero],
      ...[counter64(inward.bytes), counter64(inward.packets), counter64(0), counter64(0)],
      ...[counter64(outward.bytes), counter64(outward.packets), counter64(0), counter64(0)],
    ]
    row('1.3.6.1.2.1.31.1.1.1', i + 1, wide, put)
  })
}

function addresses({ destination }: Cx, put: Put) {
  put('1.3.6.1.2.1.4.1.0', ber.integer(2))
  put('1.3.6.1.2.1.4.2.0', ber.integer(64))
  const own = /^\d+\.\d+\.\d+\.\d+$/.test(destination.ip) ? [destination.ip] : []
  for (const ip of new Set(['127.0.0.1', ...own])) {
    const bytes = (address: string) => ber.tlv(0x40, Buffer.from(address.split('.').map(Number)))
    const index = ip === '127.0.0.1' ? 1 : 2
    put(`1.3.6.1.2.1.4.20.1.1.${ip}`, bytes(ip))
    put(`1.3.6.1.2.1.4.20.1.2.${ip}`, ber.integer(index))
    put(`1.3.6.1.2.1.4.20.1.3.${ip}`, bytes(index === 1 ? '255.0.0.0' : '255.255.255.0'))
    put(`1.3.6.1.2.1.4.20.1.4.${ip}`, ber.integer(index === 1 ? 0 : 1))
  }
}

/** Programs of a small server: number, name, path, arguments. */
const programs: readonly (readonly [pid: number, name: string, path: string, args: string])[] = [
  [1, 'systemd', '/sbin/init', ''],
  [2, 'kthreadd', '', ''],
  [238, 'systemd-journal', '/lib/systemd/systemd-journald', ''],
  [264, 'systemd-udevd', '/lib/systemd/systemd-udevd', ''],
  [462, 'cron', '/usr/sbin/cron', '-f'],
  [
    463,
    'dbus-daemon',
    '/usr/bin/dbus-daemon',
    '--system --address=systemd: --nofork --nopidfile --systemd-activation --syslog-only',
  ],
  [469, 'systemd-logind', '/lib/systemd/systemd-logind', ''],
  [512, 'snmpd', '/usr/sbin/snmpd', '-LOw -u Debian-snmp -g Debian-snmp -I -smux mteTrigger mteTriggerConf -f'],
  [518, 'agetty', '/sbin/agetty', '-o -p -- \\u --noclear tty1 linux'],
  [531, 'sshd', 'sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups', ''],
]

function dateAndTime({ persona, now }: Cx): Buffer {
  const local = new Date(now() + persona.clockSkew + persona.timezone.offset * 60_000)
  const out = Buffer.alloc(11)
  out.writeUInt16BE(local.getUTCFullYear())
  out.set(
    [local.getUTCMonth() + 1, local.getUTCDate(), local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds(), 0],
    2,
  )
  const offset = Math.abs(persona.timezone.offset)
  out.set([persona.timezone.offset < 0 ? 0x2d : 0x2b, Math.floor(offset / 60), offset % 60], 8)
  return out
}

function host(cx: Cx, put: Put) {
  const { persona } = cx
  const at = '1.3.6.1.2.1.25'
  put(`${at}.1.1.0`, ticks(since(cx, persona.bootedAt)))
  put(`${at}.1.2.0`, text(dateAndTime(cx)))
  put(`${at}.1.3.0`, ber.integer(393_216))
  put(`${at}.1.4.0`, text(`BOOT_IMAGE=/boot/vmlinuz-${persona.os.kernel} root=/dev/vda1 ro quiet`))
  put(`${at}.1.5.0`, gauge(0))
  put(`${at}.1.6.0`, gauge(programs.length + 76))
  put(`${at}.1.7.0`, ber.integer(0))
  const kilobytes = Math.floor(persona.memory / 1024)
  put(`${at}.2.2.0`, ber.integer(kilobytes))
  const used = Math.floor(kilobytes * (0.3 + persona.derive('snmp memory', 1)[0]! / 600))
  const blocks = Math.floor((persona.disk * 0.98) / 4096)
  const filled = Math.floor(blocks * (0.08 + persona.derive('snmp disk', 1)[0]! / 600))
  const storage: [index: number, kind: string, what: string, unit: number, size: number, taken: number][] = [
    [1, '1.3.6.1.2.1.25.2.1.2', 'Physical memory', 1024, kilobytes, used],
    [3, '1.3.6.1.2.1.25.2.1.3', 'Virtual memory', 1024, kilobytes, used],
    [31, '1.3.6.1.2.1.25.2.1.4', '/', 4096, blocks, filled],
  ]
  for (const [index, kind, what, unit, size, taken] of storage) {
    const columns = [
      ber.integer(index),
      objectId(kind),
      text(what),
      ber.integer(unit),
      ber.integer(size),
      ber.integer(taken),
    ]
    row(`${at}.2.3.1`, index, columns, put)
  }
  for (let core = 0; core < persona.cpu.cores; core++) {
    const index = 196_608 + core
    put(`${at}.3.2.1.1.${index}`, ber.integer(index))
    put(`${at}.3.2.1.2.${index}`, objectId('1.3.6.1.2.1.25.3.1.3'))
    put(`${at}.3.2.1.3.${index}`, text(`GenuineIntel: ${persona.cpu.model}`))
  }
  for (const [pid, name, path, args] of programs) {
    const columns = [
      ber.integer(pid),
      text(name),
      objectId('0.0'),
      text(path),
      text(args),
      ber.integer(4),
      ber.integer(2),
    ]
    row(`${at}.4.2.1`, pid, columns, put)
  }
}

function ucd(cx: Cx, put: Put) {
  const { persona } = cx
  const total = Math.floor(persona.memory / 1024)
  const free = Math.floor(total * (0.2 + persona.derive('snmp free', 1)[0]! / 700))
  const at = '1.3.6.1.4.1.2021'
  put(`${at}.4.1.0`, ber.integer(0))
  put(`${at}.4.2.0`, text('swap'))
  put(`${at}.4.3.0`, ber.integer(0))
  put(`${at}.4.4.0`, ber.integer(0))
  put(`${at}.4.5.0`, ber.integer(total))
  put(`${at}.4.6.0`, ber.integer(free))
  put(`${at}.4.11.0`, ber.integer(free))
  put(`${at}.4.12.0`, ber.integer(16_000))
  const minute = Math.floor(cx.now() / 60_000)
  const loads = [1, 5, 15].map(
    span => persona.derive(`snmp load ${span} ${Math.floor(minute / span)}`, 1)[0]! % (30 / Math.sqrt(span)),
  )
  loads.forEach((load, i) => {
    put(`${at}.10.1.1.${i + 1}`, ber.integer(i + 1))
    put(`${at}.10.1.2.${i + 1}`, text(`Load-${[1, 5, 15][i]}`))
    put(`${at}.10.1.3.${i + 1}`, text((Math.floor(load) / 100).toFixed(2)))
    put(`${at}.10.1.5.${i + 1}`, ber.integer(Math.floor(load)))
  })
  put(`${at}.100.1.0`, ber.integer(1))
  put(`${at}.100.2.0`, text(persona.software.snmp.version))
}
