import type { Process, Program } from '../../../system.ts'
import { getopt } from '../../getopt.ts'
import { accountBy, say } from '../facts.ts'
import { append, change, freeId, removeRow, rowNamed, rowsOf, setMember } from './database.ts'

const complain = async (process: Process, message: string, status: number): Promise<number> => {
  await process.stderr.write(`${message}\n`)
  return status
}
const unprivileged = (process: Process, program: string, status = 10): Promise<number> | undefined =>
  process.who.uid === 0
    ? undefined
    : complain(process, `${program}: Permission denied.\n${program}: cannot lock /etc/group; try again later.`, status)

/** groupadd(8) of shadow 4.13. */
export const groupadd: Program = async process => {
  const usage = 'Usage: groupadd [options] GROUP'
  const parsed = getopt(process.argv, [
    { short: 'f', long: 'force' },
    { short: 'g', long: 'gid', argument: 'required' },
    { short: 'h', long: 'help' },
    { short: 'K', long: 'key', argument: 'required' },
    { short: 'o', long: 'non-unique' },
    { short: 'p', long: 'password', argument: 'required' },
    { short: 'r', long: 'system' },
    { short: 'R', long: 'root', argument: 'required' },
    { short: 'P', long: 'prefix', argument: 'required' },
    { short: 'U', long: 'users', argument: 'required' },
  ])
  if (typeof parsed === 'string') return complain(process, `${parsed}\n${usage}`, 2)
  const { has, value, operands } = parsed
  if (has('help')) return say(process, `${usage}\n`)
  if (operands.length !== 1) return complain(process, usage, 2)
  const [name = ''] = operands
  if (!/^[A-Za-z_][A-Za-z0-9_-]*\$?$/.test(name))
    return complain(process, `groupadd: '${name}' is not a valid group name`, 3)
  const rows = rowsOf(process, 'group')
  if (rowNamed(rows, name)) return has('force') ? 0 : complain(process, `groupadd: group '${name}' already exists`, 9)
  const wanted = value('gid')
  if (wanted !== undefined && !/^\d{1,10}$/.test(wanted))
    return complain(process, `groupadd: invalid group ID '${wanted}'`, 3)
  if (wanted !== undefined && !has('non-unique') && rows.some(row => row[2] === wanted))
    return complain(process, `groupadd: GID '${wanted}' already exists`, 4)
  const refused = unprivileged(process, 'groupadd')
  if (refused) return refused
  append(process, 'group', [name, 'x', wanted ?? `${freeId(rows, has('system'))}`, value('users') ?? ''])
  append(process, 'gshadow', [name, value('password') ?? '!', '', value('users') ?? ''])
  return 0
}

/** groupdel(8) of shadow 4.13. */
export const groupdel: Program = async process => {
  const usage = 'Usage: groupdel [options] GROUP'
  const parsed = getopt(process.argv, [
    { short: 'f', long: 'force' },
    { short: 'h', long: 'help' },
    { short: 'R', long: 'root', argument: 'required' },
    { short: 'P', long: 'prefix', argument: 'required' },
  ])
  if (typeof parsed === 'string') return complain(process, `${parsed}\n${usage}`, 2)
  if (parsed.has('help')) return say(process, `${usage}\n`)
  if (parsed.operands.length !== 1) return complain(process, usage, 2)
  const [name = ''] = parsed.operands
  const row = rowNamed(rowsOf(process, 'group'), name)
  if (!row) return complain(process, `groupdel: group '${name}' does not exist`, 6)
  const user = rowsOf(process, 'passwd').find(one => one[3] === row[2])
  if (user && !parsed.has('force'))
    return complain(process, `groupdel: cannot remove the primary group of user '${user[0]}'`, 8)
  const refused = unprivileged(process, 'groupdel')
  if (refused) return refused
  removeRow(process, 'group', name)
  removeRow(process, 'gshadow', name)
  return 0
}

