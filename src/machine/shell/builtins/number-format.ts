import { complain, type Shell } from '../state.ts'

export type Number64 = { value: bigint; float: number; good: boolean }

/** A number as strtoimax(3) and strtold(3) read it, or a character behind a quote; complains of what is left over. */
export const numberOf = async (sh: Shell, text: string, name: string, real = false): Promise<Number64> => {
  if (/^["']/.test(text)) {
    const code = text.length > 1 ? text.charCodeAt(1) : 0
    return { value: BigInt(code), float: code, good: true }
  }
  const match = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|[0-9]+)?/.exec(text)!
  const float = /^\s*[-+]?(?:[0-9]+\.?[0-9]*(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?)/.exec(text)
  let used = match[0].length
  let value = 0n
  if (match[2] !== undefined) {
    const octal = /^0[0-9]/.test(match[2])
    const digits = octal ? /^[0-7]+/.exec(match[2])![0] : match[2]
    if (octal) used -= match[2].length - digits.length
    value = BigInt(octal ? `0o${digits}` : digits) * (match[1] === '-' ? -1n : 1n)
  }
  const floating = float !== null && float[0].length === text.length
  const good = text === '' || (match[2] !== undefined && used === text.length) || (real && floating)
  if (!good)
    await complain(
      sh,
      sh.flavour === 'sh'
        ? `${name}: ${text}: ${match[2] === undefined ? 'expected numeric value' : 'not completely converted'}`
        : `${name}: ${text}: invalid number`,
    )
  // BusyBox takes a number whole or not at all.
  if (!good && sh.ash) value = 0n
  if (value > 0x7fffffffffffffffn || value < -0x8000000000000000n) {
    await complain(sh, `${name}: warning: ${text}: Numerical result out of range`)
    value = value > 0n ? 0x7fffffffffffffffn : -0x8000000000000000n
  }
  return { value, float: floating ? Number(float[0]) : Number(value), good }
}

/** One number as printf(3) writes it. */
export const formatNumber = (
  letter: string,
  number: Number64,
  flags: string,
  left: boolean,
  width: number,
  precision: number | undefined,
): string => {
  const integer = 'diouxX'.includes(letter)
  const [sign, body] = integer
    ? integerText(letter, number.value, flags, precision)
    : floatText(letter, number.float, flags, precision)
  const zero = flags.includes('0') && !left && (precision === undefined || !integer)
  if (zero) return sign + body.padStart(width - sign.length, '0')
  return left ? (sign + body).padEnd(width) : (sign + body).padStart(width)
}

const signOf = (negative: boolean, flags: string): string =>
  negative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''

const integerText = (letter: string, value: bigint, flags: string, precision: number | undefined): [string, string] => {
  const pad = (digits: string) => (precision === 0 && value === 0n ? '' : digits.padStart(precision ?? 0, '0'))
  if (letter === 'd' || letter === 'i') return [signOf(value < 0n, flags), pad(String(value < 0n ? -value : value))]
  const unsigned = BigInt.asUintN(64, value)
  if (letter === 'u') return ['', pad(String(unsigned))]
  const digits = unsigned.toString(letter === 'o' ? 8 : 16)
  const alternate = flags.includes('#') && unsigned !== 0n
  if (letter === 'o') return ['', pad(alternate ? `0${digits}` : digits)]
  const text = letter === 'X' ? digits.toUpperCase() : digits
  return [alternate ? `0${letter}` : '', pad(text)]
}

/** As printf(3) rounds: what lies exactly between two goes to the even one, where `toFixed` goes up. */
const fixed = (size: number, places: number): string => {
  const text = size.toFixed(places)
  if (places > 70) return text
  const exact = size.toFixed(places + 30)
  const tie = /^50*$/.test(exact.slice(exact.length - 30)) && Number(exact) === size
  if (!tie) return text
  const down = places === 0 ? exact.slice(0, exact.indexOf('.')) : exact.slice(0, exact.length - 30)
  return /[02468]\.?$/.test(down) ? down : text
}
const scientific = (size: number, places: number): string => {
  const text = size.toExponential(places)
  if (places > 70) return text
  const exact = size.toExponential(places + 30)
  const mantissa = exact.slice(0, exact.indexOf('e'))
  if (!/^50*$/.test(mantissa.slice(-30)) || Number(exact) !== size) return text
  const down = mantissa.slice(0, -30)
  return /[02468]\.?$/.test(down) ? down.replace(/\.$/, '') + exact.slice(exact.indexOf('e')) : text
}

const floatText = (letter: string, value: number, flags: string, precision: number | undefined): [string, string] => {
  const lower = letter.toLowerCase()
  const places = Math.min(precision ?? 6, 100)
  const size = Math.abs(value)
  const sign = signOf(value < 0 || Object.is(value, -0), flags)
  const exponential = (text: string) => text.replace(/e([-+])(\d)$/, 'e$10$2')
  let text: string
  if (!Number.isFinite(size)) text = Number.isNaN(size) ? 'nan' : 'inf'
  else if (lower === 'f')
    text = size >= 1e21 ? BigInt(size).toString() + (places > 0 ? `.${'0'.repeat(places)}` : '') : fixed(size, places)
  else if (lower === 'e') text = exponential(scientific(size, places))
  else if (lower === 'g') {
    const digits = places || 1
    const exponent = size === 0 ? 0 : Number(scientific(size, digits - 1).split('e')[1])
    text =
      exponent < -4 || exponent >= digits
        ? exponential(scientific(size, digits - 1).replace(/\.?0+e/, 'e'))
        : fixed(size, digits - 1 - exponent)
            .replace(/(\.\d*?)0+$/, '$1')
            .replace(/\.$/, '')
  } else text = `0x${size.toString(16)}p+0`
  return [sign, letter === lower ? text : text.toUpperCase()]
}
