import { padded, type TerminalInfo, terminalInfo, withParameters } from '../terminfo.ts'

/** What readline asks a terminal's entry for when it starts (_rl_init_terminal_io). */
export type Screen = {
  columns: number
  rows: number
  /** The last column wraps to the next line by itself. */
  wraps: boolean
  /** Bracketed paste is turned on. */
  pastes: boolean
  clear: string | undefined
  clearEnd: string | undefined
  /** Clears what the terminal keeps of lines above as well. */
  clearAll: string | undefined
  up: string | undefined
  back: string
  forward: string | undefined
  insert: ((count: number) => string) | undefined
  remove: ((count: number) => string) | undefined
  standout: readonly [on: string, off: string] | undefined
}

const screens = new Map<string, Omit<Screen, 'columns' | 'rows'>>()

/** A terminal that is in no table is taken for one that can do nothing. */
export const screenOf = (terminal: { type: string; columns: number; rows: number; speed: number }): Screen => {
  // All that are in no table are one.
  const info = terminalInfo(terminal.type)
  const key = `${info?.name ?? ''} ${terminal.speed}`
  let known = screens.get(key)
  if (!known) {
    known = abilities(info, terminal.speed)
    if (screens.size < 200) screens.set(key, known)
  }
  const columns = terminal.columns || 80
  return { ...known, columns: Math.max(2, known.wraps ? columns : columns - 1), rows: terminal.rows || 24 }
}

const abilities = (info: TerminalInfo | undefined, speed: number): Omit<Screen, 'columns' | 'rows'> => {
  const string = (name: string): string | undefined => {
    const text = info?.strings.get(name)
    return text === undefined ? undefined : padded(text, speed)
  }
  const counted = (name: string, one: string) => {
    const many = info?.strings.get(name)
    const single = info?.strings.get(one)
    if (many !== undefined) return (count: number) => padded(withParameters(many, [count]), speed)
    return single === undefined ? undefined : (count: number) => padded(single, speed).repeat(count)
  }
  const on = string('smso')
  const off = string('rmso')
  return {
    wraps: info?.flags.has('am') === true && info.flags.has('xenl'),
    pastes: info !== undefined && info.name !== 'dumb',
    clear: string('clear'),
    clearEnd: string('el'),
    clearAll: /^(xterm|linux|alacritty|putty|st-|vte|konsole|gnome)/.test(info?.name ?? '') ? '\x1b[3J' : undefined,
    up: string('cuu1'),
    back: string('cub1') ?? '\b',
    forward: string('cuf1'),
    insert: counted('ich', 'ich1'),
    remove: counted('dch', 'dch1'),
    standout: on !== undefined && off !== undefined ? [on, off] : undefined,
  }
}