/** groupmod(8) of shadow 4.13. */
export const groupmod: Program = async process => {
  const usage = 'Usage: groupmod [options] GROUP'
  const parsed = getopt(process.argv, [
    { short: 'a', long: 'append' },
    { short: 'g', long: 'gid', argument: 'required' },
    { short: 'h', long: 'help' },
    { short: 'n', long: 'new-name', argument: 'required' },
    { short: 'o', long: 'non-unique' },
    { short: 'p', long: 'password', argument: 'required' },
    { short: 'R', long: 'root', argument: 'required' },
    { short: 'P', long: 'prefix', argument: 'required' },
    { short: 'U', long: 'users', argument: 'required' },
  ])
  if (typeof parsed === 'string') return complain(process, `${parsed}\n${usage}`, 2)
  if (parsed.has('help')) return say(process, `${usage}\n`)
  if (parsed.operands.length !== 1) return complain(process, usage, 2)
  const [name = ''] = parsed.operands
  const rows = rowsOf(process, 'group')
  if (!rowNamed(rows, name)) return complain(process, `groupmod: group '${name}' does not exist`, 6)
  const [gid, renamed] = [parsed.value('gid'), parsed.value('new-name')]
  if (gid !== undefined && !/^\d{1,10}$/.test(gid)) return complain(process, `groupmod: invalid group ID '${gid}'`, 3)
  if (gid !== undefined && !parsed.has('non-unique') && rows.some(row => row[2] === gid))
    return complain(process, `groupmod: GID '${gid}' already exists`, 4)
  if (renamed !== undefined && rowNamed(rows, renamed))
    return complain(process, `groupmod: group '${renamed}' already exists`, 9)
  const refused = unprivileged(process, 'groupmod')
  if (refused) return refused
  const clean = renamed?.replace(/[:\n]/g, '')
  change(process, 'group', name, row => {
    if (gid !== undefined) row[2] = gid
    if (clean !== undefined) row[0] = clean
  })
  if (clean !== undefined)
    change(process, 'gshadow', name, row => {
      row[0] = clean
    })
  return 0
}

/** gpasswd(1) of shadow 4.13. */
export const gpasswd: Program = async process => {
  const usage = 'Usage: gpasswd [option] GROUP'
  const parsed = getopt(process.argv, [
    { short: 'a', long: 'add', argument: 'required' },
    { short: 'd', long: 'delete', argument: 'required' },
    { short: 'h', long: 'help' },
    { short: 'Q', long: 'root', argument: 'required' },
    { short: 'r', long: 'remove-password' },
    { short: 'R', long: 'restrict' },
    { short: 'M', long: 'members', argument: 'required' },
    { short: 'A', long: 'administrators', argument: 'required' },
  ])
  if (typeof parsed === 'string') return complain(process, `${parsed}\n${usage}`, 2)
  if (parsed.has('help')) return say(process, `${usage}\n`)
  if (parsed.operands.length !== 1) return complain(process, usage, 2)
  const [group = ''] = parsed.operands
  const row = rowNamed(rowsOf(process, 'group'), group)
  if (!row) return complain(process, `gpasswd: group '${group}' does not exist in /etc/group`, 3)
  const user = parsed.value('add') ?? parsed.value('delete')
  if (process.who.uid !== 0) return complain(process, 'gpasswd: Permission denied.', 1)
  if (parsed.has('members')) {
    const members = parsed.value('members')!.replace(/[:\n]/g, '')
    for (const which of ['group', 'gshadow'] as const)
      change(process, which, group, fields => {
        fields[3] = members
      })
    return 0
  }
  if (user === undefined) return 0
  if (parsed.has('add') && !accountBy(process, user))
    return complain(process, `gpasswd: user '${user}' does not exist`, 3)
  if (parsed.has('add')) {
    await process.stdout.write(`Adding user ${user} to group ${group}\n`)
    setMember(process, group, user, true)
    process.host.witness.account({ user, change: 'changed' })
    return 0
  }
  await process.stdout.write(`Removing user ${user} from group ${group}\n`)
  if (!(row[3] ?? '').split(',').includes(user))
    return complain(process, `gpasswd: user '${user}' is not a member of '${group}'`, 3)
  setMember(process, group, user, false)
  return 0
}
