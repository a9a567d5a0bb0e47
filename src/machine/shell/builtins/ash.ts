import { ashTest } from './ash-test.ts'
import type { Builtin } from './index.ts'
import { emit } from './print.ts'

/** What ash 1.35.0 lists as its own. */
const names = `. : [ [[ alias bg break cd chdir command continue echo eval exec
	exit export false fg getopts hash help history jobs kill let
	local printf pwd read readonly return set shift source test times
	trap true type ulimit umask unalias unset wait`

const help: Builtin = sh => emit(sh, 'help', `Built-in commands:\n------------------\n\t${names}\n`)

/** All that line editing remembers, whatever is asked for (show_history of lineedit.c). */
const history: Builtin = sh =>
  emit(sh, 'history', sh.history.map((line, i) => `${String(i).padStart(4)} ${line}\n`).join(''))

/** What BusyBox's shell has and dash has not, besides what it shares with bash. */
export const ashBuiltins: readonly (readonly [string, Builtin])[] = [
  ...['test', '[', '[['].map(name => [name, ashTest] as const),
  ['help', help],
  ['history', history],
]
/** Of bash's builtins, those that ash has too. */
export const sharedWithBash: ReadonlySet<string> = new Set(['source', 'let', 'history', 'help'])
