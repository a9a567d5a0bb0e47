import type { Persona } from '#persona/persona.ts'
import { overlaidOf, renamed } from '../release.ts'
import { numberIn } from './release-rows.ts'

/** A running program, as ps(1) and /proc show it. */
export type ProcessEntry = {
  pid: number
  ppid: number
  uid: number
  /** Up to 15 characters: the program's name. */
  name: string
  /** Empty for threads of the kernel. */
  argv: readonly string[]
  exe: string
  cwd: string
  env: readonly string[]
  tty: string
  state: 'R' | 'S' | 'I' | 'D' | 'Z'
  /** Milliseconds since the epoch. */
  startedAt: number
  /** Bytes. */
  rss: number
  virtual: number
  /** Seconds of CPU. */
  cpu: number
  /** Of -20 to 19; 0 when it is not said. */
  nice?: number
  /** 1 when it is not said. */
  threads?: number
  /** TCP ports that it listens at, on all addresses. */
  listens?: readonly number[]
  /** The connection that it was started for. */
  connection?: Connection
}

/** A TCP connection to this machine: the peer's end and ours. */
export type Connection = { from: string; fromPort: number; to: string; port: number }

/** What runs, live: the shell adds its own. `self` is the process that asks. */
export type ProcessTable = { list(): readonly ProcessEntry[]; self(): number }

const mib = 1 << 20
const kernelThreads =
  `kthreadd rcu_gp rcu_par_gp slub_flushwq netns kworker/0:0H-events_highpri mm_percpu_wq rcu_tasks_kthread
   rcu_tasks_rude_kthread rcu_tasks_trace_kthread ksoftirqd/0 rcu_preempt migration/0 cpuhp/0 kdevtmpfs inet_frag_wq
   kauditd khungtaskd oom_reaper writeback kcompactd0 ksmd khugepaged kintegrityd kblockd blkcg_punt_bio tpm_dev_wq
   edac-poller devfreq_wq kworker/0:1H-kblockd kswapd0 kthrotld acpi_thermal_pm mld ipv6_addrconf kstrp
   zswap-shrink ata_sff scsi_eh_0 scsi_tmf_0 scsi_eh_1 scsi_tmf_1 jbd2/sda1-8 ext4-rsv-conver`
    .trim()
    .split(/\s+/)

const daemons: readonly (readonly [argv: string, uid: number, rss: number, virtual: number, cpu: number])[] = [
  ['/lib/systemd/systemd-journald', 0, 17, 48, 21],
  ['/lib/systemd/systemd-udevd', 0, 6, 26, 2],
  ['/lib/systemd/systemd-timesyncd', 997, 7, 88, 4],
  [
    '/sbin/dhclient -4 -v -i -pf /run/dhclient.CARD.pid -lf /var/lib/dhcp/dhclient.CARD.leases -I -df /var/lib/dhcp/dhclient6.CARD.leases CARD',
    0,
    4,
    6,
    1,
  ],
  ['/usr/sbin/cron -f', 0, 3, 7, 9],
  [
    '/usr/bin/dbus-daemon --system --address=systemd: --nofork --nopidfile --systemd-activation --syslog-only',
    100,
    5,
    9,
    3,
  ],
  ['/usr/sbin/rsyslogd -n -iNONE', 0, 6, 217, 8],
  ['/lib/systemd/systemd-logind', 0, 8, 49, 3],
  ['/usr/sbin/qemu-ga', 0, 5, 79, 2],
  ['/usr/bin/python3 /usr/share/unattended-upgrades/unattended-upgrade-shutdown --wait-for-signal', 0, 22, 107, 0],
  ['/sbin/agetty -o -p -- \\u --noclear - linux', 0, 1, 6, 0],
  ['sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups', 0, 9, 15, 14],
  ['nginx: master process /usr/sbin/nginx -g daemon on; master_process on;', 0, 2, 55, 0],
]

/** Threads of daemons that have more than one. */
const threadsOf = new Map([
  ['systemd-timesyncd', 2],
  ['rsyslogd', 4],
  ['qemu-ga', 2],
  ['unattended-upgr', 2],
])
const nameOf = (exe: string, argv: readonly string[]): string => {
  // A script's process is named as the script.
  const file = /\/python3[^/]*$/.test(exe) ? (argv[1] ?? exe) : exe
  return file.slice(file.lastIndexOf('/') + 1).slice(0, 15)
}

/** Threads that wait for work uninterruptibly without counting as load, which are nearly all workers. */
const idle =
  /^(kworker|rcu_|.*_wq$|slub|netns|writeback|kintegrityd|kblockd|blkcg|edac|kthrotld|acpi|mld|ipv6|kstrp|zswap|ata_sff|scsi_tmf|ext4|devfreq)/
