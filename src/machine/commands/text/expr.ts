import { compileRegex } from '../../regex/regex.ts'
import type { Process, Program } from '../../system.ts'
import { usageError } from '../coreutils.ts'
import { versioned } from '../package-version.ts'
import { complain } from '../paths.ts'
import { quote } from '../quoting.ts'

class Fault extends Error {}
type Reader = { process: Process; words: string[]; at: number; depth: number }

const isInteger = (text: string): boolean => /^-?[0-9]+$/.test(text)
const isNull = (text: string): boolean => text === '' || /^-?0+$/.test(text)
/** Digits that a number may have; what GNU computes with has no end, here it has one. */
const longest = 4000

/** expr(1): 0 for a value, 1 for none or zero, 2 for what is no expression. */
export const expr: Program = async process => {
  const words = process.argv.slice(1)
  if (words.length === 1 && (words[0] === '--version' || words[0] === '--help')) {
    await process.stdout.write(
      words[0] === '--help' ? 'Usage: expr EXPRESSION\n' : versioned(process, 'expr (GNU coreutils) @coreutils@\n'),
    )
    return 0
  }
  if (words[0] === '--') words.shift()
  if (words.length === 0) return usageError(process, 'missing operand', 2)
  const r: Reader = { process, words, at: 0, depth: 0 }
  try {
    const value = or(r)
    if (r.at < words.length) throw new Fault(`syntax error: unexpected argument ${quote(process, words[r.at]!)}`)
    await process.stdout.write(`${value}\n`)
    return isNull(value) ? 1 : 0
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    await complain(process, error.message)
    return 2
  }
}

const takes = (r: Reader, ...operators: string[]): string | undefined => {
  const word = r.words[r.at]
  if (word === undefined || !operators.includes(word)) return undefined
  r.at++
  return word
}

const or = (r: Reader): string => {
  r.process.step()
  if (++r.depth > 300) throw new Fault('memory exhausted')
  let left = and(r)
  while (takes(r, '|')) {
    const right = and(r)
    left = isNull(left) ? (isNull(right) ? '0' : right) : left
  }
  r.depth--
  return left
}
const and = (r: Reader): string => {
  let left = comparison(r)
  while (takes(r, '&')) {
    const right = comparison(r)
    left = isNull(left) || isNull(right) ? '0' : left
  }
  return left
}
const comparison = (r: Reader): string => {
  let left = sum(r)
  for (
    let operator = takes(r, '<', '<=', '=', '==', '!=', '>=', '>');
    operator;
    operator = takes(r, '<', '<=', '=', '==', '!=', '>=', '>')
  ) {
    const right = sum(r)
    const numbers = isInteger(left) && isInteger(right)
    const [a, b] = numbers ? [number(left), number(right)] : [left, right]
    const results: Record<string, boolean> = {
      '<': a < b,
      '<=': a <= b,
      '=': a === b,
      '==': a === b,
      '!=': a !== b,
      '>=': a >= b,
      '>': a > b,
    }
    left = results[operator] ? '1' : '0'
  }
  return left
}
const number = (text: string): bigint => {
  if (!isInteger(text)) throw new Fault('non-integer argument')
  if (text.length > longest) throw new Fault('memory exhausted')
  return BigInt(text)
}
const sum = (r: Reader): string => {
  let left = product(r)
  for (let operator = takes(r, '+', '-'); operator; operator = takes(r, '+', '-')) {
    const [a, b] = [number(left), number(product(r))]
    left = String(operator === '+' ? a + b : a - b)
  }
  return left
}
const product = (r: Reader): string => {
  let left = matching(r)
  for (let operator = takes(r, '*', '/', '%'); operator; operator = takes(r, '*', '/', '%')) {
    const [a, b] = [number(left), number(matching(r))]
    if (operator !== '*' && b === 0n) throw new Fault('division by zero')
    left = String(operator === '*' ? a * b : operator === '/' ? a / b : a % b)
  }
  return left
}
const matching = (r: Reader): string => {
  let left = primary(r)
  while (takes(r, ':')) left = match(r, left, primary(r))
  return left
}

/** What the first group matched, or how long the match is; from the start. */
const match = (r: Reader, text: string, pattern: string): string => {
  const regex = compileRegex(pattern, 'basic')
  if ('problem' in regex) throw new Fault(regex.problem)
  const found = regex.find(text, 0, r.process.step)
  const fits = found && found[0] === 0
  if (regex.groups > 0) return fits && found[2]! >= 0 ? text.slice(found[2], found[3]) : ''
  return fits ? String(found[1]) : '0'
}

const primary = (r: Reader): string => {
  const { words, process } = r
  const word = words[r.at++]
  if (word === undefined) throw new Fault(`syntax error: missing argument after ${quote(process, words.at(-1)!)}`)
  switch (word) {
    case '(': {
      const value = or(r)
      const close = words[r.at++]
      if (close === undefined) throw new Fault(`syntax error: expecting ')' after ${quote(process, words.at(-1)!)}`)
      if (close !== ')') throw new Fault(`syntax error: expecting ')' instead of ${quote(process, close)}`)
      return value
    }
    case ')':
      throw new Fault("syntax error: unexpected ')'")
    case '+':
      if (words[r.at] === undefined) throw new Fault(`syntax error: missing argument after ${quote(process, '+')}`)
      return words[r.at++]!
    case 'length':
      return String(primary(r).length)
    case 'match': {
      const text = primary(r)
      return match(r, text, primary(r))
    }
    case 'index': {
      const text = primary(r)
      const chars = primary(r)
      return String([...text].findIndex(c => chars.includes(c)) + 1)
    }
    case 'substr': {
      const text = primary(r)
      const [from, length] = [primary(r), primary(r)]
      if (!isInteger(from) || !isInteger(length) || Number(from) < 1 || Number(length) < 1) return ''
      return text.slice(Number(from) - 1, Number(from) - 1 + Number(length))
    }
  }
  return word
}
