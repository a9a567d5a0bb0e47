import { entries } from './terminfo-entries.ts'

/** terminfo(5) of one terminal: strings still have their padding and parameters. */
export type TerminalInfo = {
  name: string
  flags: ReadonlySet<string>
  numbers: ReadonlyMap<string, number>
  strings: ReadonlyMap<string, string>
}

const table = new Map(entries.map(entry => [entry[0], entry]))
const read = new Map<string, TerminalInfo>()

/** The entry of `$TERM`; `undefined` where the machine has none. */
export const terminalInfo = (name: string): TerminalInfo | undefined => {
  const found = read.get(name)
  if (found) return found
  const entry = table.get(name)
  if (!entry) return undefined
  const base = entry[1] === '' ? undefined : terminalInfo(entry[1])
  const flags = new Set(base?.flags)
  const numbers = new Map(base?.numbers)
  const strings = new Map(base?.strings)
  for (const item of entry[2].split(', ')) {
    const [, key = '', kind, value = ''] = /^(-?\w+)(?:([#=])([\s\S]*))?$/.exec(item) ?? []
    if (key.startsWith('-')) for (const all of [flags, numbers, strings]) all.delete(key.slice(1))
    else if (kind === '#') numbers.set(key, Number(value))
    else if (kind === '=') strings.set(key, unescaped(value))
    else flags.add(key)
  }
  const info = { name, flags, numbers, strings }
  read.set(name, info)
  return info
}

const letters = new Map([
  ['E', '\x1b'],
  ['e', '\x1b'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['f', '\f'],
  ['s', ' '],
  ['0', '\x80'],
])
const unescaped = (text: string): string =>
  text
    .replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    .replace(/\\(.)|\^(.)/g, (_, letter?: string, control?: string) =>
      control === undefined
        ? (letters.get(letter!) ?? letter!)
        : control === '?'
          ? '\x7f'
          : String.fromCharCode(control.charCodeAt(0) & 31),
    )

/** tputs(3): padding as NUL bytes at this speed, where the entry asks for it and the terminal has no flow control. */
export const padded = (text: string, baud: number, lines = 1): string =>
  text.replace(/\$<([\d.]+)([*/]*)>/g, (_, milliseconds: string, how: string) => {
    const time = Number(milliseconds) * (how.includes('*') ? lines : 1)
    // tputs pads by whole tenths of milliseconds of nine bits a character.
    return how.includes('/') || baud >= 1_000_000
      ? ''
      : '\0'.repeat(Math.min(2000, Math.ceil((time * baud) / 9000 - 1)))
  })

/** Work of one string: none of ours takes more. */
const mostOperations = 500

/** tparm(3): a string with its parameters filled in; what it cannot compute is left out. */
export const withParameters = (text: string, given: readonly number[]): string => {
  const parameters = [...given, 0, 0, 0, 0, 0, 0, 0, 0, 0].slice(0, 9)
  const stack: number[] = []
  const pop = (): number => stack.pop() ?? 0
  let out = ''
  let at = 0
  /** Past the rest of a branch: to `%e` or `%;` of this level. */
  const skip = (toElse: boolean): void => {
    for (let depth = 0; at < text.length; at++) {
      if (text[at] !== '%') continue
      const c = text[++at]
      if (c === '?') depth++
      else if (c === ';' && depth-- === 0) break
      else if (c === 'e' && depth === 0 && toElse) break
    }
    at++
  }
  for (let count = 0; at < text.length && count < mostOperations; count++) {
    const c = text[at++]!
    if (c !== '%') {
      out += c
      continue
    }
    const operator = text[at++] ?? ''
    const number = /^:?[-+# 0]*(\d+)?(?:\.\d+)?[doxX]/.exec(text.slice(at - 1, at + 12))
    if (operator === 'p') stack.push(parameters[Number(text[at++]) - 1] ?? 0)
    else if (operator === 'i') for (const n of [0, 1]) parameters[n]! += 1
    else if (operator === '{') {
      const end = text.indexOf('}', at)
      stack.push(Number(text.slice(at, end)) || 0)
      at = end === -1 ? text.length : end + 1
    } else if (operator === "'") {
      stack.push(text.charCodeAt(at))
      at += 2
    } else if (operator === '?' || operator === ';') continue
    else if (operator === 't') {
      if (pop() === 0) skip(true)
    } else if (operator === 'e') skip(false)
    else if (operator === '%') out += '%'
    else if (operator === 'c') out += String.fromCharCode(pop() & 255)
    else if (binary.has(operator)) {
      const right = pop()
      stack.push(binary.get(operator)!(pop(), right))
    } else if (operator === '!') stack.push(pop() === 0 ? 1 : 0)
    else if (number) {
      at += number[0].length - 1
      const radix = /x$/i.test(number[0]) ? 16 : number[0].endsWith('o') ? 8 : 10
      const digits = Math.trunc(pop()).toString(radix)
      out += /(^|\D)0\d/.test(number[0]) ? digits.padStart(Math.min(20, Number(number[1])), '0') : digits
    }
  }
  return out
}

const binary = new Map<string, (a: number, b: number) => number>([
  ['+', (a, b) => a + b],
  ['-', (a, b) => a - b],
  ['*', (a, b) => a * b],
  ['/', (a, b) => (b === 0 ? 0 : Math.trunc(a / b))],
  ['m', (a, b) => (b === 0 ? 0 : a % b)],
  ['=', (a, b) => (a === b ? 1 : 0)],
  ['<', (a, b) => (a < b ? 1 : 0)],
  ['>', (a, b) => (a > b ? 1 : 0)],
  ['&', (a, b) => a & b],
  ['|', (a, b) => a | b],
  ['A', (a, b) => (a !== 0 && b !== 0 ? 1 : 0)],
  ['O', (a, b) => (a !== 0 || b !== 0 ? 1 : 0)],
])
