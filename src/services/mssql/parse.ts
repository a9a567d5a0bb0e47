import type { ColumnDefinition, Expression, Key } from '#sql/ast.ts'
import { element } from '#sql/definitions.ts'
import { SqlError } from '#sql/error.ts'
import type { Parser } from '#sql/parser.ts'
import { parserOf } from '#sql/queries.ts'
import { statement } from '#sql/statements.ts'
import { type Token, tokenize } from '#sql/tokens.ts'
import { named } from './errors.ts'
import type { Node } from './nodes.ts'
import { execute, insertExecute } from './parse-execute.ts'
import { module } from './parse-module.ts'

/** Statements of one batch. */
const MOST = 5000

/** Reads a whole batch; a mistake anywhere is told before any of it is carried out. */
export function parseBatch(sql: string): Node[] {
  const tokens = tokenize(sql, 'tsql')
  for (const { kind, text, start } of tokens)
    if (kind === 'word' || (kind === 'quoted' && sql[start] === '[')) named(text)
  const p = parserOf(sql, 'tsql', tokens)
  const found: Node[] = []
  // A bare name at the very beginning is a procedure's.
  if (/^(?:word|quoted)$/.test(p.token.kind) && !starters.has(p.word) && !/^(?:go|label)$/.test(p.word)) {
    const after = p.ahead(1)
    if (!(after.kind === 'operator' && after.text === ':')) found.push(execute(p, false))
  }
  for (;;) {
    while (p.takeOperator(';'));
    if (p.atEnd) return found
    if (found.length >= MOST) throw new SqlError('too much', ['statements'])
    found.push(one(p))
  }
}

/** Words that a statement begins with. */
export const starters: ReadonlySet<string> = new Set(
  `select with insert update delete truncate create alter drop declare set if while begin exec execute print raiserror throw
  return break continue use commit rollback save waitfor open close deallocate fetch reconfigure backup restore dbcc kill
  shutdown checkpoint grant deny revoke bulk merge go goto end else enable disable revert readtext add`.split(/\s+/),
)

type Reader = (p: Parser, at: number) => Omit<Extract<Node, { at: number }>, 'at' | 'end'> | Node
/** The statement's word is read; what follows it is `rest`'s. */
const after =
  (rest: (p: Parser) => ReturnType<Reader>): Reader =>
  p => {
    p.next()
    return rest(p)
  }
const over = (p: Parser): boolean => p.atEnd || p.isOperator(';')
const readers = new Map<string, Reader>([
  ['declare', declare],
  ['set', set],
  ['if', condition],
  ['while', loop],
  ['begin', begin],
  ['exec', p => execute(p, true)],
  ['execute', p => execute(p, true)],
  ['print', after(p => ({ is: 'print', value: p.expression() }))],
  ['raiserror', raise],
  [
    'throw',
    after(p => ({ is: 'throw', args: over(p) || p.token.kind === 'word' ? [] : p.list(() => p.expression()) })),
  ],
  ['return', after(p => ({ is: 'return', value: over(p) || starters.has(p.word) ? undefined : p.expression() }))],
  ['break', after(() => ({ is: 'break' }))],
  ['continue', after(() => ({ is: 'continue' }))],
  ['use', after(p => ({ is: 'use', database: p.label() }))],
  ['commit', ended],
  ['rollback', ended],
  ['save', ended],
  ['waitfor', wait],
  ['open', cursorStep],
  ['close', cursorStep],
  ['deallocate', cursorStep],
  ['fetch', cursorStep],
  ['create', p => module(p) ?? own(p)],
  ['alter', p => module(p) ?? own(p)],
  ['insert', p => insertExecute(p) ?? own(p)],
])

/** One statement. */
export function one(p: Parser): Node {
  const at = p.token.start
  const made = p.deeper(() => (readers.get(p.word) ?? own)(p, at))
  return { ...made, at, end: p.end } as Node
}

