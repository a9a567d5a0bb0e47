import type { Expression } from './ast.ts'
import { SqlError } from './error.ts'
import { evaluate } from './evaluate.ts'
import { typeOf } from './infer.ts'
import type { Scope } from './scope.ts'
import { shown, type Value } from './value.ts'

/** Functions over the rows of a group. */
export const aggregates: ReadonlySet<string> = new Set(
  `count sum avg min max group_concat string_agg array_agg bool_and bool_or every bit_and bit_or bit_xor std stddev
  stddev_pop stddev_samp var_pop var_samp variance json_agg json_arrayagg json_objectagg any_value`.split(/\s+/),
)

type Call = Extract<Expression, { is: 'call' }>

/** Does an expression ask for one, outside of queries of its own? */
export function hasAggregate(e: Expression | undefined): boolean {
  if (!e) return false
  switch (e.is) {
    case 'call':
      return (aggregates.has(e.name) && !e.over) || e.args.some(hasAggregate)
    case 'unary':
    case 'test':
    case 'cast':
    case 'collate':
      return hasAggregate(e.operand)
    case 'binary':
    case 'logical':
    case 'distinct':
      return hasAggregate(e.left) || hasAggregate(e.right)
    case 'between':
      return hasAggregate(e.operand) || hasAggregate(e.low) || hasAggregate(e.high)
    case 'like':
      return hasAggregate(e.operand) || hasAggregate(e.pattern)
    case 'in':
      return hasAggregate(e.operand) || (Array.isArray(e.list) && e.list.some(hasAggregate))
    case 'case':
      return hasAggregate(e.subject) || hasAggregate(e.otherwise) || e.branches.some(pair => pair.some(hasAggregate))
    case 'row':
      return e.items.some(hasAggregate)
    case 'array':
      return Array.isArray(e.items) && e.items.some(hasAggregate)
    case 'subscript':
      return hasAggregate(e.operand) || hasAggregate(e.index)
    case 'variable':
      return hasAggregate(e.assigned)
    default:
      return false
  }
}

/** A value within JSON. */
const jsonText = (value: Value): string =>
  value === null ? 'null' : typeof value === 'string' ? JSON.stringify(value) : shown(value)

/** Characters that group_concat gives at most (group_concat_max_len of MariaDB). */
const CONCAT = 1 << 20

export function aggregate(e: Call, scope: Scope): Value {
  const { engine, group } = scope
  if (!group) throw new SqlError('group function', [], e.at)
  const before = { row: scope.row, group: scope.group }
  // An aggregate in an aggregate is an error; inside, there is a row and no group.
  scope.group = undefined
  try {
    let rows = group
    if (e.filter) rows = rows.filter(row => engine.truth(at(row, e.filter!, scope)) === true)
    if (e.order)
      rows = rows.toSorted((a, b) => {
        for (const { by, descending } of e.order!) {
          const [x, y] = [at(a, by, scope), at(b, by, scope)]
          const order = x === null ? (y === null ? 0 : -1) : y === null ? 1 : engine.compare(x, y)
          if (order !== 0) return descending ? -order : order
        }
        return 0
      })
    if (e.name === 'count' && (e.star || e.args.length === 0)) return BigInt(rows.length)
    const first = e.args[0]
    if (!first) throw new SqlError('argument count', [e.name], e.at)
    let values = rows.map(row => at(row, first, scope))
    if (e.name !== 'array_agg' && e.name !== 'json_agg') values = values.filter(value => value !== null)
    if (e.distinct) values = distinct(values)
    return reduce(e, values, scope)
  } finally {
    scope.row = before.row
    scope.group = before.group
  }
}
function at(row: Value[], e: Expression, scope: Scope): Value {
  scope.row = row
  return evaluate(e, scope)
}
const distinct = (values: Value[]): Value[] => [...new Map(values.map(value => [keyOf(value), value])).values()]
/** Equal for equal values: what DISTINCT, GROUP BY and UNION compare. */
export const keyOf = (value: Value): string =>
  value === null
    ? 'n'
    : Array.isArray(value)
      ? `a${value.map(one => keyOf(one as Value)).join('\0')}`
      : `v${shown(value as Exclude<Value, null>)}`

function reduce(e: Call, values: Value[], scope: Scope): Value {
  const { engine } = scope
  const type = () => typeOf(e.args[0]!, scope)
  switch (e.name) {
    case 'count':
      return BigInt(values.length)
    case 'sum':
      return values.length ? engine.sum(values, type()) : null
    case 'avg':
      return values.length ? engine.average(values, type()) : null
    case 'min':
    case 'max': {
      const sign = e.name === 'min' ? -1 : 1
      return values.reduce<Value>(
        (best, value) => (best === null || engine.compare(value, best) * sign > 0 ? value : best),
        null,
      )
    }
    case 'group_concat':
    case 'string_agg': {
      if (values.length === 0) return null
      const separator = e.name === 'string_agg' ? shown(evaluate(e.args[1]!, scope) ?? '') : (e.separator ?? ',')
      return values
        .map(value => shown(value as Exclude<Value, null>))
        .join(separator)
        .slice(0, CONCAT)
    }
    case 'array_agg':
    case 'json_agg':
      return values.length ? values : null
    case 'json_arrayagg':
      return values.length ? `[${values.map(value => jsonText(value)).join(',')}]` : null
    case 'bool_and':
    case 'every':
      return values.length ? values.every(value => engine.truth(value) === true) : null
    case 'bool_or':
      return values.length ? values.some(value => engine.truth(value) === true) : null
    case 'any_value':
      return values[0] ?? null
    case 'bit_and':
    case 'bit_or':
    case 'bit_xor': {
      const numbers = values.map(value => BigInt.asUintN(64, BigInt(Math.trunc(Number(value)) || 0)))
      if (e.name === 'bit_and') return numbers.reduce((a, b) => a & b, (1n << 64n) - 1n)
      return numbers.reduce((a, b) => (e.name === 'bit_or' ? a | b : a ^ b), 0n)
    }
    default:
      return spread(
        e.name,
        values.map(value => Number(shown(value as Exclude<Value, null>))),
      )
  }
}

/** Variance and standard deviation. */
function spread(name: string, numbers: number[]): Value {
  const sample = name.endsWith('samp')
  const count = numbers.length - (sample ? 1 : 0)
  if (count <= 0) return null
  const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length
  const variance = numbers.reduce((sum, n) => sum + (n - mean) ** 2, 0) / count
  return name.startsWith('std') ? Math.sqrt(variance) : variance
}
