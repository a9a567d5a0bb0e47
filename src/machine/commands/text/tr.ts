import { classes } from '../../regex/ast.ts'
import type { Program } from '../../system.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import type { Option } from '../getopt.ts'
import { complain } from '../paths.ts'
import { quote } from '../quoting.ts'

const options: Option[] = [
  { short: 'c', long: 'complement' },
  { short: 'C' },
  { short: 'd', long: 'delete' },
  { short: 's', long: 'squeeze-repeats' },
  { short: 't', long: 'truncate-set1' },
]

class Refused extends Error {}
/** `[x*]` fills up to the length of the other set. */
type SetText = { codes: number[]; fill?: { at: number; code: number }; classes: string[] }

/** tr(1). */
export const tr: Program = gnuProgram(
  options,
  async (process, parsed) => {
    const { operands } = parsed
    const [deletes, squeezes] = [parsed.has('delete'), parsed.has('squeeze-repeats')]
    const complement = parsed.has('complement') || parsed.has('C')
    const most = deletes === squeezes ? 2 : squeezes ? 2 : 1
    const least = deletes === squeezes ? 2 : 1
    if (operands.length === 0) return usageError(process, 'missing operand')
    if (operands.length < least)
      return usageError(
        process,
        `missing operand after ${quote(process, operands[0]!)}\n${deletes ? 'Two strings must be given when both deleting and squeezing repeats.' : 'Two strings must be given when translating.'}`,
      )
    if (operands.length > most)
      return usageError(
        process,
        `extra operand ${quote(process, operands[most]!)}${operands.length === 2 && most === 1 ? '\nOnly one string may be given when deleting without squeezing repeats.' : ''}`,
      )
    try {
      const first = parseSet(operands[0]!, false)
      const second = operands[1] === undefined ? undefined : parseSet(operands[1], true)
      const translates = second !== undefined && !deletes
      const from = complement ? complementOf(first.codes) : first.codes
      const map = Array.from({ length: 256 }, (_, i) => i)
      const dropped = new Set<number>()
      const squeezed = new Set<number>()
      if (deletes) {
        for (const code of from) dropped.add(code)
        for (const code of second?.codes ?? []) squeezed.add(code)
      } else if (translates) {
        const to = expand(second, from.length)
        if (to.length === 0) throw new Refused('when not truncating set1, string2 must be non-empty')
        const misaligned =
          second.classes.length > 0 &&
          (second.classes.some(name => name !== 'upper' && name !== 'lower') ||
            first.classes.length < second.classes.length)
        if (misaligned)
          throw new Refused(
            second.classes.some(name => name !== 'upper' && name !== 'lower')
              ? "when translating, the only character classes that may appear in\nstring2 are 'upper' and 'lower'"
              : 'misaligned [:upper:] and/or [:lower:] construct',
          )
        const limit = parsed.has('truncate-set1') ? Math.min(from.length, to.length) : from.length
        for (let i = 0; i < limit; i++) map[from[i]!] = to[Math.min(i, to.length - 1)]!
        if (squeezes) for (const code of to) squeezed.add(code)
      } else for (const code of from) squeezed.add(code)
      let last = -1
      for (let data = await process.stdin.read(); data; data = await process.stdin.read()) {
        process.step(1 + (data.length >> 10))
        const out = Buffer.alloc(data.length)
        let size = 0
        for (const code of data) {
          if (dropped.has(code)) continue
          const made = map[code]!
          if (made === last && squeezed.has(made)) continue
          out[size++] = made
          last = made
        }
        if (size > 0) await process.stdout.write(out.subarray(0, size))
      }
      return 0
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      await complain(process, error.message)
      return 1
    }
  },
  { posix: true, usage: '[OPTION]... SET1 [SET2]' },
)

const complementOf = (codes: number[]): number[] => {
  const set = new Set(codes)
  return Array.from({ length: 256 }, (_, code) => code).filter(code => !set.has(code))
}

const expand = ({ codes, fill }: SetText, length: number): number[] => {
  if (!fill) return codes
  const more = Math.max(0, length - codes.length)
  return [...codes.slice(0, fill.at), ...new Array<number>(more).fill(fill.code), ...codes.slice(fill.at)]
}

const parseSet = (text: string, second: boolean): SetText => {
  const set: SetText = { codes: [], classes: [] }
  let at = 0
  const one = (): { code: number; escaped: boolean } => {
    const c = text[at++]!
    if (c !== '\\' || at >= text.length) return { code: c.charCodeAt(0), escaped: false }
    const octal = /^[0-7]{1,3}/.exec(text.slice(at, at + 3))
    if (octal) {
      const digits = Number.parseInt(octal[0], 8) > 255 ? octal[0].slice(0, 2) : octal[0]
      at += digits.length
      return { code: Number.parseInt(digits, 8), escaped: true }
    }
    const letter = text[at++]!
    const index = 'abfnrtv'.indexOf(letter)
    return { code: index < 0 ? letter.charCodeAt(0) : '\x07\b\f\n\r\t\v'.charCodeAt(index), escaped: true }
  }
  while (at < text.length) {
    const rest = text.slice(at, at + 300)
    const named = /^\[:([^:\]]*):\]/.exec(rest)
    if (named) {
      const bytes = classes.get(named[1]!)
      if (!bytes) throw new Refused(`invalid character class '${named[1]}'`)
      set.classes.push(named[1]!)
      for (let code = 0; code < 256; code++) if (bytes[code] === 1) set.codes.push(code)
      at += named[0].length
      continue
    }
    const same = /^\[=(.)=\]/s.exec(rest)
    if (same) {
      set.codes.push(same[1]!.charCodeAt(0))
      at += same[0].length
      continue
    }
    const repeated = second ? /^\[(\\[0-7]{1,3}|\\.|[^\\])\*([0-9]*)\]/s.exec(rest) : null
    if (repeated) {
      at++
      const { code } = one()
      at += repeated[2]!.length + 2
      const times = Number.parseInt(repeated[2] || '0', repeated[2]?.startsWith('0') ? 8 : 10)
      if (times > 0) set.codes.push(...new Array<number>(Math.min(times, 256)).fill(code))
      else set.fill = { at: set.codes.length, code }
      continue
    }
    const start = at
    const low = one()
    if (text[at] === '-' && at + 1 < text.length) {
      at++
      const high = one()
      if (high.code < low.code)
        throw new Refused(`range-endpoints of '${text.slice(start, at)}' are in reverse collating sequence order`)
      for (let code = low.code; code <= high.code; code++) set.codes.push(code)
    } else set.codes.push(low.code)
    if (set.codes.length > 100_000) throw new Refused('too many characters in set')
  }
  return set
}
