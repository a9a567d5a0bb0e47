import { errorText } from '../../errors.ts'
import { type Process, type Program, SystemError } from '../../system.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import type { Option } from '../getopt.ts'
import { absolute, attempt, complain } from '../paths.ts'
import { quote, quoteColon, quoteFile } from '../quoting.ts'
import { look } from './names.ts'
import { parseSize } from './sizes.ts'

const options: Option[] = [
  { short: 'c', long: 'no-create' },
  { short: 'o', long: 'io-blocks' },
  { short: 'r', long: 'reference', argument: 'required' },
  { short: 's', long: 'size', argument: 'required' },
]

/** truncate(1) of GNU coreutils 9.1. */
export const truncate: Program = gnuProgram(
  options,
  async (process, parsed) => {
    const { operands } = parsed
    const text = parsed.value('size')
    const reference = parsed.value('reference')
    const found = /^\s*([-+<>/%]?)\s*(.*)$/s.exec(text ?? '')!
    const size = parseSize(found[2]!)
    if (text !== undefined && size === undefined) {
      await complain(process, `Invalid number: ${quote(process, found[2]!)}`)
      return 1
    }
    const how = found[1]!
    if (reference !== undefined && text !== undefined && how === '') {
      return usageError(
        process,
        `you must specify a relative ${quote(process, '--size')} with ${quote(process, '--reference')}`,
      )
    }
    if (text === undefined && reference === undefined) {
      return usageError(
        process,
        `you must specify either ${quote(process, '--size')} or ${quote(process, '--reference')}`,
      )
    }
    if ((how === '/' || how === '%') && size === 0) {
      await complain(process, 'division by zero')
      return 1
    }
    if (operands.length === 0) return usageError(process, 'missing file operand')
    const model = reference === undefined ? undefined : attempt(() => look(process, reference, true))
    if (model && 'error' in model) {
      await complain(process, `cannot stat ${quoteFile(process, reference!)}: ${model.error}`)
      return 1
    }
    let status = 0
    for (const path of operands) {
      const message = resize(process, path, parsed.has('no-create'), before => {
        const base = model?.value.size ?? before
        return wanted(
          base,
          how,
          text === undefined ? base : size! * (parsed.has('io-blocks') ? 4096 : 1),
          text !== undefined,
        )
      })
      if (message === undefined) continue
      await complain(process, message)
      status = 1
    }
    return status
  },
  { usage: 'OPTION... FILE...' },
)

const wanted = (base: number, how: string, size: number, given: boolean): number => {
  if (!given || how === '') return given ? size : base
  if (how === '+') return base + size
  if (how === '-') return Math.max(0, base - size)
  if (how === '<') return Math.min(base, size)
  if (how === '>') return Math.max(base, size)
  if (how === '/') return base - (base % size)
  return Math.ceil(base / size) * size
}

const resize = (
  process: Process,
  path: string,
  noCreate: boolean,
  size: (before: number) => number,
): string | undefined => {
  const { fs, who } = process
  const full = absolute(process, path)
  try {
    const there = attempt(() => look(process, path, true))
    if ('error' in there && noCreate && there.error === 'No such file or directory') return undefined
    if (path === '') throw new SystemError('ENOENT')
    fs.writeFile(full, Buffer.alloc(0), who, { append: true, mode: 0o666 & ~process.umask })
  } catch (error) {
    return `cannot open ${quoteFile(process, path)} for writing: ${errorText(error)}`
  }
  const next = size(fs.stat(full, who).size)
  try {
    fs.truncate(full, next, who)
  } catch (error) {
    return `failed to truncate ${quoteFile(process, path)} at ${next} bytes: ${errorText(error)}`
  }
  return undefined
}

const syncOptions: Option[] = [
  { short: 'd', long: 'data' },
  { short: 'f', long: 'file-system' },
]

