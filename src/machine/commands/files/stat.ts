import { errorText } from '../../errors.ts'
import type { Process, Program, Stat } from '../../system.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import type { Option } from '../getopt.ts'
import { absolute, attempt, complain } from '../paths.ts'
import { quoteFile, quoteName, speaksUtf8 } from '../quoting.ts'
import { mountOf, spaceOf } from './mounted.ts'
import { look } from './names.ts'
import { formatStat, formatted } from './stat-format.ts'

const options: Option[] = [
  { short: 'L', long: 'dereference' },
  { short: 'f', long: 'file-system' },
  { short: 'c', long: 'format', argument: 'required' },
  { long: 'printf', argument: 'required' },
  { short: 't', long: 'terse' },
  { long: 'cached', argument: 'required' },
]

const terse = '%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o\n'
const plain = ({ type }: Stat): string =>
  `  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\nDevice: %Hd,%Ld\tInode: %-10i  Links: ${
    type === 'char' || type === 'block' ? '%-5h Device type: %Hr,%Lr' : '%h'
  }\nAccess: (%04a/%10.10A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\nAccess: %x\nModify: %y\nChange: %z\n Birth: %w\n`
const plainSystem =
  '    ID: %-8i Namelen: %-7l Type: %T\nBlock size: %-10s Fundamental block size: %S\nBlocks: Total: %-10b Free: %-10f Available: %a\nInodes: Total: %-10c Free: %d\n'
const terseSystem = '%n %i %l %t %s %S %b %f %a %c %d\n'

/** stat(1) of GNU coreutils 9.1. */
export const stat: Program = gnuProgram(
  options,
  async (process, parsed) => {
    if (parsed.operands.length === 0) return usageError(process, 'missing operand')
    const last = parsed.given.findLast(({ name }) => name === 'format' || name === 'printf')
    const format = last?.name === 'format' ? `${last.value}\n` : last?.value
    const backslashes = last?.name === 'printf'
    let status = 0
    for (const name of parsed.operands) {
      const ok = parsed.has('file-system')
        ? await showSystem(process, name, format ?? (parsed.has('terse') ? terseSystem : undefined), backslashes)
        : await showFile(
            process,
            name,
            parsed.has('dereference'),
            format ?? (parsed.has('terse') ? terse : undefined),
            backslashes,
          )
      if (!ok) status = 1
    }
    return status
  },
  { usage: '[OPTION]... FILE...' },
)

const showFile = async (
  process: Process,
  name: string,
  follow: boolean,
  format: string | undefined,
  backslashes: boolean,
): Promise<boolean> => {
  let found: Stat
  try {
    found = look(process, name, follow)
  } catch (error) {
    await complain(process, `cannot statx ${quoteFile(process, name)}: ${errorText(error)}`)
    return false
  }
  const link =
    found.type === 'symlink' ? attempt(() => process.fs.readlink(absolute(process, name), process.who)) : undefined
  const target = link && 'value' in link ? link.value : undefined
  const shown = { process, name, stat: found, target, mountPoint: () => mountOf(process, absolute(process, name)).path }
  const isUtf8 = speaksUtf8(process)
  const quoted = (text: string): string => quoteName(text, 'shell-escape', isUtf8)
  const title = `  File: ${quoted(name)}${target === undefined ? '' : ` -> ${quoted(target)}`}\n`
  await process.stdout.write(
    format === undefined ? title + formatStat(plain(found), shown, false) : formatStat(format, shown, backslashes),
  )
  return true
}

const showSystem = async (
  process: Process,
  name: string,
  format: string | undefined,
  backslashes: boolean,
): Promise<boolean> => {
  const known = attempt(() => look(process, name, true))
  if ('error' in known) {
    await complain(process, `cannot read file system information for ${quoteFile(process, name)}: ${known.error}`)
    return false
  }
  const mount = mountOf(process, absolute(process, name))
  const space = spaceOf(process, mount)
  const values = new Map<string, string | number>([
    ['a', space.available],
    ['b', space.blocks],
    ['c', space.inodes],
    ['d', space.inodesFree],
    ['f', space.free],
    ['i', space.id],
    ['l', 255],
    ['n', name],
    ['s', space.blockSize],
    ['S', space.blockSize],
    ['t', space.magic.toString(16)],
    ['T', space.typeName],
  ])
  const value = (letter: string): { text: string; kind: 'text' | 'number' } | undefined => {
    const found = values.get(letter)
    return found === undefined
      ? undefined
      : { text: String(found), kind: typeof found === 'number' ? 'number' : 'text' }
  }
  await process.stdout.write(
    format === undefined
      ? `  File: "${name}"\n${formatted(plainSystem, value, false)}`
      : formatted(format, value, backslashes),
  )
  return true
}
