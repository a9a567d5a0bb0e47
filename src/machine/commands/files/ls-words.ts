import type { QuotingStyle } from '../quoting.ts'
import type { LsSettings } from './ls-options.ts'

export type Words<T extends string> = readonly (readonly T[])[]
export const when: Words<string> = [
  ['always', 'yes', 'force'],
  ['never', 'no', 'none'],
  ['auto', 'tty', 'if-tty'],
]
export const formats: Words<string> = [
  ['verbose', 'long'],
  ['commas'],
  ['horizontal', 'across'],
  ['vertical'],
  ['single-column'],
]
export const sorts: Words<string> = [['none'], ['time'], ['size'], ['extension'], ['version'], ['width']]
export const times: Words<string> = [
  ['atime', 'access', 'use'],
  ['ctime', 'status'],
  ['birth', 'creation'],
]
export const indicators: Words<LsSettings['indicator']> = [['none'], ['slash'], ['file-type'], ['classify']]
export const quotings: Words<QuotingStyle> = [
  ['literal'],
  ['shell'],
  ['shell-always'],
  ['shell-escape'],
  ['shell-escape-always'],
  ['c'],
  ['escape'],
  ['locale'],
  ['clocale'],
]
export const timeStyles = new Map<string, [string, string]>([
  ['full-iso', ['%Y-%m-%d %H:%M:%S.%N %z', '%Y-%m-%d %H:%M:%S.%N %z']],
  ['long-iso', ['%Y-%m-%d %H:%M', '%Y-%m-%d %H:%M']],
  ['iso', ['%Y-%m-%d ', '%m-%d %H:%M']],
  ['locale', ['%b %e  %Y', '%b %e %H:%M']],
])
export const longOf = {
  verbose: 'long',
  commas: 'commas',
  horizontal: 'across',
  vertical: 'many',
  'single-column': 'one',
} as const
