import { errorText } from '../../errors.ts'
import { type Process, type Program, type Stat, SystemError } from '../../system.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import type { Option, Parsed } from '../getopt.ts'
import { absolute, attempt, complain } from '../paths.ts'
import { quote, quoteFile } from '../quoting.ts'
import { type ModeChange, parseMode, permissionString } from './modes.ts'
import { below, look } from './names.ts'
import { breathe } from './work.ts'

const long: Option[] = [
  { short: 'c', long: 'changes' },
  { short: 'f', long: 'silent' },
  { long: 'quiet' },
  { short: 'v', long: 'verbose' },
  { short: 'R', long: 'recursive' },
  { long: 'no-preserve-root' },
  { long: 'preserve-root' },
  { long: 'reference', argument: 'required' },
]
// `chmod -x file`: letters of a mode look like options.
const modeLetters: Option[] = [...'rwxXstugoa,+=01234567'].map(short => ({ short }))

type Run = {
  process: Process
  change: ModeChange
  report: 'all' | 'changes' | 'none'
  quiet: boolean
  recursive: boolean
}

/** chmod(1) of GNU coreutils 9.1. */
export const chmod: Program = async process => {
  const { argv } = process
  const dashed = argv.findIndex((word, index) => index > 0 && /^-[rwxXstugoa,+=0-7]+$/.test(word))
  const before = argv.indexOf('--')
  const usesDash = dashed > 0 && (before < 0 || dashed < before) && !argv.some(word => word.startsWith('--reference'))
  const words = usesDash ? argv.filter((_, index) => index !== dashed) : argv
  const mode = usesDash ? argv[dashed] : undefined
  return gnuProgram([...long, ...modeLetters], (inner, parsed) => main(inner, parsed, mode))({
    ...process,
    argv: words,
  })
}

const main = async (process: Process, parsed: Parsed, dashed: string | undefined): Promise<number> => {
  const reference = parsed.value('reference')
  const operands = [...parsed.operands]
  const modeText = reference !== undefined ? undefined : (dashed ?? operands.shift())
  if (modeText === undefined && reference === undefined) return usageError(process, 'missing operand')
  if (operands.length === 0) {
    if (modeText === undefined) return usageError(process, 'missing operand')
    return usageError(process, `missing operand after ${quote(process, modeText)}`)
  }
  let change: ModeChange | undefined
  if (reference !== undefined) {
    const found = attempt(() => look(process, reference, true))
    if ('error' in found) {
      await complain(process, `failed to get attributes of ${quoteFile(process, reference)}: ${found.error}`)
      return 1
    }
    change = () => found.value.mode
  } else change = parseMode(modeText!)
  if (!change) return usageError(process, `invalid mode: ${quote(process, modeText!)}`)
  const run: Run = {
    process,
    change,
    report: parsed.has('verbose') ? 'all' : parsed.has('changes') ? 'changes' : 'none',
    quiet: parsed.has('silent') || parsed.has('quiet'),
    recursive: parsed.has('recursive'),
  }
  let status = 0
  for (const path of operands) {
    if (run.recursive && parsed.has('preserve-root') && path === '/') {
      await complain(process, "it is dangerous to operate recursively on '/'")
      await complain(process, 'use --no-preserve-root to override this failsafe')
      status = 1
    } else if (!(await changeOne(run, path, 0))) status = 1
  }
  return status
}

const shown = (mode: number): string => `${mode.toString(8).padStart(4, '0')} (${permissionString(mode)})`

const changeOne = async (run: Run, path: string, depth: number): Promise<boolean> => {
  const { process, change, report, quiet, recursive } = run
  const name = quoteFile(process, path)
  const say = async (message: string): Promise<false> => {
    if (!quiet) await complain(process, message)
    return false
  }
  let stat: Stat
  let link: Stat
  try {
    link = look(process, path)
    // Links found on the way are left alone.
    if (link.type === 'symlink' && depth > 0) {
      if (report === 'all') await process.stdout.write(`neither symbolic link ${name} nor referent has been changed\n`)
      return true
    }
  } catch (error) {
    await say(`cannot access ${name}: ${errorText(error)}`)
    if (report === 'all')
      await process.stdout.write(`failed to change mode of ${name} from 0000 (---------) to 0000 (---------)\n`)
    return false
  }
  try {
    stat = look(process, path, true)
  } catch (error) {
    if (error instanceof SystemError && error.errno === 'ENOENT' && link.type === 'symlink')
      return say(`cannot operate on dangling symlink ${name}`)
    return say(`cannot access ${name}: ${errorText(error)}`)
  }
  const mode = change(stat.mode, stat.type === 'directory', process.umask)
  let complete = true
  try {
    process.fs.chmod(absolute(process, path), mode, process.who)
    const changed = look(process, path, true).mode !== stat.mode
    if (report === 'all' || (report === 'changes' && changed)) {
      const what = changed ? `changed from ${shown(stat.mode)} to ${shown(mode)}` : `retained as ${shown(mode)}`
      await process.stdout.write(`mode of ${name} ${what}\n`)
    }
  } catch (error) {
    complete = await say(`changing permissions of ${name}: ${errorText(error)}`)
  }
  if (!recursive || stat.type !== 'directory' || depth > 1000 || (depth === 0 && link.type === 'symlink'))
    return complete
  const names = attempt(() => process.fs.readdir(absolute(process, path), process.who))
  if ('error' in names) return say(`cannot read directory ${name}: ${names.error}`)
  for (const entry of names.value) {
    await breathe(process)
    if (!(await changeOne(run, below(path, entry), depth + 1))) complete = false
  }
  return complete
}
