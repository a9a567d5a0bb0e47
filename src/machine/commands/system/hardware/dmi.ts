import type { Process, Program } from '../../../system.ts'
import { getopt } from '../../getopt.ts'
import { versioned } from '../../package-version.ts'
import { say, textOf } from '../facts.ts'

type Table = { handle: number; type: number; bytes: number; title: string; name: string; rows: readonly string[] }

/** The firmware's tables as SeaBIOS and QEMU give them, from the same facts as /sys/class/dmi. */
const tables = (process: Process): Table[] => {
  const { memory, cpu } = process.host.persona
  const id = (name: string): string => (textOf(process, `/sys/class/dmi/id/${name}`) ?? '').trim()
  const gib = Math.ceil(memory / 2 ** 30)
  const size = gib >= 1 ? `${gib} GB` : `${Math.ceil(memory / 2 ** 20)} MB`
  return [
    {
      handle: 0,
      type: 0,
      bytes: 24,
      title: 'BIOS Information',
      name: 'bios',
      rows: [
        `Vendor: ${id('bios_vendor')}`,
        `Version: ${id('bios_version')}`,
        `Release Date: ${id('bios_date')}`,
        'Address: 0xE8000',
        'Runtime Size: 96 kB',
        'ROM Size: 64 kB',
        'Characteristics:',
        '\tBIOS characteristics not supported',
        '\tTargeted content distribution is supported',
        'BIOS Revision: 0.0',
      ],
    },
    {
      handle: 0x100,
      type: 1,
      bytes: 27,
      title: 'System Information',
      name: 'system',
      rows: [
        `Manufacturer: ${id('sys_vendor')}`,
        `Product Name: ${id('product_name')}`,
        `Version: ${id('product_version')}`,
        'Serial Number: Not Specified',
        `UUID: ${id('product_uuid')}`,
        'Wake-up Type: Power Switch',
        'SKU Number: Not Specified',
        'Family: Not Specified',
      ],
    },
    {
      handle: 0x300,
      type: 3,
      bytes: 22,
      title: 'Chassis Information',
      name: 'chassis',
      rows: [
        `Manufacturer: ${id('chassis_vendor')}`,
        'Type: Other',
        'Lock: Not Present',
        `Version: ${id('product_version')}`,
        'Serial Number: Not Specified',
        'Asset Tag: Not Specified',
        'Boot-up State: Safe',
        'Power Supply State: Safe',
        'Thermal State: Safe',
        'Security Status: Unknown',
        'OEM Information: 0x00000000',
        'Height: Unspecified',
        'Number Of Power Cords: Unspecified',
        'Contained Elements: 0',
      ],
    },
    {
      handle: 0x400,
      type: 4,
      bytes: 42,
      title: 'Processor Information',
      name: 'processor',
      rows: [
        'Socket Designation: CPU 0',
        'Type: Central Processor',
        'Family: Other',
        `Manufacturer: ${id('sys_vendor')}`,
        `Version: ${id('product_version')}`,
        'Voltage: Unknown',
        'External Clock: Unknown',
        `Max Speed: ${Math.round(cpu.megahertz / 100) * 100} MHz`,
        `Current Speed: ${Math.round(cpu.megahertz / 100) * 100} MHz`,
        'Status: Populated, Enabled',
        'Upgrade: Other',
        'Serial Number: Not Specified',
        'Asset Tag: Not Specified',
        'Part Number: Not Specified',
        `Core Count: ${cpu.cores}`,
        `Core Enabled: ${cpu.cores}`,
        `Thread Count: ${cpu.cores}`,
        'Characteristics: None',
      ],
    },
    {
      handle: 0x1000,
      type: 16,
      bytes: 23,
      title: 'Physical Memory Array',
      name: 'memory',
      rows: [
        'Location: Other',
        'Use: System Memory',
        'Error Correction Type: Multi-bit ECC',
        `Maximum Capacity: ${size}`,
        'Error Information Handle: Not Provided',
        'Number Of Devices: 1',
      ],
    },
    {
      handle: 0x1100,
      type: 17,
      bytes: 40,
      title: 'Memory Device',
      name: 'memory',
      rows: [
        'Array Handle: 0x1000',
        'Error Information Handle: Not Provided',
        'Total Width: Unknown',
        'Data Width: Unknown',
        `Size: ${size}`,
        'Form Factor: DIMM',
        'Set: None',
        'Locator: DIMM 0',
        'Bank Locator: Not Specified',
        'Type: RAM',
        'Type Detail: Other',
        'Speed: Unknown',
        `Manufacturer: ${id('sys_vendor')}`,
        'Serial Number: Not Specified',
        'Asset Tag: Not Specified',
        'Part Number: Not Specified',
        'Rank: Unknown',
        'Configured Memory Speed: Unknown',
        'Minimum Voltage: Unknown',
        'Maximum Voltage: Unknown',
        'Configured Voltage: Unknown',
      ],
    },
    {
      handle: 0x2000,
      type: 32,
      bytes: 11,
      title: 'System Boot Information',
      name: 'boot',
      rows: ['Status: No errors detected'],
    },
  ]
}

