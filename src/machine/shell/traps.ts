import { Killed, Leave, type Shell } from './state.ts'
import { runText } from './text.ts'

/** signal(7) on Linux, without SIG. */
export const SIGNALS: readonly string[] = [
  'EXIT',
  'HUP',
  'INT',
  'QUIT',
  'ILL',
  'TRAP',
  'ABRT',
  'BUS',
  'FPE',
  'KILL',
  'USR1',
  'SEGV',
  'USR2',
  'PIPE',
  'ALRM',
  'TERM',
  'STKFLT',
  'CHLD',
  'CONT',
  'STOP',
  'TSTP',
  'TTIN',
  'TTOU',
  'URG',
  'XCPU',
  'XFSZ',
  'VTALRM',
  'PROF',
  'WINCH',
  'IO',
  'PWR',
  'SYS',
]
const PSEUDO = new Set(['DEBUG', 'ERR', 'RETURN'])
const HARMLESS = new Set(['CHLD', 'CONT', 'URG', 'WINCH'])

/** `15`, `TERM` and `SIGTERM` are the same; `undefined` is none. */
export const signalName = (text: string): string | undefined => {
  if (/^[0-9]+$/.test(text)) return SIGNALS[Number(text)]
  const name = text.toUpperCase().replace(/^SIG/, '')
  return SIGNALS.includes(name) || PSEUDO.has(name) ? name : undefined
}

/** Runs the action in this shell; `$?` is left as it was. */
export const runTrap = async (sh: Shell, action: string): Promise<void> => {
  const { status, inTrap, line } = sh
  sh.inTrap = true
  try {
    await runText(sh, action, { line: 1 })
    sh.status = status
  } finally {
    sh.inTrap = inTrap
    sh.line = line
  }
}

/** What signals that came meanwhile do. */
export const runPendingTraps = async (sh: Shell): Promise<void> => {
  for (let signal = sh.signals.shift(); signal !== undefined; signal = sh.signals.shift()) {
    const number = Number(signal)
    const name = SIGNALS[number] ?? ''
    const action = name === 'KILL' || name === 'STOP' ? undefined : sh.traps.get(name)
    if (action === '' || (action === undefined && HARMLESS.has(name))) continue
    if (action !== undefined) await runTrap(sh, action)
    else if (!(sh.mode === 'interactive' && ['TERM', 'INT', 'QUIT'].includes(name) && !sh.subshell))
      throw new Killed(number)
  }
}

/** The EXIT trap; its own `exit` decides the status. */
export const runExitTrap = async (sh: Shell): Promise<number> => {
  const action = sh.traps.get('EXIT')
  sh.traps.delete('EXIT')
  if (!action) return sh.status
  const { status } = sh
  try {
    await runTrap(sh, action)
  } catch (error) {
    if (error instanceof Leave && (error.how === 'exit' || error.how === 'fatal')) return error.count
    throw error
  }
  return status
}
