import type { Process, Program } from '../../../system.ts'
import { getopt, type Option } from '../../getopt.ts'
import { versioned } from '../../package-version.ts'
import { fieldsOf, say, textOf } from '../facts.ts'

const units: Readonly<Record<string, number>> = {
  bytes: 1,
  kilo: 1e3,
  mega: 1e6,
  giga: 1e9,
  tera: 1e12,
  peta: 1e15,
  kibi: 2 ** 10,
  mebi: 2 ** 20,
  gibi: 2 ** 30,
  tebi: 2 ** 40,
  pebi: 2 ** 50,
}

const options: Option[] = [
  { short: 'b', long: 'bytes' },
  { long: 'kilo' },
  { long: 'mega' },
  { long: 'giga' },
  { long: 'tera' },
  { long: 'peta' },
  { short: 'k', long: 'kibi' },
  { short: 'm', long: 'mebi' },
  { short: 'g', long: 'gibi' },
  { long: 'tebi' },
  { long: 'pebi' },
  { short: 'h', long: 'human' },
  { long: 'si' },
  { short: 'l', long: 'lohi' },
  { short: 't', long: 'total' },
  { short: 's', long: 'seconds', argument: 'required' },
  { short: 'c', long: 'count', argument: 'required' },
  { short: 'w', long: 'wide' },
  { short: 'v', long: 'committed' },
  { long: 'help' },
  { short: 'V', long: 'version' },
]

const usage = '\nUsage:\n free [options]\n'

/** free(1) of procps-ng 4.0.2. */
export const free: Program = async process => {
  const parsed = getopt(process.argv, options)
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\n${usage}`)
    return 1
  }
  const { has } = parsed
  if (has('help')) return say(process, usage)
  if (has('version')) return say(process, versioned(process, 'free from procps-ng @procps@\n'))
  const chosen = parsed.given.filter(({ name }) => Object.hasOwn(units, name))
  if (new Set(chosen.map(({ name }) => name)).size > 1) {
    await process.stderr.write("free: Multiple unit options don't make sense.\n")
    return 1
  }
  const seconds = parsed.value('seconds')
  if (seconds !== undefined && !(Number(seconds) > 0)) {
    await process.stderr.write(
      /^[\d.]+$/.test(seconds)
        ? `free: seconds argument \`${seconds}' is not positive number\n`
        : `free: seconds argument failed: '${seconds}': Invalid argument\n`,
    )
    return 1
  }
  const count = parsed.value('count')
  if (count !== undefined && !(Number(count) >= 1)) {
    await process.stderr.write(`free: failed to parse count argument: '${count}'\n`)
    return 1
  }
  const unit = chosen.length === 0 ? 0 : units[chosen[0]!.name]!
  const scale = scaler(unit, has('human'), has('si'))
  const turns = count === undefined ? (seconds === undefined ? 1 : Number.POSITIVE_INFINITY) : Number(count)
  for (let turn = 0; turn < turns; turn++) {
    if (turn > 0) {
      await process.sleep(Number(seconds ?? 1))
      await process.stdout.write('\n')
    }
    await process.stdout.write(table(process, scale, has))
  }
  return 0
}

const table = (process: Process, scale: (bytes: number) => string, has: (name: string) => boolean): string => {
  const fields = fieldsOf(textOf(process, '/proc/meminfo') ?? '')
  const bytes = (name: string): number => Number.parseInt(fields.get(name) ?? '0', 10) * 1024
  const [total, unused, available] = [bytes('MemTotal'), bytes('MemFree'), bytes('MemAvailable')]
  const cache = bytes('Cached') + bytes('SReclaimable')
  const used = total - available
  const row = (name: string, ...values: number[]): string =>
    `${name.padEnd(8)}${values.map(value => ` ${scale(value).padStart(11)}`).join('')}\n`
  const wide = has('wide')
  const head = ['total', 'used', 'free', 'shared', ...(wide ? ['buffers', 'cache'] : ['buff/cache']), 'available']
  const swap = [bytes('SwapTotal'), bytes('SwapTotal') - bytes('SwapFree'), bytes('SwapFree')] as const
  return [
    `${' '.repeat(8)}${head.map(word => ` ${word.padStart(11)}`).join('')}\n`,
    row(
      'Mem:',
      total,
      used,
      unused,
      bytes('Shmem'),
      ...(wide ? [bytes('Buffers'), cache] : [bytes('Buffers') + cache]),
      available,
    ),
    has('lohi') ? row('Low:', total, total - unused, unused) + row('High:', 0, 0, 0) : '',
    row('Swap:', ...swap),
    has('total') ? row('Total:', total + swap[0], used + swap[1], unused + swap[2]) : '',
    has('committed')
      ? row('Comm:', bytes('CommitLimit'), bytes('Committed_AS'), bytes('CommitLimit') - bytes('Committed_AS'))
      : '',
  ].join('')
}

/** Numbers as the unit wants them: 0 for none given, which is KiB. */
const scaler =
  (unit: number, human: boolean, si: boolean) =>
  (bytes: number): string => {
    if (human) return humanSize(bytes, si)
    if (unit > 0) {
      const decimal = si && unit > 1 && Math.log2(unit) % 10 === 0 ? 1000 ** (Math.log2(unit) / 10) : unit
      return `${Math.floor(bytes / decimal)}`
    }
    return `${Math.floor(bytes / (si ? 1000 : 1024))}`
  }

/** Three digits at most, or two with one decimal. */
export const humanSize = (bytes: number, si: boolean): string => {
  const base = si ? 1000 : 1024
  const end = si ? '' : 'i'
  const room = si ? 4 : 5
  if (`${bytes}B`.length <= 4) return `${bytes}B`
  for (const [power, letter] of [...'KMGTP'].entries()) {
    const value = bytes / base ** (power + 1)
    const fine = `${value.toFixed(1)}${letter}${end}`
    if (fine.length <= room) return fine
    const coarse = `${Math.floor(value)}${letter}${end}`
    if (coarse.length <= room) return coarse
  }
  return `${bytes}`
}
