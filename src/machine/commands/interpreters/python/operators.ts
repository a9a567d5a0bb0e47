import { compare, shaped } from './methods.ts'
import {
  asNumber,
  asText,
  Bytes,
  bounded,
  Dict,
  display,
  Float,
  itemsOf,
  List,
  mostItems,
  Raised,
  repr,
  Thing,
  Tuple,
  typeName,
  Unknown,
  type Value,
} from './values.ts'

/** Steps that it takes to make the value. */
export const weightOf = (value: Value): number => {
  if (typeof value === 'string') return value.length >> 8
  if (value instanceof Bytes) return value.data.length >> 8
  return value instanceof List || value instanceof Tuple ? value.items.length >> 4 : 0
}

/** An operator on two values. */
export const operate = (operator: string, left: Value, right: Value): Value => {
  const wrong = (): never => {
    throw new Raised(
      'TypeError',
      `unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`,
    )
  }
  switch (operator) {
    case '==':
      return equal(left, right)
    case '!=':
      return !equal(left, right)
    case '<':
      return compare(left, right) < 0
    case '>':
      return compare(left, right) > 0
    case '<=':
      return compare(left, right) <= 0
    case '>=':
      return compare(left, right) >= 0
    case 'is':
      return left === right
    case 'is not':
      return left !== right
    case 'in':
    case 'not in': {
      const found =
        typeof right === 'string' || right instanceof Bytes
          ? asText(right).includes(asText(left))
          : itemsOf(right).some(one => equal(one, left))
      return (operator === 'in') === found
    }
  }
  if (operator === '+') {
    if (typeof left === 'string' && typeof right === 'string') return bounded(left + right)
    if (typeof left === 'string')
      throw new Raised('TypeError', `can only concatenate str (not "${typeName(right)}") to str`)
    if (left instanceof Bytes && right instanceof Bytes)
      return new Bytes(bounded(Buffer.concat([left.data, right.data])))
    if (left instanceof List && right instanceof List)
      return left.items.length + right.items.length > mostItems ? tooMuch() : new List([...left.items, ...right.items])
    if (left instanceof Tuple && right instanceof Tuple)
      return left.items.length + right.items.length > mostItems ? tooMuch() : new Tuple([...left.items, ...right.items])
  }
  if (operator === '*') {
    const [many, times] = typeof left === 'number' ? [right, left] : [left, right]
    if (typeof times === 'number' && typeof many !== 'number') {
      const count = Math.max(0, Math.floor(times))
      if (typeof many === 'string') return many.length * count > 4 << 20 ? tooMuch() : many.repeat(count)
      if (many instanceof Bytes)
        return many.data.length * count > 4 << 20
          ? tooMuch()
          : new Bytes(Buffer.alloc(many.data.length * count, many.data))
      if (many instanceof List)
        return many.items.length * count > mostItems
          ? tooMuch()
          : new List(Array.from({ length: count }, () => many.items).flat())
    }
  }
  if (operator === '%' && typeof left === 'string') return percent(left, right)
  const numeric = (value: Value) => typeof value === 'number' || typeof value === 'boolean' || value instanceof Float
  if (!numeric(left) || !numeric(right)) return wrong()
  return calculate(operator, left, right)
}

const tooMuch = (): never => {
  throw new Raised('MemoryError')
}

const calculate = (operator: string, left: Value, right: Value): Value => {
  const [a, b] = [asNumber(left), asNumber(right)]
  const real = left instanceof Float || right instanceof Float || !Number.isInteger(a) || !Number.isInteger(b)
  const result = (value: number): Value => (real && Number.isInteger(value) ? new Float(value) : value)
  if (/^(\/|\/\/|%)$/.test(operator) && b === 0)
    throw new Raised(
      'ZeroDivisionError',
      operator === '/'
        ? 'division by zero'
        : real
          ? 'float floor division by zero'
          : 'integer division or modulo by zero',
    )
  switch (operator) {
    case '+':
      return result(a + b)
    case '-':
      return result(a - b)
    case '*':
      return result(a * b)
    case '/':
      return Number.isInteger(a / b) ? new Float(a / b) : a / b
    case '//':
      return result(Math.floor(a / b))
    case '%':
      return result(a - Math.floor(a / b) * b)
    case '**':
      return result(a ** b)
    case '<<':
      return a * 2 ** Math.min(b, 1000)
    case '>>':
      return Math.floor(a / 2 ** b)
    case '&':
    case '|':
    case '^': {
      const [x, y] = [BigInt(Math.trunc(a)), BigInt(Math.trunc(b))]
      return Number(operator === '&' ? x & y : operator === '|' ? x | y : x ^ y)
    }
  }
  throw new Unknown()
}

