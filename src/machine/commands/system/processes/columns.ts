import type { Process } from '../../../system.ts'
import { clock, ctime, groupName, localTime, months, two, userNames } from '../facts.ts'
import { commandLine, cpuSeconds, type Row, statText } from './rows.ts'

/** What a column needs to know beside its row. */
export type Sheet = {
  process: Process
  user(uid: number): string
  now: number
  /** Bytes of memory. */
  memory: number
}
export const sheetOf = (process: Process): Sheet => ({
  process,
  user: userNames(process),
  now: process.now(),
  memory: process.host.persona.memory,
})

export type Column = {
  header: string
  width: number
  left?: true
  /** Names too long for the column end in `+`; commands are cut only by the terminal's edge. */
  cut?: true
  value(row: Row, sheet: Sheet): string
  /** What `--sort` compares, where it is not the text. */
  order?(row: Row): number
}

const number = (header: string, width: number, of: (row: Row, sheet: Sheet) => number): Column => ({
  header,
  width,
  value: (row, sheet) => `${of(row, sheet)}`,
  order: row => of(row, undefined as never),
})
const text = (header: string, width: number, value: Column['value']): Column => ({ header, width, left: true, value })
const named = (header: string, value: Column['value']): Column => ({ header, width: 8, left: true, cut: true, value })

const kib = (bytes: number): number => Math.floor(bytes / 1024)
const seconds = (row: Row, { now }: Sheet): number => Math.max(0, Math.floor((now - row.startedAt) / 1000))
const percent = (row: Row, sheet: Sheet): number => (100 * cpuSeconds(row)) / Math.max(1, seconds(row, sheet))
const days = (total: number): string => (total >= 86_400 ? `${two(total / 86_400)}-` : '')
const hms = (total: number): string => `${two((total / 3600) % 24)}:${two((total / 60) % 60)}:${two(total % 60)}`

/** `00:00:03`, `1-02:03:04`. */
const longTime = (total: number): string => `${total >= 86_400 ? `${Math.floor(total / 86_400)}-` : ''}${hms(total)}`
/** `0:03` */
const bsdTime = (total: number): string => `${Math.floor(total / 60)}:${two(total % 60)}`
const elapsed = (total: number): string =>
  total >= 3600 ? days(total) + hms(total) : `${two(total / 60)}:${two(total % 60)}`

/** The hour today, the day this year, else the year. */
const started = (row: Row, { process, now }: Sheet): string => {
  const [at, today] = [localTime(process, row.startedAt), localTime(process, now)]
  if (at.getUTCFullYear() !== today.getUTCFullYear()) return `${at.getUTCFullYear()}`
  if (at.toISOString().slice(0, 10) === today.toISOString().slice(0, 10)) return clock(at)
  return `${months[at.getUTCMonth()]}${two(at.getUTCDate())}`
}

const waits = (row: Row, { process }: Sheet): string => {
  if (row.state === 'R' || process.who.uid !== 0) return '-'
  if (row.exe === '') return row.name === 'kthreadd' ? 'kthrea' : row.state === 'I' ? 'worker' : 'smpboo'
  return /\/(bash|dash|sh)$/.test(row.exe) ? 'do_wai' : 'do_sys'
}

