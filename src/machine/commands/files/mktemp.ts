import { errorText } from '../../errors.ts'
import { type Process, type Program, SystemError } from '../../system.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import type { Option } from '../getopt.ts'
import { absolute, complain } from '../paths.ts'
import { quote } from '../quoting.ts'

const options: Option[] = [
  { short: 'd', long: 'directory' },
  { short: 'u', long: 'dry-run' },
  { short: 'q', long: 'quiet' },
  { long: 'suffix', argument: 'required' },
  { short: 'p', argument: 'required' },
  { long: 'tmpdir', argument: 'optional' },
  { short: 't' },
]
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const tries = 100

/** mktemp(1) of GNU coreutils 9.1. */
export const mktemp: Program = gnuProgram(
  options,
  async (process, parsed) => {
    const { operands } = parsed
    if (operands.length > 1) return usageError(process, 'too many templates')
    const quiet = parsed.has('quiet')
    const fail = async (message: string): Promise<number> => {
      if (!quiet) await complain(process, message)
      return 1
    }
    let template = operands[0] ?? 'tmp.XXXXXXXXXX'
    const environment = process.env.get('TMPDIR') || '/tmp'
    const asked = parsed.given.findLast(({ name }) => name === 'p' || name === 'tmpdir')
    let suffix = parsed.value('suffix')
    const end = template.lastIndexOf('X')
    if (suffix !== undefined && !template.endsWith('X'))
      return fail(`with --suffix, template ${quote(process, template)} must end in X`)
    suffix ??= template.slice(end + 1)
    if (suffix.includes('/')) return fail(`invalid suffix ${quote(process, suffix)}, contains directory separator`)
    const stem = template.slice(0, end + 1)
    const count = /X*$/.exec(stem)![0].length
    if (count < 3) return fail(`too few X's in template ${quote(process, template)}`)
    if (parsed.has('t') || asked || operands.length === 0) {
      const folder = parsed.has('t') ? process.env.get('TMPDIR') || asked?.value || '/tmp' : asked?.value || environment
      if (parsed.has('t') && stem.includes('/'))
        return fail(`invalid template, ${quote(process, template)}, contains directory separator`)
      if (asked && stem.startsWith('/'))
        return fail(`invalid template, ${quote(process, template)}; with --tmpdir, it may not be absolute`)
      template = `${folder.replace(/(?<=.)\/+$/, '')}/${stem}`.replace(/^\/\//, '/')
    } else template = stem
    const kind = parsed.has('directory') ? 'directory' : 'file'
    try {
      const made = makeUnique(process, template.slice(0, -count), count, suffix, parsed.has('dry-run') ? 'name' : kind)
      await process.stdout.write(`${made}\n`)
      return 0
    } catch (error) {
      return fail(`failed to create ${kind} via template ${quote(process, template + suffix)}: ${errorText(error)}`)
    }
  },
  { usage: '[OPTION]... [TEMPLATE]' },
)

const makeUnique = (
  process: Process,
  stem: string,
  count: number,
  suffix: string,
  kind: 'file' | 'directory' | 'name',
): string => {
  const { fs, who } = process
  for (let attempt = 0; attempt < tries; attempt++) {
    const random = process.random(count)
    const salt = attempt === 0 ? 0 : process.random(1)[0]! + attempt
    const middle = Array.from(random, byte => letters[(byte + salt) % letters.length]).join('')
    const path = stem + middle + suffix
    const full = absolute(process, path)
    try {
      if (kind === 'directory') fs.mkdir(full, 0o700 & ~process.umask, who)
      else if (kind === 'file')
        fs.writeFile(full, Buffer.alloc(0), who, { exclusive: true, mode: 0o600 & ~process.umask })
      else if (exists(process, full)) continue
      return path
    } catch (error) {
      if (!(error instanceof SystemError) || error.errno !== 'EEXIST') throw error
    }
  }
  throw new SystemError('EEXIST')
}

const exists = ({ fs, who }: Process, path: string): boolean => {
  try {
    fs.lstat(path, who)
    return true
  } catch (error) {
    if (error instanceof SystemError && error.errno === 'ENOENT') return false
    throw error
  }
}