const keywords: ReadonlyMap<string, string> = new Map([
  ['bios-vendor', 'bios_vendor'],
  ['bios-version', 'bios_version'],
  ['bios-release-date', 'bios_date'],
  ['system-manufacturer', 'sys_vendor'],
  ['system-product-name', 'product_name'],
  ['system-version', 'product_version'],
  ['system-uuid', 'product_uuid'],
  ['chassis-manufacturer', 'chassis_vendor'],
])
const others =
  'bios-revision firmware-revision system-serial-number system-sku-number system-family baseboard-manufacturer baseboard-product-name baseboard-version baseboard-serial-number baseboard-asset-tag chassis-type chassis-version chassis-serial-number chassis-asset-tag processor-family processor-manufacturer processor-version processor-frequency'.split(
    ' ',
  )

/** dmidecode(8) 3.4. */
export const dmidecode: Program = async process => {
  const parsed = getopt(process.argv, [
    { short: 'd', long: 'dev-mem', argument: 'required' },
    { short: 'h', long: 'help' },
    { short: 'q', long: 'quiet' },
    { short: 's', long: 'string', argument: 'required' },
    { short: 't', long: 'type', argument: 'required' },
    { short: 'H', long: 'handle', argument: 'required' },
    { short: 'u', long: 'dump' },
    { short: 'V', long: 'version' },
    { long: 'no-sysfs' },
  ])
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\n`)
    return 2
  }
  if (parsed.has('version')) return say(process, versioned(process, '@dmidecode@\n'))
  if (parsed.has('help')) return say(process, 'Usage: dmidecode [OPTIONS]\n')
  const keyword = parsed.value('string')
  const denied = async (): Promise<number> => {
    await process.stdout.write(keyword === undefined && !parsed.has('quiet') ? '# dmidecode 3.4\n' : '')
    await process.stderr.write(
      '/sys/firmware/dmi/tables/smbios_entry_point: Permission denied\nScanning /dev/mem for entry point.\n/dev/mem: Permission denied\n',
    )
    return 1
  }
  if (process.who.uid !== 0) return denied()
  if (keyword !== undefined) {
    const file = keywords.get(keyword)
    if (file !== undefined)
      return say(process, `${(textOf(process, `/sys/class/dmi/id/${file}`) ?? '').trim() || 'Not Specified'}\n`)
    if (others.includes(keyword))
      return say(
        process,
        keyword === 'chassis-type' ? 'Other\n' : keyword.startsWith('baseboard') ? '' : 'Not Specified\n',
      )
    await process.stderr.write(
      `Invalid string keyword: ${keyword}\nValid string keywords are:\n${[...keywords.keys(), ...others].map(word => `  ${word}\n`).join('')}`,
    )
    return 2
  }
  const type = parsed.value('type')
  const wanted = type?.split(',')
  const all = tables(process)
  const shown = all.filter(
    table =>
      wanted === undefined ||
      wanted.some(
        word =>
          word === table.name ||
          word === `${table.type}` ||
          (word === 'baseboard' && table.type === 2) ||
          (word === 'cache' && table.type === 7),
      ),
  )
  const known = /^(\d+|bios|system|baseboard|chassis|processor|memory|cache|connector|slot)$/
  if (wanted?.some(word => !known.test(word))) {
    await process.stderr.write(
      `Invalid type keyword: ${wanted.find(word => !known.test(word))}\nValid type keywords are:\n  bios\n  system\n  baseboard\n  chassis\n  processor\n  memory\n  cache\n  connector\n  slot\n`,
    )
    return 2
  }
  const quiet = parsed.has('quiet')
  const head = quiet
    ? ''
    : `# dmidecode 3.4\nGetting SMBIOS data from sysfs.\nSMBIOS 2.8 present.\n${wanted === undefined ? `${all.length + 1} structures occupying 483 bytes.\nTable at 0x000F5840.\n` : ''}\n`
  const body = shown.map(
    ({ handle, type: number, bytes, title, rows }) =>
      `${quiet ? '' : `Handle 0x${handle.toString(16).toUpperCase().padStart(4, '0')}, DMI type ${number}, ${bytes} bytes\n`}${title}\n${rows.map(row => `\t${row}\n`).join('')}\n`,
  )
  const end = wanted === undefined && !quiet ? 'Handle 0x7F00, DMI type 127, 4 bytes\nEnd Of Table\n\n' : ''
  return say(process, head + body.join('') + end)
}
