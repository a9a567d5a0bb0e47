import type { Process } from '../system.ts'

/** How gnulib's quotearg writes names: `ls --quoting-style` names the styles. */
export type QuotingStyle =
  | 'literal'
  | 'shell'
  | 'shell-always'
  | 'shell-escape'
  | 'shell-escape-always'
  | 'c'
  | 'escape'
  | 'locale'
  | 'clocale'

/** The program's locale shows characters beyond ASCII as themselves. */
export const speaksUtf8 = ({ env }: Process): boolean =>
  /utf-?8/i.test([env.get('LC_ALL'), env.get('LC_CTYPE'), env.get('LANG')].find(value => value) ?? '')

const named = new Map([
  ['\x07', 'a'],
  ['\b', 'b'],
  ['\f', 'f'],
  ['\n', 'n'],
  ['\r', 'r'],
  ['\t', 't'],
  ['\v', 'v'],
])
const utf8 =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf4][\x80-\xbf]{3}/g

/** Pieces of a name: printable characters (of several bytes in UTF-8) and bytes that are none. */
const piecesOf = (name: string, isUtf8: boolean): { text: string; printable: boolean }[] => {
  const pieces: { text: string; printable: boolean }[] = []
  let at = 0
  const bytes = (until: number): void => {
    for (; at < until; at++) pieces.push({ text: name[at]!, printable: name[at]! >= ' ' && name[at]! <= '~' })
  }
  if (isUtf8) {
    for (const found of name.matchAll(utf8)) {
      bytes(found.index)
      // The controls of C1 print nothing.
      pieces.push({ text: found[0], printable: !/^\xc2[\x80-\x9f]$/.test(found[0]) })
      at = found.index + found[0].length
    }
  }
  bytes(name.length)
  return pieces
}

const octal = (text: string): string =>
  [...text].map(byte => `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`).join('')

/** The name in that style; `more`: characters that need quoting besides. */
export const quoteName = (name: string, style: QuotingStyle, isUtf8 = false, more = ''): string => {
  switch (style) {
    case 'literal':
      return name
    case 'c':
      return `"${escaped(name, isUtf8, '"')}"`
    case 'escape':
      return escaped(name, isUtf8, ' ')
    case 'locale':
      return isUtf8 ? `\xe2\x80\x98${escaped(name, isUtf8, '')}\xe2\x80\x99` : `'${escaped(name, isUtf8, "'")}'`
    case 'clocale':
      return isUtf8 ? `\xe2\x80\x98${escaped(name, isUtf8, '')}\xe2\x80\x99` : `"${escaped(name, isUtf8, '"')}"`
    default:
      return shellQuoted(name, style, isUtf8, more)
  }
}

const escaped = (name: string, isUtf8: boolean, special: string): string =>
  piecesOf(name, isUtf8)
    .map(({ text, printable }) => {
      if (text === '\\' || (special !== '' && text === special)) return `\\${text}`
      const letter = named.get(text)
      return letter !== undefined ? `\\${letter}` : printable ? text : octal(text)
    })
    .join('')

const needsQuotes = /[ !"$&()*;<=>[^`|'?\\\x07-\x0d]|^[#~]|^[{}]$/

const shellQuoted = (name: string, style: QuotingStyle, isUtf8: boolean, more: string): string => {
  const escapes = style.startsWith('shell-escape')
  const pieces = piecesOf(name, isUtf8)
  const always = style.endsWith('always')
  const plain =
    name !== '' &&
    !needsQuotes.test(name) &&
    !(escapes && pieces.some(({ printable }) => !printable)) &&
    ![...more].some(char => name.includes(char))
  if (plain && !always) return name
  // `"it's"` where nothing else in it is special in double quotes or out of the ordinary.
  if (name.includes("'") && pieces.every(({ text, printable }) => printable && !/^[!"$&()*;<=>[^`|?\\{}]$/.test(text)))
    return `"${name}"`
  let out = "'"
  let inEscape = false
  for (const { text, printable } of pieces) {
    if (escapes && !printable) {
      if (!inEscape) out += "'$'"
      inEscape = true
      const letter = named.get(text)
      out += letter === undefined ? octal(text) : `\\${letter}`
      continue
    }
    if (inEscape) out += "''"
    inEscape = false
    out += text === "'" ? "'\\''" : text
  }
  return `${out}'`
}

/** In messages, as quote() of gnulib: `'x'`, or typographic quotes in UTF-8. */
export const quote = (process: Process, text: string): string => quoteName(text, 'locale', speaksUtf8(process))
/** In messages about files, as quoteaf(): always in quotes of the shell. */
export const quoteFile = (process: Process, name: string): string =>
  quoteName(name, 'shell-escape-always', speaksUtf8(process))
/** In messages that begin with a file, as quotef(): in quotes only where need be. */
export const quoteColon = (process: Process, name: string): string =>
  quoteName(name, 'shell-escape', speaksUtf8(process), ':')
