import { errorText } from '../../errors.ts'
import { type Program, SystemError } from '../../system.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import type { Option } from '../getopt.ts'
import { absolute, complain } from '../paths.ts'
import { quoteFile } from '../quoting.ts'
import { folderOf, withoutSlashes } from './names.ts'

const options: Option[] = [
  { long: 'ignore-fail-on-non-empty' },
  { short: 'p', long: 'parents' },
  { short: 'v', long: 'verbose' },
]

/** rmdir(1) of GNU coreutils 9.1. */
export const rmdir: Program = gnuProgram(
  options,
  async (process, parsed) => {
    if (parsed.operands.length === 0) return usageError(process, 'missing operand')
    let status = 0
    for (const operand of parsed.operands) {
      let path = operand
      for (let first = true; ; first = false) {
        const name = quoteFile(process, path)
        if (parsed.has('verbose')) await process.stdout.write(`rmdir: removing directory, ${name}\n`)
        try {
          if (path === '') throw new SystemError('ENOENT')
          process.step()
          process.fs.rmdir(absolute(process, path), process.who)
        } catch (error) {
          const text = errorText(error)
          if (text === 'Directory not empty' && parsed.has('ignore-fail-on-non-empty')) break
          await complain(
            process,
            first ? `failed to remove ${name}: ${text}` : `failed to remove directory ${name}: ${text}`,
          )
          status = 1
          break
        }
        const above = folderOf(withoutSlashes(path))
        if (!parsed.has('parents') || above === '.' || above === '/') break
        path = above
      }
    }
    return status
  },
  { usage: '[OPTION]... DIRECTORY...' },
)