/** sync(1) of GNU coreutils 9.1. */
export const sync: Program = gnuProgram(syncOptions, async (process, parsed) => {
  if (parsed.has('data') && parsed.operands.length === 0) {
    await complain(process, '--data needs at least one argument')
    return 1
  }
  let status = 0
  for (const path of parsed.operands) {
    const found = attempt(() => look(process, path, true))
    if (!('error' in found)) continue
    await complain(process, `error opening ${quoteFile(process, path)}: ${found.error}`)
    status = 1
  }
  return status
})

const shredOptions: Option[] = [
  { short: 'f', long: 'force' },
  { short: 'n', long: 'iterations', argument: 'required' },
  { long: 'random-source', argument: 'required' },
  { short: 's', long: 'size', argument: 'required' },
  { short: 'u' },
  { long: 'remove', argument: 'optional' },
  { short: 'v', long: 'verbose' },
  { short: 'x', long: 'exact' },
  { short: 'z', long: 'zero' },
]

/** shred(1) of GNU coreutils 9.1. */
export const shred: Program = gnuProgram(
  shredOptions,
  async (process, parsed) => {
    if (parsed.operands.length === 0) return usageError(process, 'missing file operand')
    const times = parsed.value('iterations') ?? '3'
    if (!/^[0-9]{1,6}$/.test(times)) {
      await complain(process, `invalid number of passes: ${quote(process, times)}`)
      return 1
    }
    let status = 0
    for (const path of parsed.operands) {
      if (
        !(await shredOne(process, path, Number(times), parsed.has('zero'), parsed.has('verbose'), parsed.has('exact')))
      )
        status = 1
      else if (parsed.has('u') || parsed.has('remove')) await forget(process, path, parsed.has('verbose'))
    }
    return status
  },
  { usage: '[OPTION]... FILE...' },
)

const shredOne = async (
  process: Process,
  path: string,
  times: number,
  zero: boolean,
  verbose: boolean,
  exact: boolean,
): Promise<boolean> => {
  const { fs, who } = process
  const full = absolute(process, path)
  const name = quoteColon(process, path)
  try {
    const stat = look(process, path, true)
    if (stat.type === 'directory') throw new SystemError('EISDIR')
    if (stat.type === 'fifo' || stat.type === 'socket') {
      await complain(process, `${name}: invalid file type`)
      return false
    }
    fs.writeFile(full, Buffer.alloc(0), who, { append: true })
    const size = exact ? stat.size : Math.ceil(stat.size / 4096) * 4096
    const passes = times + (zero ? 1 : 0)
    for (let pass = 1; pass <= Math.min(passes, 1000); pass++) {
      const isZero = zero && pass === passes
      if (verbose) {
        await complain(process, `${name}: pass ${pass}/${passes} (${isZero ? '000000' : 'random'})...`)
      }
      process.step(size >> 10)
      // What was there is gone after the first pass; the others only take their time.
      if (pass > 1 && pass < passes) continue
      for (let at = 0; at < size; at += 65_536) {
        const length = Math.min(65_536, size - at)
        fs.writeFile(full, isZero ? Buffer.alloc(length) : process.random(length), who, { at })
      }
    }
  } catch (error) {
    await complain(process, `${name}: failed to open for writing: ${errorText(error)}`)
    return false
  }
  return true
}

/** Renamed to ever shorter names of zeros, then removed. */
const forget = async (process: Process, path: string, verbose: boolean): Promise<void> => {
  const { fs, who } = process
  const slash = path.lastIndexOf('/')
  const folder = path.slice(0, slash + 1)
  let at = path
  if (verbose) await complain(process, `${quoteColon(process, path)}: removing`)
  for (let length = path.length - slash - 1; length > 0; length--) {
    const next = folder + '0'.repeat(length)
    const taken = attempt(() => look(process, next))
    if ('value' in taken) continue
    fs.rename(absolute(process, at), absolute(process, next), who)
    if (verbose) await complain(process, `${quoteColon(process, at)}: renamed to ${next}`)
    at = next
  }
  fs.unlink(absolute(process, at), who)
  if (verbose) await complain(process, `${quoteColon(process, path)}: removed`)
}
