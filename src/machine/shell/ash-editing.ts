import { quietly } from '../errors.ts'
import type { Input, Terminal } from '../system.ts'
import { editLine, type Line, type Matches } from '../terminal/lineedit/index.ts'
import { builtinNames, isBuiltin } from './builtins/index.ts'
import { absolute, fsOf, get, type Shell, write } from './state.ts'
import { spend } from './world.ts'

/** CONFIG_FEATURE_EDITING_HISTORY: lines that are remembered. */
const mostLines = 255

/** A line that was entered at a terminal: one like the last is not remembered again, neither is an empty one. */
export const rememberLine = ({ history }: Shell, line: string): void => {
  if (line === '' || history.at(-1) === line) return
  history.push(line)
  if (history.length > mostLines) history.shift()
}

/** A line from a person before ash, edited as BusyBox does. */
export const editedByAsh = async (
  sh: Shell,
  terminal: Terminal,
  input: Input,
  prompt: string,
): Promise<Line | 'interrupted' | undefined> => {
  const found = await editLine({
    terminal,
    read: max => input.read(max),
    write: bytes => write(sh, 2, bytes),
    prompt,
    history: sh.history,
    // Debian's build does; a device's default configuration does not.
    asks: sh.world.process.host.make.busybox === undefined,
    complete: before => matchesOf(sh, before),
    step: cost => sh.world.process.step(cost),
  })
  if (typeof found === 'object') rememberLine(sh, found.text)
  return found
}

/** Characters that a name gets a backslash before. */
const special = new Set(' \t\n"\'\\#$~?*[{()&;|<>`')
const quoted = (name: string): string => [...name].map(c => (special.has(c) ? `\\${c}` : c)).join('')

/** What the word before the cursor could become: a command's name where one stands, a file's elsewhere. */
const matchesOf = (sh: Shell, before: string): Matches => {
  const word = wordBefore(before)
  const cut = word.text.lastIndexOf('/') + 1
  const folder = word.text.slice(0, cut)
  const name = word.text.slice(cut).replace(/\\([\s\S])/g, '$1')
  const path = folder.replace(/\\([\s\S])/g, '$1')
  const start = word.start + cut
  if (word.command && cut === 0) return { start, names: commandNames(sh, name), quoted }
  const found = namesIn(sh, path, name)
  const folders = found.filter(one => one.endsWith('/'))
  if (!word.command && /^\s*cd\s/.test(before)) return { start, names: folders, quoted }
  const runs = word.command ? found.filter(one => one.endsWith('/') || mayRun(sh, path + one)) : []
  return { start, names: runs.length > 0 ? runs : found, quoted }
}

type Word = { start: number; text: string; command: boolean }

/** The last word: quotes, operators and `=` begin one; a command's name stands first and behind operators. */
const wordBefore = (before: string): Word => {
  let start = 0
  let command = true
  for (let at = 0; at < before.length; at++) {
    const c = before[at]!
    if (c === '\\') at++
    else if (';|&(`{'.includes(c)) {
      command = true
      start = at + 1
    } else if (' \t'.includes(c)) {
      if (start < at) command = false
      start = at + 1
    } else if ('<>'.includes(c)) {
      command = false
      start = at + 1
    } else if ('"\'='.includes(c)) start = at + 1
  }
  return { start, text: before.slice(start), command }
}

const mayRun = (sh: Shell, path: string): boolean =>
  quietly(() => fsOf(sh).access(absolute(sh, path), 1, sh.who), false)

/** Files of a folder that begin so, folders with a slash. */
const namesIn = (sh: Shell, folder: string, start: string): string[] => {
  const fs = fsOf(sh)
  const path = absolute(sh, folder === '' ? '.' : folder)
  const names = quietly(() => fs.readdir(path, sh.who), [])
  spend(sh.world, names.length >> 4)
  return names
    .filter(name => name.startsWith(start))
    .sort()
    .map(name => (quietly(() => fs.stat(`${path}/${name}`, sh.who).type === 'directory', false) ? `${name}/` : name))
}

/** Builtins, and programs along PATH. */
const commandNames = (sh: Shell, start: string): string[] => {
  const names = new Set(builtinNames().filter(name => name.startsWith(start) && isBuiltin(sh, name)))
  for (const folder of new Set((get(sh, 'PATH') ?? '').split(':').slice(0, 64)))
    for (const name of namesIn(sh, folder, start))
      if (!name.endsWith('/') && mayRun(sh, `${folder}/${name}`)) names.add(name)
  return [...names].sort()
}
