/** The shell's syntax tree (POSIX.1-2017 XCU 2.10, with what bash 5.2 adds). All text is Latin-1: one character a byte. */

/** One piece of a word. */
export type Part =
  | { kind: 'text'; text: string; quoted: boolean }
  /** `"…"`: expanded, neither split nor globbed. */
  | { kind: 'double'; parts: Part[] }
  | Parameter
  /** `$(…)`, or a backquoted source that is parsed when it is expanded. */
  | { kind: 'command'; body: List | undefined; source: string | undefined; line: number }
  | { kind: 'arithmetic'; expression: Word }
  /** `<(…)` and `>(…)`. */
  | { kind: 'process'; writes: boolean; body: List }

/** `$x`, `${x…}`. */
export type Parameter = {
  kind: 'parameter'
  name: string
  /** Element of an array: an expression, or all of it. */
  index?: Word | '@' | '*' | undefined
  /** `${#x}` */
  length?: boolean
  /** `${!x}` */
  indirect?: boolean
  /** `:-` `#` `//` `^^` `:` `@` and so on. */
  operator?: string | undefined
  argument?: Word | undefined
  /** The replacement of `/`, the length of a substring. */
  second?: Word | undefined
  /** What bash quotes in “bad substitution”. */
  bad?: string | undefined
  /** As written, for messages. */
  raw: string
}

export type Word = { parts: Part[]; raw: string; assignment?: Assignment | undefined }

export type Assignment = {
  name: string
  index: Word | undefined
  append: boolean
  value: Word
  /** `a=(…)` */
  items: (Word | { index: Word; value: Word })[] | undefined
}

export type Redirection = {
  /** File descriptor on the left; `{name}` is not among bots' words. */
  fd: number | undefined
  operator: '<' | '>' | '>>' | '>|' | '<>' | '>&' | '<&' | '&>' | '&>>' | '<<' | '<<<'
  target: Word
}

export type Command = { line: number; redirections: Redirection[] } & (
  | { kind: 'simple'; assignments: Assignment[]; words: Word[] }
  | { kind: 'subshell'; body: List }
  | { kind: 'group'; body: List }
  | { kind: 'if'; branches: { condition: List; body: List }[]; otherwise: List | undefined }
  | { kind: 'for'; name: string; words: Word[] | undefined; body: List; select: boolean }
  | { kind: 'count'; start: Word; condition: Word; step: Word; body: List }
  | { kind: 'while'; until: boolean; condition: List; body: List }
  | { kind: 'case'; subject: Word; items: { patterns: Word[]; body: List; next: ';;' | ';&' | ';;&' }[] }
  | { kind: 'function'; name: string; body: Command; source: string }
  | { kind: 'test'; condition: Condition }
  | { kind: 'let'; expression: Word }
)

/** `[[ … ]]` */
export type Condition =
  | { kind: 'not'; operand: Condition }
  | { kind: 'and' | 'or'; left: Condition; right: Condition }
  | { kind: 'unary'; operator: string; operand: Word }
  | { kind: 'binary'; operator: string; left: Word; right: Word }
  | { kind: 'word'; operand: Word }

export type Pipeline = {
  commands: Command[]
  /** `|&` after the command of this place. */
  both: boolean[]
  negated: boolean
  timed: boolean
}
export type AndOr = {
  first: Pipeline
  rest: { operator: '&&' | '||'; pipeline: Pipeline }[]
  background: boolean
  source: string
}
export type List = AndOr[]
