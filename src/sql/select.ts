import { hasAggregate, keyOf } from './aggregate.ts'
import type { Expression, Item, Ordering, Query, Select } from './ast.ts'
import { type Engine, type Field, type Result, step } from './engine.ts'
import { SqlError } from './error.ts'
import { evaluate } from './evaluate.ts'
import { typeOf } from './infer.ts'
import { Scope } from './scope.ts'
import { conjuncts, type Opened, open } from './sources.ts'
import type { Row } from './store.ts'
import type { Value } from './value.ts'

/** The columns that a query gives, without running it. */
export function describeQuery(query: Query, engine: Engine, outer?: Scope): Field[] {
  return prepare(query, engine, outer).fields
}
/** A query's columns and rows. */
export function runQuery(query: Query, engine: Engine, outer?: Scope): Result {
  const { fields, rows } = prepare(query, engine, outer)
  return { fields, rows: rows() }
}

type Prepared = { fields: Field[]; rows(): Row[] }

function prepare(query: Query, engine: Engine, outer: Scope | undefined): Prepared {
  step(engine, 10)
  const around = query.with.length ? withCommon(query, engine, outer) : outer
  const { body } = query
  if (body.is === 'select') return prepareSelect(body, query, engine, around)
  const inner = prepareBody(body, engine, around)
  const scope = new Scope(engine, inner.fields, around)
  scope.clause = 'order clause'
  for (const { by } of query.order) if (ordinal(by, inner.fields) === undefined) typeOf(by, scope)
  return {
    fields: inner.fields,
    rows: () => {
      let rows = inner.rows()
      if (query.order.length)
        rows = sorted(rows, query.order, engine, (row, { by }) => {
          const at = ordinal(by, inner.fields)
          if (at !== undefined) return row[at]!
          scope.row = row
          return evaluate(by, scope)
        })
      return cut(rows, query, engine, around)
    },
  }
}

function prepareBody(body: Exclude<Query['body'], Select>, engine: Engine, outer: Scope | undefined): Prepared {
  if (body.is === 'nested') return prepare(body.query, engine, outer)
  if (body.is === 'values') {
    const scope = new Scope(engine, [], outer)
    const width = body.rows[0]!.length
    if (body.rows.some(row => row.length !== width)) throw new SqlError('union columns', ['values'])
    const types = Array.from({ length: width }, (_, i) => engine.common(body.rows.map(row => typeOf(row[i]!, scope))))
    const fields = types.map((type, i) => ({ table: '', name: `column${i + 1}`, type }))
    return { fields, rows: () => body.rows.map(row => row.map(one => evaluate(one, scope))) }
  }
  const [left, right] = [prepare(body.left, engine, outer), prepare(body.right, engine, outer)]
  if (left.fields.length !== right.fields.length)
    throw new SqlError('union columns', [body.operator], firstItem(body.right))
  const fields = left.fields.map(({ name }, i) => ({
    table: '',
    name,
    ...(body.all ? {} : { origin: { schema: '', table: '', column: name } }),
    type: engine.common([left.fields[i]!.type, right.fields[i]!.type]),
  }))
  return { fields, rows: () => combined(body.operator, body.all, left.rows(), right.rows()) }
}

const firstItem = ({ body }: Query): number => (body.is === 'select' ? (body.items[0]?.value.at ?? body.at) : body.at)

function combined(operator: 'union' | 'except' | 'intersect', all: boolean, left: Row[], right: Row[]): Row[] {
  if (operator === 'union') return all ? [...left, ...right] : unique([...left, ...right])
  const others = new Set(right.map(rowKey))
  return unique(left.filter(row => others.has(rowKey(row)) === (operator === 'intersect')))
}
const rowKey = (row: Row): string => row.map(keyOf).join('\0')
const unique = (rows: Row[]): Row[] => {
  const seen = new Map<string, Row>()
  for (const row of rows) {
    const key = rowKey(row)
    if (!seen.has(key)) seen.set(key, row)
  }
  return [...seen.values()]
}

