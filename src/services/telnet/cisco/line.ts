import { hear, send, settle, type Telnet } from '../session.ts'
import { Command } from '../wire.ts'

/** What ended a line: Return, ^Z, ^C or `?`, which IOS answers before the line is done. */
export type Typed = { line: string; by: 'return' | 'end' | 'interrupt' | 'help' }

/** IOS takes 254 characters and rings the bell at more. */
const MAX_LINE = 254

/** A reader of lines as IOS edits them; Latin-1. */
export type LineReader = {
  /** `hidden` for passwords. `again`: what stands on the line already. */
  read(seconds: number, how?: { hidden?: true; again?: string }): Promise<Typed>
  /** One key. */
  key(seconds: number): Promise<number>
}

/** Keys that a telnet command stands for (RFC 854). */
const keys = new Map<number, number>([
  [Command.IP, 3],
  [Command.BRK, 3],
  [Command.EC, 127],
  [Command.EL, 21],
])

export function lineReader(telnet: Telnet, typed: (bytes: Buffer) => void): LineReader {
  let bytes: Buffer = Buffer.alloc(0)
  let afterReturn = false

  async function key(seconds: number): Promise<number> {
    for (;;) {
      if (bytes.length > 0) {
        const byte = bytes[0]!
        bytes = bytes.subarray(1)
        // CR LF is one key.
        const second = afterReturn && byte === 10
        afterReturn = byte === 13
        if (!second) return byte
        continue
      }
      const token = telnet.tokens.shift()
      if (!token) telnet.tokens = await hear(telnet, seconds)
      else if (settle(telnet, token)) continue
      else if (token.kind === 'data') {
        typed(token.bytes)
        bytes = token.bytes
      } else if (token.kind === 'command') {
        const stands = keys.get(token.code)
        if (stands !== undefined) return stands
      }
    }
  }

  async function read(seconds: number, how: { hidden?: true; again?: string } = {}): Promise<Typed> {
    let line = how.again ?? ''
    const show = (text: string) => void (how.hidden || telnet.output.push(Buffer.from(text, 'latin1')))
    const erase = (count: number) => {
      show('\b \b'.repeat(count))
      line = line.slice(0, line.length - count)
    }
    for (;;) {
      const byte = await key(seconds)
      if (byte === 13 || byte === 10) {
        telnet.output.push(Buffer.from('\r\n'))
        return { line, by: 'return' }
      }
      if (byte === 26) return { line, by: 'end' }
      if (byte === 3) return { line: '', by: 'interrupt' }
      if (byte === 63 && !how.hidden) {
        show('?\r\n')
        return { line, by: 'help' }
      }
      if (byte === 8 || byte === 127) {
        if (line.length > 0) erase(1)
      } else if (byte === 21 || byte === 24) erase(line.length)
      else if (byte === 23) erase(line.length - line.replace(/\S*\s*$/, '').length)
      else if (byte >= 32 && line.length < MAX_LINE) {
        line += String.fromCharCode(byte)
        show(String.fromCharCode(byte))
      } else if (byte >= 32) show('\x07')
    }
  }
  return { read, key }
}

/** Says it, lines ending in LF as on any terminal, and waits until it has gone. */
export async function say(telnet: Telnet, text: string): Promise<Buffer> {
  const bytes = Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1')
  telnet.output.push(bytes)
  await send(telnet)
  return bytes
}
