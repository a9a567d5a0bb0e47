import { MongoError } from '../errors.ts'
import { type Doc, isArray, isDoc, type Value } from '../value.ts'
import type { Work } from '../work.ts'
import { functions } from './functions.ts'
import { partsOf, valueAt } from './path.ts'

/** Where an aggregation expression is worked out. */
export type Scope = { doc: Doc; work: Work; vars: ReadonlyMap<string, Value | undefined>; depth: number; now?: bigint }
const DEPTH = 60

/** An aggregation expression's value; `undefined` when it leads to nothing. */
export function evaluate(expression: Value, scope: Scope): Value | undefined {
  scope.work.step()
  if (typeof expression === 'string') return expression.startsWith('$') ? referred(expression, scope) : expression
  if (scope.depth > DEPTH) throw new MongoError('BadValue', 'expression is nested too deeply')
  const inner = { ...scope, depth: scope.depth + 1 }
  if (isArray(expression)) return expression.map(one => evaluate(one, inner) ?? null)
  if (!isDoc(expression)) return expression
  const [name, argument] = [...expression][0] ?? []
  if (name?.startsWith('$')) {
    if (expression.size > 1)
      throw new MongoError(
        15_983,
        'an expression specification must contain exactly one field, the name of the expression',
      )
    return called(name, argument!, inner)
  }
  const made: Doc = new Map()
  for (const [field, one] of expression) {
    const value = evaluate(one, inner)
    if (value !== undefined) made.set(field, value)
  }
  return made
}

/** `$field.path` and `$$variable.path`. */
function referred(text: string, { doc, vars, work, now }: Scope): Value | undefined {
  if (!text.startsWith('$$')) return valueAt(doc, partsOf(text.slice(1)), work)
  const [name = '', ...rest] = partsOf(text.slice(2))
  const from = vars.has(name) ? vars.get(name) : builtIn(name, doc, now)
  return valueAt(from, rest, work)
}
function builtIn(name: string, doc: Doc, now: bigint | undefined): Value | undefined {
  if (name === 'ROOT' || name === 'CURRENT') return doc
  if (name === 'NOW') return { is: 'date', at: now ?? 0n }
  if (name === 'REMOVE') return undefined
  throw new MongoError(17_276, `Use of undefined variable: ${name}`)
}

function called(name: string, argument: Value, scope: Scope): Value | undefined {
  if (name === '$literal') return argument
  const control = controls.get(name)
  if (control) return control(argument, scope)
  const known = functions.get(name)
  if (!known) throw new MongoError(168, `Unrecognized expression '${name}'`)
  const given = isArray(argument) ? argument.map(one => evaluate(one, scope)) : [evaluate(argument, scope)]
  const made = known(given, scope.work)
  // What a function makes takes memory.
  if (typeof made === 'string') scope.work.step(made.length >> 4)
  else if (isArray(made)) scope.work.step(made.length)
  return made
}

const fieldsOf = (argument: Value, name: string): Doc => {
  if (!isDoc(argument)) throw new MongoError(16_874, `${name} only supports an object as its argument`)
  return argument
}
const within = (scope: Scope, name: string, value: Value | undefined): Scope => ({
  ...scope,
  vars: new Map(scope.vars).set(name, value),
})
const isTrue = (value: Value | undefined): boolean => functions.get('$toBool')!([value], NOTHING) === true
const NOTHING = { step() {} } as unknown as Work

/** What does not work out all of its arguments, or binds names. */
const controls: ReadonlyMap<string, (argument: Value, scope: Scope) => Value | undefined> = new Map([
  [
    '$and',
    (argument: Value, scope: Scope) =>
      (isArray(argument) ? argument : [argument]).every(one => isTrue(evaluate(one, scope))),
  ],
  [
    '$or',
    (argument: Value, scope: Scope) =>
      (isArray(argument) ? argument : [argument]).some(one => isTrue(evaluate(one, scope))),
  ],
  [
    '$cond',
    (argument: Value, scope: Scope) => {
      const [test, yes, no] = isArray(argument)
        ? argument
        : ['if', 'then', 'else'].map(part => fieldsOf(argument, '$cond').get(part))
      return evaluate(isTrue(evaluate(test ?? null, scope)) ? (yes ?? null) : (no ?? null), scope)
    },
  ],
  [
    '$ifNull',
    (argument: Value, scope: Scope) => {
      if (!isArray(argument) || argument.length < 2)
        throw new MongoError(1_257_300, '$ifNull needs at least two arguments, had: 1')
      for (const one of argument) {
        const value = evaluate(one, scope)
        if (value !== undefined && value !== null) return value
      }
      return null
    },
  ],
  [
    '$switch',
    (argument: Value, scope: Scope) => {
      const fields = fieldsOf(argument, '$switch')
      const list = fields.get('branches')
      for (const branch of isArray(list) ? list : [])
        if (isDoc(branch) && isTrue(evaluate(branch.get('case') ?? null, scope)))
          return evaluate(branch.get('then') ?? null, scope)
      if (!fields.has('default'))
        throw new MongoError(
          40_066,
          '$switch could not find a matching branch for an input, and no default was specified.',
        )
      return evaluate(fields.get('default')!, scope)
    },
  ],
  [
    '$let',
    (argument: Value, scope: Scope) => {
      const fields = fieldsOf(argument, '$let')
      let inner = scope
      const given = fields.get('vars')
      if (isDoc(given)) for (const [name, one] of given) inner = within(inner, name, evaluate(one, scope))
      return evaluate(fields.get('in') ?? null, inner)
    },
  ],
  [
    '$map',
    (argument: Value, scope: Scope) =>
      each(argument, scope, '$map', (inner, _, fields) => evaluate(fields.get('in') ?? null, inner) ?? null),
  ],
  [
    '$filter',
    (argument: Value, scope: Scope) =>
      each(argument, scope, '$filter', (inner, item, fields) =>
        isTrue(evaluate(fields.get('cond') ?? null, inner)) ? item : undefined,
      ),
  ],
  [
    '$reduce',
    (argument: Value, scope: Scope) => {
      const fields = fieldsOf(argument, '$reduce')
      const input = evaluate(fields.get('input') ?? null, scope)
      if (!isArray(input)) return null
      let value = evaluate(fields.get('initialValue') ?? null, scope)
      for (const item of input)
        value = evaluate(fields.get('in') ?? null, within(within(scope, 'value', value), 'this', item))
      return value
    },
  ],
  ...['$function', '$accumulator'].map(
    name =>
      [
        name,
        () => {
          throw new MongoError(31_264, 'Cannot run server-side javascript without the javascript engine enabled')
        },
      ] as [string, () => never],
  ),
])

function each(
  argument: Value,
  scope: Scope,
  name: string,
  make: (inner: Scope, item: Value, fields: Doc) => Value | undefined,
): Value {
  const fields = fieldsOf(argument, name)
  const input = evaluate(fields.get('input') ?? null, scope)
  if (!isArray(input)) return null
  const as = fields.get('as')
  const found: Value[] = []
  for (const item of input) {
    const value = make(within(scope, typeof as === 'string' ? as : 'this', item), item, fields)
    if (value !== undefined) found.push(value)
  }
  return found
}
