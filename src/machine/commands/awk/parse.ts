import { concatenation, condition, expression, list } from './expressions.ts'
import { tokensOf } from './lexer.ts'
import { deepest, expect, fault, is, newlines, peek, type Reader, takes } from './reader.ts'
import {
  type Definition,
  type Expr,
  type Output,
  type Rule,
  type Statement,
  type Syntax,
  SyntaxFault,
} from './syntax.ts'

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
