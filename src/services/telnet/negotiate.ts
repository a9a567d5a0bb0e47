import { Hangup } from '#sensor/endings.ts'
import { askValue, lineModeOver } from './daemon.ts'
import { listen, send, settle, type Telnet } from './session.ts'
import { Option, type Token } from './wire.ts'

/** Bytes typed before there is a terminal to type at. */
const MAX_EARLY = 4096

/** Waits until it is so; `false` when the client fell silent instead, was greeted, and typed something at last. */
type Until = (over: () => boolean) => Promise<boolean>

/**
 * What telnetd wants to know before it starts login(1): terminal type and speed, environment, window size, who echoes.
 * Every question waits for its answer, whatever it is. `false` when the client gave none: it is greeted all the same, and
 * waited for here until it types, so that thousands who never do cost no more for it. What was typed meanwhile is among
 * the tokens still.
 */
export async function negotiateTerminal(telnet: Telnet, greet: () => void): Promise<boolean> {
  const { options, cx } = telnet
  const early: Token[] = []
  let kept = 0
  let silent = false
  // A crowd that came at once is not given up on all at once.
  const patience = cx.options.patience + (cx.source.port % 16) / 4
  const until: Until = async over => {
    while (silent ? early.length === 0 : !over()) {
      const token = telnet.tokens.shift()
      if (token) {
        if (settle(telnet, token) || kept >= MAX_EARLY) continue
        early.push(token)
        kept += token.kind === 'data' ? token.bytes.length : 1
        continue
      }
      try {
        if (telnet.output.length > 0) await send(telnet)
        const heard = await listen(telnet, silent ? Number.POSITIVE_INFINITY : patience)
        telnet.tokens = telnet.tokenizer.read(heard)
      } catch (error) {
        if (silent || !(error instanceof Hangup && error.reason === 'idle')) throw error
        silent = true
        options.giveUp()
        conclude(telnet)
        greet()
      }
    }
    return !silent
  }
  const answered = await askAll(telnet, until)
  telnet.tokens.unshift(...early)
  if (answered) conclude(telnet)
  return answered
}

async function askAll(telnet: Telnet, until: Until): Promise<boolean> {
  const { daemon, options } = telnet
  for (const [verb, option] of daemon.opening) telnet.output.push(options.ask(verb, option))
  if (!(await until(() => !daemon.opening.some(([verb, option]) => options.awaits(verb, option))))) return false
  const asked = daemon.values.filter(option => options.theyHave(option))
  for (const option of asked) telnet.output.push(askValue(option))
  if (asked.length > 0 && !(await until(() => asked.every(option => isTold(telnet, option))))) return false
  if (asked.length > 0 && daemon.knowsTerminals && !(await findTerminal(telnet, until))) return false
  for (const [verb, option] of daemon.second) telnet.output.push(options.ask(verb, option))
  if (!(await until(() => !settled.some(option => options.awaits('DO', option))))) return false
  // Who would echo what we send is a 4.2BSD client, and is told not to.
  if (options.theyHave(Option.ECHO)) telnet.output.push(options.drop('DONT', Option.ECHO))
  return true
}

/** The last of it, before the banner. */
function conclude({ daemon, options, output }: Telnet): void {
  output.push(options.ask('WILL', Option.ECHO))
  if (!daemon.knowsLineMode) return
  const lineMode = options.theyHave(Option.LINEMODE)
  if (!lineMode) output.push(options.ask('DO', Option.TM))
  output.push(options.ask('DO', Option.BINARY))
  if (lineMode) output.push(options.drop('DONT', Option.LINEMODE), lineModeOver)
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
async function findTerminal(telnet: Telnet, until: Until): Promise<boolean> {
  for (let asked = 1; asked < MOST_NAMES && telnet.options.theyHave(Option.TTYPE); asked++) {
    const name = telnet.terminalType
    if (name === undefined || isKnownTerminal(name)) return true
    telnet.told = telnet.told.filter(option => option !== Option.TTYPE)
    telnet.output.push(askValue(Option.TTYPE))
    if (!(await until(() => isTold(telnet, Option.TTYPE)))) return false
    if (telnet.terminalType === name) return true
  }
  return true
}
