import { createHash } from 'node:crypto'
import { errorText } from '../../errors.ts'
import { type Process, type Program, SystemError } from '../../system.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import type { Option } from '../getopt.ts'
import { absolute, complain } from '../paths.ts'
import { quote, quoteColon, quoteFile } from '../quoting.ts'
import { linesOf, openInput, wholeText, writerOf } from './io.ts'
import { compareKeys, type Key, keyOf, parseKey, plainOrdering, setOrdering } from './sort-keys.ts'

const options: Option[] = [
  { short: 'b', long: 'ignore-leading-blanks' },
  { short: 'd', long: 'dictionary-order' },
  { short: 'f', long: 'ignore-case' },
  { short: 'g', long: 'general-numeric-sort' },
  { short: 'i', long: 'ignore-nonprinting' },
  { short: 'M', long: 'month-sort' },
  { short: 'h', long: 'human-numeric-sort' },
  { short: 'n', long: 'numeric-sort' },
  { short: 'R', long: 'random-sort' },
  { long: 'random-source', argument: 'required' },
  { short: 'r', long: 'reverse' },
  { long: 'sort', argument: 'required' },
  { short: 'V', long: 'version-sort' },
  { long: 'batch-size', argument: 'required' },
  { short: 'c', long: 'check', argument: 'optional' },
  { short: 'C' },
  { long: 'compress-program', argument: 'required' },
  { long: 'debug' },
  { long: 'files0-from', argument: 'required' },
  { short: 'k', long: 'key', argument: 'required' },
  { short: 'm', long: 'merge' },
  { short: 'o', long: 'output', argument: 'required' },
  { short: 's', long: 'stable' },
  { short: 'S', long: 'buffer-size', argument: 'required' },
  { short: 't', long: 'field-separator', argument: 'required' },
  { short: 'T', long: 'temporary-directory', argument: 'required' },
  { long: 'parallel', argument: 'required' },
  { short: 'u', long: 'unique' },
  { short: 'z', long: 'zero-terminated' },
]
// -c takes no argument, --check may.
const short = (argv: string[]): string[] => argv.map(word => (/^-c+$/.test(word) ? '--check' : word))

const kinds = new Map([
  ['general-numeric', 'g'],
  ['human-numeric', 'h'],
  ['month', 'M'],
  ['numeric', 'n'],
  ['random', 'R'],
  ['version', 'V'],
])

/** Lines sorted at once. */
const mostLines = 1_000_000
const status = 2

/** sort(1), in the order of the C locale. */
export const sort: Program = process => run({ ...process, argv: short(process.argv) })

