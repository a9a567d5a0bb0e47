import { type Account, accounts, credentialsOf } from './accounts.ts'
import type { Parts } from './computer.ts'
import { errorText } from './errors.ts'
import { inodeOf } from './fs/inode.ts'
import type { Overlay } from './fs/overlay.ts'
import type { Connection } from './fs/process-table.ts'
import type { Watch } from './fs/rules.ts'
import { kernel } from './rights.ts'
import { shellProgram } from './shell/program.ts'
import { createShell, type Session } from './shell/shell.ts'
import type { Lookup } from './shell/world.ts'
import type { Host, Input, LoginRecord, Output, Process, Processes, Terminal, Witness } from './system.ts'
import { Exhausted, SystemError } from './system.ts'
import { withTerminal } from './terminal/device.ts'

export type LoginOptions = {
  account: Account
  witness: Witness
  /** The attacker's address. */
  from: string
  stdin: Input
  stdout: Output
  stderr: Output
  terminal?: Terminal
  /** Beyond what log-in sets itself: LANG, SSH_CONNECTION and the like. */
  env?: ReadonlyMap<string, string>
  /**
   * The daemon's process for this session, as ps(1) shows it: `sshd: root@pts/0`. One that does not fork is the process of
   * that name which runs already.
   */
  daemon: { argv: string[]; exe: string; forks?: false }
  /** A process between the daemon's and the shell's, on the terminal: login(1). */
  through?: { argv: string[]; exe: string }
  /** Their connection; without it, what SSH_CONNECTION says. */
  connection?: Connection
}

/** One session of one attacker on their computer. */
export type Login = {
  /** The first process: what the account's shell starts as. */
  process: Process
  lookup: Lookup
  /** Runs a command with the account's shell, and gives its exit status. */
  exec(command: string): Promise<number>
  /** The last signal that the first process was sent: 128 and this is the status of who died of it. */
  signalled(): number | undefined
  /** Runs a program of the machine, as for a subsystem. */
  run(argv: string[]): Promise<number>
  /**
   * Nobody watches any more. Time flies: what still runs goes on without waiting, so that all it was going to do is
   * witnessed; what would go on for ever ends.
   */
  abandon(): void
  /** What was left is witnessed, and everything this session started ends. */
  close(): void
}

type Around = {
  parts: Parts
  tree: Overlay
  host: Omit<Host, 'witness' | 'mounts' | 'brought' | 'shell'>
  record: LoginRecord
  step(cost?: number): void
  ended(): void
}

/** Times that abandoned programs may sleep before they are taken for endless. */
const mostNaps = 200
/** Files of a session that are followed until it ends. */
const mostWritten = 2000
/** What the system itself writes because of a log-in is no finding. */
const unremarkable = /^\/(var\/(log|run)|run|proc|dev)\/|\/\.(bash|ash)_history$/
/** sshd_config(5): AuthorizedKeysFile. */
const keysFile = /\/\.ssh\/authorized_keys2?$/

