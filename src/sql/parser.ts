import type { Expression, Query, TypeName } from './ast.ts'
import { SqlError } from './error.ts'
import { isReserved } from './reserved.ts'
import { type Dialect, type Token, tokenize } from './tokens.ts'

/** Parts within parts: a text that goes deeper is refused, as the products do when their stack ends. */
const DEPTH = 120

/** Walks over the tokens of a text. What cannot stand where it does is a `syntax` problem at that token. */
export class Parser {
  readonly sql: string
  readonly dialect: Dialect
  /** Set by expressions.ts and queries.ts, which know each other only through here. */
  readonly grammar: Grammar
  /** Where tables are named, so far. */
  readonly named: Token[] = []
  /** `?` so far. */
  parameters = 0
  #tokens: readonly Token[]
  #at = 0
  #depth = 0

  constructor(sql: string, dialect: Dialect, grammar: Grammar, tokens: readonly Token[] = tokenize(sql, dialect)) {
    this.sql = sql
    this.dialect = dialect
    this.grammar = grammar
    this.#tokens = tokens
  }

  get token(): Token {
    return this.#tokens[this.#at]!
  }
  get atEnd(): boolean {
    return this.token.kind === 'end'
  }
  /** The end of what was read last. */
  get end(): number {
    return this.#tokens[this.#at - 1]?.end ?? 0
  }
  get position(): number {
    return this.#at
  }
  set position(at: number) {
    this.#at = at
  }
  ahead(n: number): Token {
    return this.#tokens[Math.min(this.#at + n, this.#tokens.length - 1)]!
  }
  next(): Token {
    const token = this.token
    if (token.kind !== 'end') this.#at++
    return token
  }
  fail(token: Token = this.token): never {
    throw new SqlError('syntax', [], token.start)
  }

  /** The word in lower case where the token is one, else ''. */
  get word(): string {
    const { kind, text } = this.token
    return kind === 'word' ? text.toLowerCase() : ''
  }
  isWord(...words: string[]): boolean {
    return words.every((word, i) => {
      const { kind, text } = this.ahead(i)
      return kind === 'word' && text.toLowerCase() === word
    })
  }
  isOperator(text: string): boolean {
    return this.token.kind === 'operator' && this.token.text === text
  }
  /** Takes these words if they are what comes. */
  takeWord(...words: string[]): boolean {
    if (!this.isWord(...words)) return false
    this.#at += words.length
    return true
  }
  takeOperator(text: string): boolean {
    if (!this.isOperator(text)) return false
    this.#at++
    return true
  }
  needWord(...words: string[]): void {
    for (const word of words) if (!this.takeWord(word)) this.fail()
  }
  needOperator(text: string): void {
    if (!this.takeOperator(text)) this.fail()
  }

  /** A name: quoted, or a word that is not reserved. PostgreSQL folds it. */
  name(): string {
    const { kind, text } = this.token
    if (kind === 'quoted') return this.next().text
    if (kind !== 'word' || isReserved(text.toLowerCase(), this.dialect)) this.fail()
    this.next()
    return this.dialect === 'postgresql' ? text.toLowerCase() : text
  }
  /** A name behind AS or a point, where reserved words may stand too. */
  label(): string {
    const { kind, text } = this.token
    if (kind !== 'word') return this.name()
    this.next()
    return this.dialect === 'postgresql' ? text.toLowerCase() : text
  }
  /** `a.b.c`. */
  path(): string[] {
    // T-SQL's tables in variables.
    if (this.dialect === 'tsql' && this.token.kind === 'variable') return [`@${this.next().text}`]
    const parts = [this.name()]
    // T-SQL's `master..sysdatabases` leaves the schema out.
    while (this.takeOperator('.')) parts.push(this.dialect === 'tsql' && this.isOperator('.') ? '' : this.label())
    return parts
  }
  string(): string {
    if (this.token.kind !== 'string') this.fail()
    return this.next().text
  }
  list<T>(one: () => T): T[] {
    const found = [one()]
    while (this.takeOperator(',')) found.push(one())
    return found
  }
  inBrackets<T>(inner: () => T): T {
    this.needOperator('(')
    const found = inner()
    this.needOperator(')')
    return found
  }
  names(): string[] {
    return this.inBrackets(() => this.list(() => this.name()))
  }

  /** One level deeper, while `inner` reads. */
  deeper<T>(inner: () => T): T {
    if (++this.#depth > DEPTH) throw new SqlError('too deep', [], this.token.start)
    try {
      return inner()
    } finally {
      this.#depth--
    }
  }
  expression(): Expression {
    return this.deeper(() => this.grammar.expression(this))
  }
  query(): Query {
    return this.deeper(() => this.grammar.query(this))
  }
  type(): TypeName {
    return this.grammar.type(this)
  }
  /** Does a query begin here, brackets aside? */
  get atQuery(): boolean {
    let ahead = 0
    while (this.ahead(ahead).kind === 'operator' && this.ahead(ahead).text === '(') ahead++
    const { kind, text } = this.ahead(ahead)
    return (
      kind === 'word' &&
      /^(?:select|with|values)$/i.test(text) &&
      !(ahead === 0 && /^values$/i.test(text) && this.dialect === 'mysql')
    )
  }
}

export type Grammar = {
  expression(p: Parser): Expression
  /** One operand, without operators around it. */
  operand(p: Parser): Expression
  query(p: Parser): Query
  type(p: Parser): TypeName
}
