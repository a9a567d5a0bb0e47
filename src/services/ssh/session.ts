import type { Cursor } from '#codec/cursor.ts'
import type { Recorder } from '#events/event.ts'
import { text } from '#events/text.ts'
import { Malformed } from '#sensor/endings.ts'
import type { Channel } from './channel.ts'
import { type End, type Running, run, type Setting, type Start, signalNames, type Wishes } from './run.ts'
import { boolean, readEnd, readText, string, uint32 } from './wire.ts'

/** Broke a rule that sshd tells of before it disconnects. */
export class Violation extends Malformed {}

/** sshd's ceiling on variables of a session, and ours on their bytes. */
const mostVariables = 128
const mostVariableBytes = 64 << 10
/** What a command line may hold (MAX_ARG_STRLEN). */
const mostCommand = 128 << 10
/** What a client may ask to be sent (session.c, name2sig). */
const numbers = new Map([...signalNames].map(([number, name]) => [name, number]))

export type SessionSetting = Setting & {
  record: Recorder
  /** Takes a number for what an agent's socket is; false where there is none left. */
  listen(): boolean
  /** Sends a debug message that a client shows when asked to be verbose. */
  debug(text: string): void
  /** The client is one of OpenSSH's, which wants to know that nobody reads any more. */
  openssh: boolean
}

/** A session (RFC 4254 §6): a channel, what it asked for, and the one program that runs in it. */
export class Session {
  readonly channel: Channel
  #setting: SessionSetting
  #wishes: Wishes = { environment: new Map(), agent: false }
  #variableBytes = 0
  #start: Start | undefined
  #running: Running | undefined
  /** What ran has ended, and the client knows. */
  #over = false

  constructor(channel: Channel, setting: SessionSetting) {
    this.channel = channel
    this.#setting = setting
  }

  /** A CHANNEL_REQUEST: whether it succeeds. `begin` has to follow once that is answered. */
  request(type: string, body: Cursor): boolean {
    // session.c, session_input_channel_req: most of it is for before there is a program.
    const early = this.#start === undefined ? this.#early(type, body) : undefined
    return early ?? this.#late(type, body)
  }

  /** Starts what was asked for, once; `told` when something of its end is to leave. */
  begin(told: () => void): void {
    if (!this.#start || this.#running) return
    this.#running = run(this.channel, this.#setting, this.#wishes, this.#start)
    void this.#running.ended.then(async end => {
      this.#running?.close()
      await this.#tell(end, told)
      told()
    })
  }

  /** The client closed the channel: a program loses its terminal or its readers, and sshd waits for its end. */
  closed(): void {
    if (this.#running && !this.#over) this.#running.hangup()
    else this.channel.sendClose()
  }
  /** The connection is gone. Done when what ran is over and witnessed. */
  async abandon(): Promise<void> {
    if (this.#over) return
    await this.#running?.abandon()
    this.#running?.close()
  }

  #early(type: string, body: Cursor): boolean | undefined {
    switch (type) {
      case 'shell':
        readEnd(body)
        return this.#starts({ what: 'shell' })
      case 'exec': {
        const command = readText(body).toString('latin1')
        readEnd(body)
        this.#setting.witness.command(command)
        if (command.length > mostCommand) return false
        return this.#starts({ what: 'exec', command })
      }
      case 'pty-req':
        return this.#terminal(body)
      case 'x11-req':
        return this.#display(body)
      case 'auth-agent-req@openssh.com':
        readEnd(body)
        if (!this.#setting.listen()) return false
        this.#wishes.agent = true
        return true
      case 'subsystem': {
        const name = readText(body).toString('latin1')
        readEnd(body)
        this.#setting.record.command({ line: text(Buffer.from(name, 'latin1'), 1024), verb: 'subsystem' })
        const command = this.#setting.server.starts.subsystems.get(name)
        return command !== undefined && this.#starts({ what: 'subsystem', command })
      }
      case 'env':
        return this.#variable(body)
      default:
        return undefined
    }
  }

  #starts(start: Start): boolean {
    this.#start = start
    this.channel.start()
    return true
  }

  #terminal(body: Cursor): boolean {
    if (this.#wishes.pty) throw new Violation('Protocol error: you already have a pty.')
    const type = readText(body).toString('latin1')
    const [columns, rows] = [body.u32be(), body.u32be()]
    body.u32be()
    body.u32be()
    const modes = body.lp32()
    checkModes(modes)
    readEnd(body)
    this.#wishes.pty = { type: type.slice(0, 256), columns, rows, modes }
    this.#setting.record.terminal({ type: text(Buffer.from(type, 'latin1'), 256), columns, rows })
    return true
  }

  #variable(body: Cursor): boolean {
    const [name, value] = [readText(body), readText(body)]
    readEnd(body)
    this.#setting.record.environment({ name: text(name, 1024), value: text(value, 4096) })
    const { environment } = this.#wishes
    this.#variableBytes += name.length + value.length
    if (environment.size >= mostVariables || this.#variableBytes > mostVariableBytes) return false
    if (!this.#setting.server.starts.accepts.test(name.toString('latin1'))) return false
    environment.set(name.toString('latin1'), value.toString('latin1'))
    return true
  }

  /** No xauth is installed, and without it sshd forwards no display. */
  #display(body: Cursor): boolean {
    body.u8()
    readText(body)
    readText(body)
    body.u32be()
    readEnd(body)
    if (this.#setting.server.starts.extensions) this.#setting.debug('No xauth program; cannot forward X11.')
    return false
  }

  #late(type: string, body: Cursor): boolean {
    switch (type) {
      case 'window-change': {
        const [columns, rows] = [body.u32be(), body.u32be()]
        body.u32be()
        body.u32be()
        readEnd(body)
        const { pty } = this.#wishes
        if (!pty) return true
        if (columns !== pty.columns || rows !== pty.rows) this.#setting.record.terminal({ columns, rows })
        pty.columns = columns
        pty.rows = rows
        this.#running?.resize(columns, rows)
        return true
      }
      case 'break':
        body.u32be()
        readEnd(body)
        return this.#wishes.pty !== undefined
      case 'signal':
        return this.#signal(body)
      default:
        return false
    }
  }

  /** sshd signals for ordinary users alone: for root it has no process that may (session.c, session_signal_req). */
  #signal(body: Cursor): boolean {
    const name = readText(body).toString('latin1')
    readEnd(body)
    const number = numbers.get(name)
    const { account } = this.#setting
    if (number === undefined || !this.#running || this.#start?.what === 'subsystem' || account.uid === 0) return false
    return this.#running.signal(number)
  }

  /** session.c, session_exit_message, and what nchan.c sends around it: an end is told before the last output is. */
  async #tell(end: End, told: () => void): Promise<void> {
    const { channel } = this
    await channel.offered()
    const late = channel.full
    if (!late) channel.sendEof()
    if ('status' in end) channel.request('exit-status', uint32(end.status))
    else channel.request('exit-signal', string(end.signal), boolean(false), string(''), string(''))
    // Nobody reads what the client may still send.
    if (this.#setting.openssh && !channel.eof) channel.request('eow@openssh.com')
    if (late) {
      told()
      await channel.drained()
      channel.sendEof()
    }
    this.#over = true
    channel.sendClose()
  }
}

/** Arguments that are not all there end the connection (ttymodes.c, ssh_tty_parse_modes). */
function checkModes(modes: Buffer): void {
  for (let at = 0; at < modes.length; at += 5) {
    const opcode = modes[at]!
    if (opcode === 0 || opcode >= 160) return
    if (at + 5 > modes.length) throw new Malformed('Terminal modes cut short')
  }
}
