import { compareIntegers } from '../../integers.ts'
import type { Process, Program, Stat } from '../../system.ts'
import { absolute, complain, statOf } from '../paths.ts'
import { quote } from '../quoting.ts'

class Fault extends Error {}

const types: Record<string, Stat['type']> = { b: 'block', c: 'char', d: 'directory', f: 'file', p: 'fifo', S: 'socket' }
const binary = new Set(['=', '==', '!=', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef'])

/** test(1), the program that the shell's builtin stands before, and `[`. */
export const test: Program = async process => {
  let words = process.argv.slice(1)
  const bracket = process.argv[0]!.endsWith('[')
  try {
    if (bracket) {
      if (words.at(-1) !== ']') throw new Fault(`missing ${quote(process, ']')}`)
      words = words.slice(0, -1)
    }
    return holds(process, words) ? 0 : 1
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    await complain({ ...process, argv: [bracket ? process.argv[0]! : process.argv[0]!] }, error.message)
    return 2
  }
}

const holds = (process: Process, words: string[]): boolean => {
  const [a, b, c, d] = words as [string, string, string, string]
  switch (words.length) {
    case 0:
      return false
    case 1:
      return a !== ''
    case 2:
      if (a === '!') return b === ''
      if (isUnary(a)) return unary(process, a, b)
      throw new Fault(`${quote(process, a)}: unary operator expected`)
    case 3:
      if (binary.has(b)) return compares(process, a, b, c)
      if (a === '!') return !holds(process, [b, c])
      if (a === '(' && c === ')') return b !== ''
      if (b === '-a') return a !== '' && c !== ''
      if (b === '-o') return a !== '' || c !== ''
      throw new Fault(`${quote(process, b)}: binary operator expected`)
    case 4:
      if (a === '!') return !holds(process, [b, c, d])
      if (a === '(' && d === ')') return holds(process, [b, c])
  }
  const r = { words, at: 0, depth: 0 }
  const value = or(process, r)
  if (r.at < words.length) throw new Fault(`extra argument ${quote(process, words[r.at]!)}`)
  return value
}

type Reader = { words: string[]; at: number; depth: number }

const or = (process: Process, r: Reader): boolean => {
  let value = and(process, r)
  while (r.words[r.at] === '-o') {
    r.at++
    value = and(process, r) || value
  }
  return value
}
const and = (process: Process, r: Reader): boolean => {
  let value = term(process, r)
  while (r.words[r.at] === '-a') {
    r.at++
    value = term(process, r) && value
  }
  return value
}
const term = (process: Process, r: Reader): boolean => {
  process.step()
  if (++r.depth > 500) throw new Fault('too many arguments')
  const word = r.words[r.at]
  if (word === undefined) throw new Fault(`missing argument after ${quote(process, r.words.at(-1)!)}`)
  const next = r.words[r.at + 1]
  if (next !== undefined && binary.has(next) && r.at + 2 < r.words.length) {
    r.at += 3
    return compares(process, word, next, r.words[r.at - 1]!)
  }
  r.at++
  if (word === '!') return !term(process, r)
  if (word === '(') {
    const value = or(process, r)
    if (r.words[r.at++] !== ')') throw new Fault(`${quote(process, ')')} expected`)
    return value
  }
  if (isUnary(word) && r.at < r.words.length) return unary(process, word, r.words[r.at++]!)
  return word !== ''
}

const isUnary = (word: string): boolean => /^-[a-hknprstuwxzGLNOS]$/.test(word)

const unary = (process: Process, operator: string, operand: string): boolean => {
  const letter = operator[1]!
  if (letter === 'n') return operand !== ''
  if (letter === 'z') return operand === ''
  if (letter === 't') return process.isatty[Number(operand)] === true
  const stat = operand === '' ? undefined : statOf(process, operand, letter !== 'h' && letter !== 'L')
  if (!stat) return false
  const type = types[letter]
  if (type) return stat.type === type
  switch (letter) {
    case 'h':
    case 'L':
      return stat.type === 'symlink'
    case 'r':
    case 'w':
    case 'x':
      return process.fs.access(absolute(process, operand), { r: 4, w: 2, x: 1 }[letter], process.who)
    case 'u':
    case 'g':
    case 'k':
      return (stat.mode & { u: 0o4000, g: 0o2000, k: 0o1000 }[letter]) !== 0
    case 's':
      return stat.size > 0
    case 'O':
      return stat.uid === process.who.uid
    case 'G':
      return stat.gid === process.who.gid
    case 'N':
      return stat.mtime > stat.atime
  }
  return true
}

const compares = (process: Process, left: string, operator: string, right: string): boolean => {
  if (operator === '=' || operator === '==') return left === right
  if (operator === '!=') return left !== right
  if (['-nt', '-ot', '-ef'].includes(operator)) {
    const [a, b] = [statOf(process, left), statOf(process, right)]
    if (operator === '-ef') return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev
    if (operator === '-nt') return a !== undefined && (b === undefined || a.mtime > b.mtime)
    return b !== undefined && (a === undefined || a.mtime < b.mtime)
  }
  const number = (text: string): bigint => {
    if (!/^\s*[-+]?[0-9]+\s*$/.test(text)) throw new Fault(`invalid integer ${quote(process, text)}`)
    return BigInt(text.trim().replace(/^\+/, ''))
  }
  return compareIntegers(operator, number(left), number(right))
}
