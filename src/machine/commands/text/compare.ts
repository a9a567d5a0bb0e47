import { errorText } from '../../errors.ts'
import type { Program } from '../../system.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import type { Option } from '../getopt.ts'
import { complain } from '../paths.ts'
import { quote, quoteColon } from '../quoting.ts'
import { type LineReader, linesOf, openInput, writerOf } from './io.ts'

type Side = { reader: LineReader; line: string | undefined; before: string | undefined; told: boolean }

/** comm(1): what two sorted files have in common, and what each has alone. */
export const comm: Program = gnuProgram(
  [
    { short: '1' },
    { short: '2' },
    { short: '3' },
    { long: 'check-order' },
    { long: 'nocheck-order' },
    { long: 'output-delimiter', argument: 'required' },
    { long: 'total' },
    { short: 'z', long: 'zero-terminated' },
  ],
  async (process, parsed) => {
    const { operands } = parsed
    if (operands.length === 0) return usageError(process, 'missing operand')
    if (operands.length === 1) return usageError(process, `missing operand after ${quote(process, operands[0]!)}`)
    if (operands.length > 2) return usageError(process, `extra operand ${quote(process, operands[2]!)}`)
    const end = parsed.has('zero-terminated') ? '\0' : '\n'
    const joint = parsed.value('output-delimiter') ?? '\t'
    const writer = writerOf(process)
    const sides: Side[] = []
    for (const file of operands)
      try {
        sides.push({
          reader: linesOf(process, openInput(process, file), end),
          line: undefined,
          before: undefined,
          told: false,
        })
      } catch (error) {
        await complain(process, `${quoteColon(process, file)}: ${errorText(error)}`)
        return 1
      }
    let status = 0
    const next = async (side: Side, number: number): Promise<void> => {
      side.before = side.line
      side.line = (await side.reader.line())?.text
      const wrong = side.before !== undefined && side.line !== undefined && side.line < side.before
      if (!wrong || side.told || parsed.has('nocheck-order') || (!unpaired && !parsed.has('check-order'))) return
      side.told = true
      status = 1
      await complain(process, `file ${number} is not in sorted order`)
    }
    // Until lines are found that have no partner, the order does not matter.
    let unpaired = false
    const totals = [0, 0, 0]
    const hidden = ['1', '2', '3'].map(parsed.has)
    const put = async (column: 0 | 1 | 2, text: string): Promise<void> => {
      totals[column]!++
      if (hidden[column]) return
      const indent = column === 0 ? 0 : column === 1 ? (hidden[0] ? 0 : 1) : (hidden[0] ? 0 : 1) + (hidden[1] ? 0 : 1)
      await writer.put(joint.repeat(indent) + text + end)
    }
    const [one, two] = sides as [Side, Side]
    await next(one, 1)
    await next(two, 2)
    while (one.line !== undefined || two.line !== undefined) {
      if (two.line === undefined || (one.line !== undefined && one.line < two.line)) {
        unpaired = true
        await put(0, one.line!)
        await next(one, 1)
      } else if (one.line === undefined || one.line > two.line) {
        unpaired = true
        await put(1, two.line)
        await next(two, 2)
      } else {
        await put(2, one.line)
        await next(one, 1)
        await next(two, 2)
      }
      if (status === 1 && parsed.has('check-order')) break
    }
    if (parsed.has('total')) await writer.put(`${totals.join(joint)}${joint}total${end}`)
    await writer.flush()
    if (status === 1) await complain(process, 'input is not in sorted order')
    return status
  },
  { usage: '[OPTION]... FILE1 FILE2' },
)

const joinOptions: Option[] = [
  { short: 'a', argument: 'required' },
  { short: 'e', argument: 'required' },
  { short: 'i', long: 'ignore-case' },
  { short: 'j', argument: 'required' },
  { short: 'o', argument: 'required' },
  { short: 't', argument: 'required' },
  { short: 'v', argument: 'required' },
  { short: '1', argument: 'required' },
  { short: '2', argument: 'required' },
  { long: 'check-order' },
  { long: 'nocheck-order' },
  { long: 'header' },
  { short: 'z', long: 'zero-terminated' },
]
const mostLines = 200_000

