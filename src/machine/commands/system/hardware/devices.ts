import type { Program } from '../../../system.ts'
import { getopt, shortOptions } from '../../getopt.ts'
import { say } from '../facts.ts'

type Device = {
  slot: string
  class: string
  number: string
  name: string
  ids: string
  vendor: string
  driver: string
  subsystem: string
}

/** QEMU's i440FX machine with virtio, in the order of its slots. */
const pci: readonly Device[] = [
  {
    slot: '00:00.0',
    class: 'Host bridge',
    number: '0600',
    vendor: 'Intel Corporation',
    name: '440FX - 82441FX PMC [Natoma] (rev 02)',
    ids: '8086:1237',
    driver: '',
    subsystem: 'Red Hat, Inc. Qemu virtual machine',
  },
  {
    slot: '00:01.0',
    class: 'ISA bridge',
    number: '0601',
    vendor: 'Intel Corporation',
    name: '82371SB PIIX3 ISA [Natoma/Triton II]',
    ids: '8086:7000',
    driver: '',
    subsystem: 'Red Hat, Inc. Qemu virtual machine',
  },
  {
    slot: '00:01.1',
    class: 'IDE interface',
    number: '0101',
    vendor: 'Intel Corporation',
    name: '82371SB PIIX3 IDE [Natoma/Triton II]',
    ids: '8086:7010',
    driver: 'ata_piix',
    subsystem: 'Red Hat, Inc. Qemu virtual machine',
  },
  {
    slot: '00:01.3',
    class: 'Bridge',
    number: '0680',
    vendor: 'Intel Corporation',
    name: '82371AB/EB/MB PIIX4 ACPI (rev 03)',
    ids: '8086:7113',
    driver: 'piix4_smbus',
    subsystem: 'Red Hat, Inc. Qemu virtual machine',
  },
  {
    slot: '00:02.0',
    class: 'VGA compatible controller',
    number: '0300',
    vendor: 'Device',
    name: '1234:1111 (rev 02)',
    ids: '1234:1111',
    driver: 'bochs-drm',
    subsystem: 'Red Hat, Inc. Device 1100',
  },
  {
    slot: '00:03.0',
    class: 'Ethernet controller',
    number: '0200',
    vendor: 'Red Hat, Inc.',
    name: 'Virtio network device',
    ids: '1af4:1000',
    driver: 'virtio-pci',
    subsystem: 'Red Hat, Inc. Virtio network device',
  },
  {
    slot: '00:05.0',
    class: 'SCSI storage controller',
    number: '0100',
    vendor: 'Red Hat, Inc.',
    name: 'Virtio SCSI',
    ids: '1af4:1004',
    driver: 'virtio-pci',
    subsystem: 'Red Hat, Inc. Virtio SCSI',
  },
]

/** lspci(8) of pciutils 3.9.0. */
export const lspci: Program = async process => {
  const parsed = getopt(process.argv, shortOptions('nmDkvxqtPMbs:d:i:p:H:A:O:GQV'))
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\nUsage: lspci [<switches>]\n`)
    return 1
  }
  const { has, given, value } = parsed
  const numeric = given.filter(({ name }) => name === 'n').length
  const verbose = given.filter(({ name }) => name === 'v').length
  const [slot, ids] = [value('s'), value('d')]
  const shown = pci.filter(
    device =>
      (slot === undefined || device.slot.startsWith(slot.replace(/^0000:/, ''))) &&
      (ids === undefined || device.ids.startsWith(ids)),
  )
  if (has('t'))
    return say(
      process,
      `-[0000:00]-+${shown.map(({ slot: at }, index) => `${index === 0 ? '-' : `           ${index === shown.length - 1 ? '\\' : '+'}-`}${at.slice(3)}`).join('\n')}\n`,
    )
  for (const device of shown) {
    const at = has('D') ? `0000:${device.slot}` : device.slot
    const name = `${device.vendor} ${device.name}`
    const rev = / \(rev \d+\)$/.exec(name)?.[0] ?? ''
    const bare = name.slice(0, name.length - rev.length)
    if (has('m')) {
      const quote = (text: string): string => `"${text}"`
      await process.stdout.write(
        `${at} ${quote(device.class)} ${quote(device.vendor)} ${quote(bare.slice(device.vendor.length + 1))}${rev ? ` -r${rev.slice(6, 8)}` : ''} "Red Hat, Inc." "Device 1100"\n`,
      )
      continue
    }
    const head =
      numeric === 1
        ? `${at} ${device.number}: ${device.ids}${rev}`
        : numeric > 1
          ? `${at} ${device.class} [${device.number}]: ${bare} [${device.ids}]${rev}`
          : `${at} ${device.class}: ${name}`
    await process.stdout.write(`${head}\n`)
    if (verbose > 0 || has('k')) {
      await process.stdout.write(`\tSubsystem: ${device.subsystem}\n`)
      if (verbose > 0) await process.stdout.write('\tFlags: fast devsel\n')
      if (device.driver !== '')
        await process.stdout.write(
          `\tKernel driver in use: ${device.driver}\n${device.driver === 'virtio-pci' ? '' : `\tKernel modules: ${device.driver.replace('-', '_')}\n`}`,
        )
      if (verbose > 0) await process.stdout.write('\n')
    }
  }
  return 0
}

/** lsusb(8) of usbutils 014: the tablet that QEMU adds, and the hub. */
export const lsusb: Program = async process => {
  const parsed = getopt(process.argv, [
    ...shortOptions('vtVhs:d:D:'),
    { long: 'verbose' },
    { long: 'tree' },
    { long: 'version' },
    { long: 'help' },
  ])
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\nUsage: lsusb [options]...\nList USB devices\n`)
    return 1
  }
  if (parsed.has('version') || parsed.has('V')) return say(process, 'lsusb (usbutils) 014\n')
  if (parsed.has('t') || parsed.has('tree'))
    return say(
      process,
      '/:  Bus 01.Port 1: Dev 1, Class=root_hub, Driver=uhci_hcd/2p, 12M\n    |__ Port 1: Dev 2, If 0, Class=Human Interface Device, Driver=usbhid, 12M\n',
    )
  return say(
    process,
    'Bus 001 Device 002: ID 0627:0001 Adomax Technology Co., Ltd QEMU USB Tablet\nBus 001 Device 001: ID 1d6b:0001 Linux Foundation 1.1 root hub\n',
  )
}
