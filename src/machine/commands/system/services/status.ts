import type { Process } from '../../../system.ts'
import { commandLine, rowsOf } from '../processes/rows.ts'
import { journalOf, shortLine } from './journal.ts'
import { agoOf, bytesOf, cpuOf, stampOf } from './times.ts'
import { enablement, fullName, type Live, liveOf, marksOf, presetOf, type Unit, unitOf } from './units.ts'

/** `systemctl status` of one unit. 0 when it is active, 3 when not, 4 when there is none. */
export const status = async (process: Process, wanted: string, lines: number): Promise<number> => {
  const name = fullName(wanted)
  const unit = unitOf(process, name)
  if (!unit) {
    await process.stderr.write(`Unit ${name} could not be found.\n`)
    return 4
  }
  const live = liveOf(process, unit)
  await process.stdout.write(describe(process, unit, live))
  if (lines > 0) {
    const said = journalOf(process)
      .filter(record => record.unit === unit.name)
      .slice(-lines)
    if (said.length > 0)
      await process.stdout.write(`\n${said.map(record => `${shortLine(process, record)}\n`).join('')}`)
  }
  return live.active === 'active' ? 0 : 3
}

const describe = (process: Process, unit: Unit, live: Live): string => {
  const marks = marksOf(process)
  const mark = live.active === 'active' ? marks.on : live.active === 'failed' ? marks.failed : marks.off
  const state = enablement(process, unit.name) ?? 'static'
  const preset = presetOf(state, unit.name)
  const loaded = unit.masked
    ? `masked (Reason: Unit ${unit.name} is masked.)`
    : `loaded (${unit.path}; ${state}${preset === '-' ? '' : `; preset: ${preset}`})`
  const since =
    live.since > 0 && live.sub !== 'dead'
      ? ` since ${stampOf(process, live.since)}; ${agoOf(process.now() - live.since)}`
      : ''
  const docs = unit.values('Documentation').flatMap(text => text.split(/\s+/))
  const label = (text: string): string => `${text.padStart(11)}: `
  const result = live.active === 'failed' ? 'failed (Result: exit-code)' : `${live.active} (${live.sub})`
  const rows = [
    `${mark} ${unit.name}${unit.masked ? '' : ` - ${unit.description}`}`,
    `${label('Loaded').slice(1)}${loaded}`.replace(/^/, ' ').slice(1),
    `${label('Active')}${result}${since}`,
    ...docs.map((doc, index) => `${index === 0 ? label('Docs') : ' '.repeat(13)}${doc}`),
  ]
  rows[1] = `${label('Loaded')}${loaded}`
  const { main, processes } = live
  if (main) {
    const cpu = processes.reduce((sum, { cpu: seconds }) => sum + seconds, 0)
    const memory = processes.reduce((sum, { rss }) => sum + rss, 0)
    const tasks = processes.reduce((sum, { threads = 1 }) => sum + threads, 0)
    const limit = Math.floor((process.host.persona.memory / 131_072) * 0.15)
    const shown = rowsOf(process).filter(({ pid }) => processes.some(one => one.pid === pid))
    rows.push(
      `${label('Main PID')}${main.pid} (${main.name})`,
      `${label('Tasks')}${tasks} (limit: ${limit})`,
      `${label('Memory')}${bytesOf(memory)}`,
      `${label('CPU')}${cpuOf(cpu + 0.02)}`,
      `${label('CGroup')}/system.slice/${unit.name}`,
      ...shown.map((row, index) => {
        const text = commandLine(row)
        return `${' '.repeat(13)}${index === shown.length - 1 ? marks.last : marks.branch}${row.pid} ${row.argv.length === 1 && text.includes(' ') ? `"${text}"` : text}`
      }),
    )
  }
  return `${rows.join('\n')}\n`
}

/** Properties that `systemctl show` tells, in its order. */
export const properties = (process: Process, wanted: string): [name: string, value: string][] => {
  const name = fullName(wanted)
  const unit = unitOf(process, name)
  const live: Live = unit
    ? liveOf(process, unit)
    : { active: 'inactive', sub: 'dead', since: 0, main: undefined, processes: [] }
  const value = (key: string, or: string): string => unit?.values(key).at(-1) ?? or
  const exec = value('ExecStart', '')
  return [
    ['Type', value('Type', 'simple')],
    ['Restart', value('Restart', 'no')],
    ['RestartUSec', '100ms'],
    ['TimeoutStartUSec', '1min 30s'],
    ['MainPID', `${live.main?.pid ?? 0}`],
    ['ExecMainPID', `${live.main?.pid ?? 0}`],
    ['ExecMainStatus', '0'],
    ...(exec === ''
      ? []
      : ([
          [
            'ExecStart',
            `{ path=${exec.split(' ')[0]} ; argv[]=${exec} ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }`,
          ],
        ] as [string, string][])),
    ['MemoryCurrent', `${live.main ? live.processes.reduce((sum, { rss }) => sum + rss, 0) : '[not set]'}`],
    ['TasksCurrent', `${live.main ? live.processes.length : '[not set]'}`],
    ['Id', name],
    ['Names', name],
    ['Description', unit?.description ?? name],
    ['LoadState', unit ? (unit.masked ? 'masked' : 'loaded') : 'not-found'],
    ['ActiveState', live.active],
    ['SubState', live.sub],
    ['FragmentPath', unit?.path ?? ''],
    ['UnitFileState', unit ? (enablement(process, name) ?? '') : ''],
    ['ActiveEnterTimestamp', live.since > 0 ? stampOf(process, live.since) : ''],
  ]
}
