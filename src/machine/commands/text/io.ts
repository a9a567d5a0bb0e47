import { errorText } from '../../errors.ts'
import { type Input, type Process, SystemError } from '../../system.ts'
import { absolute, complain } from '../paths.ts'
import { quoteColon } from '../quoting.ts'

/** Bytes asked for at once, as coreutils do. */
const portion = 131_072
/** Of one line; what is longer ends the program, as no memory would. */
const longestLine = 1 << 20

/**
 * What has no end goes on the slower the longer it does: a burnt CPU is what nobody here should have. Gives a function to
 * call with the bytes that passed.
 */
export const paced = (process: Process): ((bytes: number) => Promise<void>) => {
  const portionSize = 4 << 20
  let left = portionSize
  let seconds = 0.005
  return async bytes => {
    left -= bytes
    if (left > 0) return
    left = portionSize
    seconds = Math.min(1, seconds * 1.2)
    await process.sleep(seconds)
  }
}

const ownStreams = new Set(['-', '/dev/stdin', '/dev/fd/0', '/proc/self/fd/0'])

/** The file as a stream, standard input for `-`. Throws `SystemError`. */
export const openInput = (process: Process, path: string): Input => {
  process.step()
  if (ownStreams.has(path)) return process.stdin
  const full = absolute(process, path)
  const { fs, who } = process
  const { type, rdev, size } = fs.stat(full, who)
  if (type === 'directory') throw new SystemError('EISDIR', path)
  if (type === 'char' && full === '/dev/tty' && process.terminal) return process.terminal.input
  if (type === 'fifo' && process.fifo && !full.startsWith('/dev/fd/') && fs.access(full, 4, who))
    return process.fifo(full)
  const endless = rdev !== undefined
  // What /proc shows is made anew at each look; small files are had at once.
  if (!endless && size < portion) {
    let rest: Buffer | undefined = fs.readFile(full, who)
    return {
      async read(max = portion) {
        if (!rest || rest.length === 0) return undefined
        process.step(1 + (Math.min(rest.length, max) >> 12))
        const data = rest.subarray(0, max)
        rest = rest.subarray(max)
        return data
      },
    }
  }
  fs.readFile(full, who, { max: 1 })
  let at = 0
  const pace = endless ? paced(process) : undefined
  return {
    async read(max = portion) {
      const data = fs.readFile(full, who, { at, max: Math.min(max, portion) })
      await pace?.(data.length)
      // What has no end comes to one.
      process.step(1 + (data.length >> (endless ? 5 : 12)))
      at += data.length
      return data.length === 0 ? undefined : data
    },
  }
}

export type Line = { text: string; ended: boolean }
export type LineReader = {
  /** The next line without its end; `ended`: its end was there. */
  line(): Promise<Line | undefined>
  /** Whether a line is there without waiting. */
  ready(): boolean
  /** Up to so many bytes, a line or not. */
  bytes(max: number): Promise<string | undefined>
}

/** An input by lines that end in `end`, as Latin-1. */
export const linesOf = (process: Process, input: Input, end = '\n'): LineReader => {
  let kept = ''
  let at = 0
  let over = false
  const more = async (): Promise<boolean> => {
    // Much at once: what was kept is copied each time.
    const data = over ? undefined : await input.read(portion)
    if (!data) {
      over = true
      return false
    }
    kept = kept.slice(at) + data.toString('latin1')
    at = 0
    return true
  }
  return {
    ready: () => kept.indexOf(end, at) >= 0,
    async line() {
      process.step()
      let from = at
      for (;;) {
        const stop = kept.indexOf(end, from)
        if (stop >= 0) {
          const text = kept.slice(at, stop)
          at = stop + 1
          return { text, ended: true }
        }
        const had = kept.length - at
        if (had > longestLine) throw new SystemError('ENOSPC')
        if (!(await more())) break
        from = at + had
      }
      if (at >= kept.length) return undefined
      const text = kept.slice(at)
      at = kept.length
      return { text, ended: false }
    },
    async bytes(max) {
      process.step()
      if (at >= kept.length && !(await more())) return undefined
      const text = kept.slice(at, at + max)
      at += text.length
      return text
    },
  }
}

export type Writer = {
  /** Written when there is enough of it, or at `flush`. */
  put(text: string): Promise<void> | undefined
  flush(): Promise<void>
}

const buffered = 16_384

/** Standard output with a buffer as stdio(3) keeps: a terminal sees each line, a pipe sees many at once. */
export const writerOf = (process: Process, output = process.stdout): Writer => {
  let kept: string[] = []
  let size = 0
  const flush = async (): Promise<void> => {
    if (size === 0) return
    const text = kept.join('')
    kept = []
    size = 0
    process.step(1 + (text.length >> 12))
    await output.write(text)
  }
  const atOnce = output === process.stdout && process.isatty[1]
  return {
    put(text) {
      kept.push(text)
      size += text.length
      return size >= buffered || (atOnce && text.endsWith('\n')) ? flush() : undefined
    },
    flush,
  }
}

/**
 * Opens each file and hands it on; those that cannot be read are complained about, as `name: file: why`. Without a file,
 * standard input. Gives the exit status: 0, or `failed` where one could not be read.
 */
export const eachInput = async (
  process: Process,
  files: readonly string[],
  use: (input: Input, file: string) => Promise<void>,
  { failed = 1, word = (why: string, file: string) => `${quoteColon(process, file)}: ${why}` } = {},
): Promise<number> => {
  let status = 0
  for (const file of files.length === 0 ? ['-'] : files) {
    try {
      await use(openInput(process, file), file)
    } catch (error) {
      await complain(process, word(errorText(error), file))
      status = failed
    }
  }
  return status
}

/** Everything the file holds, at most 16 MiB, as Latin-1. Throws `SystemError`. */
export const wholeText = async (process: Process, path: string, max = 16 << 20): Promise<string> => {
  const input = openInput(process, path)
  const pieces: string[] = []
  let size = 0
  for (let data = await input.read(); data && size < max; data = await input.read()) {
    pieces.push(data.toString('latin1'))
    size += data.length
  }
  return pieces.join('')
}
