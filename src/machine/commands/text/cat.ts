import type { Program } from '../../system.ts'
import { gnuProgram } from '../coreutils.ts'
import type { Option } from '../getopt.ts'
import { eachInput, openInput } from './io.ts'

const options: Option[] = [
  { short: 'A', long: 'show-all' },
  { short: 'b', long: 'number-nonblank' },
  { short: 'e' },
  { short: 'E', long: 'show-ends' },
  { short: 'n', long: 'number' },
  { short: 's', long: 'squeeze-blank' },
  { short: 't' },
  { short: 'T', long: 'show-tabs' },
  { short: 'u' },
  { short: 'v', long: 'show-nonprinting' },
]

/** A byte as `-v` shows it: `^A`, `M-x`. */
const visible = Array.from({ length: 256 }, (_, code) => {
  const low = code & 127
  const shown = low < 32 ? `^${String.fromCharCode(low + 64)}` : low === 127 ? '^?' : String.fromCharCode(low)
  return code < 128 ? shown : `M-${shown}`
})

/** cat(1). */
export const cat: Program = gnuProgram(options, async (process, parsed) => {
  const has = (...names: string[]) => names.some(parsed.has)
  const ends = has('show-all', 'e', 'show-ends')
  const tabs = has('show-all', 't', 'show-tabs')
  const marks = has('show-all', 'e', 't', 'show-nonprinting')
  const nonblank = parsed.has('number-nonblank')
  const numbers = nonblank || parsed.has('number')
  const squeeze = parsed.has('squeeze-blank')
  const plain = !ends && !tabs && !marks && !numbers && !squeeze
  // Line numbers and blank lines are counted across files, which are one text.
  let line = 0
  let atStart = true
  let blank = 0
  const shown = (text: string): string => {
    let out = ''
    for (const c of text) {
      if (c === '\n') {
        if (atStart) {
          if (++blank > 1 && squeeze) continue
          if (numbers && !nonblank) out += `${String(++line).padStart(6)}\t`
        }
        out += ends ? '$\n' : '\n'
        atStart = true
        continue
      }
      if (atStart) {
        if (numbers) out += `${String(++line).padStart(6)}\t`
        atStart = false
        blank = 0
      }
      out += c === '\t' ? (tabs ? '^I' : c) : marks ? visible[c.charCodeAt(0)] : c
    }
    return out
  }
  return eachInput(process, parsed.operands, async input => {
    for (let data = await input.read(); data; data = await input.read()) {
      process.step(1 + (data.length >> (plain ? 12 : 8)))
      await process.stdout.write(plain ? data : shown(data.toString('latin1')))
    }
  })
})

/** tac(1): the last line first. */
export const tac: Program = gnuProgram(
  [
    { short: 'b', long: 'before' },
    { short: 'r', long: 'regex' },
    { short: 's', long: 'separator', argument: 'required' },
  ],
  async (process, parsed) => {
    const separator = parsed.value('separator') ?? '\n'
    const before = parsed.has('before')
    let status = 0
    for (const file of parsed.operands.length === 0 ? ['-'] : parsed.operands) {
      status |= await eachInput(
        process,
        [file],
        async () => {
          const pieces: string[] = []
          const input = openInput(process, file)
          for (let data = await input.read(); data; data = await input.read()) pieces.push(data.toString('latin1'))
          const text = pieces.join('')
          process.step(text.length >> 8)
          const records = text.split(separator === '' ? '\0' : separator)
          const last = records.pop()!
          const whole = before
            ? [...records.slice(0, 1), ...records.slice(1).map(record => separator + record)]
            : records.map(record => record + separator)
          if (last !== '' || before) whole.push(before && records.length > 0 ? separator + last : last)
          await process.stdout.write(whole.toReversed().join(''))
        },
        { word: why => `failed to open '${file}' for reading: ${why}` },
      )
    }
    return status
  },
)