/** What src/sql reads, or else a command that goes as far as the next statement. */
function own(p: Parser): Node {
  const at = p.token.start
  const from = p.position
  const found = statement(p)
  if (found) {
    if (!p.atEnd && !p.isOperator(';') && !starters.has(p.word)) p.fail()
    return { is: 'sql', statement: found, at, end: p.end }
  }
  p.position = from
  if (!starters.has(p.word)) p.fail()
  return { is: 'command', tokens: command(p), at, end: p.end }
}

function command(p: Parser): Token[] {
  const found: Token[] = []
  const verb = p.word
  let open = 0
  for (let seen = 0; p.token.kind !== 'end' && !(open === 0 && p.isOperator(';')); seen++) {
    const permission = /^(?:grant|deny|revoke)$/.test(verb) && !found.some(({ text }) => /^(?:on|to|from)$/i.test(text))
    const part =
      verb === 'alter' || verb === 'create' || permission
        ? /^(?:set|with|add|drop|enable|disable|alter|execute|select|insert|update|delete|revert)$/
        : /^(?:with|execute)$/
    if (open === 0 && seen > 1 && starters.has(p.word) && !part.test(p.word)) break
    const token = p.next()
    if (token.kind === 'broken') p.fail(token)
    if (token.kind === 'operator') open += token.text === '(' ? 1 : token.text === ')' ? -1 : 0
    found.push(token)
  }
  return found
}

function declare(p: Parser, at: number): Node {
  p.next()
  if (p.token.kind !== 'variable') {
    const name = p.name()
    while (!p.isWord('for') && !p.atEnd && !p.isOperator(';')) p.next()
    p.needWord('for')
    return cursor(p, name, at)
  }
  const nodes = p.list((): Node => {
    const { start, text: name } = p.next()
    p.takeWord('as')
    if (p.takeWord('table')) {
      const columns: ColumnDefinition[] = []
      const keys: Key[] = []
      p.inBrackets(() => p.list(() => element(p, columns, keys)))
      return { is: 'declare table', name: `@${name}`, columns, keys, at: start, end: p.end }
    }
    if (p.takeWord('cursor')) {
      if (p.takeWord('for')) return cursor(p, `@${name}`, start)
      return { is: 'nothing', at: start, end: p.end }
    }
    const type = p.type()
    const value = p.takeOperator('=') ? p.expression() : undefined
    return { is: 'declare', name, type, value, at: start, end: p.end }
  })
  return nodes.length === 1 ? nodes[0]! : { is: 'block', nodes, at, end: p.end }
}
function cursor(p: Parser, name: string, at: number): Node {
  const query = p.query()
  if (p.takeWord('for')) while (p.token.kind === 'word' && !starters.has(p.word)) p.next()
  return { is: 'cursor', name, query, at, end: p.end }
}

function set(p: Parser): ReturnType<Reader> {
  p.next()
  if (p.token.kind === 'variable') {
    const { text: name, start, end } = p.next()
    const { text } = p.next()
    if (!/^[-+*/%]?=$/.test(text)) p.fail(p.ahead(-1))
    if (text === '=' && p.takeWord('cursor')) {
      while (!p.takeWord('for') && !p.atEnd) p.next()
      return cursor(p, `@${name}`, start)
    }
    const value = p.expression()
    const before: Expression = { is: 'variable', name, at: start, end }
    return {
      is: 'set',
      name,
      value:
        text === '=' ? value : { is: 'binary', operator: text[0]!, left: before, right: value, at: start, end: p.end },
    }
  }
  const names: string[] = []
  while (
    p.token.kind === 'word' &&
    !/^(?:on|off)$/.test(p.word) &&
    names.length < 8 &&
    (names.length < 2 || !starters.has(p.word))
  )
    names.push(p.next().text.toLowerCase())
  while (p.takeOperator(',')) names.push(p.label().toLowerCase())
  if (names[0] === 'identity_insert') while (p.takeOperator('.')) p.label()
  const { text: value } = p.token.kind === 'end' || p.isOperator(';') || starters.has(p.word) ? { text: '' } : p.next()
  if (value === '-') p.next()
  return { is: 'option', names, value: value.toLowerCase() }
}

