import type { ProcessEntry } from './fs/process-table.ts'
import type { Credentials, NewProcess, Processes } from './system.ts'

/** Shown at once to one attacker; beyond that the oldest of theirs are gone. */
const most = 512
const ignored = new Set([0, 17, 18, 23, 28])

/**
 * What runs on the machine as one attacker sees it: what ran before they came, and what they started. `system` is never
 * changed: who kills cron kills it for themselves.
 */
export const createProcesses = (
  system: readonly ProcessEntry[],
  about: { now(): number; firstPid: number; pids?: number },
): Processes => {
  const own = new Map<number, { entry: ProcessEntry; deliver: ((signal: number) => void) | undefined }>()
  const killed = new Set<number>()
  let next = about.firstPid
  const running: number[] = []
  const table: Processes = {
    list() {
      const self = table.self()
      return [
        ...system.filter(({ pid }) => !killed.has(pid)),
        // Whoever asks is running.
        ...[...own.values()].map(({ entry }) => (entry.pid === self ? { ...entry, state: 'R' as const } : entry)),
      ]
    },
    self: () => running.at(-1) ?? 1,
    start(given, deliver) {
      if (++next >= (about.pids ?? 32_768)) next = 300
      const pid = next
      own.set(pid, { entry: entryOf(pid, given, about.now()), deliver })
      running.push(pid)
      if (own.size > most) table.end(own.keys().next().value!)
      return pid
    },
    end(pid) {
      own.delete(pid)
      const at = running.lastIndexOf(pid)
      if (at >= 0) running.splice(at, 1)
    },
    become(pid, given, deliver) {
      const found = own.get(pid)
      if (!found) return
      const { ppid, startedAt } = found.entry
      const entry = { ...entryOf(pid, { ...given, ppid }, about.now()), startedAt }
      own.set(pid, { entry, deliver: deliver ?? found.deliver })
    },
    listen(pid, deliver) {
      const found = own.get(pid)
      if (found) found.deliver = deliver
    },
    signal(pid, signal, who) {
      const mine = own.get(pid)
      const entry = mine?.entry ?? system.find(one => one.pid === pid && !killed.has(pid))
      if (!entry) return 'ESRCH'
      if (!maySignal(entry, who)) return 'EPERM'
      // Threads of the kernel and init take no signal that they did not ask for.
      if (ignored.has(signal) || pid === 1 || entry.exe === '') return undefined
      if (mine?.deliver) mine.deliver(signal)
      else if (mine) table.end(pid)
      else killed.add(pid)
      return undefined
    },
  }
  return table
}

const maySignal = ({ uid }: ProcessEntry, who: Credentials): boolean => who.uid === 0 || who.uid === uid

const mib = 1 << 20

/** MiB of programs that take more than others: resident, and in all. */
const sizes: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['sshd', [10, 17]],
  ['bash', [4, 8]],
  ['python3.11', [9, 15]],
  ['perl', [6, 11]],
  ['busybox', [0.5, 1.5]],
])

const calledAs = (word = 'busybox'): string => word.replace(/^.*\//s, '').replace(/^-/, '')

const entryOf = (pid: number, given: NewProcess, now: number): ProcessEntry => {
  const file = given.exe.slice(given.exe.lastIndexOf('/') + 1)
  // A multi-call binary is called by the names of its links.
  const name = (file === 'busybox' ? calledAs(given.argv[0]) : file).slice(0, 15)
  const [resident, virtual] = sizes.get(file) ?? [3, 7]
  return {
    pid,
    name,
    env: [],
    state: 'S',
    startedAt: now,
    // As a small program with its C library; a little apart from each other.
    rss: resident * mib + (pid % 37) * 16_384,
    virtual: virtual * mib + (pid % 53) * 12_288,
    cpu: 0,
    ...given,
  }
}
