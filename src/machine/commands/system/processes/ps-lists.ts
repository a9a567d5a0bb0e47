import type { Process } from '../../../system.ts'
import { accountBy } from '../facts.ts'
import { type Column, columns } from './columns.ts'

export type SortKey = { column: Column; descending: boolean }

/** The words of a list that ps takes: commas or blanks between them, a thousand at most. */
export const wordsIn = (text: string): string[] =>
  text
    .split(/[\s,]+/)
    .filter(Boolean)
    .slice(0, 1000)

/** `pid,comm=Name`: each may have a header of its own. Or what is wrong. */
export const columnsIn = (text: string): Column[] | string => {
  const found: Column[] = []
  for (const word of text.split(',').slice(0, 200)) {
    const equals = word.indexOf('=')
    const names = (equals < 0 ? word : word.slice(0, equals)).split(/\s+/).filter(Boolean)
    for (const [index, name] of names.entries()) {
      const column = columns.get(name)
      if (!column) return `unknown user-defined format specifier "${name}"`
      found.push(equals >= 0 && index === names.length - 1 ? { ...column, header: word.slice(equals + 1) } : column)
    }
  }
  return found
}

/** Process, group or session numbers. */
export const idsIn = (text: string): Set<number> | string => {
  const ids = new Set<number>()
  for (const word of wordsIn(text)) {
    if (!/^[+-]?\d+$/.test(word)) return 'process ID list syntax error'
    ids.add(Number(word))
  }
  return ids.size === 0 ? 'list of process IDs must follow -p' : ids
}

/** User numbers, by name or number. */
export const usersIn = (process: Process, text: string): Set<number> | string => {
  const ids = new Set<number>()
  for (const word of wordsIn(text)) {
    const account = accountBy(process, word)
    if (!account && !/^\d+$/.test(word)) return 'user name does not exist'
    ids.add(account?.uid ?? Number(word))
  }
  return ids
}

/** `0`, `pts/0`, `/dev/pts/0`, and `-` for none. */
export const terminalsIn = (text: string): Set<string> =>
  new Set(
    wordsIn(text).map(name => (/^\d+$/.test(name) ? `pts/${name}` : name.replace(/^\/dev\//, '').replace(/^-$/, '?'))),
  )

/** `-rss,+pid` */
export const sortKeysIn = (text: string): SortKey[] | string => {
  const keys: SortKey[] = []
  for (const word of wordsIn(text)) {
    const column = columns.get(word.replace(/^[+-]/, ''))
    if (!column) return 'unknown sort specifier'
    keys.push({ column, descending: word.startsWith('-') })
  }
  return keys
}
