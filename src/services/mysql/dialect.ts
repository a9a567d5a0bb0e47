import { compileRegex } from '#machine/regex/regex.ts'
import type { Expression } from '#sql/ast.ts'
import { Decimal, decimalOf, negate, rescale } from '#sql/decimal.ts'
import type { Engine, Relation } from '#sql/engine.ts'
import { SqlError } from '#sql/error.ts'
import { matchesLike } from '#sql/like.ts'
import type { Type, Value } from '#sql/value.ts'
import { MysqlError } from './errors.ts'
import { readFile } from './files.ts'
import { dates, shift } from './functions/dates.ts'
import { information } from './functions/information.ts'
import { math } from './functions/math.ts'
import { strings } from './functions/strings.ts'
import { callLibrary } from './libraries.ts'
import {
  arithmetic,
  average,
  bitwise,
  compare,
  figure,
  MAX,
  MIN,
  parseDecimal,
  sum,
  textNumber,
  textOf,
  toBig,
  toNumber,
  UMAX,
} from './numbers.ts'
import { relationOf } from './relations.ts'
import type { Session } from './state.ts'
import {
  bigint,
  binaryType,
  boolean,
  castType,
  common,
  double,
  isNumber,
  isReal,
  literalType,
  longblob,
  text,
} from './typing.ts'
import { systemVariable } from './variables.ts'

/** Steps that one statement may take: a second or so. */
export const STEPS = 3_000_000

/** MySQL's side of the engine, for one statement of a session. */
export function engineOf(
  session: Session,
  sql: string,
  parameters: readonly Value[] = [],
): Engine & { readFile(path: string): Value } {
  const functions = new Map([...strings, ...math, ...dates(session), ...information(session)])
  return {
    dialect: 'mysql',
    steps: STEPS,
    sql,
    functions,
    relation: (path: readonly string[], at: number): Relation => relationOf(session, path, at),
    unknownFunction: (call, args) => callLibrary(session, call, args, sql),
    literal: e => ({ value: literalValue(e), type: literalType(e) }),
    unary,
    unaryType: (operator, operand) => {
      if (operator === 'not' || operator === '!') return { ...boolean, notNull: Boolean(operand.notNull) }
      if (operator === '~') return bigint(21, { unsigned: true, ...(operand.notNull ? { notNull: true } : {}) })
      if (operator === '-') return isNumber(operand) ? { ...operand, length: (operand.length ?? 10) + 1 } : double
      return operand
    },
    binary: (operator, left, right) => binary(session, operator, left, right),
    binaryType,
    compare,
    truth: value => (value === null ? null : truthOf(value)),
    boolean: value => (value === null ? null : value ? 1n : 0n),
    booleanType: boolean,
    like,
    cast: (value, type) => (value === null ? null : cast(value, type.name, type.sizes, type.words)),
    castType,
    common,
    aggregateType,
    sum,
    average,
    variable: name => session.own.get(name.toLowerCase()) ?? null,
    assign: (name, value) => assign(session, name, value),
    variableType: name => typeOfValue(session.own.get(name.toLowerCase()) ?? null),
    system: (name, scope) => systemVariable(session, name, scope),
    parameter: number => {
      const value = parameters[number - 1] ?? null
      return { value, type: typeOfValue(value) }
    },
    nameOf,
    sameName: (a, b) => a === b || a.toLowerCase() === b.toLowerCase(),
    readFile: path => readFile(session, path),
  }
}

/** User variables of one session, and bytes of one. */
const MOST_VARIABLES = 200
export function assign(session: Session, name: string, value: Value): void {
  const key = name.toLowerCase()
  if (session.own.size >= MOST_VARIABLES && !session.own.has(key)) throw new SqlError('too much', ['bytes'])
  if (typeof value === 'string' && value.length > 4 << 20) throw new SqlError('too much', ['bytes'])
  session.own.set(key, value)
}

const typeOfValue = (value: Value): Type => {
  if (typeof value === 'bigint') return bigint(20)
  if (typeof value === 'number') return double
  if (value instanceof Decimal) return { name: 'decimal', length: 65, scale: value.scale }
  return value === null ? longblob : { name: 'longtext', length: 4_194_304 }
}

function literalValue(e: Extract<Expression, { is: 'literal' }>): Value {
  switch (e.of) {
    case 'integer': {
      const n = BigInt(e.text.slice(0, 100))
      return n > UMAX ? new Decimal(n, 0) : n
    }
    case 'decimal':
      return decimalOf(e.text) ?? Number(e.text)
    case 'float':
      return Number(e.text)
    case 'boolean':
      return e.text === 'true' ? 1n : 0n
    case 'null':
      return null
    case 'bits': {
      const hex = BigInt(`0b${e.text || '0'}`).toString(16)
      return Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex').toString('latin1')
    }
    default:
      return e.text
  }
}

function unary(operator: string, value: Value): Value {
  if (value === null) return null
  if (operator === '!') return truthOf(value) ? 0n : 1n
  if (operator === '~') return BigInt.asUintN(64, ~toBig(value))
  if (operator !== '-') return value
  const n = figure(value)
  return n instanceof Decimal ? negate(n) : -n
}
const truthOf = (value: Exclude<Value, null>): boolean => {
  const n = figure(value)
  return n instanceof Decimal ? n.digits !== 0n : n !== 0 && n !== 0n
}

