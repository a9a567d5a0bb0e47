import { Malformed } from '#codec/malformed.ts'
import type { Conn } from '#sensor/conn.ts'

/** One command line, as Latin-1: a byte a character, so that paths keep what the client sent. */
export type Command = { verb: string; arg: string; line: string; hasArg: boolean }

/** Longest command line either daemon takes in one read. */
export const MAX_LINE = 4096

/** The next command, telnet sequences (RFC 959 §4.1.3: `IAC IP IAC DM ABOR`) taken out. */
export async function readCommand(conn: Conn): Promise<Command> {
  return parseCommand(withoutTelnet(await conn.readLine(MAX_LINE)).toString('latin1'))
}

export function parseCommand(line: string): Command {
  const space = line.indexOf(' ')
  const verb = (space < 0 ? line : line.slice(0, space)).toUpperCase()
  return { verb, arg: space < 0 ? '' : line.slice(space + 1), hasArg: space >= 0 && space + 1 < line.length, line }
}

const IAC = 255

/** Drops `IAC x` and `IAC WILL|WONT|DO|DONT option`; `IAC IAC` is the byte 255 (RFC 854). */
export function withoutTelnet(line: Buffer): Buffer {
  if (!line.includes(IAC)) return line
  const kept: number[] = []
  for (let at = 0; at < line.length; at++) {
    if (line[at] !== IAC) kept.push(line[at]!)
    else if (line[at + 1] === IAC) kept.push(line[++at]!)
    else at += line[at + 1]! >= 251 ? 2 : 1
  }
  return Buffer.from(kept)
}

/** `h1,h2,h3,h4,p1,p2` (RFC 959 §4.1.2, PORT). */
export function parsePort(arg: string): { ip: string; port: number } | undefined {
  const parts = arg.split(',')
  if (parts.length !== 6 || !parts.every(part => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined
  const [a, b, c, d, high, low] = parts.map(Number) as [number, number, number, number, number, number]
  return { ip: `${a}.${b}.${c}.${d}`, port: high * 256 + low }
}

/** `|protocol|address|port|` with any printable delimiter (RFC 2428 §2). */
export function parseExtendedPort(arg: string): { family: number; ip: string; port: number } | undefined {
  const [, family = '', ip = '', port = '', end] = arg.split(arg[0] ?? '|')
  if (end === undefined || !/^\d{1,2}$/.test(family) || !/^\d{1,5}$/.test(port)) return undefined
  return { family: Number(family), ip, port: Number(port) }
}

/** `NNN-first`, inner lines, `NNN last`. */
export const multiline = (code: number, first: string, inner: readonly string[], last: string) =>
  `${code}-${first}\r\n${inner.map(line => `${line}\r\n`).join('')}${code} ${last}\r\n`

/** A path inside double quotes, its own doubled (RFC 959 appendix II). */
export const quoted = (path: string) => `"${path.replaceAll('"', '""')}"`

/** `YYYYMMDDhhmmss` in UTC (RFC 3659 §2.3) of milliseconds, and back; `undefined` if it is no time. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 14)
}
export function parseTimestamp(said: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(said)
  if (!parts) return undefined
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const ms = Date.UTC(year, month - 1, day, hour, minute, second)
  return timestamp(ms) === said ? ms : undefined
}

/** Is this the end of `readCommand` over a line that is too long? */
export const isTooLong = (error: unknown) => error instanceof Malformed && error.message.startsWith('No "\\n" within')

/** Passes over the rest of a line that is too long. */
export async function skipLine(conn: Conn): Promise<void> {
  for (;;) {
    const held = await conn.peek(Math.max(1, conn.held))
    const end = held.indexOf(10)
    if (end >= 0) return void (await conn.read(end + 1))
    await conn.read(Math.max(1, held.length))
  }
}
