import { errorText } from '../errors.ts'
import { type Process, type Stat, SystemError } from '../system.ts'

/** An absolute path, from the process's directory. */
export const absolute = (process: Process, path: string): string =>
  path.startsWith('/') ? path : `${process.cwd === '/' ? '' : process.cwd}/${path}`

/** stat(2), or `undefined` where it fails. */
export const statOf = (process: Process, path: string, follow = true): Stat | undefined => {
  process.step()
  try {
    return process.fs[follow ? 'stat' : 'lstat'](absolute(process, path), process.who)
  } catch (error) {
    if (error instanceof SystemError) return undefined
    throw error
  }
}

/** Does it, or gives what strerror(3) says about why not. */
export const attempt = <T>(what: () => T): { value: T } | { error: string } => {
  try {
    return { value: what() }
  } catch (error) {
    return { error: errorText(error) }
  }
}

/** `name: message` on standard error. */
export const complain = (process: Process, message: string): Promise<void> =>
  process.stderr.write(`${process.argv[0] ?? ''}: ${message}\n`)

/** Everything from an input, at most `max` bytes. */
export const readAll = async (input: Process['stdin'], max = 16 << 20): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let size = 0
  for (let data = await input.read(); data !== undefined && size < max; data = await input.read()) {
    chunks.push(data)
    size += data.length
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks).subarray(0, max)
}

/** A file's content, or standard input's for `-`. Throws `SystemError`. */
export const readInput = async (process: Process, path: string): Promise<Buffer> =>
  path === '-' ? readAll(process.stdin) : process.fs.readFile(absolute(process, path), process.who)
