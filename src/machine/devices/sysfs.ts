import type { Persona } from '#persona/persona.ts'
import { linksTo, shows, tableProvider } from '../fs/files-provider.ts'
import type { Live, Provider } from '../fs/mount.ts'
import { vitalsOf } from '../fs/vitals.ts'
import type { Device } from './facts.ts'

const line = (text: string | number, mode = 0o444): Live => ({ ...shows(() => `${text}\n`, mode), size: 4096 })

/** What of a device's /sys is looked at: network cards, flash, processors. */
export const sysfsOf = ({ firmware }: Device, persona: Persona, now: () => number): Provider => {
  const files = new Map<string, Live>()
  firmware.interfaces.forEach((name, index) => {
    const folder = `devices/virtual/net/${name}`
    const traffic = (which: 'received' | 'sent' | 'receivedPackets' | 'sentPackets'): Live => ({
      ...shows(() => `${index < 2 ? vitalsOf(persona, now()).traffic[which] : 0}\n`),
      size: 4096,
    })
    files.set(`class/net/${name}`, linksTo(`../../${folder}`))
    files.set(`${folder}/address`, line(persona.mac))
    files.set(`${folder}/mtu`, line(1500, 0o644))
    files.set(`${folder}/operstate`, line(index < 2 ? 'up' : 'down'))
    files.set(`${folder}/ifindex`, line(index + 2))
    files.set(`${folder}/type`, line(1))
    files.set(`${folder}/statistics/rx_bytes`, traffic('received'))
    files.set(`${folder}/statistics/tx_bytes`, traffic('sent'))
    files.set(`${folder}/statistics/rx_packets`, traffic('receivedPackets'))
    files.set(`${folder}/statistics/tx_packets`, traffic('sentPackets'))
  })
  files.set('class/net/lo', linksTo('../../devices/virtual/net/lo'))
  files.set('devices/virtual/net/lo/address', line('00:00:00:00:00:00'))
  firmware.flash.forEach(({ name, kib }, index) => {
    files.set(`class/mtd/mtd${index}/name`, line(name))
    files.set(`class/mtd/mtd${index}/size`, line(kib * 1024))
    files.set(`class/mtd/mtd${index}/erasesize`, line(65_536))
    files.set(`block/mtdblock${index}/size`, line(kib * 2))
  })
  files.set('devices/system/cpu/online', line(firmware.cores === 1 ? '0' : `0-${firmware.cores - 1}`))
  return tableProvider(files, 0o755)
}