function condition(p: Parser): Omit<Extract<Node, { is: 'if' }>, 'at' | 'end'> {
  p.next()
  const asked = p.expression()
  const then = one(p)
  const from = p.position
  while (p.takeOperator(';'));
  if (p.takeWord('else')) return { is: 'if', condition: asked, then, otherwise: one(p) }
  p.position = from
  return { is: 'if', condition: asked, then, otherwise: undefined }
}
function loop(p: Parser): Omit<Extract<Node, { is: 'while' }>, 'at' | 'end'> {
  p.next()
  return { is: 'while', condition: p.expression(), body: one(p) }
}

function begin(p: Parser): ReturnType<Reader> {
  p.next()
  if (p.takeWord('tran') || p.takeWord('transaction') || p.takeWord('distributed', 'tran')) {
    return { is: 'transaction', what: 'begin', name: nameOfTransaction(p) }
  }
  if (p.takeWord('try')) {
    const body = until(p, 'end')
    p.needWord('end', 'try')
    while (p.takeOperator(';'));
    p.needWord('begin', 'catch')
    const handler = until(p, 'end')
    p.needWord('end', 'catch')
    return { is: 'try', body, handler }
  }
  const nodes = until(p, 'end')
  p.needWord('end')
  return { is: 'block', nodes }
}
function until(p: Parser, word: string): Node[] {
  const nodes: Node[] = []
  for (;;) {
    while (p.takeOperator(';'));
    if (p.isWord(word)) return nodes
    if (p.atEnd) p.fail()
    if (nodes.length >= MOST) throw new SqlError('too much', ['statements'])
    nodes.push(one(p))
  }
}
function ended(p: Parser): ReturnType<Reader> {
  const what = p.next().text.toLowerCase() as 'commit' | 'rollback' | 'save'
  if (!p.takeWord('tran') && !p.takeWord('transaction')) p.takeWord('work')
  return { is: 'transaction', what, name: nameOfTransaction(p) }
}
function nameOfTransaction(p: Parser): string | undefined {
  const { kind } = p.token
  return kind === 'variable' || kind === 'quoted' || (kind === 'word' && !starters.has(p.word))
    ? p.next().text
    : undefined
}
function raise(p: Parser): ReturnType<Reader> {
  p.next()
  const args = p.isOperator('(') ? p.inBrackets(() => p.list(() => p.expression())) : p.list(() => p.expression())
  const nowait = p.takeWord('with')
  if (nowait) p.list(() => p.next())
  return { is: 'raiserror', args, nowait }
}
function wait(p: Parser): ReturnType<Reader> {
  p.next()
  if (p.takeWord('delay')) return { is: 'wait', delay: p.expression() }
  if (p.takeWord('time')) {
    p.expression()
    return { is: 'wait', delay: undefined }
  }
  return p.fail()
}

function cursorStep(p: Parser): ReturnType<Reader> {
  const what = p.next().text.toLowerCase() as 'open' | 'close' | 'deallocate' | 'fetch'
  let where = 'next'
  if (what === 'fetch' && /^(?:next|prior|first|last|absolute|relative)$/.test(p.word)) {
    where = p.next().text.toLowerCase()
    if (/^(?:absolute|relative)$/.test(where)) p.expression()
  }
  if (what === 'fetch') p.takeWord('from')
  p.takeWord('global')
  const name = p.token.kind === 'variable' ? `@${p.next().text}` : p.name()
  const into = p.takeWord('into') ? p.list(() => (p.token.kind === 'variable' ? p.next().text : p.fail())) : []
  return { is: 'cursor step', what, name: name.toLowerCase(), into, where }
}
