import { keyOf } from './aggregate.ts'
import type { Expression, Source } from './ast.ts'
import { type Engine, type Field, step } from './engine.ts'
import { SqlError } from './error.ts'
import { evaluate, relation } from './evaluate.ts'
import { typeOf } from './infer.ts'
import { Scope } from './scope.ts'
import { describeQuery, runQuery } from './select.ts'
import type { Row } from './store.ts'

/** What stands behind FROM: its columns at once, its rows when asked. */
export type Opened = { fields: Field[]; rows(): readonly Row[]; shared?: readonly string[] }

/** Rows of one product of tables. */
const MOST = 100_000

/** `filters`: conditions of WHERE, which are taken as soon as all they name is there. */
export function open(source: Source, engine: Engine, outer: Scope | undefined, filters: readonly Expression[]): Opened {
  const opened = openOne(source, engine, outer, filters)
  if (source.is === 'join') return opened
  const { rows } = opened
  return { ...opened, rows: () => filtered(rows(), opened.fields, engine, outer, filters) }
}

function openOne(source: Source, engine: Engine, outer: Scope | undefined, filters: readonly Expression[]): Opened {
  switch (source.is) {
    case 'table': {
      const common = source.path.length === 1 ? commonTable(source.path[0]!, outer) : undefined
      if (common)
        return { fields: renamed(common.fields, source.alias ?? source.path[0]!, source.columns), rows: common.rows }
      const found = engine.relation(source.path, source.at)
      const table = source.alias ?? found.name
      const fields = found.columns.map(({ name, type }, i) => ({
        table,
        name: source.columns?.[i] ?? name,
        type,
        origin: { schema: found.schema, table: found.name, column: name },
      }))
      return { fields, rows: () => found.rows() }
    }
    case 'query': {
      const fields = describeQuery(source.query, engine, outer)
      return {
        fields: renamed(fields, source.alias ?? '', source.columns),
        rows: () => runQuery(source.query, engine, outer).rows,
      }
    }
    case 'function':
      return functionSource(source, engine, outer)
    case 'join':
      return join(source, engine, outer, filters)
  }
}

function commonTable(name: string, outer: Scope | undefined) {
  for (let scope = outer; scope; scope = scope.outer) {
    const found = scope.common?.get(name)
    if (found) return found
  }
  return undefined
}
const renamed = (fields: readonly Field[], table: string, names: readonly string[] | undefined): Field[] =>
  fields.map((field, i) => ({
    table,
    name: names?.[i] ?? field.name,
    type: field.type,
    origin: field.origin ?? { schema: '', table: '', column: field.name },
  }))

function functionSource(source: Extract<Source, { is: 'function' }>, engine: Engine, outer: Scope | undefined): Opened {
  const { call } = source
  const scope = outer ?? new Scope(engine, [])
  if (call.is !== 'call' || !engine.rowsOf) throw new SqlError('syntax', [], call.at)
  for (const one of call.args) typeOf(one, scope)
  const { fields } = engine.rowsOf(call, undefined)
  const table = source.alias ?? call.name
  const only =
    engine.dialect !== 'tsql' && fields.length === 1 && source.alias !== undefined && source.columns === undefined
  const names = source.columns ?? (only ? [source.alias!] : fields.map(({ name }) => name))
  const shown = renamed(fields, table, names)
  if (source.ordinality) shown.push({ table, name: names[fields.length] ?? 'ordinality', type: { name: 'int8' } })
  return {
    fields: shown,
    rows: () => {
      const args = call.args.map(one => evaluate(one, scope))
      const { rows } = engine.rowsOf!(call, args)
      return source.ordinality ? rows.map((row, i) => [...row, BigInt(i + 1)]) : rows
    },
  }
}

function join(
  source: Extract<Source, { is: 'join' }>,
  engine: Engine,
  outer: Scope | undefined,
  filters: readonly Expression[],
): Opened {
  const { kind } = source
  // What an outer join fills up must not be filtered before.
  const left = open(source.left, engine, outer, kind === 'right' || kind === 'full' ? [] : filters)
  const lateral = source.right.is === 'function' || source.right.is === 'query'
  const leftScope = new Scope(engine, left.fields, outer)
  const right = open(
    source.right,
    engine,
    lateral && engine.dialect !== 'mysql' ? leftScope : outer,
    kind === 'left' || kind === 'full' ? [] : filters,
  )
  for (const one of right.fields)
    if (
      one.table !== '' &&
      left.fields.some(other => other.table === one.table && other.origin?.schema === one.origin?.schema)
    )
      throw new SqlError('alias twice', [one.table])
  const fields = [...left.fields, ...right.fields]
  const scope = new Scope(engine, fields, outer)
  scope.clause = 'on clause'
  const shared = source.using ?? (source.natural ? common(left.fields, right.fields, engine) : undefined)
  const pairs = (shared ?? []).map(name => pairOf(name, left.fields, right.fields, engine))
  if (source.on) typeOf(source.on, scope)
  const all = conjuncts(source.on)
  const inner = kind === 'inner' || kind === 'cross'
  if (inner) all.push(...filters.filter(one => resolvable(one, scope)))
  const opened: Opened = {
    fields: shared ? rearranged(fields, pairs, left.fields.length) : fields,
    rows: () => {
      const rows = product(source, left, right, lateral ? leftScope : undefined, scope, all, pairs)
      return shared ? rows.map(row => rearranged(row, pairs, left.fields.length)) : rows
    },
  }
  return opened
}

