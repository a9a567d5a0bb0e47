import type { Clause, Expression, Parameter, Statement } from './ast.ts'
import { cursorOf } from './cursor.ts'
import { literalOf, numberOf } from './literals.ts'
import { SyntaxFault, type Token, tokensOf } from './tokens.ts'

const constants = new Map<string, boolean | null>([
  ['True', true],
  ['False', false],
  ['None', null],
])

/** The statements of a source in Python 3; throws `SyntaxFault`. */
export const parsePython = (source: string): Statement[] => {
  const tokens = tokensOf(source)
  const { peek, next, is, fault, accept, expect, word, deeper } = cursorOf(tokens)
  const levels: readonly (readonly string[])[] = [
    ['|'],
    ['^'],
    ['&'],
    ['<<', '>>'],
    ['+', '-'],
    ['*', '/', '//', '%', '@'],
  ]
  const expression = (): Expression => deeper(lambdaOrChoice)
  const lambdaOrChoice = (): Expression => {
    if (accept('lambda')) {
      const list = parameters(':')
      expect(':')
      return { kind: 'lambda', parameters: list, body: expression() }
    }
    const then = or()
    if (!accept('if')) return then
    const test = or()
    expect('else')
    return { kind: 'choice', test, then, other: expression() }
  }
  const chain = (operator: string, next: () => Expression) => (): Expression => {
    let left = next()
    while (is(operator)) {
      const { line } = peek()
      next()
      left = { kind: 'binary', operator, left, right: next(), line }
    }
    return left
  }
  const not = (): Expression => {
    const { line } = peek()
    if (accept('not')) return { kind: 'unary', operator: 'not', of: deeper(not), line }
    return comparison()
  }
  const and = chain('and', not)
  const or = chain('or', and)
  const comparison = (): Expression => {
    let left = level(0)
    let whole: Expression | undefined
    for (;;) {
      const { line } = peek()
      let operator = ''
      if (peek().kind === 'op' && /^(==|!=|<|>|<=|>=)$/.test(peek().text)) operator = next().text
      else if (accept('in')) operator = 'in'
      else if (is('not') && peek(1).text === 'in') {
        next()
        next()
        operator = 'not in'
      } else if (accept('is')) operator = accept('not') ? 'is not' : 'is'
      else return whole ?? left
      const right = level(0)
      const one: Expression = { kind: 'binary', operator, left, right, line }
      whole = whole ? { kind: 'binary', operator: 'and', left: whole, right: one, line } : one
      left = right
    }
  }
  const level = (index: number): Expression => {
    if (index >= levels.length) return unary()
    let left = level(index + 1)
    while (peek().kind === 'op' && levels[index]!.includes(peek().text)) {
      const { text, line } = next()
      left = { kind: 'binary', operator: text, left, right: level(index + 1), line }
    }
    return left
  }
  const unary = (): Expression => {
    const { text, line, kind } = peek()
    if (kind === 'op' && (text === '-' || text === '+' || text === '~')) {
      next()
      return { kind: 'unary', operator: text, of: deeper(unary), line }
    }
    accept('await')
    const base = trailers(atom())
    if (!is('**')) return base
    next()
    return { kind: 'binary', operator: '**', left: base, right: deeper(unary), line }
  }
  const trailers = (first: Expression): Expression => {
    let of = first
    for (;;) {
      const { line } = peek()
      if (accept('.')) of = { kind: 'attribute', of, name: word(), line }
      else if (accept('(')) of = deeper(() => call(of, line))
      else if (accept('[')) {
        const index = deeper(subscript)
        expect(']')
        of = { kind: 'item', of, index, line }
      } else return of
    }
  }
  const call = (of: Expression, line: number): Expression => {
    const args: Expression[] = []
    const named: [string, Expression][] = []
    while (!accept(')')) {
      if (accept('*')) args.push({ kind: 'star', of: expression() })
      else if (accept('**')) expression()
      else if (peek().kind === 'name' && peek(1).text === '=' && peek(1).kind === 'op') {
        const name = word()
        next()
        named.push([name, expression()])
      } else {
        const value = expression()
        args.push(is('for') ? { kind: 'each', of: 'generator', value, clauses: clauses() } : value)
      }
      if (!accept(',') && !is(')')) fault('invalid syntax. Perhaps you forgot a comma?')
    }
    return { kind: 'call', of, args, named, line }
  }
  const subscript = (): Expression => {
    const part = (): Expression | undefined => (is(':') || is(']') ? undefined : expression())
    const from = part()
    if (!accept(':')) return from ?? fault()
    const to = part()
    return { kind: 'slice', from, to, step: accept(':') ? part() : undefined }
  }
  const clauses = (): Clause[] => {
    const found: Clause[] = []
    while (accept('for')) {
      const target = targets()
      expect('in')
      const source = or()
      const tests: Expression[] = []
      while (accept('if')) tests.push(or())
      found.push({ target, source, tests })
    }
    return found
  }
  const targets = (): Expression => {
    const items = [trailers(atom())]
    let many = false
    while (accept(',')) {
      many = true
      if (is('in') || is('=')) break
      items.push(trailers(atom()))
    }
    return many ? { kind: 'tuple', items } : items[0]!
  }
  const atom = (): Expression => {
    const token = peek()
    if (token.kind === 'number') {
      next()
      const value = numberOf(token.text)
      return { kind: /^0[xob]/i.test(token.text) || !/[.e]/i.test(token.text) ? 'constant' : 'float', value }
    }
    if (token.kind === 'string') return strings()
    if (token.kind === 'name') {
      if (constants.has(token.text)) {
        next()
        return { kind: 'constant', value: constants.get(token.text)! }
      }
      return { kind: 'name', name: word(), line: token.line }
    }
    if (accept('(')) return deeper(() => bracket(')', 'tuple'))
    if (accept('[')) return deeper(() => bracket(']', 'list'))
    if (accept('{')) return deeper(braces)
    if (accept('...')) return { kind: 'constant', value: null }
    return fault()
  }
  const bracket = (end: string, kind: 'tuple' | 'list'): Expression => {
    const items: Expression[] = []
    let many = kind === 'list'
    while (!accept(end)) {
      const value = accept('*') ? ({ kind: 'star', of: expression() } as Expression) : expression()
      if (is('for')) {
        const each: Expression = { kind: 'each', of: kind === 'list' ? 'list' : 'generator', value, clauses: clauses() }
        expect(end)
        return each
      }
      items.push(value)
      if (accept(',')) many = true
      else if (!is(end)) fault('invalid syntax. Perhaps you forgot a comma?')
    }
    return many || items.length !== 1 ? { kind, items } : items[0]!
  }
  const braces = (): Expression => {
    const pairs: [Expression, Expression][] = []
    const items: Expression[] = []
    while (!accept('}')) {
      const first = expression()
      if (accept(':')) pairs.push([first, expression()])
      else items.push(first)
      if (!accept(',') && !is('}')) fault()
    }
    return items.length > 0 ? { kind: 'set', items } : { kind: 'dict', items: pairs }
  }
  const strings = (): Expression => {
    const pieces: Token[] = []
    while (peek().kind === 'string') pieces.push(next())
    return literalOf(pieces, code => {
      const [first] = parsePython(code)
      return first?.kind === 'expression' ? first.value : undefined
    })
  }
  const parameters = (end: string): Parameter[] => {
    const list: Parameter[] = []
    while (!is(end)) {
      accept('*') || accept('**')
      const name = word()
      if (end === ')' && accept(':')) expression()
      list.push({ name, usual: accept('=') ? expression() : undefined })
      if (!accept(',')) break
    }
    return list
  }
  const tuple = (): Expression => {
    const first = accept('*') ? ({ kind: 'star', of: expression() } as Expression) : expression()
    if (!is(',')) return first
    const items = [first]
    while (accept(',')) {
      if (peek().kind === 'newline' || is('=') || is(')') || is(';')) break
      items.push(expression())
    }
    return { kind: 'tuple', items }
  }

  const block = (after = '', where = 0): Statement[] =>
    deeper(() => {
      expect(':')
      if (peek().kind !== 'newline') return line()
      next()
      if (peek().kind !== 'indent')
        throw new SyntaxFault(
          `expected an indented block after ${after} on line ${where}`,
          peek().line,
          peek().column,
          'IndentationError',
        )
      next()
      const body: Statement[] = []
      while (peek().kind !== 'dedent' && peek().kind !== 'end') body.push(...statement())
      if (peek().kind === 'dedent') next()
      return body
    })
  const line = (): Statement[] => {
    const found = [small()]
    while (accept(';')) {
      if (peek().kind === 'newline') break
      found.push(small())
    }
    if (peek().kind !== 'newline' && peek().kind !== 'end') fault()
    if (peek().kind === 'newline') next()
    return found
  }
  const dotted = (): string => {
    let name = word()
    while (accept('.')) name += `.${word()}`
    return name
  }
  const small = (): Statement => {
    const start = peek()
    const { line: where } = start
    const at0 = { line: where }
    if (accept('pass')) return { kind: 'pass', ...at0 }
    if (accept('break')) return { kind: 'break', ...at0 }
    if (accept('continue')) return { kind: 'continue', ...at0 }
    for (const kind of ['return', 'raise', 'assert', 'del'] as const) {
      if (!accept(kind)) continue
      const value = peek().kind === 'newline' || is(';') ? undefined : tuple()
      if (kind === 'raise' && accept('from')) expression()
      return { kind: kind === 'del' ? 'delete' : kind, value, ...at0 }
    }
    if (accept('global') || accept('nonlocal')) {
      do word()
      while (accept(','))
      return { kind: 'pass', ...at0 }
    }
    if (accept('import')) {
      const modules: { name: string; as: string | undefined }[] = []
      do modules.push({ name: dotted(), as: accept('as') ? word() : undefined })
      while (accept(','))
      return { kind: 'import', modules, ...at0 }
    }
    if (accept('from')) {
      const module = dotted()
      expect('import')
      if (accept('*')) return { kind: 'from', module, names: [{ name: '*', as: '*' }], ...at0 }
      const closed = accept('(')
      const names: { name: string; as: string }[] = []
      do {
        const name = word()
        names.push({ name, as: accept('as') ? word() : name })
      } while (accept(',') && !is(')'))
      if (closed) expect(')')
      return { kind: 'from', module, names, ...at0 }
    }
    const first = tuple()
    if (peek().kind === 'op' && /^(\+|-|\*|\/|\/\/|%|&|\||\^|<<|>>|\*\*)=$/.test(peek().text)) {
      const operator = next().text.slice(0, -1)
      return { kind: 'change', target: first, operator, value: tuple(), ...at0 }
    }
    if (accept(':')) {
      expression()
      if (!is('=')) return { kind: 'pass', ...at0 }
    }
    const found = [first]
    while (accept('=')) found.push(tuple())
    if (found.length > 1) return { kind: 'assign', targets: found.slice(0, -1), value: found.at(-1)!, ...at0 }
    if (
      first.kind === 'name' &&
      (first.name === 'print' || first.name === 'exec') &&
      peek().kind !== 'newline' &&
      !is(';')
    )
      fault(`Missing parentheses in call to '${first.name}'. Did you mean ${first.name}(...)?`, start)
    return { kind: 'expression', value: first, ...at0 }
  }
  const statement = (): Statement[] => {
    const { line: where } = peek()
    const at0 = { line: where }
    while (accept('@')) {
      expression()
      if (peek().kind === 'newline') next()
    }
    accept('async')
    if (accept('if')) {
      const branches = [{ test: expression(), body: block("'if' statement", where) }]
      while (accept('elif')) branches.push({ test: expression(), body: block() })
      return [{ kind: 'if', branches, other: accept('else') ? block() : [], ...at0 }]
    }
    if (accept('while')) return [{ kind: 'while', test: expression(), body: block("'while' statement", where), ...at0 }]
    if (accept('for')) {
      const target = targets()
      expect('in')
      return [{ kind: 'for', target, source: tuple(), body: block("'for' statement", where), ...at0 }]
    }
    if (accept('def')) {
      const name = word()
      expect('(')
      const list = parameters(')')
      expect(')')
      if (accept('->')) expression()
      return [{ kind: 'def', name, parameters: list, body: block('function definition', where), ...at0 }]
    }
    if (accept('class')) {
      const name = word()
      if (accept('(')) call({ kind: 'constant', value: null }, where)
      block()
      return [{ kind: 'class', name, ...at0 }]
    }
    if (accept('try')) {
      const body = block("'try' statement", where)
      const handlers: { types: Expression | undefined; as: string | undefined; body: Statement[] }[] = []
      while (accept('except')) {
        const types = is(':') ? undefined : tuple()
        handlers.push({ types, as: accept('as') ? word() : undefined, body: block() })
      }
      const other = accept('else') ? block() : []
      return [{ kind: 'try', body: [...body, ...other], handlers, last: accept('finally') ? block() : [], ...at0 }]
    }
    if (accept('with')) {
      const items: { value: Expression; as: Expression | undefined }[] = []
      do items.push({ value: expression(), as: accept('as') ? trailers(atom()) : undefined })
      while (accept(','))
      return [{ kind: 'with', items, body: block(), ...at0 }]
    }
    if (peek().kind === 'indent')
      throw new SyntaxFault('unexpected indent', peek().line, peek().column, 'IndentationError')
    return line()
  }

  const all: Statement[] = []
  while (peek().kind !== 'end') {
    if (peek().kind === 'newline') next()
    else all.push(...statement())
  }
  return all
}
