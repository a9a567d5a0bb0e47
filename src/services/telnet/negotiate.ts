import { Hangup } from '#sensor/endings.ts'
import { askValue, lineModeOver } from './daemon.ts'
import { nextToken, settle, type Telnet, typeEarly } from './session.ts'
import { Option, type Token } from './wire.ts'

/**
 * What telnetd wants to know before it starts login(1): terminal type and speed, environment, window size, who echoes.
 * Every question waits for its answer, whatever it is.
 */
export async function negotiateTerminal(telnet: Telnet): Promise<void> {
  const { daemon, options, conn, cx } = telnet
  const idle = conn.patience
  conn.patience = cx.options.patience
  try {
    for (const [verb, option] of daemon.opening) telnet.output.push(options.ask(verb, option))
    await until(telnet, () => !daemon.opening.some(([verb, option]) => options.awaits(verb, option)))

    const asked = daemon.values.filter(options.theyHave)
    for (const option of asked) telnet.output.push(askValue(option))
    await until(telnet, () => asked.every(option => telnet.told.has(option) || !options.theyHave(option)))

    if (daemon.knowsTerminals) await findTerminal(telnet)
    for (const [verb, option] of daemon.second) telnet.output.push(options.ask(verb, option))
    // The daemon needs ECHO and NAWS; who answers those answers the rest of the batch in the same breath.
    const settled = [Option.ECHO, Option.NAWS, Option.LFLOW]
    await until(telnet, () => !settled.some(option => options.awaits('DO', option)))
    // Who would echo what we send is a 4.2BSD client, and is told not to.
    if (options.theyHave(Option.ECHO)) telnet.output.push(options.drop('DONT', Option.ECHO))
  } catch (error) {
    if (!(error instanceof Hangup && error.reason === 'idle')) throw error
    options.giveUp()
  } finally {
    conn.patience = idle
  }
  telnet.output.push(options.ask('WILL', Option.ECHO))
  if (daemon.knowsLineMode) {
    const lineMode = options.theyHave(Option.LINEMODE)
    if (!lineMode) telnet.output.push(options.ask('DO', Option.TM))
    telnet.output.push(options.ask('DO', Option.BINARY))
    if (lineMode) telnet.output.push(options.drop('DONT', Option.LINEMODE), lineModeOver)
  }
  telnet.output.push(Buffer.from(daemon.banner(cx.persona, `pts/${terminalNumber(telnet)}`), 'latin1'))
}

/** Names of terminfo that clients really have; any other is asked for its next name (RFC 1091). */
const known =
  /^(xterm|vt\d|linux|screen|tmux|ansi|rxvt|dumb|putty|cygwin|sun|unknown|network|konsole|gnome|eterm|kterm|alacritty)/
const MOST_NAMES = 8

/** Asks on until a name is known, or comes twice, which is the end of the client's list. */
async function findTerminal(telnet: Telnet) {
  for (let asked = 1; asked < MOST_NAMES && telnet.options.theyHave(Option.TTYPE); asked++) {
    const name = telnet.terminalType
    if (name === undefined || known.test(name)) return
    telnet.told.delete(Option.TTYPE)
    telnet.output.push(askValue(Option.TTYPE))
    await until(telnet, () => telnet.told.has(Option.TTYPE) || !telnet.options.theyHave(Option.TTYPE))
    if (telnet.terminalType === name) return
  }
}

async function until(telnet: Telnet, settled: () => boolean): Promise<void> {
  while (!settled()) {
    const token: Token = await nextToken(telnet)
    if (!settle(telnet, token)) typeEarly(telnet, token)
  }
}

/** `pts/N` of a machine where few people are logged in, the same for one visitor's burst of connections. */
const terminalNumber = ({ cx }: Telnet) => cx.random(1)[0]! % 3
