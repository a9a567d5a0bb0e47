import { accountOf, groupOf } from '../../accounts.ts'
import { errorText } from '../../errors.ts'
import type { Process, Program, Stat } from '../../system.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import type { Option, Parsed } from '../getopt.ts'
import { absolute, attempt, complain } from '../paths.ts'
import { quote, quoteFile } from '../quoting.ts'
import { below, look } from './names.ts'
import { breathe } from './work.ts'

const options: Option[] = [
  ...[...'HLP'].map(short => ({ short })),
  { short: 'c', long: 'changes' },
  { short: 'f', long: 'silent' },
  { long: 'quiet' },
  { short: 'v', long: 'verbose' },
  { short: 'R', long: 'recursive' },
  { short: 'h', long: 'no-dereference' },
  { long: 'dereference' },
  { long: 'no-preserve-root' },
  { long: 'preserve-root' },
  { long: 'from', argument: 'required' },
  { long: 'reference', argument: 'required' },
]

type Owner = { uid: number; gid: number; user?: string; group?: string }
type Run = {
  process: Process
  owner: Owner
  from: Owner | undefined
  report: 'all' | 'changes' | 'none'
  quiet: boolean
  recursive: boolean
  follow: boolean
  onlyGroup: boolean
}

const mostId = 0xffff_fffe

/** An owner as chown(1) takes it: `user`, `user:group`, `:group`, `user:` for their own group; numbers too. */
export const parseOwner = (process: Process, spec: string): Owner | { message: string; warning?: string } => {
  const parsed = ownerWith(process, spec, ':')
  if (!('message' in parsed) || spec.includes(':') || !spec.includes('.')) return parsed
  const dotted = ownerWith(process, spec, '.')
  return 'message' in dotted ? parsed : dotted
}

const ownerWith = (process: Process, spec: string, separator: string): Owner | { message: string } => {
  const at = spec.indexOf(separator)
  const user = at < 0 ? spec : spec.slice(0, at)
  const group = at < 0 ? '' : spec.slice(at + 1)
  const owner: Owner = { uid: -1, gid: -1 }
  if (user !== '') {
    const account = accountOf(process.fs, user)
    const uid = account?.uid ?? idOf(user)
    if (uid === undefined) return { message: `invalid user: ${quote(process, spec)}` }
    owner.uid = uid
    owner.user = user
    if (at >= 0 && group === '') {
      if (!account) return { message: `invalid spec: ${quote(process, spec)}` }
      owner.gid = account.gid
      owner.group = groupOf(process.fs, account.gid)?.name ?? String(account.gid)
    }
  }
  if (group !== '') {
    const gid = groupOf(process.fs, group)?.gid ?? idOf(group)
    if (gid === undefined) return { message: `invalid group: ${quote(process, spec)}` }
    owner.gid = gid
    owner.group = group
  }
  return owner
}

const idOf = (text: string): number | undefined => {
  const found = /^\+?([0-9]{1,10})$/.exec(text)
  return found && Number(found[1]) <= mostId ? Number(found[1]) : undefined
}

const changeOwner = async (process: Process, parsed: Parsed, onlyGroup: boolean): Promise<number> => {
  const reference = parsed.value('reference')
  const operands = [...parsed.operands]
  const least = reference === undefined ? 2 : 1
  if (operands.length < least) {
    return usageError(
      process,
      operands.length === 0 ? 'missing operand' : `missing operand after ${quote(process, operands[0]!)}`,
    )
  }
  const run: Run = {
    process,
    owner: { uid: -1, gid: -1 },
    from: undefined,
    report: parsed.has('verbose') ? 'all' : parsed.has('changes') ? 'changes' : 'none',
    quiet: parsed.has('silent') || parsed.has('quiet'),
    recursive: parsed.has('recursive'),
    follow: !parsed.has('no-dereference') && !(parsed.has('recursive') && !parsed.has('L') && !parsed.has('H')),
    onlyGroup,
  }
  if (reference !== undefined) {
    const found = attempt(() => look(process, reference, true))
    if ('error' in found) {
      await complain(process, `failed to get attributes of ${quoteFile(process, reference)}: ${found.error}`)
      return 1
    }
    const { uid, gid } = found.value
    run.owner = { uid: onlyGroup ? -1 : uid, gid, user: userName(process, uid), group: groupName(process, gid) }
  } else {
    const spec = operands.shift()!
    const found = onlyGroup ? groupOnly(process, spec) : parseOwner(process, spec)
    if ('message' in found) {
      await complain(process, found.message)
      return 1
    }
    if (!onlyGroup && !spec.includes(':') && spec.includes('.') && found.group !== undefined)
      await complain(process, `warning: '.' should be ':': ${quote(process, spec)}`)
    run.owner = found
  }
  const from = parsed.value('from')
  if (from !== undefined) {
    const found = parseOwner(process, from)
    if ('message' in found) {
      await complain(process, found.message)
      return 1
    }
    run.from = found
  }
  let status = 0
  for (const path of operands) {
    if (run.recursive && parsed.has('preserve-root') && path === '/') {
      await complain(process, "it is dangerous to operate recursively on '/'")
      await complain(process, 'use --no-preserve-root to override this failsafe')
      status = 1
    } else if (!(await ownOne(run, path, 0))) status = 1
  }
  return status
}

