/** What Linux tells of a process: CPU time and memory, its own and its descendants'. */
import fs from 'node:fs'

const read = (pid: number, file: string) => fs.readFileSync(`/proc/${pid}/${file}`, 'latin1')

/** Milliseconds of CPU (user and system, all threads) so far, in steps of 10; `waited` counts its dead children too. */
export function cpuMs(pid: number, { waited = false } = {}): number {
  // proc(5): utime, stime, cutime, cstime are fields 14 to 17; field 2, the name, may hold anything but ends with ")".
  const fields = read(pid, 'stat').split(') ').at(-1)!.split(' ')
  return fields.slice(11, waited ? 15 : 13).reduce((sum, ticks) => sum + Number(ticks) * 10, 0)
}

/** Bytes of proportional set size: pages shared with n processes count for one n-th. */
export const pss = (pid: number): number => Number(/^Pss:\s+(\d+) kB/m.exec(read(pid, 'smaps_rollup'))![1]) * 1024

export function descendants(pid: number): number[] {
  const children = fs
    .readdirSync(`/proc/${pid}/task`)
    .flatMap(thread => read(pid, `task/${thread}/children`).split(' ').filter(Boolean).map(Number))
  return children.flatMap(child => [child, ...descendants(child)])
}

/** Its command line, arguments separated by blanks. */
export const commandLine = (pid: number): string => read(pid, 'cmdline').replaceAll('\0', ' ').trim()

/** How many processes of the machine run this file; they share its pages with each other. */
export function runningFile(file: string): number {
  return fs.readdirSync('/proc').filter(name => {
    try {
      return /^\d+$/.test(name) && fs.readlinkSync(`/proc/${name}/exe`) === file
    } catch {
      return false // Gone, or somebody else's.
    }
  }).length
}

/** How many files this process may hold open at once. */
export const fileLimit = (): number => Number(/^Max open files\s+(\d+)/m.exec(read(process.pid, 'limits'))![1])
