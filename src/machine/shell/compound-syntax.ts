import type { Command, Redirection, Word } from './ast.ts'
import { readCondition } from './condition-syntax.ts'
import { functionBody, readBody, readList, readRedirections, skipNewlines } from './grammar.ts'
import {
  lineAt,
  nested,
  peekOperator,
  peekReserved,
  type Source,
  SyntaxFault,
  skipBlanks,
  takeOperator,
  takeReserved,
  unexpected,
} from './scan.ts'
import { readWord, tryArithmetic } from './word.ts'

type Shape = Command extends infer C ? (C extends Command ? Omit<C, 'line' | 'redirections'> : never) : never

const need = (source: Source, word: string): void => {
  skipNewlines(source)
  if (!takeReserved(source, word)) unexpected(source, readWord, word)
}

/** A compound command with its redirections, when one begins here. */
export const readCompound = (source: Source): Command | undefined => {
  skipBlanks(source)
  const line = lineAt(source)
  const shape = readShape(source)
  if (!shape) return undefined
  if (shape.kind === 'function') return { ...shape, line, redirections: [] } as Command
  const redirections: Redirection[] = readRedirections(source)
  return { ...shape, line, redirections } as Command
}

const readShape = (source: Source): Shape | undefined => {
  if (peekOperator(source) === '(') return readParenthesis(source)
  const word = peekReserved(source)
  switch (word) {
    case '{': {
      source.at++
      const body = readBody(source, '}')
      if (!takeReserved(source, '}')) unexpected(source, readWord, '}')
      return { kind: 'group', body }
    }
    case 'if':
      return readIf(source)
    case 'while':
    case 'until': {
      source.at += 5
      const condition = readBody(source, 'do')
      return { kind: 'while', until: word === 'until', condition, body: readDo(source) }
    }
    case 'select':
      return source.posix ? undefined : readFor(source, true)
    case 'for':
      return readFor(source, false)
    case 'case':
      return readCase(source)
    case '[[': {
      if (source.posix) return undefined
      source.at += 2
      const condition = nested(source, () => readCondition(source))
      return { kind: 'test', condition }
    }
    case 'function': {
      if (source.posix && !source.ash) return undefined
      const from = source.at
      const line = lineAt(source)
      source.at += 8
      skipBlanks(source)
      const name = readWord(source) ?? unexpected(source, readWord)
      if (takeOperator(source, '(') && !takeOperator(source, ')')) unexpected(source, readWord)
      return functionBody(source, name.raw, from, line) as Shape
    }
    case undefined:
    case '!':
    case ']]':
    case 'in':
    case 'time':
    case 'coproc':
      return undefined
    default:
      return unexpected(source, readWord)
  }
}

const readParenthesis = (source: Source): Shape => {
  if (source.text.startsWith('((', source.at) && !source.posix) {
    const expression = tryArithmetic(source)
    if (expression) return { kind: 'let', expression }
  }
  source.at++
  const body = readBody(source, ')')
  if (!takeOperator(source, ')')) unexpected(source, readWord, ')')
  return { kind: 'subshell', body }
}

const readDo = (source: Source) => {
  need(source, 'do')
  const body = readBody(source, 'done')
  need(source, 'done')
  return body
}

const readIf = (source: Source): Shape => {
  const branches = []
  for (let word = 'if'; word === 'if' || word === 'elif'; word = peekReserved(source) ?? '') {
    source.at += word.length
    const condition = readBody(source, 'then')
    need(source, 'then')
    branches.push({ condition, body: readBody(source, 'fi') })
  }
  const otherwise = takeReserved(source, 'else') ? readBody(source, 'fi') : undefined
  need(source, 'fi')
  return { kind: 'if', branches, otherwise }
}

const readFor = (source: Source, select: boolean): Shape => {
  source.at += select ? 6 : 3
  skipBlanks(source)
  if (source.text.startsWith('((', source.at) && !select && !source.posix) return readCount(source)
  const name = readWord(source)
  if (source.posix && !/^[A-Za-z_]\w*$/.test(name?.raw ?? ''))
    throw new SyntaxFault('no name', lineAt(source), { dash: 'Bad for loop variable' })
  if (!name) return unexpected(source, readWord)
  let words: Word[] | undefined
  skipNewlines(source)
  if (takeReserved(source, 'in')) {
    words = []
    for (skipBlanks(source); ; skipBlanks(source)) {
      const word = readWord(source)
      if (!word) break
      words.push(word)
    }
    if (!takeOperator(source, ';') && peekOperator(source) !== '\n') unexpected(source, readWord)
  } else takeOperator(source, ';')
  skipNewlines(source)
  return { kind: 'for', name: name.raw, words, body: readLoopBody(source), select }
}

/** `for` may have braces in place of `do … done`. */
const readLoopBody = (source: Source) => {
  if (!takeReserved(source, '{')) return readDo(source)
  const body = readBody(source)
  if (!takeReserved(source, '}')) unexpected(source, readWord)
  return body
}

const readCount = (source: Source): Shape => {
  const expression = tryArithmetic(source) ?? unexpected(source, readWord)
  const [start, condition, step, ...more] = splitWord(expression)
  if (!start || !condition || !step || more.length > 0) unexpected(source, readWord)
  takeOperator(source, ';')
  skipNewlines(source)
  return { kind: 'count', start: start!, condition: condition!, step: step!, body: readLoopBody(source) }
}

/** The three expressions of an arithmetic `for`. */
const splitWord = (word: Word): Word[] => {
  const words: Word[] = [{ parts: [], raw: '' }]
  for (const part of word.parts) {
    if (part.kind !== 'text') {
      words.at(-1)!.parts.push(part)
      continue
    }
    part.text.split(';').forEach((text, i) => {
      if (i > 0) words.push({ parts: [], raw: '' })
      words.at(-1)!.parts.push({ kind: 'text', text, quoted: true })
    })
  }
  return words
}

const readCase = (source: Source): Shape => {
  source.at += 4
  skipBlanks(source)
  const subject = readWord(source) ?? unexpected(source, readWord)
  need(source, 'in')
  const items: Extract<Shape, { kind: 'case' }>['items'] = []
  for (;;) {
    skipNewlines(source)
    if (takeReserved(source, 'esac')) return { kind: 'case', subject, items }
    takeOperator(source, '(')
    const patterns: Word[] = []
    do {
      skipBlanks(source)
      patterns.push(readWord(source) ?? unexpected(source, readWord, ')'))
    } while (takeOperator(source, '|'))
    if (!takeOperator(source, ')')) unexpected(source, readWord, ')')
    const body = nested(source, () => readList(source))
    const next = peekOperator(source)
    if (next === ';;' || next === ';&' || next === ';;&') {
      source.at += next.length
      items.push({ patterns, body, next })
      continue
    }
    items.push({ patterns, body, next: ';;' })
    if (!takeReserved(source, 'esac')) unexpected(source, readWord, ';;')
    return { kind: 'case', subject, items }
  }
}
