import { errorText } from '../../errors.ts'
import { compileRegex } from '../../regex/regex.ts'
import { type Process, type Program, SystemError } from '../../system.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import type { Option } from '../getopt.ts'
import { absolute, attempt, complain, readInput } from '../paths.ts'
import { quote, quoteFile } from '../quoting.ts'
import { parseSize } from './sizes.ts'

const options: Option[] = [
  { short: 'a', long: 'suffix-length', argument: 'required' },
  { long: 'additional-suffix', argument: 'required' },
  { short: 'b', long: 'bytes', argument: 'required' },
  { short: 'C', long: 'line-bytes', argument: 'required' },
  { short: 'd' },
  { long: 'numeric-suffixes', argument: 'optional' },
  { short: 'x' },
  { long: 'hex-suffixes', argument: 'optional' },
  { short: 'e', long: 'elide-empty-files' },
  { long: 'filter', argument: 'required' },
  { short: 'l', long: 'lines', argument: 'required' },
  { short: 'n', long: 'number', argument: 'required' },
  { short: 't', long: 'separator', argument: 'required' },
  { short: 'u', long: 'unbuffered' },
  { long: 'verbose' },
  ...[...'0123456789'].map(short => ({ short })),
]
const mostPieces = 20_000

/** split(1) of GNU coreutils 9.1. */
export const split: Program = gnuProgram(
  options,
  async (process, parsed) => {
    const [path = '-', prefix = 'x', extra] = parsed.operands
    if (extra !== undefined) return usageError(process, `extra operand ${quote(process, extra)}`)
    const fail = async (message: string): Promise<number> => {
      await complain(process, message)
      return 1
    }
    const numbered = parsed.given.filter(({ name }) => ['bytes', 'line-bytes', 'lines', 'number'].includes(name))
    const digits = parsed.given
      .filter(({ name }) => /^[0-9]$/.test(name))
      .map(({ name }) => name)
      .join('')
    if (numbered.length + (digits === '' ? 0 : 1) > 1) return usageError(process, 'cannot split in more than one way')
    const how = numbered[0] ?? { name: 'lines', value: digits || '1000' }
    const text = how.value ?? ''
    const what = {
      bytes: 'number of bytes',
      'line-bytes': 'number of bytes',
      lines: 'number of lines',
      number: 'number of chunks',
    }[how.name]
    const chunk = /^(?:(l|r)\/)?([0-9]+)(?:\/([0-9]+))?$/.exec(text)
    const size =
      how.name === 'number'
        ? Number(chunk ? (chunk[1] || chunk[3] === undefined ? chunk[2] : chunk[3]) : 0)
        : (parseSize(text) ?? 0)
    if (size < 1) {
      const range = /^0+$/.test(text) ? ': Numerical result out of range' : ''
      return fail(`invalid ${what}: ${quote(process, text)}${range}`)
    }
    const input = attempt(() => (path === '-' ? undefined : process.fs.readFile(absolute(process, path), process.who)))
    if ('error' in input) return fail(`cannot open ${quoteFile(process, path)} for reading: ${input.error}`)
    const data = (input.value ?? (await readInput(process, '-'))).toString('latin1')
    const separator = parsed.value('separator')?.replace('\\0', '\0') || '\n'
    const pieces = piecesOf(data, how.name, size, chunk?.[1], separator)
    if (pieces.length > mostPieces) return fail('output file suffixes exhausted')
    const one = how.name === 'number' && chunk?.[3] !== undefined && !chunk[1] ? Number(chunk[2]) : undefined
    if (one !== undefined) {
      await process.stdout.write(pieces[one - 1] ?? '')
      return 0
    }
    return writePieces(process, parsed, prefix, pieces)
  },
  { usage: '[OPTION]... [FILE [PREFIX]]' },
)

