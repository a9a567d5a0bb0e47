import type { FileType, Stat } from '../../system.ts'

const letters: Record<FileType, string> = {
  file: '-',
  directory: 'd',
  symlink: 'l',
  fifo: 'p',
  socket: 's',
  char: 'c',
  block: 'b',
}
const bits: Record<FileType, number> = {
  fifo: 0o010000,
  char: 0o020000,
  directory: 0o040000,
  block: 0o060000,
  file: 0o100000,
  symlink: 0o120000,
  socket: 0o140000,
}

/** st_mode: type and permissions. */
export const fullMode = ({ type, mode }: Pick<Stat, 'type' | 'mode'>): number => bits[type] | mode
/** `d`, `-`, `l`: the first letter of `ls -l`. */
export const typeLetter = (type: FileType): string => letters[type]

/** `drwxr-xr-x`. */
export const modeString = ({ type, mode }: Pick<Stat, 'type' | 'mode'>): string =>
  letters[type] + permissionString(mode)

/** `rwxr-xr-x`, with `s` and `t`. */
export const permissionString = (mode: number): string => {
  const triple = (shift: number, special: number, letter: string): string => {
    const has = (bit: number): boolean => ((mode >> shift) & bit) !== 0
    const execute = (mode & special) === 0 ? (has(1) ? 'x' : '-') : has(1) ? letter : letter.toUpperCase()
    return (has(4) ? 'r' : '-') + (has(2) ? 'w' : '-') + execute
  }
  return triple(6, 0o4000, 's') + triple(3, 0o2000, 's') + triple(0, 0o1000, 't')
}

/** What a mode given to chmod(1) makes of a file's permissions. */
export type ModeChange = (before: number, isDirectory: boolean, umask: number) => number

const who = new Map([
  ['u', 0o4700],
  ['g', 0o2070],
  ['o', 0o1007],
  ['a', 0o7777],
])
const mostClauses = 100

/** `0755`, `u+rwx,go-w`, `+x`, `g=u`; `undefined` for what is no mode. */
export const parseMode = (text: string): ModeChange | undefined => {
  if (/^[0-7]{1,16}$/.test(text)) {
    const mode = Number.parseInt(text, 8)
    if (mode > 0o7777) return undefined
    // A directory keeps set-uid and set-gid unless all five digits speak of them.
    return (before, isDirectory) => (isDirectory && text.length < 5 ? mode | (before & 0o6000) : mode)
  }
  const clauses = text.split(',')
  if (clauses.length > mostClauses) return undefined
  const changes: ModeChange[] = []
  for (const clause of clauses) {
    const [, subject = '', actions = ''] = /^([ugoa]*)([-+=].*)$/.exec(clause) ?? []
    const matched = [...actions.matchAll(/([-+=])([rwxXst]+|[ugo]|[0-7]+|)/g)]
    if (matched.length === 0 || matched.reduce((size, [whole]) => size + whole.length, 0) !== actions.length)
      return undefined
    for (const [, operator, value] of matched) {
      const change = oneChange(subject, operator!, value!)
      if (!change) return undefined
      changes.push(change)
    }
  }
  return (before, isDirectory, umask) =>
    changes.reduce((mode, change) => change(mode, isDirectory, umask), before) & 0o7777
}

const oneChange = (subject: string, operator: string, value: string): ModeChange | undefined => {
  const named = [...subject].reduce((mask, letter) => mask | who.get(letter)!, 0)
  const numeric = /^[0-7]/.test(value)
  if (numeric && (subject !== '' || Number.parseInt(value, 8) > 0o7777)) return undefined
  return (before, isDirectory, umask) => {
    const affected = named || 0o7777
    let wanted = numeric ? Number.parseInt(value, 8) : wantedBits(value, before, isDirectory) & affected
    // Without a subject the mask of the process goes on hiding what it hides.
    if (named === 0 && !numeric) wanted &= ~umask
    if (operator === '+') return before | wanted
    if (operator === '-') return before & ~wanted
    const kept = before & ~(numeric ? 0o7777 : affected)
    const special = isDirectory && !numeric && !/s/.test(value) ? before & 0o6000 : 0
    return kept | wanted | special
  }
}

const wantedBits = (value: string, before: number, isDirectory: boolean): number => {
  const copied = 'ugo'.includes(value) && value !== '' ? (before >> (6 - 3 * 'ugo'.indexOf(value))) & 7 : 0
  let wanted = copied * 0o111
  for (const letter of value) {
    if (letter === 'r') wanted |= 0o444
    else if (letter === 'w') wanted |= 0o222
    else if (letter === 'x') wanted |= 0o111
    else if (letter === 'X') wanted |= isDirectory || (before & 0o111) !== 0 ? 0o111 : 0
    else if (letter === 's') wanted |= 0o6000
    else if (letter === 't') wanted |= 0o1000
  }
  return wanted
}
