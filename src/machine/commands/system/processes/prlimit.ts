import { errorText } from '../../../errors.ts'
import { limited, type ResourceLimit, type ResourceLimits } from '../../../limits.ts'
import { type Program, SystemError } from '../../../system.ts'
import { gnuProgram } from '../../coreutils.ts'
import { type Option, optionsOf, type Parsed } from '../../getopt.ts'
import { complain } from '../../paths.ts'
import { aligned } from '../../smartcols.ts'
import { launch } from './launch.ts'

/** A resource by prlimit's names and the letter of bash's ulimit, one of whose units is `scale` of the kernel's. */
type Resource = { name: string; option: string; letter: string; about: string; scale: number; unit: string }

const resources: Resource[] = (
  [
    ['AS', 'v', 'address space limit', 1024, 'bytes'],
    ['CORE', 'c', 'max core file size', 1024, 'bytes'],
    ['CPU', 't', 'CPU time', 1, 'seconds'],
    ['DATA', 'd', 'max data size', 1024, 'bytes'],
    ['FSIZE', 'f', 'max file size', 1024, 'bytes'],
    ['LOCKS', 'x', 'max number of file locks held', 1, 'locks'],
    ['MEMLOCK', 'l', 'max locked-in-memory address space', 1024, 'bytes'],
    ['MSGQUEUE', 'q', 'max bytes in POSIX mqueues', 1, 'bytes'],
    ['NICE', 'e', 'max nice prio allowed to raise', 1, ''],
    ['NOFILE', 'n', 'max number of open files', 1, 'files'],
    ['NPROC', 'u', 'max number of processes', 1, 'processes'],
    ['RSS', 'm', 'max resident set size', 1024, 'bytes'],
    ['RTPRIO', 'r', 'max real-time priority', 1, ''],
    ['RTTIME', 'R', 'timeout for real-time tasks', 1, 'microsecs'],
    ['SIGPENDING', 'i', 'max number of pending signals', 1, 'signals'],
    ['STACK', 's', 'max stack size', 1024, 'bytes'],
  ] as const
).map(([name, letter, about, scale, unit]) => ({ name, option: name.toLowerCase(), letter, about, scale, unit }))

const options: Option[] = [
  ...resources.map(
    ({ option, letter }): Option => ({ short: letter === 'R' ? 'y' : letter, long: option, argument: 'optional' }),
  ),
  ...optionsOf('p=pid o=output', 'required'),
  ...optionsOf('noheadings raw verbose V=version'),
]
const columnNames = ['DESCRIPTION', 'HARD', 'RESOURCE', 'SOFT', 'UNITS']
const usual = ['RESOURCE', 'DESCRIPTION', 'SOFT', 'HARD', 'UNITS']

/** prlimit(1) of util-linux 2.38. Limits set for a process that runs already are accepted, and bind nothing. */
export const prlimit: Program = gnuProgram(
  options,
  async (process, parsed) => {
    const refuse = (words: string) => complain(process, words).then(() => 1)
    const pid = parsed.value('pid')
    if (pid !== undefined && !/^\d+$/.test(pid)) return refuse(`invalid PID argument: '${pid}'`)
    const columns = (parsed.value('output') ?? usual.join(',')).toUpperCase().split(',')
    const unknown = columns.find(column => !columnNames.includes(column))
    if (unknown !== undefined) return refuse(`unknown column: ${unknown}`)
    const named = parsed.given.flatMap(({ name, value }) => {
      const resource = resources.find(({ option }) => option === name)
      return resource === undefined ? [] : [{ resource, value }]
    })
    const wanted = named.length > 0 ? named : resources.map(resource => ({ resource, value: undefined }))
    if (pid !== undefined && !process.host.processes.list().some(one => one.pid === Number(pid)))
      return refuse(`failed to get the ${wanted[0]!.resource.name} resource limit: No such process`)
    let limits: ResourceLimits = process.rlimits ?? new Map()
    const shown: Resource[] = []
    for (const { resource, value } of wanted) {
      if (value === undefined) {
        shown.push(resource)
        continue
      }
      const { name, letter } = resource
      const next = rangeOf(value, limits.get(letter), resource.scale)
      if (next === undefined) return refuse(`failed to parse ${name} limit`)
      if (next.soft > next.hard) return refuse(`the soft limit ${name} cannot exceed the hard limit`)
      const after = limited(limits, letter, next, process.who)
      if (typeof after === 'string')
        return refuse(`failed to set the ${name} resource limit: ${errorText(new SystemError(after))}`)
      limits = after
    }
    if (shown.length > 0) await process.stdout.write(tableOf(shown, limits, columns, parsed))
    return parsed.operands.length > 0 ? launch(process, [...parsed.operands], { rlimits: limits }) : 0
  },
  { usage: '[options] [--<resource>=<limit>] COMMAND', version: 'from util-linux @util-linux@', posix: true },
)

/** `soft:hard`, `soft:`, `:hard` or a value for both, in the kernel's units; in bash's afterwards. */
const rangeOf = (text: string, before: ResourceLimit | undefined, scale: number): ResourceLimit | undefined => {
  const match = /^=?(unlimited|\d{1,18})?(:)?(unlimited|\d{1,18})?$/.exec(text)
  const [, first, colon, second] = match ?? []
  if (!match || (first === undefined && second === undefined)) return undefined
  const value = (word: string): number => (word === 'unlimited' ? Infinity : Number(word) / scale)
  const soft = first === undefined ? before?.soft : value(first)
  const hard = second === undefined ? (colon ? before?.hard : soft) : value(second)
  return { soft: soft ?? Infinity, hard: hard ?? Infinity }
}

const tableOf = (
  shown: readonly Resource[],
  limits: ResourceLimits,
  columns: readonly string[],
  parsed: Parsed,
): string => {
  const cellsOf = ({ name, about, letter, scale, unit }: Resource): Map<string, string> => {
    const amount = (value = Infinity): string => (value === Infinity ? 'unlimited' : `${value * scale}`)
    const { soft, hard } = limits.get(letter) ?? {}
    return new Map([
      ['RESOURCE', name],
      ['DESCRIPTION', about],
      ['SOFT', amount(soft)],
      ['HARD', amount(hard)],
      ['UNITS', unit],
    ])
  }
  const rows = shown.map(cellsOf).map(cells => columns.map(column => cells.get(column)!))
  const table = parsed.has('noheadings') ? rows : [[...columns], ...rows]
  if (parsed.has('raw'))
    return table.map(row => `${row.map(cell => cell.replaceAll(' ', '\\x20')).join(' ')}\n`).join('')
  return aligned(table, new Set(columns.flatMap((column, i) => (column === 'SOFT' || column === 'HARD' ? [i] : []))))
}
