import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import { Hangup } from '#sensor/endings.ts'
import type { TcpContext } from '#sensor/service.ts'
import { type Daemon, daemonOf, flowControl, lineMode, ours, theirs } from './daemon.ts'
import { Negotiation } from './negotiation.ts'
import type { Options } from './options.ts'
import { environment, Option, optionName, type Token, Tokenizer } from './wire.ts'

/** One telnet connection: what was heard and not dealt with yet, and what is to be said at the next chance. */
export type Telnet = {
  conn: Conn
  cx: TcpContext<Options>
  daemon: Daemon
  options: Negotiation
  tokenizer: Tokenizer
  /** Read from the wire, not yet acted upon. */
  tokens: Token[]
  /** Options whose value came. */
  told: number[]
  /** Terminal type as last told, in lower case. */
  terminalType: string | undefined
  /** The peer has not said that it echoes itself. */
  echo: boolean
  /** As NAWS told it; nobody knows before. */
  size: Size | undefined
  /** Variables that the client sent, the last value of each. Latin-1. */
  variables: Map<string, string> | undefined
  /** Goes out before the next wait. */
  output: Buffer[]
  /** Options that were recorded. */
  noted: number
  /** When whoever is not logged in has to go, in milliseconds; none once somebody is. */
  deadline: number
  /** The terminal wants to know of these, once there is one. */
  on: { size?(size: Size): void; echo?(on: boolean): void; binary?(on: boolean): void } | undefined
}
export type Size = { columns: number; rows: number }

/** Options of one connection that are recorded; a client that toggles one for ever says nothing new. */
const MAX_NOTED = 64
const MAX_VARIABLES = 64
/** Read at once. */
const MAX_CHUNK = 64 << 10

const policy = { theirs, ours }

export function openTelnet(conn: Conn, cx: TcpContext<Options>, seconds: number): Telnet {
  return {
    conn,
    cx,
    daemon: daemonOf(cx.persona),
    options: new Negotiation(policy),
    tokenizer: new Tokenizer(),
    tokens: [],
    told: [],
    terminalType: undefined,
    echo: true,
    size: undefined,
    variables: undefined,
    output: [],
    noted: 0,
    deadline: cx.now() + seconds * 1000,
    on: undefined,
  }
}

export async function send(telnet: Telnet): Promise<void> {
  if (telnet.output.length === 0) return
  const bytes = telnet.output.length === 1 ? telnet.output[0]! : Buffer.concat(telnet.output)
  telnet.output = []
  if (bytes.length > 0) await telnet.conn.write(bytes)
}

/**
 * What comes next; what is to be said goes out before. Throws `Hangup('idle')` after `patience` seconds of silence, and
 * when it is time to go.
 */
export async function hear(telnet: Telnet, patience: number): Promise<Token[]> {
  if (telnet.output.length > 0) await send(telnet)
  return telnet.tokenizer.read(await listen(telnet, patience))
}

/** The same, for whoever has said all there is to say and wants to be no heavier for the wait. */
export function listen(telnet: Telnet, patience: number): Promise<Buffer> {
  const left = (telnet.deadline - telnet.cx.now()) / 1000
  if (left <= 0) throw new Hangup('idle')
  telnet.conn.patience = Math.min(patience, left)
  return telnet.conn.readSome(MAX_CHUNK)
}

/** Option business, which may come at any time; `false` for what somebody types. */
export function settle(telnet: Telnet, token: Token): boolean {
  const { options, output } = telnet
  if (token.kind === 'option') {
    note(telnet, { verb: token.verb, option: optionName(token.option) })
    if (!telnet.daemon.answers) return true
    const { verb, option } = token
    const answer = options.hear(verb, option)
    output.push(answer)
    // A DO that only agrees to our WILL changes nothing.
    if (option === Option.ECHO && (verb === 'DONT' || (verb === 'DO' && answer.length > 0))) {
      telnet.echo = verb === 'DO'
      telnet.on?.echo?.(telnet.echo)
    }
    if (option === Option.BINARY && (verb === 'DO' || verb === 'DONT')) telnet.on?.binary?.(verb === 'DO')
    if (verb === 'WILL' && options.theyHave(option)) {
      if (option === Option.LFLOW) output.push(flowControl(telnet.daemon))
      if (option === Option.LINEMODE) output.push(lineMode)
    }
    return true
  }
  if (token.kind === 'sub') {
    const { option, value } = token
    if (!telnet.told.includes(option)) telnet.told.push(option)
    if (option === Option.TTYPE && telnet.daemon.answers)
      telnet.terminalType = text(value.subarray(1, 41)).toLowerCase()
    note(telnet, { verb: 'SB', option: optionName(option), value: meaning(option, value) })
    if (option === Option['NEW-ENVIRON'] || option === Option['OLD-ENVIRON']) learn(telnet, value)
    if (option === Option.NAWS && value.length === 4) {
      telnet.size = { columns: value.readUInt16BE(0), rows: value.readUInt16BE(2) }
      telnet.on?.size?.(telnet.size)
    }
    if (option === Option.STATUS && value[0] === 1 && telnet.daemon.answers) output.push(options.status())
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

/** GNU telnetd hands USER to login(1) as arguments: `-f root` logs in without a password. */
function learn(telnet: Telnet, value: Buffer) {
  telnet.variables ??= new Map()
  for (const variable of environment(value)) {
    const name = variable.name.toString('latin1')
    if (telnet.variables.size >= MAX_VARIABLES && !telnet.variables.has(name)) continue
    telnet.variables.set(name, variable.value.toString('latin1'))
    if (name === 'USER' && variable.value[0] === 45)
      telnet.cx.record.exploit({
        id: 'CVE-2026-24061',
        name: 'GNU inetutils telnetd log-in bypass',
        evidence: `USER=${text(variable.value, 256)}`,
      })
  }
}