const one = {
  pid: number('PID', 7, row => row.pid),
  ppid: number('PPID', 7, row => row.ppid),
  pgid: number('PGID', 7, row => row.pgid),
  sid: number('SID', 7, row => row.sid),
  tpgid: number('TPGID', 7, row => row.tpgid),
  user: named('USER', (row, { user }) => user(row.uid)),
  uid: number('UID', 5, row => row.uid),
  gid: number('GID', 5, row => row.gid),
  group: named('GROUP', (row, { process }) => groupName(process, row.gid)),
  pcpu: {
    header: '%CPU',
    width: 4,
    value: (row: Row, sheet: Sheet) => percent(row, sheet).toFixed(1),
    order: (row: Row) => row.cpu / Math.max(1, Date.now() - row.startedAt),
  },
  pmem: {
    header: '%MEM',
    width: 4,
    value: (row: Row, { memory }: Sheet) => (Math.floor((row.rss * 1000) / memory) / 10).toFixed(1),
    order: (row: Row) => row.rss,
  },
  vsz: number('VSZ', 6, row => kib(row.virtual)),
  rss: number('RSS', 5, row => kib(row.rss)),
  sz: number('SZ', 5, row => Math.floor(row.virtual / 4096)),
  tty: text('TTY', 8, row => row.tty),
  tt: text('TT', 8, row => row.tty),
  stat: text('STAT', 4, statText),
  state: text('S', 1, row => row.state),
  start: { header: 'START', width: 5, value: started, order: (row: Row) => row.startedAt },
  stime: { header: 'STIME', width: 5, value: started, order: (row: Row) => row.startedAt },
  started: {
    header: 'STARTED',
    width: 8,
    value: (row: Row, sheet: Sheet) =>
      sheet.now - row.startedAt > 86_400_000
        ? `${months[localTime(sheet.process, row.startedAt).getUTCMonth()]} ${two(localTime(sheet.process, row.startedAt).getUTCDate())}`
        : clock(localTime(sheet.process, row.startedAt), true),
    order: (row: Row) => row.startedAt,
  },
  lstart: {
    header: 'STARTED',
    width: 24,
    value: (row: Row, { process }: Sheet) => ctime(localTime(process, row.startedAt)),
    order: (row: Row) => row.startedAt,
  },
  time: { header: 'TIME', width: 8, value: (row: Row) => longTime(cpuSeconds(row)), order: (row: Row) => row.cpu },
  bsdtime: { header: 'TIME', width: 6, value: (row: Row) => bsdTime(cpuSeconds(row)), order: (row: Row) => row.cpu },
  times: number('TIME', 8, row => Math.floor(cpuSeconds(row))),
  etime: {
    header: 'ELAPSED',
    width: 11,
    value: (row: Row, sheet: Sheet) => elapsed(seconds(row, sheet)),
    order: (row: Row) => -row.startedAt,
  },
  etimes: {
    header: 'ELAPSED',
    width: 7,
    value: (row: Row, sheet: Sheet) => `${seconds(row, sheet)}`,
    order: (row: Row) => -row.startedAt,
  },
  args: text('COMMAND', 27, commandLine),
  cmd: text('CMD', 27, commandLine),
  comm: text('COMMAND', 15, row => row.name),
  ucmd: text('CMD', 15, row => row.name),
  c: { header: 'C', width: 2, value: (row: Row, sheet: Sheet) => `${Math.min(99, Math.floor(percent(row, sheet)))}` },
  f: { header: 'F', width: 1, value: (row: Row) => (row.exe === '' || row.pid === 2 ? '1' : '4') },
  nice: number('NI', 3, row => row.nice ?? 0),
  priority: number('PRI', 3, row => 19 - (row.nice ?? 0)),
  opri: number('PRI', 3, row => 80 + (row.nice ?? 0)),
  addrsz: { header: 'ADDR SZ', width: 7, value: (row: Row) => `- ${`${Math.floor(row.virtual / 4096)}`.padStart(5)}` },
  wchan: text('WCHAN', 6, waits),
  psr: {
    header: 'PSR',
    width: 3,
    value: (row: Row, { process }: Sheet) => `${row.pid % process.host.persona.cpu.cores}`,
  },
  nlwp: number('NLWP', 4, row => row.threads ?? 1),
  lwp: number('LWP', 7, row => row.pid),
  cls: text('CLS', 3, () => 'TS'),
  rtprio: { header: 'RTPRIO', width: 6, value: () => '-' },
  exe: text('EXE', 27, row => row.exe || '-'),
  cgroup: text('CGROUP', 27, row =>
    row.exe === '' ? '-' : row.pid === 1 ? '0::/init.scope' : `0::/system.slice/${row.name}.service`,
  ),
  label: text('LABEL', 31, () => 'unconfined'),
  maj: number('MAJFL', 6, () => 0),
  min: number('MINFL', 6, row => Math.floor(row.rss / 4096)),
  trs: number('TRS', 5, row => (row.virtual ? 600 : 0)),
  drs: number('DRS', 5, row => Math.max(0, kib(row.virtual) - 600)),
  size: number('SIZE', 5, row => kib(row.rss) >> 1),
  signals: { header: 'PENDING', width: 16, value: () => '0000000000000000' },
  blocked: { header: 'BLOCKED', width: 16, value: () => '0000000000000000' },
  ignored: { header: 'IGNORED', width: 16, value: () => '0000000000001000' },
  caught: { header: 'CAUGHT', width: 16, value: () => '0000000180014a07' },
  uidName: named('UID', (row: Row, { user }: Sheet) => user(row.uid)),
} as const satisfies Record<string, Column>

