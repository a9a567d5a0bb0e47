import { text } from '#events/text.ts'
import type { Value } from '#sql/value.ts'
import { failed } from './errors.ts'
import { answer, argument, type Call, type Procedure, textArgument } from './procedure.ts'
import { MOST_THINGS, type Session } from './state.ts'
import { textOf } from './texts.ts'

/** The registry that SQL Server carries with it on Linux too: read and written by xp_reg…. */
const known = ({ cx, server }: Session): ReadonlyMap<string, Value> => {
  const key = 'software\\microsoft\\mssqlserver\\'
  return new Map<string, Value>([
    [`${key}mssqlserver\\loginmode`, 2n],
    [`${key}mssqlserver\\auditlevel`, 2n],
    [`${key}mssqlserver\\defaultlogin`, 'guest'],
    [`${key}mssqlserver\\supersocketnetlib\\tcp\\ipall\\tcpport`, '1433'],
    [`${key}mssqlserver\\currentversion\\currentversion`, server.version],
    [`${key}setup\\sqlpath`, 'C:\\Program Files\\Microsoft SQL Server'],
    ['software\\microsoft\\windows nt\\currentversion\\productname', 'Windows 8.1 Pro'],
    ['software\\microsoft\\windows nt\\currentversion\\currentversion', '6.3'],
    ['system\\currentcontrolset\\control\\computername\\computername\\computername', cx.persona.hostname.toUpperCase()],
    ['system\\currentcontrolset\\services\\mssqlserver\\objectname', 'LocalSystem'],
  ])
}
const keyOf = (call: Call): string =>
  `${textArgument(call, 1) ?? ''}\\${textArgument(call, 2) ?? ''}`.toLowerCase().replace(/\\+/g, '\\').slice(0, 400)

const read: Procedure = call => {
  const { session } = call.run
  const key = keyOf(call)
  const value = session.server.registry.get(key) ?? known(session).get(key)
  const back = call.args.find(({ give }) => give)
  if (back) back.give!(value ?? null)
  else if (value === undefined)
    throw failed(22_001, "RegQueryValueEx() returned error 2, 'The system cannot find the file specified.'", {
      class: 1,
    })
  else answer(call, `Value:s Data:${typeof value === 'bigint' ? 'i' : 's'}`, [[textArgument(call, 2) ?? '', value]])
}
const write: Procedure = call => {
  const { session } = call.run
  const value = argument(call, 4)?.value
  const shown = `${textArgument(call, 0) ?? ''}\\${textArgument(call, 1) ?? ''}\\${textArgument(call, 2) ?? ''} = ${value === undefined || value === null ? '' : textOf(value)}`
  session.cx.record.exploit({
    id: 'mssql-registry',
    name: 'The registry written from within the database',
    evidence: text(Buffer.from(shown, 'utf8'), 512),
  })
  if (session.server.registry.size < MOST_THINGS)
    session.server.registry.set(keyOf(call), value === undefined || value === null ? '' : textOf(value).slice(0, 2000))
}
const remove: Procedure = call => {
  call.run.session.server.registry.delete(keyOf(call))
}
const nothing: Procedure = call => answer(call, 'Value:s Data:s', [])

const named = (name: string, one: Procedure): [string, Procedure][] => [
  [`xp_${name}`, one],
  [`xp_instance_${name}`, one],
]
export const registryProcedures: readonly (readonly [string, Procedure])[] = [
  ...named('regread', read),
  ...named('regwrite', write),
  ...named('regdeletevalue', remove),
  ...named('regdeletekey', remove),
  ...named('regaddmultistring', write),
  ...named('regremovemultistring', remove),
  ...named('regenumvalues', nothing),
  ...named('regenumkeys', nothing),
]
