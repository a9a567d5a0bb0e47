import type { Program } from '../../system.ts'
import { getopt } from '../getopt.ts'
import { absolute, attempt, complain } from '../paths.ts'
import { below, look } from './names.ts'
import { breathe } from './work.ts'

/** Letters in the order in which lsattr shows them, with the bits of FS_IOC_GETFLAGS; others are kept but mean nothing. */
const letters: readonly [letter: string, bit: number][] = [
  ['s', 0x1],
  ['u', 0x2],
  ['S', 0x8],
  ['D', 0x10000],
  ['i', 0x10],
  ['a', 0x20],
  ['d', 0x40],
  ['A', 0x80],
  ['c', 0x4],
  ['E', 0x800],
  ['j', 0x4000],
  ['I', 0x1000],
  ['t', 0x8000],
  ['T', 0x20000],
  ['e', 0x80000],
  ['C', 0x800000],
  ['x', 0x2000000],
  ['F', 0x40000000],
  ['N', 0x10000000],
  ['P', 0x20000000],
  ['V', 0x100000],
  ['m', 0x400],
]
const shown = 'suSDiadAcEjItTeCxFNPVm'
const settable = 'aAcCdDeijPsStTuFxm'
const deepest = 200
/** What strerror says where a file system keeps no flags; e2fsprogs says it otherwise. */
const noFlags = 'Inappropriate ioctl for device'

const flagsText = (flags: number): string =>
  [...shown].map(letter => ((flags & letters.find(([one]) => one === letter)![1]) !== 0 ? letter : '-')).join('')

const usage = (name: string): string =>
  `Usage: ${name} [-RVf] [-+=aAcCdDeijPsStTuFx] [-p project] [-v version] files...\n`

/** chattr(1) of e2fsprogs 1.47.0. */
export const chattr: Program = async process => {
  const [name = 'chattr'] = process.argv
  const run = {
    recursive: false,
    verbose: false,
    quiet: false,
    add: 0,
    remove: 0,
    set: undefined as number | undefined,
  }
  const files: string[] = []
  const words = process.argv.slice(1)
  const maskOf = (text: string): number | undefined => {
    let mask = 0
    for (const letter of text) {
      const found = settable.includes(letter) ? letters.find(([one]) => one === letter) : undefined
      if (!found) return undefined
      mask |= found[1]
    }
    return mask
  }
  while (words.length > 0 && files.length === 0) {
    const word = words[0]!
    if (!/^[-+=]./.test(word)) break
    words.shift()
    if (word === '--') break
    let rest = word.slice(1)
    if (word[0] === '-') {
      if (rest.includes('R')) run.recursive = true
      if (rest.includes('V')) run.verbose = true
      if (rest.includes('f')) run.quiet = true
      if (/^[vp]$/.test(rest)) {
        words.shift()
        continue
      }
      rest = rest.replace(/[RVf]/g, '')
    }
    const mask = maskOf(rest)
    if (mask === undefined) {
      await process.stderr.write(usage(name))
      return 1
    }
    if (word[0] === '+') run.add |= mask
    else if (word[0] === '-') run.remove |= mask
    else run.set = (run.set ?? 0) | mask
  }
  files.push(...words)
  if (files.length === 0) {
    await process.stderr.write(usage(name))
    return 1
  }
  if (run.set === undefined && run.add === 0 && run.remove === 0) {
    await process.stderr.write("Must use '-v', =, - or +\n")
    return 1
  }
  if (run.set !== undefined && (run.add !== 0 || run.remove !== 0)) {
    await process.stderr.write('= is incompatible with - and +\n')
    return 1
  }
  if ((run.add & run.remove) !== 0) {
    await process.stderr.write("Can't both set and unset same flag.\n")
    return 1
  }
  let status = 0
  const change = async (path: string, depth: number): Promise<void> => {
    await breathe(process)
    const found = attempt(() => look(process, path))
    if ('error' in found) {
      status = 1
      if (!run.quiet) await complain(process, `${found.error} while trying to stat ${path}`)
      return
    }
    const { type } = found.value
    if (type !== 'file' && type !== 'directory') {
      status = 1
      if (!run.quiet && !run.recursive)
        await complain(process, `Operation not supported while reading flags on ${path}`)
    } else {
      const full = absolute(process, path)
      const done = attempt(() => {
        const before = process.fs.flags(full, process.who)
        const flags = run.set === undefined ? (before & ~run.remove) | run.add : (before & 0x80000) | run.set
        process.fs.setFlags(full, flags, process.who)
        return flags
      })
      if ('error' in done) {
        status = 1
        const keepsNone = done.error === noFlags
        if (!run.quiet) {
          await complain(
            process,
            keepsNone
              ? `Operation not supported while reading flags on ${path}`
              : `${done.error} while setting flags on ${path}`,
          )
        }
      } else if (run.verbose) await process.stdout.write(`Flags of ${path} set as ${flagsText(done.value)}\n`)
    }
    if (!run.recursive || type !== 'directory' || depth > deepest) return
    const names = attempt(() => process.fs.readdir(absolute(process, path), process.who))
    if ('value' in names) for (const name of names.value) await change(below(path, name), depth + 1)
  }
  for (const file of files) await change(file, 0)
  return status
}

/** lsattr(1) of e2fsprogs 1.47.0. */
export const lsattr: Program = async process => {
  const [name = 'lsattr'] = process.argv
  const parsed = getopt(
    process.argv,
    [...'RVadlvp'].map(short => ({ short })),
  )
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\nUsage: ${name} [-RVadlpv] [files...]\n`)
    return 1
  }
  let status = 0
  const fail = async (message: string): Promise<void> => {
    status = 1
    await complain(process, message)
  }
  const show = async (path: string): Promise<void> => {
    process.step()
    const flags = attempt(() => process.fs.flags(absolute(process, path), process.who))
    if ('error' in flags) {
      return fail(`${flags.error === noFlags ? 'Operation not supported' : flags.error} While reading flags on ${path}`)
    }
    await process.stdout.write(`${flagsText(flags.value)} ${path}\n`)
  }
  const folder = async (path: string, depth: number): Promise<void> => {
    const names = attempt(() => process.fs.readdir(absolute(process, path), process.who))
    if ('error' in names) return fail(`${names.error} While reading flags on ${path}`)
    for (const name of parsed.has('a')
      ? ['.', '..', ...names.value]
      : names.value.filter(one => !one.startsWith('.'))) {
      const child = below(path, name)
      const found = attempt(() => look(process, child))
      if ('error' in found) continue
      const { type } = found.value
      await show(child)
      if (parsed.has('R') && type === 'directory' && name !== '.' && name !== '..' && depth < deepest) {
        await process.stdout.write(`\n${child}:\n`)
        await folder(child, depth + 1)
        await process.stdout.write('\n')
      }
    }
  }
  for (const path of parsed.operands.length > 0 ? parsed.operands : ['.']) {
    const found = attempt(() => look(process, path))
    if ('error' in found) await fail(`${found.error} while trying to stat ${path}`)
    else if (found.value.type === 'directory' && !parsed.has('d')) await folder(path, 0)
    else await show(path)
  }
  return status
}
