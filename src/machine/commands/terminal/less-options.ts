import type { Process } from '../../system.ts'

/** How less shows what it reads. */
export type Settings = {
  chop: boolean
  raw: boolean
  numbers: boolean
  keepScreen: boolean
  quitIfOne: boolean
  fold: boolean
  first: string[]
}
const withArgument = new Set('bhjkoOpPtTxyz#"D'.split(''))

/** Options of less(1), those of $LESS before those given; what only changes how it looks inside is taken and let be. */
export const settingsOf = (process: Process): { settings: Settings; files: string[]; version: boolean } => {
  const settings: Settings = {
    chop: false,
    raw: false,
    numbers: false,
    keepScreen: false,
    quitIfOne: false,
    fold: false,
    first: [],
  }
  const files: string[] = []
  let version = false
  const option = (word: string, next: () => string | undefined): void => {
    if (word === '--version' || word === '-V') version = true
    if (word.startsWith('--')) {
      if (/^--(chop-long-lines)/.test(word)) settings.chop = true
      else if (/^--(RAW|raw)/.test(word)) settings.raw = true
      else if (word === '--no-init') settings.keepScreen = true
      else if (word === '--quit-if-one-screen') settings.quitIfOne = true
      return
    }
    for (let i = 1; i < word.length; i++) {
      const letter = word[i]!
      if (letter === 'S') settings.chop = true
      else if (letter === 'R' || letter === 'r') settings.raw = true
      else if (letter === 'N') settings.numbers = true
      else if (letter === 'X') settings.keepScreen = true
      else if (letter === 'F') settings.quitIfOne = true
      else if (letter === 'i' || letter === 'I') settings.fold = true
      else if (withArgument.has(letter)) {
        const value = word.slice(i + 1) || (next() ?? '')
        if (letter === 'p') settings.first.push(`/${value}`)
        return
      }
    }
  }
  const environment = (process.env.get('LESS') ?? '').split(/[ $]+/).filter(Boolean)
  for (const word of environment) option(word.startsWith('-') ? word : `-${word}`, () => undefined)
  for (let at = 1; at < process.argv.length; at++) {
    const word = process.argv[at]!
    if (word.startsWith('+')) settings.first.push(word.slice(1))
    else if (word.startsWith('-') && word.length > 1) option(word, () => process.argv[++at])
    else files.push(word)
  }
  return { settings, files, version }
}
