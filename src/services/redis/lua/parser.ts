import { CompileError, type Token, tokens } from './lexer.ts'

/** Lua 5.1 as a tree (reference manual §8). `line`: where an error in it is said to be. */
export type Expression =
  | { is: 'nil' | 'true' | 'false' | 'vararg' }
  | { is: 'number'; value: number }
  | { is: 'string'; value: string }
  | { is: 'name'; name: string; line: number }
  | { is: 'index'; of: Expression; key: Expression; line: number }
  | { is: 'call'; of: Expression; args: Expression[]; line: number }
  | { is: 'method'; of: Expression; name: string; args: Expression[]; line: number }
  | { is: 'function'; names: string[]; vararg: boolean; body: Statement[] }
  | { is: 'binary'; operator: string; left: Expression; right: Expression; line: number }
  | { is: 'unary'; operator: string; of: Expression; line: number }
  | { is: 'table'; items: { key: Expression | undefined; value: Expression }[]; line: number }
  | { is: 'single'; of: Expression }
export type Statement =
  | { is: 'local'; names: string[]; values: Expression[] }
  | { is: 'assign'; targets: Expression[]; values: Expression[]; line: number }
  | { is: 'call'; call: Expression }
  | { is: 'do'; body: Statement[] }
  | { is: 'while'; test: Expression; body: Statement[] }
  | { is: 'repeat'; test: Expression; body: Statement[] }
  | { is: 'if'; arms: { test: Expression; body: Statement[] }[]; otherwise: Statement[] | undefined }
  | {
      is: 'count'
      name: string
      from: Expression
      to: Expression
      by: Expression | undefined
      body: Statement[]
      line: number
    }
  | { is: 'each'; names: string[]; values: Expression[]; body: Statement[]; line: number }
  | { is: 'localfunction'; name: string; of: Expression }
  | { is: 'return'; values: Expression[]; line: number }
  | { is: 'break' }

/** LUAI_MAXCCALLS. */
const DEPTH = 190
/** Left and right binding powers (§2.5.6). */
const powers = new Map<string, readonly [number, number]>([
  ['or', [1, 1]],
  ['and', [2, 2]],
  ...['<', '>', '<=', '>=', '~=', '=='].map(mark => [mark, [3, 3]] as [string, [number, number]]),
  ['..', [5, 4]],
  ['+', [6, 6]],
  ['-', [6, 6]],
  ['*', [7, 7]],
  ['/', [7, 7]],
  ['%', [7, 7]],
  ['^', [10, 9]],
])
const UNARY = 8

