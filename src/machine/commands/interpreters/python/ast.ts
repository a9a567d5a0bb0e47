/** Expressions of Python, as far as they are understood here. */
export type Expression =
  | { kind: 'constant'; value: number | string | boolean | null }
  | { kind: 'float'; value: number }
  | { kind: 'bytes'; value: string }
  | { kind: 'format'; parts: (string | { value: Expression; form: string; convert: string })[] }
  | { kind: 'name'; name: string; line: number }
  | { kind: 'attribute'; of: Expression; name: string; line: number }
  | { kind: 'item'; of: Expression; index: Expression; line: number }
  | { kind: 'slice'; from: Expression | undefined; to: Expression | undefined; step: Expression | undefined }
  | { kind: 'call'; of: Expression; args: Expression[]; named: [string, Expression][]; line: number }
  | { kind: 'star'; of: Expression }
  | { kind: 'list' | 'tuple' | 'set'; items: Expression[] }
  | { kind: 'dict'; items: [Expression, Expression][] }
  | { kind: 'unary'; operator: string; of: Expression; line: number }
  | { kind: 'binary'; operator: string; left: Expression; right: Expression; line: number }
  | { kind: 'choice'; test: Expression; then: Expression; other: Expression }
  | { kind: 'lambda'; parameters: Parameter[]; body: Expression }
  | { kind: 'each'; of: 'list' | 'generator' | 'set'; value: Expression; clauses: Clause[] }
export type Clause = { target: Expression; source: Expression; tests: Expression[] }
export type Parameter = { name: string; usual: Expression | undefined }

export type Statement = { line: number } & (
  | { kind: 'expression'; value: Expression }
  | { kind: 'assign'; targets: Expression[]; value: Expression }
  | { kind: 'change'; target: Expression; operator: string; value: Expression }
  | { kind: 'import'; modules: { name: string; as: string | undefined }[] }
  | { kind: 'from'; module: string; names: { name: string; as: string }[] }
  | { kind: 'if'; branches: { test: Expression; body: Statement[] }[]; other: Statement[] }
  | { kind: 'while'; test: Expression; body: Statement[] }
  | { kind: 'for'; target: Expression; source: Expression; body: Statement[] }
  | { kind: 'def'; name: string; parameters: Parameter[]; body: Statement[] }
  | {
      kind: 'try'
      body: Statement[]
      handlers: { types: Expression | undefined; as: string | undefined; body: Statement[] }[]
      last: Statement[]
    }
  | { kind: 'with'; items: { value: Expression; as: Expression | undefined }[]; body: Statement[] }
  | { kind: 'return' | 'raise' | 'assert' | 'delete'; value: Expression | undefined }
  | { kind: 'pass' | 'break' | 'continue' }
  | { kind: 'class'; name: string }
)
