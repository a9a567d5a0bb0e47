import type { Expression, TypeName } from '#sql/ast.ts'
import { compareDecimals, Decimal, decimalOf } from '#sql/decimal.ts'
import type { Engine } from '#sql/engine.ts'
import { SqlError } from '#sql/error.ts'
import type { Type, Value } from '#sql/value.ts'
import { calculated, numeric, resultType } from './arithmetic.ts'
import { castTo } from './cast.ts'
import { relationOf } from './catalog.ts'
import { failed } from './errors.ts'
import { functionsOf } from './functions.ts'
import { globalOf } from './globals.ts'
import { matches } from './like.ts'
import { millisecondsOf, momentOf } from './moments.ts'
import { rowsOf } from './rowsets.ts'
import type { Frame, Session } from './state.ts'
import { numberOf, textOf } from './texts.ts'
import { common, isBytes, isMoment, isText, strengthOf, typeNamed } from './types.ts'

/** Steps of one batch. */
export const STEPS = 3_000_000
/** Bytes that a text put together may have. */
const LONGEST = 8 << 20
const unknown: Type = { name: 'null' }

/** T-SQL's side of the engine, for one statement of a session with the names of its frame. */
export function engineOf(session: Session, frame: Frame, sql: string): Engine {
  const engine: Engine = {
    dialect: 'tsql',
    get steps() {
      return session.steps
    },
    set steps(left) {
      session.steps = left
    },
    sql,
    functions: functionsOf(session),
    relation: path => relationOf(session, path),
    rowsOf: (call, args) => rowsOf(session, call, args),
    unknownFunction(call) {
      if (call.schema === undefined) throw new SqlError('no function', [call.name])
      const name = `${call.schema}.${call.name}`
      throw failed(
        4121,
        `Cannot find either column "${call.schema}" or the user-defined function or aggregate "${name}", or the name is ambiguous.`,
        { ends: true },
      )
    },
    literal,
    unary(operator, value) {
      if (value === null || operator === '+') return value
      const n = numberOf(value)
      if (n === undefined)
        throw failed(8117, 'Operand data type varchar is invalid for minus operator.', { ends: true })
      if (operator === '~') return typeof n === 'bigint' ? ~n : null
      return n instanceof Decimal ? new Decimal(-n.digits, n.scale) : -n
    },
    unaryType: (_, operand) =>
      operand.name === 'bit' || operand.name === 'tinyint' ? { ...operand, name: 'smallint' } : operand,
    binary: (operator, left, right, [a, b]) => binary(operator, left, right, a, b),
    binaryType,
    compare,
    truth: value => (value === null ? null : typeof value === 'boolean' ? value : value !== 0n && value !== 0),
    boolean: value => value,
    booleanType: { name: 'bit' },
    like: (value, pattern, mark) =>
      matches(textOf(value as Exclude<Value, null>), textOf(pattern as Exclude<Value, null>), mark),
    cast(value, type, from) {
      if (value === null) return null
      const tries = type.words.includes('try')
      try {
        return castTo(value, conversion(type), from, styleOf(type))
      } catch (error) {
        if (tries && error instanceof SqlError) return null
        throw error
      }
    },
    castType: (type, from) => {
      const { notNull } = from
      return { ...conversion(type), ...(notNull && !type.words.includes('try') ? { notNull } : {}) }
    },
    common,
    aggregateType,
    sum: (values, type) =>
      values.reduce<Value>(
        (sum, value) => (sum === null ? value : calculated('+', sum, value as Exclude<Value, null>, type, type)),
        null,
      ),
    average: values => average(values),
    variable(name) {
      return variableOf(frame, name).value
    },
    assign(name, value) {
      const variable = variableOf(frame, name)
      if (typeof value === 'string') session.steps -= value.length >> 4
      variable.value = value === null ? null : castTo(value, variable.type, typeFor(value, variable.type))
    },
    variableType: name => {
      const { type } = variableOf(frame, name)
      return type
    },
    system: name => globalOf(session, name),
    parameter: () => {
      throw new SqlError('syntax')
    },
    nameOf: expression => (expression.is === 'column' ? expression.path.at(-1)! : ''),
    sameName: (a, b) => a === b || a.toLowerCase() === b.toLowerCase(),
  }
  return engine
}

