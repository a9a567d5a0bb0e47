import { keyOf } from './aggregate.ts'
import type { Assignment, Expression, Item, Source, Statement } from './ast.ts'
import { type Engine, type Field, type Result, step } from './engine.ts'
import { SqlError } from './error.ts'
import { evaluate } from './evaluate.ts'
import { typeOf } from './infer.ts'
import { Scope } from './scope.ts'
import { runQuery } from './select.ts'
import type { Catalog, Column, Row, Table } from './store.ts'
import type { Value } from './value.ts'

/** Where the rows of a statement go: a table that may be written to, and how the product takes a value for a column. */
export type Writing = {
  engine: Engine
  catalog: Catalog
  table(path: readonly string[], at: number): { schema: string; table: Table }
  store(value: Value, column: Column, row: number): Value
  /** What a column gets that has neither a value nor a default; throws where the product refuses. */
  missing(column: Column): Value
}
export type Written = {
  /** Rows that were changed, and that were met. */
  affected: number
  matched: number
  /** The first AUTO_INCREMENT value made. */
  inserted: bigint
  records: number
  duplicates: number
  returned: Result | undefined
}

const written = (): Written => ({
  affected: 0,
  matched: 0,
  inserted: 0n,
  records: 0,
  duplicates: 0,
  returned: undefined,
})

export function insert(s: Extract<Statement, { is: 'insert' }>, w: Writing): Written {
  const { engine, catalog } = w
  const { schema, table } = w.table(s.table, 0)
  const columns =
    s.columns?.map((name, i) => columnAt(table, name, engine, s.places[i])) ??
    table.columns.flatMap(({ increment }, i) => (increment && engine.dialect === 'tsql' ? [] : [i]))
  if (new Set(columns).size !== columns.length)
    throw new SqlError('column twice', [String(s.columns?.find((name, i) => s.columns!.indexOf(name) !== i))])
  const scope = new Scope(engine, [])
  const rows = Array.isArray(s.source)
    ? (s.source as readonly (readonly (Expression | undefined)[])[])
    : runQuery(s.source as Extract<typeof s.source, { body: unknown }>, engine).rows
  const done = written()
  const returned: Row[] = []
  for (const [i, given] of rows.entries()) {
    // An empty list stands for defaults throughout.
    const filled = given.length === 0 && Array.isArray(s.source)
    if (
      !filled &&
      given.length !== columns.length &&
      (engine.dialect !== 'postgresql' || given.length > columns.length || s.columns)
    )
      throw new SqlError(
        'column count',
        [String(i + 1), given.length > columns.length ? 'more' : 'fewer'],
        unmatched(given, columns.length, s.places),
      )
    const values = given.map(one =>
      Array.isArray(s.source) ? givenValue(one as Expression | undefined, scope) : (one as Value),
    )
    const { next } = table
    let row: Row
    try {
      row = fill(table, filled ? [] : columns, values, w, i + 1, done)
    } catch (error) {
      // A row that is refused uses no number up.
      table.next = next
      throw error
    }
    step(engine, 5)
    const clash = conflicting(table, row, -1, engine)
    if (!clash) {
      catalog.insert(table, row)
      done.affected++
    } else if (s.update) {
      const at = clash.at
      const changed = assigned(s.update, table, at, w, row)
      if (changed) done.affected += 2
      done.duplicates++
    } else if (s.replace) {
      catalog.remove(table, (_, at) => at !== clash.at)
      catalog.insert(table, row)
      done.affected += 2
      done.duplicates++
    } else if (s.ignore) done.duplicates++
    else throw new SqlError('duplicate key', [clash.value, clash.key, schema, table.name])
    done.records++
    returned.push(row)
  }
  if (s.returning) done.returned = project(s.returning, table, schema, returned, engine)
  return done
}

/** Where the first value without a column stands, or the first column without a value. */
function unmatched(given: readonly unknown[], columns: number, places: readonly number[]): number | undefined {
  const extra = given[columns]
  if (given.length > columns)
    return typeof extra === 'object' && extra !== null && 'at' in extra ? Number(extra.at) : undefined
  return places[given.length]
}

