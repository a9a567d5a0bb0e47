import type { Process } from '../../system.ts'
import { getopt, type Option, type Parsed } from '../getopt.ts'

/** The options of GNU grep 3.8. */
export const options: Option[] = [
  { short: 'E', long: 'extended-regexp' },
  { short: 'F', long: 'fixed-strings' },
  { short: 'G', long: 'basic-regexp' },
  { short: 'P', long: 'perl-regexp' },
  { short: 'e', long: 'regexp', argument: 'required' },
  { short: 'f', long: 'file', argument: 'required' },
  { short: 'i', long: 'ignore-case' },
  { short: 'y' },
  { long: 'no-ignore-case' },
  { short: 'w', long: 'word-regexp' },
  { short: 'x', long: 'line-regexp' },
  { short: 'z', long: 'null-data' },
  { short: 's', long: 'no-messages' },
  { short: 'v', long: 'invert-match' },
  { short: 'V', long: 'version' },
  { long: 'help' },
  { short: 'm', long: 'max-count', argument: 'required' },
  { short: 'b', long: 'byte-offset' },
  { short: 'n', long: 'line-number' },
  { long: 'line-buffered' },
  { short: 'H', long: 'with-filename' },
  { short: 'h', long: 'no-filename' },
  { long: 'label', argument: 'required' },
  { short: 'o', long: 'only-matching' },
  { short: 'q', long: 'quiet' },
  { long: 'silent' },
  { long: 'binary-files', argument: 'required' },
  { short: 'a', long: 'text' },
  { short: 'I' },
  { short: 'd', long: 'directories', argument: 'required' },
  { short: 'D', long: 'devices', argument: 'required' },
  { short: 'r', long: 'recursive' },
  { short: 'R', long: 'dereference-recursive' },
  { long: 'include', argument: 'required' },
  { long: 'exclude', argument: 'required' },
  { long: 'exclude-from', argument: 'required' },
  { long: 'exclude-dir', argument: 'required' },
  { short: 'L', long: 'files-without-match' },
  { short: 'l', long: 'files-with-matches' },
  { short: 'c', long: 'count' },
  { short: 'T', long: 'initial-tab' },
  { short: 'Z', long: 'null' },
  { short: 'B', long: 'before-context', argument: 'required' },
  { short: 'A', long: 'after-context', argument: 'required' },
  { short: 'C', long: 'context', argument: 'required' },
  { long: 'color', argument: 'optional' },
  { long: 'colour', argument: 'optional' },
  { short: 'U', long: 'binary' },
  { short: 'u', long: 'unix-byte-offsets' },
  { long: 'group-separator', argument: 'required' },
  { long: 'no-group-separator' },
]

/** `-5` is `-C 5`, in clusters too. */
const withoutDigits = (argv: readonly string[]): string[] => {
  const out: string[] = []
  let over = false
  for (const [i, word] of argv.entries()) {
    const found = over || i === 0 ? null : /^-([a-zA-Z]*?)([0-9]+)([a-zA-Z]*)$/.exec(word)
    if (word === '--') over = true
    if (found && !/[efmdDABC]/.test(found[1]!) && !/^-[efmdDABC]$/.test(argv[i - 1] ?? '')) {
      out.push('-C', found[2]!)
      if (found[1] + found[3]! !== '') out.push(`-${found[1]}${found[3]}`)
    } else out.push(word)
  }
  return out
}

export type Kind = 'grep' | 'egrep' | 'fixed' | 'perl'
export type Settings = {
  parsed: Parsed
  kind: Kind
  fold: boolean
  within: 'line' | 'word' | undefined
  end: string
  invert: boolean
  quiet: boolean
  silent: boolean
  before: number
  after: number
  most: number
  list: 'with' | 'without' | undefined
  count: boolean
  only: boolean
  recursive: 'r' | 'R' | undefined
  directories: 'read' | 'skip'
  devices: 'read' | 'skip' | undefined
  binary: 'binary' | 'text' | 'without-match'
  color: boolean
}

