import { accessOf } from '#access/access.ts'
import { takeLine } from '#access/lines.ts'
import { computerOf } from '#access/machine.ts'
import { text } from '#events/text.ts'
import type { Account } from '#machine/accounts.ts'
import { SystemError } from '#machine/system.ts'
import type { Daemon } from '../daemon.ts'
import { send, type Telnet } from '../session.ts'
import { serve } from '../shell.ts'
import { openTty, type Tty } from '../tty.ts'
import { Option } from '../wire.ts'

/** login(1) of BusyBox (loginutils/login.c): tries, seconds after a wrong one, empty names that it puts up with. */
const TRIES = 3
const FAIL_DELAY = 3
const EMPTY_NAMES = 10

/** A device's telnetd, and which of the sensor's devices is behind it. */
export type Device = 'busybox' | 'dvr'
const models = { busybox: 'router', dvr: 'dvr' } as const

/** BusyBox's telnetd (networking/telnetd.c, the same from 1.0 to 1.36): it says four things, and answers nothing. */
export const busyboxDaemon: Daemon = {
  answers: false,
  opening: [
    ['DO', Option.ECHO],
    ['DO', Option.NAWS],
    ['WILL', Option.ECHO],
    ['WILL', Option.SGA],
  ],
  values: [],
  second: [],
  knowsLineMode: false,
  trustsUser: false,
  knowsTerminals: false,
  banner: () => '',
}

/** One client of a device: telnetd's four options, BusyBox's login, and the shell of whoever it lets in. */
export async function serveDevice(telnet: Telnet, device: Device): Promise<void> {
  telnet.daemon = busyboxDaemon
  // What init started it with: the client's own is never asked for.
  telnet.terminalType = 'vt102'
  for (const [verb, option] of busyboxDaemon.opening) telnet.output.push(telnet.options.ask(verb, option))
  await send(telnet)
  const computer = computerOf(telnet.cx, models[device])
  const line = takeLine(computer)
  try {
    const tty = openTty(telnet, line.name)
    const { terminal } = tty
    terminal.termios = { ...terminal.termios, tabs: true }
    const account = await logIn(telnet, tty, device)
    if (account)
      await serve(telnet, tty, account, {
        model: models[device],
        env: () => new Map([['TERM', 'vt102']]),
        daemon: { argv: ['telnetd'], exe: '/bin/busybox', forks: false },
        greeting: { motd: true },
      })
    if (tty.over) throw tty.over
    await send(telnet)
  } finally {
    line.release()
  }
}

const SIGHUP = 1
const SIGINT = 2
const SIGQUIT = 3

/** Who is logged in; `undefined` when login(1) ended. */
async function logIn(telnet: Telnet, tty: Tty, device: Device): Promise<Account | undefined> {
  const { cx } = telnet
  const computer = computerOf(cx, models[device])
  const access = accessOf(cx, cx.options.access)
  const prompt = `${computer.hostname} login: `
  const process = {
    over: false,
    signal(number: number) {
      process.over ||= number === SIGHUP || number === SIGINT || number === SIGQUIT
    },
  }
  tty.terminal.foreground = process
  try {
    for (let tries = 0; tries < TRIES; tries++) {
      const user = await nameOf(tty, prompt)
      if (user === undefined) return undefined
      const password = await secretOf(tty)
      const account = access.password(user, password) ? computer.account(user) : undefined
      const outcome = account ? 'success' : 'failure'
      cx.record.login({ method: 'password', user: said(user), password: said(password), outcome })
      if (account) return account
      await cx.pause(FAIL_DELAY)
      await write(tty, 'Login incorrect\n')
    }
  } catch (error) {
    // The line went, or a signal came.
    if (!(error instanceof SystemError && error.errno === 'EIO')) throw error
  }
  return undefined
}

/** The first word that is not empty; `undefined` at the end of input, and when too many were empty. */
async function nameOf(tty: Tty, prompt: string): Promise<string | undefined> {
  for (let empty = 0; empty < EMPTY_NAMES; empty++) {
    await write(tty, prompt)
    const line = await readLine(tty)
    if (line === undefined) return undefined
    const name = line.replace(/^\s+/, '')
    if (name !== '') return name.slice(0, 63)
  }
  return undefined
}

async function secretOf(tty: Tty): Promise<string> {
  const { modes } = tty.terminal
  await write(tty, 'Password: ')
  modes.echo = false
  const line = await readLine(tty)
  modes.echo = true
  await write(tty, '\n')
  return line ?? ''
}

const said = (latin1: string) => text(Buffer.from(latin1, 'latin1'), 256)
const write = (tty: Tty, words: string) => tty.terminal.output.write(words)

/** A line as typed, without its end; `undefined` at the end of input. Throws what ended the terminal. */
async function readLine(tty: Tty): Promise<string | undefined> {
  const bytes = await tty.terminal.input.read()
  if (bytes === undefined && tty.over) throw tty.over
  return bytes?.toString('latin1').replace(/\n$/, '')
}