/** A script as a function's body; throws `CompileError`. */
export function parse(text: string, chunk: string): Statement[] {
  const all = tokens(text, chunk)
  let at = 0
  let depth = 0
  let loops = 0
  const peek = (): Token => all[at]!
  const next = (): Token => all[at++]!
  const is = (mark: string): boolean => {
    const { kind, text } = peek()
    return (kind === 'symbol' || kind === 'keyword') && text === mark
  }
  const accept = (mark: string): boolean => {
    if (!is(mark)) return false
    at++
    return true
  }
  const fail = (what: string, token = peek()): never => {
    throw new CompileError(`${chunk}:${token.line}: ${what} near '${token.text.slice(0, 80)}'`)
  }
  const expect = (mark: string, opener?: string, line = 0): void => {
    if (accept(mark)) return
    fail(
      opener === undefined || line === peek().line
        ? `'${mark}' expected`
        : `'${mark}' expected (to close '${opener}' at line ${line})`,
    )
  }
  const readName = (): string => {
    if (peek().kind !== 'name') fail("'<name>' expected")
    return next().text
  }
  const deeper = <T>(read: () => T): T => {
    if (++depth > DEPTH) throw new CompileError(`${chunk}:${peek().line}: chunk has too many syntax levels`)
    const made = read()
    depth--
    return made
  }
  const ends = (): boolean => peek().kind === 'end' || ['end', 'else', 'elseif', 'until'].some(is)

  const block = (): Statement[] =>
    deeper(() => {
      const body: Statement[] = []
      while (!ends()) {
        const one = statement()
        accept(';')
        body.push(one)
        if (one.is === 'return' || one.is === 'break') break
      }
      return body
    })
  const loop = (opener: string, line: number): Statement[] => {
    loops++
    const body = block()
    loops--
    expect('end', opener, line)
    return body
  }

  function statement(): Statement {
    const { line } = peek()
    if (accept('if')) return condition(line)
    if (accept('while')) {
      const test = expression()
      expect('do')
      return { is: 'while', test, body: loop('while', line) }
    }
    if (accept('do')) {
      const body = block()
      expect('end', 'do', line)
      return { is: 'do', body }
    }
    if (accept('for')) return counting(line)
    if (accept('repeat')) {
      loops++
      const body = block()
      loops--
      expect('until', 'repeat', line)
      return { is: 'repeat', body, test: expression() }
    }
    if (accept('function')) return named(line)
    if (accept('local')) return local()
    if (accept('return')) {
      const values = ends() || is(';') ? [] : list()
      return { is: 'return', values, line }
    }
    if (accept('break')) {
      if (loops === 0) fail('no loop to break')
      return { is: 'break' }
    }
    return assignment(line)
  }
  function condition(line: number): Statement {
    const arms: { test: Expression; body: Statement[] }[] = []
    let otherwise: Statement[] | undefined
    do {
      const test = expression()
      expect('then')
      arms.push({ test, body: block() })
    } while (accept('elseif'))
    if (accept('else')) otherwise = block()
    expect('end', 'if', line)
    return { is: 'if', arms, otherwise }
  }
  function counting(line: number): Statement {
    const names = [readName()]
    if (accept('=')) {
      const from = expression()
      expect(',')
      const to = expression()
      const by = accept(',') ? expression() : undefined
      expect('do')
      return { is: 'count', name: names[0]!, from, to, by, body: loop('for', line), line }
    }
    while (accept(',')) names.push(readName())
    if (!accept('in')) fail("'=' or 'in' expected")
    const values = list()
    expect('do')
    return { is: 'each', names, values, body: loop('for', line), line }
  }
  function named(line: number): Statement {
    let target: Expression = { is: 'name', name: readName(), line }
    let method = false
    while (!method && (is('.') || is(':'))) {
      method = next().text === ':'
      target = { is: 'index', of: target, key: { is: 'string', value: readName() }, line }
    }
    return { is: 'assign', targets: [target], values: [body(line, method)], line }
  }
  function local(): Statement {
    const { line } = peek()
    if (accept('function')) {
      const name = readName()
      return { is: 'localfunction', name, of: body(line, false) }
    }
    const names = [readName()]
    while (accept(',')) names.push(readName())
    return { is: 'local', names, values: accept('=') ? list() : [] }
  }
  function assignment(line: number): Statement {
    const first = suffixed()
    if (first.is === 'call' || first.is === 'method') {
      if (!is('=') && !is(',')) return { is: 'call', call: first }
    }
    const targets = [first]
    while (accept(',')) targets.push(suffixed())
    if (targets.some(target => target.is !== 'name' && target.is !== 'index')) fail('syntax error')
    expect('=')
    return { is: 'assign', targets, values: list(), line }
  }

  function body(line: number, method: boolean): Expression {
    const names = method ? ['self'] : []
    let vararg = false
    expect('(')
    if (!is(')'))
      do {
        if (accept('...')) vararg = true
        else {
          if (peek().kind !== 'name') fail("<name> or '...' expected")
          names.push(next().text)
        }
      } while (!vararg && accept(','))
    expect(')')
    const before = loops
    loops = 0
    const made = block()
    loops = before
    expect('end', 'function', line)
    return { is: 'function', names, vararg, body: made }
  }
  function list(): Expression[] {
    const found = [expression()]
    while (accept(',')) found.push(expression())
    return found
  }

  function expression(limit = 0): Expression {
    return deeper(() => {
      const { line, text } = peek()
      let left: Expression
      if (is('not') || is('-') || is('#')) {
        at++
        left = { is: 'unary', operator: text, of: expression(UNARY), line }
      } else left = simple()
      for (;;) {
        const operator = peek()
        const power = operator.kind === 'symbol' || operator.kind === 'keyword' ? powers.get(operator.text) : undefined
        if (!power || power[0] <= limit) return left
        at++
        left = { is: 'binary', operator: operator.text, left, right: expression(power[1]), line: operator.line }
      }
    })
  }
  function simple(): Expression {
    const token = peek()
    if (token.kind === 'number' || token.kind === 'string') {
      at++
      return token.kind === 'number' ? { is: 'number', value: token.number! } : { is: 'string', value: token.text }
    }
    for (const word of ['nil', 'true', 'false'] as const) if (accept(word)) return { is: word }
    if (accept('...')) return { is: 'vararg' }
    if (is('{')) return table()
    if (accept('function')) return body(token.line, false)
    return suffixed()
  }
  function table(): Expression {
    const { line } = next()
    const items: { key: Expression | undefined; value: Expression }[] = []
    while (!is('}')) {
      if (accept('[')) {
        const key = expression()
        expect(']')
        expect('=')
        items.push({ key, value: expression() })
      } else if (peek().kind === 'name' && all[at + 1]?.text === '=' && all[at + 1]?.kind === 'symbol') {
        const key: Expression = { is: 'string', value: next().text }
        at++
        items.push({ key, value: expression() })
      } else items.push({ key: undefined, value: expression() })
      if (!accept(',') && !accept(';')) break
    }
    expect('}', '{', line)
    return { is: 'table', items, line }
  }
  function suffixed(): Expression {
    const { line, kind } = peek()
    let made: Expression
    if (accept('(')) {
      made = { is: 'single', of: expression() }
      expect(')', '(', line)
    } else if (kind === 'name') made = { is: 'name', name: next().text, line }
    else return fail('unexpected symbol')
    for (;;) {
      const token = peek()
      if (accept('.')) made = { is: 'index', of: made, key: { is: 'string', value: readName() }, line: token.line }
      else if (accept('[')) {
        made = { is: 'index', of: made, key: expression(), line: token.line }
        expect(']')
      } else if (accept(':')) made = { is: 'method', of: made, name: readName(), args: args(), line: token.line }
      else if (is('(') || is('{') || token.kind === 'string')
        made = { is: 'call', of: made, args: args(), line: token.line }
      else return made
    }
  }
  function args(): Expression[] {
    const token = peek()
    if (token.kind === 'string') {
      at++
      return [{ is: 'string', value: token.text }]
    }
    if (is('{')) return [table()]
    if (!accept('(')) return fail('function arguments expected')
    if (accept(')')) return []
    const found = list()
    expect(')', '(', token.line)
    return found
  }

  const made = block()
  if (peek().kind !== 'end') fail("'<eof>' expected")
  return made
}
