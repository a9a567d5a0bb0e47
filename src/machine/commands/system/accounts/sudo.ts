import { type Account, accountOf, credentialsOf } from '../../../accounts.ts'
import { saysOf } from '../../../release.ts'
import { type Process, type Program, SystemError } from '../../../system.ts'
import { getopt, type Option } from '../../getopt.ts'
import { upstreamVersion, versioned } from '../../package-version.ts'
import { accountBy, calledAs, may, say, textOf } from '../facts.ts'
import { ask } from './ask.ts'
import { kernel, rowNamed, rowsOf } from './database.ts'
import { mayBe } from './passwd.ts'
import { type Rule, rulesFor } from './sudoers.ts'

const options: Option[] = [
  { short: 'A', long: 'askpass' },
  { short: 'b', long: 'background' },
  { short: 'B', long: 'bell' },
  { short: 'C', long: 'close-from', argument: 'required' },
  { short: 'D', long: 'chdir', argument: 'required' },
  { short: 'E' },
  { long: 'preserve-env', argument: 'optional' },
  { short: 'e', long: 'edit' },
  { short: 'g', long: 'group', argument: 'required' },
  { short: 'H', long: 'set-home' },
  { long: 'host', argument: 'required' },
  { short: 'h', long: 'help' },
  { short: 'i', long: 'login' },
  { short: 'K', long: 'remove-timestamp' },
  { short: 'k', long: 'reset-timestamp' },
  { short: 'l', long: 'list' },
  { short: 'n', long: 'non-interactive' },
  { short: 'N', long: 'no-update' },
  { short: 'P', long: 'preserve-groups' },
  { short: 'p', long: 'prompt', argument: 'required' },
  { short: 'R', long: 'chroot', argument: 'required' },
  { short: 'r', long: 'role', argument: 'required' },
  { short: 'S', long: 'stdin' },
  { short: 's', long: 'shell' },
  { short: 't', long: 'type', argument: 'required' },
  { short: 'T', long: 'command-timeout', argument: 'required' },
  { short: 'U', long: 'other-user', argument: 'required' },
  { short: 'u', long: 'user', argument: 'required' },
  { short: 'V', long: 'version' },
  { short: 'v', long: 'validate' },
]

const usage = `usage: sudo -h | -K | -k | -V
usage: sudo -v [-ABkNnS] [-g group] [-h host] [-p prompt] [-u user]
usage: sudo -l [-ABkNnS] [-g group] [-h host] [-p prompt] [-U user] [-u user]
            [command [arg ...]]
usage: sudo [-ABbEHkNnPS] [-r role] [-t type] [-C num] [-D directory] [-g
            group] [-h host] [-p prompt] [-R directory] [-T timeout] [-u user]
            [VAR=value] [-i | -s] [command [arg ...]]
usage: sudo -e [-ABkNnS] [-r role] [-t type] [-C num] [-D directory] [-g group]
            [-h host] [-p prompt] [-R directory] [-T timeout] [-u user] file ...
`
/** What sudo looks for commands along, by the release's sudoers. */
const securePathOf = ({ host }: Process): string => saysOf(host.persona).securePath
const lecture = `
We trust you have received the usual lecture from the local System
Administrator. It usually boils down to these three things:

    #1) Respect the privacy of others.
    #2) Think before you type.
    #3) With great power comes great responsibility.

For security reasons, the password you type will not be visible.

`

type Parsed = Exclude<ReturnType<typeof getopt>, string>

