import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Writable } from 'node:stream'
import { captureFilter } from '#capture/filter.ts'
import type { CaptureStats, FromCapture, ToCapture } from '#capture/messages.ts'
import type { Config } from '#config/load.ts'
import { type Child, keepAlive } from './child.ts'
import { underWay } from './conversations.ts'
import type { Log } from './log.ts'
import type { Listening, ProcessState } from './messages.ts'
import { captureFlags, root } from './rights.ts'
import { wayIn } from './way-in.ts'

/** Packets, as far as they are captured. */
export type Capture = {
  /** Why they are not; `undefined`: they are. */
  absent: string | undefined
  start(): void
  stop(patience: number): Promise<void>
  /** What listens, as the sensors tell. */
  listening(ports: Listening[]): void
  stats(): CaptureStats | undefined
}

export type CaptureOptions = {
  config: Config
  data: string
  log: Log
  changed: (state: ProcessState) => void
  /** Lower priority, as nice(1) gives it. */
  nice?: number
  /** It reads packets now. */
  running: () => void
}

/** Milliseconds between two questions to tcpdump how many packets the kernel dropped. */
const EVERY = 10_000
/** Milliseconds after which the kernel hands out a block of packets that has not filled (tcpdump's TO_MS), and some more. */
const HELD = 1100
/** KiB that the kernel keeps for tcpdump: some 80,000 packets without payload. */
const BUFFER = 8192

/** Why packets cannot be captured here; `undefined`: they can. */
export function whyNoCapture({ settings }: Config): string | undefined {
  const { enabled } = settings.capture
  const loopback = /^(127\.|::1$)/.test(settings.listen.address)
  if (settings.edition !== 'passive') {
    if (enabled === 'off') return '`capture.enabled` is off'
    if (enabled === 'auto' && loopback) return 'the decoys listen on loopback alone'
  }
  const missing = settings.capture.interfaces.find(name => indexOf(name) === undefined)
  if (missing !== undefined) return `there is no interface ${missing} (capture.interfaces)`
  if (process.getuid?.() !== 0) return 'only root may capture packets; not started as root'
  return tcpdump() === undefined ? 'tcpdump is not installed (Debian: apt-get install tcpdump)' : undefined
}

const tcpdump = () =>
  ['/usr/bin', '/usr/sbin', '/bin', '/sbin'].map(place => path.join(place, 'tcpdump')).find(file => fs.existsSync(file))

/**
 * Keeps tcpdump and the process that reads it. tcpdump opens the capture as root, then becomes a user without rights; what
 * it writes goes straight into the other's standard input, and nothing of a packet passes through here.
 */