export function variableOf(frame: Frame, name: string) {
  const found = frame.variables.get(name.toLowerCase())
  if (!found) throw failed(137, `Must declare the scalar variable "@${name}".`, { class: 15, state: 2, ends: true })
  return found
}
const conversion = (type: TypeName): Type => typeNamed(type, 30)
const styleOf = ({ words }: TypeName): number =>
  Number(words.find(word => word.startsWith('style '))?.slice(6) ?? 0) || 0

/** What a value is where nothing says it. */
export const typeOfValue = (value: Exclude<Value, null>): Type =>
  typeof value === 'bigint'
    ? { name: value > 2_147_483_647n || value < -2_147_483_648n ? 'bigint' : 'int' }
    : typeof value === 'number'
      ? { name: 'float' }
      : value instanceof Decimal
        ? { name: 'numeric', length: 38, scale: value.scale }
        : { name: 'nvarchar', length: -1 }

/** The same for a value on its way into a column or variable: a text for bytes is bytes, one a character. */
export const typeFor = (value: Exclude<Value, null>, into: Type): Type =>
  isBytes(into) && typeof value === 'string' ? { name: 'varbinary', length: -1 } : typeOfValue(value)

function literal(e: Extract<Expression, { is: 'literal' }>): { value: Value; type: Type } {
  switch (e.of) {
    case 'integer': {
      const value = BigInt(e.text.slice(0, 100))
      if (value <= 2_147_483_647n) return { value, type: { name: 'int', notNull: true } }
      const digits = String(value).length
      if (digits > 38)
        throw failed(
          1007,
          `The number '${e.text.slice(0, 60)}' is out of the range for numeric representation (maximum precision 38).`,
          { class: 15, ends: true },
        )
      return { value: new Decimal(value, 0), type: { name: 'numeric', length: digits, scale: 0, notNull: true } }
    }
    case 'decimal': {
      const value = decimalOf(e.text) ?? new Decimal(0n, 0)
      const length = Math.max(1, Math.min(38, e.text.replace(/^0*|\./g, '').length))
      return {
        value,
        type: { name: 'numeric', length: Math.max(length, value.scale), scale: value.scale, notNull: true },
      }
    }
    case 'float':
      return { value: Number(e.text), type: { name: 'float', notNull: true } }
    case 'hex':
      return {
        value: e.text,
        type: { name: 'varbinary', length: Math.max(1, Math.min(8000, e.text.length)), notNull: true },
      }
    case 'string': {
      const wide = /[^\0-\xff]/.test(e.text)
      return {
        value: e.text,
        type: {
          name: wide ? 'nvarchar' : 'varchar',
          length: e.text.length > 8000 ? -1 : Math.max(1, e.text.length),
          notNull: true,
        },
      }
    }
    default:
      return { value: null, type: unknown }
  }
}

function binary(operator: string, left: Value, right: Value, a: Type, b: Type): Value {
  if (left === null || right === null) return null
  if (operator === '+' && !numeric(a, b)) {
    if (isMoment(a) || isMoment(b)) return shifted(left, right, a, b)
    const joined = textOf(left) + textOf(right)
    if (joined.length > LONGEST) throw new SqlError('too much', ['bytes'])
    return joined
  }
  if (operator === '-' && isMoment(a)) return shifted(left, calculated('-', 0n, right, { name: 'int' }, b), a, b)
  return calculated(operator, left, right, a, b)
}
/** `date + days`. */
function shifted(left: Exclude<Value, null>, right: Value, a: Type, b: Type): Value {
  if (right === null) return null
  const [moment, days] = isMoment(a) ? [left, right] : [right, left]
  const when = momentOf(textOf(moment))
  if (!when)
    throw failed(241, 'Conversion failed when converting date and/or time from character string.', { ends: true })
  const by =
    isMoment(a) && isMoment(b) ? (momentOf(textOf(days))?.days ?? 0) + 25_567 : Number(String(numberOf(days) ?? 0))
  const exact = new Decimal(BigInt(Math.round((when.days + 25_567 + by) * 1e6)) + when.ticks / 864_000n, 6)
  return castTo(exact, { name: 'datetime' }, { name: 'numeric' })
}