/** `undefined`: the column's default. */
const givenValue = (e: Expression | undefined, scope: Scope): Value | undefined => {
  if (e === undefined || (e.is === 'call' && e.name === 'default' && e.args.length === 0)) return undefined
  typeOf(e, scope)
  return evaluate(e, scope)
}

function fill(
  table: Table,
  columns: readonly number[],
  values: readonly (Value | undefined)[],
  w: Writing,
  number: number,
  done: Written,
): Row {
  return table.columns.map((column, at) => {
    const given = columns.indexOf(at)
    const value = given < 0 || given >= values.length ? undefined : values[given]
    if (
      column.increment &&
      (value === undefined || (w.engine.dialect === 'mysql' && (value === null || value === 0n)))
    ) {
      const next = table.next++
      if (done.inserted === 0n) done.inserted = next
      return next
    }
    if (value === undefined) return standard(column, w)
    const stored = w.store(value, column, number)
    if (column.increment && typeof stored === 'bigint' && stored >= table.next && w.engine.dialect === 'mysql')
      table.next = stored + 1n
    return stored
  })
}

export function standard(column: Column, w: Writing): Value {
  if (column.standard) return w.store(evaluate(column.standard, new Scope(w.engine, [])), column, 1)
  return column.type.notNull ? w.missing(column) : null
}

/** A row that has the same unique key. */
function conflicting(
  table: Table,
  row: Row,
  self: number,
  engine: Engine,
): { at: number; key: string; value: string } | undefined {
  for (const { kind, name, columns } of table.keys) {
    if (kind === 'index') continue
    const indices = columns
      .map(column => table.columns.findIndex(one => engine.sameName(one.name, column)))
      .filter(i => i >= 0)
    const mine = indices.map(i => row[i]!)
    if (mine.some(value => value === null)) continue
    const key = keysOf(mine, engine)
    for (const [at, other] of table.rows.entries()) {
      step(engine)
      if (
        at === self ||
        keysOf(
          indices.map(i => other[i]!),
          engine,
        ) !== key
      )
        continue
      const value = engine.dialect === 'mysql' ? mine.join('-') : `(${columns.join(', ')})=(${mine.join(', ')})`
      return { at, key: name ?? (kind === 'primary' ? 'PRIMARY' : columns[0]!), value: value.slice(0, 64) }
    }
  }
  return undefined
}
const keysOf = (values: readonly Value[], engine: Engine) => {
  const key = values.map(keyOf).join('\0')
  return engine.dialect === 'mysql' ? key.toLowerCase() : key
}

function columnAt(table: Table, name: string, engine: Engine, place?: number): number {
  const at = table.columns.findIndex(column => engine.sameName(column.name, name))
  if (at < 0) throw new SqlError('no column', [name, 'insert list', table.name], place)
  return at
}

/** Carries out SET for one row; did it change? `proposed`: the row that VALUES(c) and EXCLUDED speak of. */
function assigned(set: readonly Assignment[], table: Table, at: number, w: Writing, proposed?: Row): boolean {
  const { engine, catalog } = w
  const own = fieldsOf(table, table.name, '')
  const scope = new Scope(engine, proposed ? [...own, ...fieldsOf(table, 'excluded', '')] : own)
  const before = table.rows[at]!
  const row = [...before]
  for (const { column, value } of set) {
    // MySQL assigns from left to right, and what comes later sees it.
    scope.row = proposed
      ? [...(engine.dialect === 'mysql' ? row : before), ...proposed]
      : engine.dialect === 'mysql'
        ? row
        : before
    const index = columnAt(table, column.at(-1)!, engine)
    const target = table.columns[index]!
    row[index] = value ? w.store(evaluate(proposed ? proposing(value) : value, scope), target, 1) : standard(target, w)
  }
  if (row.every((value, i) => keyOf(value) === keyOf(before[i]!))) return false
  const clash = conflicting(table, row, at, engine)
  if (clash) throw new SqlError('duplicate key', [clash.value, clash.key, '', table.name])
  catalog.replace(table, at, row)
  return true
}
/** `VALUES(c)` in ON DUPLICATE KEY UPDATE. */
function proposing(e: Expression): Expression {
  if (e.is === 'call' && e.name === 'values' && e.args[0]?.is === 'column')
    return { ...e.args[0], path: ['excluded', e.args[0].path.at(-1)!] }
  if (e.is === 'binary') return { ...e, left: proposing(e.left), right: proposing(e.right) }
  if (e.is === 'column' && e.path.length === 1) return e
  return e
}

