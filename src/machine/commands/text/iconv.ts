import { errorText } from '../../errors.ts'
import type { Program } from '../../system.ts'
import { gnuProgram } from '../coreutils.ts'
import { glibcVersion } from '../package-version.ts'
import { absolute, complain } from '../paths.ts'
import { openInput } from './io.ts'

type Charset = {
  /** Code points; the position of the first byte that is none, if there is one. */
  decode(data: Buffer): { points: number[]; bad: number | undefined }
  /** `undefined` for a character that it lacks. */
  encode(point: number): number[] | undefined
  mark?: number[]
}

const single = (most: number): Charset => ({
  decode(data) {
    const bad = data.findIndex(byte => byte >= most)
    return { points: [...(bad < 0 ? data : data.subarray(0, bad))], bad: bad < 0 ? undefined : bad }
  },
  encode: point => (point < most ? [point] : undefined),
})
const wide = (size: 2 | 4, big: boolean, mark?: number[]): Charset => ({
  decode(data) {
    const points: number[] = []
    const read = (at: number): number => (big ? data.readUIntBE(at, size) : data.readUIntLE(at, size))
    for (let at = 0; at + size <= data.length; at += size) {
      const unit = read(at)
      if (size === 2 && unit >= 0xd800 && unit < 0xdc00 && at + 4 <= data.length) {
        points.push(0x10000 + ((unit - 0xd800) << 10) + (read(at + 2) - 0xdc00))
        at += 2
      } else if (!(at === 0 && unit === 0xfeff)) points.push(unit)
    }
    return { points, bad: data.length % size === 0 ? undefined : data.length - (data.length % size) }
  },
  encode(point) {
    const units =
      size === 2 && point > 0xffff
        ? [0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 0x3ff)]
        : [point]
    return units.flatMap(unit => {
      const bytes = Array.from({ length: size }, (_, i) => (unit >>> (8 * i)) & 0xff)
      return big ? bytes.toReversed() : bytes
    })
  },
  ...(mark ? { mark } : {}),
})
const utf8: Charset = {
  decode(data) {
    const points: number[] = []
    for (let at = 0; at < data.length; ) {
      const byte = data[at]!
      const size =
        byte < 0x80
          ? 1
          : byte >= 0xc2 && byte < 0xe0
            ? 2
            : byte >= 0xe0 && byte < 0xf0
              ? 3
              : byte >= 0xf0 && byte < 0xf5
                ? 4
                : 0
      const rest = data.subarray(at + 1, at + size)
      if (size === 0 || rest.length < size - 1 || !rest.every(one => (one & 0xc0) === 0x80)) return { points, bad: at }
      points.push(rest.reduce((sum, one) => (sum << 6) | (one & 0x3f), size === 1 ? byte : byte & (0xff >> (size + 1))))
      at += size
    }
    return { points, bad: undefined }
  },
  encode: point => [...Buffer.from(String.fromCodePoint(Math.min(point, 0x10ffff)), 'utf8')],
}

const charsets = new Map<string, Charset>([
  ['UTF8', utf8],
  ['ASCII', single(128)],
  ['USASCII', single(128)],
  ['ANSIX341968', single(128)],
  ['ISO88591', single(256)],
  ['LATIN1', single(256)],
  ['UTF16', wide(2, false, [0xff, 0xfe])],
  ['UTF16LE', wide(2, false)],
  ['UTF16BE', wide(2, true)],
  ['UCS2', wide(2, false)],
  ['UTF32', wide(4, false, [0xff, 0xfe, 0, 0])],
  ['UTF32LE', wide(4, false)],
  ['UTF32BE', wide(4, true)],
])
const charsetOf = (name: string): Charset | undefined =>
  charsets.get(
    name
      .toUpperCase()
      .replace(/\/\/.*$/, '')
      .replace(/[-_.]/g, '')
      .replace(/^CSASCII$/, 'ASCII'),
  )

/** iconv(1), between Unicode's encodings, ASCII and Latin-1. */
export const iconv: Program = gnuProgram(
  [
    { short: 'f', long: 'from-code', argument: 'required' },
    { short: 't', long: 'to-code', argument: 'required' },
    { short: 'l', long: 'list' },
    { short: 'c' },
    { short: 'o', long: 'output', argument: 'required' },
    { short: 's', long: 'silent' },
    { long: 'verbose' },
  ],
  async (process, parsed) => {
    if (parsed.has('list')) {
      await process.stdout.write([...charsets.keys()].map(name => `${name}//\n`).join(''))
      return 0
    }
    const names = {
      from: parsed.value('from-code') ?? 'ANSI_X3.4-1968',
      to: parsed.value('to-code') ?? 'ANSI_X3.4-1968',
    }
    const [from, to] = [charsetOf(names.from), charsetOf(names.to)]
    if (!from || !to) {
      await complain(process, 'failed to start conversion processing')
      return 1
    }
    const drops = parsed.has('c') || /\/\/ignore/i.test(names.to)
    const approximates = /\/\/translit/i.test(names.to)
    const out: number[] = [...(to.mark ?? [])]
    let status = 0
    for (const file of parsed.operands.length === 0 ? ['-'] : parsed.operands) {
      let data: Buffer
      try {
        const input = openInput(process, file)
        const pieces: Buffer[] = []
        for (let piece = await input.read(); piece; piece = await input.read()) pieces.push(piece)
        data = Buffer.concat(pieces).subarray(0, 4 << 20)
      } catch (error) {
        await complain(process, `cannot open input file \`${file}': ${errorText(error)}`)
        status = 1
        continue
      }
      process.step(1 + (data.length >> 6))
      const { points, bad } = from.decode(data)
      let failed: number | undefined = bad
      for (const [i, point] of points.entries()) {
        const bytes = to.encode(point)
        if (bytes) out.push(...bytes)
        else if (approximates) out.push(63)
        else if (!drops) {
          failed = points.slice(0, i).reduce((sum, one) => sum + (from.encode(one)?.length ?? 1), 0)
          break
        }
      }
      if (failed !== undefined && !drops) {
        await write(process, parsed.value('output'), out)
        await complain(process, `illegal input sequence at position ${failed}`)
        return 1
      }
    }
    await write(process, parsed.value('output'), out)
    return status
  },
  { version: glibcVersion },
)

const write = async (process: Parameters<Program>[0], file: string | undefined, bytes: number[]): Promise<void> => {
  const data = Buffer.from(bytes.splice(0))
  if (file === undefined || file === '-') {
    if (data.length > 0) await process.stdout.write(data)
  } else process.fs.writeFile(absolute(process, file), data, process.who, { mode: 0o666 & ~process.umask })
}
