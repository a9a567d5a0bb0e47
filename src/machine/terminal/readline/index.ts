import { copyTermios, sharedTermios, type Termios } from '../termios.ts'
import { characters, sequenceLength } from '../width.ts'
import { complete, insertCompletions, possibleCompletions } from './completion.ts'
import { createDisplay } from './display.ts'
import type { Command, Edit, Entered, LineOptions, Result } from './edit.ts'
import { editing } from './editing.ts'
import { type CommandName, keymap, prefixes } from './keys.ts'
import { insert, newLine, replace, textOf } from './line.ts'
import { goTo, recall } from './recall.ts'
import { screenOf } from './screen.ts'
import { search } from './search.ts'

export type { Candidate, Completion, Entered, LineOptions } from './edit.ts'
export { type KillRing, newKillRing } from './line.ts'

const SIGINT = 2
/** Numbers of an argument; readline stops at a million. */
const mostCount = 1_000_000

/** rltty.c: what readline sets while it reads. Signals stay; the rest it does itself. */
const editingModes = (termios: Readonly<Termios>): Termios => {
  const modes = copyTermios(termios)
  for (const flag of ['icanon', 'echo', 'istrip', 'inpck', 'icrnl', 'inlcr'] as const) modes.flags.delete(flag)
  modes.flags.add('isig')
  modes.min = 1
  modes.time = 0
  modes.chars.lnext = 0
  return modes
}

const accept: Command = edit => ({ done: { text: textOf(edit.line) } })

const clearScreen: Command = edit => {
  edit.clear()
  return undefined
}

/** M-2, M--: a number for the next command, shown in the place of the prompt. */
const digitArgument: Command = async (edit, keys) => {
  const { prompt } = edit
  let sign = edit.counted && edit.count < 0 ? -1 : 1
  let digits = edit.counted ? String(Math.abs(edit.count)) : ''
  const draw = (): void => {
    edit.prompt = `(arg: ${sign < 0 ? '-' : ''}${digits === '' ? '1' : digits}) `
    edit.show()
  }
  draw()
  for (let key = keys.slice(1); ; key = await edit.character()) {
    edit.options.step()
    if (/^\d$/.test(key)) digits = String(Math.min(mostCount, Number(digits + key)))
    else if (key === '-' && digits === '' && sign === 1) sign = -1
    else {
      edit.push(key)
      break
    }
    draw()
  }
  edit.prompt = prompt
  edit.show()
  edit.count = sign * (digits === '' ? 1 : Number(digits))
  edit.counted = true
  return undefined
}

const shellExpand: Command = async edit => {
  const text = await edit.options.expand?.(textOf(edit.line))
  if (text !== undefined) replace(edit.line, characters(text, edit.options.multibyte))
  return undefined
}

const commands: ReadonlyMap<CommandName, Command> = new Map<CommandName, Command>([
  ...editing,
  ...recall,
  ...search,
  ['accept-line', accept],
  ['clear-screen', clearScreen],
  [
    'clear-display',
    edit => {
      edit.clear(true)
      return undefined
    },
  ],
  ['digit-argument', digitArgument],
  ['complete', complete],
  ['possible-completions', possibleCompletions],
  ['insert-completions', insertCompletions],
  ['shell-expand-line', shellExpand],
  [
    'display-shell-version',
    edit => {
      edit.below()
      edit.send('GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)\n')
      return undefined
    },
  ],
])

/**
 * Reads one line from a person at a terminal as readline 8.2 does in its emacs mode, keys and bytes alike. `undefined` at
 * ^D on an empty line and when the terminal is gone, `interrupted` at ^C. The terminal's modes are as before afterwards.
 */
