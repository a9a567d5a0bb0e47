import { formatNumber } from '../../shell/builtins/number-format.ts'
import type { Program } from '../../system.ts'
import { usageError } from '../coreutils.ts'
import { versioned } from '../package-version.ts'
import { complain } from '../paths.ts'
import { quote } from '../quoting.ts'
import { writerOf } from './io.ts'

const number =
  /^[ \t]*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$|^[-+]?(?:inf|infinity)$|^[-+]?0[xX][0-9a-fA-F]+$/i

/** Digits behind the point as they were written. */
const placesIn = (text: string): number => {
  const found = /\.([0-9]*)(?:[eE]([-+]?[0-9]+))?$/.exec(text)
  const power = Number(/[eE]([-+]?[0-9]+)$/.exec(text)?.[1] ?? 0)
  return Math.max(0, (found ? found[1]!.length : 0) - power)
}

/** seq(1). Options end where a number begins, a negative one too. */
export const seq: Program = async process => {
  const words = process.argv.slice(1)
  const settings = { separator: '\n', format: undefined as string | undefined, wide: false }
  let at = 0
  for (; at < words.length; at++) {
    const word = words[at]!
    if (word === '--') {
      at++
      break
    }
    if (!word.startsWith('-') || word === '-' || /^-[.0-9]/.test(word)) break
    const found = /^(?:-([fs])(.*)|--(format|separator)(?:=(.*))?)$/s.exec(word)
    if (word === '-w' || word === '--equal-width') settings.wide = true
    else if (word === '--help' || word === '--version') {
      await process.stdout.write(
        versioned(process, word === '--help' ? 'Usage: seq [OPTION]... LAST\n' : 'seq (GNU coreutils) @coreutils@\n'),
      )
      return 0
    } else if (found) {
      const value = (found[1] ? found[2] || undefined : found[4]) ?? words[++at]
      if (value === undefined) return usageError(process, `option requires an argument -- '${found[1] ?? found[3]}'`)
      if ((found[1] ?? found[3])!.startsWith('f')) settings.format = value
      else settings.separator = value
    } else if (word.startsWith('--')) return usageError(process, `unrecognized option '${word}'`)
    else return usageError(process, `invalid option -- '${word[1]}'`)
  }
  const operands = words.slice(at)
  if (operands.length === 0) return usageError(process, 'missing operand')
  if (operands.length > 3) return usageError(process, `extra operand ${quote(process, operands[3]!)}`)
  const { format } = settings
  const shape =
    format === undefined
      ? undefined
      : /^((?:[^%]|%%)*)%([-+ #0']*)([0-9]*)(?:\.([0-9]*))?L?([efgaEFGA])((?:[^%]|%%)*)$/s.exec(format)
  if (format !== undefined && !shape) {
    const bad = /%(?!%)[-+ #0']*[0-9.]*(.?)/.exec(format.replaceAll('%%', ''))
    const why = !bad ? 'has no % directive' : bad[1] === '' ? 'ends in %' : `has unknown %${bad[1]} directive`
    await complain(process, `format ${quote(process, format)} ${why}`)
    return 1
  }
  for (const text of operands)
    if (!number.test(text)) return usageError(process, `invalid floating point argument: ${quote(process, text)}`)
  const [first, step, last] =
    operands.length === 1
      ? ['1', '1', operands[0]!]
      : operands.length === 2
        ? [operands[0]!, '1', operands[1]!]
        : (operands as [string, string, string])
  const [from, by, to] = [Number(first), Number(step), Number(last.replace(/^([-+]?)inf(?:inity)?$/i, '$1Infinity'))]
  if (by === 0) return usageError(process, `invalid Zero increment value: ${quote(process, step)}`)
  const places = Math.max(placesIn(first), placesIn(step))
  const shown = (value: number): string => {
    if (!shape) return value.toFixed(Math.min(places, 60)).replace(/^-(0(?:\.0*)?)$/, by < 0 ? '-$1' : '$1')
    const [, before = '', flags = '', width, precision, letter = 'g', after = ''] = shape
    const text = formatNumber(
      letter,
      { value: 0n, float: value, good: true },
      flags,
      flags.includes('-'),
      Math.min(Number(width || 0), 4096),
      precision === undefined ? undefined : Math.min(Number(precision), 100),
    )
    return before.replaceAll('%%', '%') + text + after.replaceAll('%%', '%')
  }
  const size = Math.floor((to - from) / by + 1e-10)
  if (!(size >= 0)) return 0
  const widest = settings.wide
    ? Math.max(...[from, to].map(value => value.toFixed(Math.max(places, placesIn(last) && places)).length))
    : 0
  const writer = writerOf(process)
  for (let i = 0; i <= size; i++) {
    if (i % 8 === 0) process.step()
    const text = shown(from + i * by)
    const padded = text.startsWith('-') ? `-${text.slice(1).padStart(widest - 1, '0')}` : text.padStart(widest, '0')
    const written = writer.put((i === 0 ? '' : settings.separator) + (settings.wide ? padded : text))
    if (written) await written
  }
  await writer.put('\n')
  await writer.flush()
  return 0
}
