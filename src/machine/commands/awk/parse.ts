import { builtins, type Token, tokensOf } from './lexer.ts'
import {
  type Definition,
  type Expr,
  type Output,
  type Rule,
  type Statement,
  type Syntax,
  SyntaxFault,
} from './syntax.ts'

type Reader = {
  tokens: Token[]
  at: number
  /** Parameters of the function that is read. */
  locals: Map<string, number>
  inFunction: boolean
  loops: number
  place: 'begin' | 'rule' | 'function'
  /** In the arguments of print `>` redirects; in the first part of `for` `in` may end it. */
  noGreater: boolean
  noIn: boolean
  depth: number
  called: Map<string, number>
}

/** Constructs within constructs. */
const deepest = 200

/** Reads a program; throws `SyntaxFault`. */
export const parseProgram = (text: string): Syntax => {
  const syntax: Syntax = { begin: [], end: [], rules: [], functions: new Map() }
  const r: Reader = {
    tokens: tokensOf(text),
    at: 0,
    locals: new Map(),
    inFunction: false,
    loops: 0,
    place: 'rule',
    noGreater: false,
    noIn: false,
    depth: 0,
    called: new Map(),
  }
  for (;;) {
    while (is(r, ';') || peek(r).kind === 'newline') r.at++
    if (peek(r).kind === 'end') break
    item(r, syntax)
  }
  for (const [name, line] of r.called)
    if (!syntax.functions.has(name)) throw new SyntaxFault(`line ${line}: function ${name} never defined`)
  return syntax
}

const peek = (r: Reader, ahead = 0): Token => r.tokens[Math.min(r.at + ahead, r.tokens.length - 1)]!
const is = (r: Reader, text: string): boolean => {
  const token = peek(r)
  return (token.kind === 'sign' || token.kind === 'word') && token.text === text
}
const takes = (r: Reader, text: string): boolean => {
  if (!is(r, text)) return false
  r.at++
  return true
}
const fault = (r: Reader): never => {
  const { kind, text, line } = peek(r)
  const open = r.tokens
    .slice(0, r.at)
    .reduce(
      (sum, token) => (token.kind !== 'sign' ? sum : sum + (token.text === '{' ? 1 : token.text === '}' ? -1 : 0)),
      0,
    )
  const last = kind === 'end' || (kind === 'newline' && text === 'end of file')
  if (last && open > 0) throw new SyntaxFault(`line ${r.tokens.at(-1)!.line}: missing } near end of file`)
  throw new SyntaxFault(`line ${line}: syntax error at or near ${last ? 'end of line' : text}`)
}
const expect = (r: Reader, text: string): void => {
  if (!takes(r, text)) fault(r)
}
const newlines = (r: Reader): void => {
  while (peek(r).kind === 'newline') r.at++
}

const item = (r: Reader, syntax: Syntax): void => {
  if (is(r, 'function') || is(r, 'func')) {
    const found = definition(r)
    syntax.functions.set(found.name, found)
    return
  }
  if (is(r, 'BEGIN') || is(r, 'END')) {
    const list = peek(r).text === 'BEGIN' ? syntax.begin : syntax.end
    r.at++
    if (!is(r, '{')) fault(r)
    r.place = 'begin'
    list.push(block(r))
    return
  }
  r.place = 'rule'
  const rule: Rule = { from: undefined, to: undefined, open: false, body: undefined }
  if (!is(r, '{')) {
    rule.from = expression(r)
    if (takes(r, ',')) {
      newlines(r)
      rule.to = expression(r)
    }
  }
  if (is(r, '{')) rule.body = block(r)
  else if (!is(r, ';') && peek(r).kind !== 'newline' && peek(r).kind !== 'end') fault(r)
  syntax.rules.push(rule)
}

const definition = (r: Reader): Definition => {
  r.at++
  const { kind, text: name } = peek(r)
  if (kind !== 'name' && kind !== 'call') fault(r)
  r.at++
  expect(r, '(')
  const parameters: string[] = []
  while (!is(r, ')')) {
    if (peek(r).kind !== 'name') fault(r)
    parameters.push(peek(r).text)
    r.at++
    if (!takes(r, ',')) break
    newlines(r)
  }
  expect(r, ')')
  newlines(r)
  r.locals = new Map(parameters.map((parameter, i) => [parameter, i]))
  r.inFunction = true
  r.place = 'function'
  const body = block(r)
  r.locals = new Map()
  r.inFunction = false
  return { name, parameters, body }
}

const block = (r: Reader): Statement => {
  expect(r, '{')
  const body: Statement[] = []
  for (;;) {
    while (is(r, ';') || peek(r).kind === 'newline') r.at++
    if (takes(r, '}')) return { kind: 'block', body }
    if (peek(r).kind === 'end') fault(r)
    body.push(statement(r))
  }
}