export const readLine = async (options: LineOptions): Promise<Entered | 'interrupted' | undefined> => {
  const { terminal, multibyte } = options
  const saved = sharedTermios(terminal.termios)
  const echoes = saved.flags.has('echo')
  const foreground = {
    over: false,
    signal: (number: number) => {
      if (number === SIGINT) foreground.over = true
    },
  }
  let timedOut = false
  let unsent = ''
  const send = (bytes: string): void => {
    unsent += bytes
  }
  const flush = async (): Promise<void> => {
    if (unsent === '') return
    const bytes = unsent
    unsent = ''
    await options.write(bytes)
  }
  const screen = () =>
    screenOf({ type: terminal.type, columns: terminal.columns, rows: terminal.rows, speed: saved.speed })
  const draw = (bytes: string): void => {
    if (echoes) send(bytes)
  }
  const display = createDisplay(screen, multibyte, draw)
  const { pastes } = screen()
  let pushed = ''
  /** What was read at once, and how far it is used. */
  let ready = ''
  let at = 0

  /** Waits for more to be typed. */
  const more = async (): Promise<void> => {
    if (!terminal.pending()) await flush()
    const data = await options.read(4096)
    if (data === undefined || data.length === 0) throw new Gone()
    ready = data.toString('latin1')
    at = 0
  }
  const waits = (): boolean => pushed === '' && at >= ready.length
  // Without a promise where there is one already: that is most of them.
  const byte = (): string | Promise<string> => {
    if (waits()) return more().then(byte)
    if (pushed === '') return ready[at++]!
    const first = pushed[0]!
    pushed = pushed.slice(1)
    return first
  }
  const character = (): string | Promise<string> => {
    if (waits()) return more().then(character)
    const first = byte() as string
    // convert-meta, where characters are bytes.
    if (!multibyte && first > '\x7f') {
      pushed = String.fromCharCode(first.charCodeAt(0) & 127) + pushed
      return '\x1b'
    }
    return multibyte && sequenceLength(first) === 0 ? wholeCharacter(first) : first
  }
  const wholeCharacter = async (first: string): Promise<string> => {
    let bytes = first
    while (sequenceLength(bytes) === 0) bytes += await byte()
    if (sequenceLength(bytes) !== bytes.length) {
      pushed = bytes.slice(1) + pushed
      bytes = bytes[0]!
    }
    return bytes
  }
  const last = options.prompt.lastIndexOf('\n') + 1
  const edit: Edit = {
    line: newLine(),
    ring: options.ring,
    options,
    display,
    screen,
    prompt: options.prompt.slice(last),
    at: options.history.length,
    drafts: new Map(),
    count: 1,
    counted: false,
    last: undefined,
    wasKilling: false,
    argumentAt: 0,
    lastSearch: '',
    fresh: false,
    byte,
    character,
    push(keys) {
      pushed = (keys + pushed).slice(0, 4096)
    },
    send,
    bell: () => send('\x07'),
    waiting: () => pushed !== '' || at < ready.length || terminal.pending(),
    plain(most) {
      if (pushed !== '') return ''
      plainText.lastIndex = at
      const found = plainText.exec(ready)?.[0].slice(0, most) ?? ''
      at += found.length
      return found
    },
    below() {
      display.leave()
    },
    clear(all = false) {
      display.clear(all)
    },
    show(mark) {
      const { line } = edit
      const region = line.marked ? ([Math.min(line.mark, line.point), Math.max(line.mark, line.point)] as const) : mark
      display.show({ prompt: edit.prompt, line: line.text, point: line.point, mark: region })
    },
  }

  void options.patience?.then(() => {
    if (terminal.foreground !== foreground) return
    timedOut = true
    foreground.over = true
    terminal.foreground = foreground
  })
  terminal.termios = editingModes(saved)
  terminal.foreground = foreground
  const off = pastes ? '\x1b[?2004l\r' : ''
  try {
    if (pastes) send('\x1b[?2004h')
    draw(options.prompt.slice(0, last).replace(/[\x01\x02]/g, ''))
    if (options.start !== undefined && options.start < options.history.length) goTo(edit, options.start)
    if (!echoes) send(edit.prompt.replace(/[\x01\x02]/g, ''))
    edit.show()
    for (;;) {
      const result = await key(edit)
      if (result === undefined) continue
      if (result === 'eof') {
        send(off)
        if (pastes) send('\n')
        return undefined
      }
      display.leave()
      send(off)
      if (!echoes) send('\n')
      return result.done
    }
  } catch (error) {
    if (timedOut) {
      send('\x07timed out waiting for input: auto-logout\n')
      return undefined
    }
    if (foreground.over) {
      send(pastes ? '^C\x1b[?2004l\r\x1b[?2004h\x1b[?2004l\r\n' : '^C\n')
      return 'interrupted'
    }
    if (error instanceof Gone) {
      unsent = ''
      return undefined
    }
    throw error
  } finally {
    // What is left belongs to whoever reads next.
    if (at < ready.length && !foreground.over) terminal.unread(Buffer.from(ready.slice(at), 'latin1'))
    terminal.termios = saved
    await flush()
  }
}

/** The terminal hung up. */
class Gone extends Error {}

/** One key: reads it whole, and does what it is bound to. */
const key = async (edit: Edit): Promise<Result> => {
  edit.options.step()
  let keys = await edit.character()
  while (prefixes.has(keys) && !keymap.has(keys)) keys += await edit.byte()
  const { line } = edit
  const name = keymap.get(keys)
  if (name === undefined) {
    edit.wasKilling = false
    edit.ring.killing = false
    return selfInsert(edit, keys)
  }
  const unmark = line.marked
  if (unmark) {
    line.marked = false
    if (name === 'accept-line') edit.show()
  }
  edit.wasKilling = edit.ring.killing
  edit.ring.killing = false
  const result = await commands.get(name)?.(edit, keys)
  if (name !== 'complete') edit.fresh = false
  edit.last = name
  if (name !== 'digit-argument') {
    edit.count = 1
    edit.counted = false
  }
  if (name !== 'bracketed-paste-begin') edit.line.marked = false
  edit.line.run = 0
  if (result === undefined && name !== 'digit-argument') edit.show()
  return result
}

const plainText = /[ -~]*/y

/** Characters typed ahead that are taken at once. */
const batch = 4096

const selfInsert = async (edit: Edit, keys: string): Promise<undefined> => {
  const { line } = edit
  edit.last = 'insert'
  edit.fresh = false
  // A sequence that means nothing.
  if (keys.length > 1 && keys.charCodeAt(0) < 32) {
    edit.bell()
    return undefined
  }
  if (keys.length === 1 && keys < ' ') {
    edit.bell()
    return undefined
  }
  const times = Math.max(0, Math.min(edit.count, 1000))
  edit.count = 1
  edit.counted = false
  const plain = !line.marked && times === 1 && line.point === line.text.length
  line.marked = false
  if (!insert(line, times === 1 ? [keys] : Array.from({ length: times }, () => keys), true)) {
    edit.bell()
    return undefined
  }
  // What was typed ahead goes in at once, and is drawn once.
  const ahead: string[] = []
  for (;;) {
    edit.options.step()
    for (const one of edit.plain(batch - ahead.length)) ahead.push(one)
    if (!edit.waiting() || ahead.length >= batch) break
    const next = await edit.character()
    if (next < ' ' || next === '\x7f') {
      edit.push(next)
      break
    }
    ahead.push(next)
  }
  if (ahead.length > 0 && !insert(line, ahead, true)) edit.bell()
  const drawn = plain && edit.display.append(keys) && ahead.every(one => edit.display.append(one))
  if (!drawn) edit.show()
  return undefined
}
