import { type Configuration, configurations, enabled, optionsLike, runningValue, setValue } from './configure.ts'
import { failed } from './errors.ts'
import { answer, type Call, numberArgument, type Procedure, textArgument } from './procedure.ts'
import type { Session } from './state.ts'

/** sp_configure without a value shows, with one sets; RECONFIGURE puts it in force. */
const configure: Procedure = call => {
  const { session, sink } = call.run
  const name = textArgument(call, 0, 'configname')
  const value = numberArgument(call, 1, 'configvalue')
  const visible = (one: Configuration) => !one.advanced || enabled(session, 'show advanced options')
  if (name === undefined) return show(call, configurations.filter(visible))
  const found = optionsLike(name).filter(visible)
  if (found.length === 0)
    throw failed(15_123, `The configuration option '${name}' does not exist, or it may be an advanced option.`)
  if (found.length > 1) throw failed(15_124, `The configuration option '${name}' is not unique.`)
  const [option] = found as [Configuration]
  if (value === undefined) return show(call, found)
  if (!Number.isInteger(value) || value < option.least || value > option.most)
    throw failed(15_129, `'${value}' is not a valid value for configuration option '${option.name}'.`)
  // What the product says of it on Linux, where an operator wants it so.
  if (option.name === 'xp_cmdshell' && value === 1 && session.cx.options.commands === 'refused')
    throw failed(
      15_392,
      "The specified option 'xp_cmdshell' is not supported by this edition of SQL Server and cannot be changed using sp_configure.",
    )
  const before = setValue(session, option)
  session.server.configured.set(option.name, value)
  sink.notice({
    number: 15_457,
    state: 1,
    class: 0,
    text: `Configuration option '${option.name}' changed from ${before} to ${value}. Run the RECONFIGURE statement to install.`,
    procedure: 'sp_configure',
    line: 185,
  })
}
const show = (call: Call, options: readonly Configuration[]) =>
  answer(
    call,
    'name:s minimum:i maximum:i config_value:i run_value:i',
    [...options]
      .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1))
      .map(one => [
        one.name,
        BigInt(one.least),
        BigInt(one.most),
        BigInt(setValue(call.run.session, one)),
        BigInt(runningValue(call.run.session, one)),
      ]),
  )

/** RECONFIGURE [WITH OVERRIDE]. */
export function reconfigure({ server, cx }: Session): void {
  for (const option of configurations) {
    const value = server.configured.get(option.name)
    if (value === undefined || !option.dynamic) continue
    if (server.running.get(option.name) !== value && value === 1 && dangerous.has(option.name))
      cx.record.exploit({
        id: 'mssql-configure',
        name: 'A closed component of the server turned on',
        evidence: `sp_configure '${option.name}', 1`,
      })
    server.running.set(option.name, value)
  }
}
const dangerous = new Set([
  'xp_cmdshell',
  'Ole Automation Procedures',
  'clr enabled',
  'Ad Hoc Distributed Queries',
  'Agent XPs',
  'external scripts enabled',
])

export const configureProcedures: readonly (readonly [string, Procedure])[] = [['sp_configure', configure]]
