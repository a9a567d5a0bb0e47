import type { Recording } from '#artifacts/recordings.ts'
import { createTerminal, type TerminalDevice } from '#machine/terminal/index.ts'
import { Hangup } from '#sensor/endings.ts'
import { dataMark } from './daemon.ts'
import { hear, send, settle, type Telnet } from './session.ts'
import { Command, Option, type Token } from './wire.ts'

/** The pseudo-terminal of a connection, with the daemon between it and the wire. */
export type Tty = {
  terminal: TerminalDevice
  /** Why nothing is read any more, once nothing is: a `Hangup`, or a bug of ours. */
  over: unknown
  /** Seconds of silence that are put up with. */
  patience: number
  /** What is shown and typed is kept from here on. */
  recording: Recording | undefined
}

/** Keys that a telnet command stands for (RFC 854), as inetutils' telnetd maps them to the terminal's own characters. */
const keys = new Map<number, 'intr' | 'quit' | 'susp' | 'eof' | 'erase' | 'kill'>([
  [Command.IP, 'intr'],
  [Command.BRK, 'quit'],
  [Command.ABORT, 'quit'],
  [Command.SUSP, 'susp'],
  [Command.EOF, 'eof'],
  [Command.EC, 'erase'],
  [Command.EL, 'kill'],
])
const yes = Buffer.from('\r\n[Yes]\r\n')
/** Bytes that wait for their turn before no more is read. */
const MAX_HELD = 64 << 10
/** Seconds that are given to what was typed before the peer closed its side. */
const GRACE = 5

/**
 * Puts a terminal to a connection whose options are settled, and reads on until the peer leaves or is silent for too
 * long: then it hangs up. Lines that came at once are typed one by one, each when somebody wants to read: who sends a
 * whole dialogue in one packet is understood as if they had waited for its prompts.
 */
export function openTty(telnet: Telnet, name: string): Tty {
  /** Somebody wants to read and has nothing. */
  let wanted = false
  let leaving: NodeJS.Timeout | undefined
  const terminal = createTerminal({
    name,
    type: telnet.terminalType ?? 'network',
    columns: telnet.size?.columns ?? 0,
    rows: telnet.size?.rows ?? 0,
    async send(bytes) {
      tty.recording?.output(bytes)
      telnet.output.push(onWire(bytes, !telnet.daemon.answers || telnet.options.weHave(Option.BINARY)))
      await flush(telnet)
    },
    hungry() {
      if (wanted) return
      wanted = true
      // Later: what was said before has gone out by then.
      if (telnet.tokens.length > 0) setImmediate(() => wanted && typeNext())
      else if (leaving) setImmediate(hangUp)
    },
    // The kernel threw away what was typed; telnetd in packet mode tells the peer to do so with what was sent.
    flushed: () => {
      if (telnet.daemon.answers) telnet.output.push(dataMark)
    },
  })
  const tty: Tty = { terminal, over: undefined, patience: Number.POSITIVE_INFINITY, recording: undefined }

  /** Up to the next thing typed. */
  function typeNext() {
    let typed = false
    while (!typed && telnet.tokens.length > 0) {
      const token = nextLine(telnet.tokens)
      typed = token.kind === 'data'
      if (typed) wanted = false
      act(telnet, tty, token).catch(fail)
    }
    flush(telnet).catch(fail)
  }
  /** What has just come: to whom it may concern at once, behind what waits for its turn else. */
  async function take(tokens: Token[]): Promise<void> {
    const early = telnet.tokens.length === 0 && !wanted && terminal.modes.canonical
    const urgent = !wanted && interrupts(tokens, terminal)
    if (urgent) tokens.unshift(...telnet.tokens.splice(0))
    for (const token of tokens)
      if (token.kind !== 'data' && telnet.tokens.length === 0) await act(telnet, tty, token)
      else if (early || urgent) await act(telnet, tty, token)
      else telnet.tokens.push(token)
    if (wanted) typeNext()
  }
  function fail(error: unknown) {
    tty.over ??= error
    hangUp()
  }
  function hangUp() {
    clearTimeout(leaving)
    terminal.hangup()
  }
  async function read(): Promise<void> {
    try {
      for (;;) {
        await take(await hear(telnet, tty.patience))
        while (bytesOf(telnet.tokens) > MAX_HELD) await telnet.conn.pause(0.2)
      }
    } catch (error) {
      if (!(error instanceof Hangup && error.reason === 'eof')) return fail(error)
      if (wanted && telnet.tokens.length === 0) return fail(error)
      tty.over ??= error
      leaving = setTimeout(hangUp, GRACE * 1000).unref()
    }
  }

  terminal.modes.echo = telnet.echo
  telnet.on = {
    size({ columns, rows }) {
      terminal.resize(columns, rows)
      tty.recording?.resize(columns, rows)
      if (tty.recording) telnet.cx.record.terminal({ columns, rows })
    },
    echo(on) {
      terminal.modes.echo = on
    },
    // tty_binaryout of BSD's telnetd.
    binary(on) {
      const { termios } = terminal
      if (on) termios.flags.delete('opost')
      else termios.flags.add('opost')
      terminal.termios = termios
    },
  }
  void read()
  return tty
}

