import { compareVersions } from '../files/versions.ts'

/** Letters of `-k` and of the options that set the same for all keys. */
export type Ordering = {
  blanks: boolean
  blanksAtEnd: boolean
  dictionary: boolean
  fold: boolean
  printable: boolean
  reverse: boolean
  kind: 'text' | 'numeric' | 'general' | 'human' | 'month' | 'random' | 'version'
  given: boolean
}
/** Fields and characters counted from 0; no end: that of the line. */
export type Key = Ordering & {
  startField: number
  startChar: number
  end: { field: number; char: number } | undefined
}

export const plainOrdering = (): Ordering => ({
  blanks: false,
  blanksAtEnd: false,
  dictionary: false,
  fold: false,
  printable: false,
  reverse: false,
  kind: 'text',
  given: false,
})

const kinds = new Map<string, Ordering['kind']>([
  ['n', 'numeric'],
  ['g', 'general'],
  ['h', 'human'],
  ['M', 'month'],
  ['R', 'random'],
  ['V', 'version'],
])

/** Sets what the letter means; `false` for one that is none. */
export const setOrdering = (ordering: Ordering, letter: string, place: 'start' | 'end' | 'both' = 'both'): boolean => {
  const kind = kinds.get(letter)
  if (kind) ordering.kind = kind
  else if (letter === 'b') {
    if (place !== 'end') ordering.blanks = true
    if (place !== 'start') ordering.blanksAtEnd = true
  } else if (letter === 'd') ordering.dictionary = true
  else if (letter === 'f') ordering.fold = true
  else if (letter === 'i') ordering.printable = true
  else if (letter === 'r') ordering.reverse = true
  else return false
  ordering.given = true
  return true
}

/** `2,2nr`, `1.3,1.5`; a message where it is none. */
export const parseKey = (text: string, quoted: string): Key | { message: string } => {
  const bad = (what: string) => ({ message: `${what} ${quoted}` })
  const found = /^([0-9]*)(?:\.([0-9]*))?([a-zA-Z]*)(?:,([0-9]*)(?:\.([0-9]*))?([a-zA-Z]*))?(.*)$/s.exec(text)!
  const [, field = '', char, letters = '', endField, endChar, endLetters = '', rest] = found
  if (field === '') return { message: `invalid number at field start: invalid count at start of ${quoted}` }
  if (Number(field) === 0) return bad('field number is zero: invalid field specification')
  if (char !== undefined && (char === '' || Number(char) === 0))
    return bad('character offset is zero: invalid field specification')
  const key: Key = {
    ...plainOrdering(),
    startField: Number(field) - 1,
    startChar: Number(char ?? 1) - 1,
    end: undefined,
  }
  if (endField !== undefined) {
    if (endField === '')
      return { message: `invalid number after ',': invalid count at start of '${text.slice(text.indexOf(',') + 1)}'` }
    if (Number(endField) === 0) return bad('field number is zero: invalid field specification')
    key.end = { field: Number(endField) - 1, char: Number(endChar ?? 0) }
  }
  for (const letter of letters)
    if (!setOrdering(key, letter, 'start')) return bad('stray character in field spec: invalid field specification')
  for (const letter of endLetters)
    if (!setOrdering(key, letter, 'end')) return bad('stray character in field spec: invalid field specification')
  if (rest !== '') return bad('stray character in field spec: invalid field specification')
  return key
}

const isBlank = (c: string | undefined): boolean => c === ' ' || c === '\t' || c === '\n'

/** Where the field begins: blanks before it belong to it, unless a separator was named. */
const fieldStart = (line: string, field: number, separator: string | undefined): number => {
  let at = 0
  for (let i = 0; i < field && at < line.length; i++) {
    if (separator !== undefined) {
      const stop = line.indexOf(separator, at)
      at = stop < 0 ? line.length : stop + 1
    } else {
      while (isBlank(line[at])) at++
      while (at < line.length && !isBlank(line[at])) at++
    }
  }
  return at
}

