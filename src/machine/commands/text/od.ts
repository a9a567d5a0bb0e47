import { errorText } from '../../errors.ts'
import type { Program } from '../../system.ts'
import { gnuProgram } from '../coreutils.ts'
import { parseSize } from '../files/sizes.ts'
import type { Option } from '../getopt.ts'
import { complain } from '../paths.ts'
import { quote, quoteColon } from '../quoting.ts'
import { charName, controlNames, dotted, isPrint } from './byte-names.ts'
import { openInput, type Writer, writerOf } from './io.ts'

const old: Record<string, string> = {
  a: 'a',
  b: 'o1',
  c: 'c',
  d: 'u2',
  D: 'u4',
  e: 'fD',
  F: 'fD',
  f: 'fF',
  h: 'x2',
  H: 'x4',
  i: 'dI',
  I: 'dL',
  l: 'dL',
  L: 'dL',
  o: 'o2',
  O: 'o4',
  B: 'o2',
  s: 'd2',
  x: 'x2',
  X: 'x4',
}
const options: Option[] = [
  { short: 'A', long: 'address-radix', argument: 'required' },
  { long: 'endian', argument: 'required' },
  { short: 'j', long: 'skip-bytes', argument: 'required' },
  { short: 'N', long: 'read-bytes', argument: 'required' },
  { short: 'S', argument: 'required' },
  { long: 'strings', argument: 'optional' },
  { short: 't', long: 'format', argument: 'required' },
  { short: 'v', long: 'output-duplicates' },
  { short: 'w', long: 'width', argument: 'optional' },
  { long: 'traditional' },
  ...Object.keys(old).map(short => ({ short })),
]

/** How the bytes of a line are shown. `width`: of one value without the space before it. */
type Format = { size: number; width: number; show(data: Buffer, at: number): string; text: boolean }

const widths: Record<string, Record<number, number>> = {
  o: { 1: 3, 2: 6, 4: 11, 8: 22 },
  d: { 1: 4, 2: 6, 4: 11, 8: 20 },
  u: { 1: 3, 2: 5, 4: 10, 8: 20 },
  x: { 1: 2, 2: 4, 4: 8, 8: 16 },
}

/** The shortest text that reads back as the same number. */
const shortest = (value: number, single: boolean): string => {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
  const normal = Math.abs(value) >= (single ? 1.1754943508222875e-38 : 2.2250738585072014e-308)
  for (let digits = normal ? (single ? 6 : 15) : 1; digits <= 17; digits++) {
    const text = value.toPrecision(digits)
    const back = Number(text)
    if ((single ? Math.fround(back) : back) === value) return general(Number(text), digits)
  }
  return String(value)
}
const general = (value: number, digits: number): string => {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const [mantissa, power] = value.toExponential(digits - 1).split('e') as [string, string]
  const exponent = Number(power)
  const bare = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)
  if (exponent < -4 || exponent >= digits)
    return `${bare(mantissa)}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
  return bare(value.toFixed(Math.max(0, digits - 1 - exponent)))
}

const integer = (letter: string, size: number, big: boolean): Format => ({
  size,
  width: widths[letter]![size]!,
  text: false,
  show(data, at) {
    const bytes = Buffer.from(data.subarray(at, at + size))
    if (!big) bytes.reverse()
    const unsigned = BigInt(`0x${bytes.toString('hex')}`)
    if (letter === 'd') return String(BigInt.asIntN(size * 8, unsigned))
    if (letter === 'u') return String(unsigned)
    return unsigned.toString(letter === 'x' ? 16 : 8).padStart(letter === 'x' ? size * 2 : widths.o![size]!, '0')
  },
})
const float = (size: number, big: boolean): Format => ({
  size,
  width: size === 4 ? 15 : 24,
  text: false,
  show: (data, at) =>
    size === 4
      ? shortest(big ? data.readFloatBE(at) : data.readFloatLE(at), true)
      : shortest(big ? data.readDoubleBE(at) : data.readDoubleLE(at), false),
})
const byName: Format = {
  size: 1,
  width: 3,
  text: false,
  show(data, at) {
    const code = data[at]! & 127
    return controlNames[code] ?? (code === 127 ? 'del' : String.fromCharCode(code))
  },
}
const byCharacter: Format = { size: 1, width: 3, text: false, show: (data, at) => charName(data[at]!) }

const sizes: Record<string, number> = { C: 1, S: 2, I: 4, L: 8, F: 4, D: 8 }

/** `x1z`, `dIc`: each letter with its size; a message for what is none. */
const formatsOf = (text: string, big: boolean, quoted: string): Format[] | string => {
  const found: Format[] = []
  let at = 0
  while (at < text.length) {
    const letter = text[at++]!
    let format: Format
    if (letter === 'a') format = byName
    else if (letter === 'c') format = byCharacter
    else if ('doux'.includes(letter) || letter === 'f') {
      const named =
        /^(?:[CSIL]|[0-9]+)/.exec(text.slice(at, at + 6))?.[0] ??
        (letter === 'f' ? /^[FDL]/.exec(text.slice(at))?.[0] : undefined)
      at += named?.length ?? 0
      const size = named === undefined ? (letter === 'f' ? 8 : 4) : (sizes[named] ?? Number(named))
      if (letter === 'f' ? size !== 4 && size !== 8 : !widths.o![size])
        return `invalid type string ${quoted};\nthis system doesn't provide a ${size}-byte ${letter === 'f' ? 'floating point' : 'integral'} type`
      format = letter === 'f' ? float(size, big) : integer(letter, size, big)
    } else return `invalid character '${letter}' in type string ${quoted}`
    const text_ = text[at] === 'z'
    if (text_) at++
    found.push({ ...format, text: text_ })
  }
  return found
}

