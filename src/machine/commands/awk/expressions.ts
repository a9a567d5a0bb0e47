import { builtins, type Token } from './lexer.ts'
import { deepest, expect, fault, is, newlines, peek, type Reader, takes } from './reader.ts'
import { type Expr, SyntaxFault } from './syntax.ts'

/** Up to the closing sign. */
export const list = (r: Reader, close: ')' | ']'): Expr[] => {
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

export const expression = (r: Reader): Expr => {
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

export const condition = (r: Reader): Expr => {
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

export const concatenation = (r: Reader): Expr => {
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
