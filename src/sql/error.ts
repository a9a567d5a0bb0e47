/**
 * What may be wrong with a statement. The engine names the kind and what it is about; each product has its own number
 * and wording for it.
 */
export type Problem =
  | 'syntax' // the token at `at` cannot stand there
  | 'no database selected'
  | 'no database' // name
  | 'database exists' // name
  | 'no table' // schema, table
  | 'no information table' // table
  | 'table exists' // schema, table
  | 'no column' // name, clause
  | 'ambiguous column' // name, clause
  | 'no table alias' // alias
  | 'no function' // name, signature
  | 'argument count' // function
  | 'alias twice' // alias
  | 'column twice' // name
  | 'column count' // row number
  | 'union columns'
  | 'operand types' // two types, operator
  | 'operand columns' // how many there should be
  | 'more than one row'
  | 'duplicate key' // value, key
  | 'not null' // column
  | 'no default' // column
  | 'bad value' // type, text
  | 'out of range' // type, text
  | 'division by zero'
  | 'group function' // misplaced
  | 'not grouped' // column
  | 'no star' // SELECT * without a table
  | 'too deep'
  | 'too much' // steps, rows or bytes beyond what one attacker may have
  | 'unsupported' // what
  | 'product' // the product's own error: its code and text

export class SqlError extends Error {
  readonly problem: Problem
  readonly about: readonly string[]
  /** Byte of the statement it is about. */
  at: number | undefined

  constructor(problem: Problem, about: readonly string[] = [], at?: number) {
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(`${problem}: ${about.join(', ')}`)
    Error.stackTraceLimit = stackTraceLimit
    this.problem = problem
    this.about = about
    this.at = at
  }
}