export const fieldsOf = (table: Table, alias: string, schema: string): Field[] =>
  table.columns.map(({ name, type }) => ({
    table: alias,
    name,
    type,
    origin: { schema, table: table.name, column: name },
  }))

type Target = { schema: string; table: Table; scope: Scope }
function target(source: Source, w: Writing): Target {
  let one = source
  while (one.is === 'join') one = one.left
  if (one.is !== 'table') throw new SqlError('unsupported', ['target'])
  const { schema, table } = w.table(one.path, one.at)
  return { schema, table, scope: new Scope(w.engine, fieldsOf(table, one.alias ?? table.name, schema)) }
}

export function update(s: Extract<Statement, { is: 'update' }>, w: Writing): Written {
  const { table, scope, schema } = target(s.table, w)
  const { engine } = w
  scope.clause = 'set list'
  for (const { column, at } of s.set)
    if (!scope.has({ is: 'column', path: column.slice(-1), at, end: at }))
      throw new SqlError('no column', [column.join('.'), 'set list', table.name], at)
  for (const { value } of s.set) if (value) typeOf(value, scope)
  const done = written()
  const returned: Row[] = []
  for (const at of chosen(s.where, s.limit, table, scope)) {
    done.matched++
    if (assigned(s.set, table, at, { ...w, engine })) done.affected++
    returned.push(table.rows[at]!)
  }
  if (s.returning) done.returned = project(s.returning, table, schema, returned, engine)
  // A changed row is a new one behind the others.
  if (engine.dialect === 'postgresql') {
    const moved = new Set(returned)
    table.rows = [...table.rows.filter(row => !moved.has(row)), ...returned]
  }
  return done
}

function chosen(where: Expression | undefined, limit: Expression | undefined, table: Table, scope: Scope): number[] {
  const { engine } = scope
  scope.clause = 'where clause'
  if (where) typeOf(where, scope)
  const most = limit ? Number(evaluate(limit, scope) ?? 0n) : Number.POSITIVE_INFINITY
  const found: number[] = []
  for (const [i, row] of table.rows.entries()) {
    if (found.length >= most) break
    step(engine)
    scope.row = row
    if (!where || engine.truth(evaluate(where, scope)) === true) found.push(i)
  }
  return found
}

export function remove(s: Extract<Statement, { is: 'delete' }>, w: Writing): Written {
  const { table, scope, schema } = target(s.table, w)
  const gone = new Set(chosen(s.where, s.limit, table, scope))
  const done = { ...written(), affected: gone.size, matched: gone.size }
  if (s.returning)
    done.returned = project(
      s.returning,
      table,
      schema,
      table.rows.filter((_, i) => gone.has(i)),
      w.engine,
    )
  w.catalog.remove(table, (_, i) => !gone.has(i))
  return done
}

/** RETURNING. */
function project(items: readonly Item[], table: Table, schema: string, rows: readonly Row[], engine: Engine): Result {
  const all = fieldsOf(table, table.name, schema)
  const scope = new Scope(engine, all)
  const full = items.flatMap(({ value, alias }) =>
    value.is === 'star'
      ? all.map(({ name }) => ({ value: { is: 'column' as const, path: [name], at: 0, end: 0 }, alias: name }))
      : [{ value, alias }],
  )
  const fields = full.map(({ value, alias }): Field => {
    const origin = value.is === 'column' ? all.find(({ name }) => name === value.path.at(-1))?.origin : undefined
    return {
      table: '',
      name: alias ?? engine.nameOf(value, engine.sql),
      type: typeOf(value, scope),
      ...(origin ? { origin } : {}),
    }
  })
  return {
    fields,
    rows: rows.map(row => {
      scope.row = row
      return full.map(({ value }) => evaluate(value, scope))
    }),
  }
}
