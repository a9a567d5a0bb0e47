import type { Persona } from '#persona/persona.ts'
import { Command, Option, subnegotiate } from './wire.ts'

/** How one telnetd begins: what it asks first, what next, what it shows before login(1) takes over. */
export type Daemon = {
  /** Answers what the peer says of options. BusyBox's telnetd says its own, hears the window's size and nothing else. */
  answers: boolean
  /** Sent at once; every answer is waited for. */
  opening: readonly (readonly ['WILL' | 'DO', number])[]
  /** Whose values are asked for where the peer has them, in this order. */
  values: readonly number[]
  /** Sent then; the answers to ECHO and NAWS are waited for. */
  second: readonly (readonly ['WILL' | 'DO', number])[]
  /** Compiled with LINEMODE: tries it, or `DO TM` where the peer has none, and asks for BINARY before the banner. */
  knowsLineMode: boolean
  /** Hands USER to login(1) as it came, options and all: CVE-2026-24061. The other one takes no name that is an option. */
  trustsUser: boolean
  /** Looks the terminal's name up, and asks for another when there is no such terminal. */
  knowsTerminals: boolean
  banner(persona: Persona, line: string): string
}

const { BINARY, ECHO, SGA, STATUS, TTYPE, NAWS, TSPEED, LFLOW, LINEMODE, XDISPLOC, AUTHENTICATION, ENCRYPT } = Option
const OLD = Option['OLD-ENVIRON']
const NEW = Option['NEW-ENVIRON']

/** GNU inetutils 2.4, Debian 12's telnetd; recorded (test/oracle/telnet). */
const inetutils: Daemon = {
  answers: true,
  opening: [
    ['WILL', AUTHENTICATION],
    ['WILL', ENCRYPT],
    ['DO', TTYPE],
    ['DO', TSPEED],
    ['DO', XDISPLOC],
    ['DO', NEW],
    ['DO', OLD],
  ],
  values: [TSPEED, XDISPLOC, NEW, OLD, TTYPE],
  second: [
    ['WILL', SGA],
    ['DO', ECHO],
    ['DO', LINEMODE],
    ['DO', NAWS],
    ['WILL', STATUS],
    ['DO', LFLOW],
  ],
  knowsLineMode: true,
  trustsUser: true,
  knowsTerminals: true,
  banner: (persona, line) => `\r\nLinux ${persona.os.kernel} (${persona.hostname}) (${line})\r\n\r\n`,
}

/** Linux netkit 0.17, the telnetd of Debian up to 11 and of Ubuntu; after its source and nmap's probe file. */
const netkit: Daemon = {
  answers: true,
  opening: [
    ['DO', TTYPE],
    ['DO', TSPEED],
    ['DO', XDISPLOC],
    ['DO', NEW],
  ],
  values: [TSPEED, XDISPLOC, NEW, TTYPE],
  second: [
    ['WILL', SGA],
    ['DO', ECHO],
    ['DO', NAWS],
    ['WILL', STATUS],
    ['DO', LFLOW],
  ],
  knowsLineMode: false,
  trustsUser: false,
  knowsTerminals: false,
  banner: persona => `${persona.os.issue}\r\n`,
}

export const daemonOf = (persona: Persona): Daemon =>
  persona.software.telnet.implementation === 'inetutils' ? inetutils : netkit

/** What the peer may switch on for itself. */
export const theirs: ReadonlySet<number> = new Set([
  BINARY,
  SGA,
  TTYPE,
  NAWS,
  TSPEED,
  LFLOW,
  LINEMODE,
  XDISPLOC,
  NEW,
  OLD,
])
export const ours: ReadonlySet<number> = new Set([BINARY, ECHO, SGA, STATUS])

/** `IAC SB option SEND IAC SE`. */
export const askValue = (option: number) => subnegotiate(option, [1])

/** LFLOW RESTART-ANY; inetutils sends the NUL that ends its C string as well. */
export const flowControl = (daemon: Daemon) =>
  Buffer.concat([subnegotiate(LFLOW, [3]), Buffer.alloc(daemon === inetutils ? 1 : 0)])

/** LINEMODE MODE EDIT|TRAPSIG (RFC 1184 §2.2), the first word of inetutils to a client that can edit lines. */
export const lineMode = Buffer.concat([subnegotiate(LINEMODE, [1, 3]), Buffer.alloc(1)])
/** Its special characters (SLC), sent with the decision to have none of it after all: login(1) wants single characters. */
export const lineModeOver = Buffer.concat([
  subnegotiate(
    LINEMODE,
    [
      3, 3, 226, 3, 4, 130, 15, 7, 226, 28, 8, 130, 4, 9, 194, 26, 10, 130, 127, 11, 130, 21, 12, 130, 23, 13, 130, 18,
      14, 130, 22, 15, 130, 17, 16, 130, 19,
    ],
  ),
])

export const dataMark = Buffer.of(Command.IAC, Command.DM)
