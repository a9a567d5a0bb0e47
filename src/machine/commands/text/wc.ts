import { errorText } from '../../errors.ts'
import type { Input, Process, Program } from '../../system.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import type { Option } from '../getopt.ts'
import { complain, statOf } from '../paths.ts'
import { quoteColon, quoteFile, speaksUtf8 } from '../quoting.ts'
import { openInput, wholeText } from './io.ts'

const options: Option[] = [
  { short: 'c', long: 'bytes' },
  { short: 'm', long: 'chars' },
  { short: 'l', long: 'lines' },
  { short: 'w', long: 'words' },
  { short: 'L', long: 'max-line-length' },
  { long: 'files0-from', argument: 'required' },
]

type Counts = { lines: number; words: number; chars: number; bytes: number; longest: number }
const columns = [
  ['lines', 'lines'],
  ['words', 'words'],
  ['chars', 'chars'],
  ['bytes', 'bytes'],
  ['max-line-length', 'longest'],
] as const

/** wc(1). */
export const wc: Program = gnuProgram(options, async (process, parsed) => {
  let files = parsed.operands
  const listed = parsed.value('files0-from')
  if (listed !== undefined) {
    if (files.length > 0)
      return usageError(
        process,
        `extra operand ${quoteFile(process, files[0]!)}\nfile operands cannot be combined with --files0-from`,
      )
    files = (await wholeText(process, listed)).split('\0').filter(name => name !== '')
  }
  const asked = columns.filter(([option]) => parsed.has(option))
  const shown = asked.length > 0 ? asked : columns.filter(([option]) => ['lines', 'words', 'bytes'].includes(option))
  const width = widthOf(process, files, shown.length)
  const show = (counts: Counts, name: string): Promise<void> =>
    process.stdout.write(
      `${shown.map(([, field]) => String(counts[field]).padStart(width)).join(' ')}${name === '' ? '' : ` ${name}`}\n`,
    )
  const total: Counts = { lines: 0, words: 0, chars: 0, bytes: 0, longest: 0 }
  let status = 0
  for (const file of files.length === 0 ? ['-'] : files) {
    let counts: Counts = { lines: 0, words: 0, chars: 0, bytes: 0, longest: 0 }
    try {
      counts = await countAll(process, openInput(process, file))
    } catch (error) {
      await complain(process, `${quoteColon(process, file)}: ${errorText(error)}`)
      status = 1
      if (errorText(error) !== 'Is a directory') continue
    }
    for (const [, field] of columns)
      total[field] = field === 'longest' ? Math.max(total.longest, counts.longest) : total[field] + counts[field]
    await show(counts, files.length === 0 ? '' : quoteColon(process, file))
  }
  if (files.length > 1) await show(total, 'total')
  return status
})

/** As wide as the sum of sizes; seven where there is something without a size. */
const widthOf = (process: Process, files: readonly string[], shown: number): number => {
  if (files.length <= 1 && shown === 1) return 1
  if (files.length === 0) return 7
  let sum = 0
  let least = 1
  for (const file of files) {
    const stat = file === '-' ? undefined : statOf(process, file)
    if (stat?.type === 'file') sum += stat.size
    else if (stat || file === '-') least = 7
  }
  return Math.max(least, String(sum).length)
}

const countAll = async (process: Process, input: Input): Promise<Counts> => {
  const counts: Counts = { lines: 0, words: 0, chars: 0, bytes: 0, longest: 0 }
  const utf8 = speaksUtf8(process)
  let inWord = false
  let column = 0
  for (let data = await input.read(); data; data = await input.read()) {
    process.step(1 + (data.length >> 10))
    counts.bytes += data.length
    for (const code of data) {
      const continues = utf8 && (code & 0xc0) === 0x80
      if (!continues) counts.chars++
      if (code === 10) {
        counts.lines++
        counts.longest = Math.max(counts.longest, column)
        column = 0
        inWord = false
      } else if (code === 32 || (code >= 9 && code <= 13)) {
        if (code === 9) column += 8 - (column % 8)
        else if (code === 32) column++
        else if (code !== 11) {
          counts.longest = Math.max(counts.longest, column)
          column = 0
        }
        inWord = false
      } else if ((code > 32 && code < 127) || (utf8 && code > 127)) {
        if (!continues) column++
        if (!inWord) counts.words++
        inWord = true
      }
    }
  }
  counts.longest = Math.max(counts.longest, column)
  return counts
}
