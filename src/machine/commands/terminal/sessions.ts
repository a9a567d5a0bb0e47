import { type Process, type RunOptions, SystemError } from '../../system.ts'

/** A session of screen or tmux that nobody looks at. */
export type Detached = {
  name: string
  /** Of the program that holds it. */
  pid: number
  /** Of what runs in it; `undefined` for a shell that waits. */
  job: number | undefined
  /** Milliseconds since the epoch. */
  at: number
}

const most = 32

/** Sessions of this user that are still there, oldest first. */
export const sessionsOf = (process: Process, program: 'screen' | 'tmux'): Detached[] => {
  const { processes } = process.host
  const all = process.host.state<{ sessions: Detached[] }>(`${program} ${process.who.uid}`, () => ({ sessions: [] }))
  const running = new Set(processes.list().map(({ pid }) => pid))
  all.sessions = all.sessions.filter(({ pid, job }) => {
    const there = running.has(pid) && (job === undefined || running.has(job))
    if (!there) processes.end(pid)
    return there
  })
  return all.sessions
}

export const nowhere = { write: async (): Promise<void> => {} }

/** Runs a command behind the terminal's back, and gives its pid. */
export const runBehind = async (
  process: Process,
  argv: readonly string[],
  how: Partial<Pick<RunOptions, 'env' | 'cwd'>> = {},
): Promise<number | undefined> => {
  const { processes } = process.host
  const before = new Set(processes.list().map(({ pid }) => pid))
  try {
    await process.run(['/bin/sh', '-c', '"$@" &', 'sh', ...argv], { ...how, stdout: nowhere, stderr: nowhere })
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    return undefined
  }
  return processes.list().find(({ pid }) => !before.has(pid))?.pid
}

/** Begins a session under `name`, which holds `argv` or, without it, a shell. */
export const detach = async (
  process: Process,
  program: 'screen' | 'tmux',
  how: { name: string; shown: readonly string[]; comm: string; argv: readonly string[]; env: Map<string, string> },
): Promise<void> => {
  const sessions = sessionsOf(process, program)
  const { processes } = process.host
  const common = { uid: process.who.uid, cwd: process.cwd, tty: '?' }
  const job = how.argv.length > 0 ? await runBehind(process, how.argv, { env: how.env }) : undefined
  const exe = `/usr/bin/${program}`
  const pid = processes.start({ ...common, ppid: 1, argv: how.shown.slice(0, 32), exe, name: how.comm })
  sessions.push({ name: how.name, pid, job: how.argv.length > 0 ? (job ?? 0) : undefined, at: process.now() })
  if (sessions.length > most) end(process, sessions, sessions[0]!)
}

/** Ends a session and what runs in it. */
export const end = (process: Process, sessions: Detached[], session: Detached): void => {
  const { processes } = process.host
  if (session.job !== undefined) processes.signal(session.job, 1, process.who)
  processes.end(session.pid)
  sessions.splice(sessions.indexOf(session), 1)
}

/** A multiplexer holds one window with the account's shell, as long as somebody looks at it. */
export const window = async (
  process: Process,
  term: string,
  more: readonly (readonly [string, string])[],
): Promise<number> => {
  const shell = process.env.get('SHELL') ?? '/bin/sh'
  const env = new Map([...process.env, ['TERM', term], ...more])
  try {
    return await process.run([shell], { env })
  } catch (error) {
    if (error instanceof SystemError) return 1
    throw error
  }
}