export const createLogin = (options: LoginOptions, around: Around): Login => {
  const { account, terminal } = options
  // What our own network made up is no finding, nor is a copy of a program, as Mirai makes of echo for its mode bits.
  const witness: Witness = {
    ...options.witness,
    file: what => {
      const ours = parts.internet.made(what.data) || (what.fate !== 'sent' && parts.installed(what.data))
      if (!ours) options.witness.file(what)
    },
    execution: what =>
      options.witness.execution({ ...what, ...(parts.internet.made(what.data) ? { served: true } : {}) }),
  }
  const { parts, tree, record, step } = around
  const { clock, disk } = parts
  const { processes } = around.host
  const written = new Map<number, string>()
  /** Files of keys that were told of, since when they were not lost. */
  const keysTold = new Set<string>()
  const watch: Watch = {
    written(ino, path) {
      if (!unremarkable.test(path) && (written.size < mostWritten || written.has(ino))) written.set(ino, path)
      if (keysFile.test(path)) keysChanged(path)
    },
    lost(ino, path, data) {
      keysTold.delete(path)
      if (written.delete(ino)) witness.file({ path, data: Buffer.from(data), fate: 'lost' })
    },
  }
  const { fs: disks, mounts } = disk.view(tree, processes, watch)
  const fs = terminal ? withTerminal(disks, terminal) : disks
  /** What was sent and told of is not told of again, unless it changes. */
  const once: Witness = {
    ...witness,
    file(what) {
      witness.file(what)
      if (what.fate !== 'sent') return
      const ino = inodeAt(what.path)
      if (ino !== undefined) written.delete(ino)
    },
  }
  let killer: number | undefined
  /** As for everybody, and it is noticed when the first process is killed. */
  const noticing: Processes = {
    ...processes,
    signal(pid, signal, by) {
      const refused = processes.signal(pid, signal, by)
      if (refused === undefined && pid === process.pid && signal > 0) killer = signal
      return refused
    },
  }
  const host: Host = {
    ...around.host,
    processes: noticing,
    witness: once,
    mounts,
    brought: path => changed(path),
    shell: language => shellProgram(language, lookup),
  }
  const who = credentialsOf(fs, account)
  const tty = terminal?.name ?? '?'
  const connection = options.connection ?? connectionIn(options.env?.get('SSH_CONNECTION') ?? '')
  const alone = options.daemon.forks === false ? runningAs(processes, options.daemon.argv[0] ?? '') : undefined
  const daemon =
    alone ??
    processes.start({
      ppid: options.daemon.exe.endsWith('/sshd') ? (listenerOf(processes) ?? 1) : 1,
      uid: 0,
      argv: options.daemon.argv,
      exe: options.daemon.exe,
      cwd: '/',
      tty: '?',
      ...(connection ? { connection } : {}),
    })
  const parent = options.through ? processes.start({ ppid: daemon, uid: 0, ...options.through, cwd: '/', tty }) : daemon
  const shellPath = account.shell || '/bin/sh'
  const shellName = shellPath.slice(shellPath.lastIndexOf('/') + 1)
  const executable = linkFree(shellPath)
  const language = parts.model.language(shellPath, executable)
  const lookup: Lookup = (path, data) => {
    if (data === undefined && changed(path)) return undefined
    return parts.programOf(lookup, path, data)
  }
  /** The number of the tree's inode at the path, as the watch hears it. */
  const inodeAt = (path: string): number | undefined => {
    try {
      return inodeOf(fs.stat(path, kernel).ino)
    } catch (error) {
      if (error instanceof SystemError) return undefined
      throw error
    }
  }
  /** The content at the path is no longer what was installed. */
  const changed = (path: string): boolean => {
    const ino = inodeAt(path)
    return ino === undefined || tree.nodes.get(ino)?.data !== undefined
  }

  const process: Process = {
    pid: processes.start({
      ppid: parent,
      uid: who.uid,
      argv: [terminal ? `-${shellName}` : shellName],
      exe: executable,
      cwd: account.home,
      tty,
      ...(alone !== undefined && connection ? { connection } : {}),
    }),
    ppid: parent,
    argv: [terminal ? `-${shellName}` : shellName],
    env: new Map([
      ['USER', account.name],
      ['LOGNAME', account.name],
      ['HOME', account.home],
      ['PATH', parts.model.make.path],
      ['SHELL', shellPath],
      ...(terminal ? ([['TERM', terminal.type]] as const) : []),
      ...(options.env ?? []),
    ]),
    cwd: folderOr(account.home),
    umask: 0o022,
    who,
    fs,
    stdin: options.stdin,
    stdout: options.stdout,
    stderr: options.stderr,
    isatty: terminal ? [true, true, true] : [false, false, false],
    terminal,
    host,
    run: (argv, how) => within(shell => shell.program(argv, how)),
    now: clock.now,
    random: clock.random,
    sleep,
    step,
  }
  record.pid = daemon
  let open = true
  let abandoned = false
  let naps = 0
  const sleepers = new Set<() => void>()
  const shells = new Set<Session>()

  function sleep(seconds: number): Promise<void> {
    if (abandoned) return nap()
    return new Promise(resolve => {
      const wake = () => {
        clearTimeout(timer)
        sleepers.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, Math.min(seconds * 1000, 2 ** 31 - 1))
      timer.unref()
      sleepers.add(wake)
    })
  }
  async function nap(): Promise<void> {
    if (++naps > mostNaps) throw new Exhausted()
    await new Promise(resolve => setImmediate(resolve))
  }

  /** Whose key it is now that opens the door. */
  function keysChanged(path: string): void {
    if (keysTold.has(path) || keysTold.size >= mostWritten) return
    keysTold.add(path)
    const home = path.slice(0, path.lastIndexOf('/.ssh/')) || '/'
    const owner = accounts(fs).find(({ home: theirs }) => theirs === home)
    if (owner) witness.account({ user: owner.name, change: 'key' })
  }
  function linkFree(path: string): string {
    try {
      return fs.realpath(path, kernel)
    } catch {
      return path
    }
  }
  function folderOr(home: string): string {
    try {
      return fs.stat(home, who).type === 'directory' ? home : '/'
    } catch {
      return '/'
    }
  }
  /** Runs in a shell of its own, which ends with the log-in at the latest. */
  const within = async <T>(run: (shell: Session) => Promise<T>): Promise<T> => {
    const shell = createShell({ process, lookup, flavour: language ?? 'bash', name: shellName, mode: 'command' })
    shells.add(shell)
    try {
      return await run(shell)
    } finally {
      shells.delete(shell)
    }
  }

  /** A shell that is none of ours, or that was removed: what sshd says when execve(2) fails. */
  const started = async (argv: string[]): Promise<number> => {
    try {
      return await process.run(argv)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      await process.stderr.write(`${shellPath}: ${errorText(error)}\n`)
      return 1
    }
  }

  return {
    process,
    lookup,
    exec(command) {
      const argv = [shellName, '-c', command]
      processes.become(process.pid, { uid: who.uid, argv, exe: executable, cwd: process.cwd, tty })
      return language ? within(shell => shell.run(command)) : started([shellPath, '-c', command])
    },
    signalled: () => killer,
    run: argv => process.run(argv),
    abandon() {
      abandoned = true
      for (const wake of [...sleepers]) wake()
    },
    close() {
      if (!open) return
      open = false
      for (const shell of shells) shell.close()
      for (const wake of [...sleepers]) wake()
      for (const [ino, path] of written) {
        const inode = tree.nodes.get(ino)
        if (inode?.type === 'file' && inode.size > 0 && inode.data)
          witness.file({ path, data: Buffer.from(inode.data.subarray(0, inode.size)), fate: 'left' })
      }
      processes.end(process.pid)
      if (parent !== daemon) processes.end(parent)
      if (alone === undefined) processes.end(daemon)
      around.ended()
    },
  }
}

/** `203.0.113.5 51234 192.0.2.7 22` of sshd(8). */
const connectionIn = (text: string): Connection | undefined => {
  const [from = '', fromPort, to = '', port] = text.split(' ')
  return port === undefined ? undefined : { from, fromPort: Number(fromPort), to, port: Number(port) }
}

/** The daemon that was started with the system. */
const runningAs = (processes: Processes, name: string): number | undefined =>
  processes.list().find(entry => entry.name === name && entry.connection === undefined)?.pid

/** sshd forks for each connection. */
const listenerOf = (processes: Processes): number | undefined =>
  processes.list().find(({ name, argv }) => name === 'sshd' && argv[0]?.includes('[listener]'))?.pid
