import { text } from '#events/text.ts'
import type { Account } from '#machine/accounts.ts'
import { openSession } from '#machine/pam-systemd.ts'
import { createTerminal, runInteractive } from '#machine/terminal/index.ts'
import { witnessOf } from '#machine/witness.ts'
import type { TcpContext } from '#sensor/service.ts'
import { type Access, attentive } from './access.ts'
import { takeLine } from './lines.ts'
import { computerOf } from './machine.ts'

/** What a terminal window needs of a conversation. */
export type Visit = Pick<
  TcpContext<unknown>,
  'persona' | 'source' | 'destination' | 'now' | 'random' | 'attacker' | 'record' | 'sample' | 'recording'
>

export type WindowOptions = {
  account: Account
  access: Access
  columns: number
  rows: number
  /** X's display, as programs in the window find it: `:1`. */
  display: string
  /** What programs write. */
  output(bytes: Buffer): void
}

/** A terminal window on somebody's desktop, with a shell of the pretended computer in it. */
export type ShellWindow = {
  type(keys: Buffer): void
  /** Waits until what was typed has been taken, or five seconds, and closes the window. */
  finish(): Promise<void>
  /** The shell has ended, and what it left is written down. */
  readonly over: Promise<void>
}

/** Seconds that are given to what was typed before its client went. */
const GRACE = 5

/** Starts a log-in shell in a window, as `xterm -ls` does. */
export function openWindow(cx: Visit, options: WindowOptions): ShellWindow {
  const { account, columns, rows, display } = options
  const computer = computerOf(cx)
  const line = takeLine(computer)
  const recording = cx.recording({ columns, rows, terminal: 'xterm', title: account.name })
  let wanted = false
  let leaving: NodeJS.Timeout | undefined
  let left = false
  const terminal = createTerminal({
    name: line.name,
    type: 'xterm',
    columns,
    rows,
    async send(bytes) {
      recording.output(bytes)
      options.output(bytes)
    },
    hungry() {
      wanted = true
      if (left) setImmediate(hangUp)
    },
  })
  const hangUp = () => {
    clearTimeout(leaving)
    terminal.hangup()
  }
  cx.record.terminal({ type: 'xterm', columns, rows })
  const witness = attentive(witnessOf(cx), options.access)
  const login = computer.logIn({
    account,
    witness,
    from: cx.source.ip,
    stdin: terminal.input,
    stdout: terminal.output,
    stderr: terminal.output,
    terminal,
    daemon: { argv: ['xterm', '-geometry', `${columns}x${rows}+10+10`, '-ls'], exe: '/usr/bin/xterm' },
    env: new Map([
      ['DISPLAY', display],
      ['WINDOWID', '6291469'],
      ['XTERM_VERSION', 'XTerm(379)'],
      ['XTERM_LOCALE', 'en_US.UTF-8'],
    ]),
    connection: { from: cx.source.ip, fromPort: cx.source.port, to: cx.destination.ip, port: cx.destination.port },
  })
  openSession(login)
  const run = async () => {
    try {
      await runInteractive(login, terminal, { motd: false })
    } finally {
      clearTimeout(leaving)
      login.close()
      line.release()
      await witness.settled()
      recording.close()
    }
  }
  const over = run().catch(error => {
    cx.record.serviceError({ stack: text(Buffer.from(String((error as Error).stack)), 2048) })
  })
  return {
    over,
    type(keys) {
      wanted = false
      recording.input(keys)
      terminal.receive(keys).catch(() => {})
    },
    async finish() {
      left = true
      login.abandon()
      if (wanted) hangUp()
      else leaving = setTimeout(hangUp, GRACE * 1000).unref()
      await over
    },
  }
}