const piecesOf = (data: string, how: string, size: number, kind: string | undefined, separator: string): string[] => {
  const pieces: string[] = []
  if (how === 'bytes') {
    for (let at = 0; at < data.length && pieces.length <= mostPieces; at += size) pieces.push(data.slice(at, at + size))
    return pieces
  }
  const lines = data.split(separator).map((line, index, all) => (index < all.length - 1 ? line + separator : line))
  if (lines.at(-1) === '') lines.pop()
  if (how === 'number') {
    if (kind === 'r') {
      for (let index = 0; index < size; index++) pieces.push(lines.filter((_, line) => line % size === index).join(''))
      return pieces
    }
    const each = Math.max(1, Math.floor(data.length / size))
    if (kind === 'l') {
      let at = 0
      const filled: string[] = Array.from({ length: Math.min(size, mostPieces + 1) }, () => '')
      for (const line of lines) {
        const index = Math.min(filled.length - 1, Math.floor(at / each))
        filled[index] += line
        at += line.length
      }
      return filled
    }
    const whole = Math.floor(data.length / size)
    for (let index = 0; index < size && index <= mostPieces; index++)
      pieces.push(data.slice(index * whole, index === size - 1 ? undefined : (index + 1) * whole))
    return pieces
  }
  if (how === 'line-bytes') {
    let piece = ''
    for (const line of lines) {
      if (piece !== '' && piece.length + line.length > size) {
        pieces.push(piece)
        piece = ''
      }
      piece += line
      for (; piece.length > size; piece = piece.slice(size)) pieces.push(piece.slice(0, size))
    }
    if (piece !== '') pieces.push(piece)
    return pieces
  }
  for (let at = 0; at < lines.length; at += size) pieces.push(lines.slice(at, at + size).join(''))
  return pieces
}

const writePieces = async (
  process: Process,
  parsed: Parameters<Parameters<typeof gnuProgram>[1]>[1],
  prefix: string,
  pieces: readonly string[],
): Promise<number> => {
  const numeric = parsed.has('d') || parsed.has('numeric-suffixes')
  const hex = parsed.has('x') || parsed.has('hex-suffixes')
  const alphabet = hex ? '0123456789abcdef' : numeric ? '0123456789' : 'abcdefghijklmnopqrstuvwxyz'
  const given = parsed.value('suffix-length')
  const start = Number(parsed.value('numeric-suffixes') ?? 0)
  const length = given === undefined ? undefined : Number(given)
  let status = 0
  for (const [index, piece] of pieces.entries()) {
    if (piece === '' && parsed.has('elide-empty-files')) continue
    const suffix = suffixOf(index + start, alphabet, length)
    if (suffix === undefined) {
      await complain(process, 'output file suffixes exhausted')
      return 1
    }
    const name = prefix + suffix + (parsed.value('additional-suffix') ?? '')
    if (parsed.has('verbose')) await process.stdout.write(`creating file ${quoteFile(process, name)}\n`)
    process.step(1 + (piece.length >> 10))
    try {
      process.fs.writeFile(absolute(process, name), Buffer.from(piece, 'latin1'), process.who, {
        mode: 0o666 & ~process.umask,
      })
    } catch (error) {
      await complain(
        process,
        `${error instanceof SystemError && error.errno === 'ENOSPC' ? `${name}: ` : `${name}: `}${errorText(error)}`,
      )
      return 1
    }
    status = 0
  }
  return status
}

/** `aa`, `ab`, … `yz`, `zaaa`: longer once the shorter ones are used up, unless the length was given. */
const suffixOf = (index: number, alphabet: string, length: number | undefined): string | undefined => {
  const base = alphabet.length
  const digits = (value: number, width: number): string => {
    let out = ''
    for (let rest = value, left = width; left > 0; left--) {
      out = alphabet[rest % base]! + out
      rest = Math.floor(rest / base)
    }
    return out
  }
  if (length !== undefined && length > 0) return index < base ** length ? digits(index, length) : undefined
  let left = index
  let lead = ''
  for (let width = 2; width < 8; width++) {
    const room = (base - 1) * base ** (width - 1)
    if (left < room) return lead + digits(left, width)
    left -= room
    lead += alphabet.at(-1)!
  }
  return undefined
}

const csplitOptions: Option[] = [
  { short: 'b', long: 'suffix-format', argument: 'required' },
  { short: 'f', long: 'prefix', argument: 'required' },
  { short: 'k', long: 'keep-files' },
  { long: 'suppress-matched' },
  { short: 'n', long: 'digits', argument: 'required' },
  { short: 's', long: 'silent' },
  { short: 'q', long: 'quiet' },
  { short: 'z', long: 'elide-empty-files' },
]

