import type { Condition, Word } from './ast.ts'
import { skipNewlines } from './grammar.ts'
import { lineAt, nested, type Source, SyntaxFault, skipBlanks, takeOperator, takeReserved } from './scan.ts'
import { readWord } from './word.ts'

const UNARY = /^-[a-hknoprstuvwxzGLNORS]$/
const BINARY = /(?:==|=~|!=|=|<|>|-(?:eq|ne|lt|le|gt|ge|nt|ot|ef)(?=\s))/y

/** `[[ … ]]` up to and with the closing brackets (bash manual 3.2.5.2). */
export const readCondition = (source: Source): Condition => {
  const found = readOr(source)
  skipNewlines(source)
  if (!takeReserved(source, ']]')) fault(source)
  return found
}

const fault = (source: Source): never => {
  skipBlanks(source)
  if (source.at >= source.text.length) {
    throw new SyntaxFault('syntax error: unexpected end of file', lineAt(source) + 1, { unfinished: true })
  }
  const line = lineAt(source)
  const token = readWord(source)?.raw ?? (source.text[source.at] === '\n' ? 'newline' : source.text[source.at])
  throw new SyntaxFault(`syntax error in conditional expression: unexpected token \`${token}'`, line, { near: true })
}

const readOr = (source: Source): Condition => {
  const left = readAnd(source)
  skipNewlines(source)
  return takeOperator(source, '||') ? { kind: 'or', left, right: nested(source, () => readOr(source)) } : left
}

const readAnd = (source: Source): Condition => {
  const left = readNot(source)
  skipNewlines(source)
  return takeOperator(source, '&&') ? { kind: 'and', left, right: nested(source, () => readAnd(source)) } : left
}

const readNot = (source: Source): Condition => {
  skipNewlines(source)
  if (takeReserved(source, '!')) return { kind: 'not', operand: nested(source, () => readNot(source)) }
  if (takeOperator(source, '(')) {
    const inner = nested(source, () => readOr(source))
    skipNewlines(source)
    if (!takeOperator(source, ')')) fault(source)
    return inner
  }
  return readTerm(source)
}

const word = (source: Source): Word => {
  skipBlanks(source)
  if (/\]\](?=[\s;&|)]|$)/y.test(source.text.slice(source.at, source.at + 3)))
    throw new SyntaxFault('', lineAt(source), { status: 0 })
  return readWord(source) ?? fault(source)
}

const readTerm = (source: Source): Condition => {
  const left = word(source)
  skipBlanks(source)
  if (UNARY.test(left.raw) && !/\]\]|&&|\|\||\)/y.test(source.text.slice(source.at, source.at + 2))) {
    return { kind: 'unary', operator: left.raw, operand: word(source) }
  }
  BINARY.lastIndex = source.at
  const operator = BINARY.exec(source.text)?.[0]
  if (operator === undefined && /[^\s&|)\]]/y.test(source.text[source.at] ?? ' ')) {
    throw new SyntaxFault('conditional binary operator expected', lineAt(source), { status: 0 })
  }
  if (operator === undefined) return { kind: 'word', operand: left }
  source.at += operator.length
  skipBlanks(source)
  if (source.at >= source.text.length) {
    throw new SyntaxFault("unexpected argument `newline' to conditional binary operator", lineAt(source), {
      unfinished: true,
    })
  }
  if (!['==', '=', '!=', '=~'].includes(operator)) return { kind: 'binary', operator, left, right: word(source) }
  // Parentheses belong to a regular expression, and patterns here are always extended.
  const before = source.extglob
  source.extglob = true
  const right = readWord(source, { pattern: operator === '=~' }) ?? fault(source)
  source.extglob = before
  return { kind: 'binary', operator, left, right }
}