function prepareSelect(select: Select, query: Query, engine: Engine, outer: Scope | undefined): Prepared {
  const from: Opened = select.from
    ? open(select.from, engine, outer, conjuncts(select.where))
    : { fields: [], rows: () => [[]] }
  const scope = new Scope(engine, from.fields, outer)
  const items = expanded(select.items, from.fields, scope, select.from !== undefined)
  const fields = items.map(({ value, alias }): Field => {
    const type = typeOf(value, scope)
    const column = value.is === 'column' ? columnField(value, scope) : undefined
    return {
      table: column?.table ?? '',
      name: alias ?? engine.nameOf(value, engine.sql),
      type,
      ...(column?.origin ? { origin: column.origin } : {}),
    }
  })
  if (select.where) inClause(scope, 'where clause', () => typeOf(select.where!, scope))
  const aliases = new Map(
    items.flatMap(({ value, alias }, i) =>
      alias === undefined ? [] : [[alias.toLowerCase(), { type: fields[i]!.type, value }] as const],
    ),
  )
  const later = new Scope(engine, from.fields, outer)
  later.aliases = aliases
  const group = select.group.map(by => {
    const at = ordinal(by, fields)
    if (at === undefined) inClause(later, 'group statement', () => typeOf(by, later))
    return at === undefined ? by : items[at]!.value
  })
  if (select.having) inClause(later, 'having clause', () => typeOf(select.having!, later))
  for (const { by } of query.order)
    if (ordinal(by, fields) === undefined) inClause(later, 'order clause', () => typeOf(by, later))
  const gathers =
    group.length > 0 ||
    hasAggregate(select.having) ||
    items.some(({ value }) => hasAggregate(value)) ||
    query.order.some(({ by }) => hasAggregate(by))
  const part: Part = { select, query, engine, outer, from, items, fields, group, scope, later }
  return { fields, rows: () => (gathers ? grouped(part) : plainRows(part)) }
}
type Part = {
  select: Select
  query: Query
  engine: Engine
  outer: Scope | undefined
  from: Opened
  items: readonly Item[]
  fields: readonly Field[]
  group: readonly Expression[]
  scope: Scope
  /** Where aliases count. */
  later: Scope
}

function inClause<T>(scope: Scope, clause: string, look: () => T): T {
  const before = scope.clause
  scope.clause = clause
  try {
    return look()
  } finally {
    scope.clause = before
  }
}

function columnField(column: Extract<Expression, { is: 'column' }>, scope: Scope): Field | undefined {
  const { scope: where, index } = scope.find(column)
  return where.fields[index]
}

/** `*` and `t.*` in full. */
function expanded(items: readonly Item[], fields: readonly Field[], scope: Scope, from: boolean): Item[] {
  return items.flatMap(item => {
    const { value } = item
    if (value.is !== 'star') return [item]
    const table = value.table.at(-1)
    const found = fields.filter(
      field =>
        table === undefined ||
        field.table === table ||
        (scope.engine.dialect === 'tsql' && scope.engine.sameName(field.table, table)),
    )
    if (!from && table === undefined) throw new SqlError('no star', [], value.at)
    if (table !== undefined && found.length === 0)
      throw new SqlError('no table alias', [value.table.join('.')], value.at)
    return found.map(field => {
      const column: Extract<Expression, { is: 'column' }> = {
        is: 'column',
        path: [field.name],
        at: value.at,
        end: value.end,
      }
      scope.settle(column, fields.indexOf(field))
      return { value: column, alias: field.name }
    })
  })
}

function passing({ select, scope, from, engine }: Part): Row[] {
  const rows = from.rows()
  if (!select.where) return [...rows]
  scope.clause = 'where clause'
  return rows.filter(row => {
    step(engine)
    scope.row = row
    return engine.truth(evaluate(select.where!, scope)) === true
  })
}

type Projected = { row: Row; source: Row; group?: readonly Row[] }

function plainRows(part: Part): Row[] {
  const { engine, items, scope, query, select, outer } = part
  const source = passing(part)
  scope.clause = 'field list'
  scope.numbered.clear()
  // Without an order, what LIMIT leaves out is not computed: SLEEP in it would be felt.
  const most = query.order.length || select.distinct ? Number.POSITIVE_INFINITY : lastRow(query, engine, outer)
  const projected: Projected[] = []
  for (const row of source) {
    if (projected.length >= most) break
    scope.row = row
    if (select.having) {
      part.later.row = row
      if (engine.truth(evaluate(select.having, part.later)) !== true) continue
    }
    for (const made of multiplied(items, scope)) projected.push({ row: made, source: row })
  }
  return finish(part, projected)
}

/** The row of the select list; several where a function in it gives several. */
function multiplied(items: readonly Item[], scope: Scope): Row[] {
  const { engine } = scope
  const row: Value[] = items.map(({ value }) => evaluate(value, scope))
  const many = items.flatMap(({ value }, i) => (value.is === 'call' && engine.manyRows?.has(value.name) ? [i] : []))
  if (many.length === 0) return [row]
  const lists = new Map(many.map(i => [i, Array.isArray(row[i]) ? (row[i] as readonly Value[]) : []]))
  const count = Math.max(0, ...[...lists.values()].map(list => list.length))
  return Array.from({ length: count }, (_, n) =>
    row.map((value, i) => (lists.has(i) ? (lists.get(i)![n] ?? null) : value)),
  )
}

function grouped(part: Part): Row[] {
  const { engine, items, scope, later, group, select } = part
  const groups = new Map<string, Row[]>()
  const source = passing(part)
  if (group.length === 0) groups.set('', source)
  else
    for (const row of source) {
      later.row = row
      later.clause = 'group statement'
      const key = group.map(by => keyOf(evaluate(by, later))).join('\0')
      const same = groups.get(key)
      if (same) same.push(row)
      else groups.set(key, [row])
    }
  const projected: Projected[] = []
  for (const rows of groups.values()) {
    scope.group = later.group = rows
    later.clause = 'having clause'
    if (select.having && engine.truth(evaluate(select.having, later)) !== true) continue
    scope.clause = 'field list'
    projected.push({ row: items.map(({ value }) => evaluate(value, scope)), source: rows[0] ?? [], group: rows })
  }
  return finish(part, projected)
}

