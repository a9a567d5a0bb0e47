import { compileRegex } from '#machine/regex/regex.ts'
import type { Expression, TypeName } from '#sql/ast.ts'
import { add, compareDecimals, Decimal, decimalOf, divide, multiply, negate, remainder, rescale } from '#sql/decimal.ts'
import type { Engine } from '#sql/engine.ts'
import { SqlError } from '#sql/error.ts'
import type { Type, Value } from '#sql/value.ts'
import { relationOf } from './catalog.ts'
import { pgError } from './errors.ts'
import { functionsOf, many, rowsOf, unknownFunction } from './functions.ts'
import { oidOf, type Session } from './state.ts'
import { namedType, oidOfType, textOf, typeOfOid, typeText } from './types.ts'

const STEPS = 3_000_000
const bool: Type = { name: 'bool' }
const whole = new Set(['int2', 'int4', 'int8', 'oid'])
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

export function typeNamed(type: TypeName): Type {
  const found = namedType(type)
  if (!found)
    throw pgError('42704', `type "${type.name}" does not exist`, {
      position: type.at + 1,
      where: ['parse_type.c', '270', 'typenameType'],
    })
  return found
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

type Figure = bigint | Decimal | number
function figure(value: Exclude<Value, null>): Figure {
  if (typeof value === 'bigint' || typeof value === 'number' || value instanceof Decimal) return value
  const text = textOf(value).trim()
  if (/^[+-]?\d{1,30}$/.test(text)) return BigInt(text.replace('+', ''))
  const decimal = decimalOf(text)
  if (decimal) return decimal
  const number = Number(text)
  if (text === '' || Number.isNaN(number)) throw new SqlError('bad value', ['integer', text.slice(0, 100)])
  return number
}
const exact = (value: Value): Decimal => {
  const n = figure(value as Exclude<Value, null>)
  return n instanceof Decimal
    ? n
    : typeof n === 'bigint'
      ? new Decimal(n, 0)
      : (decimalOf(String(n)) ?? new Decimal(0n, 0))
}
function summed(values: readonly Value[], type: Type): Value {
  const total = values.reduce<Decimal>((sum, value) => add(sum, exact(value)), new Decimal(0n, 0))
  return whole.has(type.name) ? total.digits : total
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
function arithmetic(operator: string, left: Exclude<Value, null>, right: Exclude<Value, null>): Value {
  const [x, y] = [figure(left), figure(right)]
  if (operator === '^') return Number(textOf(left)) ** Number(textOf(right))
  if (typeof x === 'number' || typeof y === 'number') {
    const [p, q] = [Number(String(x)), Number(String(y))]
    if (operator === '/' && q === 0) throw new SqlError('division by zero')
    return operator === '+'
      ? p + q
      : operator === '-'
        ? p - q
        : operator === '*'
          ? p * q
          : operator === '/'
            ? p / q
            : p % q
  }
  if (typeof x === 'bigint' && typeof y === 'bigint') {
    if ((operator === '/' || operator === '%') && y === 0n) throw new SqlError('division by zero')
    const value =
      operator === '+' ? x + y : operator === '-' ? x - y : operator === '*' ? x * y : operator === '/' ? x / y : x % y
    if (value > 9_223_372_036_854_775_807n || value < -9_223_372_036_854_775_808n)
      throw new SqlError('out of range', ['bigint'])
    return value
  }
  const [p, q] = [exact(x), exact(y)]
  if (operator === '+') return add(p, q)
  if (operator === '-') return add(p, negate(q))
  if (operator === '*') return multiply(p, q)
  const found = operator === '/' ? divide(p, q, quotientScale(p, q)) : remainder(p, q)
  if (!found) throw new SqlError('division by zero')
  return found
}

/** numeric.c, select_div_scale: sixteen significant digits at least, in groups of four. */
function quotientScale(a: Decimal, b: Decimal): number {
  const [x, y] = [group(a), group(b)]
  const weight = x.weight - y.weight - (x.first <= y.first ? 1 : 0)
  return Math.min(40, Math.max(16 - weight * 4, a.scale, b.scale, 0))
}
/** The first group of four digits that is not zero, and where it stands. */
function group(value: Decimal): { weight: number; first: number } {
  const [, whole = '0', fraction = ''] = /^-?(\d+)(?:\.(\d*))?$/.exec(value.toString()) ?? []
  const left = whole.padStart(Math.ceil(whole.length / 4) * 4, '0')
  const digits = left + fraction.padEnd(Math.ceil(fraction.length / 4) * 4, '0')
  for (let at = 0; at < digits.length; at += 4) {
    const first = Number(digits.slice(at, at + 4))
    if (first !== 0) return { weight: left.length / 4 - 1 - at / 4, first }
  }
  return { weight: 0, first: 0 }
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
    return matches(fold(subject), fold(wanted), mark ?? '\\')
  }
  const expression = compileRegex(wanted.slice(0, 2000), 'extended', { fold: kind === 'iregexp' })
  if ('problem' in expression) throw pgError('2201B', `invalid regular expression: ${expression.problem}`)
  let left = PATIENCE
  return expression.test(subject.slice(0, 65_536), (cost = 1) => {
    left -= cost
    if (left < 0) throw new SqlError('too much', ['steps'])
  })
}
/** LIKE, going back to no more than the last `%`. */
function matches(subject: string, pattern: string, mark: string): boolean {
  let [s, p, star, from] = [0, 0, -1, 0]
  while (s < subject.length) {
    const escaped = pattern[p] === mark && p + 1 < pattern.length
    if (!escaped && pattern[p] === '%') {
      star = p++
      from = s
    } else if (
      p < pattern.length &&
      (escaped ? pattern[p + 1] === subject[s] : pattern[p] === '_' || pattern[p] === subject[s])
    ) {
      p += escaped ? 2 : 1
      s++
    } else if (star >= 0) {
      p = star + 1
      s = ++from
    } else return false
  }
  while (pattern[p] === '%') p++
  return p >= pattern.length
}

/** CAST: a value as another type has it. */
export function castTo(value: Exclude<Value, null>, type: Type, from: Type, session: Session): Value {
  const { name } = type
  if (name.endsWith('[]')) return Array.isArray(value) ? value : elements(textOf(value))
  const text = textOf(value, from.name)
  switch (name) {
    case 'int2':
    case 'int4':
    case 'int8':
    case 'oid':
      return integer(value, text, name)
    case 'float4':
    case 'float8': {
      const number = Number(text)
      if (Number.isNaN(number) && text !== 'NaN')
        throw new SqlError('bad value', ['double precision', text.slice(0, 100)])
      return number
    }
    case 'numeric': {
      const decimal = decimalOf(text.trim()) ?? decimalOf(String(Number(text)))
      if (!decimal) throw new SqlError('bad value', ['numeric', text.slice(0, 100)])
      return type.length === undefined ? decimal : rescale(decimal, type.scale ?? 0)
    }
    case 'bool':
      if (typeof value === 'boolean') return value
      if (typeof value === 'bigint') return value !== 0n
      if (/^\s*(?:t|true|y|yes|on|1)\s*$/i.test(text)) return true
      if (/^\s*(?:f|false|n|no|off|0)\s*$/i.test(text)) return false
      throw new SqlError('bad value', ['boolean', text.slice(0, 100)])
    case 'regclass':
      return regclass(text, session)
    case 'regtype':
      return /^\d+$/.test(text) ? typeText({ name: typeOfOid(Number(text)) }) : text
    case 'regnamespace':
      return /^\d+$/.test(text) ? (text === '11' ? 'pg_catalog' : 'public') : text
    case 'bytea':
      return from.name === 'bytea'
        ? value
        : /^\\x[0-9a-fA-F\s]*$/.test(text)
          ? Buffer.from(text.slice(2).replace(/\s/g, ''), 'hex').toString('latin1')
          : text.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8) & 255))
    case 'varchar':
    case 'bpchar':
      return type.length === undefined ? text : text.slice(0, type.length)
    case 'name':
      return text.slice(0, 63)
    case 'char':
      return text.slice(0, 1)
    case 'date':
      return text.slice(0, 10)
    default:
      return text
  }
}
function integer(value: Exclude<Value, null>, text: string, name: string): bigint {
  const long = typeText({ name })
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'string' && !/^\s*[+-]?\d+\s*$/.test(text))
    throw new SqlError('bad value', [long, text.slice(0, 100)])
  const found = typeof value === 'string' ? BigInt(text.trim().replace('+', '')) : rescale(exact(value), 0).digits
  const bits = name === 'int2' ? 15n : name === 'int8' ? 63n : name === 'oid' ? 32n : 31n
  if (found >= 1n << bits || found < -(1n << bits))
    throw pgError(
      '22003',
      typeof value === 'string'
        ? `value "${text.slice(0, 100)}" is out of range for type ${long}`
        : `${long} out of range`,
      typeof value === 'string'
        ? {}
        : { where: name === 'int4' ? ['int8.c', '1270', 'int84'] : ['int.c', '1012', 'int4pl'] },
    )
  return found
}
/** `'t'::regclass` is a number that shows as a name. */
function regclass(text: string, session: Session): Value {
  if (/^\d+$/.test(text)) return BigInt(text)
  const path = text.replaceAll('"', '').split('.')
  const { schema, name } = relationOf(session, path, 0)
  return BigInt(oidOf(session, `${session.database}.${schema}.${name}`))
}
/** `{a,"b c",NULL}`. */
function elements(text: string): Value[] {
  const inner = /^\s*\{([\s\S]*)\}\s*$/.exec(text)?.[1]
  if (inner === undefined)
    throw pgError('22P02', `malformed array literal: "${text.slice(0, 100)}"`, {
      detail: text.trim().startsWith('{')
        ? 'Unexpected end of input.'
        : 'Array value must start with "{" or dimension information.',
      where: ['arrayfuncs.c', '492', 'ArrayCount'],
    })
  return [...inner.matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/g)].map(([, quoted, plain]) =>
    quoted !== undefined ? quoted.replace(/\\(.)/g, '$1') : plain === 'NULL' ? null : plain!,
  )
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
