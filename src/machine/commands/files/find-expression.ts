import type { Process, Stat } from '../../system.ts'
import { statOf } from '../paths.ts'

/** What find came upon. */
export type Visit = {
  /** As it is shown: the operand and what is below it. */
  path: string
  /** The operand it was found under. */
  root: string
  name: string
  depth: number
  /** By the rules for links that hold here; of the link itself where it leads nowhere. */
  stat: Stat
  /** Set by -prune: what is below is left out. */
  pruned: boolean
}

/** One test or action. */
export type Test = (visit: Visit) => boolean | Promise<boolean>

/** What holds for the whole search. */
export type Search = {
  process: Process
  links: 'never' | 'operands' | 'always'
  maxDepth: number
  minDepth: number
  depthFirst: boolean
  oneFileSystem: boolean
  /** From now, or from the start of the day. */
  dayStart: boolean
  regexType: string
  /** An action other than -prune was given. */
  acts: boolean
  status: number
  /** What remains to be done at the end: `-exec … {} +`. */
  atEnd: (() => Promise<void>)[]
}

/** -quit: nothing more is looked at. */
export class Quit extends Error {}

/** A mistake in the expression; the message without the program's name. */
export class Mistake extends Error {}

export type Words = { list: readonly string[]; at: number }

/** Reads the test whose name is the word at `words.at - 1`; `undefined` for an unknown name. */
export type Primary = (search: Search, name: string, words: Words) => Test | undefined

const deepest = 200

/** The expression of find(1): `,`, `-o`, `-a`, `!` and parentheses over tests and actions. */
export const parseExpression = (search: Search, words: Words, primary: Primary): Test => {
  let depth = 0
  const peek = (): string | undefined => words.list[words.at]
  const list = (): Test => {
    let left = either()
    while (peek() === ',') {
      words.at++
      const [first, second] = [left, either()]
      left = async visit => {
        await first(visit)
        return second(visit)
      }
    }
    return left
  }
  const either = (): Test => {
    let left = both()
    while (peek() === '-o' || peek() === '-or') {
      const name = words.list[words.at++]!
      if (isEnd(peek())) throw new Mistake(`expected an expression after '${name}'`)
      const [first, second] = [left, both()]
      left = async visit => (await first(visit)) || second(visit)
    }
    return left
  }
  const both = (): Test => {
    let left = not()
    for (let next = peek(); next !== undefined && !['-o', '-or', ',', ')'].includes(next); next = peek()) {
      if (next === '-a' || next === '-and') {
        words.at++
        if (isEnd(peek())) throw new Mistake(`expected an expression after '${next}'`)
      }
      const [first, second] = [left, not()]
      left = async visit => (await first(visit)) && second(visit)
    }
    return left
  }
  const not = (): Test => {
    const word = peek()
    if (word !== '!' && word !== '-not') return single()
    words.at++
    if (isEnd(peek())) throw new Mistake(`expected an expression after '${word}'`)
    const inner = not()
    return async visit => !(await inner(visit))
  }
  const single = (): Test => {
    const word = words.list[words.at++]
    if (++depth > deepest) throw new Mistake('expression too complex')
    try {
      if (word === undefined) throw new Mistake('invalid expression')
      if (word === '(') {
        if (peek() === ')') throw new Mistake('invalid expression; empty parentheses are not allowed.')
        if (peek() === undefined)
          throw new Mistake(
            "invalid expression; expected to find a ')' but didn't see one.  Perhaps you need an extra predicate after '('",
          )
        const inner = list()
        if (words.list[words.at++] !== ')')
          throw new Mistake("invalid expression; I was expecting to find a ')' somewhere but did not see one.")
        return inner
      }
      if (['-o', '-or', '-a', '-and', ','].includes(word))
        throw new Mistake(`invalid expression; you have used a binary operator '${word}' with nothing before it.`)
      if (word === ')') throw new Mistake("invalid expression; expected to find a ')' but didn't see one.")
      const test = word.startsWith('-') && word.length > 1 ? primary(search, word, words) : undefined
      if (test) return test
      if (word.startsWith('-')) throw new Mistake(`unknown predicate \`${word}'`)
      const before = words.list[words.at - 3]
      const hint =
        before !== undefined &&
        statOf(search.process, word, false) &&
        /^-i?(name|path|wholename|lname|regex)$/.test(before)
          ? `\nfind: possible unquoted pattern after predicate \`${before}'?`
          : ''
      throw new Mistake(`paths must precede expression: \`${word}'${hint}`)
    } finally {
      depth--
    }
  }
  const isEnd = (word: string | undefined): boolean => word === undefined || word === ')'
  const test = list()
  if (peek() === ')') throw new Mistake("you have too many ')'")
  return test
}