/** The part of the line that the key means. */
export const keyOf = (line: string, key: Key, separator: string | undefined): string => {
  let start = fieldStart(line, key.startField, separator)
  if (key.blanks) while (isBlank(line[start])) start++
  start = Math.min(line.length, start + key.startChar)
  let stop = line.length
  if (key.end) {
    const { field, char } = key.end
    if (char === 0) {
      stop = fieldStart(line, field, separator)
      if (separator !== undefined) {
        const next = line.indexOf(separator, stop)
        stop = next < 0 ? line.length : next
      } else {
        while (isBlank(line[stop])) stop++
        while (stop < line.length && !isBlank(line[stop])) stop++
      }
    } else {
      stop = fieldStart(line, field, separator)
      if (key.blanksAtEnd) while (isBlank(line[stop])) stop++
      stop = Math.min(line.length, stop + char)
    }
  }
  return line.slice(start, Math.max(start, stop))
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const order = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0)

/** Numbers as `-n` reads them, of any length. */
const numericParts = (text: string): { sign: number; whole: string; fraction: string } => {
  const found = /^[ \t]*(-?)([0-9]*)(?:\.([0-9]*))?/.exec(text)!
  const whole = found[2]!.replace(/^0+/, '')
  const fraction = (found[3] ?? '').replace(/0+$/, '')
  return { sign: whole === '' && fraction === '' ? 0 : found[1] === '-' ? -1 : 1, whole, fraction }
}
const compareNumeric = (a: string, b: string): number => {
  const [x, y] = [numericParts(a), numericParts(b)]
  if (x.sign !== y.sign) return x.sign - y.sign
  const size = x.whole.length - y.whole.length || order(x.whole, y.whole) || order(x.fraction, y.fraction)
  return x.sign < 0 ? -size : size
}

const general = (text: string): number | undefined => {
  const found =
    /^[ \t\n]*([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?inf(?:inity)?|nan|0[xX][0-9a-fA-F]+)/i.exec(
      text,
    )
  if (!found) return undefined
  return /inf/i.test(found[1]!) ? (found[1]!.startsWith('-') ? -Infinity : Infinity) : Number(found[1])
}
const compareGeneral = (a: string, b: string): number => {
  const [x, y] = [general(a), general(b)]
  if (x === undefined || y === undefined) return (x === undefined ? 0 : 1) - (y === undefined ? 0 : 1)
  if (Number.isNaN(x) || Number.isNaN(y)) return (Number.isNaN(x) ? 0 : 1) - (Number.isNaN(y) ? 0 : 1)
  return order(x, y)
}

const scale = (text: string): number => {
  const found = /^[ \t]*(-?)[0-9.]*([KkMGTPEZY]?)/.exec(text)!
  const { sign } = numericParts(text)
  const power = found[2] === '' ? 0 : 'KMGTPEZY'.indexOf(found[2]!.toUpperCase()) + 1
  return sign === 0 ? 0 : sign * (power + 1)
}

const monthOf = (text: string): number =>
  months.indexOf(
    text
      .replace(/^[ \t]+/, '')
      .slice(0, 3)
      .toUpperCase(),
  )

/** Compares two keys of lines; `shuffle` gives `-R` its order. */
export const compareKeys = (ordering: Ordering, a: string, b: string, shuffle: (text: string) => string): number => {
  const clean = (text: string): string => {
    let out = text
    if (ordering.dictionary) out = out.replace(/[^A-Za-z0-9 \t]/g, '')
    else if (ordering.printable) out = out.replace(/[^ -~]/g, '')
    return ordering.fold ? out.replace(/[a-z]+/g, letters => letters.toUpperCase()) : out
  }
  let result: number
  switch (ordering.kind) {
    case 'numeric':
      result = compareNumeric(a, b)
      break
    case 'general':
      result = compareGeneral(a, b)
      break
    case 'human':
      result = scale(a) - scale(b) || compareNumeric(a, b)
      break
    case 'month':
      result = monthOf(a) - monthOf(b)
      break
    case 'random':
      result = a === b ? 0 : order(shuffle(a), shuffle(b))
      break
    case 'version':
      result = compareVersions(clean(a), clean(b))
      break
    default:
      result = order(clean(a), clean(b))
  }
  return ordering.reverse ? -result : result
}
