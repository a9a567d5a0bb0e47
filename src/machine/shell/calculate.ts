import { ArithmeticFault, evaluate, type Names } from './arithmetic.ts'
import type { Word } from './ast.ts'
import { expandText } from './expand.ts'
import { specialValue } from './parameter.ts'
import { complain, fatal, get, type Shell, set } from './state.ts'
import { find, resolve, scalarOf } from './variables.ts'
import { spend } from './world.ts'

/** A shell's variables as arithmetic sees them. */
export const arithmeticNames = (sh: Shell): Names => {
  const names: Names = {
    step: () => spend(sh.world),
    get(name, index) {
      if (index === undefined) {
        const value = specialValue(sh, name) ?? get(sh, name)
        if (value === undefined && sh.options.has('nounset')) throw new ArithmeticFault(`${name}: unbound variable`)
        return value
      }
      const found = find(sh.variables, resolve(sh.variables, name))
      const key = keyOf(name, index)
      return found?.kind === 'scalar' ? (key === '0' ? scalarOf(found) : undefined) : found?.items?.get(key)
    },
    set: (name, index, value) => set(sh, name, value, index === undefined ? undefined : keyOf(name, index)),
  }
  const keyOf = (name: string, index: string): string => {
    const found = find(sh.variables, resolve(sh.variables, name))
    return found?.kind === 'map' ? index : String(evaluate(index, names, 1))
  }
  return names
}

/** `$((…))`: an expression that makes no sense ends the line. */
export const calculate = async (sh: Shell, word: Word): Promise<bigint> => {
  const text = await expandText(sh, word)
  try {
    return evaluate(text, arithmeticNames(sh))
  } catch (error) {
    if (!(error instanceof ArithmeticFault)) throw error
    if (sh.flavour === 'bash') return fatal(sh, error.message)
    const what = error.message.includes('division by 0') ? 'division by zero' : 'expecting primary'
    return fatal(sh, `arithmetic expression: ${what}: "${text}"`, 2)
  }
}

/** `((…))` and `let`: it only makes the command fail. */
export const calculateQuietly = async (sh: Shell, text: string, name: string): Promise<bigint | undefined> => {
  try {
    return evaluate(text, arithmeticNames(sh))
  } catch (error) {
    if (!(error instanceof ArithmeticFault)) throw error
    await complain(sh, `${name}: ${error.message}`)
    return undefined
  }
}
