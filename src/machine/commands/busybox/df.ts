import type { Program } from '../../system.ts'
import { mountOf, mountsInOrder, spaceOf } from '../files/mounted.ts'
import { getopt, shortOptions } from '../getopt.ts'
import { attempt } from '../paths.ts'
import { optionMistake } from './wget.ts'

const human = (kib: number): string => {
  if (kib === 0) return '0'
  const units = ['K', 'M', 'G', 'T']
  let value = kib
  let unit = 0
  while (value >= 1024 && unit < 3) {
    value /= 1024
    unit++
  }
  return `${value.toFixed(1)}${units[unit]}`
}

/** df of BusyBox 1.35.0: columns of its own, and a name that is too long stands alone. */
export const df: Program = async process => {
  const parsed = getopt(process.argv, shortOptions('PkmhaTiB:t:'))
  if (typeof parsed === 'string') return optionMistake(process, 'df', parsed)
  const { has, operands } = parsed
  const mounts: ReturnType<typeof mountsInOrder> = []
  let status = 0
  for (const path of operands) {
    const there = attempt(() => process.fs.stat(path.startsWith('/') ? path : `${process.cwd}/${path}`, process.who))
    if ('error' in there) {
      await process.stderr.write(`df: ${path}: ${there.error}\n`)
      status = 1
    } else mounts.push(mountOf(process, path))
  }
  if (operands.length === 0) mounts.push(...mountsInOrder(process).filter(({ type }) => type !== 'rootfs'))
  const unit = has('h') ? '     Size' : has('m') ? '1M-blocks' : has('P') ? '1024-blocks' : '1K-blocks'
  let text = `Filesystem           ${unit.padStart(9)}      Used Available ${has('P') ? 'Capacity' : 'Use%'} Mounted on\n`
  const size = (bytes: number): string => {
    if (has('h')) return human(bytes / 1024)
    return String(Math.round(bytes / (has('m') ? 1 << 20 : 1024)))
  }
  for (const mount of mounts) {
    const { blockSize, blocks, free, available } = spaceOf(process, mount)
    if (blocks === 0 && !has('a') && operands.length === 0) continue
    const used = (blocks - free) * blockSize
    const reach = used + available * blockSize
    const share = reach === 0 ? 0 : Math.floor((used * 100 + reach / 2) / reach)
    const name = mount.source.length > 20 && !has('P') ? `${mount.source}\n${' '.repeat(20)}` : mount.source.padEnd(20)
    text += `${name} ${size(blocks * blockSize).padStart(9)} ${size(used).padStart(9)} ${size(available * blockSize).padStart(9)} ${String(share).padStart(3)}% ${mount.path}\n`
  }
  await process.stdout.write(text)
  return status
}
