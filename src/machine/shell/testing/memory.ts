import path from 'node:path'
import type { Persona } from '#persona/persona.ts'
import { createProcesses } from '../../processes.ts'
import {
  type Credentials,
  type FileSystem,
  type FileType,
  type Host,
  type Process,
  type Program,
  type Stat,
  SystemError,
} from '../../system.ts'

type Node = {
  type: FileType
  mode: number
  data: Buffer
  target: string
  children: Map<string, Node>
  ino: number
  time: number
  minor: number
}

/** A small file system in memory for the shell's own tests: enough of stat, files, directories and links. */
export const memoryFileSystem = (): FileSystem => {
  let nextIno = 1
  const make = (type: FileType, mode: number, more: Partial<Node> = {}): Node => ({
    type,
    mode,
    data: Buffer.alloc(0),
    target: '',
    children: new Map(),
    ino: nextIno++,
    time: 1_700_000_000_000,
    minor: 0,
    ...more,
  })
  const root = make('directory', 0o755)
  const find = (where: string, follow = true, hops = 0): Node => {
    if (hops > 20) throw new SystemError('ELOOP', where)
    let node = root
    const parts = where.split('/').filter(part => part !== '' && part !== '.')
    const trail: Node[] = []
    for (const [i, part] of parts.entries()) {
      if (node.type !== 'directory') throw new SystemError('ENOTDIR', where)
      if (part === '..') {
        node = trail.pop() ?? root
        continue
      }
      const next = node.children.get(part)
      if (!next) throw new SystemError('ENOENT', where)
      if (next.type === 'symlink' && (follow || i < parts.length - 1)) {
        const base = `/${parts.slice(0, i).join('/')}`
        return find(path.posix.join(path.posix.resolve(base, next.target), ...parts.slice(i + 1)), follow, hops + 1)
      }
      trail.push(node)
      node = next
    }
    if (where.endsWith('/') && node.type !== 'directory') throw new SystemError('ENOTDIR', where)
    return node
  }
  const parent = (where: string): [Node, string] => {
    const tidy = where.replace(/\/+$/, '')
    const name = path.posix.basename(tidy)
    const folder = find(path.posix.dirname(tidy))
    if (folder.type !== 'directory') throw new SystemError('ENOTDIR', where)
    return [folder, name]
  }
  const add = (where: string, node: Node) => {
    const [folder, name] = parent(where)
    if (folder.children.has(name)) throw new SystemError('EEXIST', where)
    folder.children.set(name, node)
  }
  const stat = (node: Node): Stat => ({
    type: node.type,
    ino: node.ino,
    dev: 1,
    mode: node.mode,
    nlink: 1,
    uid: 0,
    gid: 0,
    size: node.data.length,
    blocks: 0,
    atime: node.time,
    mtime: node.time,
    ctime: node.time,
    ...(node.type === 'char' ? { rdev: { major: 1, minor: node.minor } } : {}),
  })
  const fs: FileSystem = {
    stat: where => stat(find(where)),
    lstat: where => stat(find(where, false)),
    readFile: where => {
      const node = find(where)
      if (node.type === 'directory') throw new SystemError('EISDIR', where)
      return node.data
    },
    writeFile: (where, data, _who, how = {}) => {
      if (where === '' || where.endsWith('/')) throw new SystemError(where === '' ? 'ENOENT' : 'EISDIR', where)
      const [folder, name] = parent(where)
      let node = folder.children.get(name)
      if (node?.type === 'symlink') node = find(where)
      if (node?.type === 'directory' || name === '' || name === '.' || name === '..')
        throw new SystemError('EISDIR', where)
      if (!node) {
        node = make('file', how.mode ?? 0o644)
        folder.children.set(name, node)
      }
      node.data = how.append ? Buffer.concat([node.data, data]) : Buffer.from(data)
    },
    truncate: (where, size) => {
      const node = find(where)
      node.data = Buffer.concat([node.data, Buffer.alloc(Math.max(0, size - node.data.length))]).subarray(0, size)
    },
    readdir: where => {
      const node = find(where)
      if (node.type !== 'directory') throw new SystemError('ENOTDIR', where)
      return [...node.children.keys()]
    },
    mkdir: (where, mode) => add(where, make('directory', mode)),
    rmdir: where => {
      const [folder, name] = parent(where)
      folder.children.delete(name)
    },
    unlink: where => {
      const [folder, name] = parent(where)
      if (!folder.children.delete(name)) throw new SystemError('ENOENT', where)
    },
    rename: (from, to) => {
      const node = find(from, false)
      fs.unlink(from, ROOT)
      const [folder, name] = parent(to)
      folder.children.set(name, node)
    },
    link: (from, to) => add(to, find(from)),
    symlink: (target, where) => add(where, make('symlink', 0o777, { target })),
    readlink: where => find(where, false).target,
    mknod: (where, type, mode, _who, rdev) => add(where, make(type, mode, { minor: rdev?.minor ?? 0 })),
    chmod: (where, mode) => {
      find(where).mode = mode
    },
    chown: () => {},
    utimes: () => {},
    access: (where, mask) => {
      const { mode, type } = find(where)
      return mask !== 1 || type === 'directory' || (mode & 0o111) !== 0
    },
    flags: () => 0,
    setFlags: () => {},
    realpath: where => {
      find(where)
      return path.posix.normalize(where)
    },
  }
  for (const folder of ['/bin', '/dev', '/tmp', '/etc', '/work', '/root', '/usr', '/usr/bin'])
    fs.mkdir(folder, 0o755, ROOT)
  fs.mknod('/dev/null', 'char', 0o666, ROOT, { major: 1, minor: 3 })
  fs.mknod('/dev/zero', 'char', 0o666, ROOT, { major: 1, minor: 5 })
  fs.writeFile('/etc/passwd', Buffer.from('root:x:0:0:root:/root:/bin/bash\n'), ROOT)
  for (const name of PROGRAMS.keys()) fs.writeFile(name, Buffer.from('\x7fELF'), ROOT, { mode: 0o755 })
  return fs
}

