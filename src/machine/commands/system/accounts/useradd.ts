import type { Process, Program } from '../../../system.ts'
import { getopt, type Option } from '../../getopt.ts'
import { accountBy, may, say } from '../facts.ts'
import {
  append,
  change,
  freeId,
  furnishHome,
  kernel,
  makeFolder,
  removeRow,
  removeTree,
  rowNamed,
  rowsOf,
  setMember,
  today,
  writeRows,
} from './database.ts'

const complain = async (process: Process, message: string, status: number): Promise<number> => {
  await process.stderr.write(`${message}\n`)
  return status
}

/** What only root may do; shadow's programs fail at the lock. */
const unprivileged = (process: Process, program: string, file = 'passwd'): Promise<number> | undefined =>
  process.who.uid === 0
    ? undefined
    : complain(process, `${program}: Permission denied.\n${program}: cannot lock /etc/${file}; try again later.`, 1)

const number = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined

const goodName = /^[A-Za-z_][A-Za-z0-9_-]*\$?$/

const addOptions: Option[] = [
  { long: 'badname' },
  { short: 'b', long: 'base-dir', argument: 'required' },
  { long: 'btrfs-subvolume-home' },
  { short: 'c', long: 'comment', argument: 'required' },
  { short: 'd', long: 'home-dir', argument: 'required' },
  { short: 'D', long: 'defaults' },
  { short: 'e', long: 'expiredate', argument: 'required' },
  { short: 'f', long: 'inactive', argument: 'required' },
  { short: 'F', long: 'add-subids-for-system' },
  { short: 'g', long: 'gid', argument: 'required' },
  { short: 'G', long: 'groups', argument: 'required' },
  { short: 'h', long: 'help' },
  { short: 'k', long: 'skel', argument: 'required' },
  { short: 'K', long: 'key', argument: 'required' },
  { short: 'l', long: 'no-log-init' },
  { short: 'm', long: 'create-home' },
  { short: 'M', long: 'no-create-home' },
  { short: 'N', long: 'no-user-group' },
  { short: 'o', long: 'non-unique' },
  { short: 'p', long: 'password', argument: 'required' },
  { short: 'r', long: 'system' },
  { short: 'R', long: 'root', argument: 'required' },
  { short: 'P', long: 'prefix', argument: 'required' },
  { short: 's', long: 'shell', argument: 'required' },
  { short: 'u', long: 'uid', argument: 'required' },
  { short: 'U', long: 'user-group' },
  { short: 'Z', long: 'selinux-user', argument: 'required' },
]

