import { accessOf, attentive } from '#access/access.ts'
import { computerOf } from '#access/machine.ts'
import { text } from '#events/text.ts'
import type { Account } from '#machine/accounts.ts'
import type { LoginOptions } from '#machine/login.ts'
import type { ModelName } from '#machine/model.ts'
import { openSession } from '#machine/pam-systemd.ts'
import { type InteractiveOptions, runInteractive } from '#machine/terminal/index.ts'
import { witnessOf } from '#machine/witness.ts'
import type { Telnet } from './session.ts'
import type { Tty } from './tty.ts'

/** Seconds that somebody who is logged in may stay. */
const LIFETIME = 4 * 3600

/** Bytes of a variable that are recorded. */
const MAX_VALUE = 1024

/**
 * The session of somebody whom login(1) let in, from the message of the day to `logout`. `options`: what else login(1) was
 * started with, as ps(1) shows it.
 */
export async function serveShell(telnet: Telnet, tty: Tty, account: Account, options: string[]): Promise<void> {
  const { cx } = telnet
  return serve(telnet, tty, account, {
    model: 'server',
    env: () => environmentOf(telnet, account),
    daemon: { argv: ['/usr/sbin/telnetd'], exe: '/usr/sbin/telnetd' },
    through: { argv: ['/bin/login', '-p', '-h', cx.source.ip, ...options], exe: '/usr/bin/login' },
    greeting: { motd: true, lastlog: true },
  })
}

/** What one kind of computer does for somebody who logged in. */
export type Behind = Pick<LoginOptions, 'daemon' | 'through'> & {
  model: ModelName
  /** Asked for when the terminal is told of: variables that the client sent are told of then. */
  env(): Map<string, string>
  greeting: InteractiveOptions
}

/** A session from log-in to log-out on the computer of that model. */
export async function serve(telnet: Telnet, tty: Tty, account: Account, behind: Behind): Promise<void> {
  const { conn, cx } = telnet
  const { model, greeting, env, ...ways } = behind
  const { terminal } = tty
  telnet.deadline = Number.POSITIVE_INFINITY
  tty.patience = conn.patience = cx.options.idle
  conn.lifetime = LIFETIME
  const { columns, rows, type } = terminal
  cx.record.terminal({ type, columns, rows })
  const variables = env()
  tty.recording = cx.recording({ columns, rows, terminal: type, title: account.name })
  const witness = attentive(witnessOf(cx), accessOf(cx, cx.options.access))
  const login = computerOf(cx, model).logIn({
    account,
    witness,
    from: cx.source.ip,
    stdin: terminal.input,
    stdout: terminal.output,
    stderr: terminal.output,
    terminal,
    ...ways,
    env: variables,
    connection: {
      from: cx.source.ip,
      fromPort: cx.source.port,
      to: cx.destination.ip,
      port: cx.destination.port,
    },
  })
  openSession(login)
  try {
    await runInteractive(login, terminal, greeting)
  } finally {
    login.close()
    await witness.settled()
    tty.recording.close()
  }
}

/** What login(1) sets besides what every log-in has, and what the client sent: recorded as well. */
function environmentOf({ cx, variables }: Telnet, account: Account): Map<string, string> {
  const env = new Map([
    ['MAIL', `/var/mail/${account.name}`],
    ['HUSHLOGIN', 'FALSE'],
  ])
  for (const [name, value] of variables ?? []) {
    cx.record.environment({ name: said(name), value: said(value) })
    if (name !== '' && !own.has(name) && !/[=\0]/.test(name)) env.set(name, value.replaceAll('\0', ''))
  }
  return env
}
const own = new Set(['USER', 'LOGNAME', 'HOME', 'SHELL', 'PATH', 'MAIL', 'HUSHLOGIN', 'TERM'])
const said = (latin1: string) => text(Buffer.from(latin1, 'latin1'), MAX_VALUE)
