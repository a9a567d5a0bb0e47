import type { Process, Program } from '../../../system.ts'
import { getopt, type Option } from '../../getopt.ts'
import { versioned } from '../../package-version.ts'
import { readAll } from '../../paths.ts'
import { accountBy, calledAs, may, say } from '../facts.ts'
import { ask } from './ask.ts'
import {
  append,
  change,
  freeId,
  furnishHome,
  kernel,
  removeRow,
  removeTree,
  rowNamed,
  rowsOf,
  setMember,
  today,
  writeRows,
} from './database.ts'
import { setPassword } from './passwd.ts'
import { dropAccount } from './useradd.ts'

const options: Option[] = [
  ...[
    'allow-bad-names',
    'allow-badname',
    'force-badname',
    'disabled-login',
    'disabled-password',
    'no-create-home',
    'system',
    'group',
    'quiet',
    'debug',
    'allow-all-names',
    'add_extra_groups',
    'add-extra-groups',
    'ingroup-only',
  ].map(long => ({ long })),
  ...[
    'gecos',
    'comment',
    'home',
    'shell',
    'uid',
    'gid',
    'ingroup',
    'firstuid',
    'lastuid',
    'firstgid',
    'lastgid',
    'conf',
  ].map(long => ({ long, argument: 'required' as const })),
  { short: 'q' },
  { short: 'h', long: 'help' },
  { short: 'v', long: 'version' },
]

const complain = async (process: Process, message: string, status = 1): Promise<number> => {
  await process.stderr.write(`${calledAs(process)}: ${message}\n`)
  return status
}

/** adduser(8) and addgroup(8) of Debian's adduser 3.134. */
export const adduser: Program = async process => {
  const parsed = getopt(process.argv, options)
  const program = calledAs(process)
  if (typeof parsed === 'string') {
    // Perl's Getopt::Long words it so.
    const option = /'-*([^']+)'/.exec(parsed)?.[1] ?? ''
    await process.stderr.write(`Unknown option: ${option}\n`)
    return 1
  }
  const { has, value, operands } = parsed
  if (has('version')) return say(process, versioned(process, `${program} version @adduser@\n`))
  if (has('help')) return say(process, 'adduser [--uid id] [--firstuid id] [--lastuid id] user\n')
  if (process.who.uid !== 0) return complain(process, 'Only root may add a user or group to the system.')
  const [name = '', group] = operands
  if (operands.length === 0 || operands.length > 2) return complain(process, 'Only one or two names allowed.')
  if (program === 'addgroup' || (has('group') && !has('system'))) {
    if (operands.length === 2) return toGroup(process, name, group!)
    return newGroup(process, name, value('gid'), has('system'))
  }
  if (group !== undefined) return toGroup(process, name, group)
  const told = (text: string): Promise<void> =>
    has('quiet') || has('q') ? Promise.resolve() : process.stdout.write(`${text}\n`)
  const bad = has('allow-bad-names') || has('force-badname') || has('allow-badname') || has('allow-all-names')
  if (!/^[a-z][-a-z0-9_]*\$?$/.test(name) && !(bad && /^[A-Za-z_.][-A-Za-z0-9_.]*\$?$/.test(name)))
    return complain(
      process,
      "Please enter a username matching the regular expression\n            configured via the NAME_REGEX configuration variable.  Use the\n            `--allow-bad-names' option to relax this check or reconfigure\n            NAME_REGEX in configuration.",
    )
  const users = rowsOf(process, 'passwd')
  if (rowNamed(users, name)) {
    if (!has('system')) return complain(process, `The user \`${name}' already exists.`)
    await process.stderr.write(`The system user \`${name}' already exists. Exiting.\n`)
    return 0
  }
  const wanted = value('uid')
  if (wanted !== undefined && users.some(row => row[2] === wanted))
    return complain(process, `The UID ${wanted} is already in use.`)
  if (has('system')) return systemUser(process, name, { wanted, told, parsed })
  const groups = rowsOf(process, 'group')
  const ingroup = value('ingroup') ?? value('gid')
  const into = ingroup === undefined ? undefined : (rowNamed(groups, ingroup) ?? groups.find(row => row[2] === ingroup))
  if (ingroup !== undefined && !into) return complain(process, `The group \`${ingroup}' does not exist.`)
  const uid = wanted === undefined ? Math.max(freeId(users, false), freeId(groups, false)) : Number(wanted)
  const gid = into ? Number(into[2]) : uid
  const home = value('home') ?? `/home/${name}`
  await told(`Adding user \`${name}' ...`)
  if (!into) {
    await told(`Adding new group \`${name}' (${gid}) ...`)
    append(process, 'group', [name, 'x', `${gid}`, ''])
    append(process, 'gshadow', [name, '!', '', ''])
  }
  await told(`Adding new user \`${name}' (${uid}) with group \`${into?.[0] ?? name} (${gid})' ...`)
  const gecos = value('gecos') ?? value('comment')
  append(process, 'passwd', [
    name,
    'x',
    `${uid}`,
    `${gid}`,
    (gecos === '' ? ',,,' : (gecos ?? ',,,')).replace(/[:\n]/g, ''),
    home,
    value('shell') ?? '/bin/bash',
  ])
  append(process, 'shadow', [name, '!', `${today(process)}`, '0', '99999', '7', '', '', ''])
  for (const which of ['subuid', 'subgid'] as const) {
    const rows = rowsOf(process, which)
    const next = Math.max(100_000, ...rows.map(row => Number(row[1]) + Number(row[2])))
    writeRows(process, which, [...rows, [name, `${next}`, '65536']])
  }
  if (has('no-create-home')) await told(`Not creating home directory \`${home}'.`)
  else if (may(process, home, 0, kernel)) {
    await told(`The home directory \`${home}' already exists.  Not touching this directory.`)
  } else {
    await told(`Creating home directory \`${home}' ...`)
    await told("Copying files from `/etc/skel' ...")
    furnishHome(process, home, uid, gid)
    process.fs.chmod(home, 0o700, kernel)
  }
  process.host.witness.account({ user: name, change: 'created' })
  if (!has('disabled-password') && !has('disabled-login')) {
    const status = await firstPassword(process, name)
    if (status !== 0) return status
  }
  if (gecos === undefined && !(await describe(process, name))) return 1
  await told(`Adding new user \`${name}' to supplemental / extra groups \`users' ...`)
  await told(`Adding user \`${name}' to group \`users' ...`)
  setMember(process, 'users', name, true)
  return 0
}

