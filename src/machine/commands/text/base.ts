import { errorText } from '../../errors.ts'
import type { Process, Program } from '../../system.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import type { Option } from '../getopt.ts'
import { complain } from '../paths.ts'
import { quote, quoteColon } from '../quoting.ts'
import { openInput, writerOf } from './io.ts'

/** A way to write bytes as text: `unit` characters at a time stand for whole bytes. */
type Encoding = {
  bytes: number
  unit: number
  encode(data: Buffer): string
  /** `undefined` where the text is none; padding ends what belongs together. */
  decode(text: string): Buffer | undefined
  alphabet: string
  padding: boolean
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const bits = (alphabet: string, width: number, unit: number): Encoding => ({
  bytes: (unit * width) / 8,
  unit,
  alphabet,
  padding: unit > 2,
  encode(data) {
    let out = ''
    let kept = 0
    let count = 0
    for (const byte of data) {
      kept = ((kept << 8) | byte) & 0xffff
      count += 8
      while (count >= width) {
        count -= width
        out += alphabet[(kept >> count) & ((1 << width) - 1)]
      }
    }
    if (count > 0) out += alphabet[(kept << (width - count)) & ((1 << width) - 1)]
    return unit > 2 ? out.padEnd(Math.ceil(out.length / unit) * unit, '=') : out
  },
  decode(text) {
    const bare = text.replace(/=+$/, '')
    const out: number[] = []
    let kept = 0
    let count = 0
    for (const c of bare) {
      const value = alphabet.indexOf(c)
      if (value < 0) return undefined
      kept = ((kept << width) | value) & 0xffff
      count += width
      if (count >= 8) {
        count -= 8
        out.push((kept >> count) & 0xff)
      }
    }
    return Buffer.from(out)
  },
})

const base64 = bits(`${letters}${letters.toLowerCase()}0123456789+/`, 6, 4)
const base64url = bits(`${letters}${letters.toLowerCase()}0123456789-_`, 6, 4)
const base32 = bits(`${letters}234567`, 5, 8)
const base32hex = bits(`0123456789${letters.slice(0, 22)}`, 5, 8)
const base16 = bits('0123456789ABCDEF', 4, 2)
const base2 = (mostFirst: boolean): Encoding => {
  const turned = (byte: number): number =>
    mostFirst ? byte : Number.parseInt([...byte.toString(2).padStart(8, '0')].toReversed().join(''), 2)
  const plain = bits('01', 1, 8)
  return {
    ...plain,
    padding: false,
    encode: data => [...data].map(byte => turned(byte).toString(2).padStart(8, '0')).join(''),
    decode: text => {
      const data = plain.decode(text)
      return data && Buffer.from([...data].map(turned))
    },
  }
}

const encodings = new Map<string, Encoding>([
  ['base64', base64],
  ['base64url', base64url],
  ['base32', base32],
  ['base32hex', base32hex],
  ['base16', base16],
  ['base2msbf', base2(true)],
  ['base2lsbf', base2(false)],
])

const options: Option[] = [
  { short: 'd', long: 'decode' },
  { short: 'i', long: 'ignore-garbage' },
  { short: 'w', long: 'wrap', argument: 'required' },
]

const program = (fixed: Encoding | undefined): Program =>
  gnuProgram(
    fixed ? options : [...options, ...[...encodings.keys(), 'z85'].map(long => ({ long }))],
    async (process, parsed) => {
      const chosen = parsed.given.findLast(({ name }) => encodings.has(name))
      const encoding = fixed ?? (chosen && encodings.get(chosen.name))
      if (!encoding) return usageError(process, 'missing encoding type')
      if (parsed.operands.length > 1) return usageError(process, `extra operand ${quote(process, parsed.operands[1]!)}`)
      const width = parsed.value('wrap') ?? '76'
      if (!/^[0-9]+$/.test(width)) {
        await complain(process, `invalid wrap size: ${quote(process, width)}`)
        return 1
      }
      const [file = '-'] = parsed.operands
      let input: ReturnType<typeof openInput>
      try {
        input = openInput(process, file)
      } catch (error) {
        const why = errorText(error)
        await complain(
          process,
          why === 'Is a directory' ? `read error: ${why}` : `${quoteColon(process, file)}: ${why}`,
        )
        return 1
      }
      if (parsed.has('decode')) return decode(process, input, encoding, parsed.has('ignore-garbage'))
      await encode(process, input, encoding, Number(width))
      return 0
    },
    { usage: '[OPTION]... [FILE]' },
  )

const encode = async (process: Process, input: Process['stdin'], encoding: Encoding, width: number): Promise<void> => {
  const writer = writerOf(process)
  let kept = Buffer.alloc(0)
  let column = 0
  const put = async (text: string): Promise<void> => {
    if (width === 0) {
      await writer.put(text)
      return
    }
    for (let at = 0; at < text.length; ) {
      const piece = text.slice(at, at + width - column)
      at += piece.length
      column += piece.length
      await writer.put(column === width ? `${piece}\n` : piece)
      if (column === width) column = 0
    }
  }
  for (let data = await input.read(); data; data = await input.read()) {
    process.step(1 + (data.length >> 9))
    const all = kept.length > 0 ? Buffer.concat([kept, data]) : data
    const whole = all.length - (all.length % encoding.bytes)
    await put(encoding.encode(all.subarray(0, whole)))
    kept = Buffer.from(all.subarray(whole))
  }
  if (kept.length > 0) await put(encoding.encode(kept))
  if (column > 0) await writer.put('\n')
  await writer.flush()
}

/** Units are decoded as they come; what is none ends it, with all before it written. */
const decode = async (
  process: Process,
  input: Process['stdin'],
  encoding: Encoding,
  lenient: boolean,
): Promise<number> => {
  const { alphabet, unit, padding } = encoding
  const known = new Set(alphabet + (padding ? '=' : ''))
  const writer = writerOf(process)
  let kept = ''
  let failed = false
  const units = async (text: string): Promise<void> => {
    for (let at = 0; at < text.length && !failed; at += unit) {
      const piece = text.slice(at, at + unit)
      const data = padded(piece, unit) ? encoding.decode(piece) : undefined
      if (data) await writer.put(data.toString('latin1'))
      if (!data || (!padding && piece.length < unit)) failed = true
      if (failed && !data && padding) {
        // What came before the mistake in this unit is there.
        const good = /^[^=]*/
          .exec(piece)![0]
          .split('')
          .findIndex(c => !alphabet.includes(c))
        const start = encoding.decode(good < 0 ? piece.replace(/=.*$/, '') : piece.slice(0, good))
        if (start) await writer.put(start.toString('latin1'))
      }
    }
  }
  for (let data = await input.read(); data && !failed; data = await input.read()) {
    process.step(1 + (data.length >> 8))
    const text = data.toString('latin1')
    let clean = ''
    for (const c of text) if (c !== '\n' && (!lenient || known.has(c))) clean += c
    kept += clean
    const whole = kept.length - (kept.length % unit)
    await units(kept.slice(0, whole))
    kept = kept.slice(whole)
  }
  if (!failed && kept !== '') {
    const good = [...kept].findIndex(c => !alphabet.includes(c))
    const data = encoding.decode(good < 0 ? kept : kept.slice(0, good))
    if (data) await writer.put(data.toString('latin1'))
    failed = true
  }
  await writer.flush()
  if (!failed) return 0
  await complain(process, 'invalid input')
  return 1
}

/** Padding stands at the end alone, and not too much of it. */
const padded = (piece: string, unit: number): boolean => {
  const first = piece.indexOf('=')
  if (first < 0) return true
  if (!/^=+$/.test(piece.slice(first))) return false
  return unit === 4 ? first >= 2 : [2, 4, 5, 7].includes(first)
}

/** base64(1), base32(1), and basenc(1) for all encodings. */
export const base64Program = program(base64)
export const base32Program = program(base32)
export const basenc = program(undefined)
