import { cachesOf } from '../../../fs/cpu.ts'
import type { Process, Program } from '../../../system.ts'
import { getopt, type Option } from '../../getopt.ts'
import { versioned } from '../../package-version.ts'
import { fieldsOf, say, textOf } from '../facts.ts'

const options: Option[] = [
  { short: 'a', long: 'all' },
  { short: 'b', long: 'online' },
  { short: 'B', long: 'bytes' },
  { short: 'C', long: 'caches', argument: 'optional' },
  { short: 'c', long: 'offline' },
  { short: 'J', long: 'json' },
  { short: 'e', long: 'extended', argument: 'optional' },
  { short: 'p', long: 'parse', argument: 'optional' },
  { short: 's', long: 'sysroot', argument: 'required' },
  { short: 'x', long: 'hex' },
  { short: 'y', long: 'physical' },
  { long: 'output-all' },
  { short: 'h', long: 'help' },
  { short: 'V', long: 'version' },
]

/** A line of the summary: how deep a terminal shows it, its name there, and its name alone where that differs. */
type Line = { depth: number; name: string; value: string; flat?: string; heading?: true }

/** lscpu(1) of util-linux 2.38: a tree on a terminal, plain lines elsewhere. */
export const lscpu: Program = async process => {
  const parsed = getopt(process.argv, options)
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\nTry 'lscpu --help' for more information.\n`)
    return 1
  }
  const { has, value } = parsed
  if (has('version')) return say(process, versioned(process, 'lscpu from util-linux @util-linux@\n'))
  if (has('help')) return say(process, '\nUsage:\n lscpu [options]\n')
  if (parsed.operands.length > 0) {
    await process.stderr.write(`lscpu: bad usage\nTry 'lscpu --help' for more information.\n`)
    return 1
  }
  const { cores } = process.host.persona.cpu
  if (has('parse')) return say(process, parse(cores))
  if (has('extended')) return say(process, extended(cores))
  if (has('caches') && value('caches') === undefined) return say(process, caches(process))
  const lines = summary(process)
  if (has('json')) return say(process, json(lines))
  if (process.isatty[1]) {
    const named = lines.map(line => ({ ...line, label: `${'  '.repeat(line.depth)}${line.name}:` }))
    const width = Math.max(...named.map(({ label }) => label.length)) + 1
    return say(process, named.map(({ label, value: text }) => `${label.padEnd(width)}${text}\n`).join(''))
  }
  const flat = lines.filter(({ heading }) => !heading).map(line => [`${line.flat ?? line.name}:`, line.value] as const)
  const width = Math.max(...flat.map(([label]) => label.length)) + 1
  return say(process, flat.map(([label, text]) => `${label.padEnd(width)}${text}\n`).join(''))
}

const list = (cores: number): string => (cores === 1 ? '0' : cores === 2 ? '0,1' : `0-${cores - 1}`)

const size = (bytes: number): string => (bytes >= 1 << 20 ? `${bytes / (1 << 20)} MiB` : `${bytes / 1024} KiB`)
const instances = (count: number): string => `(${count} instance${count > 1 ? 's' : ''})`

const summary = (process: Process): Line[] => {
  const info = fieldsOf(textOf(process, '/proc/cpuinfo') ?? '')
  const { cpu } = process.host.persona
  const { cores } = cpu
  const field = (name: string): string => info.get(name) ?? ''
  const own = cachesOf(cpu)
  const cache = (name: string, bytes: number, count: number): Line => ({
    depth: 1,
    name,
    flat: `${name} cache`,
    value: `${size(bytes * count)} ${instances(count)}`,
  })
  const folder = '/sys/devices/system/cpu/vulnerabilities'
  const vulnerabilities = process.fs.readdir(folder, process.who).toSorted()
  const titled = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ')
  return [
    { depth: 0, name: 'Architecture', value: 'x86_64' },
    { depth: 1, name: 'CPU op-mode(s)', value: '32-bit, 64-bit' },
    { depth: 1, name: 'Address sizes', value: field('address sizes') },
    { depth: 1, name: 'Byte Order', value: 'Little Endian' },
    { depth: 0, name: 'CPU(s)', value: `${cores}` },
    { depth: 1, name: 'On-line CPU(s) list', value: list(cores) },
    { depth: 0, name: 'Vendor ID', value: field('vendor_id') },
    { depth: 1, name: 'BIOS Vendor ID', value: 'QEMU' },
    { depth: 1, name: 'Model name', value: field('model name') },
    { depth: 2, name: 'BIOS Model name', value: 'pc-i440fx-6.2  CPU @ 2.0GHz' },
    { depth: 2, name: 'BIOS CPU family', value: '1' },
    { depth: 2, name: 'CPU family', value: field('cpu family') },
    { depth: 2, name: 'Model', value: field('model') },
    { depth: 2, name: 'Thread(s) per core', value: '1' },
    { depth: 2, name: 'Core(s) per socket', value: field('cpu cores') },
    { depth: 2, name: 'Socket(s)', value: '1' },
    { depth: 2, name: 'Stepping', value: field('stepping') },
    { depth: 2, name: 'BogoMIPS', value: field('bogomips') },
    { depth: 2, name: 'Flags', value: field('flags') },
    { depth: 0, name: 'Virtualization features', value: '', heading: true },
    { depth: 1, name: 'Hypervisor vendor', value: 'KVM' },
    { depth: 1, name: 'Virtualization type', value: 'full' },
    { depth: 0, name: 'Caches (sum of all)', value: '', heading: true },
    cache('L1d', own.l1d, cores),
    cache('L1i', own.l1i, cores),
    cache('L2', own.l2, cores),
    cache('L3', own.l3, 1),
    { depth: 0, name: 'NUMA', value: '', heading: true },
    { depth: 1, name: 'NUMA node(s)', value: '1' },
    { depth: 1, name: 'NUMA node0 CPU(s)', value: list(cores) },
    { depth: 0, name: 'Vulnerabilities', value: '', heading: true },
    ...vulnerabilities.map(name => ({
      depth: 1,
      name: titled(name),
      flat: `Vulnerability ${titled(name)}`,
      value: (textOf(process, `${folder}/${name}`) ?? '').trimEnd(),
    })),
  ]
}

const json = (lines: readonly Line[]): string => {
  const rows = lines
    .filter(({ heading }) => !heading)
    .map(
      ({ flat, name, value }) =>
        `      {\n         "field": ${JSON.stringify(`${flat ?? name}:`)},\n         "data": ${JSON.stringify(value)}\n      }`,
    )
  return `{\n   "lscpu": [\n${rows.join(',\n')}\n   ]\n}\n`
}

const parse = (cores: number): string => {
  const head =
    '# The following is the parsable format, which can be fed to other\n# programs. Each different item in every column has an unique ID\n# starting usually from zero.\n# CPU,Core,Socket,Node,,L1d,L1i,L2,L3\n'
  return head + Array.from({ length: cores }, (_, core) => `${core},${core},0,0,,${core},${core},${core},0\n`).join('')
}

const extended = (cores: number): string =>
  `CPU NODE SOCKET CORE L1d:L1i:L2:L3 ONLINE\n${Array.from(
    { length: cores },
    (_, core) =>
      `${`${core}`.padStart(3)} ${'0'.padStart(4)} ${'0'.padStart(6)} ${`${core}`.padStart(4)} ${`${core}:${core}:${core}:0`.padEnd(13)} ${'yes'.padStart(6)}\n`,
  ).join('')}`

const caches = (process: Process): string => {
  const { cpu } = process.host.persona
  const own = cachesOf(cpu)
  const short = (bytes: number): string => (bytes >= 1 << 20 ? `${bytes / (1 << 20)}M` : `${bytes / 1024}K`)
  const row = (name: string, bytes: number, count: number, ways: number, type: string, level: number): string =>
    `${name.padEnd(4)} ${short(bytes).padStart(8)} ${short(bytes * count).padStart(8)} ${`${ways}`.padStart(4)} ${type.padEnd(11)} ${`${level}`.padStart(5)} ${`${bytes / 64 / ways}`.padStart(5)}        1              64\n`
  return `NAME ONE-SIZE ALL-SIZE WAYS TYPE        LEVEL  SETS PHY-LINE COHERENCY-SIZE\n${row('L1d', own.l1d, cpu.cores, 8, 'Data', 1)}${row('L1i', own.l1i, cpu.cores, 8, 'Instruction', 1)}${row('L2', own.l2, cpu.cores, 16, 'Unified', 2)}${row('L3', own.l3, 1, 16, 'Unified', 3)}`
}