/** useradd(8) of shadow 4.13 with Debian's /etc/default/useradd: no home unless asked for, /bin/sh. */
export const useradd: Program = async process => {
  const parsed = getopt(process.argv, addOptions)
  if (typeof parsed === 'string') return complain(process, `${parsed}\n${addUsage.trimEnd()}`, 2)
  const { has, value, operands } = parsed
  if (has('help')) return say(process, addUsage)
  if (has('defaults') && operands.length === 0)
    return say(
      process,
      'GROUP=100\nHOME=/home\nINACTIVE=-1\nEXPIRE=\nSHELL=/bin/sh\nSKEL=/etc/skel\nCREATE_MAIL_SPOOL=no\nLOG_INIT=yes\n',
    )
  if (operands.length !== 1) return complain(process, addUsage.trimEnd(), 2)
  const [name = ''] = operands
  const refuse = (message: string, status: number): Promise<number> => complain(process, `useradd: ${message}`, status)
  if ((!goodName.test(name) && !has('badname')) || name.length > 32 || /[:\n]/.test(name))
    return refuse(`invalid user name '${name}': use --badname to ignore`, 3)
  const shell = value('shell') ?? '/bin/sh'
  if (/[:\n]/.test(shell)) return refuse(`invalid shell '${shell}'`, 3)
  if (shell !== '' && !may(process, shell, 1, kernel))
    await process.stderr.write(`useradd: Warning: missing or non-executable shell '${shell}'\n`)
  const groups = rowsOf(process, 'group')
  const groupBy = (text: string): string[] | undefined => rowNamed(groups, text) ?? groups.find(row => row[2] === text)
  const primary = value('gid')
  if (primary !== undefined && !groupBy(primary)) return refuse(`group '${primary}' does not exist`, 6)
  const others = (value('groups') ?? '').split(',').filter(Boolean).slice(0, 100)
  for (const other of others) if (!groupBy(other)) return refuse(`group '${other}' does not exist`, 6)
  const refused = unprivileged(process, 'useradd')
  if (refused) return refused
  const users = rowsOf(process, 'passwd')
  if (rowNamed(users, name)) return refuse(`user '${name}' already exists`, 9)
  const system = has('system')
  const ownGroup = primary === undefined && !has('no-user-group')
  if (ownGroup && rowNamed(groups, name))
    return refuse(`group ${name} exists - if you want to add this user to that group, use -g.`, 9)
  const wanted = value('uid')
  const uid = wanted === undefined ? freeId(users, system) : number(wanted)
  if (uid === undefined) return refuse(`invalid user ID '${wanted}'`, 3)
  if (!has('non-unique') && users.some(row => row[2] === `${uid}`)) return refuse(`UID ${uid} is not unique`, 4)
  const [low, high] = system ? [100, 999] : [1000, 60_000]
  if (wanted !== undefined && (uid < low || uid > high))
    await process.stderr.write(
      `useradd warning: ${name}'s uid ${uid} outside of the ${system ? 'SYS_' : ''}UID_MIN ${low} and ${system ? 'SYS_' : ''}UID_MAX ${high} range.\n`,
    )
  const groupIds = new Set(groups.map(row => row[2]))
  const gid =
    primary !== undefined
      ? Number(groupBy(primary)![2])
      : ownGroup
        ? groupIds.has(`${uid}`)
          ? freeId(groups, system)
          : uid
        : 100
  const home = value('home-dir') ?? `${value('base-dir') ?? '/home'}/${name}`
  const expires = value('expiredate')
  if (ownGroup) {
    append(process, 'group', [name, 'x', `${gid}`, ''])
    append(process, 'gshadow', [name, '!', '', ''])
  }
  append(process, 'passwd', [name, 'x', `${uid}`, `${gid}`, value('comment') ?? '', home, shell])
  const password = value('password')
  append(process, 'shadow', [
    name,
    password ?? '!',
    `${today(process)}`,
    system ? '' : '0',
    system ? '' : '99999',
    system ? '' : '7',
    value('inactive') ?? '',
    expires ? `${Math.floor(Date.parse(expires) / 86_400_000) || ''}` : '',
    '',
  ])
  for (const other of others) setMember(process, groupBy(other)![0]!, name, true)
  if (!system) addSubordinates(process, name)
  if (has('create-home')) {
    const exists = !makeFolder(process, home, 0o755)
    if (exists)
      await process.stderr.write(
        `useradd: warning: the home directory ${home} already exists.\nuseradd: Not copying any file from skel directory into it.\n`,
      )
    else furnishHome(process, home, uid, gid, value('skel'))
  }
  process.host.witness.account({ user: name, change: 'created', ...(password === undefined ? {} : { password }) })
  return 0
}

const addUsage = 'Usage: useradd [options] LOGIN\n       useradd -D\n       useradd -D [options]\n'

/** The next 65536 subordinate numbers. */
const addSubordinates = (process: Process, name: string): void => {
  for (const which of ['subuid', 'subgid'] as const) {
    const rows = rowsOf(process, which)
    const next = Math.max(100_000, ...rows.map(row => Number(row[1]) + Number(row[2])))
    writeRows(process, which, [...rows, [name, `${next}`, '65536']])
  }
}

