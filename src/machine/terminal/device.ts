import type { FileSystem, Terminal } from '../system.ts'

/** The file system with this terminal behind its device: what programs write to /dev/tty and /dev/pts/N is shown. */
export const withTerminal = (fs: FileSystem, terminal: Terminal): FileSystem => {
  const isOwn = (path: string): boolean => path === '/dev/tty' || path === `/dev/${terminal.name}`
  return {
    ...fs,
    writeFile(path, data, who, how) {
      // Nobody waits: whoever writes to the device waits for it at its next write to its own output.
      if (isOwn(path)) terminal.output.write(data).catch(() => {})
      else fs.writeFile(path, data, who, how)
    },
    truncate(path, size, who) {
      if (!isOwn(path)) fs.truncate(path, size, who)
    },
  }
}
