import { errorText } from '../../errors.ts'
import { type Process, type Program, SystemError } from '../../system.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import type { Option } from '../getopt.ts'
import { absolute, attempt, complain } from '../paths.ts'
import { quote, quoteColon } from '../quoting.ts'
import { relativePath } from './relative.ts'

type Need = 'all' | 'folder' | 'none'

const mostParts = 4096

/** The path without links, `.` and `..`, where all of it, all but its last part, or nothing has to be there. */
export const canonical = (process: Process, path: string, need: Need, physical = true): string => {
  if (path === '') throw new SystemError('ENOENT')
  const { fs, who } = process
  const full = absolute(process, path)
  if (need === 'all' && physical) return fs.realpath(full, who)
  const rest = full.split('/').filter(Boolean)
  if (rest.length > mostParts) throw new SystemError('ENAMETOOLONG')
  let at = ''
  let links = 0
  let missing = false
  while (rest.length > 0) {
    process.step()
    const part = rest.shift()!
    if (part === '.') continue
    if (part === '..') {
      at = at.slice(0, at.lastIndexOf('/'))
      continue
    }
    const next = `${at}/${part}`
    const found = missing ? undefined : attempt(() => fs.lstat(next, who))
    if (!found || 'error' in found) {
      const ends = rest.length === 0 && (found === undefined || found.error === 'No such file or directory')
      if (need === 'all' || (need === 'folder' && !ends)) fs.lstat(next, who)
      missing = true
      at = next
      continue
    }
    if (found.value.type === 'symlink' && physical) {
      if (++links > 40) {
        if (need !== 'none') throw new SystemError('ELOOP')
        missing = true
        at = next
        continue
      }
      const target = fs.readlink(next, who)
      if (target.startsWith('/')) at = ''
      rest.unshift(...target.split('/').filter(Boolean))
      continue
    }
    if (rest.length > 0 && found.value.type !== 'directory' && found.value.type !== 'symlink' && need !== 'none')
      throw new SystemError('ENOTDIR')
    at = next
  }
  if (need !== 'none' && !missing && at !== '' && full.endsWith('/') && fs.stat(at, who).type !== 'directory')
    throw new SystemError('ENOTDIR')
  return at || '/'
}

const linkOptions: Option[] = [
  { short: 'f', long: 'canonicalize' },
  { short: 'e', long: 'canonicalize-existing' },
  { short: 'm', long: 'canonicalize-missing' },
  { short: 'n', long: 'no-newline' },
  { short: 'q', long: 'quiet' },
  { short: 's', long: 'silent' },
  { short: 'v', long: 'verbose' },
  { short: 'z', long: 'zero' },
]

/** readlink(1) of GNU coreutils 9.1. */
export const readlink: Program = gnuProgram(
  linkOptions,
  async (process, parsed) => {
    const { operands } = parsed
    if (operands.length === 0) return usageError(process, 'missing operand')
    const mode = parsed.given.findLast(({ name }) => name.startsWith('canonicalize'))?.name
    const need: Need = mode === 'canonicalize-existing' ? 'all' : mode === 'canonicalize-missing' ? 'none' : 'folder'
    let bare = parsed.has('no-newline')
    if (bare && operands.length > 1) {
      await complain(process, 'ignoring --no-newline with multiple arguments')
      bare = false
    }
    const last = parsed.given.findLast(({ name }) => ['quiet', 'silent', 'verbose'].includes(name))?.name
    const verbose = last === 'verbose' || (last === undefined && process.env.has('POSIXLY_CORRECT'))
    let status = 0
    for (const operand of operands) {
      try {
        if (operand === '') throw new SystemError('ENOENT')
        const text = mode
          ? canonical(process, operand, need)
          : process.fs.readlink(absolute(process, operand), process.who)
        await process.stdout.write(text + (bare ? '' : parsed.has('zero') ? '\0' : '\n'))
      } catch (error) {
        const text = errorText(error)
        status = 1
        if (verbose) await complain(process, `${quoteColon(process, operand)}: ${text}`)
      }
    }
    return status
  },
  { usage: '[OPTION]... FILE...' },
)

const realOptions: Option[] = [
  { short: 'e', long: 'canonicalize-existing' },
  { short: 'm', long: 'canonicalize-missing' },
  { short: 'L', long: 'logical' },
  { short: 'P', long: 'physical' },
  { short: 'q', long: 'quiet' },
  { short: 's', long: 'strip' },
  { long: 'no-symlinks' },
  { short: 'z', long: 'zero' },
  { long: 'relative-to', argument: 'required' },
  { long: 'relative-base', argument: 'required' },
]

