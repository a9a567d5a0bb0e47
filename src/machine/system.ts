/**
 * What the shell language and the commands see of the pretended computer. Language, commands and file system know each
 * other only through these shapes, so that another language (cmd.exe) or another file system can take a place.
 */
import type { Persona } from '#persona/persona.ts'
import type { Mount } from './fs/mount.ts'
import type { ProcessEntry, ProcessTable } from './fs/process-table.ts'
import type { ResourceLimits } from './limits.ts'
import type { Termios } from './terminal/termios.ts'

/** errno(3) names; the file system throws them, commands word them as their real program does. */
export type Errno =
  | 'ENOENT'
  | 'EEXIST'
  | 'ENOTDIR'
  | 'EISDIR'
  | 'ENOTEMPTY'
  | 'EACCES'
  | 'EPERM'
  | 'EROFS'
  | 'ELOOP'
  | 'ENAMETOOLONG'
  | 'ENOSPC'
  | 'EDQUOT'
  | 'EINVAL'
  | 'EXDEV'
  | 'EBUSY'
  | 'ETXTBSY'
  | 'EMLINK'
  | 'ENXIO'
  | 'EIO'
  | 'EBADF'
  | 'ENOEXEC'
  | 'ENOTTY'
  | 'ESRCH'

export class SystemError extends Error {
  readonly errno: Errno
  constructor(errno: Errno, path = '') {
    // Looking for what is not there is everyday work: without a stack, which nobody reads, it costs a tenth.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    super(`${errno} ${path}`)
    Error.stackTraceLimit = stackTraceLimit
    this.errno = errno
  }
}

export type FileType = 'file' | 'directory' | 'symlink' | 'fifo' | 'socket' | 'char' | 'block'

/** stat(2). Times in milliseconds since the epoch. */
export type Stat = {
  type: FileType
  ino: number
  dev: number
  /** Permission bits with set-uid, set-gid and sticky, without the type. */
  mode: number
  nlink: number
  uid: number
  gid: number
  size: number
  blocks: number
  atime: number
  mtime: number
  ctime: number
  /** Of a device node. */
  rdev?: { major: number; minor: number }
}

/** Milliseconds since the epoch, the present, or unchanged. */
export type SetTime = number | 'now' | undefined

/** Whose rights a call is made with. */
export type Credentials = { uid: number; gid: number; groups: readonly number[] }

/**
 * One attacker's view of the disk. Paths are absolute and Latin-1 byte strings; every call throws `SystemError`. All of
 * it is synchronous and in memory.
 */
export type FileSystem = {
  stat(path: string, who: Credentials): Stat
  lstat(path: string, who: Credentials): Stat
  /**
   * From `at`, at most `max` bytes: by default from the start, and all of a file up to 16 MiB. Devices without an end
   * give `max` bytes, 64 KiB by default.
   */
  readFile(path: string, who: Credentials, range?: { at?: number; max?: number }): Buffer
  /**
   * Creates with `mode` where there is none; `append` adds at the end, `at` writes there and leaves the rest. `held`: through
   * a descriptor, and what was allowed when it was opened still is.
   */
  writeFile(
    path: string,
    data: Buffer,
    who: Credentials,
    how?: { append?: true; at?: number; mode?: number; exclusive?: true; held?: true },
  ): void
  truncate(path: string, size: number, who: Credentials): void
  readdir(path: string, who: Credentials): string[]
  mkdir(path: string, mode: number, who: Credentials): void
  rmdir(path: string, who: Credentials): void
  unlink(path: string, who: Credentials): void
  rename(from: string, to: string, who: Credentials): void
  link(from: string, to: string, who: Credentials): void
  symlink(target: string, path: string, who: Credentials): void
  readlink(path: string, who: Credentials): string
  mknod(
    path: string,
    type: 'fifo' | 'socket' | 'char' | 'block',
    mode: number,
    who: Credentials,
    rdev?: Stat['rdev'],
  ): void
  chmod(path: string, mode: number, who: Credentials): void
  chown(path: string, uid: number, gid: number, who: Credentials, follow?: boolean): void
  /** utimensat(2). Both `'now'` is allowed to whoever may write; `undefined` leaves a time alone. */
  utimes(path: string, atime: SetTime, mtime: SetTime, who: Credentials, follow?: boolean): void
  /** access(2): mask of 4 read, 2 write, 1 execute. */
  access(path: string, mask: number, who: Credentials): boolean
  /** The path without links, `.` and `..`; throws where a part is missing. */
  realpath(path: string, who: Credentials): string
  /** FS_IOC_GETFLAGS, ioctl_iflags(2): the attributes of chattr(1). ENOTTY where a file system keeps none. */
  flags(path: string, who: Credentials): number
  setFlags(path: string, flags: number, who: Credentials): void
}

