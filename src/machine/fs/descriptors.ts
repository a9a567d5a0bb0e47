import type { ProcessEntry } from './process-table.ts'

/** An open descriptor: what /proc/PID/fd links to, and the rights of that link. */
export type Descriptor = { fd: number; target: string; mode: number }

const both = 0o700
const reads = 0o500
const writes = 0o300

/**
 * The descriptors that a process has open as far as anybody looks: its terminal, the pipes of a session without one, the
 * journal's socket of a service.
 */
export const descriptorsOf = ({ pid, ppid, tty, argv, exe, name }: ProcessEntry): Descriptor[] => {
  if (argv.length === 0 || exe === '') return []
  const node = (fd: number): number => 17_000 + pid * 4 + fd
  if (tty !== '?') {
    const target = `/dev/${tty}`
    const open = [0, 1, 2].map(fd => ({ fd, target, mode: both }))
    return name === 'bash' ? [...open, { fd: 255, target, mode: both }] : open
  }
  if (ppid > 1) {
    return [
      { fd: 0, target: `pipe:[${node(0)}]`, mode: reads },
      { fd: 1, target: `pipe:[${node(1)}]`, mode: writes },
      { fd: 2, target: `pipe:[${node(2)}]`, mode: writes },
    ]
  }
  const journal = pid === 1 ? '/dev/null' : `socket:[${node(1)}]`
  return [
    { fd: 0, target: '/dev/null', mode: pid === 1 ? both : reads },
    { fd: 1, target: journal, mode: both },
    { fd: 2, target: journal, mode: both },
  ]
}