export const ROOT: Credentials = { uid: 0, gid: 0, groups: [0] }

/** cat(1), as far as the tests need a program that is none of the shell. */
const cat: Program = async process => {
  let status = 0
  const pass = async (read: () => Promise<Buffer | undefined>) => {
    for (let data = await read(); data !== undefined; data = await read()) await process.stdout.write(data)
  }
  for (const name of process.argv.length > 1 ? process.argv.slice(1) : ['-']) {
    try {
      if (name === '-') await pass(() => process.stdin.read())
      else await process.stdout.write(process.fs.readFile(path.posix.resolve(process.cwd, name), process.who))
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      await process.stderr.write(
        `cat: ${name}: ${error.errno === 'EISDIR' ? 'Is a directory' : 'No such file or directory'}\n`,
      )
      status = 1
    }
  }
  return status
}
const sleep: Program = async process => {
  await process.sleep(Number(process.argv[1]))
  return 0
}
/** yes(1) */
const yes: Program = async process => {
  for (;;) await process.stdout.write('y\n'.repeat(512))
}
export const PROGRAMS = new Map<string, Program>([
  ['/bin/cat', cat],
  ['/bin/sleep', sleep],
  ['/bin/yes', yes],
])

export type Outcome = { stdout: string; stderr: string; status: number }

/** A machine with nothing on it but the shell. */
const bareHost = (): Host => {
  const processes = createProcesses([], { now: () => 1_700_000_000_000, firstPid: 4241 })
  processes.start({ ppid: 4241, uid: 0, argv: ['bash'], exe: '/bin/bash', cwd: '/work', tty: '?' })
  const silent = () => {}
  return {
    persona: { os: { id: 'debian', version: '12' }, memory: 2 ** 31 } as Persona,
    make: { runs: [], pids: 32_768, path: '/bin' },
    shell: () => async () => 127,
    processes,
    mounts: [],
    internet: {
      resolve: () => undefined,
      connect: () => ({ seconds: 0, refused: 'ETIMEDOUT' }),
      fetch: () => ({ seconds: 0, refused: 'ENOTFOUND' }),
      made: () => false,
    },
    witness: {
      command: silent,
      download: silent,
      connection: silent,
      file: silent,
      read: silent,
      execution: silent,
      fault: ({ error }) => {
        throw error
      },
      account: silent,
      login: silent,
    },
    logins: () => [],
    brought: () => false,
    state: (_, make) => make(),
  }
}

/** A process to run a shell in, and what it wrote. */
export const testProcess = (
  stdin = '',
  env: [string, string][] = [
    ['PATH', '/bin'],
    ['HOME', '/root'],
  ],
  fs = memoryFileSystem(),
) => {
  const written = { stdout: '', stderr: '' }
  let unread: Buffer | undefined = stdin === '' ? undefined : Buffer.from(stdin, 'latin1')
  const sink = (name: 'stdout' | 'stderr') => ({
    async write(data: Buffer | string) {
      written[name] += typeof data === 'string' ? data : data.toString('latin1')
    },
  })
  const process: Process = {
    pid: 4242,
    ppid: 4241,
    argv: ['bash'],
    env: new Map(env),
    cwd: '/work',
    umask: 0o022,
    who: ROOT,
    fs,
    stdin: {
      async read() {
        const data = unread
        unread = undefined
        return data
      },
    },
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    isatty: [false, false, false],
    terminal: undefined,
    host: bareHost(),
    run: async () => {
      throw new SystemError('ENOENT')
    },
    now: () => 1_700_000_000_000,
    random: bytes => Buffer.alloc(bytes, 7),
    // Time flies here: in order, but without waiting.
    sleep: seconds => new Promise(resolve => setTimeout(resolve, Math.min(20, seconds * 5))),
    step: () => {},
  }
  return { process, written }
}
