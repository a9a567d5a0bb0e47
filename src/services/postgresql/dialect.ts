import { compileRegex } from '#machine/regex/regex.ts'
import type { Expression } from '#sql/ast.ts'
import { compareDecimals, Decimal, decimalOf, divide, negate } from '#sql/decimal.ts'
import type { Engine } from '#sql/engine.ts'
import { SqlError } from '#sql/error.ts'
import { matchesLike } from '#sql/like.ts'
import type { Type, Value } from '#sql/value.ts'
import { castTo, typeNamed } from './cast.ts'
import { relationOf } from './catalog.ts'
import { pgError } from './errors.ts'
import { arithmetic, exact, figure, quotientScale, summed } from './figures.ts'
import { functionsOf, many, rowsOf, unknownFunction } from './functions.ts'
import type { Session } from './state.ts'
import { namedType, oidOfType, textOf, typeOfOid, typeText } from './types.ts'

const STEPS = 3_000_000
const bool: Type = { name: 'bool' }
const numbers = ['int2', 'int4', 'int8', 'numeric', 'float4', 'float8']
const isNumber = ({ name }: Type) => numbers.includes(name)
const isText = (name: string) => /^(?:text|varchar|bpchar|name|unknown|char)$/.test(name)

/** PostgreSQL's side of the engine, for one statement of a session. */
export function engineOf(
  session: Session,
  sql: string,
  parameters: readonly (string | null)[] = [],
  types: readonly number[] = [],
): Engine {
  const { all } = functionsOf(session)
  return {
    dialect: 'postgresql',
    steps: STEPS,
    sql,
    functions: all,
    manyRows: many,
    rowsOf: (call, args) => rowsOf(session, call, args),
    relation: (path, at) => relationOf(session, path, at),
    unknownFunction: (call, args) => unknownFunction(session, call, args),
    literal,
    unary: (operator, value) => {
      if (value === null || operator === '+') return value
      if (operator !== '-') return operator === '@' ? (Number(value) < 0 ? -Number(value) : value) : value
      const n = figure(value)
      return n instanceof Decimal ? negate(n) : -n
    },
    unaryType: (operator, operand) => (operator === 'not' ? bool : operand),
    binary: (operator, left, right, [a, b]) => binary(operator, left, right, a, b),
    binaryType,
    compare,
    truth: value =>
      value === null ? null : typeof value === 'boolean' ? value : /^(?:t|true|1|on|yes)$/i.test(textOf(value)),
    boolean: value => value,
    booleanType: bool,
    like,
    cast: (value, type, from) => (value === null ? null : castTo(value, typeNamed(type), from, session)),
    castType: type => typeNamed(type),
    common,
    aggregateType,
    sum: (values, type) =>
      values.some(value => typeof value === 'number')
        ? values.reduce<number>((sum, value) => sum + Number(textOf(value as Exclude<Value, null>)), 0)
        : summed(values, type),
    average: values => {
      const [total, count] = [exact(summed(values, { name: 'numeric' })), new Decimal(BigInt(values.length), 0)]
      return divide(total, count, quotientScale(total, count)) ?? null
    },
    variable: () => null,
    assign: () => {},
    variableType: () => ({ name: 'text' }),
    system: name => {
      throw new SqlError('no column', [name, ''])
    },
    parameter: number => {
      const name = types[number - 1] ? typeOfOid(types[number - 1]!) : 'unknown'
      const given = parameters[number - 1] ?? null
      return {
        value: given === null ? null : castTo(given, { name }, { name: 'unknown' }, session),
        type: { name: name === 'unknown' ? 'text' : name },
      }
    },
    nameOf,
    sameName: (a, b) => a === b,
  }
}

