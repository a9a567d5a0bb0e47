import { SyntaxFault, type Token, tokensOf, unescaped } from './tokens.ts'

export type Expression =
  | { kind: 'constant'; value: number | string | boolean | null }
  | { kind: 'float'; value: number }
  | { kind: 'bytes'; value: string }
  | { kind: 'format'; parts: (string | { value: Expression; form: string; convert: string })[] }
  | { kind: 'name'; name: string; line: number }
  | { kind: 'attribute'; of: Expression; name: string; line: number }
  | { kind: 'item'; of: Expression; index: Expression; line: number }
  | { kind: 'slice'; from: Expression | undefined; to: Expression | undefined; step: Expression | undefined }
  | { kind: 'call'; of: Expression; args: Expression[]; named: [string, Expression][]; line: number }
  | { kind: 'star'; of: Expression }
  | { kind: 'list' | 'tuple' | 'set'; items: Expression[] }
  | { kind: 'dict'; items: [Expression, Expression][] }
  | { kind: 'unary'; operator: string; of: Expression; line: number }
  | { kind: 'binary'; operator: string; left: Expression; right: Expression; line: number }
  | { kind: 'choice'; test: Expression; then: Expression; other: Expression }
  | { kind: 'lambda'; parameters: Parameter[]; body: Expression }
  | { kind: 'each'; of: 'list' | 'generator' | 'set'; value: Expression; clauses: Clause[] }
export type Clause = { target: Expression; source: Expression; tests: Expression[] }
export type Parameter = { name: string; usual: Expression | undefined }

export type Statement = { line: number } & (
  | { kind: 'expression'; value: Expression }
  | { kind: 'assign'; targets: Expression[]; value: Expression }
  | { kind: 'change'; target: Expression; operator: string; value: Expression }
  | { kind: 'import'; modules: { name: string; as: string | undefined }[] }
  | { kind: 'from'; module: string; names: { name: string; as: string }[] }
  | { kind: 'if'; branches: { test: Expression; body: Statement[] }[]; other: Statement[] }
  | { kind: 'while'; test: Expression; body: Statement[] }
  | { kind: 'for'; target: Expression; source: Expression; body: Statement[] }
  | { kind: 'def'; name: string; parameters: Parameter[]; body: Statement[] }
  | {
      kind: 'try'
      body: Statement[]
      handlers: { types: Expression | undefined; as: string | undefined; body: Statement[] }[]
      last: Statement[]
    }
  | { kind: 'with'; items: { value: Expression; as: Expression | undefined }[]; body: Statement[] }
  | { kind: 'return' | 'raise' | 'assert' | 'delete'; value: Expression | undefined }
  | { kind: 'pass' | 'break' | 'continue' }
  | { kind: 'class'; name: string }
)

/** Blocks and brackets within each other. */
const deepest = 60
const keywords = new Set(
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield'.split(
    ' ',
  ),
)

