import { commandOutput } from '#access/command.ts'
import { downloadsIn } from '#codec/downloads.ts'
import { text } from '#events/text.ts'
import { failed, LONGEST_NAME, named } from './errors.ts'
import { guidText } from './parameters.ts'
import { answer, argument, type Call, type Procedure, textArgument } from './procedure.ts'
import { runWithin } from './run.ts'
import { daemon } from './shell.ts'
import { type Job, MOST_TEXT, MOST_THINGS, now } from './state.ts'

/** SQL Server Agent's jobs (msdb): made, filled with steps, started. A step runs when its job is started. */
const jobOf = (call: Call, at = 0): Job => {
  const name = textArgument(call, at, 'job_name')
  const id = textArgument(call, -1, 'job_id')
  const { jobs } = call.run.session.server
  const found =
    name === undefined ? [...jobs.values()].find(one => one.id === id?.toUpperCase()) : jobs.get(name.toLowerCase())
  if (!found) throw failed(14_262, `The specified @job_name ('${name ?? id ?? ''}') does not exist.`)
  return found
}
const add: Procedure = call => {
  const { session } = call.run
  const name = named(textArgument(call, 0, 'job_name') ?? '')
  const { jobs } = session.server
  if (jobs.has(name.toLowerCase())) throw failed(14_261, `The specified @name ('${name}') already exists.`)
  if (jobs.size >= MOST_THINGS) return 1
  const id = guidText(session.cx.random(16))
  jobs.set(name.toLowerCase(), { id, name, enabled: true, steps: [], schedule: '', createdAt: now(session) })
  call.args.find(({ name: own, give }) => give && own?.toLowerCase() === 'job_id')?.give?.(id)
  session.cx.record.exploit({
    id: 'mssql-agent-job',
    name: 'A job of the agent made',
    evidence: text(Buffer.from(name, 'utf8'), 256),
  })
}
const addStep: Procedure = call => {
  const { session } = call.run
  const job = jobOf(call)
  const given = (name: string) => textArgument(call, -1, name)
  const command = given('command') ?? ''
  const subsystem = (given('subsystem') ?? 'TSQL').slice(0, 40)
  session.cx.record.command({
    line: text(Buffer.from(command, 'utf8'), 8192),
    verb: `job step ${subsystem.slice(0, 40)}`,
  })
  for (const download of downloadsIn(command.slice(0, 65_536))) session.cx.record.fileDownload(download)
  if (job.steps.length < 64 && session.server.weight() + command.length < MOST_TEXT * 2)
    job.steps.push({
      name: (given('step_name') ?? '').slice(0, LONGEST_NAME),
      subsystem,
      command,
      database: (given('database_name') ?? 'master').slice(0, LONGEST_NAME),
    })
}
const start: Procedure = async call => {
  const { session, sink } = call.run
  const job = jobOf(call)
  sink.notice({
    number: 14_253,
    state: 1,
    class: 0,
    text: `Job '${job.name}' started successfully.`,
    procedure: call.name,
  })
  const before = sink.caught
  sink.caught = { fields: [], rows: [] }
  try {
    for (const { subsystem, command } of job.steps)
      if (/^cmdexec$|^powershell$/i.test(subsystem))
        await commandOutput(session.cx, 'mssql', command.slice(0, 8000), daemon)
      else await runWithin(command, { ...call.run, trying: true }).catch(() => {})
  } finally {
    sink.caught = before
  }
}
const remove: Procedure = call => {
  call.run.session.server.jobs.delete(jobOf(call).name.toLowerCase())
}
const schedule: Procedure = call => {
  const job = textArgument(call, 0, 'job_name') === undefined ? undefined : jobOf(call)
  if (job) job.schedule = (textArgument(call, 1, 'name') ?? '').slice(0, 128)
  call.args.find(({ give }) => give)?.give?.(1n)
}
const quietly: Procedure = () => 0

export const agentProcedures: readonly (readonly [string, Procedure])[] = [
  ['sp_add_job', add],
  ['sp_add_jobstep', addStep],
  ['sp_start_job', start],
  ['sp_delete_job', remove],
  ['sp_add_jobschedule', schedule],
  ['sp_add_schedule', schedule],
  ...[
    'sp_add_jobserver',
    'sp_attach_schedule',
    'sp_update_job',
    'sp_update_jobstep',
    'sp_update_schedule',
    'sp_stop_job',
    'sp_delete_jobstep',
    'sp_delete_jobschedule',
    'sp_add_category',
    'sp_delete_jobserver',
    'sp_set_sqlagent_properties',
    'sp_purge_jobhistory',
    'sp_add_operator',
  ].map(name => [name, quietly] as const),
  [
    'sp_help_job',
    call =>
      answer(
        call,
        'job_id:s name:s enabled:i',
        [...call.run.session.server.jobs.values()].map(({ id, name, enabled }) => [id, name, enabled ? 1n : 0n]),
      ),
  ],
  [
    'sp_help_jobstep',
    call =>
      answer(
        call,
        'step_id:i step_name:s subsystem:s command:m',
        (argument(call, 0) ? jobOf(call).steps : []).map(({ name, subsystem, command }, i) => [
          BigInt(i + 1),
          name,
          subsystem,
          command,
        ]),
      ),
  ],
]
