import { errorText } from '../../errors.ts'
import { type Process, type Program, SystemError } from '../../system.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import type { Option } from '../getopt.ts'
import { absolute, complain, statOf } from '../paths.ts'
import { quote, quoteFile } from '../quoting.ts'
import { parseMode } from './modes.ts'

const options: Option[] = [
  { short: 'm', long: 'mode', argument: 'required' },
  { short: 'p', long: 'parents' },
  { short: 'v', long: 'verbose' },
  { short: 'Z' },
  { long: 'context', argument: 'optional' },
]

/** mkdir(1) of GNU coreutils 9.1. */
export const mkdir: Program = gnuProgram(
  options,
  async (process, parsed) => {
    if (parsed.operands.length === 0) return usageError(process, 'missing operand')
    const modeText = parsed.value('mode')
    const change = modeText === undefined ? undefined : parseMode(modeText)
    if (modeText !== undefined && !change) {
      await complain(process, `invalid mode ${quote(process, modeText)}`)
      return 1
    }
    const mode = change?.(0o777, true, process.umask) ?? 0o777 & ~process.umask
    let status = 0
    for (const path of parsed.operands) {
      try {
        if (parsed.has('parents')) await makeParents(process, path, parsed.has('verbose'))
        if (parsed.has('parents') && statOf(process, path)?.type === 'directory') continue
        makeOne(process, path, mode, change !== undefined)
        if (parsed.has('verbose')) await tell(process, path)
      } catch (error) {
        const failed = error instanceof Above ? error.path : path
        const text = error instanceof Above ? error.text : errorText(error)
        await complain(process, `cannot create directory ${quote(process, failed)}: ${text}`)
        status = 1
      }
    }
    return status
  },
  { usage: '[OPTION]... DIRECTORY...' },
)

class Above extends Error {
  readonly path: string
  readonly text: string
  constructor(path: string, text: string) {
    super(text)
    this.path = path
    this.text = text
  }
}

const tell = (process: Process, path: string): Promise<void> =>
  process.stdout.write(`${process.argv[0]}: created directory ${quoteFile(process, path)}\n`)

const makeOne = (process: Process, path: string, mode: number, exact: boolean): void => {
  if (path === '') throw new SystemError('ENOENT', path)
  process.step()
  const full = absolute(process, path)
  process.fs.mkdir(full, mode, process.who)
  // mkdir(2) takes no more than permissions and the sticky bit.
  if (exact && (mode & 0o6000) !== 0) process.fs.chmod(full, mode, process.who)
}

/** The folders above, which get write and search for their owner whatever the umask. */
export const makeParents = async (process: Process, path: string, verbose: boolean): Promise<void> => {
  const mode = (0o777 & ~process.umask) | 0o300
  for (let slash = path.indexOf('/', 1); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    const folder = path.slice(0, slash)
    if (folder.endsWith('/') || /^\/*$/.test(path.slice(slash)) || /(^|\/)\.{1,2}$/.test(folder)) continue
    const there = statOf(process, folder)
    if (there?.type === 'directory') continue
    try {
      makeOne(process, folder, mode, false)
    } catch (error) {
      throw new Above(folder, there ? 'Not a directory' : errorText(error))
    }
    if (verbose) await tell(process, folder)
  }
}