const ends = (r: Reader): void => {
  if (takes(r, ';') || is(r, '}')) return
  if (peek(r).kind === 'newline') r.at++
  else if (peek(r).kind === 'sign' && peek(r).text === ')') throw new SyntaxFault(`line ${peek(r).line}: extra ')'`)
  else if (peek(r).kind !== 'end') fault(r)
}

/** A statement that another has as its part, maybe on the next line. */
const inner = (r: Reader): Statement => {
  newlines(r)
  if (takes(r, ';')) return { kind: 'block', body: [] }
  return statement(r)
}

const looped = (r: Reader): Statement => {
  r.loops++
  const body = inner(r)
  r.loops--
  return body
}

const statement = (r: Reader): Statement => {
  if (++r.depth > deepest) throw new SyntaxFault('yacc stack overflow')
  const found = statementOf(r)
  r.depth--
  return found
}

const statementOf = (r: Reader): Statement => {
  const { kind, text, line } = peek(r)
  if (is(r, '{')) return block(r)
  if (kind === 'word')
    switch (text) {
      case 'if': {
        r.at++
        const test = parenthesized(r)
        const yes = inner(r)
        const before = r.at
        while (is(r, ';') || peek(r).kind === 'newline') r.at++
        if (takes(r, 'else')) return { kind: 'if', test, yes, no: inner(r) }
        r.at = before
        return { kind: 'if', test, yes, no: undefined }
      }
      case 'while': {
        r.at++
        const test = parenthesized(r)
        return { kind: 'while', test, body: looped(r) }
      }
      case 'do': {
        r.at++
        const body = looped(r)
        while (is(r, ';') || peek(r).kind === 'newline') r.at++
        expect(r, 'while')
        const test = parenthesized(r)
        ends(r)
        return { kind: 'do', test, body }
      }
      case 'for':
        return forLoop(r)
      case 'delete': {
        r.at++
        const { text: name } = peek(r)
        if (peek(r).kind !== 'name') fault(r)
        r.at++
        const subscripts = takes(r, '[') ? list(r, ']') : undefined
        ends(r)
        return { kind: 'delete', name, local: r.locals.get(name) ?? -1, subscripts }
      }
      case 'next':
      case 'nextfile':
        if (r.place === 'begin') throw new SyntaxFault(`line ${line}: improper use of ${text}`)
        r.at++
        ends(r)
        return { kind: text }
      case 'break':
      case 'continue':
        if (r.loops === 0) throw new SyntaxFault(`line ${line}: ${text} statement outside of loop`)
        r.at++
        ends(r)
        return { kind: text }
      case 'return':
        if (!r.inFunction) throw new SyntaxFault(`line ${line}: return outside function body`)
        return { kind: 'return', value: optionalValue(r) }
      case 'exit':
        return { kind: 'exit', value: optionalValue(r) }
    }
  const found = simple(r)
  ends(r)
  return found
}

const optionalValue = (r: Reader): Expr | undefined => {
  r.at++
  const none = is(r, ';') || is(r, '}') || peek(r).kind === 'newline' || peek(r).kind === 'end'
  const value = none ? undefined : expression(r)
  ends(r)
  return value
}

const forLoop = (r: Reader): Statement => {
  r.at++
  expect(r, '(')
  const [variable, word, array, close] = [peek(r), peek(r, 1), peek(r, 2), peek(r, 3)]
  if (
    variable.kind === 'name' &&
    word.text === 'in' &&
    word.kind === 'word' &&
    array.kind === 'name' &&
    close.text === ')'
  ) {
    r.at += 4
    const local = (name: string) => r.locals.get(name) ?? -1
    return {
      kind: 'each',
      variable: { kind: 'name', name: variable.text, local: local(variable.text) },
      name: array.text,
      local: local(array.text),
      body: looped(r),
    }
  }
  const first = is(r, ';') ? undefined : simple(r)
  expect(r, ';')
  newlines(r)
  const test = is(r, ';') ? undefined : expression(r)
  expect(r, ';')
  newlines(r)
  const next = is(r, ')') ? undefined : simple(r)
  expect(r, ')')
  return { kind: 'for', first, test, next, body: looped(r) }
}

const parenthesized = (r: Reader): Expr => {
  expect(r, '(')
  newlines(r)
  const test = expression(r)
  newlines(r)
  expect(r, ')')
  return test
}

