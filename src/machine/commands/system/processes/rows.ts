import type { ProcessEntry } from '../../../fs/process-table.ts'
import { type Session, sessionsOf } from '../../../fs/sessions.ts'
import type { Process } from '../../../system.ts'

/** A process as the kernel's list has it, with what follows from the others. */
export type Row = ProcessEntry & Session & { gid: number }

/** All that runs, by pid. */
export const rowsOf = (process: Process): Row[] => {
  const { processes } = process.host
  const all = processes.list()
  const sessions = sessionsOf(all, processes.self())
  process.step(all.length)
  return all
    .map(entry => ({ ...entry, state: stateOf(entry, process), ...sessions(entry), gid: entry.uid }))
    .toSorted((a, b) => a.pid - b.pid)
}

/** Whoever looks is running, and nobody else of what was just started. */
const stateOf = ({ pid, state }: ProcessEntry, process: Process): ProcessEntry['state'] => {
  if (pid === process.pid) return 'R'
  return pid === process.host.processes.self() ? 'S' : state
}

/** The name in brackets stands for threads of the kernel, which have no command line. */
export const commandLine = ({ argv, name }: Row): string =>
  argv.length > 0 ? argv.map(printable).join(' ') : `[${name}]`

/** procps shows control characters as question marks; the rest of a command line is Latin-1 bytes of UTF-8. */
export const printable = (text: string): string => text.replace(/[\x00-\x1f\x7f]/g, '?')

/** `Ss+`: state, priority, session leader, threads, foreground. */
export const statText = (row: Row): string =>
  row.state +
  ((row.nice ?? 0) < 0 ? '<' : (row.nice ?? 0) > 0 ? 'N' : '') +
  (row.sid === row.pid ? 's' : '') +
  ((row.threads ?? 1) > 1 ? 'l' : '') +
  (row.tpgid > 0 && row.tpgid === row.pgid ? '+' : '')

/** Seconds of CPU as the kernel's clock ticks have them. */
export const cpuSeconds = ({ cpu }: ProcessEntry): number => Math.floor(cpu * 100) / 100