export function capturePackets({ config, data, log, changed, nice, running }: CaptureOptions): Capture {
  const { settings } = config
  const absent = whyNoCapture(config)
  if (absent !== undefined)
    return {
      absent,
      start() {
        changed({ name: 'capture', state: 'stopped', restarts: 0, since: Date.now(), why: absent })
        const tell = settings.capture.enabled === 'on' ? log.warn : log.info
        tell(`packets are not captured: ${absent}`)
      },
      stop: async () => {},
      listening() {},
      stats: () => undefined,
    }

  const passive = settings.edition === 'passive'
  // Where it was found: while it is upgraded it may be away for a moment.
  const program = tcpdump()!
  let stats: CaptureStats | undefined
  let udp: number[] = []
  let endDump = () => {}
  let stopping = false
  const child: Child<ToCapture> = keepAlive<ToCapture, FromCapture>({
    name: 'capture',
    args: [...captureFlags(data), path.join(root, 'src/capture/main.ts')],
    cwd: data,
    exposed: true,
    ...(nice === undefined ? {} : { nice }),
    first: () => ({
      kind: 'start',
      settings: {
        sensor: settings.sensor,
        journal: settings.journal,
        samples: settings.samples,
        users: settings.users,
      },
      passive,
      established: underWay(),
    }),
    heard,
    changed,
    said: line => log.warn(`capture: ${line}`),
    feed,
  })

  function heard(message: FromCapture): void {
    if (message.kind === 'stats') stats = message.stats
    else if (message.kind === 'probed') log.proved('capture', message.attempts)
    else {
      child.running()
      log.info('packets are captured')
      child.send({ kind: 'served', udp })
      running()
    }
  }

  /** Starts tcpdump, whose output is the input of the process just started. */
  function feed(input: Writable): () => void {
    const dump = spawn(program, tcpdumpArguments(config), {
      stdio: ['ignore', input, 'pipe'],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C' },
    })
    if (nice !== undefined && dump.pid !== undefined) os.setPriority(dump.pid, nice)
    // Ours would keep the stream open when tcpdump is gone.
    input.destroy()
    input.on('error', () => {})
    let dropped = 0
    const asking = setInterval(() => dump.kill('SIGUSR1'), EVERY)
    listenTo(dump, line => {
      const count = /^(?:tcpdump: )?(?:.*, )?(\d+) packets? dropped by kernel/.exec(line)?.[1]
      if (count === undefined) {
        if (!/^(tcpdump: )?(data link|listening on|verbose output|\d+ packets? )/.test(line))
          log.warn(`tcpdump: ${line}`)
      } else if (Number(count) > dropped) {
        child.send({ kind: 'dropped', count: Number(count) - dropped })
        dropped = Number(count)
      }
    })
    dump.on('error', error => log.warn(`tcpdump: ${error.message}`))
    const end = () => {
      clearInterval(asking)
      if (dump.exitCode === null && dump.signalCode === null) dump.kill('SIGTERM')
    }
    dump.once('exit', () => clearInterval(asking))
    endDump = end
    return end
  }

  return {
    absent: undefined,
    start: child.start,
    async stop(patience) {
      if (stopping) return
      stopping = true
      // What the kernel still holds comes through before the stream ends.
      await new Promise(resolve => setTimeout(resolve, HELD))
      endDump()
      await child.stop({ kind: 'stop' }, patience - HELD)
    },
    listening(ports) {
      const found = ports.filter(({ transport, state }) => transport === 'udp' && state === 'listening')
      if (!ports.some(({ transport }) => transport === 'udp')) return
      udp = found.map(({ port }) => port)
      child.send({ kind: 'served', udp })
    },
    stats: () => stats,
  }
}

function listenTo(dump: ChildProcess, said: (line: string) => void): void {
  let rest = ''
  dump.stderr!.setEncoding('utf8').on('data', (piece: string) => {
    const lines = (rest + piece).split('\n')
    rest = lines.pop()!.slice(-1024)
    for (const line of lines) if (line.trim()) said(line)
  })
}

function tcpdumpArguments({ settings }: Config): string[] {
  const passive = settings.edition === 'passive'
  const { interfaces, snaplen } = settings.capture
  const filter = captureFilter({
    passive,
    loopback: indexOf('lo') ?? 1,
    interfaces: interfaces.map(name => indexOf(name)).filter(index => index !== undefined),
    ...(passive ? { administration: wayIn(settings) } : {}),
  })
  const flags = ['-i', 'any', '-y', 'LINUX_SLL2', '-n', '-U', '-s', `${snaplen}`, '-B', `${BUFFER}`, '-Z', powerless()]
  return [...flags, '-w', '-', filter]
}

function indexOf(name: string): number | undefined {
  try {
    return Number(fs.readFileSync(`/sys/class/net/${name}/ifindex`, 'utf8'))
  } catch {
    return undefined
  }
}

/** The user that Debian makes for tcpdump, or the one that owns nothing. */
function powerless(): string {
  try {
    return /^tcpdump:/m.test(fs.readFileSync('/etc/passwd', 'utf8')) ? 'tcpdump' : 'nobody'
  } catch {
    return 'nobody'
  }
}