/** csplit(1) of GNU coreutils 9.1. */
export const csplit: Program = gnuProgram(
  csplitOptions,
  async (process, parsed) => {
    const [path, ...patterns] = parsed.operands
    if (path === undefined) return usageError(process, 'missing operand')
    if (patterns.length === 0) return usageError(process, `missing operand after ${quote(process, path)}`)
    const input = attempt(() => (path === '-' ? undefined : process.fs.readFile(absolute(process, path), process.who)))
    if ('error' in input) {
      await complain(process, `cannot open ${quoteFile(process, path)} for reading: ${input.error}`)
      return 1
    }
    const text = (input.value ?? (await readInput(process, '-'))).toString('latin1')
    const lines = text.split('\n').map((line, index, all) => (index < all.length - 1 ? `${line}\n` : line))
    if (lines.at(-1) === '') lines.pop()
    const cuts = cutsOf(process, lines, patterns, parsed.has('suppress-matched'))
    const width = Number(parsed.value('digits') ?? 2)
    let count = 0
    for (const piece of cuts.pieces) {
      if (piece === '' && parsed.has('elide-empty-files')) continue
      const name = `${parsed.value('prefix') ?? 'xx'}${String(count++).padStart(width, '0')}`
      if (cuts.problem !== undefined && !parsed.has('keep-files')) {
        if (!parsed.has('silent') && !parsed.has('quiet')) await process.stdout.write(`${piece.length}\n`)
        continue
      }
      process.fs.writeFile(absolute(process, name), Buffer.from(piece, 'latin1'), process.who, {
        mode: 0o666 & ~process.umask,
      })
      if (!parsed.has('silent') && !parsed.has('quiet')) await process.stdout.write(`${piece.length}\n`)
    }
    if (cuts.problem === undefined) return 0
    await complain(process, cuts.problem)
    return 1
  },
  { usage: '[OPTION]... FILE PATTERN...' },
)

const cutsOf = (
  process: Process,
  lines: readonly string[],
  patterns: readonly string[],
  dropsMatch: boolean,
): { pieces: string[]; problem: string | undefined } => {
  const pieces: string[] = []
  let at = 0
  const step = (cost?: number): void => process.step(cost)
  for (let index = 0; index < patterns.length; index++) {
    const pattern = patterns[index]!
    const repeats = /^\{([0-9]{1,6}|\*)\}$/.exec(patterns[index + 1] ?? '')
    if (repeats) index++
    const times = repeats ? (repeats[1] === '*' ? Number.POSITIVE_INFINITY : Number(repeats[1])) : 0
    const found = /^([/%])(.*)\1([-+][0-9]{1,6})?$/s.exec(pattern)
    const number = /^[0-9]{1,9}$/.test(pattern) ? Number(pattern) : undefined
    if (!found && number === undefined) return { pieces, problem: `${quote(process, pattern)}: invalid pattern` }
    const regex = found ? compileRegex(found[2]!, 'basic') : undefined
    if (regex && 'problem' in regex)
      return { pieces, problem: `${quote(process, pattern)}: invalid regular expression: ${regex.problem}` }
    for (let turn = 0; turn <= times && turn < 10_000; turn++) {
      let end: number
      if (number !== undefined) {
        end = (turn + 1) * number - 1
        if (end > lines.length) {
          if (times === Number.POSITIVE_INFINITY) break
          pieces.push(lines.slice(at).join(''))
          return { pieces, problem: `${quote(process, pattern)}: line number out of range` }
        }
      } else {
        const from = turn > 0 || at > 0 ? at + 1 : at
        const match = lines.findIndex((line, row) => row >= from && regex!.test(line.replace(/\n$/, ''), step))
        if (match < 0) {
          if (times === Number.POSITIVE_INFINITY) break
          if (found![1] === '/') pieces.push(lines.slice(at).join(''))
          return {
            pieces,
            problem: `${quote(process, pattern)}: match not found${turn > 0 ? ` on repetition ${turn}` : ''}`,
          }
        }
        end = Math.max(0, match + Number(found![3] ?? 0))
      }
      if (found?.[1] !== '%') pieces.push(lines.slice(at, end).join(''))
      at = dropsMatch ? end + 1 : end
    }
  }
  pieces.push(lines.slice(at).join(''))
  return { pieces, problem: undefined }
}
