import type { Expression, TypeName } from './ast.ts'
import { SqlError } from './error.ts'
import type { Row } from './store.ts'
import type { Dialect } from './tokens.ts'
import type { Type, Value } from './value.ts'

/** What can stand behind FROM. */
export type Relation = {
  schema: string
  name: string
  columns: readonly { name: string; type: Type }[]
  rows(): readonly Row[]
}

/** A column of what a query reads, or of what it gives. */
export type Field = {
  /** The name or alias of the table; '' for what is computed. */
  table: string
  name: string
  type: Type
  /** Where it comes from, for clients that ask. */
  origin?: { schema: string; table: string; column: string }
}
export type Result = { fields: Field[]; rows: Row[] }

/** A function of the product. */
export type SqlFunction = {
  /** How many arguments: least and most. */
  count: readonly [number, number]
  value(args: readonly Value[], call: Call): Value
  type: Type | ((args: readonly Type[], call: Call) => Type)
}
export type Call = { engine: Engine; expression: Extract<Expression, { is: 'call' }> }

/** What differs between the products, and the session a statement runs in. */
export type Engine = {
  dialect: Dialect
  /** Steps left for this statement. */
  steps: number
  relation(path: readonly string[], at: number): Relation
  functions: ReadonlyMap<string, SqlFunction>
  /** A function that `functions` does not have: the attacker's own, or an error. */
  unknownFunction(
    call: Extract<Expression, { is: 'call' }>,
    args: readonly Value[] | undefined,
  ): { value: Value; type: Type }
  literal(expression: Extract<Expression, { is: 'literal' }>): { value: Value; type: Type }
  unary(operator: string, operand: Value, type: Type): Value
  unaryType(operator: string, operand: Type): Type
  binary(operator: string, left: Value, right: Value, types: readonly [Type, Type]): Value
  binaryType(operator: string, left: Type, right: Type, at: number): Type
  /** Negative, zero or positive; neither is null. */
  compare(left: Value, right: Value): number
  /** Three-valued: null is unknown. */
  truth(value: Value): boolean | null
  boolean(value: boolean | null): Value
  booleanType: Type
  like(value: Value, pattern: Value, mark: string | undefined, kind: 'like' | 'ilike' | 'regexp' | 'similar'): boolean
  cast(value: Value, type: TypeName, from: Type): Value
  castType(type: TypeName, from: Type): Type
  /** The type that values of all these are given in one column (CASE, UNION, COALESCE). */
  common(types: readonly Type[]): Type
  aggregateType(name: string, args: readonly Type[]): Type
  sum(values: readonly Value[], type: Type): Value
  average(values: readonly Value[], type: Type): Value
  variable(name: string): Value
  assign(name: string, value: Value): void
  variableType(name: string): Type
  system(name: string, scope: 'global' | 'session' | undefined): { value: Value; type: Type }
  parameter(number: number): { value: Value; type: Type }
  /** What a column is called that has no alias. */
  nameOf(expression: Expression, sql: string): string
  /** How two names are compared: MySQL's columns in any case. */
  sameName(a: string, b: string): boolean
  sql: string
  /** A function behind FROM: its rows. */
  rowsOf?(call: Extract<Expression, { is: 'call' }>, args: readonly Value[] | undefined): Result
  /** Functions that give a row for each of their values wherever they stand. */
  manyRows?: ReadonlySet<string>
}

/** Counts work; the budget ends a query that would go on for too long. */
export function step(engine: Engine, cost = 1): void {
  engine.steps -= cost
  if (engine.steps < 0) throw new SqlError('too much', ['steps'])
}