/** What a running program reads from; `undefined` is the end. Bounded by whoever makes it. */
export type Input = { read(max?: number): Promise<Buffer | undefined> }
/** What it writes to; throws `SystemError` or `Broken` when nobody reads any more. */
export type Output = { write(data: Buffer | string): Promise<void> }
/** SIGPIPE, so to speak. */
export class Broken extends Error {}

/** The terminal that a session has, as termios(3) and tty_ioctl(4) show it. */
export type Terminal = {
  /** Without `/dev/`: `pts/0`. */
  name: string
  /** `$TERM`. */
  type: string
  columns: number
  rows: number
  /** `echo` and `canonical` (whole lines, with editing by the kernel), `signals` (^C and the like are not data). */
  modes: { echo: boolean; canonical: boolean; signals: boolean; newlines: boolean }
  /** tcgetattr(3) gives a copy; tcsetattr(3) takes effect at once. */
  termios: Termios
  /** The foreground process group, which hears SIGINT, SIGQUIT, SIGTSTP, SIGWINCH and SIGHUP. */
  foreground: Foreground | undefined
  /** A read would not wait. */
  pending(): boolean
  /** Puts back in front what a reader took of raw input and has no use for. */
  unread(data: Buffer): void
  /** tcflush(3) of what was typed and not read. */
  flush(): void
  input: Input
  output: Output
}

/** A process group that a terminal may be given to; once it is `over`, what it still reads ends in EIO. */
export type Foreground = { signal(number: number): void; over: boolean }

/** What a program gave to `run`: everything else is as its own. */
export type RunOptions = {
  stdin?: Input
  stdout?: Output
  stderr?: Output
  env?: Map<string, string>
  cwd?: string
  who?: Credentials
  rlimits?: ResourceLimits
  /** What the program sees as its own name, when not the first word. */
  name?: string
  /** By the loader, which maps a file that need not be executable. */
  mapped?: true
}

/** A program being run: what main() gets and what the kernel knows of it. */
export type Process = {
  pid: number
  ppid: number
  argv: string[]
  env: Map<string, string>
  cwd: string
  umask: number
  /** What setrlimit(2) left; a log-in's own where nobody set any. */
  rlimits?: ResourceLimits
  who: Credentials
  fs: FileSystem
  stdin: Input
  stdout: Output
  stderr: Output
  /** isatty(3) of descriptors 0, 1, 2. */
  isatty: readonly [boolean, boolean, boolean]
  /** The controlling terminal, /dev/tty, redirected or not. */
  terminal: Terminal | undefined
  /** The machine around it. */
  host: Host
  /**
   * Runs a program as a child, found along PATH unless the name has a slash, and gives its exit status (128 + signal
   * when it was killed). Throws `SystemError`: ENOENT, EACCES, EISDIR, ENOEXEC.
   */
  run(argv: string[], how?: RunOptions): Promise<number>
  /** The reading end of the named pipe at an absolute path, until the program ends; reading waits for a writer. */
  fifo?(path: string): Input
  /** Milliseconds since the epoch, as the machine's clock shows it. */
  now(): number
  random(bytes: number): Buffer
  /** Seconds pass; throws when the program is killed meanwhile. */
  sleep(seconds: number): Promise<void>
  /** Counts one step of work; throws `Exhausted` when this attacker had enough. */
  step(cost?: number): void
}
/** Steps, output, depth or time are used up: everything this attacker runs comes to an end. */
export class Exhausted extends Error {}

/** execve(2) fails: thrown by a program that stands for a file the kernel would not start. */
export class Unloadable extends Error {
  readonly errno: 'ENOEXEC' | 'ENOENT'
  constructor(errno: Unloadable['errno']) {
    super(errno)
    this.errno = errno
  }
}

/** The exit status. */
export type Program = (process: Process) => Promise<number>

/** What kind of computer it is, where the loader and programs have to know; who it is stands in the persona. */
export type Make = {
  /** ELF files that its kernel starts: e_machine, class and byte order. Any other is ENOEXEC. */
  runs: readonly { machine: number; bits: 32 | 64; big: boolean }[]
  /** No process has this number, or a higher one (pid_max). */
  pids: number
  /** PATH as its log-in sets it, for root. */
  path: string
  /** The multi-call binary, where it is not a Debian's: what it says of itself, and the applets that were compiled in. */
  busybox?: {
    path: string
    banner: string
    /** $PS1 where nobody set it, as ash decodes it. */
    prompt: string
    applets: ReadonlyMap<string, { folder: string; usage: string }>
  }
}

/** bash, dash, and BusyBox's ash. */
export type Language = 'bash' | 'sh' | 'ash'

