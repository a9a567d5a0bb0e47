import type { Expression } from '#sql/ast.ts'
import type { Type, Value } from '#sql/value.ts'
import { MysqlError } from './errors.ts'
import { textOf } from './numbers.ts'
import type { Session } from './state.ts'
import { bigint, text } from './typing.ts'

/** Functions that attackers' libraries bring (lib_mysqludf_sys and its kin), and what each gives. */
const brought = new Map<string, 'output' | 'status' | 'nothing'>([
  ['sys_eval', 'output'],
  ['sys_exec', 'status'],
  ['do_system', 'status'],
  ['exec', 'output'],
  ['cmdshell', 'output'],
  ['cmd', 'output'],
  ['shell', 'output'],
  ['sys_get', 'output'],
  ['downloader', 'nothing'],
  ['xpdl3', 'nothing'],
  ['mylab_sys_exec', 'status'],
])

/** A command that a function was asked to run; the answer is known when it was. */
export type Asked = { command: string; gives: 'output' | 'status' | 'nothing' }
const outcomes = new WeakMap<Session, Map<string, Value>>()
export const outcomesOf = (session: Session): Map<string, Value> => {
  const found = outcomes.get(session) ?? new Map<string, Value>()
  outcomes.set(session, found)
  return found
}

/** Thrown out of an expression: this command has to run before the statement can go on. */
export class Runs extends Error {
  readonly asked: Asked
  constructor(asked: Asked) {
    super('runs')
    this.asked = asked
  }
}

/** A function that the product does not have: one of a library, or the error that says so. */
export function callLibrary(
  session: Session,
  call: Extract<Expression, { is: 'call' }>,
  args: readonly Value[] | undefined,
  sql: string,
): { value: Value; type: Type } {
  const library = session.server.libraries.get(call.name)
  if (!library) throw unknown(session, call, sql)
  const type = library.returns === 'STRING' ? text(65_535) : bigint(21)
  if (!args) return { value: null, type }
  const command = args
    .filter(value => value !== null)
    .map(value => textOf(value!))
    .join(' ')
  const asked: Asked = {
    command,
    gives: brought.get(call.name) ?? (library.returns === 'STRING' ? 'output' : 'status'),
  }
  const known = outcomesOf(session).get(`${call.name}\0${command}`)
  if (known === undefined) throw new Runs({ ...asked, command: `${call.name}\0${command}` })
  return { value: known, type }
}

/** The name as it was written. */
function unknown(
  session: Session,
  { name: folded, schema, at, end }: Extract<Expression, { is: 'call' }>,
  sql: string,
): MysqlError {
  const written = sql.slice(at, end)
  const from = written.toLowerCase().indexOf(folded)
  const name = from < 0 ? folded : written.slice(from, from + folded.length)
  if (schema !== undefined) return new MysqlError(1305, '42000', `FUNCTION ${schema}.${name} does not exist`)
  if (!session.database) return new MysqlError(1305, '42000', `FUNCTION ${name} does not exist`)
  return new MysqlError(1305, '42000', `FUNCTION ${session.database}.${name} does not exist`)
}
