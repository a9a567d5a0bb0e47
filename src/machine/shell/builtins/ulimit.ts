import { limited, type ResourceLimit } from '../../limits.ts'
import { complain, type Shell, write } from '../state.ts'
import type { Builtin } from './index.ts'
import { emit } from './print.ts'

/** Letter, name and unit of bash 5.2's ulimit, in the order of `-a`. */
const BASH: readonly [letter: string, name: string, unit: string][] = [
  ['R', 'real-time non-blocking time', 'microseconds'],
  ['c', 'core file size', 'blocks'],
  ['d', 'data seg size', 'kbytes'],
  ['e', 'scheduling priority', ''],
  ['f', 'file size', 'blocks'],
  ['i', 'pending signals', ''],
  ['l', 'max locked memory', 'kbytes'],
  ['m', 'max memory size', 'kbytes'],
  ['n', 'open files', ''],
  ['p', 'pipe size', '512 bytes'],
  ['q', 'POSIX message queues', 'bytes'],
  ['r', 'real-time priority', ''],
  ['s', 'stack size', 'kbytes'],
  ['t', 'cpu time', 'seconds'],
  ['u', 'max user processes', ''],
  ['v', 'virtual memory', 'kbytes'],
  ['x', 'file locks', ''],
]

/** dash 0.5.12's: its own letter, name, and bash's letter. */
const DASH: readonly [letter: string, name: string, resource: string][] = [
  ['t', 'time(seconds)', 't'],
  ['f', 'file(blocks)', 'f'],
  ['d', 'data(kbytes)', 'd'],
  ['s', 'stack(kbytes)', 's'],
  ['c', 'coredump(blocks)', 'c'],
  ['m', 'memory(kbytes)', 'm'],
  ['l', 'locked memory(kbytes)', 'l'],
  ['p', 'process', 'u'],
  ['n', 'nofiles', 'n'],
  ['v', 'vmemory(kbytes)', 'v'],
  ['w', 'locks', 'x'],
  ['r', 'rtprio', 'r'],
]

const bashLine = (letter: string, name: string, unit: string): string =>
  `${name.padEnd(20)} ${`(${unit === '' ? '' : `${unit}, `}-${letter}) `.padStart(20)}`

/** BusyBox 1.35's ash has bash's, but for two. */
const ashLine = (letter: string, name: string, unit: string): string =>
  `${`${name}${unit === '' ? '' : ` (${unit === 'kbytes' ? 'kb' : unit})`}`.padEnd(31)} (-${letter}) `

/** A resource as this shell calls it: its letter, what a line of `-a` begins with, and bash's letter. */
type Row = { letter: string; line: string; resource: string }

const rowsOf = (sh: Shell): Row[] => {
  if (sh.flavour === 'sh' && !sh.ash)
    return DASH.map(([letter, name, resource]) => ({ letter, line: `${name.padEnd(20)} `, resource }))
  const line = sh.ash ? ashLine : bashLine
  return BASH.filter(([letter]) => !sh.ash || !'Rp'.includes(letter)).map(([letter, name, unit]) => ({
    letter,
    line: line(letter, name, unit),
    resource: letter,
  }))
}

/** `-S`, `-H`, `-a`, and resources with what they shall be. */
type Request = { soft: boolean; hard: boolean; all: boolean; wanted: { letter: string; value: string | undefined }[] }

const requestOf = (args: readonly string[]): Request => {
  const request: Request = { soft: false, hard: false, all: false, wanted: [] }
  for (const [index, word] of args.entries()) {
    if (!word.startsWith('-') || word === '-') {
      const last = request.wanted.at(-1)
      if (!last) request.wanted.push({ letter: 'f', value: word })
      else if (index > 0 && args[index - 1]!.startsWith('-')) last.value = word
      continue
    }
    const [, letters = '', value] = /^-([^0-9]*)(.+)?$/s.exec(word) ?? []
    for (const letter of letters) {
      if (letter === 'S') request.soft = true
      else if (letter === 'H') request.hard = true
      else if (letter === 'a') request.all = true
      else if (letter !== '-') request.wanted.push({ letter, value: undefined })
    }
    if (value !== undefined && request.wanted.length > 0) request.wanted.at(-1)!.value = value
  }
  if (request.wanted.length === 0) request.wanted.push({ letter: 'f', value: undefined })
  return request
}

