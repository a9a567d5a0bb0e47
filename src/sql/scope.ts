import type { Expression } from './ast.ts'
import type { Engine, Field } from './engine.ts'
import { SqlError } from './error.ts'
import type { Row } from './store.ts'
import type { Type, Value } from './value.ts'

/** The columns that an expression may name, from the inside out, and the row that is being looked at. */
export class Scope {
  readonly engine: Engine
  readonly fields: readonly Field[]
  readonly outer: Scope | undefined
  row: Row = []
  /** The rows of a group, where aggregates may be asked. */
  group: readonly Row[] | undefined
  /** Columns of the select list by alias, for GROUP BY, HAVING and ORDER BY. */
  aliases: ReadonlyMap<string, { type: Type; value: Expression }> | undefined
  /** What MySQL calls the place in "Unknown column 'x' in 'field list'". */
  clause = 'field list'
  /** Tables that WITH names for the query. */
  common: ReadonlyMap<string, { fields: Field[]; rows: () => readonly Row[] }> | undefined
  readonly types = new Map<Expression, Type>()
  /** ROW_NUMBER of the row at hand, by the call that asks for it. */
  readonly numbered = new Map<Expression, bigint>()
  readonly #found = new Map<Expression, { scope: Scope; index: number }>()

  constructor(engine: Engine, fields: readonly Field[], outer?: Scope) {
    this.engine = engine
    this.fields = fields
    this.outer = outer
  }

  /** Where a column is; throws when there is none or more than one. */
  find(column: Extract<Expression, { is: 'column' }>): { scope: Scope; index: number } {
    const known = this.#found.get(column)
    if (known) return known
    for (let scope: Scope | undefined = this; scope; scope = scope.outer) {
      const index = scope.#search(column)
      if (index >= 0) {
        const found = { scope, index }
        this.#found.set(column, found)
        return found
      }
    }
    throw new SqlError('no column', [column.path.join('.'), this.clause], column.at)
  }
  /** Says beforehand where a column is. */
  settle(column: Expression, index: number): void {
    this.#found.set(column, { scope: this, index })
  }
  has(column: Extract<Expression, { is: 'column' }>): boolean {
    return this.#search(column) >= 0
  }

  #search({ path, at }: Extract<Expression, { is: 'column' }>): number {
    const name = path.at(-1)!
    const table = path.at(-2)
    const schema = path.at(-3)
    const { sameName, dialect } = this.engine
    const same = dialect === 'tsql' ? sameName : (a: string | undefined, b: string) => a === b
    let found = -1
    for (const [i, field] of this.fields.entries()) {
      if (!sameName(field.name, name)) continue
      if (table !== undefined && !same(field.table, table)) continue
      if (schema !== undefined && schema !== '' && !same(field.origin?.schema ?? '', schema)) continue
      if (found >= 0) throw new SqlError('ambiguous column', [path.join('.'), this.clause], at)
      found = i
    }
    return found
  }
  valueAt(index: number): Value {
    return this.row[index] ?? null
  }
}
