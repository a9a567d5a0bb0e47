import { errorText } from '../../errors.ts'
import type { Output, Program } from '../../system.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import type { Option } from '../getopt.ts'
import { absolute, complain } from '../paths.ts'
import { quote, quoteColon, quoteFile } from '../quoting.ts'
import { linesOf, openInput, writerOf } from './io.ts'

const options: Option[] = [
  { short: 'c', long: 'count' },
  { short: 'd', long: 'repeated' },
  { short: 'D' },
  { long: 'all-repeated', argument: 'optional' },
  { short: 'f', long: 'skip-fields', argument: 'required' },
  { long: 'group', argument: 'optional' },
  { short: 'i', long: 'ignore-case' },
  { short: 's', long: 'skip-chars', argument: 'required' },
  { short: 'u', long: 'unique' },
  { short: 'w', long: 'check-chars', argument: 'required' },
  { short: 'z', long: 'zero-terminated' },
]
const counts = [
  ['skip-fields', 'fields to skip'],
  ['skip-chars', 'bytes to skip'],
  ['check-chars', 'bytes to compare'],
] as const

/** uniq(1). */
export const uniq: Program = gnuProgram(
  options,
  async (process, parsed) => {
    const numbers: Record<string, number> = {}
    for (const [name, what] of counts) {
      const value = parsed.value(name)
      if (value !== undefined && !/^[0-9]+$/.test(value)) {
        await complain(process, `${value}: invalid number of ${what}`)
        return 1
      }
      numbers[name] = value === undefined ? (name === 'check-chars' ? Infinity : 0) : Number(value)
    }
    const [source = '-', target, extra] = parsed.operands
    if (extra !== undefined) return usageError(process, `extra operand ${quote(process, extra)}`)
    const keyOf = (line: string): string => {
      let at = 0
      for (let i = 0; i < numbers['skip-fields']! && at < line.length; i++) {
        while (line[at] === ' ' || line[at] === '\t') at++
        while (at < line.length && line[at] !== ' ' && line[at] !== '\t') at++
      }
      at += numbers['skip-chars']!
      const key = line.slice(at, at + numbers['check-chars']!)
      return parsed.has('ignore-case') ? key.toLowerCase() : key
    }
    const end = parsed.has('zero-terminated') ? '\0' : '\n'
    const all = parsed.has('D') || parsed.has('all-repeated')
    const method = parsed.has('group')
      ? (parsed.value('group') ?? 'separate')
      : (parsed.value('all-repeated') ?? 'none')
    const grouping = parsed.has('group')
    const [repeated, unique, count] = [parsed.has('repeated'), parsed.has('unique'), parsed.has('count')]
    let output: Output | undefined
    try {
      const reader = linesOf(process, openInput(process, source), end)
      if (target !== undefined && target !== '-') {
        const path = absolute(process, target)
        process.fs.writeFile(path, Buffer.alloc(0), process.who, { mode: 0o666 & ~process.umask })
        output = {
          write: async data =>
            process.fs.writeFile(path, Buffer.from(data as string, 'latin1'), process.who, { append: true }),
        }
      }
      const writer = writerOf(process, output)
      let group: string[] = []
      let size = 0
      let key: string | undefined
      let shown = 0
      const close = async (): Promise<void> => {
        if (size === 0) return
        const dropped = size === 1 ? repeated || all : unique
        if (dropped && !grouping) return
        if ((all || grouping) && (method === 'prepend' || method === 'both' || (method === 'separate' && shown > 0)))
          await writer.put(end)
        shown++
        if (all || grouping) for (const line of group) await writer.put(line + end)
        else await writer.put((count ? `${String(size).padStart(7)} ` : '') + group[0]! + end)
        if (grouping && (method === 'append' || method === 'both')) await writer.put(end)
      }
      for (let line = await reader.line(); line; line = await reader.line()) {
        const own = keyOf(line.text)
        if (own !== key) {
          await close()
          group = []
          size = 0
          key = own
        }
        size++
        if (size === 1 || ((all || grouping) && size < 100_000)) group.push(line.text)
      }
      await close()
      await writer.flush()
      return 0
    } catch (error) {
      const why = errorText(error)
      await complain(
        process,
        why === 'Is a directory'
          ? `error reading ${quoteFile(process, source)}`
          : `${quoteColon(process, source)}: ${why}`,
      )
      return 1
    }
  },
  { usage: '[OPTION]... [INPUT [OUTPUT]]' },
)
