import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'

/** A line of a client's (RFC 2812 §2.3.1). Latin-1. */
export type Message = { prefix?: string; command: string; params: string[]; line: string }

/** Parameters of one message. */
const PARAMS = 15
/** Bytes of a line with its end (RFC 2812 §2.3). */
export const LINE = 512

/** The next line, without CR and LF; `undefined` when it is longer than any may be. */
export async function readLine(conn: Conn): Promise<string | undefined> {
  try {
    return (await conn.readUntil('\n', LINE - 1)).toString('latin1').replace(/[\r\n]+$/, '')
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

export function parse(line: string): Message {
  const [, prefix, rest = ''] = /^(?::(\S*) *)?(.*)$/s.exec(line) ?? []
  const params: string[] = []
  let left = rest
  while (left !== '' && params.length <= PARAMS) {
    if (left.startsWith(':') && params.length > 0) {
      params.push(left.slice(1))
      break
    }
    const [word = ''] = left.split(' ', 1)
    params.push(word)
    left = left.slice(word.length).replace(/^ +/, '')
    if (left.startsWith(':')) {
      params.push(left.slice(1))
      break
    }
  }
  const command = params.shift() ?? ''
  return { ...(prefix === undefined ? {} : { prefix }), command: command.toUpperCase(), params, line }
}

/** Names of channels and people are the same in capitals and without (CASEMAPPING=ascii). */
export const fold = (name: string): string => name.toLowerCase()

export const latin = (said: string, max = 1024): string => text(Buffer.from(said, 'latin1'), max)
