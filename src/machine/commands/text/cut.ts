import type { Process, Program } from '../../system.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import type { Option } from '../getopt.ts'
import { quote } from '../quoting.ts'
import { eachInput, linesOf, writerOf } from './io.ts'

const options: Option[] = [
  { short: 'b', long: 'bytes', argument: 'required' },
  { short: 'c', long: 'characters', argument: 'required' },
  { short: 'd', long: 'delimiter', argument: 'required' },
  { short: 'f', long: 'fields', argument: 'required' },
  { short: 'n' },
  { long: 'complement' },
  { short: 's', long: 'only-delimited' },
  { long: 'output-delimiter', argument: 'required' },
  { short: 'z', long: 'zero-terminated' },
]

/** From and to, counted from 1, both within. */
type Range = { from: number; to: number }

/** cut(1). */
export const cut: Program = gnuProgram(options, async (process, parsed) => {
  const lists = parsed.given.filter(({ name }) => name === 'bytes' || name === 'characters' || name === 'fields')
  if (lists.length === 0) return usageError(process, 'you must specify a list of bytes, characters, or fields')
  if (lists.length > 1) return usageError(process, 'only one list may be specified')
  const byField = lists[0]!.name === 'fields'
  const tab = parsed.value('delimiter')
  if (tab !== undefined && tab.length > 1) return usageError(process, 'the delimiter must be a single character')
  if (tab !== undefined && !byField)
    return usageError(process, 'an input delimiter may be specified only when operating on fields')
  if (parsed.has('only-delimited') && !byField)
    return usageError(process, 'suppressing non-delimited lines makes sense\n\tonly when operating on fields')
  const ranges = parseList(process, lists[0]!.value!, byField)
  if (typeof ranges === 'string') return usageError(process, ranges)
  const wanted = parsed.has('complement') ? complementOf(ranges) : ranges
  const end = parsed.has('zero-terminated') ? '\0' : '\n'
  const delimiter = tab === undefined ? '\t' : tab === '' ? '\0' : tab
  const joint = parsed.value('output-delimiter')
  const writer = writerOf(process)
  const status = await eachInput(process, parsed.operands, async input => {
    const reader = linesOf(process, input, end)
    for (let line = await reader.line(); line; line = await reader.line()) {
      const { text } = line
      if (!byField) {
        const pieces = wanted.map(({ from, to }) => text.slice(from - 1, to)).filter(piece => piece !== '')
        await writer.put(pieces.join(joint ?? '') + end)
      } else if (text.includes(delimiter)) {
        const fields = text.split(delimiter)
        const pieces = wanted.flatMap(({ from, to }) => fields.slice(from - 1, to))
        await writer.put(pieces.join(joint ?? delimiter) + end)
      } else if (!parsed.has('only-delimited')) await writer.put(text + end)
    }
  })
  await writer.flush()
  return status
})

/** `1,3-5,-2,7-`, sorted and joined; a message where it is none. */
const parseList = (process: Process, text: string, fields: boolean): Range[] | string => {
  const zero = fields ? 'fields are numbered from 1' : 'byte/character positions are numbered from 1'
  const ranges: Range[] = []
  for (const part of text.split(/[,\s]/)) {
    const found = /^([0-9]*)(-?)([0-9]*)$/.exec(part)
    if (!found) {
      const bad = /[^0-9-].*/s.exec(part)?.[0]
      if (bad === undefined) return fields ? 'invalid field range' : 'invalid byte or character range'
      return fields
        ? `invalid field value ${quote(process, bad)}`
        : `invalid byte/character position ${quote(process, bad)}`
    }
    const [, low = '', dash, high = ''] = found
    if (low === '' && high === '') return dash === '' ? zero : 'invalid range with no endpoint: -'
    const from = low === '' ? 1 : Number(low)
    const to = dash === '' ? from : high === '' ? Infinity : Number(high)
    if (from === 0 || (dash === '' && to === 0)) return zero
    if (to < from) return 'invalid decreasing range'
    ranges.push({ from, to })
  }
  ranges.sort((a, b) => a.from - b.from)
  const joined: Range[] = []
  for (const range of ranges) {
    const last = joined.at(-1)
    if (last && range.from <= last.to) last.to = Math.max(last.to, range.to)
    else joined.push({ ...range })
  }
  return joined
}

const complementOf = (ranges: Range[]): Range[] => {
  const others: Range[] = []
  let next = 1
  for (const { from, to } of ranges) {
    if (from > next) others.push({ from: next, to: from - 1 })
    next = to + 1
  }
  if (next !== Infinity) others.push({ from: next, to: Infinity })
  return others
}
