import type { Alteration, ColumnDefinition, Expression, Key, Statement } from './ast.ts'
import { plainType } from './expressions.ts'
import { primary } from './operands.ts'
import type { Parser } from './parser.ts'

const kinds = new Set('temporary temp unlogged global local'.split(' '))

/** CREATE TABLE, VIEW and INDEX; `undefined` when something else is created. */
export function createTable(p: Parser): Statement | undefined {
  p.next()
  const replace = p.takeWord('or', 'replace')
  let temporary = false
  while (kinds.has(p.word)) temporary = /^temp/i.test(p.next().text) || temporary
  if (p.isWord('view')) return createView(p, replace)
  if (/^(?:unique|(?:non)?clustered|index|fulltext)$/.test(p.word)) {
    while (/^(?:unique|(?:non)?clustered|fulltext)$/.test(p.word)) p.next()
    return p.isWord('index') ? createIndex(p) : undefined
  }
  if (!p.takeWord('table')) return undefined
  const quietly = p.takeWord('if', 'not', 'exists')
  p.named.push(p.token)
  const table = p.path()
  const made = {
    is: 'create table' as const,
    table,
    quietly,
    temporary,
    replace,
    columns: [] as ColumnDefinition[],
    keys: [] as Key[],
    query: undefined,
  }
  if (p.dialect === 'mysql' && p.takeWord('like')) return { ...made, like: p.path(), options: new Map() }
  if (p.isOperator('(') && !p.atQuery) {
    p.next()
    if (p.takeWord('like')) {
      const like = p.path()
      while (/^(?:including|excluding)$/.test(p.word)) {
        p.next()
        p.next()
      }
      p.needOperator(')')
      return { ...made, like, options: new Map() }
    }
    if (!(p.dialect === 'postgresql' && p.isOperator(')'))) p.list(() => element(p, made.columns, made.keys))
    p.needOperator(')')
  } else if (!p.isWord('as') && !p.atQuery) p.fail()
  const options = tableOptions(p)
  if (p.dialect === 'tsql') return { ...made, like: undefined, query: undefined, options }
  if (p.takeWord('ignore') || p.takeWord('replace')) p.takeWord('as')
  const query = p.takeWord('as') || p.atQuery ? p.query() : undefined
  if (query && p.takeWord('with')) {
    p.takeWord('no')
    p.needWord('data')
  }
  return { ...made, like: undefined, query, options }
}

function createView(p: Parser, replace: boolean): Statement {
  p.next()
  p.takeWord('if', 'not', 'exists')
  const table = p.path()
  const columns = p.isOperator('(') ? p.names() : undefined
  p.needWord('as')
  return { is: 'create view', table, replace, query: p.query(), columns }
}

function createIndex(p: Parser): Statement {
  p.next()
  p.takeWord('concurrently')
  p.takeWord('if', 'not', 'exists')
  if (!p.isWord('on')) p.name()
  p.needWord('on')
  p.path()
  if (p.takeWord('using')) p.name()
  p.inBrackets(() => p.list(() => keyPart(p)))
  if (p.dialect === 'tsql' && p.takeWord('include')) p.names()
  if (p.takeWord('where')) p.expression()
  if (p.dialect === 'tsql') storage(p)
  return { is: 'create index' }
}

function keyPart(p: Parser): string {
  const found = primary(p)
  if (p.isOperator('(')) p.inBrackets(() => p.next())
  if (p.token.kind === 'word' && !/^(?:asc|desc|nulls)$/.test(p.word) && p.dialect === 'postgresql') p.next()
  if (!p.takeWord('desc')) p.takeWord('asc')
  if (p.takeWord('nulls')) p.next()
  if (found.is === 'column') return found.path.at(-1)!
  return found.is === 'call' ? found.name : ''
}
const keyColumns = (p: Parser): string[] => p.inBrackets(() => p.list(() => keyPart(p)))

/** A column of a table, or a key, as it stands in its definition. */
export function element(p: Parser, columns: ColumnDefinition[], keys: Key[]) {
  const found = key(p)
  if (found) keys.push(...(found === 'other' ? [] : [found]))
  else columns.push(column(p))
}