function literal(e: Extract<Expression, { is: 'literal' }>): { value: Value; type: Type } {
  switch (e.of) {
    case 'integer': {
      const value = BigInt(e.text.slice(0, 100))
      if (value > 9_223_372_036_854_775_807n) return { value: new Decimal(value, 0), type: { name: 'numeric' } }
      return { value, type: { name: value > 2_147_483_647n ? 'int8' : 'int4' } }
    }
    case 'decimal':
    case 'float': {
      const decimal = decimalOf(e.text) ?? decimalOf(String(Number(e.text))) ?? new Decimal(0n, 0)
      return { value: decimal, type: { name: 'numeric' } }
    }
    case 'boolean':
      return { value: e.text === 'true', type: bool }
    case 'null':
      return { value: null, type: { name: 'unknown' } }
    default:
      return { value: e.text, type: { name: e.of === 'string' ? 'unknown' : 'bit' } }
  }
}

function binary(operator: string, left: Value, right: Value, a: Type, b: Type): Value {
  if (left === null || right === null) return null
  switch (operator) {
    case '||':
      if (Array.isArray(left) || Array.isArray(right))
        return [
          ...(Array.isArray(left) ? (left as Value[]) : [left]),
          ...(Array.isArray(right) ? (right as Value[]) : [right]),
        ]
      return joined(textOf(left, a.name), textOf(right, b.name))
    case '~':
    case '~*':
    case '!~':
    case '!~*':
      return like(left, right, undefined, operator.includes('*') ? 'iregexp' : 'regexp') !== operator.startsWith('!')
    case '~~':
    case '!~~':
      return like(left, right, undefined, 'like') !== operator.startsWith('!')
    case '@>':
    case '<@':
    case '&&':
      return false
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case '^':
      return arithmetic(operator, left, right)
    case 'at time zone':
      return left
    default:
      return null
  }
}
const joined = (a: string, b: string): string => {
  if (a.length + b.length > 8 << 20) throw new SqlError('too much', ['bytes'])
  return a + b
}
function binaryType(operator: string, left: Type, right: Type, at: number): Type {
  if (/^(?:=|<|>|<=|>=|<>|!=|!?~~?\*?|@>|<@|&&)$/.test(operator)) return bool
  if (operator === '||')
    return left.name.endsWith('[]')
      ? left
      : right.name.endsWith('[]')
        ? right
        : left.name === 'bytea'
          ? left
          : { name: 'text' }
  if (operator === '->' || operator === '#>') return { name: 'jsonb' }
  if (operator === '->>' || operator === '#>>') return { name: 'text' }
  if (/^[-+*/%^]$/.test(operator)) {
    if (/^(?:date|time|interval)/.test(left.name)) return left
    if (operator === '^') return { name: 'float8' }
    const [a, b] = [numbers.indexOf(left.name), numbers.indexOf(right.name)]
    const fits = (at: number, { name }: Type) => at >= 0 || name === 'unknown'
    if ((a >= 0 || b >= 0) && fits(a, left) && fits(b, right)) return { name: numbers[Math.max(a, b)]! }
    if (left.name === 'oid' || right.name === 'oid') return { name: 'oid' }
  }
  if (operator === 'at time zone') return { name: 'timestamp' }
  throw pgError('42883', `operator does not exist: ${typeText(left)} ${operator} ${typeText(right)}`, {
    hint: 'No operator matches the given name and argument types. You might need to add explicit type casts.',
    position: at + 1,
    where: ['parse_oper.c', '647', 'op_error'],
  })
}

export function compare(left: Value, right: Value): number {
  if (Array.isArray(left) && Array.isArray(right)) {
    for (let i = 0; i < Math.min(left.length, right.length); i++) {
      const order = compare(left[i] as Value, right[i] as Value)
      if (order !== 0) return order
    }
    return left.length - right.length
  }
  if (typeof left === 'boolean' || typeof right === 'boolean') {
    const truth = (value: Value) =>
      Number(typeof value === 'boolean' ? value : /^(?:t|true|1|on|y|yes)$/i.test(String(value)))
    return truth(left) - truth(right)
  }
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : left > right ? 1 : 0
  const [a, b] = [figure(left as Exclude<Value, null>), figure(right as Exclude<Value, null>)]
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0
  if (typeof a !== 'number' && typeof b !== 'number') return compareDecimals(exact(a), exact(b))
  return Number(String(a)) - Number(String(b))
}