/** The statements of a source in Python 3; throws `SyntaxFault`. */
export const parsePython = (source: string): Statement[] => {
  const tokens = tokensOf(source)
  let at = 0
  let depth = 0
  const peek = (ahead = 0): Token => tokens[Math.min(at + ahead, tokens.length - 1)]!
  const is = (text: string): boolean => (peek().kind === 'op' || peek().kind === 'name') && peek().text === text
  const fault = (message = 'invalid syntax', token = peek()): never => {
    throw new SyntaxFault(message, token.line, token.column)
  }
  const accept = (text: string): boolean => {
    if (!is(text)) return false
    at++
    return true
  }
  const expect = (text: string): void => {
    if (!accept(text)) fault(text === ':' ? "expected ':'" : 'invalid syntax')
  }
  const word = (): string => {
    const token = peek()
    if (token.kind !== 'name' || keywords.has(token.text)) fault()
    at++
    return token.text
  }
  const deeper = <T>(what: () => T): T => {
    if (++depth > deepest) fault('too many nested parentheses')
    try {
      return what()
    } finally {
      depth--
    }
  }

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
      at++
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
      if (peek().kind === 'op' && /^(==|!=|<|>|<=|>=)$/.test(peek().text)) operator = tokens[at++]!.text
      else if (accept('in')) operator = 'in'
      else if (is('not') && peek(1).text === 'in') {
        at += 2
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
      const { text, line } = tokens[at++]!
      left = { kind: 'binary', operator: text, left, right: level(index + 1), line }
    }
    return left
  }
  const unary = (): Expression => {
    const { text, line, kind } = peek()
    if (kind === 'op' && (text === '-' || text === '+' || text === '~')) {
      at++
      return { kind: 'unary', operator: text, of: deeper(unary), line }
    }
    accept('await')
    const base = trailers(atom())
    if (!is('**')) return base
    at++
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
        at++
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
      at++
      const value = numberOf(token.text)
      return { kind: /^0[xob]/i.test(token.text) || !/[.e]/i.test(token.text) ? 'constant' : 'float', value }
    }
    if (token.kind === 'string') return strings()
    if (token.kind === 'name') {
      const constant = new Map<string, boolean | null>([
        ['True', true],
        ['False', false],
        ['None', null],
      ])
      if (constant.has(token.text)) {
        at++
        return { kind: 'constant', value: constant.get(token.text)! }
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
    let text = ''
    let bytes = false
    const parts: (string | { value: Expression; form: string; convert: string })[] = []
    while (peek().kind === 'string') {
      const { text: body, prefix = '' } = tokens[at++]!
      bytes ||= prefix.includes('b')
      const plain = (part: string) => (prefix.includes('r') ? part : unescaped(part, bytes))
      if (!prefix.includes('f')) {
        text += plain(body)
        parts.push(plain(body))
      } else for (const part of formatParts(body)) parts.push(typeof part === 'string' ? plain(part) : part)
    }
    if (parts.some(part => typeof part !== 'string')) return { kind: 'format', parts }
    const whole = parts.join('')
    return bytes ? { kind: 'bytes', value: text } : { kind: 'constant', value: whole }
  }
  const formatParts = (body: string): (string | { value: Expression; form: string; convert: string })[] => {
    const parts: (string | { value: Expression; form: string; convert: string })[] = []
    for (const [piece] of body.matchAll(/\{\{|\}\}|\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}|[^{}]+|[{}]/g)) {
      if (piece === '{{' || piece === '}}') parts.push(piece[0]!)
      else if (!piece.startsWith('{')) parts.push(piece)
      else {
        const [, code = '', convert = '', form = ''] = /^\{(.*?)(?:!([rsa]))?(?::([^:]*))?\}$/s.exec(piece) ?? []
        const [statement] = parsePython(`(${code})`)
        if (statement?.kind === 'expression') parts.push({ value: statement.value, form, convert })
      }
    }
    return parts
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
      at++
      if (peek().kind !== 'indent')
        throw new SyntaxFault(
          `expected an indented block after ${after} on line ${where}`,
          peek().line,
          peek().column,
          'IndentationError',
        )
      at++
      const body: Statement[] = []
      while (peek().kind !== 'dedent' && peek().kind !== 'end') body.push(...statement())
      if (peek().kind === 'dedent') at++
      return body
    })
  const line = (): Statement[] => {
    const found = [small()]
    while (accept(';')) {
      if (peek().kind === 'newline') break
      found.push(small())
    }
    if (peek().kind !== 'newline' && peek().kind !== 'end') fault()
    if (peek().kind === 'newline') at++
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
      const operator = tokens[at++]!.text.slice(0, -1)
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
      if (peek().kind === 'newline') at++
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
    if (peek().kind === 'newline') at++
    else all.push(...statement())
  }
  return all
}

const numberOf = (text: string): number => {
  const bare = text.replaceAll('_', '')
  return /^0[oO]/.test(bare) ? Number.parseInt(bare.slice(2), 8) : Number(bare)
}
