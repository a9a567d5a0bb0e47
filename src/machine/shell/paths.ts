import type { Stat } from '../system.ts'
import { absolute, fsOf, type Shell, whoOf } from './state.ts'

/** stat(2), or nothing where it fails. */
export const statSafe = (sh: Shell, path: string): Stat | undefined => {
  try {
    return fsOf(sh).stat(absolute(sh, path), whoOf(sh))
  } catch {
    return undefined
  }
}

/** What bash says when the directory that it is in was removed. */
export const noWayUp =
  'error retrieving current directory: getcwd: cannot access parent directories: No such file or directory'

/** A path without `.`, `..` and double slashes, by its text alone: what `cd -L` goes by. */
export const tidy = (path: string): string => {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}
