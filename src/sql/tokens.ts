import { SqlError } from './error.ts'

export type Dialect = 'mysql' | 'postgresql' | 'tsql'

export type Token = {
  kind:
    | 'word' // a name or keyword, as written
    | 'quoted' // a name in `…` (MySQL), "…" (PostgreSQL), "…" or […] (T-SQL)
    | 'string'
    | 'number'
    | 'hex' // 0x41, x'41': its bytes
    | 'bits' // b'01': its digits
    | 'variable' // @name
    | 'system' // @@name
    | 'parameter' // ? or $1
    | 'operator'
    | 'broken' // what cannot be read: an open quote, a stray byte
    | 'end'
  /** What it says: without quotes, escapes resolved. */
  text: string
  start: number
  end: number
}

/** Tokens of one statement text: more is refused. */
const MOST = 200_000

const wordStart = /[A-Za-z_\x80-\xff]/
const word = { mysql: /[\w$\x80-\xff]*/y, postgresql: /[\w$\x80-\xff]*/y }
const space = /[\s\0]*/y
const number = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y
const mysqlOperators = ['<=>', '->>', '<<', '>>', '<=', '>=', '<>', '!=', ':=', '||', '&&', '->']
const postgresOperator = /[-+*/<>=~!@#%^&|`?]+/y
const tsqlWord = /[A-Za-z_#\x80-\uffff][\w$#@\x80-\uffff]*/y
const tsqlOperators = ['<=', '>=', '<>', '!=', '!<', '!>', '+=', '-=', '*=', '/=', '%=', '::']
const single = new Set('+-*/%<>=!~&|^(),.;:[]{}?'.split(''))

/** Cuts a text into tokens; the last is always `end`. Nothing is refused here but sheer length. */
export function tokenize(sql: string, dialect: Dialect): Token[] {
  const found: Token[] = []
  let at = 0
  // MySQL's `/*!40101 … */`: what is inside is read, and so is its end.
  let inside = 0
  const push = (kind: Token['kind'], text: string, start: number, end: number) => {
    if (found.length >= MOST) throw new SqlError('too much', ['tokens'], start)
    found.push({ kind, text, start, end })
    at = end
  }
  for (;;) {
    at = match(space, sql, at)
    if (at >= sql.length) break
    const skipped = comment(sql, at, dialect)
    if (skipped !== undefined) {
      if (skipped.opens) inside++
      at = skipped.end
      continue
    }
    if (inside > 0 && sql.startsWith('*/', at)) {
      inside--
      at += 2
      continue
    }
    const token = cutters[dialect](sql, at)
    push(token.kind, token.text, token.start, token.end)
  }
  push('end', '', sql.length, sql.length)
  return found
}

const match = (pattern: RegExp, sql: string, at: number): number => {
  pattern.lastIndex = at
  return pattern.test(sql) ? pattern.lastIndex : at
}

function comment(sql: string, at: number, dialect: Dialect): { end: number; opens?: true } | undefined {
  const two = sql.slice(at, at + 2)
  if (two === '--' && (dialect !== 'mysql' || /[\s\0]|^$/.test(sql.slice(at + 2, at + 3)))) return endOfLine(sql, at)
  if (dialect === 'mysql' && sql[at] === '#') return endOfLine(sql, at)
  if (two !== '/*') return undefined
  if (dialect !== 'mysql') return nested(sql, at)
  const executed = /\/\*M?!\d{0,6}/y
  executed.lastIndex = at
  if (executed.test(sql)) return { end: executed.lastIndex, opens: true }
  const close = sql.indexOf('*/', at + 2)
  return { end: close < 0 ? sql.length : close + 2 }
}
function endOfLine(sql: string, at: number) {
  const end = sql.indexOf('\n', at)
  return { end: end < 0 ? sql.length : end + 1 }
}
function nested(sql: string, at: number): { end: number } {
  let depth = 0
  for (let i = at; i < sql.length; i++) {
    if (sql.startsWith('/*', i)) {
      depth++
      i++
    } else if (sql.startsWith('*/', i)) {
      depth--
      i++
      if (depth === 0) return { end: i + 1 }
    }
  }
  return { end: sql.length }
}

function mysqlToken(sql: string, start: number): Token {
  const c = sql[start]!
  const prefixed = /^(?:[xX]'([0-9a-fA-F]*)'|[bB]'([01]*)'|0x([0-9a-fA-F]+)(?![\w$])|0b([01]+)(?![\w$]))/.exec(
    sql.slice(start, start + 3) + (/^(?:[xXbB]'|0[xb])/.test(sql.slice(start, start + 2)) ? rest(sql, start + 3) : ''),
  )
  if (prefixed) {
    const [all, quotedHex, quotedBits, hex, bits] = prefixed
    const end = start + all.length
    const digits = quotedHex ?? hex
    if (digits === undefined) return { kind: 'bits', text: quotedBits ?? bits ?? '', start, end }
    // An odd number of digits is an error in quotes, and filled up otherwise.
    if (quotedHex === undefined || digits.length % 2 === 0)
      return { kind: 'hex', text: unhex(digits.length % 2 ? `0${digits}` : digits), start, end }
  }
  if (/[nN]/.test(c) && sql[start + 1] === "'") return { ...quoted(sql, start + 1, "'", true), start, kind: 'string' }
  if (c === "'" || c === '"') return string(sql, start, c)
  if (c === '`') {
    const name = quoted(sql, start, '`', false)
    return { ...name, kind: name.kind === 'broken' ? 'broken' : 'quoted' }
  }
  if (c === '@') return variable(sql, start)
  const figure = numberOrName(sql, start)
  if (figure) return figure
  if (wordStart.test(c) || c === '$') return take(word.mysql, 'word', sql, start)
  const operator = mysqlOperators.find(one => sql.startsWith(one, start))
  if (operator) return { kind: 'operator', text: operator, start, end: start + operator.length }
  if (c === '?') return { kind: 'parameter', text: '?', start, end: start + 1 }
  return { kind: single.has(c) ? 'operator' : 'broken', text: c, start, end: start + 1 }
}
const rest = (sql: string, from: number): string => sql.slice(from)

/** MySQL's names may begin with digits: `1a` is one, `1e5` is a number. */
function numberOrName(sql: string, start: number): Token | undefined {
  const end = match(number, sql, start)
  if (end === start) return undefined
  const wordEnd = match(word.mysql, sql, start)
  const plain = /^\d+$/.test(sql.slice(start, end))
  if (wordEnd > end && (plain || /^\d+[eE]\d+$/.test(sql.slice(start, end))))
    return { kind: 'word', text: sql.slice(start, wordEnd), start, end: wordEnd }
  return { kind: 'number', text: sql.slice(start, end), start, end }
}

function variable(sql: string, start: number): Token {
  const system = sql[start + 1] === '@'
  const from = start + (system ? 2 : 1)
  const c = sql[from] ?? ''
  if (c === '`' || (!system && (c === "'" || c === '"'))) {
    const name = quoted(sql, from, c, c !== '`')
    return { ...name, kind: name.kind === 'broken' ? 'broken' : system ? 'system' : 'variable', start }
  }
  const name = system ? /[\w$\x80-\xff]*/y : /[\w$.\x80-\xff]*/y
  const end = match(name, sql, from)
  return { kind: system ? 'system' : 'variable', text: sql.slice(from, end), start, end }
}

/** Strings side by side are one. */
function string(sql: string, start: number, quote: string): Token {
  const first = quoted(sql, start, quote, true)
  if (first.kind === 'broken') return first
  const parts = [first.text]
  let { end } = first
  for (;;) {
    const at = match(space, sql, end)
    const c = sql[at]
    if (c !== "'" && c !== '"') break
    const next = quoted(sql, at, c, true)
    if (next.kind === 'broken') break
    parts.push(next.text)
    end = next.end
  }
  return { kind: 'string', text: parts.join(''), start, end }
}

const escapes = new Map([
  ['0', '\0'],
  ['b', '\b'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['Z', '\x1a'],
  ['%', '\\%'],
  ['_', '\\_'],
])

function quoted(sql: string, start: number, quote: string, backslashes: boolean): Token {
  const parts: string[] = []
  let from = start + 1
  for (let i = from; i < sql.length; i++) {
    const c = sql[i]!
    if (c === '\\' && backslashes) {
      const next = sql[i + 1] ?? ''
      parts.push(sql.slice(from, i), escapes.get(next) ?? next)
      i++
      from = i + 1
    } else if (c === quote) {
      parts.push(sql.slice(from, i))
      if (sql[i + 1] !== quote) return { kind: 'string', text: parts.join(''), start, end: i + 1 }
      parts.push(quote)
      i++
      from = i + 1
    }
  }
  return { kind: 'broken', text: sql.slice(start), start, end: sql.length }
}

function postgresToken(sql: string, start: number): Token {
  const c = sql[start]!
  const next = sql[start + 1]
  if (/[eE]/.test(c) && next === "'") return { ...escaped(sql, start + 1), start }
  if (/[nN]/.test(c) && next === "'") return { ...quoted(sql, start + 1, "'", false), start }
  if (/[xXbB]/.test(c) && next === "'") {
    const digits = quoted(sql, start + 1, "'", false)
    return { ...digits, kind: digits.kind === 'broken' ? 'broken' : 'bits', text: c.toLowerCase() + digits.text, start }
  }
  if (c === "'") return quoted(sql, start, "'", false)
  if (c === '"') {
    const name = quoted(sql, start, '"', false)
    return { ...name, kind: name.kind === 'broken' ? 'broken' : 'quoted' }
  }
  if (c === '$') {
    const parameter = /\$\d+/y
    const end = match(parameter, sql, start)
    if (end > start) return { kind: 'parameter', text: sql.slice(start + 1, end), start, end }
    return dollar(sql, start)
  }
  if (/[\d.]/.test(c)) {
    const end = match(number, sql, start)
    if (end > start) return { kind: 'number', text: sql.slice(start, end), start, end }
  }
  if (wordStart.test(c)) return take(word.postgresql, 'word', sql, start)
  if (sql.startsWith('::', start) || sql.startsWith(':=', start) || sql.startsWith('=>', start))
    return { kind: 'operator', text: sql.slice(start, start + 2), start, end: start + 2 }
  let end = match(postgresOperator, sql, start)
  if (end > start) {
    // A comment ends an operator; so does a sign behind one without ~ ! @ # % ^ & | ` ?.
    for (const mark of ['--', '/*']) {
      const cut = sql.slice(start, end).indexOf(mark)
      if (cut > 0) end = start + cut
    }
    while (end - start > 1 && /[-+]$/.test(sql.slice(start, end)) && !/[~!@#%^&|`?]/.test(sql.slice(start, end))) end--
    return { kind: 'operator', text: sql.slice(start, end), start, end }
  }
  return { kind: single.has(c) ? 'operator' : 'broken', text: c, start, end: start + 1 }
}

/** T-SQL: strings and names double their quotes and know no escapes; a name may be in brackets. */
function tsqlToken(sql: string, start: number): Token {
  const c = sql[start]!
  if (/[nN]/.test(c) && sql[start + 1] === "'") return { ...quoted(sql, start + 1, "'", false), start }
  if (c === "'") return quoted(sql, start, "'", false)
  if (c === '"' || c === '[') {
    const name = quoted(sql, start, c === '[' ? ']' : c, false)
    return { ...name, kind: name.kind === 'broken' ? 'broken' : 'quoted' }
  }
  if (/^0x/i.test(sql.slice(start, start + 2))) {
    const digits = /[0-9a-fA-F]*/y
    const end = match(digits, sql, start + 2)
    const hex = sql.slice(start + 2, end)
    return { kind: 'hex', text: unhex(hex.length % 2 ? `0${hex}` : hex), start, end }
  }
  if (c === '@') {
    const system = sql[start + 1] === '@'
    const name = /[\w$#@\x80-\uffff]*/y
    const from = start + (system ? 2 : 1)
    const end = match(name, sql, from)
    return { kind: system ? 'system' : 'variable', text: sql.slice(from, end), start, end }
  }
  if (/[\d.]/.test(c)) {
    const end = match(number, sql, start)
    if (end > start) return { kind: 'number', text: sql.slice(start, end), start, end }
  }
  const end = match(tsqlWord, sql, start)
  if (end > start) return { kind: 'word', text: sql.slice(start, end), start, end }
  const operator = tsqlOperators.find(one => sql.startsWith(one, start)) ?? c
  return { kind: single.has(c) ? 'operator' : 'broken', text: operator, start, end: start + operator.length }
}

const cutters = { mysql: mysqlToken, postgresql: postgresToken, tsql: tsqlToken } as const

/** `$tag$ … $tag$`. */
function dollar(sql: string, start: number): Token {
  const opening = /\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?\$/y
  const from = match(opening, sql, start)
  if (from === start) return { kind: 'broken', text: '$', start, end: start + 1 }
  const mark = sql.slice(start, from)
  const close = sql.indexOf(mark, from)
  if (close < 0) return { kind: 'broken', text: sql.slice(start), start, end: sql.length }
  return { kind: 'string', text: sql.slice(from, close), start, end: close + mark.length }
}

const cEscapes = new Map([
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])
function escaped(sql: string, start: number): Token {
  const raw = quotedRaw(sql, start)
  if (raw === undefined) return { kind: 'broken', text: sql.slice(start), start, end: sql.length }
  const text = raw.text.replace(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|[\s\S])|''/g, (all, what?: string) => {
    if (all === "''" || what === undefined) return "'"
    if (/^x./.test(what)) return String.fromCharCode(Number.parseInt(what.slice(1), 16))
    if (/^[0-7]/.test(what)) return String.fromCharCode(Number.parseInt(what, 8) & 255)
    return cEscapes.get(what) ?? what
  })
  return { kind: 'string', text, start, end: raw.end }
}
function quotedRaw(sql: string, start: number): { text: string; end: number } | undefined {
  for (let i = start + 1; i < sql.length; i++) {
    if (sql[i] === '\\') i++
    else if (sql[i] === "'") {
      if (sql[i + 1] !== "'") return { text: sql.slice(start + 1, i), end: i + 1 }
      i++
    }
  }
  return undefined
}

const take = (pattern: RegExp, kind: Token['kind'], sql: string, start: number): Token => {
  const end = Math.max(start + 1, match(pattern, sql, start))
  return { kind, text: sql.slice(start, end), start, end }
}
const unhex = (digits: string): string => Buffer.from(digits, 'hex').toString('latin1')
