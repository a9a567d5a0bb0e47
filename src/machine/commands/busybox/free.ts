import { type Program, SystemError } from '../../system.ts'
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

const pairs = (text: string): [string, string][] =>
  [...text.matchAll(/^([^:\n]{1,40}):\s+(\d{1,15})/gm)].map(([, name = '', value = '']) => [name, value])
