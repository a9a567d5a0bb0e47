/** Shell arithmetic (XCU 2.6.4, bash manual 6.5): C's operators on signed 64-bit numbers. */

/** What an expression reads and writes. */
export type Names = {
  get(name: string, index: string | undefined): string | undefined
  set(name: string, index: string | undefined, value: string): void
  step(): void
}

/** An expression that makes no sense; worded as bash does, without the part before `:`. */
export class ArithmeticFault extends Error {}

const wrap = (value: bigint): bigint => BigInt.asIntN(64, value)

type State = {
  text: string
  at: number
  token: string
  tokenAt: number
  before: number
  names: Names
  depth: number
  skip: number
  whole: string
}

const TOKEN =
  /\s*(?:([0-9]+#[0-9a-zA-Z@_]*|0[xX][0-9a-fA-F]*|[0-9][0-9a-zA-Z]*|[A-Za-z_][A-Za-z0-9_]*)|(\*\*=|<<=|>>=|\*\*|<<|>>|<=|>=|==|!=|&&|\|\||\+\+|--|[-+*/%&|^]=|[-+*/%&|^~!<>=?:,()[\]])|(\S))/y

const next = (s: State): void => {
  s.before = s.tokenAt
  s.names.step()
  TOKEN.lastIndex = s.at
  const match = TOKEN.exec(s.text)
  if (!match) {
    s.token = ''
    s.tokenAt = s.text.length
    s.at = s.text.length
    return
  }
  s.token = match[1] ?? match[2] ?? match[3]!
  s.at = TOKEN.lastIndex
  s.tokenAt = s.at - s.token.length
}

const fault = (s: State, what: string, from = s.tokenAt): never => {
  const rest = s.text.slice(from)
  throw new ArithmeticFault(`${s.whole}: ${what} (error token is "${rest}")`)
}

/** The value of the expression; an empty one is 0. */
export const evaluate = (text: string, names: Names, depth = 0): bigint => {
  if (depth > 64) throw new ArithmeticFault(`${text}: expression recursion level exceeded (error token is "${text}")`)
  const trimmed = text.replace(/^\s+/, '')
  const s: State = { text: trimmed, at: 0, token: '', tokenAt: 0, before: 0, names, depth, skip: 0, whole: trimmed }
  next(s)
  if (s.token === '') return 0n
  const value = comma(s)
  if (s.token !== '') {
    const operand = /^[0-9A-Za-z_]/.test(s.token)
    fault(
      s,
      operand || s.token === ')' || s.token === ']'
        ? 'syntax error in expression'
        : OPERATOR_TOKEN.test(s.token)
          ? 'syntax error in expression'
          : 'syntax error: invalid arithmetic operator',
    )
  }
  return value
}
const OPERATOR_TOKEN = /^[-+*/%&|^~!<>=?:,()]+$/

const comma = (s: State): bigint => {
  let value = assign(s)
  while (s.token === ',') {
    next(s)
    value = assign(s)
  }
  return value
}

const ASSIGNING = new Set(['=', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '<<=', '>>='])

const assign = (s: State): bigint => {
  const from = { at: s.at, token: s.token, tokenAt: s.tokenAt }
  if (/^[A-Za-z_]/.test(s.token)) {
    const name = s.token
    next(s)
    const index = subscript(s)
    if (ASSIGNING.has(s.token)) {
      const operator = s.token.slice(0, -1)
      next(s)
      const right = assign(s)
      const value = operator === '' ? right : apply(s, operator, variable(s, name, index), right)
      if (!s.skip) s.names.set(name, index, String(value))
      return value
    }
    Object.assign(s, from)
  }
  const value = ternary(s)
  if (ASSIGNING.has(s.token)) fault(s, 'attempted assignment to non-variable')
  return value
}

/** `[…]` after a name, as text. */
const subscript = (s: State): string | undefined => {
  if (s.token !== '[') return undefined
  const from = s.at
  for (let depth = 1; depth > 0; ) {
    next(s)
    const token: string = s.token
    if (token === '') fault(s, 'bad array subscript')
    if (token === '[') depth++
    else if (token === ']') depth--
  }
  const index = s.text.slice(from, s.tokenAt)
  next(s)
  return index
}

const ternary = (s: State): bigint => {
  const condition = binary(s, 0)
  if (s.token !== '?') return condition
  next(s)
  if (condition === 0n) s.skip++
  const yes = comma(s)
  if (condition === 0n) s.skip--
  if ((s.token as string) !== ':') fault(s, "`:' expected for conditional expression")
  next(s)
  if (condition !== 0n) s.skip++
  const no = nest(s, assign)
  if (condition !== 0n) s.skip--
  return condition === 0n ? no : yes
}

const LEVELS = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '<=', '>', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
]

const binary = (s: State, level: number): bigint => {
  const operators = LEVELS[level]
  if (!operators) return power(s)
  let left = binary(s, level + 1)
  while (operators.includes(s.token)) {
    const operator = s.token
    next(s)
    const lazy = (operator === '&&' && left === 0n) || (operator === '||' && left !== 0n)
    if (lazy) s.skip++
    const at = s.tokenAt
    const right = binary(s, level + 1)
    if (lazy) s.skip--
    if ((operator === '/' || operator === '%') && right === 0n && !s.skip) fault(s, 'division by 0', at)
    left = s.skip && right === 0n ? 0n : apply(s, operator, left, right)
  }
  return left
}

const power = (s: State): bigint => {
  const base = unary(s)
  if (s.token !== '**') return base
  next(s)
  const exponent = nest(s, power)
  if (exponent < 0n) fault(s, 'exponent less than 0', s.before)
  let value = 1n
  for (let left = exponent, square = base; left > 0n; left >>= 1n) {
    if (left & 1n) value = wrap(value * square)
    square = wrap(square * square)
  }
  return value
}

const nest = (s: State, parse: (s: State) => bigint): bigint => {
  if (++s.depth > 200)
    throw new ArithmeticFault(`${s.whole}: expression recursion level exceeded (error token is "${s.whole}")`)
  const value = parse(s)
  s.depth--
  return value
}

const apply = (s: State, operator: string, a: bigint, b: bigint): bigint => {
  switch (operator) {
    case '+':
      return wrap(a + b)
    case '-':
      return wrap(a - b)
    case '*':
      return wrap(a * b)
    case '/':
      return b === 0n ? fault(s, 'division by 0') : wrap(a / b)
    case '%':
      return b === 0n ? fault(s, 'division by 0') : a % b
    case '<<':
      return wrap(a << (b & 63n))
    case '>>':
      return a >> (b & 63n)
    case '&':
      return a & b
    case '|':
      return a | b
    case '^':
      return a ^ b
    case '&&':
      return a !== 0n && b !== 0n ? 1n : 0n
    case '||':
      return a !== 0n || b !== 0n ? 1n : 0n
    case '==':
      return a === b ? 1n : 0n
    case '!=':
      return a !== b ? 1n : 0n
    case '<':
      return a < b ? 1n : 0n
    case '<=':
      return a <= b ? 1n : 0n
    case '>':
      return a > b ? 1n : 0n
    default:
      return a >= b ? 1n : 0n
  }
}

const unary = (s: State): bigint => {
  const { token } = s
  if (token === '++' || token === '--') {
    next(s)
    if (/^[A-Za-z_]/.test(s.token)) return change(s, token === '++' ? 1n : -1n, true)
    const value = nest(s, unary)
    return value
  }
  if (token === '-' || token === '+' || token === '!' || token === '~') {
    next(s)
    const value = nest(s, unary)
    return token === '-' ? wrap(-value) : token === '+' ? value : token === '~' ? ~value : value === 0n ? 1n : 0n
  }
  return primary(s)
}

/** `x++`, `--x` and the like; the source stands at the name. */
const change = (s: State, by: bigint, before: boolean): bigint => {
  const name = s.token
  next(s)
  const index = subscript(s)
  const old = variable(s, name, index)
  if (!s.skip) s.names.set(name, index, String(wrap(old + by)))
  return before ? wrap(old + by) : old
}

const variable = (s: State, name: string, index: string | undefined): bigint => {
  if (s.skip) return 0n
  const value = s.names.get(name, index)
  if (value === undefined || value === '') return 0n
  if (/^-?(0|[1-9][0-9]{0,17})$/.test(value)) return BigInt(value)
  return evaluate(value, s.names, s.depth + 1)
}

const primary = (s: State): bigint => {
  const { token } = s
  if (token === '(') {
    next(s)
    const value = nest(s, comma)
    if ((s.token as string) !== ')') fault(s, "missing `)'")
    next(s)
    return value
  }
  if (/^[0-9]/.test(token)) {
    const value = number(s)
    next(s)
    return value
  }
  if (!/^[A-Za-z_]/.test(token)) {
    if (token !== '' && !OPERATOR_TOKEN.test(token) && token !== '[' && token !== ']')
      fault(s, 'syntax error: operand expected')
    return fault(s, 'syntax error: operand expected', token === '' && s.text !== '' ? lastToken(s) : s.tokenAt)
  }
  const after = /\s*(\+\+|--)/y
  after.lastIndex = s.at
  const step = after.exec(s.text)?.[1]
  if (step && s.text[s.at] !== '[') {
    const value = change(s, step === '++' ? 1n : -1n, false)
    next(s)
    return value
  }
  next(s)
  const index = subscript(s)
  if (index !== undefined && (s.token === '++' || s.token === '--')) {
    const old = variable(s, token, index)
    if (!s.skip) s.names.set(token, index, String(wrap(old + (s.token === '++' ? 1n : -1n))))
    next(s)
    return old
  }
  return variable(s, token, index)
}

/** Where the operator stands whose operand is missing: bash names that. */
const lastToken = (s: State): number => {
  const match = /(\*\*|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|\S)\s*$/.exec(s.text)
  return match?.index ?? 0
}

const number = (s: State): bigint => {
  const { token } = s
  const based = /^([0-9]+)#(.*)$/.exec(token)
  if (based) {
    const base = Number(based[1])
    if (base < 2 || base > 64) fault(s, 'invalid arithmetic base')
    return digits(s, based[2]!, base)
  }
  if (/^0[xX]/.test(token)) return digits(s, token.slice(2), 16)
  if (token.startsWith('0')) return digits(s, token.slice(1), 8)
  return digits(s, token, 10)
}

const digits = (s: State, text: string, base: number): bigint => {
  let value = 0n
  for (const c of text) {
    const digit = digitOf(c, base)
    if (digit < 0 || digit >= base) fault(s, 'value too great for base')
    value = wrap(value * BigInt(base) + BigInt(digit))
  }
  return value
}

const digitOf = (c: string, base: number): number => {
  if (c >= '0' && c <= '9') return Number(c)
  if (c >= 'a' && c <= 'z') return c.charCodeAt(0) - 87
  if (c >= 'A' && c <= 'Z') return base <= 36 ? c.charCodeAt(0) - 55 : c.charCodeAt(0) - 29
  return c === '@' ? 62 : 63
}