const simple = (r: Reader): Statement => {
  if (!is(r, 'print') && !is(r, 'printf')) return { kind: 'expression', value: expression(r) }
  const formatted = peek(r).text === 'printf'
  r.at++
  const before = r.noGreater
  r.noGreater = true
  let args: Expr[] = []
  const none =
    is(r, ';') ||
    is(r, '}') ||
    is(r, '>') ||
    is(r, '>>') ||
    is(r, '|') ||
    peek(r).kind === 'newline' ||
    peek(r).kind === 'end'
  if (!none) {
    args.push(expression(r))
    while (takes(r, ',')) {
      newlines(r)
      args.push(expression(r))
    }
  }
  // `print (a, b) > "file"`
  const [only] = args
  if (args.length === 1 && only?.kind === 'grouping') args = only.items
  if (formatted && args.length === 0) fault(r)
  r.noGreater = before
  let output: Output | undefined
  for (const operator of ['>', '>>', '|'] as const) {
    if (!takes(r, operator)) continue
    const noGreater = r.noGreater
    r.noGreater = operator !== '|'
    output = { operator, target: operator === '|' ? concatenation(r) : condition(r) }
    r.noGreater = noGreater
  }
  return { kind: 'print', args, formatted, output }
}

/** Up to the closing sign. */
const list = (r: Reader, close: ')' | ']'): Expr[] => {
  const [greater, noIn] = [r.noGreater, r.noIn]
  r.noGreater = false
  r.noIn = false
  const items: Expr[] = []
  newlines(r)
  while (!is(r, close)) {
    items.push(expression(r))
    newlines(r)
    if (!takes(r, ',')) break
    newlines(r)
  }
  if (!is(r, close) && peek(r).text === 'end of file')
    throw new SyntaxFault(`line ${peek(r).line}: missing ${close} near end of line`)
  expect(r, close)
  r.noGreater = greater
  r.noIn = noIn
  return items
}

const assignments = new Set(['=', '+=', '-=', '*=', '/=', '%=', '^='])
const isTarget = (expr: Expr): boolean => expr.kind === 'name' || expr.kind === 'index' || expr.kind === 'field'

const expression = (r: Reader): Expr => {
  if (++r.depth > deepest) throw new SyntaxFault('yacc stack overflow')
  const left = condition(r)
  const { kind, text } = peek(r)
  let found = left
  if (kind === 'sign' && assignments.has(text) && isTarget(left)) {
    r.at++
    newlines(r)
    found = { kind: 'assign', operator: text, target: left, value: expression(r) }
  }
  r.depth--
  return found
}

const condition = (r: Reader): Expr => {
  const test = or(r)
  if (!takes(r, '?')) return test
  newlines(r)
  const yes = expression(r)
  newlines(r)
  expect(r, ':')
  newlines(r)
  return { kind: 'condition', test, yes, no: expression(r) }
}

const or = (r: Reader): Expr => {
  let left = and(r)
  while (takes(r, '||')) {
    newlines(r)
    left = { kind: 'or', left, right: and(r) }
  }
  return left
}
const and = (r: Reader): Expr => {
  let left = membership(r)
  while (takes(r, '&&')) {
    newlines(r)
    left = { kind: 'and', left, right: membership(r) }
  }
  return left
}
const membership = (r: Reader): Expr => {
  let left = matching(r)
  while (!r.noIn && is(r, 'in')) {
    r.at++
    const { kind, text: name } = peek(r)
    if (kind !== 'name') fault(r)
    r.at++
    left = {
      kind: 'in',
      subscripts: left.kind === 'grouping' ? left.items : [left],
      name,
      local: r.locals.get(name) ?? -1,
    }
  }
  return left
}
const matching = (r: Reader): Expr => {
  let left = comparison(r)
  while (is(r, '~') || is(r, '!~')) {
    const negated = peek(r).text === '!~'
    r.at++
    left = { kind: 'match', negated, left, right: comparison(r) }
  }
  return left
}
const comparison = (r: Reader): Expr => {
  const left = concatenation(r)
  const { kind, text } = peek(r)
  if (kind !== 'sign' || !['<', '<=', '==', '!=', '>', '>='].includes(text) || (text === '>' && r.noGreater))
    return left
  r.at++
  return { kind: 'compare', operator: text, left, right: concatenation(r) }
}

const startsOperand = (r: Reader): boolean => {
  const { kind, text } = peek(r)
  if (kind === 'sign') return ['$', '(', '-', '+', '++', '--'].includes(text)
  return kind !== 'newline' && kind !== 'end' && kind !== 'word'
}

const concatenation = (r: Reader): Expr => {
  let left = piped(r, additive(r))
  while (startsOperand(r)) left = piped(r, { kind: 'concat', left, right: additive(r) })
  return left
}

