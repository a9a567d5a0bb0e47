import { accountOf, groupOf } from '../../accounts.ts'
import { errorText } from '../../errors.ts'
import { type Process, type Program, SystemError } from '../../system.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import { type Option, type Parsed, usageMistake } from '../getopt.ts'
import { absolute, attempt, complain, statOf } from '../paths.ts'
import { quote, quoteFile } from '../quoting.ts'
import { copy, copyDefaults } from './copy.ts'
import { backupKind, backupOptions, targetsOf } from './cp.ts'
import { parseMode } from './modes.ts'
import { baseName, below, folderOf, look } from './names.ts'

const options: Option[] = [
  ...backupOptions,
  { short: 'c' },
  { short: 'C', long: 'compare' },
  { short: 'd', long: 'directory' },
  { short: 'D' },
  { short: 'g', long: 'group', argument: 'required' },
  { short: 'm', long: 'mode', argument: 'required' },
  { short: 'o', long: 'owner', argument: 'required' },
  { short: 'p', long: 'preserve-timestamps' },
  { short: 's', long: 'strip' },
  { long: 'strip-program', argument: 'required' },
  { short: 't', long: 'target-directory', argument: 'required' },
  { short: 'T', long: 'no-target-directory' },
  { short: 'v', long: 'verbose' },
  { short: 'Z' },
  { long: 'context', argument: 'optional' },
]

type Rights = { mode: number; uid: number; gid: number }

/** install(1) of GNU coreutils 9.1. */
export const install: Program = gnuProgram(
  options,
  async (process, parsed) => {
    const backup = backupKind(process, parsed)
    if (typeof backup === 'object') return usageMistake(process, backup.message)
    const rights = await rightsOf(process, parsed)
    if (typeof rights === 'number') return rights
    const verbose = parsed.has('verbose')
    if (parsed.has('directory')) {
      if (parsed.operands.length === 0) return usageError(process, 'missing file operand')
      let status = 0
      for (const path of parsed.operands) if (!(await makeAll(process, path, rights, verbose))) status = 1
      return status
    }
    const into = parsed.value('target-directory')
    const plain = { mode: 0o755, uid: -1, gid: -1 }
    if (parsed.has('D')) {
      const last = into ?? (parsed.operands.length > 1 ? folderOf(parsed.operands.at(-1)!) : undefined)
      if (last !== undefined && !statOf(process, last) && !(await makeAll(process, last, plain, verbose))) return 1
    }
    const targets = await targetsOf(process, parsed)
    if (typeof targets === 'number') return targets
    let status = 0
    for (const source of targets.sources) {
      const to = targets.folder === undefined ? targets.file! : below(targets.folder, baseName(source))
      if (!(await installOne(process, parsed, source, to, rights, backup))) status = 1
    }
    return status
  },
  { usage: '[OPTION]... [-T] SOURCE DEST' },
)

const rightsOf = async (process: Process, parsed: Parsed): Promise<Rights | number> => {
  const rights: Rights = { mode: 0o755, uid: -1, gid: -1 }
  const mode = parsed.value('mode')
  const change = mode === undefined ? undefined : parseMode(mode)
  const [owner, group] = [parsed.value('owner'), parsed.value('group')]
  const fail = async (message: string): Promise<number> => {
    await complain(process, message)
    return 1
  }
  if (mode !== undefined) {
    if (!change) return fail(`invalid mode ${quote(process, mode)}`)
    rights.mode = change(0, false, 0)
  }
  const numeric = (text: string): number | undefined => (/^[0-9]{1,9}$/.test(text) ? Number(text) : undefined)
  if (owner !== undefined) {
    const uid = accountOf(process.fs, owner)?.uid ?? numeric(owner)
    if (uid === undefined) return fail(`invalid user ${quote(process, owner)}`)
    rights.uid = uid
  }
  if (group !== undefined) {
    const gid = groupOf(process.fs, group)?.gid ?? numeric(group)
    if (gid === undefined) return fail(`invalid group ${quote(process, group)}`)
    rights.gid = gid
  }
  return rights
}

const makeAll = async (process: Process, path: string, rights: Rights, verbose: boolean): Promise<boolean> => {
  const { fs, who } = process
  const parts: string[] = []
  for (let slash = path.indexOf('/', 1); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    if (slash < path.length - 1) parts.push(path.slice(0, slash))
  }
  for (const part of [...parts, path]) {
    const isLast = part === path
    try {
      if (part === '') throw new SystemError('ENOENT')
      if (statOf(process, part)?.type !== 'directory') {
        fs.mkdir(absolute(process, part), 0o755, who)
        if (verbose) await process.stdout.write(`${process.argv[0]}: creating directory ${quoteFile(process, part)}\n`)
      }
      if (isLast) setRights(process, part, rights)
    } catch (error) {
      await complain(process, `cannot create directory ${quote(process, part)}: ${errorText(error)}`)
      return false
    }
  }
  return true
}

const setRights = ({ fs, who, cwd }: Process, path: string, { mode, uid, gid }: Rights): void => {
  const full = path.startsWith('/') ? path : `${cwd}/${path}`
  if (uid !== -1 || gid !== -1) fs.chown(full, uid, gid, who)
  fs.chmod(full, mode, who)
}

const installOne = async (
  process: Process,
  parsed: Parsed,
  from: string,
  to: string,
  rights: Rights,
  backup: ReturnType<typeof copyDefaults>['backup'],
): Promise<boolean> => {
  const source = attempt(() => look(process, from, true))
  if ('value' in source && source.value.type === 'directory') {
    await complain(process, `omitting directory ${quoteFile(process, from)}`)
    return false
  }
  const copying = {
    ...copyDefaults(process),
    backup,
    suffix: parsed.value('suffix') ?? '~',
    verbose: parsed.has('verbose'),
    removeFirst: true,
    preserve: { mode: false, owner: false, times: parsed.has('preserve-timestamps'), links: false },
  }
  if (!(await copy(copying, from, to))) return false
  try {
    setRights(process, to, rights)
  } catch (error) {
    await complain(
      process,
      `cannot change ${rights.uid === -1 ? 'permissions' : 'ownership'} of ${quoteFile(process, to)}: ${errorText(error)}`,
    )
    return false
  }
  return true
}
