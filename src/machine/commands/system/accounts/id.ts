import { accountOf, groups as allGroups, credentialsOf } from '../../../accounts.ts'
import type { Credentials, Process, Program } from '../../../system.ts'
import { getopt, type Option, usageMistake } from '../../getopt.ts'
import { versioned } from '../../package-version.ts'
import { accountBy, groupName, loginName, say } from '../facts.ts'

const options: Option[] = [
  { short: 'a' },
  { short: 'Z', long: 'context' },
  { short: 'g', long: 'group' },
  { short: 'G', long: 'groups' },
  { short: 'n', long: 'name' },
  { short: 'r', long: 'real' },
  { short: 'u', long: 'user' },
  { short: 'z', long: 'zero' },
  { long: 'help' },
  { long: 'version' },
]

/** id(1) of GNU coreutils 9.1. */
export const id: Program = async process => {
  const parsed = getopt(process.argv, options)
  if (typeof parsed === 'string') return usageMistake(process, parsed)
  const { has, operands } = parsed
  if (has('help')) return say(process, 'Usage: id [OPTION]... [USER]...\n')
  if (has('version')) return say(process, versioned(process, 'id (GNU coreutils) @coreutils@\n'))
  const refuse = async (message: string): Promise<number> => {
    await process.stderr.write(`id: ${message}\n`)
    return 1
  }
  if (has('context')) return refuse('--context (-Z) works only on an SELinux-enabled kernel')
  const only = (['user', 'group', 'groups'] as const).filter(has)
  if (only.length > 1) return refuse('cannot print "only" of more than one choice')
  if (only.length === 0 && (has('real') || has('name')))
    return refuse('cannot print only names or real IDs in default format')
  if (only.length === 0 && has('zero')) return refuse('option --zero not permitted in default format')
  let status = 0
  const subjects: (string | undefined)[] = operands.length > 0 ? operands : [undefined]
  for (const operand of subjects) {
    const who = credentials(process, operand)
    if (!who) {
      await process.stderr.write(`id: '${operand}': no such user\n`)
      status = 1
      continue
    }
    await process.stdout.write(
      only.length === 0 ? `${describe(process, who)}\n` : one(process, who, only[0]!, has, operands.length > 1),
    )
  }
  return status
}

const credentials = (process: Process, operand: string | undefined): Credentials | undefined => {
  if (operand === undefined) return process.who
  const account = accountBy(process, operand.startsWith('+') ? operand.slice(1) : operand)
  return account && credentialsOf(process.fs, account)
}

/** The primary group first, each once. */
const groupsOf = ({ gid, groups }: Credentials): number[] => [...new Set([gid, ...groups])]

const describe = (process: Process, who: Credentials): string => {
  const named = (number: number, name: string | undefined): string =>
    name === undefined ? `${number}` : `${number}(${name})`
  const names = new Map(allGroups(process.fs).map(({ gid, name }) => [gid, name]))
  const list = groupsOf(who).map(gid => named(gid, names.get(gid)))
  return `uid=${named(who.uid, accountOf(process.fs, who.uid)?.name)} gid=${named(who.gid, names.get(who.gid))} groups=${list.join(',')}`
}

const one = (
  process: Process,
  who: Credentials,
  which: 'user' | 'group' | 'groups',
  has: (name: string) => boolean,
  many: boolean,
): string => {
  const zero = has('zero')
  const end = zero ? '\0' : '\n'
  const named = has('name')
  if (which === 'user') return (named ? (accountOf(process.fs, who.uid)?.name ?? `${who.uid}`) : `${who.uid}`) + end
  const show = (gid: number): string => (named ? groupName(process, gid) : `${gid}`)
  if (which === 'group') return show(who.gid) + end
  const text = groupsOf(who)
    .map(show)
    .join(zero ? '\0' : ' ')
  return zero ? `${text}\0${many ? '\0' : ''}` : text + end
}

/** whoami(1) of GNU coreutils 9.1. */
export const whoami: Program = async process => {
  const parsed = getopt(process.argv, [{ long: 'help' }, { long: 'version' }])
  if (typeof parsed === 'string') return usageMistake(process, parsed)
  if (parsed.has('help')) return say(process, 'Usage: whoami [OPTION]...\n')
  if (parsed.has('version')) return say(process, versioned(process, 'whoami (GNU coreutils) @coreutils@\n'))
  if (parsed.operands.length > 0) return usageMistake(process, `whoami: extra operand '${parsed.operands[0]}'`)
  const account = accountOf(process.fs, process.who.uid)
  if (account) return say(process, `${account.name}\n`)
  await process.stderr.write(`whoami: cannot find name for user ID ${process.who.uid}\n`)
  return 1
}

/** logname(1) of GNU coreutils 9.1. */
export const logname: Program = async process => {
  const parsed = getopt(process.argv, [{ long: 'help' }, { long: 'version' }])
  if (typeof parsed === 'string') return usageMistake(process, parsed)
  if (parsed.has('version')) return say(process, versioned(process, 'logname (GNU coreutils) @coreutils@\n'))
  if (parsed.operands.length > 0) return usageMistake(process, `logname: extra operand '${parsed.operands[0]}'`)
  const name = loginName(process)
  if (name !== undefined) return say(process, `${name}\n`)
  await process.stderr.write('logname: no login name\n')
  return 1
}

/** groups(1) of GNU coreutils 9.1. */
export const groups: Program = async process => {
  const parsed = getopt(process.argv, [{ long: 'help' }, { long: 'version' }])
  if (typeof parsed === 'string') return usageMistake(process, parsed)
  if (parsed.has('version')) return say(process, versioned(process, 'groups (GNU coreutils) @coreutils@\n'))
  const named = (who: Credentials): string =>
    groupsOf(who)
      .map(gid => groupName(process, gid))
      .join(' ')
  if (parsed.operands.length === 0) return say(process, `${named(process.who)}\n`)
  let status = 0
  for (const operand of parsed.operands) {
    const who = credentials(process, operand)
    if (who) await process.stdout.write(`${operand} : ${named(who)}\n`)
    else {
      await process.stderr.write(`groups: '${operand}': no such user\n`)
      status = 1
    }
  }
  return status
}
