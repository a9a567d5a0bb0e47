/** Statements as a tree. `at` and `end` are where a part stands in the text. */
type Place = { at: number; end: number }

export type Expression = Place &
  (
    | {
        is: 'literal'
        of: 'integer' | 'decimal' | 'float' | 'string' | 'hex' | 'bits' | 'boolean' | 'null'
        text: string
      }
    | { is: 'column'; path: readonly string[] }
    | { is: 'star'; table: readonly string[] }
    | { is: 'variable'; name: string; assigned?: Expression }
    | { is: 'system'; name: string; scope: 'global' | 'session' | undefined }
    | { is: 'parameter'; number: number }
    | { is: 'unary'; operator: string; operand: Expression }
    | { is: 'binary'; operator: string; left: Expression; right: Expression; place?: number }
    | { is: 'logical'; operator: 'and' | 'or' | 'xor'; left: Expression; right: Expression }
    | {
        is: 'call'
        name: string
        schema?: string
        args: readonly Expression[]
        distinct?: boolean
        /** COUNT(*). */
        star?: boolean
        order?: readonly Ordering[]
        separator?: string
        filter?: Expression
        over?: true
      }
    | {
        is: 'case'
        subject: Expression | undefined
        branches: readonly (readonly [Expression, Expression])[]
        otherwise: Expression | undefined
      }
    | { is: 'in'; operand: Expression; list: readonly Expression[] | Query; not: boolean }
    | { is: 'between'; operand: Expression; low: Expression; high: Expression; not: boolean }
    | {
        is: 'like'
        operand: Expression
        pattern: Expression
        escape: Expression | undefined
        not: boolean
        kind: 'like' | 'ilike' | 'regexp' | 'similar'
      }
    | { is: 'test'; operand: Expression; what: 'null' | 'true' | 'false' | 'unknown'; not: boolean }
    | { is: 'distinct'; left: Expression; right: Expression; not: boolean }
    | { is: 'exists'; query: Query }
    | { is: 'subquery'; query: Query }
    | { is: 'cast'; operand: Expression; type: TypeName; written: 'cast' | '::' | 'typed' }
    | { is: 'row'; items: readonly Expression[] }
    | { is: 'array'; items: readonly Expression[] | Query }
    | { is: 'subscript'; operand: Expression; index: Expression; upper?: Expression | undefined }
    | { is: 'quantified'; left: Expression; operator: string; all: boolean; over: Expression | Query }
    | { is: 'collate'; operand: Expression; collation: string }
    | { is: 'interval'; amount: Expression; unit: string }
  )

/** `varchar(20)[]`, `int unsigned`; `name` is in lower case, a schema of its own left out. */
export type TypeName = {
  name: string
  sizes: readonly number[]
  array: boolean
  words: readonly string[]
  values?: readonly string[]
  at: number
}

export type Ordering = { by: Expression; descending: boolean; nulls?: 'first' | 'last' }

export type Source = Place &
  (
    | { is: 'table'; path: readonly string[]; alias: string | undefined; columns?: readonly string[] }
    | { is: 'query'; query: Query; alias: string | undefined; columns?: readonly string[] }
    | { is: 'function'; call: Expression; alias: string | undefined; columns?: readonly string[]; ordinality?: boolean }
    | {
        is: 'join'
        kind: 'inner' | 'left' | 'right' | 'full' | 'cross'
        natural: boolean
        left: Source
        right: Source
        on: Expression | undefined
        using: readonly string[] | undefined
      }
  )

export type Item = { value: Expression; alias: string | undefined }

/** `INTO OUTFILE 'x'`, `INTO DUMPFILE 'x'`, `INTO @a, @b`; PostgreSQL's `INTO table`. */
export type Into = { is: 'outfile' | 'dumpfile' | 'variables' | 'table'; names: readonly string[]; fields?: FieldForm }
export type FieldForm = { terminated: string; enclosed: string; escaped: string; starting: string; lines: string }

export type Select = Place & {
  is: 'select'
  distinct: boolean
  items: readonly Item[]
  from: Source | undefined
  where: Expression | undefined
  group: readonly Expression[]
  having: Expression | undefined
  into?: Into | undefined
  /** T-SQL's TOP. */
  top?: Expression
}
export type Values = Place & { is: 'values'; rows: readonly (readonly Expression[])[] }
export type SetOperation = Place & {
  is: 'set'
  operator: 'union' | 'except' | 'intersect'
  all: boolean
  left: Query
  right: Query
}
export type Query = {
  body: Select | Values | SetOperation | { is: 'nested'; query: Query; at: number; end: number }
  with: readonly { name: string; columns: readonly string[] | undefined; query: Query; recursive: boolean }[]
  order: readonly Ordering[]
  limit: Expression | undefined
  offset: Expression | undefined
  into?: Into | undefined
}

export type ColumnDefinition = {
  name: string
  type: TypeName
  notNull: boolean
  /** PRIMARY KEY or UNIQUE in the column's own words. */
  key: 'primary' | 'unique' | undefined
  increment: boolean
  standard: Expression | undefined
  comment: string | undefined
}
export type Key = { kind: 'primary' | 'unique' | 'index'; name: string | undefined; columns: readonly string[] }

export type Alteration =
  | { is: 'add'; column: ColumnDefinition; place: 'first' | { after: string } | undefined; quietly: boolean }
  | { is: 'drop'; name: string; quietly: boolean }
  | { is: 'change'; name: string; column: ColumnDefinition }
  | { is: 'rename column'; name: string; to: string }
  | { is: 'rename'; to: readonly string[] }
  | { is: 'key'; key: Key }
  | { is: 'other' }

export type Statement =
  | { is: 'query'; query: Query }
  | {
      is: 'insert'
      table: readonly string[]
      columns: readonly string[] | undefined
      /** Where each of them stands. */
      places: readonly number[]
      source: readonly (readonly (Expression | undefined)[])[] | Query
      replace: boolean
      ignore: boolean
      update: readonly Assignment[] | undefined
      returning: readonly Item[] | undefined
    }
  | {
      is: 'update'
      table: Source
      set: readonly Assignment[]
      from: Source | undefined
      where: Expression | undefined
      order: readonly Ordering[]
      limit: Expression | undefined
      returning: readonly Item[] | undefined
    }
  | {
      is: 'delete'
      table: Source
      where: Expression | undefined
      order: readonly Ordering[]
      limit: Expression | undefined
      returning: readonly Item[] | undefined
    }
  | {
      is: 'create table'
      table: readonly string[]
      quietly: boolean
      temporary: boolean
      replace: boolean
      columns: readonly ColumnDefinition[]
      keys: readonly Key[]
      like: readonly string[] | undefined
      query: Query | undefined
      options: ReadonlyMap<string, string>
    }
  | {
      is: 'create view'
      table: readonly string[]
      replace: boolean
      query: Query
      columns: readonly string[] | undefined
    }
  | { is: 'alter table'; table: readonly string[]; quietly: boolean; actions: readonly Alteration[] }
  | { is: 'drop table'; tables: readonly (readonly string[])[]; quietly: boolean; view: boolean }
  | { is: 'truncate'; tables: readonly (readonly string[])[] }
  | { is: 'create index' }

export type Assignment = { column: readonly string[]; value: Expression | undefined; at: number }