/** sudo(8) 1.9.13p3 with Debian's sudoers: members of the group sudo by their own password. */
export const sudo: Program = async process => {
  const parsed = getopt(process.argv, options, { posix: true })
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\n${usage}`)
    return 1
  }
  const { has, value } = parsed
  if (has('version'))
    return say(
      process,
      versioned(
        process,
        `Sudo version @sudo@\nSudoers policy plugin version @sudo@\nSudoers file grammar version ${saysOf(process.host.persona).sudoGrammar}\nSudoers I/O plugin version @sudo@\n${newAudit(process) ? 'Sudoers audit plugin version @sudo@\n' : ''}`,
      ),
    )
  if (has('help')) return say(process, `sudo - execute a command as another user\n\n${usage}`)
  const stamps = process.host.state('sudo', () => new Set<number>())
  if (has('remove-timestamp') || (has('reset-timestamp') && parsed.operands.length === 0)) {
    stamps.delete(process.who.uid)
    return 0
  }
  const command = parsed.operands.filter(
    (word, index, all) => !/^[A-Za-z_]\w*=/.test(word) || all.slice(0, index).some(one => !/^[A-Za-z_]\w*=/.test(one)),
  )
  const assigned = parsed.operands.slice(0, parsed.operands.length - command.length)
  const acts = command.length > 0 || has('login') || has('shell') || has('list') || has('validate') || has('edit')
  if (!acts) {
    await process.stderr.write(usage)
    return 1
  }
  const refuse = async (message: string): Promise<number> => {
    await process.stderr.write(`sudo: ${message}\n`)
    return 1
  }
  const target = value('user') ?? 'root'
  const as = accountBy(process, target.replace(/^#/, ''))
  if (!as) return refuse(`unknown user ${target}\nsudo: error initializing audit plugin sudoers_audit`)
  const group = value('group')
  if (group !== undefined && !rowNamed(rowsOf(process, 'group'), group)) return refuse(`unknown group ${group}`)
  const caller = accountOf(process.fs, process.who.uid)
  if (!caller) return refuse(`you do not exist in the passwd database`)
  const rules = rulesFor(process, caller)
  const free = caller.uid === 0 || rules.at(-1)?.free === true || stamps.has(caller.uid)
  if (!free) {
    const passed = await authenticate(process, caller, parsed)
    if (passed !== undefined) return passed
    stamps.add(caller.uid)
  }
  if (rules.length === 0 && caller.uid !== 0) {
    await process.stderr.write(
      has('list')
        ? `Sorry, user ${caller.name} may not run sudo on ${hostOf(process)}.\n`
        : `${caller.name} is not in the sudoers file.\nThis incident has been reported to the administrator.\n`,
    )
    return 1
  }
  if (has('validate')) return 0
  if (has('list')) return list(process, caller, rules, command)
  if (has('edit') || calledAs(process) === 'sudoedit')
    return run(process, as, caller, ['/usr/bin/sensible-editor', ...command], parsed, assigned)
  return run(process, as, caller, command, parsed, assigned)
}

/** Debian 12's sudoers says so, and Ubuntu's since 1.9.9. */
const usesPty = (process: Process): boolean =>
  /^Defaults\s+use_pty/m.test(textOf({ ...process, who: kernel }, '/etc/sudoers') ?? '')

/** Since 1.9. */
const newAudit = (process: Process): boolean => !upstreamVersion(process, 'sudo').startsWith('1.8')

const hostOf = (process: Process): string => (textOf(process, '/proc/sys/kernel/hostname') ?? '').trim().split('.')[0]!

/** `undefined` when the password was right, else the exit status. */
const authenticate = async (process: Process, caller: Account, { has, value }: Parsed): Promise<number | undefined> => {
  const required = async (before: string): Promise<number> => {
    await process.stderr.write(`${before}sudo: a password is required\n`)
    return 1
  }
  if (has('non-interactive')) return required('')
  const { terminal } = process
  if (!has('stdin') && !terminal)
    return required(
      'sudo: a terminal is required to read the password; either use the -S option to read from standard input or configure an askpass helper\n',
    )
  const told = process.host.state('sudo-lecture', () => new Set<number>())
  if (!told.has(caller.uid)) await process.stderr.write(lecture)
  told.add(caller.uid)
  const prompt = (value('prompt') ?? '[sudo] password for %p: ')
    .replace(/%[pu]/g, caller.name)
    .replace(/%[hH]/g, hostOf(process))
  const hash = rowNamed(rowsOf(process, 'shadow'), caller.name)?.[1] ?? ''
  for (let tries = 1; tries <= 3; tries++) {
    const password = await ask(process, prompt, { secret: true, ...(has('stdin') ? {} : { input: terminal!.input }) })
    if (password === undefined) {
      if (tries === 1) return required(has('stdin') ? 'sudo: no password was provided\n' : '')
      await process.stderr.write(`sudo: ${tries - 1} incorrect password attempt${tries > 2 ? 's' : ''}\n`)
      return 1
    }
    const good = mayBe(process, caller.name, hash, password)
    process.host.witness.login({ method: 'sudo', user: caller.name, password, good })
    if (good) return undefined
    await process.sleep(2)
    if (tries < 3) await process.stderr.write('Sorry, try again.\n')
  }
  await process.stderr.write('sudo: 3 incorrect password attempts\n')
  return 1
}

const list = async (
  process: Process,
  caller: Account,
  rules: readonly Rule[],
  command: readonly string[],
): Promise<number> => {
  const host = hostOf(process)
  if (command.length > 0) {
    const path = find(process, command[0]!)
    return path === undefined ? 1 : say(process, `${[path, ...command.slice(1)].join(' ')}\n`)
  }
  const all = caller.uid === 0 && rules.length === 0 ? [{ runas: 'ALL : ALL', free: false, commands: ['ALL'] }] : rules
  return say(
    process,
    `Matching Defaults entries for ${caller.name} on ${host}:\n    env_reset, mail_badpass,\n    secure_path=${securePathOf(process).replaceAll(':', '\\:')}${usesPty(process) ? ',\n    use_pty' : ''}\n\nUser ${caller.name} may run the following commands on ${host}:\n${all
      .map(({ runas, free, commands }) => `    (${runas}) ${free ? 'NOPASSWD: ' : ''}${commands.join(', ')}\n`)
      .join('')}`,
  )
}

/** A command along secure_path. */
const find = (process: Process, name: string): string | undefined => {
  if (name.includes('/')) return name
  return securePathOf(process)
    .split(':')
    .map(folder => `${folder}/${name}`)
    .find(path => may(process, path, 1, kernel))
}

const kept =
  /^(TERM|COLORTERM|DISPLAY|HOSTNAME|KRB5CCNAME|LS_COLORS|PS1|PS2|XAUTHORITY|LANG|LANGUAGE|LC_\w+|TZ|EDITOR|VISUAL)$/

const run = async (
  process: Process,
  as: Account,
  caller: Account,
  command: readonly string[],
  { has, value }: Parsed,
  assigned: readonly string[],
): Promise<number> => {
  const shell = has('login') ? as.shell || '/bin/sh' : (process.env.get('SHELL') ?? caller.shell) || '/bin/sh'
  const viaShell = has('login') || has('shell')
  const quoted = command
    .map(word => word.replace(/[^\w\-$/.]/g, match => (match === '\n' ? "'\n'" : `\\${match}`)))
    .join(' ')
  const argv = viaShell ? [shell, ...(command.length > 0 ? ['-c', quoted] : [])] : [...command]
  const path = find(process, argv[0]!)
  const missing = async (): Promise<number> => {
    await process.stderr.write(`sudo: ${argv[0]}: command not found\n`)
    return 1
  }
  if (path === undefined) return missing()
  const all = has('E') || has('preserve-env')
  const env = new Map([...process.env].filter(([name]) => all || kept.test(name)))
  env.delete('TERM')
  const set: [string, string][] = [
    ['PATH', securePathOf(process)],
    ['MAIL', `/var/mail/${as.name}`],
    ['LOGNAME', as.name],
    ['USER', as.name],
    ['HOME', as.home],
    ['SHELL', as.shell || '/bin/sh'],
    ['TERM', process.env.get('TERM') ?? 'unknown'],
    ['SUDO_COMMAND', [path, ...argv.slice(1)].join(' ')],
    ['SUDO_USER', caller.name],
    ['SUDO_UID', `${caller.uid}`],
    ['SUDO_GID', `${caller.gid}`],
  ]
  for (const [name, text] of set) env.set(name, text)
  for (const word of assigned) env.set(word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1))
  const who = credentialsOf(process.fs, as)
  const group = value('group')
  if (group !== undefined) who.gid = Number(rowNamed(rowsOf(process, 'group'), group)?.[2] ?? who.gid)
  const cwd = value('chdir') ?? (has('login') ? as.home : process.cwd)
  const name = has('login') ? `-${shell.slice(shell.lastIndexOf('/') + 1)}` : argv[0]!
  try {
    return await process.run([path, ...argv.slice(1)], { who, env, cwd, name })
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    if (error.errno === 'ENOENT') return missing()
    await process.stderr.write(`sudo: unable to execute ${path}: Permission denied\n`)
    return 1
  }
}
