import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import type { TcpContext } from '#sensor/service.ts'
import { type Daemon, daemonOf, dataMark, flowControl, lineMode, ours, theirs } from './daemon.ts'
import { type Negotiation, negotiation } from './negotiation.ts'
import type { Options } from './options.ts'
import { type Line, type Terminal, terminal } from './terminal.ts'
import { Command, environment, Option, optionName, type Token, tokenizer } from './wire.ts'

/** One telnet connection: what was heard and not dealt with yet, and what is to be said at the next chance. */
export type Telnet = {
  conn: Conn
  cx: TcpContext<Options>
  daemon: Daemon
  options: Negotiation
  terminal: Terminal
  /** Read from the wire, not yet acted upon. */
  tokens: Token[]
  /** Typed before there was a terminal to type at. */
  early: number[]
  /** Options whose value came. */
  told: Set<number>
  /** Terminal type as last told, in lower case. */
  terminalType?: string
  /** Goes out before the next wait. */
  output: Buffer[]
  parse: (bytes: Buffer) => Token[]
  noted: number
}

/** Options of one connection that are recorded; a client that toggles one for ever says nothing new. */
const MAX_NOTED = 64
/** Characters typed ahead that are kept. */
const MAX_EARLY = 4096

export function openTelnet(conn: Conn, cx: TcpContext<Options>): Telnet {
  return {
    conn,
    cx,
    daemon: daemonOf(cx.persona),
    options: negotiation({ theirs, ours }),
    terminal: terminal(),
    tokens: [],
    early: [],
    told: new Set(),
    output: [],
    parse: tokenizer(),
    noted: 0,
  }
}

export async function send(telnet: Telnet): Promise<void> {
  if (telnet.output.length === 0) return
  const bytes = Buffer.concat(telnet.output)
  telnet.output = []
  if (bytes.length > 0) await telnet.conn.write(bytes)
}

/** The next thing heard; what is to be said goes out before it is waited for. */
export async function nextToken(telnet: Telnet): Promise<Token> {
  for (;;) {
    const token = telnet.tokens.shift()
    if (token) return token
    await send(telnet)
    telnet.tokens = telnet.parse(await telnet.conn.readSome(4096))
  }
}

/** Option business, which may come at any time; `false` for what somebody types. */
export function settle(telnet: Telnet, token: Token): boolean {
  const { options, output } = telnet
  if (token.kind === 'option') {
    note(telnet, { verb: token.verb, option: optionName(token.option) })
    output.push(options.hear(token.verb, token.option))
    if (token.option === Option.ECHO && token.verb === 'DONT') telnet.terminal.echo = false
    if (token.verb === 'WILL' && options.theyHave(token.option)) {
      if (token.option === Option.LFLOW) output.push(flowControl(telnet.daemon))
      if (token.option === Option.LINEMODE) output.push(lineMode)
    }
    return true
  }
  if (token.kind === 'sub') {
    telnet.told.add(token.option)
    if (token.option === Option.TTYPE) telnet.terminalType = text(token.value.subarray(1, 41)).toLowerCase()
    const value = meaning(token.option, token.value)
    note(telnet, { verb: 'SB', option: optionName(token.option), value })
    recogniseBypass(telnet, token)
    if (token.option === Option.STATUS && token.value[0] === 1) output.push(options.status())
    return true
  }
  return false
}

type Note = { verb: 'WILL' | 'WONT' | 'DO' | 'DONT' | 'SB'; option: string; value?: string }
function note(telnet: Telnet, details: Note) {
  if (telnet.noted++ < MAX_NOTED) telnet.cx.record.telnetOption(details)
}

/** A sub-negotiation as a person would write it down. */
function meaning(option: number, value: Buffer): string {
  if (option === Option.NAWS && value.length === 4) return `${value.readUInt16BE(0)}x${value.readUInt16BE(2)}`
  if (option === Option['NEW-ENVIRON'] || option === Option['OLD-ENVIRON'])
    return environment(value)
      .map(variable => `${text(variable.name, 128)}=${text(variable.value, 256)}`)
      .join(' ')
  const says = option === Option.TTYPE || option === Option.TSPEED || option === Option.XDISPLOC
  return says ? text(value.subarray(1), 256) : value.subarray(0, 64).toString('hex')
}

/** GNU telnetd hands USER to login(1) as an argument: `-f root` logs in without a password. */
function recogniseBypass({ cx }: Telnet, token: { option: number; value: Buffer }) {
  if (token.option !== Option['NEW-ENVIRON'] && token.option !== Option['OLD-ENVIRON']) return
  for (const { name, value } of environment(token.value))
    if (name.toString('latin1') === 'USER' && value[0] === 45)
      cx.record.exploit({
        id: 'CVE-2026-24061',
        name: 'GNU inetutils telnetd log-in bypass',
        evidence: `USER=${text(value, 256)}`,
      })
}

export type Heard = Line | 'INT' | 'QUIT'

/** The next line typed at the terminal, or the signal that somebody sent instead. */
export async function readLine(telnet: Telnet): Promise<Heard> {
  for (;;) {
    const byte = telnet.early.shift() ?? (await nextByte(telnet))
    const typed = telnet.terminal.type(byte)
    if (typed.signal) telnet.output.push(dataMark)
    telnet.output.push(typed.echo)
    // login(1) ignores SIGTSTP.
    if (typed.signal && typed.signal !== 'TSTP') return typed.signal
    if (typed.lines[0]) return typed.lines[0]
  }
}

/** Keys that a telnet command stands for (RFC 854), as BSD's telnetd maps them. */
const keys = new Map<number, number>([
  [Command.IP, 3],
  [Command.BRK, 3],
  [Command.ABORT, 28],
  [Command.SUSP, 26],
  [Command.EOF, 4],
  [Command.EC, 127],
  [Command.EL, 21],
])

async function nextByte(telnet: Telnet): Promise<number> {
  for (;;) {
    const token = await nextToken(telnet)
    if (settle(telnet, token)) continue
    if (token.kind === 'data') return token.byte
    if (token.kind !== 'command') continue
    if (token.code === Command.AYT) telnet.output.push(Buffer.from('\r\n[Yes]\r\n'))
    if (token.code === Command.AO) telnet.output.push(dataMark)
    const key = keys.get(token.code)
    if (key !== undefined) return key
  }
}

export function typeEarly(telnet: Telnet, token: Token) {
  if (token.kind === 'data' && telnet.early.length < MAX_EARLY) telnet.early.push(token.byte)
}