const NEWLINE = 10
const RETURN = 13
const END_OF_FILE = 4

/** The first of them, or as much of it as makes one line to whoever reads lines. */
function nextLine(tokens: Token[]): Token {
  const token = tokens.shift()!
  if (token.kind !== 'data') return token
  const end = token.bytes.findIndex(byte => byte === NEWLINE || byte === RETURN || byte === END_OF_FILE) + 1
  if (end === 0 || end === token.bytes.length) return token
  tokens.unshift({ kind: 'data', bytes: token.bytes.subarray(end) })
  return { kind: 'data', bytes: token.bytes.subarray(0, end) }
}

const bytesOf = (tokens: readonly Token[]) =>
  tokens.reduce((sum, token) => sum + (token.kind === 'data' ? token.bytes.length : 8), 0)

/** Among them is a key, or a command that stands for one, that stops whatever runs. */
function interrupts(tokens: readonly Token[], { modes, termios: { chars } }: TerminalDevice): boolean {
  if (!modes.signals) return false
  const bytes = [chars.intr, chars.quit, chars.susp].filter(byte => byte !== 0)
  return tokens.some(
    token =>
      (token.kind === 'data' && bytes.some(byte => token.bytes.includes(byte))) ||
      (token.kind === 'command' && signals.has(keys.get(token.code) ?? '')),
  )
}
const signals: ReadonlySet<string> = new Set(['intr', 'quit', 'susp'])

/** Says what there is to say; a peer that has left is none to fail for. */
async function flush(telnet: Telnet): Promise<void> {
  try {
    await send(telnet)
  } catch (error) {
    if (!(error instanceof Hangup && error.reason === 'eof')) throw error
  }
}

async function act(telnet: Telnet, tty: Tty, token: Token): Promise<void> {
  if (settle(telnet, token)) return
  if (token.kind === 'data') return type(tty, token.bytes)
  if (token.kind !== 'command' || !telnet.daemon.answers) return
  if (token.code === Command.AYT) telnet.output.push(yes)
  if (token.code === Command.AO) telnet.output.push(dataMark)
  const key = keys.get(token.code)
  const byte = key === undefined ? 0 : tty.terminal.termios.chars[key]
  if (byte !== 0) await type(tty, Buffer.of(byte))
}

function type({ terminal, recording }: Tty, bytes: Buffer): Promise<void> {
  recording?.input(bytes)
  return terminal.receive(bytes)
}

/** What programs write as telnetd sends it: IAC doubled; a lone CR is CR NUL, but in BINARY (RFC 854, RFC 856). */
export function onWire(bytes: Buffer, binary: boolean): Buffer {
  if (!bytes.includes(Command.IAC) && (binary || !bytes.includes(RETURN))) return bytes
  const out: number[] = []
  for (const [at, byte] of bytes.entries()) {
    out.push(byte)
    if (byte === Command.IAC) out.push(byte)
    else if (byte === RETURN && !binary && bytes[at + 1] !== NEWLINE) out.push(0)
  }
  return Buffer.from(out)
}