function binary(session: Session, operator: string, left: Value, right: Value): Value {
  // `date + INTERVAL 1 DAY`
  if (Array.isArray(right)) return shift(left, right as Value, operator === '-' ? -1 : 1)
  if (Array.isArray(left)) return shift(right, left as Value, 1)
  switch (operator) {
    case '|':
    case '&':
    case '^':
    case '<<':
    case '>>':
      return bitwise(operator, left, right)
    case '->':
    case '->>':
    case 'sounds like':
      return null
    default:
      return computed(session, operator, left, right)
  }
}

/** A division by zero is NULL and a warning. */
function computed(session: Session, operator: string, left: Value, right: Value): Value {
  const value = arithmetic(operator, left, right)
  if (value === null && left !== null && right !== null && session.warnings.length < 64)
    session.warnings.push({ level: 'Warning', code: 1365, text: 'Division by 0' })
  return value
}

/** Steps of one comparison with a pattern. */
const PATIENCE = 200_000

function like(value: Value, pattern: Value, mark: string | undefined, kind: string): boolean {
  const [subject, wanted] = [
    textOf(value as Exclude<Value, null>).toLowerCase(),
    textOf(pattern as Exclude<Value, null>).toLowerCase(),
  ]
  if (kind !== 'regexp') return matchesLike(subject, wanted, mark ?? '\\')
  const expression = compileRegex(wanted.slice(0, 2000), 'extended', { fold: true })
  if ('problem' in expression) throw badRegex(expression.problem, wanted.length)
  let left = PATIENCE
  return expression.test(subject.slice(0, 65_536), (cost = 1) => {
    left -= cost
    if (left < 0) throw new SqlError('too much', ['steps'])
  })
}

export function cast(
  value: Exclude<Value, null>,
  name: string,
  sizes: readonly number[],
  words: readonly string[] = [],
): Value {
  const n = typeof value === 'string' && /signed|^int/.test(name) ? BigInt(Math.trunc(textNumber(value)) || 0) : value
  if (name === 'unsigned' || words.includes('unsigned')) return BigInt.asUintN(64, toBig(n))
  if (name === 'signed' || name === 'int' || name === 'integer') {
    const whole = toBig(n)
    return whole > MAX ? BigInt.asIntN(64, whole) : whole < MIN ? MIN : whole
  }
  if (/^(?:decimal|numeric|dec)/.test(name)) return rescale(parseDecimal(textOf(value)), sizes[1] ?? 0)
  if (/^(?:double|float|real)/.test(name)) return toNumber(value)
  const shown = textOf(value)
  if (name === 'date') return /^\d{4}-\d\d-\d\d/.test(shown) ? shown.slice(0, 10) : null
  if (name === 'datetime') return /^\d{4}-\d\d-\d\d$/.test(shown) ? `${shown} 00:00:00` : shown.slice(0, 19)
  return sizes[0] === undefined ? shown : shown.slice(0, sizes[0])
}

function aggregateType(name: string, [first]: readonly Type[]): Type {
  if (name === 'count') return bigint(21, { notNull: true })
  if (name === 'sum' || name === 'avg') {
    if (!first || isReal(first) || !isNumber(first)) return double
    const scale = first.scale && first.name === 'decimal' ? first.scale : 0
    // An integer's digits, without its sign.
    const digits = first.name === 'decimal' ? (first.length ?? 10) : Math.max(1, first.length ?? 10)
    return name === 'sum'
      ? { name: 'decimal', length: digits + 22, scale }
      : { name: 'decimal', length: digits + 4, scale: scale + 4 }
  }
  if (/^(?:min|max|any_value)$/.test(name))
    return {
      ...(first ?? text(1)),
      ...(first?.name === 'int' && (first.length ?? 0) < 10 ? { name: 'bigint' } : {}),
      notNull: false,
    }
  if (name.startsWith('bit_')) return bigint(21, { notNull: true, unsigned: true })
  if (/^(?:std|var)/.test(name)) return double
  return { name: 'text', length: 4_194_304, scale: 0 }
}

/** MAX_ALIAS_NAME: characters of a column's name. */
const LONGEST_NAME = 256

/** As MariaDB's PCRE2 words it. */
const badRegex = (problem: string, length: number) =>
  new MysqlError(1139, '42000', `Regex error '${pcre.get(problem) ?? problem} at offset ${length}'`)
const pcre = new Map([['Unmatched ( or \\(', 'missing closing parenthesis']])

/** A column without an alias is called by its own text: a literal by its value, a column by its name. */
function nameOf(e: Expression, sql: string): string {
  if (e.is === 'column') return e.path.at(-1)!
  if (e.is === 'literal' && e.of === 'string') return e.text.replace(/^\s+/, '').slice(0, LONGEST_NAME)
  if (e.is === 'literal' && e.of === 'null') return 'NULL'
  if (e.is === 'literal' && e.of === 'boolean') return e.text.toUpperCase()
  return sql.slice(e.at, e.end).slice(0, LONGEST_NAME)
}
