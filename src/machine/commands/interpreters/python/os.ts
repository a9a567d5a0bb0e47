import { type Process, SystemError } from '../../../system.ts'
import { absolute, statOf } from '../../paths.ts'
import { named, raised } from './builtins.ts'
import { asNumber, asText, Bytes, Dict, List, Raised, Thing, Tuple, type Value } from './values.ts'

/** The module `os`, but for what starts programs. */
export const osModule = (process: Process): readonly (readonly [string, Value])[] => {
  const environment = new Dict()
  for (const [key, value] of process.env) environment.set(key, value)
  /** A call of the file system by its path. */
  const on =
    (act: (path: string, args: Value[]) => void) =>
    ({ args }: { args: Value[] }): Value => {
      const path = asText(args[0])
      try {
        act(absolute(process, path), args)
      } catch (error) {
        if (error instanceof SystemError) throw raised(error, path)
        throw error
      }
      return null
    }
  const { fs, who } = process
  const { persona } = process.host
  return [
    ['name', 'posix'],
    ['sep', '/'],
    ['linesep', '\n'],
    ['devnull', '/dev/null'],
    ['environ', environment],
    ['path', new Thing('module', pathModule(process))],
    ['O_CREAT', 64],
    ['O_WRONLY', 1],
    ...named({
      getcwd: () => process.cwd,
      chdir: on(path => {
        if (fs.stat(path, who).type !== 'directory') throw new SystemError('ENOTDIR', path)
        process.cwd = path
      }),
      getuid: () => who.uid,
      geteuid: () => who.uid,
      getgid: () => who.gid,
      getpid: () => process.pid,
      getppid: () => process.ppid,
      getlogin: () => process.env.get('LOGNAME') ?? 'root',
      getenv: ({ args: [name, usual = null] }) => process.env.get(asText(name)) ?? usual,
      putenv: ({ args: [name, value] }) => {
        process.env.set(asText(name), asText(value))
        return null
      },
      cpu_count: () => persona.cpu.cores,
      uname: () => new Tuple(['Linux', persona.hostname, persona.os.kernel, persona.os.kernelVersion, persona.os.arch]),
      listdir: ({ args: [path = '.'] }) => {
        try {
          return new List(fs.readdir(absolute(process, asText(path)), who))
        } catch (error) {
          throw raised(error, asText(path))
        }
      },
      mkdir: on(path => fs.mkdir(path, 0o777 & ~process.umask, who)),
      makedirs: on(path => fs.mkdir(path, 0o777 & ~process.umask, who)),
      remove: on(path => fs.unlink(path, who)),
      unlink: on(path => fs.unlink(path, who)),
      rmdir: on(path => fs.rmdir(path, who)),
      chmod: on((path, args) => fs.chmod(path, asNumber(args[1] ?? 0) & 0o7777, who)),
      rename: on((path, args) => fs.rename(path, absolute(process, asText(args[1])), who)),
      symlink: ({ args: [target, path] }) => {
        fs.symlink(asText(target), absolute(process, asText(path)), who)
        return null
      },
      access: ({ args: [path, mode = 0] }) => fs.access(absolute(process, asText(path)), asNumber(mode), who),
      umask: ({ args: [mask = 0] }) => {
        const before = process.umask
        process.umask = asNumber(mask) & 0o777
        return before
      },
      urandom: ({ args: [size = 0] }) => new Bytes(process.random(Math.min(65_536, Math.max(0, asNumber(size))))),
      dup2: () => null,
      close: () => null,
      setsid: () => process.pid,
      // The child goes on alone, as daemons do: what the parent would do is to leave.
      fork: () => 0,
      kill: ({ args: [pid = 0, signal = 15] }) => {
        const failed = process.host.processes.signal(asNumber(pid), asNumber(signal), who)
        if (failed === 'ESRCH') throw new Raised('ProcessLookupError', '[Errno 3] No such process')
        if (failed === 'EPERM') throw new Raised('PermissionError', '[Errno 1] Operation not permitted')
        return null
      },
    }),
  ]
}

/** The module `os.path`. */
export const pathModule = (process: Process): readonly (readonly [string, Value])[] =>
  named({
    exists: ({ args: [path] }) => statOf(process, asText(path)) !== undefined,
    isfile: ({ args: [path] }) => statOf(process, asText(path))?.type === 'file',
    isdir: ({ args: [path] }) => statOf(process, asText(path))?.type === 'directory',
    getsize: ({ args: [path] }) => statOf(process, asText(path))?.size ?? 0,
    join: ({ args }) =>
      args
        .map(asText)
        .reduce((path, part) =>
          part.startsWith('/') ? part : path === '' || path.endsWith('/') ? path + part : `${path}/${part}`,
        ),
    basename: ({ args: [path] }) => asText(path).replace(/^.*\//s, ''),
    dirname: ({ args: [path] }) => asText(path).replace(/\/?[^/]*$/, ''),
    abspath: ({ args: [path] }) => absolute(process, asText(path)),
    expanduser: ({ args: [path] }) => asText(path).replace(/^~(?=\/|$)/, process.env.get('HOME') ?? '/root'),
  })