const last = (parsed: Parsed, ...names: string[]): string | undefined =>
  parsed.given.findLast(({ name }) => names.includes(name))?.name

/** What was asked for, or what grep says against it; `usage`: with its usage text. */
export const readOptions = (process: Process): Settings | { message: string; usage?: true; status?: number } => {
  const parsed = getopt(withoutDigits(process.argv), options)
  if (typeof parsed === 'string') return { message: parsed, usage: true }
  const number = (name: string): number | undefined | 'bad' => {
    const text = parsed.value(name)
    if (text === undefined) return undefined
    return /^[0-9]+$/.test(text) ? Number(text) : 'bad'
  }
  const context = number('context')
  const [before, after] = [number('before-context') ?? context ?? 0, number('after-context') ?? context ?? 0]
  for (const [name, value] of [
    ['before-context', before],
    ['after-context', after],
  ] as const)
    if (value === 'bad')
      return { message: `grep: ${parsed.value(name) ?? parsed.value('context')}: invalid context length argument` }
  const most = parsed.value('max-count')
  if (most !== undefined && !/^-?[0-9]+[kKMG]?$/.test(most)) return { message: 'grep: invalid max count' }
  const type = parsed.value('binary-files') ?? 'binary'
  if (!['binary', 'text', 'without-match'].includes(type)) return { message: 'grep: unknown binary-files type' }
  const how = parsed.value('directories')
  if (how !== undefined && !['read', 'recurse', 'skip'].includes(how))
    return {
      message: `grep: invalid argument '${how}' for '--directories'\nValid arguments are:\n  - 'read'\n  - 'recurse'\n  - 'skip'`,
      usage: true,
      status: 1,
    }
  const devices = parsed.value('devices')
  if (devices !== undefined && devices !== 'read' && devices !== 'skip')
    return { message: 'grep: unknown devices method' }
  const matcher = last(parsed, 'extended-regexp', 'fixed-strings', 'basic-regexp', 'perl-regexp')
  const kinds = {
    'extended-regexp': 'egrep',
    'fixed-strings': 'fixed',
    'perl-regexp': 'perl',
    'basic-regexp': 'grep',
  } as const
  const colored = parsed.given.findLast(({ name }) => name === 'color' || name === 'colour')
  const when = colored && (colored.value ?? 'auto')
  const always = when === 'always' || when === 'yes' || when === 'force'
  const auto = when === 'auto' || when === 'tty' || when === 'if-tty'
  const case_ = last(parsed, 'ignore-case', 'y', 'no-ignore-case')
  const recurses = last(parsed, 'recursive', 'dereference-recursive')
  const text = last(parsed, 'text', 'I', 'binary-files')
  const lists = last(parsed, 'files-without-match', 'files-with-matches')
  return {
    parsed,
    kind: matcher ? kinds[matcher as keyof typeof kinds] : 'grep',
    fold: case_ === 'ignore-case' || case_ === 'y',
    within: parsed.has('line-regexp') ? 'line' : parsed.has('word-regexp') ? 'word' : undefined,
    end: parsed.has('null-data') ? '\0' : '\n',
    invert: parsed.has('invert-match'),
    quiet: parsed.has('quiet') || parsed.has('silent'),
    silent: parsed.has('no-messages'),
    before: before as number,
    after: after as number,
    most: most === undefined || most.startsWith('-') ? Infinity : Number.parseInt(most, 10),
    list: lists === undefined ? undefined : lists === 'files-with-matches' ? 'with' : 'without',
    count: parsed.has('count'),
    only: parsed.has('only-matching'),
    recursive: recurses === 'dereference-recursive' ? 'R' : recurses || how === 'recurse' ? 'r' : undefined,
    directories: how === 'skip' ? 'skip' : 'read',
    devices: devices as 'read' | 'skip' | undefined,
    binary: text === 'text' ? 'text' : text === 'I' ? 'without-match' : (type as Settings['binary']),
    color: always || (auto && process.isatty[1] && !['dumb', undefined].includes(process.env.get('TERM'))),
  }
}
