import type { Terminal } from '../../system.ts'
import { copyTermios, sharedTermios, type Termios } from '../termios.ts'
import { controls, isUnfinished, type KeyName, sequences } from './keys.ts'
import { createView, type View } from './view.ts'

/** What the word before the cursor could become. */
export type Matches = {
  /** Where the part begins that changes. */
  start: number
  /** In the order in which they are listed; a folder ends in `/`. */
  names: readonly string[]
  /** As it has to stand in the line. */
  quoted(name: string): string
}

export type EditOptions = {
  terminal: Terminal
  read(max: number): Promise<Buffer | undefined>
  write(bytes: string): Promise<void>
  /** With bytes 1 and 2 around what takes no room. */
  prompt: string
  /** Oldest first. What is changed in passing stays changed. */
  history: string[]
  /** Asks the terminal where the cursor is, as CONFIG_FEATURE_EDITING_ASK_TERMINAL does. */
  asks: boolean
  complete(before: string): Matches
  /** Counts work. */
  step(cost?: number): void
}

/** A line as it is run; `beyond` is what was typed when there was no more room for it. */
export type Line = { text: string; beyond: string }

/** CONFIG_FEATURE_EDITING_MAX_LEN: bytes of a line with its newline and NUL. */
const lineMax = 1024 - 2
/** Bytes beyond it that are still told of. */
const beyondMax = 16_384
/** Bytes of output that wait for more to be typed. */
const unsentMax = 16_384
/** Columns of a terminal that does not say how wide it is. */
const defaultWidth = 80

/** get_termios_and_make_raw: no echo, no lines, no signals. */
const rawModes = (termios: Readonly<Termios>): Termios => {
  const modes = copyTermios(termios)
  for (const flag of ['icanon', 'echo', 'echonl', 'isig'] as const) modes.flags.delete(flag)
  modes.min = 1
  modes.time = 0
  return modes
}

type Edit = {
  readonly view: View
  readonly options: EditOptions
  text: string
  at: number
  beyond: string
  /** Entry of the history that is shown, and the line that is not one of it yet. */
  entry: number
  draft: string
  /** What the last Tab found, when it was no single name. */
  found: Matches | undefined
  lastWasTab: boolean
  send(bytes: string): void
}

/**
 * Reads a line as BusyBox's shell does from a terminal that echoes (libbb/lineedit.c, recorded from Debian's 1.35.0:
 * without search, vi mode and Unicode). `undefined` at ^D on an empty line and when the terminal is gone, `interrupted`
 * at ^C. The terminal's modes are as before afterwards.
 */
export const editLine = async (options: EditOptions): Promise<Line | 'interrupted' | undefined> => {
  const { terminal } = options
  const saved = sharedTermios(terminal.termios)
  let unsent = ''
  const send = (bytes: string): void => {
    unsent += bytes
  }
  const flush = async (): Promise<void> => {
    const bytes = unsent
    unsent = ''
    if (bytes !== '') await options.write(bytes)
  }
  let ready = ''
  let next = 0
  const byte = async (): Promise<string | undefined> => {
    if (next === ready.length) {
      if (!terminal.pending()) await flush()
      const data = await options.read(4096)
      if (data === undefined || data.length === 0) return undefined
      ready = data.toString('latin1')
      next = 0
    }
    return ready[next++]
  }
  /** A key's bytes; those of a sequence that is none are thrown away, but for what cannot be part of one. */
  const key = async (): Promise<string | undefined> => {
    const first = await byte()
    if (first !== '\x1b') return first
    let keys = (await byte()) ?? ''
    while (isUnfinished(keys)) keys += (await byte()) ?? '~'
    if (keys.length === 1 && !sequences.has(keys)) next--
    return first + keys
  }
  const edit: Edit = {
    view: createView(terminal.columns || defaultWidth, send),
    options,
    text: '',
    at: 0,
    beyond: '',
    entry: options.history.length,
    draft: '',
    found: undefined,
    lastWasTab: false,
    send,
  }
  terminal.termios = rawModes(saved)
  const over = { over: false, signal: () => {} }
  terminal.foreground = over
  try {
    edit.view.start(options.prompt)
    if (options.asks && !terminal.pending()) send('\x1b[6n')
    for (;;) {
      const keys = await key()
      if (keys === undefined) return undefined
      const drawn = edit.view.drawn()
      const name = press(edit, keys)
      options.step(1 + ((edit.view.drawn() - drawn) >> 6))
      if (unsent.length > unsentMax) await flush()
      if (name === 'interrupt') return 'interrupted'
      if (name === 'end-of-file' && edit.text === '') return undefined
      if (name === 'enter') return { text: edit.text, beyond: edit.beyond }
    }
  } finally {
    // What is left belongs to whoever reads next.
    if (next < ready.length) terminal.unread(Buffer.from(ready.slice(next), 'latin1'))
    terminal.termios = saved
    await flush()
  }
}

/** What one key does; its name where it is not a character. */
const press = (edit: Edit, keys: string): KeyName | undefined => {
  const name = keys.startsWith('\x1b')
    ? (sequences.get(keys.slice(1)) ?? 'nothing')
    : (controls.get(keys) ?? (keys < ' ' ? 'nothing' : undefined))
  const { lastWasTab } = edit
  edit.lastWasTab = false
  if (name === undefined) insert(edit, keys)
  else if (name === 'complete') complete(edit, lastWasTab)
  else actions[name]?.(edit)
  return name
}

const insert = (edit: Edit, character: string): void => {
  if (edit.text.length >= lineMax) {
    if (edit.beyond.length < beyondMax) edit.beyond += character
    return
  }
  const rest = edit.text.slice(edit.at)
  edit.text = edit.text.slice(0, edit.at) + character + rest
  edit.view.put(character + rest)
  edit.view.back(rest.length)
  edit.at++
}