/** join(1): lines of two files with the same key. */
export const join: Program = gnuProgram(
  joinOptions,
  async (process, parsed) => {
    const { operands } = parsed
    if (operands.length === 0) return usageError(process, 'missing operand')
    if (operands.length === 1) return usageError(process, `missing operand after ${quote(process, operands[0]!)}`)
    if (operands.length > 2) return usageError(process, `extra operand ${quote(process, operands[2]!)}`)
    const end = parsed.has('zero-terminated') ? '\0' : '\n'
    const tab = parsed.value('t')
    const fieldsOf = (line: string): string[] =>
      tab === undefined
        ? line.split(/[ \t]+/).filter((piece, i) => i > 0 || piece !== '')
        : tab === ''
          ? [line]
          : line.split(tab)
    const key = [0, 1].map(i => Number(parsed.value(String(i + 1)) ?? parsed.value('j') ?? 1) - 1)
    const fold = (text: string): string => (parsed.has('ignore-case') ? text.toLowerCase() : text)
    const files: { fields: string[]; key: string }[][] = []
    for (const [i, file] of operands.entries())
      try {
        const reader = linesOf(process, openInput(process, file), end)
        const lines: { fields: string[]; key: string }[] = []
        for (let line = await reader.line(); line && lines.length < mostLines; line = await reader.line()) {
          const fields = fieldsOf(line.text)
          lines.push({ fields, key: fold(fields[key[i]!] ?? '') })
        }
        files.push(lines)
      } catch (error) {
        await complain(process, `${quoteColon(process, file)}: ${errorText(error)}`)
        return 1
      }
    const given = (name: string): string[] => parsed.given.filter(one => one.name === name).map(({ value }) => value!)
    const only = given('v')
    const shown = [...given('a'), ...only]
    const empty = parsed.value('e') ?? ''
    const list = given('o').flatMap(text => text.split(/[\s,]+/))
    const joint = tab ?? ' '
    const writer = writerOf(process)
    const put = async (one: string[] | undefined, two: string[] | undefined, common: string): Promise<void> => {
      process.step()
      const field = (text: string): string => {
        if (text === '0') return common
        const [side, number] = text.split('.')
        return (side === '1' ? one : two)?.[Number(number) - 1] || empty
      }
      const rest = (fields: string[] | undefined, at: number): string[] => fields?.filter((_, i) => i !== at) ?? []
      const out =
        list.length > 0 && list[0] !== 'auto' ? list.map(field) : [common, ...rest(one, key[0]!), ...rest(two, key[1]!)]
      await writer.put(out.join(joint) + end)
    }
    const [left, right] = files as [(typeof files)[0], (typeof files)[0]]
    let [i, j] = [0, 0]
    if (parsed.has('header') && (left.length > 0 || right.length > 0)) {
      await put(left[0]?.fields, right[0]?.fields, left[0]?.fields[key[0]!] ?? '')
      ;[i, j] = [1, 1]
    }
    while (i < left.length || j < right.length) {
      const [a, b] = [left[i], right[j]]
      if (!b || (a && a.key < b.key)) {
        if (shown.includes('1')) await put(a!.fields, undefined, a!.fields[key[0]!] ?? '')
        i++
      } else if (!a || a.key > b.key) {
        if (shown.includes('2')) await put(undefined, b.fields, b.fields[key[1]!] ?? '')
        j++
      } else {
        let [nextI, nextJ] = [i, j]
        while (left[nextI]?.key === a.key) nextI++
        while (right[nextJ]?.key === a.key) nextJ++
        if (only.length === 0)
          for (const one of left.slice(i, nextI))
            for (const two of right.slice(j, nextJ)) await put(one.fields, two.fields, one.fields[key[0]!] ?? '')
        ;[i, j] = [nextI, nextJ]
      }
    }
    await writer.flush()
    return 0
  },
  { usage: '[OPTION]... FILE1 FILE2' },
)