/** od(1). */
export const od: Program = gnuProgram(options, async (process, parsed) => {
  const fail = async (message: string): Promise<number> => {
    await complain(process, message)
    return 1
  }
  const radix = parsed.value('address-radix') ?? 'o'
  if (!/^[doxn]/.test(radix))
    return fail(`invalid output address radix '${radix[0] ?? ''}'; it must be one character from [doxn]`)
  const number = (option: string): number | undefined | string => {
    const text = parsed.value(option)
    if (text === undefined) return undefined
    const value = /^0[xX][0-9a-fA-F]+$/.test(text) ? Number(text) : parseSize(text)
    return (
      value ??
      `invalid ${option === 'width' ? '-w' : option === 'skip-bytes' ? '-j' : '-N'} argument ${quote(process, text)}`
    )
  }
  const [skip = 0, most = Infinity, given] = [number('skip-bytes'), number('read-bytes'), number('width')]
  for (const value of [skip, most, given]) if (typeof value === 'string') return fail(value)
  const big = parsed.value('endian') === 'big'
  const formats: Format[] = []
  for (const { name, value } of parsed.given) {
    const text = name === 'format' ? value! : name.length === 1 ? old[name] : undefined
    if (text === undefined) continue
    const found = formatsOf(text, big, quote(process, text))
    if (typeof found === 'string') return fail(found)
    formats.push(...found)
  }
  if (formats.length === 0) formats.push(integer('o', 2, big))
  const unit = Math.max(...formats.map(({ size }) => size))
  const asked = parsed.has('width') ? ((given as number | undefined) ?? 32) : 16
  const line = asked >= unit && asked % unit === 0 && asked <= 65_536 ? asked : unit
  const writer = writerOf(process)
  const offset = (at: number): string =>
    radix === 'n'
      ? ''
      : radix === 'x'
        ? at.toString(16).padStart(6, '0')
        : at.toString(radix === 'd' ? 10 : 8).padStart(7, '0')
  let status = 0
  let at = 0
  let toSkip = skip as number
  let left = most as number
  let kept = Buffer.alloc(0)
  let before: Buffer | undefined
  let starred = false
  const asStrings = parsed.given.findLast(({ name }) => name === 'strings' || name === 'S')
  const strings = asStrings && Number(asStrings.value ?? 3)
  const pieces: Buffer[] = []
  const show = async (data: Buffer): Promise<void> => {
    if (before?.equals(data) && data.length === line && !parsed.has('output-duplicates')) {
      if (!starred) await writer.put('*\n')
      starred = true
    } else {
      starred = false
      await writer.put(linesOf(data, formats, line, offset(at)))
    }
    before = Buffer.from(data)
    at += data.length
  }
  at = toSkip
  for (const file of parsed.operands.length === 0 ? ['-'] : parsed.operands) {
    try {
      const input = openInput(process, file)
      while (left > 0) {
        let data = await input.read(Math.min(4096, left + toSkip))
        if (!data) break
        process.step(1 + (data.length >> 5))
        const skipped = Math.min(toSkip, data.length)
        toSkip -= skipped
        data = data.subarray(skipped, skipped + left)
        left -= data.length
        if (strings !== undefined) {
          pieces.push(data)
          continue
        }
        kept = Buffer.concat([kept, data])
        let from = 0
        for (; kept.length - from >= line; from += line) await show(kept.subarray(from, from + line))
        kept = kept.subarray(from)
      }
    } catch (error) {
      const why = errorText(error)
      await complain(process, `${quoteColon(process, file)}: ${why === 'Is a directory' ? `read error: ${why}` : why}`)
      status = 1
    }
  }
  if (toSkip > 0 && status === 0) {
    await writer.flush()
    return fail('cannot skip past end of combined input')
  }
  if (strings !== undefined) {
    await showStrings(writer, Buffer.concat(pieces), strings, skip as number, offset)
    await writer.flush()
    return status
  }
  if (status === 1 && at === 0 && kept.length === 0) return 1
  if (kept.length > 0) await show(kept)
  if (radix !== 'n') await writer.put(`${offset(at)}\n`)
  await writer.flush()
  return status
})

const linesOf = (data: Buffer, formats: readonly Format[], line: number, address: string): string => {
  const whole = Buffer.concat([data, Buffer.alloc(8)])
  const widest = Math.max(...formats.map(({ size, width }) => (line / size) * (width + 1)))
  return formats
    .map((format, i) => {
      const fields = line / format.size
      const shown = Math.ceil(data.length / format.size)
      let pad = widest - fields * (format.width + 1)
      let out = i === 0 ? address : ' '.repeat(address.length)
      const total = pad
      for (let field = fields; field > fields - shown; field--) {
        const next = Math.floor((total * (field - 1)) / fields)
        out += format.show(whole, (fields - field) * format.size).padStart(pad - next + format.width + 1)
        pad = next
      }
      if (format.text) out += `${' '.repeat((fields - shown) * (format.width + 1) + pad)}  >${dotted(data)}<`
      return `${out}\n`
    })
    .join('')
}

const showStrings = async (
  writer: Writer,
  data: Buffer,
  least: number,
  base: number,
  offset: (at: number) => string,
): Promise<void> => {
  let start = -1
  for (let i = 0; i <= data.length; i++) {
    const byte = data[i]
    const fits = byte !== undefined && (isPrint(byte) || (byte >= 8 && byte <= 13))
    if (fits && start < 0) start = i
    if (fits || start < 0) continue
    if (byte === 0 && i - start >= least)
      await writer.put(`${offset(base + start)} ${[...data.subarray(start, i)].map(one => charName(one)).join('')}\n`)
    start = -1
  }
}