const PATIENCE = 200_000
function like(value: Value, pattern: Value, mark: string | undefined, kind: string): boolean {
  const [subject, wanted] = [textOf(value as Exclude<Value, null>), textOf(pattern as Exclude<Value, null>)]
  if (kind === 'like' || kind === 'ilike') {
    const fold = (text: string) => (kind === 'ilike' ? text.toLowerCase() : text)
    return matchesLike(fold(subject), fold(wanted), mark ?? '\\')
  }
  const expression = compileRegex(wanted.slice(0, 2000), 'extended', { fold: kind === 'iregexp' })
  if ('problem' in expression) throw pgError('2201B', `invalid regular expression: ${expression.problem}`)
  let left = PATIENCE
  return expression.test(subject.slice(0, 65_536), (cost = 1) => {
    left -= cost
    if (left < 0) throw new SqlError('too much', ['steps'])
  })
}
function common(types: readonly Type[]): Type {
  const [first = { name: 'text' }] = types
  const known = types.filter(({ name }) => name !== 'unknown' && name !== 'text')
  if (known.length === 0) return { name: 'text' }
  if (known.every(isNumber) && types.every(({ name }) => name !== 'text'))
    return { name: numbers[Math.max(...known.map(({ name }) => numbers.indexOf(name)))]! }
  if (types.every(({ name }) => isText(name)))
    return types.every(({ name }) => name === first.name) ? first : { name: 'text' }
  return known[0]!
}

function aggregateType(name: string, [first = { name: 'text' }]: readonly Type[]): Type {
  if (name === 'count') return { name: 'int8' }
  if (name === 'sum')
    return {
      name:
        first.name === 'int4' || first.name === 'int2'
          ? 'int8'
          : first.name.startsWith('float')
            ? first.name
            : 'numeric',
    }
  if (name === 'avg') return { name: first.name.startsWith('float') ? 'float8' : 'numeric' }
  if (/^(?:bool_|every)/.test(name)) return bool
  if (name === 'array_agg') return { name: `${first.name}[]` }
  if (/^(?:std|var)/.test(name)) return { name: 'numeric' }
  if (/^(?:row_number|rank|dense_rank)$/.test(name)) return { name: 'int8' }
  if (/^(?:min|max)$/.test(name) && isText(first.name)) return { name: 'text' }
  return name === 'min' || name === 'max' || name.startsWith('bit_') || name === 'any_value' ? first : { name: 'text' }
}

/** A column without an alias is called after its function, its type or nothing (FigureColname). */
function nameOf(e: Expression, sql: string): string {
  switch (e.is) {
    case 'column':
      return e.path.at(-1)!
    case 'call':
      return e.name === 'trim' ? 'btrim' : e.name
    case 'cast': {
      const inner = nameOf(e.operand, sql)
      return inner === '?column?' ? (namedType(e.type)?.name.replace('[]', '') ?? e.type.name) : inner
    }
    case 'case':
      return e.otherwise && nameOf(e.otherwise, sql) !== '?column?' ? nameOf(e.otherwise, sql) : 'case'
    case 'array':
      return 'array'
    case 'exists':
      return 'exists'
    case 'row':
      return 'row'
    case 'collate':
    case 'subscript':
      return nameOf(e.operand, sql)
    case 'subquery': {
      const { body } = e.query
      const [item] = body.is === 'select' ? body.items : []
      return item ? (item.alias ?? nameOf(item.value, sql)) : '?column?'
    }
    default:
      return '?column?'
  }
}

export { oidOfType }