const groupOnly = (process: Process, spec: string): Owner | { message: string } => {
  const gid = spec === '' ? -1 : (groupOf(process.fs, spec)?.gid ?? idOf(spec))
  return gid === undefined ? { message: `invalid group: ${quote(process, spec)}` } : { uid: -1, gid, group: spec }
}

const userName = (process: Process, uid: number): string => accountOf(process.fs, uid)?.name ?? String(uid)
const groupName = (process: Process, gid: number): string => groupOf(process.fs, gid)?.name ?? String(gid)

const ownOne = async (run: Run, path: string, depth: number): Promise<boolean> => {
  const { process, owner, from, quiet, recursive, follow } = run
  const name = quoteFile(process, path)
  const say = async (message: string): Promise<false> => {
    if (!quiet) await complain(process, message)
    return false
  }
  let stat: Stat
  try {
    stat = look(process, path, follow && depth === 0)
  } catch (error) {
    const text = errorText(error)
    const dangling = text === 'No such file or directory' && attempt(() => look(process, path))
    return say(`${dangling && 'value' in dangling ? 'cannot dereference' : 'cannot access'} ${name}: ${text}`)
  }
  let complete = true
  if (recursive && stat.type === 'directory' && depth < 1000) {
    const names = attempt(() => process.fs.readdir(absolute(process, path), process.who))
    if ('error' in names) complete = await say(`cannot read directory ${name}: ${names.error}`)
    else {
      for (const entry of names.value) {
        await breathe(process)
        if (!(await ownOne(run, below(path, entry), depth + 1))) complete = false
      }
    }
  }
  if (from && ((from.uid !== -1 && from.uid !== stat.uid) || (from.gid !== -1 && from.gid !== stat.gid)))
    return complete
  try {
    process.fs.chown(absolute(process, path), owner.uid, owner.gid, process.who, follow && depth === 0)
    await report(run, name, stat)
  } catch (error) {
    await say(`changing ${run.onlyGroup ? 'group' : 'ownership'} of ${name}: ${errorText(error)}`)
    complete = false
  }
  return complete
}

const report = async (run: Run, name: string, before: Stat): Promise<void> => {
  const { process, owner, onlyGroup } = run
  const changed = (owner.uid !== -1 && owner.uid !== before.uid) || (owner.gid !== -1 && owner.gid !== before.gid)
  if (run.report === 'none' || (run.report === 'changes' && !changed)) return
  const pair = (user: string | undefined, group: string | undefined): string =>
    user === undefined
      ? onlyGroup || group === undefined
        ? (group ?? '')
        : `:${group}`
      : group === undefined
        ? user
        : `${user}:${group}`
  const now = pair(owner.user, owner.group)
  const [oldUser, oldGroup] = [userName(process, before.uid), groupName(process, before.gid)]
  const was = onlyGroup
    ? oldGroup
    : pair(
        owner.user === undefined ? (owner.group === undefined ? undefined : oldUser) : oldUser,
        owner.group === undefined ? undefined : oldGroup,
      )
  const what = onlyGroup ? 'group' : 'ownership'
  await process.stdout.write(
    changed
      ? `changed ${what} of ${name} from ${was} to ${now}\n`
      : `${what} of ${name} retained${onlyGroup || now !== '' ? ` as ${onlyGroup ? oldGroup : was === '' ? now : pair(owner.user === undefined ? undefined : oldUser, owner.group === undefined ? undefined : oldGroup)}` : ''}\n`,
  )
}

/** chown(1) of GNU coreutils 9.1. */
export const chown: Program = gnuProgram(options, (process, parsed) => changeOwner(process, parsed, false), {
  usage: '[OPTION]... [OWNER][:[GROUP]] FILE...',
})
/** chgrp(1) of GNU coreutils 9.1. */
export const chgrp: Program = gnuProgram(options, (process, parsed) => changeOwner(process, parsed, true), {
  usage: '[OPTION]... GROUP FILE...',
})