function finish({ query, select, engine, fields, later, outer }: Part, projected: Projected[]): Row[] {
  let rows = projected
  if (select.distinct)
    rows = [...new Map(projected.toReversed().map(one => [rowKey(one.row), one])).values()].toReversed()
  later.clause = 'order clause'
  if (query.order.length)
    rows = sorted(rows, query.order, engine, (one, { by }) => {
      const at = ordinal(by, fields)
      if (at !== undefined) return one.row[at]!
      later.row = one.source
      later.group = one.group
      return evaluate(by, later)
    })
  return cut(
    rows.map(one => one.row),
    query,
    engine,
    outer,
  )
}

/** `ORDER BY 2` is the second column. */
function ordinal(by: Expression, fields: readonly Field[]): number | undefined {
  if (by.is !== 'literal' || by.of !== 'integer') return undefined
  const at = Number(by.text)
  if (at < 1 || at > fields.length) throw new SqlError('no column', [by.text, 'order clause'], by.at)
  return at - 1
}

function sorted<T>(
  rows: readonly T[],
  order: readonly Ordering[],
  engine: Engine,
  keyAt: (row: T, by: Ordering) => Value,
): T[] {
  const keyed = rows.map(row => ({ row, keys: order.map(by => keyAt(row, by)) }))
  return keyed
    .sort((a, b) => {
      step(engine)
      for (const [i, { descending, nulls }] of order.entries()) {
        const [x, y] = [a.keys[i]!, b.keys[i]!]
        if (x === null || y === null) {
          if (x === y) continue
          // NULL is the largest in PostgreSQL, and the smallest elsewhere.
          const first = nulls ? nulls === 'first' : (engine.dialect !== 'postgresql') !== descending
          return (x === null) === first ? -1 : 1
        }
        const way = engine.compare(x, y)
        if (way !== 0) return descending ? -way : way
      }
      return 0
    })
    .map(({ row }) => row)
}

function bounds(query: Query, engine: Engine, outer: Scope | undefined): { limit: number; offset: number } {
  const scope = new Scope(engine, [], outer)
  const number = (e: Expression | undefined, none: number) => {
    if (!e) return none
    const value = evaluate(e, scope)
    return value === null ? none : Math.max(0, Number(value))
  }
  return { limit: number(query.limit, Number.POSITIVE_INFINITY), offset: number(query.offset, 0) }
}
function lastRow(query: Query, engine: Engine, outer: Scope | undefined): number {
  const { limit, offset } = bounds(query, engine, outer)
  return limit + offset
}
function cut(rows: Row[], query: Query, engine: Engine, outer: Scope | undefined): Row[] {
  const { limit, offset } = bounds(query, engine, outer)
  return limit === Number.POSITIVE_INFINITY && offset === 0 ? rows : rows.slice(offset, offset + limit)
}

/** Rounds of a recursive WITH, and rows it may come to. */
const ROUNDS = 1000
const MOST = 10_000

function withCommon(query: Query, engine: Engine, outer: Scope | undefined): Scope {
  const scope = new Scope(engine, [], outer)
  const common = new Map<string, { fields: Field[]; rows: () => readonly Row[] }>()
  scope.common = common
  for (const { name, columns, query: inner, recursive } of query.with) {
    const { body } = inner
    if (recursive && body.is === 'set' && body.operator === 'union') {
      common.set(name, recursion(name, columns, body, engine, scope, common))
      continue
    }
    const prepared = prepare(inner, engine, scope)
    const fields = prepared.fields.map((field, i) => ({ ...field, name: columns?.[i] ?? field.name }))
    let rows: Row[] | undefined
    common.set(name, { fields, rows: () => (rows ??= prepared.rows()) })
  }
  return scope
}

function recursion(
  name: string,
  columns: readonly string[] | undefined,
  body: Extract<Query['body'], { is: 'set' }>,
  engine: Engine,
  scope: Scope,
  common: Map<string, { fields: Field[]; rows: () => readonly Row[] }>,
) {
  const first = prepare(body.left, engine, scope)
  const fields = first.fields.map((field, i) => ({ ...field, name: columns?.[i] ?? field.name }))
  const rows = (): Row[] => {
    let latest = first.rows()
    let all = [...latest]
    for (let round = 0; latest.length > 0 && round < ROUNDS && all.length < MOST; round++) {
      const seen = latest
      common.set(name, { fields, rows: () => seen })
      latest = runQuery(body.right, engine, scope).rows
      if (!body.all) {
        const known = new Set(all.map(rowKey))
        latest = unique(latest).filter(row => !known.has(rowKey(row)))
      }
      all = [...all, ...latest]
    }
    return all
  }
  return { fields, rows }
}
