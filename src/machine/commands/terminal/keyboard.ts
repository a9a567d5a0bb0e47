import type { Process, Terminal } from '../../system.ts'
import { padded, terminalInfo, withParameters } from '../../terminal/terminfo.ts'
import { copyTermios } from '../../terminal/termios.ts'
import { sequenceLength } from '../../terminal/width.ts'

/** Keys of a terminal in raw mode, as a program that fills the screen reads them. */
export type Keyboard = {
  /** A character (its bytes), or a whole escape sequence; `undefined` when the terminal is gone. */
  next(): Promise<string | undefined>
  /** A key can be had without waiting. */
  waiting(): boolean
}

/** Bytes of an escape sequence. */
const sequenceMax = 32

/**
 * Runs with the terminal's keys unechoed and unbuffered, and puts the modes back. `signals`: ^C stays a signal, which
 * ends the program unless it listens.
 */
export const withKeyboard = async <T>(
  process: Process,
  terminal: Terminal,
  run: (keys: Keyboard) => Promise<T>,
  signals = false,
): Promise<T> => {
  const before = terminal.termios
  const raw = copyTermios(before)
  for (const flag of ['icanon', 'echo', 'icrnl', 'ixon', 'iexten'] as const) raw.flags.delete(flag)
  if (!signals) raw.flags.delete('isig')
  raw.min = 1
  raw.time = 0
  terminal.termios = raw
  const input = process.isatty[0] ? process.stdin : terminal.input
  const byte = async (): Promise<string | undefined> => {
    process.step()
    const data = await input.read(1)
    return data === undefined || data.length === 0 ? undefined : String.fromCharCode(data[0]!)
  }
  const waiting = (): boolean => terminal.pending()
  try {
    return await run({
      waiting,
      async next() {
        let key = await byte()
        if (key === undefined) return undefined
        if (key === '\x1b' && waiting()) {
          key += (await byte()) ?? ''
          if (/^\x1b[[O]$/.test(key))
            while (key.length < sequenceMax && !/^\x1b(\[[0-9;?]*[@-~]|O[0-9;]*[@-~])$/.test(key) && waiting())
              key += (await byte()) ?? ''
          return key
        }
        while (sequenceLength(key) === 0) {
          const more = await byte()
          if (more === undefined) return undefined
          key += more
        }
        return key
      },
    })
  } finally {
    terminal.termios = before
  }
}

/** The strings of the process's `$TERM`, padded as its terminal's speed asks for; what it lacks is empty. */
export const stringsOf = (process: Process): { known: boolean; string(name: string, ...given: number[]): string } => {
  const info = terminalInfo(process.env.get('TERM') ?? 'dumb')
  const speed = process.terminal?.termios.speed ?? 38_400
  return {
    known: info?.strings.has('cup') ?? false,
    string: (name, ...given) => padded(withParameters(info?.strings.get(name) ?? '', given), speed),
  }
}
