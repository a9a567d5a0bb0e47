import type { Type, Value } from '#sql/value.ts'
import type { Session } from './state.ts'
import { textOf } from './types.ts'

/** Thrown out of an expression: this command has to run before the statement can go on. */
export class Runs extends Error {
  readonly command: string
  constructor(command: string) {
    super('runs')
    this.command = command
  }
}

/** A function of a library that the attacker brought, or of a language that runs programs: what it is given is run. */
export function callBrought(
  session: Session,
  name: string,
  { returns }: { returns: string },
  args: readonly Value[] | undefined,
): { value: Value; type: Type } {
  const whole = /^int|oid/.test(returns)
  const type: Type = { name: whole ? 'int4' : 'text' }
  if (!args) return { value: null, type }
  const command = args
    .filter(value => value !== null)
    .map(value => textOf(value as Exclude<Value, null>))
    .join(' ')
  const known = session.outcomes.get(command)
  if (known === undefined) throw new Runs(command)
  void name
  return { value: whole ? 0n : known, type }
}
