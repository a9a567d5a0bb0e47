/**
 * What the shell language and the commands see of the pretended computer. Language, commands and file system know each
 * other only through these shapes, so that another language (cmd.exe) or another file system can take a place.
 */

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

export class SystemError extends Error {
  readonly errno: Errno
  constructor(errno: Errno, path = '') {
    super(`${errno} ${path}`)
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
  /** Creates with `mode` where there is none; `append` adds at the end, `at` writes there and leaves the rest. */
  writeFile(
    path: string,
    data: Buffer,
    who: Credentials,
    how?: { append?: true; at?: number; mode?: number; exclusive?: true },
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
}

/** What a running program reads from; `undefined` is the end. Bounded by whoever makes it. */
export type Input = { read(max?: number): Promise<Buffer | undefined> }
/** What it writes to; throws `SystemError` or `Broken` when nobody reads any more. */
export type Output = { write(data: Buffer | string): Promise<void> }
/** SIGPIPE, so to speak. */
export class Broken extends Error {}

/** A program being run: what main() gets and what the kernel knows of it. */
export type Process = {
  pid: number
  argv: string[]
  env: Map<string, string>
  cwd: string
  umask: number
  who: Credentials
  fs: FileSystem
  stdin: Input
  stdout: Output
  stderr: Output
  /** A terminal is there (isatty), with this size. */
  tty: { columns: number; rows: number } | undefined
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

/** The exit status. */
export type Program = (process: Process) => Promise<number>
