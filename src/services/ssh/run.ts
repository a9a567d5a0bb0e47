import { takeLine } from '#access/lines.ts'
import type { Recording } from '#artifacts/recordings.ts'
import type { Account } from '#machine/accounts.ts'
import type { Computer } from '#machine/computer.ts'
import type { Login } from '#machine/login.ts'
import { openSession } from '#machine/pam-systemd.ts'
import { Broken, Exhausted, SystemError, type Witness } from '#machine/system.ts'
import { createTerminal, runInteractive, runWithoutTerminal, type TerminalDevice } from '#machine/terminal/index.ts'
import type { TcpContext } from '#sensor/service.ts'
import type { Channel } from './channel.ts'
import type { Starts } from './manners.ts'

/** Whose session it is, and where it runs. */
export type Setting = {
  account: Account
  computer: Computer
  /** How its server goes about it. */
  server: { starts: Starts }
  witness: Witness
  source: { ip: string; port: number }
  destination: { ip: string; port: number }
  /** Keeps what a terminal shows. */
  recording: TcpContext<unknown>['recording']
}
/** What a session channel asked for before it starts something. */
export type Wishes = {
  environment: Map<string, string>
  pty?: { type: string; columns: number; rows: number; modes: Buffer }
  /** The client asked that its agent be reachable from here. */
  agent: boolean
}
export type Start = { what: 'shell' } | { what: 'exec' | 'subsystem'; command: string }

/** How a program ended: its status, or the signal's name without SIG (RFC 4254 §6.10). */
export type End = { status: number } | { signal: string }

/** Names of the signals that SSH has a name for (RFC 4254 §6.10), by their number on Linux. */
export const signalNames: ReadonlyMap<number, string> = new Map([
  [1, 'HUP'],
  [2, 'INT'],
  [3, 'QUIT'],
  [4, 'ILL'],
  [6, 'ABRT'],
  [8, 'FPE'],
  [9, 'KILL'],
  [10, 'USR1'],
  [11, 'SEGV'],
  [12, 'USR2'],
  [13, 'PIPE'],
  [14, 'ALRM'],
  [15, 'TERM'],
])

/** A program that runs on the machine for a channel. */
export type Running = {
  /** On a terminal. */
  terminal: boolean
  resize(columns: number, rows: number): void
  ended: Promise<End>
  /** kill(2) on what was started; false when it is not there any more. */
  signal(number: number): boolean
  /** The terminal is gone, where there is one. */
  hangup(): void
  /** The client is gone: done when what it started has done all that it was going to do, or after a moment. */
  abandon(): Promise<void>
  /** What was left is witnessed; nothing of it runs any more. */
  close(): void
}

const root = { uid: 0, gid: 0, groups: [] }
const utmost = 0xffff
/** Milliseconds for which programs may go on when their client is gone. */
const afterlife = 2000

/** Starts what the client asked for, as sshd's do_child does, with everything that it sets around it. */
export function run(channel: Channel, setting: Setting, wishes: Wishes, start: Start): Running {
  const { account, computer, witness, source } = setting
  const { pty } = wishes
  const { starts } = setting.server
  const line = pty && takeLine(computer)
  const recording =
    pty &&
    setting.recording({
      columns: Math.min(pty.columns, utmost),
      rows: Math.min(pty.rows, utmost),
      terminal: pty.type,
      title: start.what === 'shell' ? account.name : start.command.slice(0, 200),
    })
  const terminal =
    pty &&
    createTerminal({
      name: line!.name,
      type: pty.type,
      columns: Math.min(pty.columns, utmost),
      rows: Math.min(pty.rows, utmost),
      send(bytes) {
        recording!.output(bytes)
        return channel.write(bytes)
      },
    })
  if (pty) terminal!.sshModes(pty.modes)
  const stdin = terminal?.input ?? { read: (max?: number) => channel.read(max) }
  const stdout = terminal?.output ?? { write: (data: Buffer | string) => channel.write(data) }
  const stderr = terminal?.output ?? { write: (data: Buffer | string) => channel.write(data, true) }
  const login = computer.logIn({
    account,
    witness,
    from: source.ip,
    stdin,
    stdout,
    stderr,
    ...(terminal ? { terminal } : {}),
    env: environment(setting, wishes, line?.name),
    daemon: starts.daemon(account.name, line?.name ?? 'notty'),
  })
  if (wishes.agent) agentSocket(login)
  if (starts.pam) {
    openSession(login)
    pamEnvironment(login)
  }
  if (terminal) void type(channel, terminal, recording!)
  const kill = (number: number) => login.process.host.processes.signal(login.process.pid, number, root) === undefined
  const foreground = { signal: (number: number) => void kill(number), over: false }
  if (terminal && start.what !== 'shell') terminal.foreground = foreground

  const ended = end(channel, login, terminal, start, starts.pam)
  return {
    terminal: terminal !== undefined,
    ended,
    resize(columns, rows) {
      terminal?.resize(columns, rows)
      recording?.resize(Math.min(columns, utmost), Math.min(rows, utmost))
    },
    signal: kill,
    hangup: () => terminal?.hangup(),
    async abandon() {
      terminal?.hangup()
      login.abandon()
      await Promise.race([ended, new Promise(resolve => setTimeout(resolve, afterlife).unref())])
    },
    close() {
      foreground.over = true
      terminal?.hangup()
      recording?.close()
      line?.release()
      login.close()
    },
  }
}

