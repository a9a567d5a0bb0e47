import { type Draw, drawFrom } from '#persona/draw.ts'
import type { Persona } from '#persona/persona.ts'
import { type Firmware, firmwares } from './firmwares.ts'

/** What kind of device: a video recorder or camera, or a home router. */
export type Kind = 'dvr' | 'router'

/** One device: the chip's kit it was built with, and what its maker and its owner made of that. */
export type Device = {
  kind: Kind
  firmware: Firmware
  /** As the log-in prompt and `hostname` have it; a kernel that was never told says `(none)`. */
  hostname: string
  /** `uname -v` and the date in BusyBox's banner. */
  built: { kernel: string; busybox: string }
  /** Who built the kernel: `root@build-4`. */
  builder: string
  mac: string
  /** Bytes of memory that the kernel has: what the video engine or the firmware took is gone. */
  memory: number
  bogomips: string
  serial: string
  /** The password that the maker gave to root, and its hash's salt. */
  password: string
  salt: string
  /** Milliseconds since the epoch: when the firmware was packed, and when it was last switched on. */
  packedAt: number
  bootedAt: number
}

const day = 86_400_000
const hex = '0123456789abcdef'
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const two = (value: number): string => String(value).padStart(2, '0')

/** `Tue Mar 4 15:52:09 CST 2014`, as date(1) puts it into `uname -v`. */
const unixDate = (at: number): string => {
  const date = new Date(at)
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':')
  return `${days[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${date.getUTCDate()} ${time} CST ${date.getUTCFullYear()}`
}
/** `2014-03-04 15:40:51 CST`, AUTOCONF_TIMESTAMP of BusyBox's Makefile. */
const isoDate = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} CST`

/** The device that a sensor has beside its server; the same every time. */
export const deviceOf = (sensor: Persona, kind: Kind): Device => {
  const seed = sensor.derive(`device ${kind}`, 32)
  const draw = (fact: string): Draw => drawFrom(seed, fact)
  const firmware = draw('firmware').pick(firmwares[kind])
  const [from, to] = firmware.years
  const packedAt = draw('packed').between(Date.UTC(from, 2), Date.UTC(to, 10))
  const [low, high] = firmware.memory
  const kernelAt = packedAt - draw('kernel').between(2 * day, 200 * day)
  return {
    kind,
    firmware,
    hostname: draw('hostname').pick(firmware.hostnames),
    built: {
      kernel: `#${draw('build').between(1, 9)}${firmware.preempt ? ' PREEMPT' : ''} ${unixDate(kernelAt)}`,
      busybox: isoDate(kernelAt + draw('busybox').between(-40 * day, day)),
    },
    builder: `${draw('user').pick(['root', 'build', 'jenkins', 'compile', 'sw', 'dev'])}@${draw('host').pick(['localhost.localdomain', 'ubuntu', 'server', 'build', 'compile-server', 'dev', 'centos6', 'fw'])}${draw('number').pick(['', '', '-1', '2', '-vm'])}`,
    mac: [...draw('oui').pick(firmware.oui).split(':'), ...[1, 2, 3].map(i => draw(`mac ${i}`).string(hex, 2))].join(
      ':',
    ),
    memory: draw('memory').between(low, high) * 4096,
    bogomips: ((draw('bogomips').between(97, 101) / 100) * firmware.bogomips).toFixed(2),
    serial: draw('serial').string('0123456789', 9),
    password: draw('password').pick(firmware.passwords),
    salt: draw('salt').string('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./', 8),
    packedAt,
    bootedAt: sensor.bootedAt - draw('uptime').between(0, 90 * 86_400) * 1000,
  }
}