/** The machine around a program, as one attacker's session sees it. */
export type Host = {
  persona: Persona
  make: Make
  /** A shell that runs in the process of the program that asks: for binaries that are a shell among other things. */
  shell(language: Language): Program
  processes: Processes
  mounts: readonly Mount[]
  internet: Internet
  witness: Witness
  /** The file's content is not what was installed: an attacker brought it. Absolute path. */
  brought(path: string): boolean
  /** Who is logged in, the session that asks among them; newest last. */
  logins(): readonly LoginRecord[]
  /** State of the machine that is in no file, until it forgets this attacker: services stopped, firewall rules. */
  state<T extends object>(key: string, make: () => T): T
}

/** utmp(5). */
export type LoginRecord = {
  user: string
  /** Without `/dev/`: `pts/0`. */
  line: string
  /** Where from, an address; empty on the console. */
  host: string
  pid: number
  /** Milliseconds since the epoch. */
  at: number
}

/** The kernel's list of what runs, with what programs do to it. */
export type Processes = ProcessTable & {
  /** The pid, the next free one. `deliver` hears signals; without it they end the process as they should. */
  start(entry: NewProcess, deliver?: (signal: number) => void): number
  end(pid: number): void
  /** execve(2): the process is another program from now on, under the same number and parent. */
  become(pid: number, entry: Omit<NewProcess, 'ppid'>, deliver?: (signal: number) => void): void
  /** From now on `deliver` hears the signals of this process. */
  listen(pid: number, deliver: (signal: number) => void): void
  /** kill(2), signal 0 too; what refuses it. */
  signal(pid: number, signal: number, who: Credentials): 'ESRCH' | 'EPERM' | undefined
}
export type NewProcess = Pick<ProcessEntry, 'ppid' | 'uid' | 'argv' | 'exe' | 'cwd' | 'tty'> &
  Partial<Pick<ProcessEntry, 'name' | 'env' | 'state' | 'rss' | 'virtual' | 'nice' | 'connection'>>

/**
 * The network beyond this machine, which is not there: answers that a real one might have given. Nothing of it opens a
 * socket. The same question gets the same answer.
 */
export type Internet = {
  /** An address for a name; `undefined` when it does not resolve. Addresses give themselves. */
  resolve(name: string): { v4: string; v6?: string } | undefined
  /** What becomes of a connection: its time to be made, in seconds, or how it fails and after how long. */
  connect(host: string, port: number): { seconds: number; refused?: 'ECONNREFUSED' | 'ETIMEDOUT' | 'EHOSTUNREACH' }
  /** The file behind a URL. */
  fetch(url: string): Fetched
  /** The content came from here: it is no evidence. */
  made(data: Buffer): boolean
}
/** `seconds` until the last byte came. */
export type Fetched =
  | {
      status: number
      type: string
      body: Buffer
      server: string
      /** Of a file; pages of the server itself have none. */
      modified?: number
      /** Where it is instead: with a status of 301 or 302. */
      location?: string
      seconds: number
    }
  | { refused: 'ENOTFOUND' | 'ECONNREFUSED' | 'ETIMEDOUT' | 'EHOSTUNREACH'; seconds: number }

/**
 * Who writes down what is done here. Never throws, never waits. Text is Latin-1, as the attacker's bytes came, of any
 * length: the witness cuts and cleans it.
 */
export type Witness = {
  /** A line entered at a prompt, given to `exec`, or read by a shell from its standard input. */
  command(line: string): void
  /** A URL that a program was told to fetch. */
  download(what: { url: string; tool: string; argv: readonly string[]; path?: string }): void
  /** A connection that a program was told to make, and what it would have sent. */
  connection(what: { host: string; port: number; tool: string; sent?: Buffer }): void
  /** Content that an attacker made, and that is run, lost (removed, overwritten) or left when they go. */
  file(what: { path: string; data: Buffer; fate: 'run' | 'lost' | 'left' | 'sent' }): void
  /** A file of the machine was taken away: by SFTP, scp. Absolute path, bytes taken. */
  read(what: { path: string; size: number }): void
  /**
   * A file that an attacker brought is run. `format`: `ELF 64-bit LSB x86-64`, `script /bin/sh`. `served`: it is what our
   * own pretended network gave them, and no find.
   */
  execution(what: {
    path: string
    argv: readonly string[]
    data: Buffer
    format: string
    runs: boolean
    served?: true
  }): void
  /** A password that was tried within the machine: given to su, sudo and the like. */
  login(what: { method: string; user: string; password: string; good: boolean }): void
  /** A fault of ours in a program: it ends that program, and nothing else. */
  fault(what: { program: string; error: Error }): void
  /** An account made, removed or changed. */
  account(what: {
    user: string
    change: 'created' | 'removed' | 'password' | 'changed' | 'key'
    password?: string
  }): void
}
