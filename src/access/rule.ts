import { compileRegex } from '#machine/regex/regex.ts'

/** What a password is held against: true when it fits. Strings are Latin-1, a character a byte. */
type Fits = (text: string) => boolean
export type Rule = { accept: boolean; user: Fits; password: Fits }

/** Steps that one expression may take over one text: an operator's mistake costs a moment, not the sensor. */
const patience = 50_000

/** What is wrong with a rule, as a sentence; `undefined` when nothing is. */
export function problemOf(text: string): string | undefined {
  try {
    readRule(text)
    return undefined
  } catch (error) {
    if (error instanceof BadRule) return error.message
    throw error
  }
}

class BadRule extends Error {}

/** `[!]USER:PASSWORD`, each `*`, `/expression/`, `/expression/i` or the text itself; a backslash takes away a meaning. */
export function readRule(text: string): Rule {
  // As bytes, since that is what is compared.
  const bytes = Buffer.from(text, 'utf8').toString('latin1')
  const accept = !bytes.startsWith('!')
  const [user, rest] = readPart(accept ? bytes : bytes.slice(1), ':')
  if (rest === undefined) throw new BadRule('Expected USER:PASSWORD')
  const [password] = readPart(rest, undefined)
  return { accept, user, password }
}

/** Passwords that stand in rules as they are, for challenges whose answers do not show what was typed. Latin-1. */
export const literalPasswords = (rules: readonly string[]): string[] =>
  rules.flatMap(rule => {
    const password = rule.replace(/^!/, '').split(':').slice(1).join(':')
    return password === '' || password === '*' || password.startsWith('/')
      ? []
      : [Buffer.from(password.replace(/\\(.)/g, '$1'), 'utf8').toString('latin1')]
  })

/** One side of a rule, and what stands behind `end`; `undefined` where that never comes. */
function readPart(text: string, end: ':' | undefined): [Fits, string | undefined] {
  if (text.startsWith('/')) return readExpression(text, end)
  let literal = ''
  let at = 0
  for (; at < text.length && text[at] !== end; at++) {
    if (text[at] === '\\' && at + 1 < text.length) at++
    literal += text[at]
  }
  const rest = at < text.length ? text.slice(at + 1) : undefined
  // `\*` is a star.
  if (text.slice(0, at) === '*') return [() => true, rest]
  return [other => other === literal, rest]
}

function readExpression(text: string, end: ':' | undefined): [Fits, string | undefined] {
  const found = /^\/((?:[^/\\]|\\.)*)\/(i?)/s.exec(text)
  if (!found) throw new BadRule('Expected a / at the end of the expression')
  const [whole, source = '', flag] = found
  const behind = text.slice(whole.length)
  if (end === undefined ? behind !== '' : behind !== '' && behind[0] !== end)
    throw new BadRule('Expected nothing but an i behind the expression')
  const expression = compileRegex(source.replaceAll('\\/', '/'), 'extended', { fold: flag === 'i' })
  if ('problem' in expression) throw new BadRule(`Expected a POSIX extended regular expression: ${expression.problem}`)
  const fits: Fits = other => {
    let left = patience
    try {
      return expression.test(other, (cost = 1) => {
        left -= cost
        if (left < 0) throw new TooLong()
      })
    } catch (error) {
      if (error instanceof TooLong) return false
      throw error
    }
  }
  return [fits, behind === '' ? undefined : behind.slice(1)]
}
class TooLong extends Error {}
