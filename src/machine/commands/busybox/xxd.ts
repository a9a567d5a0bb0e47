import type { Program } from '../../system.ts'
import { getopt, shortOptions } from '../getopt.ts'
import { attempt, readInput } from '../paths.ts'
import { optionMistake } from './wget.ts'

/** xxd of BusyBox: to hexadecimal, and back with -r. */
export const xxd: Program = async process => {
  const parsed = getopt(process.argv, shortOptions('pirg:c:n:l:s:o:'))
  if (typeof parsed === 'string') return optionMistake(process, 'xxd', parsed)
  const [path = '-'] = parsed.operands
  const read = attempt(() => readInput(process, path))
  if ('error' in read) {
    await process.stderr.write(`xxd: ${path}: ${read.error}\n`)
    return 1
  }
  const whole = await read.value
  process.step(1 + (whole.length >> 8))
  if (parsed.has('r')) {
    const text = whole.toString('latin1')
    const digits = parsed.has('p') ? text : text.replace(/^\s*[0-9a-f]+: ?((?:[0-9a-f]{2,} ?)*).*$/gim, '$1')
    await process.stdout.write(Buffer.from(digits.replace(/[^0-9a-f]/gi, ''), 'hex'))
    return 0
  }
  const from = Number(parsed.value('s') ?? 0) || 0
  const data = whole.subarray(
    from,
    from + (Number(parsed.value('l') ?? parsed.value('n') ?? whole.length) || whole.length),
  )
  const plain = parsed.has('p')
  const width = Math.max(1, Math.min(256, Number(parsed.value('c') ?? (plain ? 30 : 16)) || 16))
  const group = Math.max(1, Math.min(width, Number(parsed.value('g') ?? 2) || width))
  for (let at = 0; at < data.length; at += width) {
    const row = data.subarray(at, at + width)
    const hex = row.toString('hex')
    if (plain) {
      await process.stdout.write(`${hex}\n`)
      continue
    }
    const groups = hex.match(new RegExp(`.{1,${group * 2}}`, 'g')) ?? []
    const columns = width * 2 + Math.ceil(width / group)
    const shown = row.toString('latin1').replace(/[^ -~]/g, '.')
    await process.stdout.write(
      `${(from + at).toString(16).padStart(8, '0')}: ${groups.join(' ').padEnd(columns)} ${shown}\n`,
    )
  }
  return 0
}