const firstPassword = async (process: Process, name: string): Promise<number> => {
  for (;;) {
    const first = await ask(process, 'New password: ', { secret: true })
    const second = first === undefined ? undefined : await ask(process, 'Retype new password: ', { secret: true })
    if (first !== undefined && first === second && first !== '') {
      setPassword(process, name, first)
      await process.stderr.write('passwd: password updated successfully\n')
      return 0
    }
    const reason =
      first === undefined || second === undefined
        ? 'Password change has been aborted.'
        : first === ''
          ? 'No password has been supplied.'
          : 'Sorry, passwords do not match.'
    await process.stderr.write(
      `${reason}\npasswd: Authentication token manipulation error\npasswd: password unchanged\n`,
    )
    const again = await ask(process, 'Try again? [y/N] ')
    if (again === undefined || !/^[yY]/.test(again)) return 0
  }
}

const unanswered = [
  'chop at /usr/sbin/adduser line 766',
  'pattern match (m//) at /usr/sbin/adduser line 767',
  'pattern match (m//) at /usr/sbin/adduser line 768',
]
  .map(where => `Use of uninitialized value $answer in ${where}.\n`)
  .join('')

/** chfn's questions, until they are right; false when nobody answers. */
const describe = async (process: Process, name: string): Promise<boolean> => {
  for (let turn = 0; turn < 10; turn++) {
    await process.stdout.write(
      `Changing the user information for ${name}\nEnter the new value, or press ENTER for the default\n`,
    )
    const answers: string[] = []
    for (const question of ['Full Name', 'Room Number', 'Work Phone', 'Home Phone', 'Other']) {
      await process.stdout.write(`\t${question} []: `)
      const answer = await ask(process, '')
      if (answer === undefined) {
        await process.stdout.write('\n')
        answers.push('')
      } else answers.push(answer.replace(/[:,\n]/g, ''))
    }
    await process.stdout.write('Is the information correct? [Y/n] ')
    // chfn read all that there was; adduser, a Perl script, meets the end.
    const right = process.isatty[0] ? await ask(process, '') : undefined
    if (!process.isatty[0]) {
      await readAll(process.stdin, 1 << 16)
      await process.stderr.write(unanswered)
    }
    if (right !== undefined && /^[nN]/.test(right)) continue
    change(process, 'passwd', name, row => {
      row[4] = answers.join(',').replace(/,$/, '')
    })
    return true
  }
  return false
}

type Asked = {
  wanted: string | undefined
  told(text: string): Promise<void>
  parsed: { has(name: string): boolean; value(name: string): string | undefined }
}

const systemUser = async (process: Process, name: string, { wanted, told, parsed }: Asked): Promise<number> => {
  const users = rowsOf(process, 'passwd')
  const used = new Set(users.map(row => Number(row[2])))
  let uid = Number(wanted ?? 100)
  while (wanted === undefined && used.has(uid)) uid++
  await told(`Adding system user \`${name}' (UID ${uid}) ...`)
  const own = parsed.has('group')
  const gid = own ? uid : 65_534
  if (own) {
    await told(`Adding new group \`${name}' (GID ${gid}) ...`)
    append(process, 'group', [name, 'x', `${gid}`, ''])
    append(process, 'gshadow', [name, '!', '', ''])
  }
  await told(`Adding new user \`${name}' (UID ${uid}) with group \`${own ? name : 'nogroup'}' ...`)
  const home = parsed.value('home') ?? '/nonexistent'
  append(process, 'passwd', [
    name,
    'x',
    `${uid}`,
    `${gid}`,
    parsed.value('gecos') ?? '',
    home,
    parsed.value('shell') ?? '/usr/sbin/nologin',
  ])
  append(process, 'shadow', [name, '!', `${today(process)}`, '', '', '', '', '', ''])
  if (home === '/nonexistent' || parsed.has('no-create-home')) await told(`Not creating \`${home}'.`)
  else {
    await told(`Creating home directory \`${home}' ...`)
    furnishHome(process, home, uid, gid)
  }
  process.host.witness.account({ user: name, change: 'created' })
  return 0
}

