import { createHash } from 'node:crypto'
import { type Process, type Program, Unloadable } from '../system.ts'
import { elfFormat, elfIn, verdictOn } from './elf.ts'

/** Nothing of theirs is run: how long one of them seems to stay, in seconds. */
const stays = [0, 0, 0, 0, 0, 0, 4, 9] as const
/** Processes that brought programs leave behind, of one attacker. */
const mostLeft = 24

/**
 * A program that an attacker brought, and that is not one of this system's. It is written down with its content; a binary
 * for this processor then seems to go into the background, as bots do, and stays in the list of processes. Throws
 * `Unloadable` where the kernel would not start it.
 */
export const broughtProgram =
  (path: string, data: Buffer): Program =>
  async process => {
    // Installed, and nobody here knows what it does.
    if (!process.host.brought(path)) throw new Unloadable('ENOEXEC')
    const elf = elfIn(data)
    const verdict = verdictOn(elf, process.host.make, interpreter => isFile(process, interpreter))
    process.host.witness.execution({
      path,
      argv: process.argv,
      data,
      format: elf ? elfFormat(elf) : 'ELF, broken',
      runs: verdict === 'runs',
    })
    if (verdict === 'ENOEXEC' || verdict === 'ENOENT') throw new Unloadable(verdict)
    if (verdict === 'SIGSEGV') {
      process.host.processes.signal(process.pid, 11, process.who)
      return 139
    }
    const key = createHash('sha256').update(data).digest()
    const seconds = stays[key[0]! % stays.length]!
    if (seconds > 0) await process.sleep(seconds)
    goIntoBackground(process, path)
    return 0
  }

const isFile = (process: Process, path: string): boolean => {
  try {
    return path.startsWith('/') && process.fs.stat(path, process.who).type === 'file'
  } catch {
    return false
  }
}

/** What it left running, until the machine forgets this attacker. */
const goIntoBackground = (process: Process, path: string): void => {
  const { processes } = process.host
  const left = process.host.state<{ pids: number[] }>('brought programs', () => ({ pids: [] }))
  const pid = processes.start({
    ppid: 1,
    uid: process.who.uid,
    argv: process.argv.slice(0, 32),
    exe: path,
    cwd: process.cwd,
    tty: '?',
  })
  left.pids.push(pid)
  if (left.pids.length > mostLeft) processes.end(left.pids.shift()!)
}
