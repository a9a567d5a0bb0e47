import { type Account, credentialsOf } from '../../../accounts.ts'
import { type Process, type Program, SystemError } from '../../../system.ts'
import { getopt, type Option } from '../../getopt.ts'
import { versioned } from '../../package-version.ts'
import { accountBy, calledAs, groupName, say, textOf } from '../facts.ts'
import { ask } from './ask.ts'
import { isPassword } from './crypt.ts'
import { kernel, rowNamed, rowsOf } from './database.ts'

const options: Option[] = [
  { short: 'c', long: 'command', argument: 'required' },
  { long: 'session-command', argument: 'required' },
  { short: 'f', long: 'fast' },
  { short: 'g', long: 'group', argument: 'required' },
  { short: 'G', long: 'supp-group', argument: 'required' },
  { short: 'l', long: 'login' },
  { short: 'm', long: 'preserve-environment' },
  { short: 'p' },
  { short: 'P', long: 'pty' },
  { short: 's', long: 'shell', argument: 'required' },
  { short: 'u', long: 'user', argument: 'required' },
  { short: 'w', long: 'whitelist-environment', argument: 'required' },
  { short: 'h', long: 'help' },
  { short: 'V', long: 'version' },
]

const rootPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const userPath = '/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games'

/** su(1) and runuser(1) of util-linux 2.38 with Debian's PAM: root needs no password. */
export const su: Program = async process => {
  const program = calledAs(process)
  const parsed = getopt(process.argv, options, { posix: true })
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\nTry '${program} --help' for more information.\n`)
    return 1
  }
  const { has, value } = parsed
  if (has('version')) return say(process, versioned(process, `${program} from util-linux @util-linux@\n`))
  if (has('help')) return say(process, `\nUsage:\n ${program} [options] [-] [<user> [<argument>...]]\n`)
  let words = parsed.operands
  const dash = words[0] === '-'
  if (dash) words = words.slice(1)
  const login = has('login') || dash
  const runs = program === 'runuser' && has('user')
  const name = runs ? value('user')! : (words[0] ?? 'root')
  // Options may come after the user as well: `su bob -c id`.
  const after = runs || words.length < 2 ? undefined : getopt([program, ...words.slice(1)], options)
  const rest = after === undefined || typeof after === 'string' ? undefined : after
  const account = accountBy(process, name)
  const refuse = async (message: string, status = 1): Promise<number> => {
    await process.stderr.write(`${program}: ${message}\n`)
    return status
  }
  if (!account || account.name !== name)
    return refuse(`user ${name} does not exist or the user entry does not contain all the required fields`)
  if (program === 'runuser' && process.who.uid !== 0) return refuse('may not be used by non-root users')
  if (process.who.uid !== 0) {
    const password = await ask(process, 'Password: ', { secret: true })
    const hash = rowNamed(rowsOf(process, 'shadow'), name)?.[1] ?? ''
    const good = password !== undefined && (hash === '' || isPassword(process, hash, password))
    if (password !== undefined) process.host.witness.login({ method: program, user: name, password, good })
    if (!good) {
      await process.sleep(2.3)
      return refuse('Authentication failure')
    }
  }
  if (runs) return start(process, words, { account, env: environment(process, account, { login: false, keep: true }) })
  const wantedShell = value('shell') ?? rest?.value('shell')
  const shell = wantedShell ?? (account.shell || '/bin/sh')
  const command =
    value('command') ?? rest?.value('command') ?? value('session-command') ?? rest?.value('session-command')
  const asLogin = login || rest?.has('login') === true
  const keep = has('preserve-environment') || has('p')
  const env = environment(process, { ...account, shell }, { login: asLogin, keep })
  const group = value('group')
  const short = shell.slice(shell.lastIndexOf('/') + 1)
  let cwd = process.cwd
  if (asLogin) {
    if (isFolder(process, account.home)) cwd = account.home
    else
      await process.stderr.write(
        `${program}: warning: cannot change directory to ${account.home}: No such file or directory\n`,
      )
  }
  const argv = [shell, ...(command === undefined ? [] : ['-c', command]), ...(rest?.operands ?? words.slice(1))]
  return start(process, argv, { account, env, cwd, name: asLogin ? `-${short}` : short, group })
}

type Start = { account: Account; env: Map<string, string>; cwd?: string; name?: string; group?: string | undefined }

const start = async (process: Process, argv: string[], { account, env, cwd, name, group }: Start): Promise<number> => {
  const who = credentialsOf(process.fs, account)
  if (group !== undefined) {
    const row = rowNamed(rowsOf(process, 'group'), group)
    if (row) who.gid = Number(row[2])
  }
  try {
    return await process.run(argv, {
      who,
      env,
      ...(cwd === undefined ? {} : { cwd }),
      ...(name === undefined ? {} : { name }),
    })
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    const why = error.errno === 'EACCES' ? 'Permission denied' : 'No such file or directory'
    await process.stderr.write(`${calledAs(process)}: failed to execute ${argv[0]}: ${why}\n`)
    return error.errno === 'EACCES' ? 126 : 127
  }
}

const isFolder = ({ fs }: Process, path: string): boolean => {
  try {
    return fs.stat(path, kernel).type === 'directory'
  } catch {
    return false
  }
}

/** The new user's environment: for a log-in only what belongs to it. */
export const environment = (
  process: Process,
  account: Account,
  how: { login: boolean; keep: boolean },
): Map<string, string> => {
  if (how.keep && !how.login) return new Map(process.env)
  const env = how.login ? new Map<string, string>() : new Map(process.env)
  const term = process.env.get('TERM')
  if (how.login && term !== undefined) env.set('TERM', term)
  env.set('HOME', account.home)
  env.set('SHELL', account.shell || '/bin/sh')
  if (account.uid !== 0 || how.login) {
    env.set('USER', account.name)
    env.set('LOGNAME', account.name)
  }
  if (how.login) env.set('PATH', account.uid === 0 ? rootPath : userPath)
  env.set('MAIL', `/var/mail/${account.name}`)
  return env
}

/** newgrp(1) and sg(1) of shadow 4.13. */
export const newgrp: Program = async process => {
  const program = calledAs(process)
  const words = process.argv.slice(1).filter(word => word !== '-' && word !== '-l')
  const rows = rowsOf(process, 'group')
  const [name] = words
  const row = name === undefined ? undefined : (rowNamed(rows, name) ?? rows.find(one => one[2] === name))
  if (name !== undefined && !row) {
    await process.stderr.write(`${program}: group '${name}' does not exist\n`)
    return 1
  }
  const account = accountBy(process, `${process.who.uid}`)
  const gid = row ? Number(row[2]) : (account?.gid ?? process.who.gid)
  const member = (row?.[3] ?? '').split(',').includes(account?.name ?? '')
  if (process.who.uid !== 0 && row && !member && account?.gid !== gid) {
    await ask(process, 'Password: ', { secret: true })
    await process.stderr.write('Invalid password.\n')
    return 1
  }
  const shell = process.env.get('SHELL') ?? account?.shell ?? '/bin/sh'
  const command = words[1] === '-c' ? words[2] : program === 'sg' ? words[1] : undefined
  const who = {
    ...process.who,
    gid,
    groups: [
      ...new Set([
        gid,
        ...process.who.groups.filter(group => group !== process.who.gid || groupName(process, group) !== 'root'),
      ]),
    ],
  }
  return process.run(
    [program === 'sg' && command !== undefined ? '/bin/sh' : shell, ...(command === undefined ? [] : ['-c', command])],
    { who },
  )
}

/** nologin(8) of util-linux 2.38. */
export const nologin: Program = async process => {
  const message = textOf(process, '/etc/nologin.txt')
  await process.stdout.write(message ?? 'This account is currently not available.\n')
  return 1
}
