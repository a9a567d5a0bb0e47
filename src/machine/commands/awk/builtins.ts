import type { Regex } from '../../regex/regex.ts'
import { strftime } from '../../strftime.ts'
import { FormatFault, sprintf } from './format.ts'
import { limits, type Machine, RunFault } from './machine.ts'
import { fromOutside, type Table, toNumber, type Value } from './values.ts'

/** sprintf, with mawk's words for what is wrong. */
export const formatted = (machine: Machine, name: 'printf' | 'sprintf', format: string, args: Value[]): string => {
  try {
    return sprintf(format, args, number => machine.text(number))
  } catch (error) {
    if (!(error instanceof FormatFault)) throw error
    throw new RunFault(`${error.message} ${name}("${format}")`)
  }
}

const lower = (text: string): string => text.replace(/[A-Z]+/g, letters => letters.toLowerCase())
const upper = (text: string): string => text.replace(/[a-z]+/g, letters => letters.toUpperCase())

/** The part of a text as this mawk cuts it: a start below one adds to the length. */
const substring = (text: string, from: number, length: number | undefined): string => {
  let start = Math.trunc(from)
  if (length === undefined) return text.slice(Math.max(start, 1) - 1)
  let count = Math.trunc(length)
  if (start < 1) {
    count -= start
    start = 1
  }
  return count <= 0 ? '' : text.slice(start - 1, start - 1 + count)
}

/** Functions of values alone. */
export const pure = (machine: Machine, name: string, args: Value[]): Value => {
  const text = (i: number): string => machine.text(args[i])
  const number = (i: number): number => toNumber(args[i])
  switch (name) {
    case 'length':
      return text(0).length
    case 'substr':
      return substring(text(0), number(1), args.length > 2 ? number(2) : undefined)
    case 'index':
      return text(0).indexOf(text(1)) + 1
    case 'sprintf':
      return formatted(machine, 'sprintf', text(0), args.slice(1))
    case 'sin':
      return Math.sin(number(0))
    case 'cos':
      return Math.cos(number(0))
    case 'atan2':
      return Math.atan2(number(0), number(1))
    case 'exp':
      return Math.exp(number(0))
    case 'log':
      return Math.log(number(0))
    case 'sqrt':
      return Math.sqrt(number(0))
    case 'int':
      return Math.trunc(number(0))
    case 'tolower':
      return lower(text(0))
    case 'toupper':
      return upper(text(0))
    case 'rand':
      return machine.random.next()
    case 'srand':
      return seed(machine, args[0])
    case 'systime':
      return Math.floor(machine.process.now() / 1000)
    case 'strftime': {
      const seconds = args.length > 1 ? number(1) : Math.floor(machine.process.now() / 1000)
      return strftime(args.length > 0 ? text(0) : '%c', seconds)
    }
    case 'mktime': {
      const parts = text(0).trim().split(/\s+/).map(Number)
      if (parts.length < 6 || parts.some(Number.isNaN)) return -1
      const [year, month, day, hour, minute, second] = parts as [number, number, number, number, number, number]
      return Date.UTC(year, month - 1, day, hour, minute, second) / 1000
    }
  }
  throw new RunFault(`function ${name} never defined`)
}

/** Sets where random numbers come from; gives what was set before. */
export const seed = (machine: Machine, value: Value): Value => {
  const { process, random } = machine
  const before = random.seed
  random.seed = value ?? Math.floor(process.now() / 1000)
  let state = (Math.imul(Math.trunc(toNumber(random.seed)), 2_654_435_761) ^ 0x9e3779b9) >>> 0
  random.next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x45d9f3b) >>> 0
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
  return before
}

/** Fills the array with the pieces; how many. */
export const splitInto = (machine: Machine, text: string, table: Table, separator: string): number => {
  const pieces = machine.split(text, separator)
  table.clear()
  if (pieces.length > limits.elements) machine.process.step(1_000_000)
  for (const [i, piece] of pieces.entries()) table.set(String(i + 1), fromOutside(piece))
  return pieces.length
}

/** sub and gsub: the new text and how often; `undefined` where nothing fits. */
export const replace = (
  machine: Machine,
  regex: Regex,
  replacement: string,
  text: string,
  global: boolean,
): { text: string; count: number } | undefined => {
  const { step } = machine.process
  const pieces = replacementPieces(replacement)
  let out = ''
  let at = 0
  let count = 0
  while (at <= text.length) {
    const found = regex.find(text, at, step, at > 0)
    if (!found) break
    const [from, to] = [found[0]!, found[1]!]
    const whole = text.slice(from, to)
    out += text.slice(at, from)
    for (const piece of pieces) out += piece === undefined ? whole : piece
    count++
    at = to
    if (to === from) {
      if (to < text.length) out += text[to]
      at = to + 1
    }
    if (out.length > limits.text) step(1_000_000)
    if (!global) break
    // Right behind a match nothing matches once more.
    if (to > from && at < text.length) {
      const next = regex.find(text, at, step, true)
      if (next && next[0] === at && next[1] === at) {
        out += text[at]
        at++
      }
    } else if (to > from) break
  }
  return count === 0 ? undefined : { text: out + text.slice(at), count }
}

/** Text, and `undefined` where the match goes. */
const replacementPieces = (text: string): (string | undefined)[] => {
  const pieces: (string | undefined)[] = []
  let plain = ''
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (c === '\\' && (text[i + 1] === '&' || text[i + 1] === '\\')) plain += text[++i]
    else if (c === '&') {
      pieces.push(plain, undefined)
      plain = ''
    } else plain += c
  }
  pieces.push(plain)
  return pieces
}
