import type { ColumnDefinition, Expression, Key, Query, Statement, TypeName } from '#sql/ast.ts'
import type { Token } from '#sql/tokens.ts'

/** Statements of a batch: what src/sql knows, and T-SQL's own around it. `at`: where it begins in the text. */
export type Node = { at: number; end: number } & (
  | { is: 'sql'; statement: Statement }
  | { is: 'declare'; name: string; type: TypeName; value: Expression | undefined }
  | { is: 'declare table'; name: string; columns: readonly ColumnDefinition[]; keys: readonly Key[] }
  | { is: 'set'; name: string; value: Expression }
  | { is: 'option'; names: readonly string[]; value: string }
  | { is: 'if'; condition: Expression; then: Node; otherwise: Node | undefined }
  | { is: 'while'; condition: Expression; body: Node }
  | { is: 'block'; nodes: readonly Node[] }
  | { is: 'try'; body: readonly Node[]; handler: readonly Node[] }
  | Execute
  | { is: 'execute text'; text: Expression; server: string | undefined }
  | { is: 'insert execute'; table: readonly string[]; columns: readonly string[] | undefined; call: Node }
  | { is: 'print'; value: Expression }
  | { is: 'raiserror'; args: readonly Expression[]; nowait: boolean }
  | { is: 'throw'; args: readonly Expression[] }
  | { is: 'return'; value: Expression | undefined }
  | { is: 'break' | 'continue' | 'nothing' }
  | { is: 'use'; database: string }
  | { is: 'transaction'; what: 'begin' | 'commit' | 'rollback' | 'save'; name: string | undefined }
  | { is: 'wait'; delay: Expression | undefined }
  | { is: 'cursor'; name: string; query: Query }
  | {
      is: 'cursor step'
      what: 'open' | 'close' | 'deallocate' | 'fetch'
      name: string
      into: readonly string[]
      where: string
    }
  | {
      is: 'module'
      path: readonly string[]
      kind: 'P' | 'FN' | 'TR'
      replace: boolean
      text: string
      parameters: readonly Declared[]
      body: string
      external: string | undefined
    }
  /** Anything else, which is read word by word: CREATE LOGIN, ALTER DATABASE, BACKUP, DBCC … */
  | { is: 'command'; tokens: readonly Token[] }
)
export type Argument = { name: string | undefined; value: Expression | 'default'; output: string | undefined }
export type Execute = {
  at: number
  end: number
  is: 'execute'
  path: readonly string[]
  variable?: string
  args: readonly Argument[]
  result: string | undefined
}
export type Declared = { name: string; type: TypeName; value: Expression | undefined; output: boolean }
