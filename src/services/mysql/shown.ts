import type { Expression } from '#sql/ast.ts'
import { evaluate } from '#sql/evaluate.ts'
import { typeOf } from '#sql/infer.ts'
import { matchesLike } from '#sql/like.ts'
import type { Parser } from '#sql/parser.ts'
import { Scope } from '#sql/scope.ts'
import type { Row } from '#sql/store.ts'
import type { Type } from '#sql/value.ts'
import { engineOf } from './dialect.ts'
import { recordedType, systemTables } from './relations.ts'
import type { Column } from './resultset.ts'
import type { Session } from './state.ts'
import { text } from './typing.ts'

/** What a SHOW gives, and what it is made of. */
export type Shown = { fields: Column[]; rows: Row[] }

export const NO_DEFAULT = 4096
/** A column of a table of INFORMATION_SCHEMA, under the name that SHOW gives it. */
export function from(table: string, name: string, column: string): Column {
  const definition = systemTables('information_schema')
    .find(one => one.name === sources.get(table) || one.name === table)
    ?.columns.find(([one]) => one === column)
  const recorded = definition ? recordedType(definition[1]!, definition[2]!) : text(64)
  // These two are as wide as a definition can be, whatever their type says.
  const width = column === 'COLUMN_TYPE' ? 196_605 : column === 'COLUMN_DEFAULT' ? 196_596 : undefined
  const type = width === undefined ? recorded : { ...recorded, length: width }
  return { table, name, type, origin: { schema: 'information_schema', table, column }, flags: NO_DEFAULT }
}
export const sources = new Map([['TABLE_NAMES', 'TABLES']])
export const computed = (name: string, type: Type): Column => ({ table: '', name, type })
export const fixed = (name: string, length: number, notNull = true): Column =>
  computed(name, text(length, notNull ? { notNull: true } : {}))

/** LIKE or WHERE behind a SHOW. */
export type Filter = (shown: Shown) => Shown
export function filterOf(p: Parser, session: Session): { filter: Filter; pattern: string | undefined } {
  if (p.takeWord('like')) {
    const pattern = p.string()
    const wanted = pattern.toLowerCase()
    return {
      filter: ({ fields, rows }) => ({
        fields,
        rows: rows.filter(([first]) => matchesLike(String(first).toLowerCase(), wanted, '\\')),
      }),
      pattern,
    }
  }
  if (!p.takeWord('where')) return { filter: shown => shown, pattern: undefined }
  const where: Expression = p.expression()
  return {
    filter: ({ fields, rows }) => {
      const engine = engineOf(session, p.sql)
      const scope = new Scope(engine, fields)
      scope.clause = 'where clause'
      typeOf(where, scope)
      const passes = (row: Row) => {
        scope.row = row
        return engine.truth(evaluate(where, scope)) === true
      }
      return { fields, rows: rows.filter(passes) }
    },
    pattern: undefined,
  }
}
