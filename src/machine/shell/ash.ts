import type { Shell } from './state.ts'

/** Builtins that ash names in what they complain of, with the line behind the name. */
const named =
  /^(\.|source|alias|bg|cd|chdir|eval|exec|exit|export|fg|getopts|hash|jobs|let|local|read|readonly|return|set|shift|times|trap|ulimit|umask|unalias|unset|wait|break|continue): (.*)$/s

/** dash's words, and those of its child. */
const rules: readonly (readonly [from: RegExp, to: string])[] = [
  [/^cannot open (.*): No such file$/s, "can't open $1: no such file"],
  [/^cannot create (.*): Directory nonexistent$/s, "can't create $1: nonexistent directory"],
  [/^cannot (open|create) (.*)$/s, "can't $1 $2"],
  [/^arithmetic expression: division by zero: .*$/s, 'divide by zero'],
  [/^arithmetic expression: .*$/s, 'arithmetic syntax error'],
  [/^(?:test|\[|\[\[): (.*)$/s, '$1'],
  [/^printf: (.*): (?:expected numeric value|not completely converted)$/s, "invalid number '$1'"],
  [/^printf: (%.): invalid directive$/s, '$1: invalid format'],
  [/^printf: Illegal option (.*)$/s, 'printf: illegal option $1'],
  [/^Bad substitution$/, 'syntax error: bad substitution'],
]
const rulesOfBuiltins: readonly (readonly [from: RegExp, to: string])[] = [
  [/^cannot open (.*): .*$/s, "can't open '$1': No such file or directory"],
  [/^Illegal option (.*)$/s, 'illegal option $1'],
]

const reworded = (text: string, by: typeof rules): string => {
  const rule = by.find(([from]) => from.test(text))
  return rule ? text.replace(rule[0], rule[1]) : text
}

/** The shell's own name as ash puts it before what it says: a log-in's with its dash. */
const selfOf = (sh: Shell): string => (sh.mode === 'interactive' && sh.login ? `-${sh.script}` : sh.script)

/** Where: in a script, and wherever a builtin speaks, unless somebody sits before it. A string given to -c is line 0. */
const lineOf = (sh: Shell): string =>
  sh.mode === 'interactive' ? '' : `line ${sh.mode === 'command' ? sh.line - 1 : sh.line}: `

/** A message on standard error as ash 1.35.0 words and places it (ash_vmsg). `message` is what dash would say. */
export const ashMessage = (sh: Shell, message: string): string => {
  const [, builtin, text] = named.exec(message) ?? []
  if (builtin !== undefined) return `${selfOf(sh)}: ${builtin}: ${lineOf(sh)}${reworded(text!, rulesOfBuiltins)}`
  return `${selfOf(sh)}: ${sh.mode === 'script' ? lineOf(sh) : ''}${reworded(message, rules)}`
}

/** `syntax error: unexpected "fi"`, with where it stands. `message` is dash's, after `Syntax error: `. */
export const ashSyntaxError = (sh: Shell, line: number, message: string, builtin?: string): string => {
  const [, what, expecting = ''] = /^(.*) unexpected( \(expecting ".*"\))?$/s.exec(message) ?? []
  const words =
    what === undefined ? message.replace(/^[UB]/, letter => letter.toLowerCase()) : `unexpected ${what}${expecting}`
  const where = builtin === undefined ? (sh.mode === 'script' ? `line ${line}: ` : '') : `${builtin}: ${lineOf(sh)}`
  return `${selfOf(sh)}: ${where}syntax error: ${words}`
}