/** userdel(8) of shadow 4.13. */
export const userdel: Program = async process => {
  const usage = 'Usage: userdel [options] LOGIN\n'
  const parsed = getopt(process.argv, [
    { short: 'f', long: 'force' },
    { short: 'h', long: 'help' },
    { short: 'r', long: 'remove' },
    { short: 'R', long: 'root', argument: 'required' },
    { short: 'P', long: 'prefix', argument: 'required' },
    { short: 'Z', long: 'selinux-user' },
  ])
  if (typeof parsed === 'string') return complain(process, `${parsed}\n${usage.trimEnd()}`, 2)
  if (parsed.has('help')) return say(process, usage)
  if (parsed.operands.length !== 1) return complain(process, usage.trimEnd(), 2)
  const [name = ''] = parsed.operands
  const account = accountBy(process, name)
  if (!account || account.name !== name) return complain(process, `userdel: user '${name}' does not exist`, 6)
  const refused = unprivileged(process, 'userdel')
  if (refused) return refused
  const running = process.host.processes.list().find(({ uid, exe }) => uid === account.uid && exe !== '')
  if (running && !parsed.has('force'))
    return complain(process, `userdel: user ${name} is currently used by process ${running.pid}`, 8)
  dropAccount(process, name)
  if (parsed.has('remove')) {
    const spool = `/var/mail/${name}`
    if (may(process, spool, 0, kernel)) removeTree(process, spool)
    else await process.stderr.write(`userdel: ${name} mail spool (${spool}) not found\n`)
    if (may(process, account.home, 0, kernel) && account.home !== '/') removeTree(process, account.home)
    else await process.stderr.write(`userdel: ${name} home directory (${account.home}) not found\n`)
  }
  return 0
}

/** Takes an account out of all databases, with the group of its name, and tells of it. */
export const dropAccount = (process: Process, name: string): void => {
  for (const which of ['passwd', 'shadow', 'subuid', 'subgid'] as const) removeRow(process, which, name)
  const users = rowsOf(process, 'passwd')
  const groups = rowsOf(process, 'group')
  const own = rowNamed(groups, name)
  const unused = own && !users.some(row => row[3] === own[2]) && (own[3] ?? '').replace(name, '') === ''
  for (const which of ['group', 'gshadow'] as const) {
    const rows = rowsOf(process, which)
    const kept = rows.filter(row => !(unused && row[0] === name))
    for (const row of kept)
      row[3] = (row[3] ?? '')
        .split(',')
        .filter(member => member !== '' && member !== name)
        .join(',')
    writeRows(process, which, kept)
  }
  process.host.witness.account({ user: name, change: 'removed' })
}

const modOptions: Option[] = [
  { short: 'a', long: 'append' },
  { short: 'b', long: 'badname' },
  { short: 'c', long: 'comment', argument: 'required' },
  { short: 'd', long: 'home', argument: 'required' },
  { short: 'e', long: 'expiredate', argument: 'required' },
  { short: 'f', long: 'inactive', argument: 'required' },
  { short: 'g', long: 'gid', argument: 'required' },
  { short: 'G', long: 'groups', argument: 'required' },
  { short: 'h', long: 'help' },
  { short: 'l', long: 'login', argument: 'required' },
  { short: 'L', long: 'lock' },
  { short: 'm', long: 'move-home' },
  { short: 'o', long: 'non-unique' },
  { short: 'p', long: 'password', argument: 'required' },
  { short: 'P', long: 'prefix', argument: 'required' },
  { short: 'r', long: 'remove' },
  { short: 'R', long: 'root', argument: 'required' },
  { short: 's', long: 'shell', argument: 'required' },
  { short: 'u', long: 'uid', argument: 'required' },
  { short: 'U', long: 'unlock' },
  { short: 'v', long: 'add-subuids', argument: 'required' },
  { short: 'V', long: 'del-subuids', argument: 'required' },
  { short: 'w', long: 'add-subgids', argument: 'required' },
  { short: 'W', long: 'del-subgids', argument: 'required' },
  { short: 'Z', long: 'selinux-user', argument: 'required' },
]

