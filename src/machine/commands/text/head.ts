import type { Input, Process, Program } from '../../system.ts'
import { gnuProgram } from '../coreutils.ts'
import { parseSize } from '../files/sizes.ts'
import type { Option } from '../getopt.ts'
import { complain } from '../paths.ts'
import { quote } from '../quoting.ts'
import { eachInput, linesOf, writerOf } from './io.ts'

const options: Option[] = [
  { short: 'c', long: 'bytes', argument: 'required' },
  { short: 'n', long: 'lines', argument: 'required' },
  { short: 'q', long: 'quiet' },
  { long: 'silent' },
  { short: 'v', long: 'verbose' },
  { short: 'z', long: 'zero-terminated' },
]

/** Lines kept to leave the last out. */
const mostKept = 1_000_000

/** head(1). */
export const head: Program = async process => {
  // `head -5`, `head -20c`: the old way, as the first argument alone.
  const old = /^-([0-9]+)([bkm]?)([cl]?)([qvz]*)$/.exec(process.argv[1] ?? '')
  const argv = old
    ? [
        process.argv[0]!,
        old[3] === 'c' || old[2] !== '' ? '-c' : '-n',
        old[1]! + (old[2] ?? '').replace('k', 'K').replace('m', 'M'),
        ...(old[4] === '' ? [] : [`-${old[4]}`]),
        ...process.argv.slice(2),
      ]
    : process.argv
  return run({ ...process, argv })
}

const run = gnuProgram(options, async (process, parsed) => {
  const last = parsed.given.findLast(({ name }) => name === 'bytes' || name === 'lines')
  const bytes = last?.name === 'bytes'
  const text = last?.value ?? '10'
  const allBut = text.startsWith('-')
  const wanted = parseSize(text.replace(/^[-+]/, ''))
  if (wanted === undefined) {
    await complain(process, `invalid number of ${bytes ? 'bytes' : 'lines'}: ${quote(process, text.replace(/^-/, ''))}`)
    return 1
  }
  const quiet = parsed.given.findLast(({ name }) => name === 'quiet' || name === 'silent' || name === 'verbose')
  const titles = quiet ? quiet.name === 'verbose' : parsed.operands.length > 1
  let first = true
  return eachInput(
    process,
    parsed.operands,
    async (input, file) => {
      if (titles) {
        const name = file === '-' ? 'standard input' : file
        await process.stdout.write(`${first ? '' : '\n'}==> ${name} <==\n`)
        first = false
      }
      if (bytes) await (allBut ? butLastBytes : firstBytes)(process, input, wanted)
      else
        await (allBut ? butLastLines : firstLines)(process, input, wanted, parsed.has('zero-terminated') ? '\0' : '\n')
    },
    {
      word: (why, file) =>
        why === 'Is a directory'
          ? `error reading ${quote(process, file)}: ${why}`
          : `cannot open ${quote(process, file)} for reading: ${why}`,
    },
  )
})

const firstBytes = async (process: Process, input: Input, count: number): Promise<void> => {
  let left = count
  while (left > 0) {
    const data = await input.read(Math.min(left, 8192))
    if (!data) return
    process.step()
    await process.stdout.write(data.subarray(0, left))
    left -= data.length
  }
}

const butLastBytes = async (process: Process, input: Input, count: number): Promise<void> => {
  let kept = Buffer.alloc(0)
  for (let data = await input.read(); data; data = await input.read()) {
    process.step(1 + (kept.length >> 12))
    kept = Buffer.concat([kept, data])
    if (kept.length > count) {
      await process.stdout.write(kept.subarray(0, kept.length - count))
      kept = kept.subarray(kept.length - count)
    }
  }
}

/** In pieces, as they come: `yes | head` ends with the first. */
const firstLines = async (process: Process, input: Input, count: number, end: string): Promise<void> => {
  const code = end.charCodeAt(0)
  let left = count
  while (left > 0) {
    const data = await input.read(8192)
    if (!data) return
    process.step()
    let at = 0
    while (left > 0) {
      const stop = data.indexOf(code, at)
      if (stop < 0) break
      at = stop + 1
      left--
    }
    await process.stdout.write(left > 0 ? data : data.subarray(0, at))
  }
}

const butLastLines = async (process: Process, input: Input, count: number, end: string): Promise<void> => {
  const reader = linesOf(process, input, end)
  const writer = writerOf(process)
  const kept: string[] = []
  for (let line = await reader.line(); line; line = await reader.line()) {
    kept.push(line.text + (line.ended ? end : ''))
    if (kept.length > Math.min(count, mostKept)) await writer.put(kept.shift()!)
  }
  await writer.flush()
}
