import { text } from '#events/text.ts'
import { Hangup } from '#sensor/endings.ts'
import { readLine, send, type Telnet } from './session.ts'

/** /etc/login.defs and /etc/pam.d/login of Debian. */
const LOGIN_RETRIES = 5
const LOGIN_TIMEOUT = 60
const FAIL_DELAY = 3

/** login(1) of Debian's shadow, over the terminal: prompts, hides the password, waits, and says no, five times. */
export async function logIn(telnet: Telnet): Promise<void> {
  const deadline = telnet.cx.now() + LOGIN_TIMEOUT * 1000
  try {
    for (let tries = 1; tries <= LOGIN_RETRIES; tries++) if (!(await attempt(telnet, deadline))) return
    say(telnet, `Maximum number of tries exceeded (${LOGIN_RETRIES})\r\n`)
  } catch (error) {
    if (!(error instanceof Hangup && error.reason === 'idle')) throw error
    say(telnet, `\r\nLogin timed out after ${LOGIN_TIMEOUT} seconds.\r\n`)
  }
  await send(telnet)
}

const say = (telnet: Telnet, words: string) => void telnet.output.push(Buffer.from(words, 'latin1'))

/** One round; `false` when a signal from the client ended login(1). */
async function attempt(telnet: Telnet, deadline: number): Promise<boolean> {
  const { cx, terminal } = telnet
  say(telnet, `${cx.persona.hostname} login: `)
  const name = await lineBefore(telnet, deadline)
  if (typeof name === 'string') return ended(telnet)
  if (name.ended === 'eof') say(telnet, '\r\n')
  // The end of input is no name: PAM gives up, and takes its time over it like for any failure.
  if (name.ended === 'eof' && name.text.length === 0) return await refuse(telnet)

  say(telnet, 'Password: ')
  terminal.echo = false
  const password = await lineBefore(telnet, deadline)
  terminal.echo = true
  if (typeof password === 'string') return ended(telnet)
  cx.record.login({
    method: 'password',
    user: text(name.text, 256),
    password: text(password.text, 256),
    outcome: 'failure',
  })
  say(telnet, '\r\n')
  return await refuse(telnet)
}

async function refuse(telnet: Telnet): Promise<true> {
  const { cx } = telnet
  await send(telnet)
  await cx.pause(failDelay(cx.random(3)))
  say(telnet, '\r\nLogin incorrect\r\n')
  return true
}

async function lineBefore(telnet: Telnet, deadline: number) {
  const left = (deadline - telnet.cx.now()) / 1000
  if (left <= 0) throw new Hangup('idle')
  telnet.conn.patience = left
  return await readLine(telnet)
}

async function ended(telnet: Telnet): Promise<false> {
  await send(telnet)
  return false
}

/** libpam spreads a delay by half around what pam_faildelay asked for, more often near the middle. */
const failDelay = (draws: Buffer) => FAIL_DELAY * (0.5 + (draws[0]! + draws[1]! + draws[2]!) / (3 * 255))