/** usermod(8) of shadow 4.13. */
export const usermod: Program = async process => {
  const usage = 'Usage: usermod [options] LOGIN\n'
  const parsed = getopt(process.argv, modOptions)
  if (typeof parsed === 'string') return complain(process, `${parsed}\n${usage.trimEnd()}`, 2)
  const { has, value, operands } = parsed
  if (has('help')) return say(process, usage)
  if (operands.length !== 1) return complain(process, usage.trimEnd(), 2)
  const [name = ''] = operands
  const refuse = (message: string, status: number): Promise<number> => complain(process, `usermod: ${message}`, status)
  const users = rowsOf(process, 'passwd')
  const row = rowNamed(users, name)
  if (!row) return refuse(`user '${name}' does not exist`, 6)
  if (parsed.given.length === 0) return refuse('no options', 2)
  const groups = rowsOf(process, 'group')
  const groupBy = (text: string): string[] | undefined => rowNamed(groups, text) ?? groups.find(one => one[2] === text)
  const primary = value('gid')
  if (primary !== undefined && !groupBy(primary)) return refuse(`group '${primary}' does not exist`, 6)
  const others = (value('groups') ?? '').split(',').filter(Boolean).slice(0, 100)
  for (const other of others) if (!groupBy(other)) return refuse(`group '${other}' does not exist`, 6)
  const shell = value('shell')
  if (shell !== undefined && shell !== '' && !may(process, shell, 1, kernel))
    await process.stderr.write(`usermod: Warning: missing or non-executable shell '${shell}'\n`)
  const refused = unprivileged(process, 'usermod')
  if (refused) return refused
  const uid = value('uid')
  if (uid !== undefined && number(uid) === undefined) return refuse(`invalid user ID '${uid}'`, 3)
  if (uid !== undefined && !has('non-unique') && users.some(one => one !== row && one[2] === uid))
    return refuse(`UID '${uid}' already exists`, 4)
  const home = value('home')
  const oldHome = row[5] ?? ''
  if (home !== undefined && has('move-home') && !may(process, oldHome, 0, kernel))
    return refuse(
      `The previous home directory (${oldHome}) does not exist or is inaccessible. Move cannot be completed.`,
      0,
    )
  const login = value('login')
  if (login !== undefined && rowNamed(users, login)) return refuse(`user '${login}' already exists`, 9)
  change(process, 'passwd', name, fields => {
    const set = (index: number, text: string | undefined): void => {
      if (text !== undefined) fields[index] = text.replace(/[:\n]/g, '')
    }
    set(2, uid)
    if (primary !== undefined) set(3, groupBy(primary)![2])
    set(4, value('comment'))
    set(5, home)
    set(6, shell)
    set(0, login)
  })
  const password = value('password')
  change(process, 'shadow', name, fields => {
    if (password !== undefined) fields[1] = password.replace(/[:\n]/g, '')
    if (has('lock') && !fields[1]?.startsWith('!')) fields[1] = `!${fields[1] ?? ''}`
    if (has('unlock')) fields[1] = (fields[1] ?? '').replace(/^!/, '')
    if (value('inactive') !== undefined) fields[6] = value('inactive')!
    const expires = value('expiredate')
    if (expires !== undefined) fields[7] = expires === '' ? '' : `${Math.floor(Date.parse(expires) / 86_400_000) || ''}`
    if (login !== undefined) fields[0] = login
  })
  if (has('groups')) {
    const wanted = new Set(others.map(other => groupBy(other)![0]!))
    for (const [group = ''] of groups) {
      if (has('remove') ? wanted.has(group) : wanted.has(group) || !has('append'))
        setMemberIfNeeded(process, groups, group, name, has('remove') ? false : wanted.has(group))
    }
  }
  if (home !== undefined && has('move-home')) process.fs.rename(oldHome, home, kernel)
  process.host.witness.account({
    user: name,
    change: password === undefined ? 'changed' : 'password',
    ...(password === undefined ? {} : { password }),
  })
  return 0
}

const setMemberIfNeeded = (
  process: Process,
  groups: readonly string[][],
  group: string,
  user: string,
  member: boolean,
): void => {
  const members = (rowNamed(groups, group)?.[3] ?? '').split(',')
  if (members.includes(user) !== member) setMember(process, group, user, member)
}
