import type { Process, Program } from '../../system.ts'
import { gnuProgram } from '../coreutils.ts'
import type { Option, Parsed } from '../getopt.ts'
import { complain } from '../paths.ts'
import { quote } from '../quoting.ts'
import { linesOf, writerOf } from './io.ts'

const options: Option[] = [
  { short: 'd', long: 'delimiter', argument: 'required' },
  { long: 'debug' },
  { long: 'field', argument: 'required' },
  { long: 'format', argument: 'required' },
  { long: 'from', argument: 'required' },
  { long: 'from-unit', argument: 'required' },
  { long: 'grouping' },
  { long: 'header', argument: 'optional' },
  { long: 'invalid', argument: 'required' },
  { long: 'padding', argument: 'required' },
  { long: 'round', argument: 'required' },
  { long: 'suffix', argument: 'required' },
  { long: 'to', argument: 'required' },
  { long: 'to-unit', argument: 'required' },
  { short: 'z', long: 'zero-terminated' },
]
const letters = 'KMGTPEZY'

/** numfmt(1). */
export const numfmt: Program = gnuProgram(
  options,
  async (process, parsed) => {
    const end = parsed.has('zero-terminated') ? '\0' : '\n'
    const delimiter = parsed.value('delimiter')
    const field = Number(parsed.value('field') ?? 1)
    const writer = writerOf(process)
    let status = 0
    const invalid = parsed.value('invalid') ?? 'abort'
    const one = async (line: string): Promise<boolean> => {
      const pieces = delimiter === undefined ? (line.match(/\s*\S+|\s+$/g) ?? [line]) : line.split(delimiter)
      const piece = pieces[field - 1]
      if (piece !== undefined) {
        const made = convert(process, parsed, piece.trim())
        if (typeof made === 'string') {
          const lead = delimiter === undefined ? /^\s*/.exec(piece)![0] : ''
          pieces[field - 1] = delimiter === undefined && field > 1 ? ` ${made.padStart(piece.length - 1)}` : lead + made
        } else {
          await writer.flush()
          if (invalid !== 'ignore') await complain(process, made.message)
          status = invalid === 'warn' || invalid === 'ignore' ? 0 : 2
          if (invalid === 'abort') return false
        }
      }
      await writer.put(pieces.join(delimiter ?? '') + end)
      return true
    }
    let left = parsed.has('header') ? Number(parsed.value('header') ?? 1) : 0
    if (parsed.operands.length > 0) {
      for (const text of parsed.operands) if (!(await one(text))) break
    } else {
      const reader = linesOf(process, process.stdin, end)
      for (let line = await reader.line(); line; line = await reader.line()) {
        if (left-- > 0) await writer.put(line.text + end)
        else if (!(await one(line.text))) break
      }
    }
    await writer.flush()
    return status
  },
  { usage: '[OPTION]... [NUMBER]...' },
)

const unitSize = (text: string | undefined): number => {
  const found = /^([0-9]*)([KMGTPEZY]?)(i?)$/.exec(text ?? '1')
  if (!found) return 1
  const power = found[2] === '' ? 0 : letters.indexOf(found[2]!) + 1
  return Number(found[1] || 1) * (found[3] === 'i' ? 1024 : 1000) ** power
}

const convert = (process: Process, parsed: Parsed, text: string): string | { message: string } => {
  const suffix = parsed.value('suffix') ?? ''
  const bare = suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text
  const found = /^([-+]?[0-9]+(?:\.[0-9]+)?)([KMGTPEZY]?)(i?)(.*)$/s.exec(bare)
  if (!found) return { message: `invalid number: ${quote(process, text)}` }
  const from = parsed.value('from') ?? 'none'
  const [, digits, letter = '', i = '', rest] = found
  if (rest !== '' && letter === '') return { message: `invalid suffix in input: ${quote(process, text)}` }
  if (letter !== '' && from === 'none')
    return { message: `rejecting suffix in input: ${quote(process, text)} (consider using --from)` }
  if (rest !== '') return { message: `invalid suffix in input ${quote(process, text)}: ${quote(process, rest!)}` }
  if (from === 'iec-i' && letter !== '' && i === '')
    return { message: `missing 'i' suffix in input: ${quote(process, text)} (e.g Ki/Mi/Gi)` }
  const base = from === 'si' || (from === 'auto' && i === '') ? 1000 : 1024
  const value =
    (Number(digits) * base ** (letter === '' ? 0 : letters.indexOf(letter) + 1) * unitSize(parsed.value('from-unit'))) /
    unitSize(parsed.value('to-unit'))
  const made =
    show(
      value,
      parsed.value('to') ?? 'none',
      parsed.value('round') ?? 'from-zero',
      (digits!.split('.')[1] ?? '').length,
    ) + suffix
  const padding = Number(parsed.value('padding') ?? 0)
  return padding < 0 ? made.padEnd(-padding) : made.padStart(padding)
}

const rounded = (value: number, how: string): number => {
  const size = Math.abs(value)
  const up = how === 'from-zero' || (how === 'up' && value > 0) || (how === 'down' && value < 0)
  const whole = how === 'nearest' ? Math.round(size) : up ? Math.ceil(size - 1e-9) : Math.floor(size)
  return value < 0 ? -whole : whole
}

const show = (value: number, to: string, how: string, places: number): string => {
  if (to === 'none' || to === 'auto') return places > 0 ? value.toFixed(places) : String(value)
  const base = to === 'si' ? 1000 : 1024
  let power = 0
  let scaled = value
  while (Math.abs(scaled) >= base && power < letters.length) {
    scaled /= base
    power++
  }
  let text =
    power > 0 && Math.abs(scaled) < 10 ? (rounded(scaled * 10, how) / 10).toFixed(1) : String(rounded(scaled, how))
  if (power > 0 && Number(text) >= 10 && text.includes('.')) text = String(Math.round(Number(text)))
  if (Math.abs(Number(text)) >= base && power < letters.length) {
    text = '1.0'
    power++
  }
  return text + (power === 0 ? '' : letters[power - 1]! + (to === 'iec-i' ? 'i' : ''))
}