const run = gnuProgram(
  options,
  async (process, parsed) => {
    const global = plainOrdering()
    const keys: Key[] = []
    for (const { name, value } of parsed.given) {
      const letter = options.find(({ long }) => long === name)?.short
      if (name === 'key') {
        const key = parseKey(value!, quote(process, value!))
        if ('message' in key) return fail(process, key.message)
        keys.push(key)
      } else if (name === 'sort') {
        if (!kinds.has(value!))
          return usageError(process, `invalid argument ${quote(process, value!)} for '--sort'`, status)
        setOrdering(global, kinds.get(value!)!)
      } else if (letter !== undefined && 'bdfgiMhnRrV'.includes(letter)) setOrdering(global, letter)
    }
    const tab = parsed.value('field-separator')
    if (tab === '') return fail(process, 'empty tab')
    const separator = tab === '\\0' ? '\0' : tab
    if (separator !== undefined && separator.length > 1)
      return fail(process, `multi-character tab ${quote(process, separator)}`)
    const ordered = keys.map(key => (key.given ? key : { ...key, ...global }))
    // What was asked for all lines is a key of the whole line.
    if (keys.length === 0 && global.given && !onlyReverse(global))
      ordered.push({ ...global, startField: 0, startChar: 0, end: undefined })
    const salt = process.random(8)
    const hashes = new Map<string, string>()
    const shuffle = (text: string): string => {
      const known = hashes.get(text) ?? createHash('md5').update(salt).update(text, 'latin1').digest('latin1')
      hashes.set(text, known)
      return known
    }
    let compared = 0
    const byKeys = (a: string, b: string): number => {
      if (++compared % 16 === 0) process.step()
      for (const key of ordered) {
        const result = compareKeys(key, keyOf(a, key, separator), keyOf(b, key, separator), shuffle)
        if (result !== 0) return result
      }
      return 0
    }
    const unique = parsed.has('unique')
    const lastResort = !unique && !parsed.has('stable')
    // Without keys `-r` alone turns the whole order round.
    const plain = ordered.length === 0 && (!global.given || onlyReverse(global))
    const bytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0) * (global.reverse ? -1 : 1)
    const compare = (a: string, b: string): number => {
      if (plain) {
        if (++compared % 16 === 0) process.step()
        return bytes(a, b)
      }
      return byKeys(a, b) || (lastResort ? bytes(a, b) : 0)
    }
    const end = parsed.has('zero-terminated') ? '\0' : '\n'
    const listed = parsed.value('files0-from')
    const files =
      listed === undefined ? parsed.operands : (await wholeText(process, listed)).split('\0').filter(Boolean)
    const check = parsed.has('check') || parsed.has('C')
    if (check) {
      const [file = '-', extra] = files
      if (extra !== undefined)
        return fail(
          process,
          `extra operand ${quoteFile(process, extra)} not allowed with -${parsed.has('C') ? 'C' : 'c'}`,
        )
      const silent = parsed.has('C') || ['quiet', 'silent'].includes(parsed.value('check') ?? '')
      return checkOrder(process, file, end, (a, b) => compare(a, b) > (unique ? -1 : 0), silent)
    }
    const lines: string[] = []
    for (const file of files.length === 0 ? ['-'] : files) {
      try {
        const reader = linesOf(process, openInput(process, file), end)
        for (let line = await reader.line(); line; line = await reader.line()) {
          lines.push(line.text)
          if (lines.length > mostLines) throw new SystemError('ENOSPC')
        }
      } catch (error) {
        const why = errorText(error)
        const name = quoteColon(process, file)
        return fail(process, why === 'Is a directory' ? `read failed: ${name}: ${why}` : `cannot read: ${name}: ${why}`)
      }
    }
    lines.sort(compare)
    const kept = unique ? lines.filter((line, i) => i === 0 || compare(lines[i - 1]!, line) !== 0) : lines
    const output = parsed.value('output')
    if (output === undefined) {
      const writer = writerOf(process)
      for (const line of kept) await writer.put(line + end)
      await writer.flush()
      return 0
    }
    try {
      const data = Buffer.from(kept.map(line => line + end).join(''), 'latin1')
      process.step(data.length >> 8)
      process.fs.writeFile(absolute(process, output), data, process.who, { mode: 0o666 & ~process.umask })
      return 0
    } catch (error) {
      return fail(process, `open failed: ${quoteColon(process, output)}: ${errorText(error)}`)
    }
  },
  { status },
)

const onlyReverse = (ordering: ReturnType<typeof plainOrdering>): boolean =>
  JSON.stringify({ ...ordering, reverse: false, given: false }) === JSON.stringify(plainOrdering())

const fail = async (process: Process, message: string): Promise<number> => {
  await complain(process, message)
  return status
}

const checkOrder = async (
  process: Process,
  file: string,
  end: string,
  wrong: (a: string, b: string) => boolean,
  silent: boolean,
): Promise<number> => {
  let input: ReturnType<typeof openInput>
  try {
    input = openInput(process, file)
  } catch (error) {
    return fail(process, `cannot read: ${quoteColon(process, file)}: ${errorText(error)}`)
  }
  const reader = linesOf(process, input, end)
  let before: string | undefined
  let number = 0
  for (let line = await reader.line(); line; line = await reader.line()) {
    number++
    if (before !== undefined && wrong(before, line.text)) {
      if (!silent) await process.stderr.write(`sort: ${quoteColon(process, file)}:${number}: disorder: ${line.text}\n`)
      return 1
    }
    before = line.text
  }
  return 0
}