function key(p: Parser): Key | 'other' | undefined {
  let name: string | undefined
  if (p.takeWord('constraint')) {
    if (!/^(?:primary|unique|foreign|check)$/.test(p.word)) name = p.name()
  }
  if (p.takeWord('primary', 'key')) {
    using(p)
    clustering(p)
    const found: Key = { kind: 'primary', name, columns: keyColumns(p) }
    keyOptions(p)
    return found
  }
  const unique = p.takeWord('unique')
  const special = !unique && (p.takeWord('fulltext') || p.takeWord('spatial'))
  if (unique || special || (p.dialect === 'mysql' && (p.isWord('key') || p.isWord('index')))) {
    if (!p.takeWord('key')) p.takeWord('index')
    clustering(p)
    if (!p.isOperator('(') && !p.isWord('using')) name = p.name()
    using(p)
    const found: Key = { kind: unique ? 'unique' : 'index', name, columns: keyColumns(p) }
    keyOptions(p)
    return found
  }
  if (p.takeWord('foreign', 'key')) {
    if (!p.isOperator('(')) p.name()
    keyColumns(p)
    references(p)
    return 'other'
  }
  if (p.takeWord('check')) {
    p.inBrackets(() => p.expression())
    return 'other'
  }
  if (name !== undefined) p.fail()
  return undefined
}
function using(p: Parser) {
  if (p.takeWord('using')) p.next()
}
function keyOptions(p: Parser) {
  if (p.dialect === 'tsql') return storage(p)
  for (;;) {
    if (p.takeWord('using')) p.next()
    else if (p.takeWord('comment')) p.string()
    else if (p.takeWord('key_block_size')) {
      p.takeOperator('=')
      p.next()
    } else return
  }
}
/** T-SQL's CLUSTERED, and where and how an index is kept. */
function clustering(p: Parser) {
  if (p.dialect === 'tsql' && !p.takeWord('clustered')) p.takeWord('nonclustered')
}
function storage(p: Parser) {
  for (;;) {
    if (p.isWord('with') && p.ahead(1).text === '(') {
      p.next()
      p.inBrackets(() => p.list(() => setting(p)))
    } else if (/^(?:on|textimage_on)$/.test(p.word)) {
      p.next()
      p.label()
    } else return
  }
}
function setting(p: Parser) {
  while (p.token.kind !== 'end' && !p.isOperator(',') && !p.isOperator(')')) p.next()
}

function references(p: Parser) {
  p.needWord('references')
  p.path()
  if (p.isOperator('(')) keyColumns(p)
  for (;;) {
    if (p.takeWord('on')) {
      p.next()
      const word = p.next().text.toLowerCase()
      if (word === 'set' || word === 'no') p.next()
    } else if (p.takeWord('match')) p.next()
    else if (/^(?:deferrable|initially|deferred|immediate)$/.test(p.word)) p.next()
    else return
  }
}

export function column(p: Parser): ColumnDefinition {
  const name = p.name()
  const computed = p.dialect === 'tsql' && p.takeWord('as') ? p.inBrackets(() => p.expression()) : undefined
  const type = computed ? plainType('sql_variant', p.end) : p.type()
  const made: ColumnDefinition = {
    name,
    type,
    notNull: false,
    key: undefined,
    increment: /^(?:big|small)?serial/.test(type.name),
    standard: undefined,
    comment: undefined,
  }
  for (;;) {
    if (p.takeWord('not', 'null')) made.notNull = true
    else if (p.takeWord('null')) made.notNull = false
    else if (p.takeWord('constraint')) p.name()
    else if (p.takeWord('default')) made.standard = standard(p)
    else if (p.takeWord('auto_increment')) made.increment = true
    else if (p.dialect === 'tsql' && p.takeWord('identity')) {
      made.increment = true
      if (p.isOperator('(')) p.inBrackets(() => p.list(() => p.expression()))
    } else if (p.dialect === 'tsql' && /^(?:rowguidcol|sparse|persisted)$/.test(p.word)) p.next()
    else if (p.dialect === 'tsql' && /^(?:(?:non)?clustered|with)$/.test(p.word)) {
      clustering(p)
      storage(p)
    } else if (p.takeWord('primary', 'key') || (p.dialect === 'mysql' && p.takeWord('key'))) made.key = 'primary'
    else if (p.takeWord('unique')) {
      p.takeWord('key')
      made.key = 'unique'
    } else if (p.takeWord('comment')) made.comment = p.string()
    else if (p.takeWord('on', 'update')) primary(p)
    else if (p.isWord('references')) references(p)
    else if (p.takeWord('check')) p.inBrackets(() => p.expression())
    else if (p.takeWord('collate')) p.token.kind === 'string' ? p.string() : p.path()
    else if (p.takeWord('generated')) {
      p.takeWord('always') || p.needWord('by', 'default')
      p.needWord('as')
      if (p.takeWord('identity')) made.increment = true
      else p.inBrackets(() => p.expression())
      if (!p.takeWord('stored')) p.takeWord('virtual')
    } else break
  }
  if (made.key === 'primary' || made.increment) made.notNull = true
  return made
}
/** PostgreSQL takes an expression without NOT NULL in it; MySQL a literal or a call. */
const standard = (p: Parser): Expression => {
  if (p.dialect === 'tsql') return p.expression()
  const value = primary(p)
  if (p.dialect === 'mysql' && value.is === 'column') p.fail()
  if (!p.takeOperator('::')) return value
  return { is: 'cast', operand: value, type: p.type(), written: '::', at: value.at, end: p.end }
}

/** ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 …, as written, by lower-case name. */
function tableOptions(p: Parser): Map<string, string> {
  const options = new Map<string, string>()
  if (p.dialect === 'tsql') {
    storage(p)
    return options
  }
  if (p.dialect === 'postgresql') {
    if (p.takeWord('with'))
      p.inBrackets(() =>
        p.list(() => {
          p.name()
          if (p.takeOperator('=')) p.next()
        }),
      )
    if (p.takeWord('on', 'commit')) while (/^(?:delete|preserve|rows|drop)$/.test(p.word)) p.next()
    if (p.takeWord('tablespace')) p.name()
    return options
  }
  for (;;) {
    p.takeOperator(',')
    p.takeWord('default')
    let name = p.word
    if (name === '' || /^(?:as|select|with|ignore|replace|values)$/.test(name)) return options
    p.next()
    if (name === 'character' || (name === 'char' && p.isWord('set'))) {
      p.needWord('set')
      name = 'charset'
    } else if ((name === 'data' || name === 'index') && p.takeWord('directory')) name += ' directory'
    else if (!known.has(name)) p.fail(p.ahead(-1))
    p.takeOperator('=')
    options.set(name, p.next().text)
  }
}
const known = new Set(
  `engine type auto_increment avg_row_length charset collate checksum comment connection delay_key_write encrypted
  insert_method key_block_size max_rows min_rows pack_keys page_checksum password row_format stats_auto_recalc
  stats_persistent stats_sample_pages tablespace transactional union`.split(/\s+/),
)

export function alterTable(p: Parser): Statement | undefined {
  p.next()
  while (/^(?:ignore|online|offline)$/.test(p.word)) p.next()
  if (!p.takeWord('table')) return undefined
  const quietly = p.takeWord('if', 'exists')
  if (p.dialect === 'postgresql') p.takeWord('only')
  const table = p.path()
  const actions = p.token.kind === 'end' || p.isOperator(';') ? [] : p.list(() => alteration(p)).flat()
  return { is: 'alter table', table, quietly, actions }
}

function alteration(p: Parser): Alteration[] {
  if (p.dialect === 'tsql' && p.takeWord('with')) p.next()
  if (p.takeWord('add')) return additions(p)
  if (p.dialect === 'tsql' && p.takeWord('alter', 'column')) {
    const found = column(p)
    return [{ is: 'change', name: found.name, column: found }]
  }
  if (p.takeWord('drop')) {
    if (p.takeWord('primary', 'key')) return [{ is: 'other' }]
    if (p.takeWord('index') || p.takeWord('key') || p.takeWord('constraint') || p.takeWord('foreign', 'key')) {
      p.takeWord('if', 'exists')
      p.name()
      return [{ is: 'other' }]
    }
    p.takeWord('column')
    const quietly = p.takeWord('if', 'exists')
    const name = p.name()
    if (!p.takeWord('cascade')) p.takeWord('restrict')
    return [{ is: 'drop', name, quietly }]
  }
  if (p.takeWord('change')) {
    p.takeWord('column')
    const name = p.name()
    return [{ is: 'change', name, column: placed(p).column }]
  }
  if (p.takeWord('modify')) {
    p.takeWord('column')
    const found = placed(p).column
    return [{ is: 'change', name: found.name, column: found }]
  }
  if (p.takeWord('rename')) {
    if (p.takeWord('column') || (p.dialect === 'postgresql' && !p.isWord('to'))) {
      const name = p.name()
      p.needWord('to')
      return [{ is: 'rename column', name, to: p.name() }]
    }
    if (!p.takeWord('to')) p.takeWord('as')
    return [{ is: 'rename', to: p.path() }]
  }
  if (
    !/^(?:engine|auto_increment|comment|default|convert|check|nocheck|rebuild|switch|order|disable|enable|alter|owner|set|force|row_format|charset|character|collate|cluster|replica)$/.test(
      p.word,
    )
  )
    p.fail()
  for (let open = 0; p.token.kind !== 'end' && !p.isOperator(';') && !(open === 0 && p.isOperator(',')); ) {
    const { text } = p.next()
    open += text === '(' ? 1 : text === ')' ? -1 : 0
  }
  return [{ is: 'other' }]
}

function additions(p: Parser): Alteration[] {
  const found = key(p)
  if (!found && p.dialect === 'tsql')
    return p.list(() => ({ is: 'add' as const, column: column(p), place: undefined, quietly: false }))
  if (found) return [found === 'other' ? { is: 'other' } : { is: 'key', key: found }]
  p.takeWord('column')
  const quietly = p.takeWord('if', 'not', 'exists')
  if (p.isOperator('('))
    return p.inBrackets(() => p.list(() => ({ is: 'add' as const, column: column(p), place: undefined, quietly })))
  return [{ is: 'add', ...placed(p), quietly }]
}
function placed(p: Parser): { column: ColumnDefinition; place: 'first' | { after: string } | undefined } {
  const found = column(p)
  if (p.takeWord('first')) return { column: found, place: 'first' }
  return { column: found, place: p.takeWord('after') ? { after: p.name() } : undefined }
}
