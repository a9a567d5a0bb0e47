import { type Process, type Program, SystemError } from '../../system.ts'
import { getopt, shortOptions } from '../getopt.ts'
import { optionMistake } from './wget.ts'

const units: ReadonlyMap<string, number> = new Map([
  ['b', 1 / 1024],
  ['k', 1],
  ['m', 1024],
  ['g', 1024 ** 2],
])

/** free of BusyBox 1.35.0. */
export const free: Program = async process => {
  const parsed = getopt(process.argv, shortOptions('bkmgh'))
  if (typeof parsed === 'string') return optionMistake(process, 'free', parsed)
  let text: string
  try {
    text = process.fs.readFile('/proc/meminfo', process.who).toString('latin1')
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await process.stderr.write("free: can't open '/proc/meminfo': No such file or directory\n")
    return 1
  }
  const unit = units.get(parsed.given.at(-1)?.name ?? 'k') ?? 1
  const of = (name: string): number => Math.floor(Number(new Map(pairs(text)).get(name) ?? 0) / unit)
  // MemAvailable came into it with 1.26.
  const version = /v1\.(\d+)/.exec(process.host.make.busybox?.banner ?? '')?.[1]
  if (version !== undefined && Number(version) < 26) return older(process, of)
  const cached = of('Buffers') + of('Cached') + of('SReclaimable')
  const used = of('MemTotal') - of('MemFree') - cached
  const row = (values: readonly number[]): string => values.map(value => String(value).padStart(12)).join('')
  await process.stdout.write(
    `              total        used        free      shared  buff/cache   available
Mem:   ${row([of('MemTotal'), used, of('MemFree'), of('Shmem'), cached, of('MemAvailable')])}
Swap:  ${row([of('SwapTotal'), of('SwapTotal') - of('SwapFree'), of('SwapFree')])}
`,
  )
  return 0
}

/** free of BusyBox 1.20 to 1.25. */
const older = async (process: Process, of: (name: string) => number): Promise<number> => {
  const [total, free, buffers, cached] = [of('MemTotal'), of('MemFree'), of('Buffers'), of('Cached')]
  const row = (values: readonly number[]): string => values.map(value => String(value).padStart(13)).join('')
  await process.stdout.write(
    `             total         used         free       shared      buffers
Mem:  ${row([total, total - free, free, 0, buffers]).slice(1)}
-/+ buffers:       ${row([total - free - buffers - cached, free + buffers + cached]).slice(0)}
Swap: ${row([of('SwapTotal'), of('SwapTotal') - of('SwapFree'), of('SwapFree')]).slice(1)}
`,
  )
  return 0
}

const pairs = (text: string): [string, string][] =>
  [...text.matchAll(/^([^:\n]{1,40}):\s+(\d{1,15})/gm)].map(([, name = '', value = '']) => [name, value])
