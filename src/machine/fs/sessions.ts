import type { ProcessEntry } from './process-table.ts'

/** Process group, session, and the terminal's foreground group (-1 without a terminal). */
export type Session = { pgid: number; sid: number; tpgid: number }

const shells = /\/(bash|dash|sh|rbash|busybox)$/
const outside: Session = { pgid: 0, sid: 0, tpgid: -1 }

/** Who leads, and who is in front, follows from who started whom: daemons and log-ins lead, an interactive shell's jobs lead groups. */
export const sessionsOf = (all: readonly ProcessEntry[], self: number): ((entry: ProcessEntry) => Session) => {
  const byPid = new Map(all.map(entry => [entry.pid, entry]))
  const known = new Map<number, { pgid: number; sid: number }>()
  const find = (entry: ProcessEntry, depth: number): { pgid: number; sid: number } => {
    const found = known.get(entry.pid)
    if (found) return found
    const made = make(entry, depth)
    known.set(entry.pid, made)
    return made
  }
  const make = (entry: ProcessEntry, depth: number): { pgid: number; sid: number } => {
    if (entry.exe === '') return outside
    const own = { pgid: entry.pid, sid: entry.pid }
    const parent = byPid.get(entry.ppid)
    // What a log-in daemon starts, and each of its processes, leads a session.
    const leads = entry.ppid <= 1 || !parent || depth > 200 || /^(sshd|.*telnetd|login)$/.test(parent.name)
    if (leads) return own
    const { pgid, sid } = find(parent, depth + 1)
    const job = entry.tty !== '?' && shells.test(parent.exe) && parent.argv.length < 2
    return { pgid: job ? entry.pid : pgid, sid }
  }
  const front = new Map<string, number>()
  for (const entry of all) {
    if (entry.tty === '?' || entry.exe === '') continue
    if (!front.has(entry.tty) || entry.pid === self) front.set(entry.tty, find(entry, 0).pgid)
  }
  return entry => ({ ...find(entry, 0), tpgid: front.get(entry.tty) ?? -1 })
}
