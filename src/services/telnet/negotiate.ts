import { Hangup } from '#sensor/endings.ts'
import { askValue, lineModeOver } from './daemon.ts'
import { hear, settle, type Telnet } from './session.ts'
import { Option, type Token } from './wire.ts'

/** Bytes typed before there is a terminal to type at. */
const MAX_EARLY = 4096

/**
 * What telnetd wants to know before it starts login(1): terminal type and speed, environment, window size, who echoes.
 * Every question waits for its answer, whatever it is; `false` when the client gave none. What was typed meanwhile is
 * among the tokens still.
 */
export async function negotiateTerminal(telnet: Telnet): Promise<boolean> {
  const { daemon, options } = telnet
  const early: Token[] = []
  let answered = true
  try {
    for (const [verb, option] of daemon.opening) telnet.output.push(options.ask(verb, option))
    await until(telnet, early, () => !daemon.opening.some(([verb, option]) => options.awaits(verb, option)))

    const asked = daemon.values.filter(option => options.theyHave(option))
    if (asked.length > 0) {
      for (const option of asked) telnet.output.push(askValue(option))
      await until(telnet, early, () => asked.every(option => isTold(telnet, option)))
      if (daemon.knowsTerminals) await findTerminal(telnet, early)
    }
    for (const [verb, option] of daemon.second) telnet.output.push(options.ask(verb, option))
    await until(telnet, early, () => !settled.some(option => options.awaits('DO', option)))
    // Who would echo what we send is a 4.2BSD client, and is told not to.
    if (options.theyHave(Option.ECHO)) telnet.output.push(options.drop('DONT', Option.ECHO))
  } catch (error) {
    if (!(error instanceof Hangup && error.reason === 'idle')) throw error
    options.giveUp()
    answered = false
  }
  telnet.tokens.unshift(...early)
  telnet.output.push(options.ask('WILL', Option.ECHO))
  if (daemon.knowsLineMode) {
    const lineMode = options.theyHave(Option.LINEMODE)
    if (!lineMode) telnet.output.push(options.ask('DO', Option.TM))
    telnet.output.push(options.ask('DO', Option.BINARY))
    if (lineMode) telnet.output.push(options.drop('DONT', Option.LINEMODE), lineModeOver)
  }
  return answered
}

/** The daemon needs ECHO and NAWS; who answers those answers the rest of the batch in the same breath. */
const settled = [Option.ECHO, Option.NAWS, Option.LFLOW]

const isTold = (telnet: Telnet, option: number) => telnet.told.includes(option) || !telnet.options.theyHave(option)

/** The terminals of Debian's ncurses-base, whose names telnetd looks up; for any other it asks again (RFC 1091). */
const known =
  /^(eterm(-color)?|ansi|cons25(-debian)?|cygwin|dumb|hurd|linux|mach(-.*)?|pcansi|rxvt(-.*)?|screen([-.].*)?|sun|tmux(-256color)?|vt(52|100|102|220)|wsvt25m?|xterm(-.*)?)$/
export const isKnownTerminal = (name: string) => known.test(name)
const MOST_NAMES = 8

/** Asks on until a name is known, or comes twice, which is the end of the client's list. */
async function findTerminal(telnet: Telnet, early: Token[]) {
  for (let asked = 1; asked < MOST_NAMES && telnet.options.theyHave(Option.TTYPE); asked++) {
    const name = telnet.terminalType
    if (name === undefined || isKnownTerminal(name)) return
    telnet.told = telnet.told.filter(option => option !== Option.TTYPE)
    telnet.output.push(askValue(Option.TTYPE))
    await until(telnet, early, () => isTold(telnet, Option.TTYPE))
    if (telnet.terminalType === name) return
  }
}

async function until(telnet: Telnet, early: Token[], over: () => boolean): Promise<void> {
  let kept = 0
  // A crowd that came at once and stays silent is not given up on all at once.
  const patience = telnet.cx.options.patience + (telnet.cx.source.port % 16) / 4
  while (!over()) {
    const token = telnet.tokens.shift()
    if (!token) telnet.tokens = await hear(telnet, patience)
    else if (!settle(telnet, token) && kept < MAX_EARLY) {
      early.push(token)
      kept += token.kind === 'data' ? token.bytes.length : 1
    }
  }
}