const unknown = async (sh: Shell, letter: string): Promise<number> => {
  if (sh.ash) await write(sh, 2, `ulimit: invalid option -- '${letter}'\n`)
  else if (sh.flavour === 'sh') await complain(sh, `ulimit: Illegal option -${letter}`)
  else {
    await complain(sh, `ulimit: -${letter}: invalid option`)
    await write(sh, 2, 'ulimit: usage: ulimit [-SHabcdefiklmnpqrstuvxPRT] [limit]\n')
  }
  return sh.ash ? 1 : 2
}

const WORDS = { EINVAL: 'Invalid argument', EPERM: 'Operation not permitted' } as const

/** Gives `row` the limit that `text` says: the exit status. */
const set = async (sh: Shell, row: Row, text: string, { soft, hard }: Request): Promise<number> => {
  const before = sh.rlimits.get(row.resource) ?? { soft: Infinity, hard: Infinity }
  const posix = sh.flavour === 'sh'
  const value =
    text === 'unlimited'
      ? Infinity
      : text === 'hard' && !posix
        ? before.hard
        : text === 'soft' && !posix
          ? before.soft
          : /^[0-9]{1,18}$/.test(text)
            ? Number(text)
            : undefined
  if (value === undefined) {
    await complain(
      sh,
      sh.ash ? `ulimit: invalid number '${text}'` : posix ? 'ulimit: bad number' : `ulimit: ${text}: invalid number`,
    )
    return posix && !sh.ash ? 2 : 1
  }
  const one = soft !== hard
  const next: ResourceLimit = { soft: one && hard ? before.soft : value, hard: one && soft ? before.hard : value }
  const after = limited(sh.rlimits, row.resource, next, sh.who)
  if (typeof after !== 'string') {
    sh.rlimits = after
    return 0
  }
  const name = BASH.find(([letter]) => letter === row.resource)?.[1] ?? ''
  await complain(
    sh,
    sh.ash
      ? `ulimit: error setting limit: ${WORDS[after]}`
      : posix
        ? `ulimit: error setting limit (${WORDS[after]})`
        : `ulimit: ${name}: cannot modify limit: ${WORDS[after]}`,
  )
  return posix && !sh.ash ? 2 : 1
}

/** `ulimit` of bash 5.2, dash 0.5.12 and BusyBox 1.35's ash: limits hold for this shell and what it starts. */
export const ulimit: Builtin = async (sh, args) => {
  const request = requestOf(args)
  const rows = rowsOf(sh)
  const shown = ({ resource }: Row): string => {
    const { soft, hard } = sh.rlimits.get(resource) ?? { soft: Infinity, hard: Infinity }
    const value = request.hard && !request.soft ? hard : soft
    return value === Infinity ? 'unlimited' : `${value}`
  }
  if (request.all) return emit(sh, 'ulimit', rows.map(row => `${row.line}${shown(row)}\n`).join(''))
  const wanted: { row: Row; value: string | undefined }[] = []
  for (const { letter, value } of request.wanted.slice(0, 64)) {
    const row = rows.find(row => row.letter === letter)
    if (!row) return unknown(sh, letter)
    wanted.push({ row, value })
  }
  for (const { row, value } of wanted) {
    const status =
      value === undefined
        ? await emit(sh, 'ulimit', `${wanted.length > 1 ? row.line : ''}${shown(row)}\n`)
        : await set(sh, row, value, request)
    if (status !== 0) return status
  }
  return 0
}
