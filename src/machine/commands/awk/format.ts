import { formatNumber } from '../../shell/builtins/number-format.ts'
import { toNumber, toText, type Value } from './values.ts'

/** printf was given too little, or asks for too much. */
export class FormatFault extends Error {}

const directive = /^%([-+ #0]*)(\*|[0-9]+)?(?:\.(\*|[0-9]*))?(?:hh|h|ll|l|L|q|j|z|t)?([a-zA-Z%])/
const widest = 1 << 16

/** sprintf of awk; numbers are 32 bits wide as in this mawk. */
export const sprintf = (format: string, args: readonly Value[], convert: (number: number) => string): string => {
  let out = ''
  let next = 0
  const take = (): Value => {
    if (next >= args.length) throw new FormatFault('not enough arguments passed to')
    return args[next++]
  }
  for (let at = 0; at < format.length; ) {
    const percent = format.indexOf('%', at)
    if (percent < 0) return out + format.slice(at)
    out += format.slice(at, percent)
    at = percent
    if (format[at + 1] === '%') {
      out += '%'
      at += 2
      continue
    }
    const found = directive.exec(format.slice(at, at + 64))
    if (!found) {
      if (next >= args.length) throw new FormatFault('not enough arguments passed to')
      throw new FormatFault(`bad conversion`)
    }
    at += found[0].length
    let flags = found[1]!
    let width = found[2] === '*' ? Math.trunc(toNumber(take())) : Number(found[2] ?? 0)
    if (width < 0) {
      flags += '-'
      width = -width
    }
    const given =
      found[3] === '*' ? Math.trunc(toNumber(take())) : found[3] === undefined ? undefined : Number(found[3])
    const precision = given !== undefined && given < 0 ? undefined : given
    if (width > widest || (precision ?? 0) > widest) throw new FormatFault('overflow in')
    const letter = found[4]!
    const left = flags.includes('-')
    const pad = (text: string): string => (left ? text.padEnd(width) : text.padStart(width))
    if (letter === 's') {
      const text = toText(take(), convert)
      out += pad(precision === undefined ? text : text.slice(0, precision))
    } else if (letter === 'c') {
      const value = take()
      const isNumber = typeof value === 'number' || (typeof value === 'object' && value !== null)
      out += pad(
        isNumber ? String.fromCharCode(Math.trunc(toNumber(value)) & 0xff) : toText(value, convert).slice(0, 1),
      )
    } else if ('diouxX'.includes(letter)) {
      const number = toNumber(take())
      const signed = letter === 'd' || letter === 'i'
      const clamped = Number.isNaN(number)
        ? signed
          ? -2_147_483_648
          : 0
        : Math.min(Math.max(Math.trunc(number), signed ? -2_147_483_647 : 0), signed ? 2_147_483_647 : 4_294_967_295)
      out += formatNumber(letter, { value: BigInt(clamped), float: clamped, good: true }, flags, left, width, precision)
    } else if ('eEfFgGaA'.includes(letter)) {
      const float = toNumber(take())
      out += formatNumber(
        letter,
        { value: 0n, float, good: true },
        Number.isFinite(float) ? flags : flags.replace('0', ''),
        left,
        width,
        precision,
      )
    } else {
      if (next >= args.length) throw new FormatFault('not enough arguments passed to')
      throw new FormatFault('bad conversion')
    }
  }
  return out
}

/** A number that is not whole, by CONVFMT or OFMT. */
export const converter =
  (format: string) =>
  (number: number): string => {
    if (Number.isNaN(number)) return '-nan'
    if (!Number.isFinite(number)) return number > 0 ? 'inf' : '-inf'
    try {
      return sprintf(format, [number], String)
    } catch {
      return String(number)
    }
  }