const backward = (edit: Edit, count: number): void => {
  const most = Math.min(count, edit.at)
  edit.at -= most
  edit.view.back(most)
}
const forward = (edit: Edit, count = 1): void => {
  edit.view.put(edit.text.slice(edit.at, edit.at + count))
  edit.at = Math.min(edit.text.length, edit.at + count)
}
const remove = (edit: Edit): void => {
  if (edit.at === edit.text.length) return
  const rest = edit.text.slice(edit.at + 1)
  edit.text = edit.text.slice(0, edit.at) + rest
  edit.view.put(rest)
  edit.view.clear()
  edit.view.back(rest.length)
}
const rubOut = (edit: Edit): void => {
  if (edit.at === 0) return
  backward(edit, 1)
  remove(edit)
}

const delimits = (character: string | undefined): boolean =>
  character === undefined || character === ' ' || /[!-/:-@[-`{-~]/.test(character)
const wordLeft = (edit: Edit): void => {
  do backward(edit, 1)
  while (edit.at > 0 && delimits(edit.text[edit.at]))
  while (edit.at > 0 && !delimits(edit.text[edit.at - 1])) backward(edit, 1)
}
const wordRight = (edit: Edit): void => {
  while (edit.at < edit.text.length && delimits(edit.text[edit.at])) forward(edit)
  while (edit.at < edit.text.length && !delimits(edit.text[edit.at])) forward(edit)
}

/** Shows another entry of the history; this one keeps what was made of it. */
const recall = (edit: Edit, to: number): void => {
  const { history } = edit.options
  if (edit.text !== '') {
    if (edit.entry < history.length) history[edit.entry] = edit.text
    else edit.draft = edit.text
  }
  edit.entry = to
  edit.text = to < history.length ? history[to]! : edit.draft
  edit.at = edit.text.length
  edit.view.redraw(edit.text, edit.at)
}

const actions: Partial<Record<KeyName, (edit: Edit) => void>> = {
  start: edit => backward(edit, edit.at),
  end: edit => forward(edit, edit.text.length),
  left: edit => backward(edit, 1),
  right: edit => forward(edit),
  'word-left': wordLeft,
  'word-right': wordRight,
  up: edit => (edit.entry > 0 ? recall(edit, edit.entry - 1) : edit.send('\x07\x07')),
  down: edit => (edit.entry < edit.options.history.length ? recall(edit, edit.entry + 1) : edit.send('\x07')),
  delete: remove,
  'end-of-file': remove,
  'delete-word'(edit) {
    const from = edit.at
    wordRight(edit)
    const count = edit.at - from
    backward(edit, count)
    for (let i = 0; i < count; i++) remove(edit)
  },
  'rub-out': rubOut,
  'rub-out-word'(edit) {
    const from = edit.at
    wordLeft(edit)
    for (let count = from - edit.at; count > 0; count--) remove(edit)
  },
  'rub-out-spaced-word'(edit) {
    while (edit.text[edit.at - 1] === ' ') rubOut(edit)
    while (edit.at > 0 && edit.text[edit.at - 1] !== ' ') rubOut(edit)
  },
  'kill-line'(edit) {
    edit.text = edit.text.slice(0, edit.at)
    edit.view.clear()
  },
  'kill-start'(edit) {
    if (edit.at === 0) return
    edit.text = edit.text.slice(edit.at)
    edit.at = 0
    edit.view.redraw(edit.text, 0)
  },
  'clear-screen'(edit) {
    edit.send('\x1b[H\x1b[J')
    edit.view.redraw(edit.text, edit.at, 0)
  },
  enter(edit) {
    forward(edit, edit.text.length)
    // Behind the last column it stands on a new row already.
    if (edit.text === '' || !edit.view.atEdge()) edit.send('\n')
  },
}

/** Tab: what all that fits has in common; pressed again, the list. */
const complete = (edit: Edit, again: boolean): void => {
  if (again) {
    edit.lastWasTab = true
    if (edit.found && edit.found.names.length > 0) list(edit, edit.found.names)
    return
  }
  const found = edit.options.complete(edit.text.slice(0, edit.at))
  const [only, ...others] = found.names
  edit.found = found
  edit.lastWasTab = others.length > 0 || only === undefined
  if (edit.lastWasTab) edit.send('\x07')
  if (only === undefined) return
  const common = others.length > 0 ? commonStart(found.names) : only
  if (common === '') return
  const chosen = found.quoted(common) + (others.length > 0 || only.endsWith('/') ? '' : ' ')
  const rest = edit.text.slice(edit.at)
  if (found.start + chosen.length + rest.length > lineMax) return
  edit.text = edit.text.slice(0, found.start) + chosen + rest
  edit.at = found.start + chosen.length
  edit.view.redraw(edit.text, edit.at)
}

const commonStart = (names: readonly string[]): string => {
  const [first = ''] = names
  let length = first.length
  for (const name of names) while (!name.startsWith(first.slice(0, length))) length--
  return first.slice(0, length)
}

/** Names in columns below the line, as showfiles() sets them, and the line again. */
const list = (edit: Edit, names: readonly string[]): void => {
  edit.view.put(edit.text.slice(edit.at))
  edit.send('\n')
  const width = Math.max(...names.map(name => name.length)) + 2
  const columns = Math.max(1, Math.floor((edit.options.terminal.columns || defaultWidth) / width))
  const rows = Math.ceil(names.length / columns)
  for (let row = 0; row < rows; row++) {
    let line = ''
    for (let i = row; i < names.length; i += rows) line += i + rows < names.length ? names[i]!.padEnd(width) : names[i]
    edit.send(`${line}\n`)
  }
  edit.view.redraw(edit.text, edit.at, 0)
}
