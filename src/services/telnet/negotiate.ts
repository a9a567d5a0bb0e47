import { Hangup } from '#sensor/endings.ts'
import { askValue, lineMode, lineModeOver } from './daemon.ts'
import { nextToken, settle, type Telnet, typeEarly } from './session.ts'
import { negotiate, Option, type Token } from './wire.ts'

/**
 * What telnetd wants to know before it starts login(1): terminal type and speed, environment, window size, who echoes.
 * Every question waits for its answer, whatever it is.
 */
export async function negotiateTerminal(telnet: Telnet): Promise<void> {
  const { daemon, options, output, conn, cx } = telnet
  const idle = conn.patience
  conn.patience = cx.options.patience
  try {
    for (const [verb, option] of daemon.opening) output.push(options.ask(verb, option))
    await until(telnet, () => !daemon.awaited.some(options.awaits))

    const asked = daemon.values.filter(options.theyHave)
    for (const option of asked) telnet.output.push(askValue(option))
    await until(telnet, () => asked.every(option => telnet.told.has(option) || !options.theyHave(option)))

    for (const [verb, option] of daemon.second) telnet.output.push(options.ask(verb, option))
    // "Some really dumb telnets" never answer DO ECHO; by the time NAWS is answered, ECHO would have been.
    await until(
      telnet,
      () => !options.awaits(Option.NAWS) && !(options.theyHave(Option.NAWS) && options.awaits(Option.ECHO)),
    )
    if (options.theyHave(Option.LINEMODE)) await tryLineMode(telnet)
  } catch (error) {
    if (!(error instanceof Hangup && error.reason === 'idle')) throw error
    options.giveUp()
  } finally {
    conn.patience = idle
  }
  telnet.output.push(options.ask('WILL', Option.ECHO))
  if (daemon.probesTimingMark && !telnet.told.has(Option.LINEMODE)) telnet.output.push(negotiate('DO', Option.TM))
  if (daemon.probesTimingMark) telnet.output.push(options.ask('DO', Option.BINARY))
  if (telnet.told.has(Option.LINEMODE)) telnet.output.push(lineModeOver)
  telnet.output.push(Buffer.from(daemon.banner(cx.persona, `pts/${terminalNumber(telnet)}`), 'latin1'))
}

async function tryLineMode(telnet: Telnet) {
  telnet.told.delete(Option.LINEMODE)
  telnet.output.push(lineMode)
  await until(telnet, () => telnet.told.has(Option.LINEMODE) || !telnet.options.theyHave(Option.LINEMODE))
}

async function until(telnet: Telnet, settled: () => boolean): Promise<void> {
  while (!settled()) {
    const token: Token = await nextToken(telnet)
    if (!settle(telnet, token)) typeEarly(telnet, token)
  }
}

/** `pts/N` of a machine where few people are logged in, the same for one visitor's burst of connections. */
const terminalNumber = ({ cx }: Telnet) => cx.random(1)[0]! % 3