const as = (column: Column, header: string): Column => ({ ...column, header })

/** Every name that `-o` and `--sort` take, as ps(1) of procps-ng 4.0.2 lists them. */
export const columns: ReadonlyMap<string, Column> = new Map<string, Column>([
  ...Object.entries(one as Record<string, Column>).filter(([name]) => !['uidName', 'addrsz', 'started'].includes(name)),
  ['%cpu', one.pcpu],
  ['%mem', one.pmem],
  ['command', one.args],
  ['ucomm', one.comm],
  ['fname', { ...one.comm, width: 8 }],
  ['cmd', one.cmd],
  ['euser', as(one.user, 'EUSER')],
  ['ruser', as(one.user, 'RUSER')],
  ['suser', as(one.user, 'SUSER')],
  ['uname', one.user],
  ['euid', as(one.uid, 'EUID')],
  ['ruid', as(one.uid, 'RUID')],
  ['egid', as(one.gid, 'EGID')],
  ['rgid', as(one.gid, 'RGID')],
  ['egroup', as(one.group, 'EGROUP')],
  ['rgroup', as(one.group, 'RGROUP')],
  ['pgrp', as(one.pgid, 'PGRP')],
  ['sess', as(one.sid, 'SESS')],
  ['session', as(one.sid, 'SESS')],
  ['sgi_p', one.psr],
  ['tty', one.tt],
  ['tname', one.tty],
  ['s', one.state],
  ['start', one.started],
  ['start_time', one.start],
  ['bsdstart', as(one.start, 'START')],
  ['stime', one.stime],
  ['time', one.time],
  ['cputime', one.time],
  ['cputimes', one.times],
  ['ni', one.nice],
  ['pri', one.priority],
  ['vsize', one.vsz],
  ['rssize', as(one.rss, 'RSS')],
  ['rsz', as(one.rss, 'RSZ')],
  ['spid', as(one.lwp, 'SPID')],
  ['tid', as(one.lwp, 'TID')],
  ['thcount', as({ ...one.nlwp, width: 5 }, 'THCNT')],
  ['class', one.cls],
  ['policy', as(one.cls, 'POL')],
  ['flag', one.f],
  ['flags', one.f],
  ['cpuid', as(one.psr, 'CPUID')],
  ['maj_flt', one.maj],
  ['min_flt', one.min],
  ['pending', one.signals],
  ['sig', one.signals],
])

/** Layouts that options choose, by the option. */
export const layouts = {
  short: [one.pid, one.tty, one.time, one.ucmd],
  full: [one.uidName, one.pid, one.ppid, one.c, one.stime, one.tty, one.time, one.cmd],
  extraFull: [one.uidName, one.pid, one.ppid, one.c, one.sz, one.rss, one.psr, one.stime, one.tty, one.time, one.cmd],
  long: [
    one.f,
    one.state,
    one.uid,
    one.pid,
    one.ppid,
    one.c,
    one.opri,
    one.nice,
    one.addrsz,
    one.wchan,
    one.tty,
    one.time,
    one.ucmd,
  ],
  jobs: [one.pid, one.pgid, one.sid, one.tty, one.time, one.ucmd],
  bsd: [one.pid, one.tty, one.stat, one.bsdtime, one.args],
  bsdUser: [
    one.user,
    one.pid,
    one.pcpu,
    one.pmem,
    one.vsz,
    one.rss,
    one.tty,
    one.stat,
    one.start,
    one.bsdtime,
    one.args,
  ],
  bsdJobs: [one.ppid, one.pid, one.pgid, one.sid, one.tty, one.tpgid, one.stat, one.uid, one.bsdtime, one.args],
  bsdLong: [
    one.f,
    one.uid,
    one.pid,
    one.ppid,
    one.opri,
    one.nice,
    one.vsz,
    one.rss,
    one.wchan,
    one.stat,
    one.tty,
    one.bsdtime,
    one.args,
  ],
  bsdVirtual: [one.pid, one.tty, one.stat, one.bsdtime, one.maj, one.trs, one.drs, one.rss, one.pmem, one.args],
} as const satisfies Record<string, readonly Column[]>