const toGroup = async (process: Process, user: string, group: string): Promise<number> => {
  if (!accountBy(process, user)) return complain(process, `The user \`${user}' does not exist.`)
  const row = rowNamed(rowsOf(process, 'group'), group)
  if (!row) return complain(process, `The group \`${group}' does not exist.`)
  if ((row[3] ?? '').split(',').includes(user))
    return say(process, `The user \`${user}' is already a member of \`${group}'.\n`)
  await process.stdout.write(`Adding user \`${user}' to group \`${group}' ...\n`)
  setMember(process, group, user, true)
  process.host.witness.account({ user, change: 'changed' })
  return say(process, 'Done.\n')
}

const newGroup = async (
  process: Process,
  name: string,
  wanted: string | undefined,
  system: boolean,
): Promise<number> => {
  const rows = rowsOf(process, 'group')
  if (rowNamed(rows, name)) {
    return complain(process, `The group \`${name}' already exists${system ? ' as a system group' : ''}.`)
  }
  let gid = Number(wanted ?? (system ? 100 : freeId(rows, false)))
  const used = new Set(rows.map(row => Number(row[2])))
  while (system && wanted === undefined && used.has(gid)) gid++
  await process.stdout.write(`Adding group \`${name}' (GID ${gid}) ...\n`)
  append(process, 'group', [name, 'x', `${gid}`, ''])
  append(process, 'gshadow', [name, '!', '', ''])
  return say(process, 'Done.\n')
}

/** deluser(8) and delgroup(8) of adduser 3.134. */
export const deluser: Program = async process => {
  const parsed = getopt(process.argv, [
    ...['remove-home', 'remove-all-files', 'backup', 'system', 'force', 'group', 'only-if-empty', 'quiet', 'debug'].map(
      long => ({ long }),
    ),
    { long: 'backup-to', argument: 'required' },
    { long: 'conf', argument: 'required' },
    { short: 'q' },
    { short: 'h', long: 'help' },
    { short: 'v', long: 'version' },
  ])
  if (typeof parsed === 'string') {
    await process.stderr.write(`Unknown option: ${/'-*([^']+)'/.exec(parsed)?.[1] ?? ''}\n`)
    return 1
  }
  const program = calledAs(process)
  if (parsed.has('version')) return say(process, versioned(process, `${program} version @adduser@\n`))
  if (process.who.uid !== 0) return complain(process, 'Only root may remove a user or group from the system.')
  const [name, group] = parsed.operands
  if (name === undefined) {
    await process.stdout.write(`Enter a ${program === 'delgroup' ? 'group' : 'user'} name to remove: `)
    return complain(process, 'Only one or two names allowed.')
  }
  const told = (text: string): Promise<void> =>
    parsed.has('quiet') || parsed.has('q') ? Promise.resolve() : process.stdout.write(`${text}\n`)
  if (program === 'delgroup' || parsed.has('group')) {
    const row = rowNamed(rowsOf(process, 'group'), name)
    if (!row) return complain(process, `The group \`${name}' does not exist.`, 3)
    const user = rowsOf(process, 'passwd').find(one => one[3] === row[2])
    if (user) return complain(process, `\`${user[0]}' still has \`${name}' as their primary group!`, 7)
    await told(`Removing group \`${name}' ...`)
    removeRow(process, 'group', name)
    removeRow(process, 'gshadow', name)
    await told('Done.')
    return 0
  }
  const account = accountBy(process, name)
  if (!account) return complain(process, `The user \`${name}' does not exist.`, 2)
  if (group !== undefined) {
    const row = rowNamed(rowsOf(process, 'group'), group)
    if (!row) return complain(process, `The group \`${group}' does not exist.`, 3)
    if (!(row[3] ?? '').split(',').includes(name))
      return complain(process, `The user \`${name}' is not a member of group \`${group}'.`, 6)
    await told(`Removing user \`${name}' from group \`${group}' ...`)
    setMember(process, group, name, false)
    await told('Done.')
    return 0
  }
  if (account.uid === 0)
    return complain(
      process,
      `WARNING: You are just about to delete the root account (uid 0)\nUsually this is never required as it may render the whole system unusable\nIf you really want this, call deluser with parameter --no-preserve-root\nStopping now without having performed any action`,
      9,
    )
  if (parsed.has('remove-home') || parsed.has('remove-all-files')) {
    await told('Looking for files to backup/remove ...')
    await told('Removing files ...')
    removeTree(process, account.home)
  }
  await told('Removing crontab ...')
  removeTree(process, `/var/spool/cron/crontabs/${name}`)
  await told(`Removing user \`${name}' ...`)
  dropAccount(process, name)
  await told('Done.')
  return 0
}
