import { compareIntegers } from '../integers.ts'
import { compileRegex, type Match } from '../regex/regex.ts'
import type { Condition, Word } from './ast.ts'
import { calculateQuietly } from './calculate.ts'
import { expandExpression, expandPattern, expandText } from './expand.ts'
import { compareFiles, testUnary } from './file-test.ts'
import { compilePattern, matches } from './pattern.ts'
import type { Shell } from './state.ts'
import { need } from './variables.ts'
import { spend } from './world.ts'

/** `[[ … ]]`: 0 holds, 1 does not, 2 makes no sense. */
export const holds = async (sh: Shell, condition: Condition): Promise<number> => {
  spend(sh.world)
  switch (condition.kind) {
    case 'not': {
      const status = await holds(sh, condition.operand)
      return status > 1 ? status : 1 - status
    }
    case 'and':
    case 'or': {
      const left = await holds(sh, condition.left)
      return (left === 0) === (condition.kind === 'or') ? left : holds(sh, condition.right)
    }
    case 'word':
      return (await expandText(sh, condition.operand)) === '' ? 1 : 0
    case 'unary':
      return (await testUnary(sh, condition.operator, await expandText(sh, condition.operand))) ? 0 : 1
    case 'binary':
      return binary(sh, condition.operator, condition.left, condition.right)
  }
}

const binary = async (sh: Shell, operator: string, leftWord: Word, rightWord: Word): Promise<number> => {
  const left = await expandText(sh, leftWord)
  const step = (cost?: number) => spend(sh.world, cost)
  const fold = sh.shopt.has('nocasematch')
  switch (operator) {
    case '=':
    case '==':
    case '!=': {
      const fits = matches(compilePattern(await expandPattern(sh, rightWord), true), left, step, fold)
      return fits === (operator !== '!=') ? 0 : 1
    }
    case '=~': {
      const expression = compileRegex(await expandExpression(sh, rightWord), 'extended', { fold })
      if ('problem' in expression) return 2
      const match = expression.find(left, 0, step)
      const found = match && groupsOf(left, match)
      const rematch = need(sh.variables, 'BASH_REMATCH')
      rematch.kind = 'array'
      rematch.value = undefined
      rematch.items = new Map((found ?? []).map((text, i) => [String(i), text]))
      return found ? 0 : 1
    }
  }
  const right = await expandText(sh, rightWord)
  if (operator === '<') return left < right ? 0 : 1
  if (operator === '>') return left > right ? 0 : 1
  if (['-nt', '-ot', '-ef'].includes(operator)) return compareFiles(sh, operator, left, right) ? 0 : 1
  const a = await calculateQuietly(sh, left, '[[')
  const b = a === undefined ? undefined : await calculateQuietly(sh, right, '[[')
  if (a === undefined || b === undefined) return 1
  return compareIntegers(operator, a, b) ? 0 : 1
}

/** What the whole and each group matched, empty where a group had no part in it. */
const groupsOf = (text: string, match: Match): string[] =>
  Array.from({ length: match.length / 2 }, (_, i) =>
    match[2 * i]! < 0 ? '' : text.slice(match[2 * i], match[2 * i + 1]),
  )
