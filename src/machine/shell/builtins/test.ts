import { compareIntegers } from '../../integers.ts'
import { compareFiles, testUnary } from '../file-test.ts'
import { complain, type Shell } from '../state.ts'
import { spend } from '../world.ts'

class Fault extends Error {}

const BINARY = new Set(['=', '==', '!=', '<', '>', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef'])
const isUnary = (word: string | undefined): boolean => word !== undefined && /^-[a-hknoprstuvwxzGLNORS]$/.test(word)

/** test(1) with the rules for up to four arguments (XCU test), beyond them a grammar with `-a`, `-o`, `!` and `( )`. */
export const test = async (sh: Shell, given: string[], name: string): Promise<number> => {
  let args = given
  try {
    if (name === '[') {
      if (args.at(-1) !== ']') throw new Fault(sh.flavour === 'sh' ? 'missing ]' : "missing `]'")
      args = args.slice(0, -1)
    }
    return (await byCount(sh, args)) ? 0 : 1
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    await complain(sh, `${name}: ${error.message}`)
    return 2
  }
}

const byCount = async (sh: Shell, args: string[]): Promise<boolean> => {
  const [a, b, c, d] = args as [string, string, string, string]
  switch (args.length) {
    case 0:
      return false
    case 1:
      return a !== ''
    case 2:
      if (a === '!') return b === ''
      if (isUnary(a)) return testUnary(sh, a, b)
      throw new Fault(sh.flavour === 'sh' ? `${a}: unexpected operator` : `${a}: unary operator expected`)
    case 3:
      if (BINARY.has(b)) return binary(sh, a, b, c)
      if (b === '-a') return a !== '' && c !== ''
      if (b === '-o') return a !== '' || c !== ''
      if (a === '!') return !(await byCount(sh, [b, c]))
      if (a === '(' && c === ')') return b !== ''
      throw new Fault(sh.flavour === 'sh' ? `${b}: unexpected operator` : `${b}: binary operator expected`)
    case 4:
      if (a === '!') return !(await byCount(sh, [b, c, d]))
      if (a === '(' && d === ')') return byCount(sh, [b, c])
  }
  const reader = { args, at: 0, depth: 0 }
  const value = await or(sh, reader)
  if (reader.at < args.length) throw new Fault('too many arguments')
  return value
}

type Reader = { args: string[]; at: number; depth: number }

const or = async (sh: Shell, r: Reader): Promise<boolean> => {
  let value = await and(sh, r)
  while (r.args[r.at] === '-o') {
    r.at++
    const right = await and(sh, r)
    value = value || right
  }
  return value
}

const and = async (sh: Shell, r: Reader): Promise<boolean> => {
  let value = await term(sh, r)
  while (r.args[r.at] === '-a') {
    r.at++
    const right = await term(sh, r)
    value = value && right
  }
  return value
}

const term = async (sh: Shell, r: Reader): Promise<boolean> => {
  spend(sh.world)
  if (++r.depth > 500) throw new Fault('too many arguments')
  const word = r.args[r.at]
  if (word === undefined) throw new Fault('argument expected')
  const next = r.args[r.at + 1]
  if (next !== undefined && BINARY.has(next) && r.at + 2 < r.args.length) {
    r.at += 3
    return binary(sh, word, next, r.args[r.at - 1]!)
  }
  r.at++
  if (word === '!') return !(await term(sh, r))
  if (word === '(') {
    const value = await or(sh, r)
    if (r.args[r.at] !== ')') throw new Fault("`)' expected")
    r.at++
    return value
  }
  if (isUnary(word) && r.at < r.args.length) return testUnary(sh, word, r.args[r.at++]!)
  return word !== ''
}

const binary = (sh: Shell, left: string, operator: string, right: string): boolean => {
  if (operator === '=' || operator === '==') return left === right
  if (operator === '!=') return left !== right
  if (operator === '<') return left < right
  if (operator === '>') return left > right
  if (operator === '-nt' || operator === '-ot' || operator === '-ef') return compareFiles(sh, operator, left, right)
  return compareIntegers(operator, integer(sh, left), integer(sh, right))
}

const integer = (sh: Shell, text: string): bigint => {
  if (!/^\s*[-+]?[0-9]+\s*$/.test(text))
    throw new Fault(sh.flavour === 'sh' ? `Illegal number: ${text}` : `${text}: integer expression expected`)
  return BigInt(text.trim().replace(/^\+/, ''))
}
