import { SystemError } from '../system.ts'
import { absolute, fsOf, get, type Shell, set } from './state.ts'

/** Lines that a shell remembers whatever HISTSIZE says, and bytes of a line. */
const mostLines = 2000
const lineMax = 4096
const fileMax = 1 << 18

const limitOf = (sh: Shell, name: string): number => {
  const text = get(sh, name)
  if (text === undefined || !/^\s*-?\d+\s*$/.test(text)) return mostLines
  const number = Number(text)
  return number < 0 ? mostLines : Math.min(number, mostLines)
}

const file = (sh: Shell): string | undefined => {
  const name = get(sh, 'HISTFILE')
  return name ? absolute(sh, name) : undefined
}

/** What the file holds. */
export const readHistory = (sh: Shell, path: string): string[] => {
  try {
    const text = fsOf(sh).readFile(path, sh.who, { max: fileMax }).toString('latin1')
    return text.split('\n', mostLines * 2).filter(line => line !== '')
  } catch (error) {
    if (error instanceof SystemError) return []
    throw error
  }
}

/** When an interactive bash has read its startup files. */
export const loadHistory = (sh: Shell): void => {
  if (get(sh, 'HISTFILE') === undefined) set(sh, 'HISTFILE', `${get(sh, 'HOME') ?? ''}/.bash_history`)
  if (get(sh, 'HISTSIZE') === undefined) set(sh, 'HISTSIZE', '500')
  if (get(sh, 'HISTFILESIZE') === undefined) set(sh, 'HISTFILESIZE', get(sh, 'HISTSIZE')!)
  const path = file(sh)
  if (path) sh.history.push(...readHistory(sh, path).slice(-limitOf(sh, 'HISTSIZE')))
  sh.historyNew = 0
}

/** The quote that is open at the end of the text; a backquote counts as one. */
export const openQuote = (text: string): '' | '"' | "'" | '`' => {
  let open: ReturnType<typeof openQuote> = ''
  for (let at = 0; at < text.length; at++) {
    const c = text[at]!
    if (c === '\\' && open !== "'") at++
    else if (open !== '') open = c === open ? '' : open
    else if (c === "'" || c === '"' || c === '`') open = c
    else if (c === '#' && (at === 0 || /\s/.test(text[at - 1]!))) {
      const end = text.indexOf('\n', at)
      at = end === -1 ? text.length : end
    }
  }
  return open
}

/** What stands after these goes on without a semicolon. */
const GOES_ON = /(?:^|[\s;&|({])(?:do|then|else|if|case|until|while|in|elif)$|[{(;&|]$|\)$/

/** Lines of one command as one entry (`cmdhist`). `before` is what was entered already, with its newline. */
export const joined = (before: string, line: string): string => {
  const text = before.replace(/\n$/, '')
  if (openQuote(before) !== '') return `${text}\n${line}`
  // The end of a here-document keeps its newline.
  const delimiter = /<<-?\s*\\?['"]?([^\s'"<>|&;()]+)/.exec(before)?.[1]
  if (delimiter !== undefined) return `${text}\n${line}${line.trim() === delimiter ? '\n' : ''}`
  if (/(?:^|[^\\])(?:\\\\)*\\$/.test(text)) return text.slice(0, -1) + line
  if (line.trim() === '') return text
  return `${text}${GOES_ON.test(text) ? ' ' : '; '}${line}`
}

/** Adds an entered command as HISTCONTROL and HISTIGNORE will have it. */
export const remember = (sh: Shell, text: string): void => {
  const line = text.slice(0, lineMax)
  if (line === '' || sh.options.has('nohistory')) return
  const control = (get(sh, 'HISTCONTROL') ?? '').split(':')
  const both = control.includes('ignoreboth')
  if ((both || control.includes('ignorespace')) && line.startsWith(' ')) return
  if ((both || control.includes('ignoredups')) && sh.history.at(-1) === line) return
  if (control.includes('erasedups')) {
    const others = sh.history.filter(one => one !== line)
    sh.history.splice(0, sh.history.length, ...others)
  }
  sh.history.push(line)
  sh.historyNew++
  const most = limitOf(sh, 'HISTSIZE')
  while (sh.history.length > most) {
    sh.history.shift()
    sh.historyBase++
  }
  sh.historyNew = Math.min(sh.historyNew, sh.history.length)
}

/** Takes the entry back, if it is the last. */
export const forget = (sh: Shell, text: string): void => {
  if (sh.history.at(-1) !== text) return
  sh.history.pop()
  sh.historyNew = Math.max(0, sh.historyNew - 1)
}

/** At the end of an interactive bash: its own lines are added to the file, which is cut to HISTFILESIZE. */
export const saveHistory = (sh: Shell): void => {
  const path = file(sh)
  if (!path || sh.historyNew === 0) return
  const own = sh.history.slice(-sh.historyNew)
  sh.historyNew = 0
  writeHistory(sh, path, [...readHistory(sh, path), ...own])
}

export const writeHistory = (sh: Shell, path: string, lines: readonly string[]): void => {
  const kept = lines.slice(-Math.min(limitOf(sh, 'HISTFILESIZE'), mostLines))
  try {
    fsOf(sh).writeFile(path, Buffer.from(kept.map(line => `${line}\n`).join(''), 'latin1'), sh.who, { mode: 0o600 })
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
  }
}
