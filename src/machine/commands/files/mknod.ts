import type { Program } from '../../system.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import { type Option, usageMistake } from '../getopt.ts'
import { absolute, attempt, complain } from '../paths.ts'
import { quote, quoteFile } from '../quoting.ts'
import { parseMode } from './modes.ts'

const options: Option[] = [
  { short: 'm', long: 'mode', argument: 'required' },
  { short: 'Z' },
  { long: 'context', argument: 'optional' },
]

/** mkfifo(1) of GNU coreutils 9.1. */
export const mkfifo: Program = gnuProgram(
  options,
  async (process, parsed) => {
    if (parsed.operands.length === 0) return usageError(process, 'missing operand')
    const text = parsed.value('mode')
    const change = text === undefined ? undefined : parseMode(text)
    if (text !== undefined && !change) {
      await complain(process, 'invalid mode')
      return 1
    }
    const mode = change?.(0o666, false, process.umask) ?? 0o666 & ~process.umask
    let status = 0
    for (const path of parsed.operands) {
      const made = attempt(() => process.fs.mknod(absolute(process, path), 'fifo', mode, process.who))
      if (!('error' in made)) continue
      await complain(process, `cannot create fifo ${quoteFile(process, path)}: ${made.error}`)
      status = 1
    }
    return status
  },
  { usage: '[OPTION]... NAME...' },
)

const kinds = new Map([
  ['b', 'block'],
  ['c', 'char'],
  ['u', 'char'],
  ['p', 'fifo'],
] as const)

/** mknod(1) of GNU coreutils 9.1. */
export const mknod: Program = gnuProgram(
  options,
  async (process, parsed) => {
    const { operands } = parsed
    const [path, letter, major, minor] = operands
    const text = parsed.value('mode')
    const change = text === undefined ? undefined : parseMode(text)
    if (text !== undefined && !change) {
      await complain(process, 'invalid mode')
      return 1
    }
    const isFifo = letter?.[0] === 'p'
    const expected = operands.length >= 2 && isFifo ? 2 : 4
    const name = process.argv[0]
    const after = (message: string, hint: string): Promise<number> =>
      usageMistake(process, `${name}: ${message}${hint === '' ? '' : `\n${hint}`}`)
    if (operands.length < expected) {
      if (operands.length === 0) return usageError(process, 'missing operand')
      const hint =
        expected === 4 && operands.length === 2 ? 'Special files require major and minor device numbers.' : ''
      return after(`missing operand after ${quote(process, operands.at(-1)!)}`, hint)
    }
    if (operands.length > expected) {
      const hint = expected === 2 && operands.length === 4 ? 'Fifos do not have major and minor device numbers.' : ''
      return after(`extra operand ${quote(process, operands[expected]!)}`, hint)
    }
    const kind = kinds.get(letter![0] as 'b')
    if (!kind) return usageError(process, `invalid device type ${quote(process, letter!)}`)
    const numbers: number[] = []
    for (const [text, what] of [
      [major, 'major'],
      [minor, 'minor'],
    ] as const) {
      if (isFifo) break
      if (!/^(0[xX][0-9A-Fa-f]{1,7}|[0-9]{1,8})$/.test(text!)) {
        await complain(process, `invalid ${what} device number ${quote(process, text!)}`)
        return 1
      }
      numbers.push(/^0[0-7]+$/.test(text!) ? Number.parseInt(text!, 8) : Number(text))
    }
    const mode = change?.(0o666, false, process.umask) ?? 0o666 & ~process.umask
    const rdev = isFifo ? undefined : { major: numbers[0]!, minor: numbers[1]! }
    const made = attempt(() => process.fs.mknod(absolute(process, path!), kind, mode, process.who, rdev))
    if (!('error' in made)) return 0
    await complain(process, `${path}: ${made.error}`)
    return 1
  },
  { usage: '[OPTION]... NAME TYPE [MAJOR MINOR]' },
)
