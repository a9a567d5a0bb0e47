import type { Persona } from '#persona/persona.ts'
import type { ProcessEntry } from '../fs/process-table.ts'
import type { Device } from './facts.ts'

const mib = 1 << 20
const pages = (bytes: number): number => Math.round(bytes / 4096) * 4096

/** What a device runs once it is up: a few threads of the kernel, init, the maker's programs, telnetd. */
export const processesOf = (persona: Persona, device: Device): ProcessEntry[] => {
  const { firmware, bootedAt } = device
  const noise = persona.derive('processes', 64)
  const blocks = firmware.flash.map((_, index) => `mtdblock${index}`)
  const settings = firmware.flash.findIndex(({ holds }) => holds === 'settings')
  const console = firmware.image === 'dvr-arm' ? 'ttyAMA0' : 'ttyS0'
  const threads = /^2\./.test(firmware.kernel)
    ? ['kthreadd', 'ksoftirqd/0', 'events/0', 'khelper', 'async/mgr', 'kblockd/0', 'pdflush', 'kswapd0', 'aio/0']
    : [
        'kthreadd',
        'ksoftirqd/0',
        'kworker/0:0',
        'kworker/u:0',
        'khelper',
        'sync_supers',
        'bdi-default',
        'kblockd',
        'kswapd0',
      ]
  const entries: ProcessEntry[] = []
  let pid = 1
  const later = (by: number): number => {
    pid += by
    return pid
  }
  const add = (name: string, fields: Partial<ProcessEntry> = {}): void => {
    entries.push({
      pid,
      ppid: 1,
      uid: 0,
      name: name.slice(0, 15),
      argv: [],
      exe: '',
      cwd: '/',
      env: [],
      tty: '?',
      state: 'S',
      startedAt: bootedAt,
      rss: 0,
      virtual: 0,
      cpu: 0,
      ...fields,
    })
  }
  const small = (index: number) => ({
    exe: '/bin/busybox',
    rss: pages(0.3 * mib) + (noise[index]! % 40) * 4096,
    virtual: pages(1.4 * mib) + (noise[index + 1]! % 60) * 4096,
  })
  add('init', { ...small(0), ppid: 0, argv: ['init'], cpu: 4 })
  for (const name of [...threads, 'scsi_eh_0', ...blocks, `jffs2_gcd_mtd${settings}`]) {
    pid++
    if (name.startsWith('mtdblock0')) pid += 30 + (noise[2]! % 60)
    add(name, { ppid: pid === 2 ? 0 : 2, nice: /^(events|kblockd|khelper)/.test(name) ? -5 : 0 })
  }
  pid += 60 + noise[3]!
  firmware.daemons.forEach(([line, resident, virtual], index) => {
    const argv = line.split(' ')
    const [exe = ''] = argv
    add(exe.slice(exe.lastIndexOf('/') + 1), {
      pid: later(3 + (noise[10 + index]! % 30)),
      argv,
      exe: exe.startsWith('/') ? exe : `/usr/bin/${exe}`,
      startedAt: bootedAt + 9000,
      rss: pages(resident * mib) + noise[20 + index]! * 4096,
      virtual: pages(virtual * mib) + noise[30 + index]! * 4096,
      cpu: Math.floor(resident * 400),
      ...(index === firmware.daemons.length - 1 ? { threads: device.kind === 'dvr' ? 40 : 1 } : {}),
      ...(/httpd|goahead|Sofia|dvr_main|ipc_server/.test(exe) ? { listens: [80] } : {}),
    })
  })
  add('telnetd', { ...small(4), pid: later(5 + (noise[40]! % 20)), argv: ['telnetd'], listens: [23] })
  add('getty', {
    ...small(6),
    pid: later(2 + (noise[41]! % 9)),
    argv: ['/sbin/getty', '-L', console, '115200', 'vt100'],
    tty: console,
  })
  return entries
}