/** realpath(1) of GNU coreutils 9.1. */
export const realpath: Program = gnuProgram(
  realOptions,
  async (process, parsed) => {
    if (parsed.operands.length === 0) return usageError(process, 'missing operand')
    const mode = parsed.given.findLast(({ name }) => name.startsWith('canonicalize'))?.name
    const need: Need = mode === 'canonicalize-existing' ? 'all' : mode === 'canonicalize-missing' ? 'none' : 'folder'
    const physical = !parsed.has('strip') && !parsed.has('no-symlinks')
    const bases: (string | undefined)[] = []
    for (const name of ['relative-to', 'relative-base']) {
      const given = parsed.value(name)
      const found = given === undefined ? undefined : attempt(() => canonical(process, given, need, physical))
      if (found && 'error' in found) {
        await complain(process, `${quoteColon(process, given!)}: ${found.error}`)
        return 1
      }
      bases.push(found?.value)
    }
    const [to = bases[1], base] = bases
    let status = 0
    for (const operand of parsed.operands) {
      const found = attempt(() => canonical(process, operand, need, physical))
      if ('error' in found) {
        status = 1
        if (!parsed.has('quiet'))
          await complain(process, `${operand === '' ? "''" : quoteColon(process, operand)}: ${found.error}`)
        continue
      }
      const within =
        base === undefined || found.value === base || found.value.startsWith(base === '/' ? '/' : `${base}/`)
      const shown = to !== undefined && within ? relativePath(to, found.value) : found.value
      await process.stdout.write(shown + (parsed.has('zero') ? '\0' : '\n'))
    }
    return status
  },
  { usage: '[OPTION]... FILE...' },
)

/** dirname(1) of GNU coreutils 9.1. */
export const dirname: Program = gnuProgram(
  [{ short: 'z', long: 'zero' }],
  async (process, parsed) => {
    if (parsed.operands.length === 0) return usageError(process, 'missing operand')
    for (const operand of parsed.operands) {
      const bare = operand.replace(/(?<=.)\/+$/, '')
      const slash = bare.lastIndexOf('/')
      const shown = slash < 0 ? '.' : bare.slice(0, slash).replace(/\/+$/, '') || '/'
      await process.stdout.write(shown + (parsed.has('zero') ? '\0' : '\n'))
    }
    return 0
  },
  { usage: '[OPTION] NAME...' },
)

const pathOptions: Option[] = [{ short: 'p' }, { short: 'P' }, { long: 'portability' }]

/** pathchk(1) of GNU coreutils 9.1. */
export const pathchk: Program = gnuProgram(
  pathOptions,
  async (process, parsed) => {
    if (parsed.operands.length === 0) return usageError(process, 'missing operand')
    const portable = parsed.has('p') || parsed.has('portability')
    const strict = parsed.has('P') || parsed.has('portability')
    let status = 0
    for (const path of parsed.operands) {
      const message = wrongWith(process, path, portable, strict)
      if (message === undefined) continue
      await complain(process, message)
      status = 1
    }
    return status
  },
  { usage: '[OPTION]... NAME...' },
)

const wrongWith = (process: Process, path: string, portable: boolean, strict: boolean): string | undefined => {
  const shown = quote(process, path)
  if (strict && /(^|\/)-/.test(path)) return `leading '-' in a component of file name ${shown}`
  if ((portable || strict) && path === '') return 'empty file name'
  const odd = /[^A-Za-z0-9._/-]/.exec(path)
  if (portable && odd) return `nonportable character ${quote(process, odd[0])} in file name ${shown}`
  if (path === '') return "'': No such file or directory"
  const most = portable ? 255 : 4095
  if (path.length > most) return `limit ${most} exceeded by length ${path.length} of file name ${shown}`
  const longest = portable ? 14 : 255
  const part = path.split('/').find(name => name.length > longest)
  if (part !== undefined)
    return `limit ${longest} exceeded by length ${part.length} of file name component ${quote(process, part)}`
  if (portable) return undefined
  try {
    process.fs.lstat(absolute(process, path), process.who)
  } catch (error) {
    if (error instanceof SystemError && error.errno === 'ENOENT') return undefined
    return `${quoteColon(process, path)}: ${errorText(error)}`
  }
  return undefined
}