/** cmp(1) of diffutils 3.8. */
export const cmp: Program = async process => {
  const options: Option[] = [
    { short: 'b', long: 'print-bytes' },
    { short: 'i', long: 'ignore-initial', argument: 'required' },
    { short: 'l', long: 'verbose' },
    { short: 'n', long: 'bytes', argument: 'required' },
    { short: 's', long: 'quiet' },
    { long: 'silent' },
  ]
  const run = gnuProgram(
    options,
    async (_, parsed) => {
      const missing = async (what: string): Promise<number> => {
        await process.stderr.write(`cmp: ${what}\ncmp: Try 'cmp --help' for more information.\n`)
        return 2
      }
      const [one, two = '-', skipped, more] = parsed.operands
      if (one === undefined) return missing("missing operand after 'cmp'")
      const skips = (parsed.value('ignore-initial') ?? skipped ?? '0').split(':')
      const [skipOne, skipTwo] = [
        Number(skips[0]),
        Number(
          more ?? skips[1] ?? (skipped !== undefined && parsed.value('ignore-initial') === undefined ? 0 : skips[0]),
        ),
      ]
      const most = Number(parsed.value('bytes') ?? Infinity)
      const silent = parsed.has('quiet') || parsed.has('silent')
      const contents: Buffer[] = []
      for (const [i, file] of [one, two].entries())
        try {
          const input = openInput(process, file)
          const pieces: Buffer[] = []
          let size = 0
          for (let data = await input.read(); data && size < 16 << 20; data = await input.read()) {
            pieces.push(data)
            size += data.length
          }
          const skip = i === 0 ? skipOne : skipTwo
          contents.push(Buffer.concat(pieces).subarray(skip, skip + most))
        } catch (error) {
          if (!silent) await process.stderr.write(`cmp: ${file}: ${errorText(error)}\n`)
          return 2
        }
      const [a, b] = contents as [Buffer, Buffer]
      const shared = Math.min(a.length, b.length)
      const writer = writerOf(process)
      const name = (byte: number): string => {
        const low = byte & 127
        return `${byte > 127 ? 'M-' : ''}${low < 32 ? `^${String.fromCharCode(low + 64)}` : low === 127 ? '^?' : String.fromCharCode(low)}`
      }
      let line = 1
      let status = 0
      const width = String(Math.max(shared, 1)).length
      for (let i = 0; i < shared; i++) {
        if (i % 1024 === 0) process.step()
        if (a[i] === b[i]) {
          if (a[i] === 10) line++
          continue
        }
        status = 1
        if (silent) return 1
        const octal = [a[i]!, b[i]!].map(byte => byte.toString(8).padStart(3))
        if (!parsed.has('verbose')) {
          const bytes = parsed.has('print-bytes') ? ` is ${octal[0]} ${name(a[i]!)} ${octal[1]} ${name(b[i]!)}` : ''
          await process.stdout.write(
            `${one} ${two} differ: ${parsed.has('print-bytes') ? 'byte' : 'char'} ${i + 1}, line ${line}${bytes}\n`,
          )
          return 1
        }
        const shown = parsed.has('print-bytes')
          ? `${octal[0]} ${name(a[i]!).padEnd(4)} ${octal[1]} ${name(b[i]!)}`
          : octal.join(' ')
        await writer.put(`${String(i + 1).padStart(width)} ${shown}\n`)
      }
      await writer.flush()
      if (a.length === b.length) return status
      const short = a.length < b.length ? { file: one, data: a } : { file: two, data: b }
      if (silent) return 1
      const lines =
        short.data.at(-1) === 10 || short.data.length === 0
          ? `, line ${line - (short.data.length > 0 ? 1 : 0)}`
          : `, in line ${line}`
      const where =
        short.data.length === 0
          ? 'which is empty'
          : `after byte ${short.data.length}${parsed.has('verbose') ? '' : lines}`
      await process.stderr.write(`cmp: EOF on ${short.file} ${where}\n`)
      return 1
    },
    { status: 2, usage: '[OPTION]... FILE1 [FILE2 [SKIP1 [SKIP2]]]', version: '(GNU diffutils) @diffutils@' },
  )
  return run(process)
}
