import { accountOf } from '../accounts.ts'
import { zoneName } from '../commands/system/facts.ts'
import { errorText, quietly } from '../errors.ts'
import type { Login } from '../login.ts'
import { kernel as root } from '../rights.ts'
import { strftime } from '../strftime.ts'
import { Exhausted, type Process, SystemError } from '../system.ts'
import { lastLogin, noteLogin } from './last-login.ts'
import type { TerminalDevice } from './terminal.ts'

export type InteractiveOptions = {
  /** The daemon shows the message of the day and the last log-in, unless the account has a ~/.hushlogin. */
  motd: boolean
  /** The last log-in is told of by pam_lastlog(8), as under login(1), and not by sshd. */
  lastlog?: true
}

/**
 * A log-in on a terminal from its first line to its last: what pam_motd and the daemon print, then the account's shell
 * until it ends. The exit status; 137 when the attacker's steps are used up, 129 when the line went. The login was made
 * with this terminal and its input and output; closing it is the caller's.
 */
export const runInteractive = async (
  login: Login,
  terminal: TerminalDevice,
  { motd, lastlog }: InteractiveOptions,
): Promise<number> => {
  const { process } = login
  const account = accountOf(process.fs, process.env.get('USER') ?? 'root')
  localeOf(process)
  const node = `/dev/${terminal.name}`
  // What an attacker did to the disk may stand in the way.
  quietly(() => {
    process.fs.mknod(node, 'char', 0o620, root, { major: 136, minor: Number(terminal.name.replace(/\D/g, '')) || 0 })
    process.fs.chown(node, process.who.uid, 5, root)
  })
  try {
    const greeted = motd && !exists(process, `${process.env.get('HOME')}/.hushlogin`)
    if (greeted) await messageOfTheDay(process)
    if (account) await lastLogIn(process, account.uid, greeted, lastlog)
    if (lastlog && account && process.cwd !== account.home) {
      await process.stdout.write('No directory, logging in with HOME=/\n')
      process.env.set('HOME', '/')
    }
    return await shell(login)
  } catch (error) {
    if (error instanceof Exhausted) return 137
    // Whoever wrote last found nobody there.
    if (error instanceof SystemError && error.errno === 'EIO') return 129
    throw error
  } finally {
    terminal.foreground = undefined
    quietly(() => process.fs.unlink(node, root))
  }
}

/** pam_env(8) with Debian's envfile=/etc/default/locale, where the client did not send a language of its own. */
const localeOf = (process: Process): void => {
  if (process.env.has('LANG')) return
  quietly(() => {
    const text = process.fs.readFile('/etc/default/locale', root, { max: 4096 }).toString('latin1')
    for (const [, name = '', value = ''] of text.matchAll(/^\s*(LANG|LANGUAGE|LC_[A-Z]+)=["']?([\w.@:-]*)["']?\s*$/gm))
      process.env.set(name, value)
  })
}

/**
 * A shell that a daemon starts without a terminal, as for `ssh -T machine`: pam_motd's part of the greeting, then the
 * commands that come in. The exit status, or `Exhausted` and `Broken` as from any program.
 */
export const runWithoutTerminal = async (login: Login, { motd }: InteractiveOptions): Promise<number> => {
  const { process } = login
  if (motd && !exists(process, `${process.env.get('HOME')}/.hushlogin`)) await messageOfTheDay(process)
  return shell(login)
}

const exists = (process: Process, path: string): boolean => {
  try {
    process.fs.stat(path, process.who)
    return true
  } catch {
    return false
  }
}

/** pam_motd(8) as Debian's sshd and login configure it: the scripts of /etc/update-motd.d, then /etc/motd. */
const messageOfTheDay = async (process: Process): Promise<void> => {
  const folder = '/etc/update-motd.d'
  let scripts: string[] = []
  try {
    scripts = process.fs.readdir(folder, root).sort().slice(0, 50)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
  }
  for (const name of scripts) {
    // run-parts --lsbsysinit: names of letters, digits, - and _ alone.
    if (!/^[\w-]+$/.test(name) || !process.fs.access(`${folder}/${name}`, 1, root)) continue
    try {
      await process.run([`${folder}/${name}`], {
        who: root,
        cwd: '/',
        stdin: { read: async () => undefined },
        stderr: { write: async () => {} },
      })
    } catch (error) {
      // What cannot be run says nothing.
      if (!(error instanceof SystemError)) throw error
    }
  }
  try {
    await process.stdout.write(process.fs.readFile('/etc/motd', root, { max: 65_536 }))
  } catch (error) {
    if (!(error instanceof SystemError) || error.errno === 'EIO') throw error
  }
}

/** `Last login: Mon Jan  5 10:11:12 2026 from 192.0.2.1`, and this one noted. */
const lastLogIn = async (process: Process, uid: number, shown: boolean, byPam = false): Promise<void> => {
  const { fs, host, terminal } = process
  const before = lastLogin(fs, host, uid)
  const own = host.logins().findLast(({ line }) => line === terminal?.name)
  noteLogin(host, uid, { at: own?.at ?? process.now(), line: terminal?.name ?? '', host: own?.host ?? '' })
  if (!shown || !before) return
  const { timezone } = host.persona
  const form = byPam ? `%a %b %e %H:%M:%S ${zoneName(process, before.at)} %Y` : '%a %b %e %H:%M:%S %Y'
  const at = strftime(form, before.at / 1000 + timezone.offset * 60)
  const on = byPam && before.line !== '' ? ` on ${before.line}` : ''
  await process.stdout.write(`Last login: ${at}${before.host === '' ? '' : ` from ${before.host}`}${on}\n`)
}

const linkFree = (process: Process, path: string): string => {
  try {
    return process.fs.realpath(path, process.who)
  } catch (error) {
    if (error instanceof SystemError) return path
    throw error
  }
}

/** The account's shell in the log-in's first process. */
const shell = async (login: Login): Promise<number> => {
  const { process } = login
  const path = process.env.get('SHELL') ?? '/bin/sh'
  const program = login.lookup(linkFree(process, path))
  if (program) return program(process)
  try {
    return await process.run([path], { name: process.argv[0]! })
  } catch (error) {
    if (!(error instanceof SystemError) || error.errno === 'EIO') throw error
    await process.stdout.write(`${path}: ${errorText(error)}\n`)
    return 1
  }
}