const niceOf = (name: string): number => {
  if (name === 'ksmd') return 5
  if (name === 'khugepaged') return 19
  return idle.test(name) && !/^(rcu_tasks|rcu_preempt)|^kworker\/u?\d+:\d+-/.test(name) ? -20 : 0
}

/** Each processor has some of its own. */
const threadsFor = (cores: number): string[] => {
  const others = Array.from({ length: cores - 1 }, (_, index) =>
    ['cpuhp/', 'migration/', 'ksoftirqd/']
      .map(name => `${name}${index + 1}`)
      .concat(`kworker/${index + 1}:0H-events_highpri`),
  )
  return kernelThreads.flatMap(name => (name === 'cpuhp/0' ? [name, ...others.flat()] : [name]))
}

/** Daemons of the persona's release, by the uids that it gives them. */
const daemonsOf = (persona: Persona): typeof daemons => {
  const release = overlaidOf(persona)
  if (!release) return daemons
  const uidOf = (user: string): number => numberIn(release.passwd, user) ?? 0
  const named = new Map([
    [997, 'systemd-timesync'],
    [100, 'messagebus'],
  ])
  return (
    release.processes?.map(([argv, user, rss, virtual, cpu]) => [argv, uidOf(user), rss, virtual, cpu] as const) ??
    daemons.map(([argv, uid, ...sizes]) => [argv, uidOf(named.get(uid) ?? 'root'), ...sizes] as const)
  )
}

/** What such a machine runs before anybody logs in. Pids and sizes are the persona's own. */
export const systemProcesses = (persona: Persona): ProcessEntry[] => {
  const noise = persona.derive('processes', 2048)
  const { bootedAt } = persona
  const entry = (fields: Partial<ProcessEntry> & { pid: number; name: string }): ProcessEntry => ({
    ppid: 1,
    uid: 0,
    argv: [],
    exe: '',
    cwd: '/',
    env: [],
    tty: '?',
    state: 'S',
    startedAt: bootedAt + 1000,
    rss: 0,
    virtual: 0,
    cpu: 0,
    ...fields,
  })
  const programs = [
    entry({
      pid: 1,
      ppid: 0,
      name: 'systemd',
      argv: ['/sbin/init'],
      exe: '/usr/lib/systemd/systemd',
      startedAt: bootedAt,
      rss: 12 * mib + noise[0]! * 4096,
      virtual: 164 * mib,
      cpu: 6,
    }),
  ]
  let pid = 2
  for (const name of threadsFor(persona.cpu.cores)) {
    // The kernel tells a worker's name in full, and all others' by their first 15 letters.
    const short = name.startsWith('kworker') ? name : name.slice(0, 15)
    const nice = niceOf(name)
    const state = idle.test(name) ? 'I' : 'S'
    programs.push(entry({ pid, ppid: pid === 2 ? 0 : 2, name: short, state, nice, startedAt: bootedAt }))
    pid += 1 + (noise[pid]! % 3 === 0 ? 1 : 0)
  }
  pid += 80 + noise[1]!
  const python = renamed(overlaidOf(persona) ?? { names: [] }, 'python3.11')
  const web = (line: string): boolean => persona.software.web.product === 'nginx' || !line.startsWith('nginx')
  daemonsOf(persona)
    .filter(([line]) => web(line))
    .forEach(([template, uid, rss, virtual, cpu], index) => {
      const line = template.replaceAll('CARD', persona.interface)
      pid += 1 + (noise[100 + index]! % 23)
      const titled = /^(sshd|nginx): /.exec(line)?.[1]
      const exe = titled
        ? `/usr/sbin/${titled}`
        : line
            .split(' ')[0]!
            .replace(/^@/, '/usr/bin/')
            .replace(/^\/(lib|sbin)/, '/usr/$1')
            .replace(/python3$/, python)
      programs.push(
        entry({
          pid,
          uid,
          name: titled ?? nameOf(exe, line.split(' ')),
          argv: titled ? [line] : line.split(' '),
          exe,
          startedAt: bootedAt + 2000 + index * 310,
          rss: rss * mib + noise[120 + index]! * 4096,
          virtual: virtual * mib + noise[140 + index]! * 4096,
          cpu,
          threads: threadsOf.get(nameOf(exe, line.split(' '))) ?? 1,
          ...(line.includes('agetty') ? { tty: 'tty1' } : {}),
        }),
      )
    })
  const master = programs.at(-1)!
  if (master.name === 'nginx') {
    for (let worker = 0; worker < persona.cpu.cores; worker++) {
      programs.push({ ...master, pid: ++pid, ppid: master.pid, uid: 33, argv: ['nginx: worker process'], rss: 5 * mib })
    }
  }
  return programs
}
