import type * as v from 'valibot'
import { isMap, isNode, isScalar, isSeq, type LineCounter, type Node } from 'yaml'

/** Where something stands in skep.yaml: `['listen', 'portOffset']`. */
export type Path = readonly (string | number)[]

/** One mistake in what the operator said; `flag` when it came from the command line. */
export type Mistake = { path: string; line?: number; flag?: string; message: string }

/** Every mistake at once, a line each, in the order of the file. */
export class ConfigError extends Error {
  readonly mistakes: Mistake[]
  constructor(file: string, mistakes: Mistake[]) {
    const sorted = mistakes.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0))
    const lines = sorted.map(({ flag, line, path, message }) =>
      flag === undefined
        ? `${file}${line ? `:${line}` : ''}: ${path ? `${path}: ` : ''}${message}`
        : `command line: ${flag}: ${message}`,
    )
    // Two rules about one value may be broken by one mistake.
    super([...new Set(lines)].join('\n'))
    this.name = 'ConfigError'
    this.mistakes = sorted
  }
}

/** The line on which `path`, or as much of it as is there, stands. */
export function lineOf(root: unknown, path: Path, lines: LineCounter): number | undefined {
  let found: Node | undefined
  let at = root
  for (const key of path) {
    if (isMap(at)) {
      const pair = at.items.find(item => isScalar(item.key) && String(item.key.value) === String(key))
      if (!pair) break
      if (isNode(pair.key)) found = pair.key
      at = pair.value
    } else if (isSeq(at)) {
      at = at.items[Number(key)]
      if (isNode(at)) found = at
    } else break
  }
  return found?.range ? lines.linePos(found.range[0]).line : undefined
}

export const pathOf = (issue: v.BaseIssue<unknown>): Path => (issue.path ?? []).map(item => item.key as string | number)

/** The names of schemas, as a person says them. */
const words = new Map([
  ['string', 'text'],
  ['boolean', 'true or false'],
  ['number', 'a number'],
  ['Object', 'keys with values'],
  ['Array', 'a list'],
])
const checks = new Map<string, (requirement: unknown) => string>([
  ['integer', () => 'a whole number'],
  ['min_value', n => `at least ${n}`],
  ['max_value', n => `at most ${n}`],
  ['min_length', n => `at least ${n} of them`],
  ['max_length', n => `at most ${n} of them`],
  ['ipv4', () => 'an IPv4 address'],
  ['ip', () => 'an IP address'],
  ['regex', pattern => `text like ${pattern}`],
])

/** What is wrong, as a sentence: what was expected and what was found. `known` are the keys that would have been right. */
export function explain(issue: v.BaseIssue<unknown>, known: string[] = []): string {
  if (issue.type === 'strict_object' && issue.expected === 'never')
    return known.length ? `No such key; there are ${known.join(', ')}` : 'No such key'
  // A rule about several keys has the whole object for its input, which tells nobody anything.
  const silent = issue.input === undefined || (issue.kind === 'validation' && typeof issue.input === 'object')
  const found = silent ? '' : `, found ${show(issue.input)}`
  return `${issue.message.startsWith('Invalid ') ? expectation(issue) : issue.message}${found}`
}

function expectation({ type, expected, requirement }: v.BaseIssue<unknown>): string {
  const check = checks.get(type)?.(requirement)
  if (check !== undefined) return `Expected ${check}`
  const choices = (expected ?? 'something else').replace(/[()]/g, '').split(' | ')
  return `Expected ${choices.map(choice => words.get(choice) ?? choice).join(' or ')}`
}

/** A value as it may stand in a message: short, and printable whatever it is. */
function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'keys with values'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text
  return short.replace(/[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g, '�')
}

/** The keys that a schema has at `path`, where it is an object of known keys. */
export function keysAt(schema: v.GenericSchema, path: Path): string[] {
  let at: Inner | undefined = plain(schema)
  for (const key of path) at = at?.entries && Object.hasOwn(at.entries, key) ? plain(at.entries[key]!) : undefined
  return Object.keys(at?.entries ?? {})
}

/** For a schema of keys with values: what the value of each key is held to. */
export function innerOf(schema: v.GenericSchema): ((key: string) => v.GenericSchema | undefined) | undefined {
  const { entries, type, value } = plain(schema)
  if (entries) return key => (Object.hasOwn(entries, key) ? entries[key] : undefined)
  return type === 'record' ? () => value : undefined
}

type Inner = {
  type: string
  wrapped?: v.GenericSchema
  entries?: Record<string, v.GenericSchema>
  value?: v.GenericSchema
}

/** A schema without what makes it optional. */
function plain(schema: v.GenericSchema): Inner {
  let at: Inner = schema
  while (!at.entries && at.wrapped) at = at.wrapped
  return at
}
