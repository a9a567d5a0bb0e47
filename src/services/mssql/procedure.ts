import type { Type, Value } from '#sql/value.ts'
import type { Run } from './run.ts'
import { textOf } from './texts.ts'

/** A value given to a procedure; `give` takes what it hands back. */
export type Given = { name: string | undefined; value: Value; type: Type; give?: (value: Value) => void }
/** A call of a procedure of the server's own. */
export type Call = { run: Run; name: string; args: readonly Given[] }
/** A number that it gives is its status; 0 where it gives something else. */
export type Procedure = (call: Call) => unknown

/** The argument of that name, or else at that place. */
export function argument({ args }: Call, at: number, name?: string): Given | undefined {
  const named = name === undefined ? undefined : args.find(one => one.name?.toLowerCase() === name.toLowerCase())
  if (named) return named
  const found = args[at]
  return found?.name === undefined ? found : undefined
}
export const textArgument = (call: Call, at: number, name?: string): string | undefined => {
  const value = argument(call, at, name)?.value
  return value === undefined || value === null ? undefined : textOf(value)
}
export const numberArgument = (call: Call, at: number, name?: string): number | undefined => {
  const value = argument(call, at, name)?.value
  return value === undefined || value === null ? undefined : Number(textOf(value))
}

const text = (length: number): Type => ({ name: 'nvarchar', length })
/** Answers rows of texts and whole numbers; `s` or `i` behind a colon says which: `name:s id:i`. */
export function answer({ run: { sink, session } }: Call, columns: string, rows: readonly (readonly Value[])[]): void {
  const fields = columns
    .trim()
    .split(/\s+/)
    .map(one => {
      const at = one.lastIndexOf(':')
      const kind = one.slice(at + 1)
      const type: Type =
        kind === 'i'
          ? { name: 'int' }
          : kind === 'h'
            ? { name: 'smallint' }
            : kind === 't'
              ? { name: 'datetime' }
              : kind === 'm'
                ? text(-1)
                : kind === 'd'
                  ? text(255)
                  : kind === 'S'
                    ? { ...text(128), notNull: true }
                    : text(128)
      return { table: '', name: one.slice(0, at).replaceAll('~', ' '), type }
    })
  session.count = BigInt(rows.length)
  sink.rows(fields, rows)
  sink.done(0xc1, BigInt(rows.length))
}
