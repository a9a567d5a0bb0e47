import { accounts } from '../accounts.ts'
import { quietly } from '../errors.ts'
import type { Candidate, Completion } from '../terminal/readline/index.ts'
import { builtinNames, isBuiltin } from './builtins/index.ts'
import { absolute, fsOf, get, type Shell } from './state.ts'
import { namesOf } from './variables.ts'
import { spend } from './world.ts'

const RESERVED =
  'if then else elif fi case esac for select while until do done in function time { } ! [[ ]] coproc'.split(' ')
/** Words after which a command comes. */
const BEFORE = new Set('if then else elif while until do { ! time'.split(' '))
/** Characters that readline escapes in a file's name outside quotes (bashline.c). */
const SPECIAL = /[ \t\n\\"'@<>=;|&()#$`?*[!:{~]/g

type Word = {
  /** Where it begins, in bytes, behind an opening quote. */
  start: number
  /** As typed, up to the cursor. */
  text: string
  quote: '' | '"' | "'"
  /** It stands where a command's name does. */
  command: boolean
}

/** The word before the cursor. */
const wordBefore = (line: string): Word => {
  let start = 0
  let quote: Word['quote'] = ''
  let opened = 0
  for (let at = 0; at < line.length; at++) {
    const c = line[at]!
    if (c === '\\' && quote !== "'") at++
    else if (quote !== '') {
      if (c !== quote) continue
      quote = ''
    } else if (c === '"' || c === "'") {
      quote = c
      opened = at + 1
    } else if (' \t\n><=;|&(:'.includes(c)) start = at + 1
  }
  if (quote !== '') start = opened
  const before = line.slice(0, quote === '' ? start : start - 1).trimEnd()
  const last = /[^\s;|&(`]*$/.exec(before)?.[0] ?? ''
  const command = before === '' || /[;|&(`]$/.test(before) || BEFORE.has(last)
  return { start, text: line.slice(start), quote, command: command && line[start - 1] !== '=' }
}

const escaped = (name: string, quote: Word['quote']): string => {
  if (quote === '"') return name.replace(/[\\"$`]/g, '\\$&')
  if (quote === "'") return name.replaceAll("'", "'\\''")
  return name.replace(SPECIAL, '\\$&')
}
const plain = (text: string, quote: Word['quote']): string =>
  quote === "'" ? text : text.replace(/\\([\s\S])/g, quote === '"' ? '\\$1' : '$1').replace(/\\(?=[\\"$`])/g, '')

/** What a folder's text means: tilde and variables in front are looked up, and stay as they are in the line. */
const folderOf = (sh: Shell, text: string): string => {
  const variable = /^\$(?:\{(\w+)\}|(\w+))/.exec(text)
  if (variable) return (get(sh, variable[1] ?? variable[2]!) ?? '') + text.slice(variable[0].length)
  const tilde = /^~([^/]*)(?=\/)/.exec(text)
  if (!tilde) return text
  const home = tilde[1] === '' ? get(sh, 'HOME') : accounts(fsOf(sh)).find(account => account.name === tilde[1])?.home
  return home === undefined ? text : home + text.slice(tilde[0].length)
}

const files = (sh: Shell, word: Word, wanted: (path: string, folder: boolean) => boolean): Candidate[] => {
  const cut = word.text.lastIndexOf('/') + 1
  const written = word.text.slice(0, cut)
  const name = plain(word.text.slice(cut), word.quote)
  const folder = absolute(sh, plain(folderOf(sh, written), word.quote) || '.')
  const fs = fsOf(sh)
  const names = quietly(() => fs.readdir(folder, sh.who), [])
  spend(sh.world, names.length >> 4)
  const found: Candidate[] = []
  for (const entry of [...(name.startsWith('.') ? ['.', '..'] : []), ...names].sort()) {
    if (!entry.startsWith(name)) continue
    spend(sh.world)
    const path = `${folder}/${entry}`
    const isFolder = quietly(() => fs.stat(path, sh.who).type === 'directory', false)
    if (!wanted(path, isFolder)) continue
    const isLink = isFolder && entry !== name && quietly(() => fs.lstat(path, sh.who).type === 'symlink', false)
    found.push({
      text: written + escaped(entry, word.quote),
      shown: isFolder ? `${entry}/` : entry,
      // A link to a folder gets its slash when it is completed again.
      end: isLink ? '' : isFolder ? '/' : `${word.quote} `,
    })
  }
  return found
}

/** Paths that begin so, as `compgen -f` and `-d` write them. */
export const fileNames = (sh: Shell, start: string, folders: boolean): string[] =>
  files(sh, { start: 0, text: start, quote: "'", command: false }, (_, folder) => folder || !folders).map(({ text }) =>
    text.replaceAll("'\\''", "'"),
  )

/** Names of commands: aliases, reserved words, functions, builtins, and programs along PATH, once for each folder if `repeated`. */
export const commandNames = (sh: Shell, start: string, repeated = false): string[] => {
  const names = new Set<string>()
  const again: string[] = []
  for (const name of [...sh.aliases.keys(), ...RESERVED, ...sh.functions.keys(), ...builtinNames()])
    if (name.startsWith(start) && (!builtinNames().includes(name) || isBuiltin(sh, name))) names.add(name)
  for (const folder of new Set((get(sh, 'PATH') ?? '').split(':').slice(0, 64))) {
    const path = absolute(sh, folder || '.')
    const entries = quietly(() => fsOf(sh).readdir(path, sh.who), [])
    spend(sh.world, entries.length >> 4)
    for (const name of entries) {
      if (!name.startsWith(start) || (names.has(name) && !repeated)) continue
      if (quietly(() => fsOf(sh).access(`${path}/${name}`, 1, sh.who), false)) {
        if (names.has(name)) again.push(name)
        else names.add(name)
      }
    }
  }
  return [...names, ...again].sort()
}

const variablesFrom = (sh: Shell, text: string): Candidate[] => {
  const braced = text.startsWith('${')
  const start = text.slice(braced ? 2 : 1)
  return namesOf(sh.variables)
    .filter(name => name.startsWith(start) && /^\w+$/.test(name))
    .map(name => {
      const path = get(sh, name) ?? ''
      const folder = path.startsWith('/') && quietly(() => fsOf(sh).stat(path, sh.who).type === 'directory', false)
      return { text: braced ? `\${${name}}` : `$${name}`, shown: name, end: folder ? '/' : ' ' }
    })
}

const users = (sh: Shell, text: string): Candidate[] =>
  accounts(fsOf(sh))
    .filter(({ name }) => name.startsWith(text.slice(1)))
    .map(({ name }) => ({ text: `~${name}`, shown: `~${name}`, end: '/' }))
    .sort((a, b) => (a.text < b.text ? -1 : 1))

/** What the word before the cursor could become (attempt_shell_completion of bash). The start is in bytes. */
export const completionOf = (sh: Shell, line: string): Completion => {
  const word = wordBefore(line)
  const { text, start, quote } = word
  if (quote !== "'" && /^\$(\{?\w*)$/.test(text) && text !== '$') return { start, candidates: variablesFrom(sh, text) }
  if (quote === '' && text.startsWith('~') && !text.includes('/')) return { start, candidates: users(sh, text) }
  if (!word.command || (quote !== '' && text.includes('/'))) return { start, candidates: files(sh, word, () => true) }
  if (text.includes('/')) {
    const runs = (path: string, folder: boolean) => folder || quietly(() => fsOf(sh).access(path, 1, sh.who), false)
    return { start, candidates: files(sh, word, runs) }
  }
  const names = commandNames(sh, plain(text, quote))
  const folders = names.length > 0 ? [] : files(sh, word, (_, folder) => folder)
  const commands = names.map(name => ({ text: escaped(name, quote), shown: name, end: `${quote} ` }))
  return { start, candidates: [...commands, ...folders] }
}
