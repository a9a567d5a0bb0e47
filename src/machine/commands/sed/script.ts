import type { Regex } from '../../regex/regex.ts'

/** A script of sed(1) as it was read. */
export type Script = { commands: Command[]; labels: Map<string, number>; files: string[]; quiet: boolean }

export type Address =
  | { kind: 'line'; line: number }
  | { kind: 'step'; first: number; step: number }
  | { kind: 'last' }
  /** Without one: the expression used last. */
  | { kind: 'regex'; regex: Regex | undefined }
export type Ending = Address | { kind: 'more'; lines: number } | { kind: 'multiple'; of: number }

export type Command = {
  from: Address | undefined
  to: Ending | undefined
  negated: boolean
  name: string
  /** Of `a i c`, the file of `r R w W`, the shell's line of `e`. */
  text: string
  /** Exit status of `q Q`, width of `l L`. */
  number: number | undefined
  /** Index of the command to go on with: behind the closing brace, or at the label. */
  target: number
  substitution: Substitution | undefined
  /** Of `y`: what each byte becomes. */
  map: readonly string[] | undefined
  /** State of a range: the line it began at while it is open, the last line once that is known. */
  open: { last: number | undefined } | undefined
}

export type Substitution = {
  regex: Regex | undefined
  replacement: Piece[]
  global: boolean
  nth: number
  prints: boolean
  evaluates: boolean
  file: string | undefined
}
/** Text, a group, and changes of case: `\U \L \E` and for one letter `\u \l`. */
export type Piece = { kind: 'text'; text: string } | { kind: 'group'; number: number } | { kind: 'case'; how: string }

/** What sed says of a script, with where it noticed. */
export class ScriptFault extends Error {
  readonly at: number
  constructor(message: string, at: number) {
    super(message)
    this.at = at
  }
}