const equal = (left: Value, right: Value): boolean => {
  const number = (value: Value) =>
    typeof value === 'boolean' || typeof value === 'number' || value instanceof Float ? asNumber(value) : undefined
  const [a, b] = [number(left), number(right)]
  if (a !== undefined || b !== undefined) return a === b
  return (
    left === right ||
    (typeof left === 'object' && typeof right === 'object' && !(left instanceof Thing) && repr(left) === repr(right))
  )
}

/** `'%s' % value`. */
const percent = (pattern: string, given: Value): string => {
  const values = given instanceof Tuple ? [...given.items] : [given]
  return bounded(
    pattern.replace(
      /%(?:\((\w+)\))?([-+ 0#]*)(\d{1,4})?(?:\.(\d{1,3}))?([diouxXeEfFgGcrs%])/g,
      (_, key: string | undefined, flags: string, width, precision, kind: string) => {
        if (kind === '%') return '%'
        const value = key !== undefined && given instanceof Dict ? given.get(key) : values.shift()
        if (value === undefined) throw new Raised('TypeError', 'not enough arguments for format string')
        const zero = flags.includes('0') ? '0' : ''
        const align = flags.includes('-') ? '<' : width ? '>' : ''
        if (kind === 'r') return shaped(repr(value), `${align}${width ?? ''}`)
        if (kind === 's') return shaped(display(value), `${align}${width ?? ''}${precision ? `.${precision}` : ''}`)
        if (kind === 'd' || kind === 'i' || kind === 'u')
          return shaped(
            Math.trunc(asNumber(value)),
            `${flags.includes('-') ? '<' : ''}${flags.includes('+') ? '+' : ''}${zero}${width ?? ''}`,
          )
        if (kind === 'c') return typeof value === 'string' ? value : String.fromCharCode(asNumber(value))
        return shaped(
          value,
          `${flags.includes('+') ? '+' : ''}${zero}${width ?? ''}${precision ? `.${precision}` : ''}${kind}`,
        )
      },
    ),
  )
}

/** `sequence[from:to:step]`. */
export const sliced = (
  of: string | Bytes | List | Tuple,
  from: number | undefined,
  to: number | undefined,
  step: number,
): Value => {
  const take = <T>(list: readonly T[]): T[] => {
    if (step === 1) return list.slice(from, to)
    const picked: T[] = []
    const size = list.length
    const place = (value: number | undefined, usual: number) =>
      value === undefined ? usual : value < 0 ? Math.max(step < 0 ? -1 : 0, size + value) : Math.min(value, size)
    if (step === 0) throw new Raised('ValueError', 'slice step cannot be zero')
    if (step > 0) for (let at = place(from, 0); at < place(to, size); at += step) picked.push(list[at]!)
    else for (let at = Math.min(place(from, size - 1), size - 1); at > place(to, -1); at += step) picked.push(list[at]!)
    return picked
  }
  if (typeof of === 'string') return step === 1 ? of.slice(from, to) : take([...of]).join('')
  if (of instanceof Bytes) return new Bytes(Buffer.from(take([...of.data])))
  return of instanceof List ? new List(take(of.items)) : new Tuple(take((of as Tuple).items))
}

/** What base classes catch: subclasses by name. */
const families: Readonly<Record<string, RegExp>> = {
  Exception: /^(?!SystemExit|KeyboardInterrupt)/,
  BaseException: /./,
  OSError:
    /^(OSError|FileNotFoundError|PermissionError|Connection\w+|TimeoutError|FileExistsError|IsADirectoryError|gaierror|URLError|HTTPError)$/,
  ConnectionError: /^Connection/,
  ImportError: /^(ImportError|ModuleNotFoundError)$/,
  LookupError: /^(IndexError|KeyError|LookupError)$/,
  ArithmeticError: /^ZeroDivisionError$/,
}

/** Does `except NAME` catch an exception of the type? */
export const catches = (name: string, type: string): boolean =>
  name === type || (Object.hasOwn(families, name) && families[name]!.test(type))
