import { saysOf } from '../../release.ts'
import { escapedText } from '../../shell/escapes.ts'
import type { Process, Program } from '../../system.ts'
import { gnuProgram } from '../coreutils.ts'
import type { Option } from '../getopt.ts'
import { complain } from '../paths.ts'
import { linesOf, writerOf } from './io.ts'

const options: Option[] = [
  { short: 'd', long: 'domain', argument: 'required' },
  { short: 'e' },
  { short: 'E' },
  { short: 'n' },
  { short: 's' },
]
const version = (process: Process): string => `(GNU gettext-runtime) ${saysOf(process.host.persona).gettext}`

/** gettext(1): no catalogue says anything else than the message itself. */
export const gettext: Program = gnuProgram(
  options,
  async (process, parsed) => {
    const { operands } = parsed
    const show = (text: string): string => (parsed.has('e') ? escapedText(text, 'echo').text : text)
    if (parsed.has('s')) {
      await process.stdout.write(operands.map(show).join(' ') + (parsed.has('n') ? '' : '\n'))
      return 0
    }
    if (operands.length === 0) {
      await complain(process, 'missing arguments')
      return 1
    }
    if (operands.length > 2) {
      await complain(process, 'too many arguments')
      return 1
    }
    await process.stdout.write(show(operands.at(-1)!))
    return 0
  },
  { version },
)

/** ngettext(1). */
export const ngettext: Program = gnuProgram(
  options,
  async (process, parsed) => {
    const words = parsed.operands.slice(-3)
    if (words.length < 3) {
      await complain(process, 'missing arguments')
      return 1
    }
    const [one, many, count] = words as [string, string, string]
    const text = Number(count) === 1 ? one : many
    await process.stdout.write(parsed.has('e') ? escapedText(text, 'echo').text : text)
    return 0
  },
  { version },
)

/** col(1) of util-linux: what was overstruck, with -b only the last of it. */
export const col: Program = gnuProgram(
  [
    { short: 'b', long: 'no-backspaces' },
    { short: 'f', long: 'fine' },
    { short: 'p', long: 'pass' },
    { short: 'h', long: 'tabs' },
    { short: 'x', long: 'spaces' },
    { short: 'l', long: 'lines', argument: 'required' },
  ],
  async (process, parsed) => {
    const reader = linesOf(process, process.stdin)
    const writer = writerOf(process)
    for (let line = await reader.line(); line; line = await reader.line()) {
      const columns: string[][] = []
      let at = 0
      for (const c of line.text) {
        if (c === '\b') at = Math.max(0, at - 1)
        else if (c === '\r') at = 0
        else if (c === '\t') at += 8 - (at % 8)
        else if (c >= ' ') {
          columns[at] ??= []
          columns[at]!.push(c)
          at++
        }
        if (at > 10_000) break
      }
      let out = ''
      for (let i = 0; i < columns.length; i++) {
        const cell = columns[i] ?? [' ']
        out += parsed.has('no-backspaces') ? cell.at(-1)! : cell.join('\b')
      }
      const tabbed = parsed.has('spaces')
        ? out
        : out.replace(/ +/g, (blanks, from: number) => tabs(from, blanks.length))
      await writer.put(`${tabbed.replace(/[ \t]+$/, '')}\n`)
    }
    await writer.flush()
    return 0
  },
  { version: 'from util-linux @util-linux@' },
)

/** Blanks from a column on as tabs where they reach a stop. */
const tabs = (from: number, count: number): string => {
  let out = ''
  let at = from
  const to = from + count
  while (count > 1 && (Math.floor(at / 8) + 1) * 8 <= to) {
    out += '\t'
    at = (Math.floor(at / 8) + 1) * 8
  }
  return out + ' '.repeat(to - at)
}
