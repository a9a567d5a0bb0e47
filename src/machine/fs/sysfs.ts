import type { Persona } from '#persona/persona.ts'
import { vulnerabilitiesOf } from './cpu.ts'
import { linksTo, shows, tableProvider } from './files-provider.ts'
import type { Live, Provider } from './mount.ts'
import { vitalsOf } from './vitals.ts'

const line = (text: string | number, mode = 0o444): Live => ({ ...shows(() => `${text}\n`, mode), size: 4096 })

/** What of /sys is looked at: the network card, the firmware's tables, the disk, the processors. */
export const sysfsProvider = (persona: Persona, now: () => number): Provider => {
  const { interface: card, mac, cpu, disk } = persona
  const device = `devices/pci0000:00/0000:00:03.0/virtio0/net/${card}`
  const block = 'devices/pci0000:00/0000:00:05.0/virtio2/host2/target2:0:0/2:0:0:0/block/sda'
  const dmi = 'devices/virtual/dmi/id'
  const sectors = Math.floor(disk / 512)
  const traffic = (which: 'received' | 'sent' | 'receivedPackets' | 'sentPackets'): Live => ({
    ...shows(() => `${vitalsOf(persona, now()).traffic[which]}\n`),
    size: 4096,
  })
  const files = new Map<string, Live>([
    [`class/net/${card}`, linksTo(`../../${device}`)],
    ['class/net/lo', linksTo('../../devices/virtual/net/lo')],
    ['class/dmi/id', linksTo('../../devices/virtual/dmi/id')],
    ['class/block/sda', linksTo(`../../${block}`)],
    ['class/block/sda1', linksTo(`../../${block}/sda1`)],
    ['block/sda', linksTo(`../${block}`)],
    [`${device}/address`, line(mac)],
    [`${device}/mtu`, line(1500, 0o644)],
    [`${device}/operstate`, line('up')],
    [`${device}/carrier`, line(1)],
    [`${device}/ifindex`, line(2)],
    [`${device}/type`, line(1)],
    [`${device}/statistics/rx_bytes`, traffic('received')],
    [`${device}/statistics/tx_bytes`, traffic('sent')],
    [`${device}/statistics/rx_packets`, traffic('receivedPackets')],
    [`${device}/statistics/tx_packets`, traffic('sentPackets')],
    ['devices/virtual/net/lo/address', line('00:00:00:00:00:00')],
    ['devices/virtual/net/lo/mtu', line(65_536, 0o644)],
    ['devices/virtual/net/lo/operstate', line('unknown')],
    ['devices/virtual/net/lo/ifindex', line(1)],
    [`${dmi}/sys_vendor`, line('QEMU')],
    [`${dmi}/product_name`, line('Standard PC (i440FX + PIIX, 1996)')],
    [`${dmi}/product_version`, line('pc-i440fx-6.2')],
    [
      `${dmi}/product_uuid`,
      line(
        persona
          .derive('product uuid', 16)
          .toString('hex')
          .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
        0o400,
      ),
    ],
    [`${dmi}/product_serial`, line('', 0o400)],
    [`${dmi}/bios_vendor`, line('SeaBIOS')],
    [`${dmi}/bios_version`, line('1.15.0-1')],
    [`${dmi}/bios_date`, line('04/01/2014')],
    [`${dmi}/chassis_type`, line(1)],
    [`${dmi}/chassis_vendor`, line('QEMU')],
    [`${block}/size`, line(sectors)],
    [`${block}/ro`, line(0)],
    [`${block}/removable`, line(0)],
    [`${block}/dev`, line('8:0')],
    [`${block}/queue/rotational`, line(1, 0o644)],
    [`${block}/sda1/size`, line(sectors - 2048)],
    [`${block}/sda1/start`, line(2048)],
    [`${block}/sda1/dev`, line('8:1')],
    ['kernel/mm/transparent_hugepage/enabled', line('always [madvise] never', 0o644)],
    ['devices/system/cpu/online', line(cpu.cores === 1 ? '0' : `0-${cpu.cores - 1}`)],
    ['devices/system/cpu/possible', line(cpu.cores === 1 ? '0' : `0-${cpu.cores - 1}`)],
  ])
  for (const [name, text] of vulnerabilitiesOf(cpu)) files.set(`devices/system/cpu/vulnerabilities/${name}`, line(text))
  for (let core = 0; core < cpu.cores; core++) files.set(`devices/system/cpu/cpu${core}/topology/core_id`, line(core))
  return tableProvider(files, 0o755)
}
