import type { Shell } from '../state.ts'
import { ashBuiltins, sharedWithBash } from './ash.ts'
import { completionBuiltins } from './completion.ts'
import { declarations } from './declarations.ts'
import { flow } from './flow.ts'
import { historyBuiltins } from './history.ts'
import { jobControl } from './job-control.ts'
import { naming } from './naming.ts'
import { places } from './places.ts'
import { echo, printf } from './print.ts'
import { mapfile, read } from './read.ts'
import { settings } from './settings.ts'
import { test } from './test.ts'

/** Runs inside the shell; gets its arguments without its name, and the name it was called by. */
export type Builtin = (sh: Shell, args: string[], name: string) => Promise<number> | number

const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  [':', () => 0],
  ['true', () => 0],
  ['false', () => 1],
  ['echo', echo],
  ['printf', printf],
  ['read', read],
  ['mapfile', mapfile],
  ['readarray', mapfile],
  ['test', test],
  ['[', test],
  ...flow,
  ...places,
  ...declarations,
  ...settings,
  ...jobControl,
  ...naming,
  ...historyBuiltins,
  ...completionBuiltins,
])

const ASH: ReadonlyMap<string, Builtin> = new Map(ashBuiltins)

/** Those that dash lacks. */
const BASH_ONLY = new Set([
  'bind',
  'compgen',
  'complete',
  'compopt',
  'builtin',
  'caller',
  'declare',
  'dirs',
  'disown',
  'enable',
  'help',
  'history',
  'let',
  'logout',
  'mapfile',
  'popd',
  'pushd',
  'readarray',
  'shopt',
  'source',
  'suspend',
  'typeset',
])

export const isBuiltin = (sh: Shell, name: string): boolean =>
  (sh.ash && ASH.has(name)) ||
  (BUILTINS.has(name) &&
    !(sh.flavour === 'sh' && BASH_ONLY.has(name) && !(sh.ash && sharedWithBash.has(name))) &&
    !sh.shopt.has(`disabled:${name}`))

export const findBuiltin = (sh: Shell, name: string): Builtin | undefined =>
  isBuiltin(sh, name) ? ((sh.ash ? ASH.get(name) : undefined) ?? BUILTINS.get(name)) : undefined

export const builtinNames = (): string[] => [...BUILTINS.keys()].sort()