/** `command | getline` */
const piped = (r: Reader, left: Expr): Expr => {
  let found = left
  while (is(r, '|') && peek(r, 1).text === 'getline' && peek(r, 1).kind === 'word') {
    r.at += 2
    found = { kind: 'getline', from: 'command', source: found, target: optionalTarget(r) }
  }
  return found
}

const additive = (r: Reader): Expr => {
  let left = multiplicative(r)
  while (is(r, '+') || is(r, '-')) {
    const operator = peek(r).text
    r.at++
    left = { kind: 'arithmetic', operator, left, right: multiplicative(r) }
  }
  return left
}
const multiplicative = (r: Reader): Expr => {
  let left = unary(r)
  while (is(r, '*') || is(r, '/') || is(r, '%')) {
    const operator = peek(r).text
    r.at++
    left = { kind: 'arithmetic', operator, left, right: unary(r) }
  }
  return left
}
const unary = (r: Reader): Expr => {
  if (++r.depth > deepest) throw new SyntaxFault('yacc stack overflow')
  const kinds = { '!': 'not', '-': 'minus', '+': 'plus' } as const
  let found: Expr | undefined
  for (const [sign, kind] of Object.entries(kinds)) if (!found && takes(r, sign)) found = { kind, of: unary(r) }
  found ??= power(r)
  r.depth--
  return found
}
const power = (r: Reader): Expr => {
  const left = postfix(r)
  if (!takes(r, '^')) return left
  // To the right, and a sign binds tighter there.
  const right: Expr = is(r, '-') || is(r, '+') || is(r, '!') ? unary(r) : power(r)
  return { kind: 'arithmetic', operator: '^', left, right }
}
const postfix = (r: Reader): Expr => {
  const found = primary(r)
  if (isTarget(found) && (is(r, '++') || is(r, '--'))) {
    const by = peek(r).text === '++' ? 1 : -1
    r.at++
    return { kind: 'step', by, prefix: false, target: found }
  }
  return found
}

const optionalTarget = (r: Reader): Expr | undefined => {
  const token = peek(r)
  if (token.kind !== 'name' && !(token.kind === 'sign' && token.text === '$')) return undefined
  return primary(r)
}

const primary = (r: Reader): Expr => {
  const token = peek(r)
  const { kind, text } = token
  r.at++
  switch (kind) {
    case 'number':
      return { kind: 'number', value: token.value }
    case 'string':
      return { kind: 'string', value: text }
    case 'regex':
      return { kind: 'regex', source: text }
    case 'name': {
      const local = r.locals.get(text) ?? -1
      return takes(r, '[')
        ? { kind: 'index', name: text, local, subscripts: list(r, ']') }
        : { kind: 'name', name: text, local }
    }
    case 'call': {
      r.at++
      const args = list(r, ')')
      if (!r.called.has(text)) r.called.set(text, r.tokens.at(-1)!.line)
      return { kind: 'call', name: text, args }
    }
    case 'builtin':
      return builtin(r, token)
    case 'word':
      if (text === 'getline') {
        const target = optionalTarget(r)
        if (!takes(r, '<')) return { kind: 'getline', from: 'main', source: undefined, target }
        return { kind: 'getline', from: 'file', source: postfix(r), target }
      }
      break
    case 'sign':
      if (text === '$') {
        if (is(r, '++') || is(r, '--')) {
          const by = peek(r).text === '++' ? 1 : -1
          r.at++
          return { kind: 'field', of: { kind: 'step', by, prefix: true, target: primary(r) } }
        }
        return { kind: 'field', of: is(r, '-') || is(r, '!') || is(r, '+') ? unary(r) : primary(r) }
      }
      if (text === '++' || text === '--') {
        const target = primary(r)
        if (!isTarget(target)) break
        return { kind: 'step', by: text === '++' ? 1 : -1, prefix: true, target }
      }
      if (text === '(') {
        const items = list(r, ')')
        if (items.length === 0) break
        // A list is for print and for `in` alone.
        const ended = r.noGreater && /^(?:[;}>|]|>>|end of line|end of file)$/.test(peek(r).text)
        if (items.length > 1 && !is(r, 'in') && !ended) return fault(r)
        return { kind: 'grouping', items }
      }
      if (text === ')') throw new SyntaxFault(`line ${token.line}: extra ')'`)
  }
  r.at--
  return fault(r)
}

const builtin = (r: Reader, { text: name, line }: Token): Expr => {
  const [least, most] = builtins.get(name)!
  if (!is(r, '(')) {
    if (name !== 'length') fault(r)
    return { kind: 'builtin', name, args: [] }
  }
  r.at++
  const args = list(r, ')')
  if (args.length < least || args.length > most)
    throw new SyntaxFault(`line ${line}: wrong number of arguments in call to ${name}`)
  return { kind: 'builtin', name, args }
}