function binaryType(operator: string, left: Type, right: Type): Type {
  if (/^(?:=|<|>|<=|>=|<>|!=|!<|!>)$/.test(operator)) return { name: 'bit' }
  const notNull = left.notNull && right.notNull ? { notNull: true } : {}
  if (operator === '+' && !numeric(left, right)) {
    if (isMoment(left) || isMoment(right)) return { name: 'datetime', ...notNull }
    if (isBytes(left) && isBytes(right)) return { name: 'varbinary', length: 8000, ...notNull }
    const joined = common([left, right])
    const [a, b] = [left.length ?? -1, right.length ?? -1]
    const most = joined.name.startsWith('n') ? 4000 : 8000
    const name = joined.name === 'char' ? 'varchar' : joined.name === 'nchar' ? 'nvarchar' : joined.name
    return { name, length: a < 0 || b < 0 ? -1 : Math.min(most, a + b), ...notNull }
  }
  return { ...resultType(operator, left, right), ...notNull }
}

/** Texts are compared without regard to case, and without blanks at their end. */
export function compare(left: Value, right: Value): number {
  if (typeof left === 'string' && typeof right === 'string') {
    const [a, b] = [left.trimEnd().toLowerCase(), right.trimEnd().toLowerCase()]
    if (a === b) return 0
    const [x, y] = /^\s*\d/.test(a) && /^\s*\d/.test(b) ? [momentOf(a), momentOf(b)] : []
    if (x && y && /^\d{4}-\d\d-\d\d/.test(a) && /^\d{4}-\d\d-\d\d/.test(b)) return millisecondsOf(x) - millisecondsOf(y)
    return a < b ? -1 : 1
  }
  const [a, b] = [left, right].map(value => {
    const n = numberOf(value as Exclude<Value, null>)
    if (n === undefined)
      throw new SqlError('bad value', ['int', textOf(value as Exclude<Value, null>).slice(0, 4000), 'varchar'])
    return n
  }) as [bigint | number | Decimal, bigint | number | Decimal]
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0
  if (typeof a === 'number' || typeof b === 'number') return Number(String(a)) - Number(String(b))
  const exact = (n: bigint | Decimal) => (n instanceof Decimal ? n : new Decimal(n, 0))
  return compareDecimals(exact(a as bigint | Decimal), exact(b as bigint | Decimal))
}

function aggregateType(name: string, [first = { name: 'int' }]: readonly Type[]): Type {
  const { notNull: _, ...type } = first
  switch (name) {
    case 'count':
    case 'row_number':
    case 'rank':
    case 'dense_rank':
    case 'ntile':
    case 'checksum_agg':
      return { name: name === 'row_number' || name.endsWith('rank') ? 'bigint' : 'int' }
    case 'count_big':
      return { name: 'bigint' }
    case 'sum':
    case 'avg':
      if (strengthOf(type) >= 0 && strengthOf(type) <= 3) return { name: 'int' }
      return type.name === 'numeric' || type.name === 'decimal'
        ? { ...type, length: 38, scale: Math.max(type.scale ?? 0, name === 'avg' ? 6 : 0) }
        : isText(type)
          ? { name: 'float' }
          : type
    case 'string_agg':
      return { name: 'nvarchar', length: 4000 }
    case 'stdev':
    case 'stdevp':
    case 'var':
    case 'varp':
      return { name: 'float' }
    default:
      return type
  }
}
function average(values: readonly Value[]): Value {
  if (values.length === 0) return null
  const all = values.map(value => numberOf(value as Exclude<Value, null>) ?? 0n)
  if (all.every(n => typeof n === 'bigint'))
    return all.reduce<bigint>((sum, n) => sum + (n as bigint), 0n) / BigInt(all.length)
  const mean = all.reduce<number>((sum, n) => sum + Number(String(n)), 0) / all.length
  return all.some(n => typeof n === 'number') ? mean : (decimalOf(mean.toFixed(6)) ?? mean)
}
