/** The language of awk as mawk 1.3.4 takes it. */
export type Expr =
  | { kind: 'number'; value: number }
  | { kind: 'string'; value: string }
  | { kind: 'regex'; source: string }
  | { kind: 'name'; name: string; local: number }
  | { kind: 'index'; name: string; local: number; subscripts: Expr[] }
  | { kind: 'field'; of: Expr }
  | { kind: 'assign'; operator: string; target: Expr; value: Expr }
  | { kind: 'condition'; test: Expr; yes: Expr; no: Expr }
  | { kind: 'or' | 'and'; left: Expr; right: Expr }
  | { kind: 'in'; subscripts: Expr[]; name: string; local: number }
  | { kind: 'match'; negated: boolean; left: Expr; right: Expr }
  | { kind: 'compare'; operator: string; left: Expr; right: Expr }
  | { kind: 'concat'; left: Expr; right: Expr }
  | { kind: 'arithmetic'; operator: string; left: Expr; right: Expr }
  | { kind: 'not' | 'minus' | 'plus'; of: Expr }
  | { kind: 'step'; by: 1 | -1; prefix: boolean; target: Expr }
  | { kind: 'builtin'; name: string; args: Expr[] }
  | { kind: 'call'; name: string; args: Expr[] }
  | { kind: 'getline'; from: 'main' | 'file' | 'command'; source: Expr | undefined; target: Expr | undefined }
  | { kind: 'grouping'; items: Expr[] }

export type Output = { operator: '>' | '>>' | '|'; target: Expr }

export type Statement =
  | { kind: 'block'; body: Statement[] }
  | { kind: 'expression'; value: Expr }
  | { kind: 'print'; args: Expr[]; formatted: boolean; output: Output | undefined }
  | { kind: 'if'; test: Expr; yes: Statement; no: Statement | undefined }
  | { kind: 'while'; test: Expr; body: Statement }
  | { kind: 'do'; test: Expr; body: Statement }
  | { kind: 'for'; first: Statement | undefined; test: Expr | undefined; next: Statement | undefined; body: Statement }
  | { kind: 'each'; variable: Expr; name: string; local: number; body: Statement }
  | { kind: 'delete'; name: string; local: number; subscripts: Expr[] | undefined }
  | { kind: 'next' | 'nextfile' | 'break' | 'continue' }
  | { kind: 'exit' | 'return'; value: Expr | undefined }

export type Rule = {
  /** Without one: every record. A second: a range. */
  from: Expr | undefined
  to: Expr | undefined
  open: boolean
  body: Statement | undefined
}
export type Definition = { name: string; parameters: string[]; body: Statement }
export type Syntax = { begin: Statement[]; end: Statement[]; rules: Rule[]; functions: Map<string, Definition> }

/** What mawk says of a program that is none. */
export class SyntaxFault extends Error {}
