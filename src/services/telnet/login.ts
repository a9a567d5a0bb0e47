import { type Access, accessOf } from '#access/access.ts'
import { computerOf } from '#access/machine.ts'
import { text } from '#events/text.ts'
import type { Account } from '#machine/accounts.ts'
import { SystemError } from '#machine/system.ts'
import { Hangup } from '#sensor/endings.ts'
import { LOGIN_TIMEOUT } from './options.ts'
import { hear, send, settle, type Telnet } from './session.ts'
import { serveShell } from './shell.ts'
import { openTty, type Tty } from './tty.ts'

/** /etc/login.defs and /etc/pam.d/login of Debian. */
const LOGIN_RETRIES = 5
const FAIL_DELAY = 3

/** What login(1) was started with: a name to begin with, or one that needs no password. */
type Invocation = { user?: string; trusted?: true } | 'wrong'

/** What telnetd shows, and login(1) with its first question. Its minute begins. */
export function greet(telnet: Telnet, line: string): void {
  const { cx, daemon, output } = telnet
  telnet.deadline = cx.now() + LOGIN_TIMEOUT * 1000
  const invoked = invocation(telnet)
  let words = daemon.banner(cx.persona, line)
  if (invoked !== 'wrong' && !invoked.trusted) words += invoked.user === undefined ? loginPrompt(telnet) : 'Password: '
  output.push(Buffer.from(words, 'latin1'))
}

/**
 * login(1) of Debian's shadow 4.13 over the terminal, from the answer to its first question to the end of the session
 * behind it: five tries within a minute. Throws what ended the connection.
 */
export async function logIn(telnet: Telnet, line: string): Promise<void> {
  const invoked = invocation(telnet)
  if (invoked === 'wrong') return await send(telnet)
  if (!invoked.trusted) await somebodyTypes(telnet)
  const tty = openTty(telnet, line)
  const account = await letIn(telnet, tty, invoked)
  if (account) await serveShell(telnet, tty, account, invoked.trusted ? ['-f'] : [])
  if (tty.over) throw tty.over
  await send(telnet)
}

/** The end of the minute; whatever else ended the connection is thrown on. */
export async function timeOut(telnet: Telnet, error: unknown): Promise<void> {
  const late = error instanceof Hangup && error.reason === 'idle' && telnet.deadline !== Number.POSITIVE_INFINITY
  if (!late) throw error
  const stop = telnet.daemon.answers ? '.' : ''
  telnet.output.push(Buffer.from(`\r\nLogin timed out after ${LOGIN_TIMEOUT} seconds${stop}\r\n`))
  await send(telnet)
}

const loginPrompt = ({ cx }: Telnet) => `${cx.persona.hostname} login: `

/** Until there is a key to give to a terminal: nobody needs one before. */
async function somebodyTypes(telnet: Telnet): Promise<void> {
  for (;;) {
    const [token] = telnet.tokens
    if (!token) telnet.tokens = await hear(telnet, LOGIN_TIMEOUT)
    else if (settle(telnet, token)) telnet.tokens.shift()
    else return
  }
}

/**
 * What telnetd makes of USER: the end of login(1)'s command line, and in inetutils before the fix of CVE-2026-24061 blanks
 * and options too. As fixed, it ignores the variable.
 */
function invocation({ cx, variables, daemon }: Telnet): Invocation {
  const user = variables?.get('USER') ?? ''
  if (user === '' || (daemon.trustsUser && !cx.options.bypass)) return {}
  if (!daemon.trustsUser) return user.startsWith('-') ? 'wrong' : { user }
  const words = user.split(' ').filter(Boolean)
  const [first = '', second] = words
  if (first === '') return {}
  if (!first.startsWith('-')) return { user: first }
  const trusted = first === '-f' ? second : /^-f(.+)/.exec(first)?.[1]
  return trusted !== undefined && computerOf(cx).has(trusted) ? { user: trusted, trusted: true } : 'wrong'
}

/** Who is logged in; `undefined` when login(1) ended. */
async function letIn(telnet: Telnet, tty: Tty, invoked: Exclude<Invocation, 'wrong'>): Promise<Account | undefined> {
  const { cx } = telnet
  const { terminal } = tty
  const access = accessOf(cx, cx.options.access)
  // A signal ends login(1) as it would any program; it ignores SIGTSTP.
  const process = {
    over: false,
    signal(number: number) {
      process.over ||= number === SIGHUP || number === SIGINT || number === SIGQUIT
    },
  }
  terminal.foreground = process
  try {
    if (invoked.trusted) {
      access.letIn()
      cx.record.login({ method: 'none', user: said(invoked.user!), outcome: 'success' })
      return computerOf(cx).account(invoked.user!)
    }
    for (let tries = 1; tries <= LOGIN_RETRIES; tries++) {
      const account = await attempt(telnet, tty, access, tries === 1, tries === 1 ? invoked.user : undefined)
      if (account) return account
      await write(tty, '\nLogin incorrect\n')
    }
    await write(tty, `Maximum number of tries exceeded (${LOGIN_RETRIES})\n`)
  } catch (error) {
    // The line went, or a signal came.
    if (!(error instanceof SystemError && error.errno === 'EIO')) throw error
  }
  return undefined
}

const SIGHUP = 1
const SIGINT = 2
const SIGQUIT = 3

const said = (latin1: string) => text(Buffer.from(latin1, 'latin1'), 256)

/** One round, which waits as long as PAM does when it fails. `prompted`: the first question has been asked. */
async function attempt(
  { cx }: Telnet,
  tty: Tty,
  access: Access,
  prompted: boolean,
  given: string | undefined,
): Promise<Account | undefined> {
  const { modes } = tty.terminal
  let user = given
  if (user === undefined) {
    if (!prompted) await write(tty, `${cx.persona.hostname} login: `)
    const { line, ended } = await readLine(tty)
    if (ended === 'eof') await write(tty, '\n')
    // The end of input is no name: PAM gives up, and takes its time over it like for any failure.
    if (ended === 'eof' && line === '') return await refuse(cx)
    user = line
  }
  if (given === undefined || !prompted) await write(tty, 'Password: ')
  modes.echo = false
  const { line: password } = await readLine(tty)
  // Even where the peer had asked for none.
  modes.echo = true
  const right = access.password(user, password)
  const account = right ? computerOf(cx).account(user) : undefined
  cx.record.login({
    method: 'password',
    user: said(user),
    password: said(password),
    outcome: account ? 'success' : 'failure',
  })
  await write(tty, '\n')
  return account ?? (await refuse(cx))
}

async function refuse(cx: Telnet['cx']): Promise<undefined> {
  await cx.pause(failDelay(cx.random(3)))
}

/** libpam spreads a delay by half around what pam_faildelay asked for, more often near the middle. */
const failDelay = (draws: Buffer) => FAIL_DELAY * (0.5 + (draws[0]! + draws[1]! + draws[2]!) / (3 * 255))

const write = (tty: Tty, words: string) => tty.terminal.output.write(words)

/** A line as typed; throws what ended the line's reading, when the terminal hung up. */
async function readLine(tty: Tty): Promise<{ line: string; ended: 'newline' | 'eof' }> {
  const bytes = await tty.terminal.input.read()
  if (bytes === undefined && tty.over) throw tty.over
  const line = bytes?.toString('latin1') ?? ''
  return line.endsWith('\n') ? { line: line.slice(0, -1), ended: 'newline' } : { line, ended: 'eof' }
}