const pipe = 13

async function end(
  channel: Channel,
  login: Login,
  terminal: TerminalDevice | undefined,
  start: Start,
  motd: boolean,
): Promise<End> {
  // The answer to the request leaves first.
  await Promise.resolve()
  try {
    const status = (await begin(login, terminal, start, motd)) & 0xff
    const signal = status === 128 + pipe && channel.closeReceived ? pipe : login.signalled()
    if (signal === undefined || status !== 128 + signal) return { status }
    return { signal: signalNames.get(signal) ?? 'SIG@openssh.com' }
  } catch (error) {
    // Steps used up: as the kernel ends what takes too much.
    if (error instanceof Exhausted) return { signal: 'KILL' }
    if (error instanceof Broken) return { signal: 'PIPE' }
    if (error instanceof SystemError) return { status: 1 }
    throw error
  }
}

function begin(login: Login, terminal: TerminalDevice | undefined, start: Start, motd: boolean): Promise<number> {
  if (start.what !== 'shell') return login.exec(start.command)
  return terminal ? runInteractive(login, terminal, { motd }) : runWithoutTerminal(login, { motd })
}

/** What is typed goes to the terminal as fast as it takes it. */
async function type(channel: Channel, terminal: TerminalDevice, recording: Recording): Promise<void> {
  for (let typed = await channel.read(); typed; typed = await channel.read()) {
    recording.input(typed)
    await terminal.receive(typed)
  }
}

/** session.c, do_setup_env. */
function environment(
  { account, source, destination, server: { starts } }: Setting,
  { environment, pty }: Wishes,
  line?: string,
) {
  const there = `${source.ip} ${source.port}`
  return new Map([
    ...environment,
    ['USER', account.name],
    ['LOGNAME', account.name],
    ['HOME', account.home],
    ['PATH', account.uid === 0 ? starts.path.root : starts.path.others],
    ['SHELL', account.shell || '/bin/sh'],
    ...(pty ? [['TERM', pty.type || 'dumb'] as const] : []),
    ['SSH_CLIENT', `${there} ${destination.port}`],
    ['SSH_CONNECTION', `${there} ${destination.ip} ${destination.port}`],
    ...(line === undefined ? [] : [['SSH_TTY', `/dev/${line}`] as const]),
    ...(starts.pam ? [['MOTD_SHOWN', 'pam'] as const] : []),
  ])
}
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
/** Where the client's agent can be reached, or so it seems (session.c, auth_input_request_forwarding). */
function agentSocket({ process }: Login): void {
  const name = [...process.random(10)].map(byte => letters[byte % letters.length]).join('')
  const directory = `/tmp/ssh-${name}`
  try {
    process.fs.mkdir(directory, 0o700, process.who)
    process.fs.mknod(`${directory}/agent.${process.ppid}`, 'socket', 0o700, process.who)
  } catch (error) {
    // A full disk: sshd says so in its log alone.
    if (!(error instanceof SystemError)) throw error
  }
  process.env.set('SSH_AUTH_SOCK', `${directory}/agent.${process.ppid}`)
}

/** pam_env(8) as Debian's /etc/pam.d/sshd has it: what these files say comes last. */
function pamEnvironment({ process }: Login): void {
  for (const file of ['/etc/environment', '/etc/default/locale']) {
    let text: string
    try {
      text = process.fs.readFile(file, root, { max: 4096 }).toString('latin1')
    } catch (error) {
      if (error instanceof SystemError) continue
      throw error
    }
    for (const line of text.split('\n')) {
      const [, name, quoted, plain] = /^(?:export\s+)?([A-Za-z_]\w*)=(?:"([^"]*)"|(\S*))\s*$/.exec(line) ?? []
      if (name !== undefined) process.env.set(name, quoted ?? plain ?? '')
    }
  }
}
