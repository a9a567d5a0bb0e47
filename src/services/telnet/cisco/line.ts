import { hear, send, settle, type Telnet } from '../session.ts'
import { Command } from '../wire.ts'

/** What ended a line: Return, ^Z, ^C, or what IOS answers before the line is done: `?`, Tab, and ^R, which shows it again. */
export type Typed = { line: string; by: 'return' | 'end' | 'interrupt' | 'help' | 'complete' | 'again' }
/** `hidden` for passwords, which nothing edits. `again`: what stands on the line already. */
export type Reading = { hidden?: true; again?: string; history?: readonly string[] }

/** IOS takes 254 characters and rings the bell at more. */
const MAX_LINE = 254

/** A reader of lines as IOS edits them; Latin-1. */
export type LineReader = {
  read(seconds: number, how?: Reading): Promise<Typed>
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

/** The last letter of an arrow's sequence. */
const arrows = new Map([
  [65, 16],
  [66, 14],
  [67, 6],
  [68, 2],
])
/** ^A, ^B, ^E, ^F: columns that the cursor goes. */
const moves = new Map([
  [1, -MAX_LINE],
  [2, -1],
  [5, MAX_LINE],
  [6, 1],
])
/** Pieces of output that wait for more to be typed. */
const MAX_UNSENT = 256

/** A line on the screen with a cursor in it. */
function editedLine(begun: string, show: (text: string) => void) {
  let text = begun
  let at = begun.length
  const rest = () => text.slice(at)
  const back = (count: number) => show('\b'.repeat(count))
  const line = {
    text: () => text,
    bell: () => show('\x07'),
    insert(character: string) {
      if (text.length >= MAX_LINE) {
        line.bell()
        return
      }
      show(character + rest())
      back(rest().length)
      text = text.slice(0, at) + character + rest()
      at++
    },
    /** Takes characters behind the cursor away. */
    erase(count: number) {
      const gone = Math.min(count, text.length - at)
      if (gone === 0) return
      text = text.slice(0, at) + text.slice(at + gone)
      show(rest() + ' '.repeat(gone))
      back(rest().length + gone)
    },
    rubOut(count: number) {
      const gone = Math.min(count, at)
      if (at === text.length) show('\b \b'.repeat(gone))
      else back(gone)
      const whole = at === text.length
      at -= gone
      if (whole) text = text.slice(0, at)
      else line.erase(gone)
    },
    rubOutWord: () => line.rubOut(at - text.slice(0, at).replace(/\S*\s*$/, '').length),
    /** To the right, or to the left when negative. */
    move(columns: number) {
      const to = Math.min(text.length, Math.max(0, at + columns))
      if (to < at) back(at - to)
      else show(text.slice(at, to))
      at = to
    },
    replace(other: string) {
      line.move(MAX_LINE)
      line.rubOut(MAX_LINE)
      text = other
      at = other.length
      show(other)
    },
  }
  return line
}

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

  /** An arrow as the control character that does the same; what else follows ESC does nothing. */
  async function afterEscape(seconds: number): Promise<number> {
    const first = await key(seconds)
    if (first !== 91 && first !== 79) return 0
    return arrows.get(await key(seconds)) ?? 0
  }

  async function read(seconds: number, { hidden, again = '', history = [] }: Reading = {}): Promise<Typed> {
    const line = editedLine(again, text => void (hidden || telnet.output.push(Buffer.from(text, 'latin1'))))
    let entry = history.length
    const recall = (to: number): void => {
      if (to < 0 || to > history.length) line.bell()
      else {
        entry = to
        line.replace(history[to] ?? '')
      }
    }
    for (;;) {
      if (telnet.output.length > MAX_UNSENT) await send(telnet)
      let byte = await key(seconds)
      if (byte === 27 && !hidden) byte = await afterEscape(seconds)
      if (byte === 13 || byte === 10) {
        telnet.output.push(Buffer.from('\r\n'))
        return { line: line.text(), by: 'return' }
      }
      if (byte === 26) return { line: line.text(), by: 'end' }
      if (byte === 3) return { line: '', by: 'interrupt' }
      if (byte === 8 || byte === 127) line.rubOut(1)
      else if (byte === 21 || byte === 24) line.rubOut(MAX_LINE)
      else if (byte === 23) line.rubOutWord()
      else if (byte >= 32 && (byte !== 63 || hidden)) line.insert(String.fromCharCode(byte))
      else if (!hidden) {
        if (byte === 63) {
          line.move(MAX_LINE)
          telnet.output.push(Buffer.from('?\r\n'))
          return { line: line.text(), by: 'help' }
        }
        if (byte === 9) return { line: line.text(), by: 'complete' }
        if (byte === 12 || byte === 18) return { line: line.text(), by: 'again' }
        if (byte === 16) recall(entry - 1)
        else if (byte === 14) recall(entry + 1)
        else if (byte === 4) line.erase(1)
        else if (byte === 11) line.erase(MAX_LINE)
        else line.move(moves.get(byte) ?? 0)
      }
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
