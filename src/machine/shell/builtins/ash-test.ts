import { compareIntegers } from '../../integers.ts'
import { compileRegex } from '../../regex/regex.ts'
import { compareFiles, testUnary } from '../file-test.ts'
import { compilePattern, matches } from '../pattern.ts'
import { complain, type Shell } from '../state.ts'
import { spend } from '../world.ts'
import type { Builtin } from './index.ts'

/** What cannot be judged; a bad regular expression is not worth a word to it. */
class Fault extends Error {}

const COMPARING = new Set('= == != < > -eq -ne -lt -le -gt -ge -nt -ot -ef'.split(' '))
const isUnary = (word: string): boolean => /^-[bcdefghknprstuwxzGLOS]$/.test(word)
const numbers = new Set('-eq -ne -lt -le -gt -ge'.split(' '))

/** Words being read; within `[[` they are joined by `&&` and `||`, and compared with patterns. */
type Reader = { words: readonly string[]; at: number; depth: number; brackets: boolean }

/**
 * test(1), `[` and `[[` of BusyBox 1.35.0. To its shell `[[` is a command like another, whose words are split and globbed;
 * only `&&` and `||` are its own up to `]]`.
 */
export const ashTest: Builtin = async (sh, given, name) => {
  const closing = name === '[[' ? ']]' : ']'
  const closed = name === 'test' || given.at(-1) === closing
  try {
    if (!closed) throw new Fault(`missing ${closing}`)
    return judge(sh, name === 'test' ? given : given.slice(0, -1), name === '[[') ? 0 : 1
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    if (error.message !== '') await complain(sh, `${name}: ${error.message}`)
    return 2
  }
}

const judge = (sh: Shell, words: readonly string[], brackets: boolean): boolean => {
  const reader: Reader = { words, at: 0, depth: 0, brackets }
  const few = words.length <= 4 ? ofFew(sh, reader) : undefined
  if (few !== undefined) return few
  const value = either(sh, reader)
  const left = words[reader.at]
  if (left !== undefined) throw new Fault(`${left}: unknown operand`)
  return value
}

/** The cases of up to four words that POSIX settles by their number. */
const ofFew = (sh: Shell, reader: Reader): boolean | undefined => {
  const { words } = reader
  if (words.length <= 1) return (words[0] ?? '') !== ''
  if (words.length === 2) return words[0] === '!' ? words[1] === '' : undefined
  if (words.length === 3 && compares(reader, words[1])) return binary(sh, reader)
  if (words.length === 4 && words[0] === '!' && compares(reader, words[2])) {
    reader.at = 1
    return !binary(sh, reader)
  }
  return undefined
}

const compares = ({ brackets }: Reader, word: string | undefined): boolean =>
  word !== undefined && (COMPARING.has(word) || (brackets && word === '=~'))

const either = (sh: Shell, reader: Reader): boolean => {
  let value = both(sh, reader)
  while (reader.words[reader.at] === (reader.brackets ? '||' : '-o')) {
    reader.at++
    const right = both(sh, reader)
    value ||= right
  }
  return value
}

const both = (sh: Shell, reader: Reader): boolean => {
  let value = single(sh, reader)
  while (reader.words[reader.at] === (reader.brackets ? '&&' : '-a')) {
    reader.at++
    const right = single(sh, reader)
    value &&= right
  }
  return value
}

const single = (sh: Shell, reader: Reader): boolean => {
  spend(sh.world)
  if (++reader.depth > 500) throw new Fault('argument expected')
  const { words, at } = reader
  const [word, next] = [words[at], words[at + 1]]
  if (word === undefined) throw new Fault('argument expected')
  if (word === '!') {
    reader.at++
    return !single(sh, reader)
  }
  if (word === '(') {
    reader.at++
    const value = either(sh, reader)
    if (words[reader.at] !== ')') throw new Fault('closing paren expected')
    reader.at++
    return value
  }
  if (compares(reader, next) && words[at + 2] !== undefined) return binary(sh, reader)
  if (isUnary(word)) {
    if (next === undefined) throw new Fault(`${word}: argument expected`)
    reader.at += 2
    return testUnary(sh, word, next)
  }
  if (compares(reader, next)) return binary(sh, reader)
  reader.at++
  return word !== ''
}

const binary = (sh: Shell, reader: Reader): boolean => {
  const [left, operator, right] = reader.words.slice(reader.at, reader.at + 3) as [string, string, string | undefined]
  if (right === undefined) throw new Fault(`${operator}: argument expected`)
  reader.at += 3
  if (numbers.has(operator)) return compareIntegers(operator, integer(left), integer(right))
  if (operator === '=~') return found(sh, left, right)
  if (operator === '<') return left < right
  if (operator === '>') return left > right
  if (operator.startsWith('-')) return compareFiles(sh, operator, left, right)
  const same = reader.brackets ? matches(compilePattern(right), left, cost => spend(sh.world, cost)) : left === right
  return same === (operator !== '!=')
}

const found = (sh: Shell, text: string, source: string): boolean => {
  const expression = compileRegex(source, 'extended')
  if ('problem' in expression) throw new Fault('')
  return expression.test(text, cost => spend(sh.world, cost))
}

const integer = (text: string): bigint => {
  if (!/^\s*[-+]?[0-9]+\s*$/.test(text)) throw new Fault(`${text}: bad number`)
  return BigInt(text.trim().replace(/^\+/, ''))
}