/** Rows of both sides that fit each other, by way of a table of keys where equality asks for it. */
function product(
  { kind }: Extract<Source, { is: 'join' }>,
  left: Opened,
  right: Opened,
  lateral: Scope | undefined,
  scope: Scope,
  conditions: readonly Expression[],
  pairs: readonly (readonly [number, number])[],
): Row[] {
  const { engine } = scope
  const width = left.fields.length
  const keys = [...pairs, ...equalities(conditions, scope, width)]
  const leftRows = left.rows()
  let rightRows = lateral ? [] : right.rows()
  let index = lateral || keys.length === 0 ? undefined : indexed(rightRows, keys)
  const met = new Set<Row>()
  const found: Row[] = []
  const keep = (row: Row) => {
    if (found.length >= MOST) throw new SqlError('too much', ['rows'])
    found.push(row)
  }
  const nothing = (n: number): Row => Array.from({ length: n }, () => null)
  for (const row of leftRows) {
    if (lateral) {
      lateral.row = row
      rightRows = right.rows()
      index = undefined
    }
    const candidates = index ? (index.get(keys.map(([at]) => keyOf(row[at] ?? null)).join('\0')) ?? []) : rightRows
    let fits = false
    for (const other of candidates) {
      step(engine)
      const both = [...row, ...other]
      scope.row = both
      if (pairs.some(([a, b]) => relation(row[a] ?? null, other[b] ?? null, engine) !== 0)) continue
      if (!conditions.every(one => engine.truth(evaluate(one, scope)) === true)) continue
      fits = true
      met.add(other)
      keep(both)
    }
    if (!fits && (kind === 'left' || kind === 'full')) keep([...row, ...nothing(right.fields.length)])
  }
  if (kind === 'right' || kind === 'full')
    for (const other of rightRows) if (!met.has(other)) keep([...nothing(width), ...other])
  return found
}

function indexed(rows: readonly Row[], keys: readonly (readonly [number, number])[]): Map<string, Row[]> {
  const index = new Map<string, Row[]>()
  for (const row of rows) {
    const key = keys.map(([, at]) => keyOf(row[at] ?? null)).join('\0')
    const same = index.get(key)
    if (same) same.push(row)
    else index.set(key, [row])
  }
  return index
}

/** `a.x = b.y`, of columns whose equal values look equal. */
function equalities(conditions: readonly Expression[], scope: Scope, width: number): [number, number][] {
  const found: [number, number][] = []
  for (const one of conditions) {
    if (one.is !== 'binary' || one.operator !== '=' || one.left.is !== 'column' || one.right.is !== 'column') continue
    const [a, b] = [scope.find(one.left), scope.find(one.right)]
    if (a.scope !== scope || b.scope !== scope) continue
    if (family(scope.fields[a.index]!.type.name) !== family(scope.fields[b.index]!.type.name)) continue
    if (family(scope.fields[a.index]!.type.name) === '') continue
    if (a.index < width && b.index >= width) found.push([a.index, b.index - width])
    else if (b.index < width && a.index >= width) found.push([b.index, a.index - width])
  }
  return found
}
const family = (type: string): string => (/int|oid|^reg|serial|xid/.test(type) ? 'whole' : '')

/** The parts of a condition that all have to be true. */
export function conjuncts(e: Expression | undefined): Expression[] {
  if (!e) return []
  return e.is === 'logical' && e.operator === 'and' ? [...conjuncts(e.left), ...conjuncts(e.right)] : [e]
}

/** Is all that a condition names already there? Queries in it are left for the end. */
function resolvable(e: Expression, scope: Scope): boolean {
  switch (e.is) {
    case 'column':
      return scope.has(e)
    case 'literal':
    case 'parameter':
      return true
    case 'binary':
    case 'logical':
      return resolvable(e.left, scope) && resolvable(e.right, scope)
    case 'in':
      return Array.isArray(e.list) && resolvable(e.operand, scope) && e.list.every(one => resolvable(one, scope))
    case 'like':
      return resolvable(e.operand, scope) && resolvable(e.pattern, scope)
    case 'test':
    case 'cast':
    case 'collate':
      return resolvable(e.operand, scope)
    default:
      return false
  }
}

function filtered(
  rows: readonly Row[],
  fields: readonly Field[],
  engine: Engine,
  outer: Scope | undefined,
  filters: readonly Expression[],
): readonly Row[] {
  const scope = new Scope(engine, fields, outer)
  const mine = filters.filter(one => resolvable(one, scope) && one.is !== 'literal')
  if (mine.length === 0) return rows
  return rows.filter(row => {
    scope.row = row
    return mine.every(one => engine.truth(evaluate(one, scope)) === true)
  })
}

const common = (left: readonly Field[], right: readonly Field[], engine: Engine): string[] =>
  left.filter(one => right.some(other => engine.sameName(one.name, other.name))).map(({ name }) => name)

function pairOf(name: string, left: readonly Field[], right: readonly Field[], engine: Engine): [number, number] {
  const at = (fields: readonly Field[]) => fields.findIndex(field => engine.sameName(field.name, name))
  const pair: [number, number] = [at(left), at(right)]
  if (pair[0] < 0 || pair[1] < 0) throw new SqlError('no column', [name, 'from clause'])
  return pair
}
/** USING's columns come once, and first. `width`: how many columns the left side has. */
function rearranged<T>(all: readonly T[], pairs: readonly (readonly [number, number])[], width: number): T[] {
  const first = pairs.map(([left]) => left)
  const gone = new Set([...first, ...pairs.map(([, right]) => right + width)])
  return [...first.map(at => all[at]!), ...all.filter((_, i) => !gone.has(i))]
}
