import { compileRegex } from '../../regex/regex.ts'
import type { Process, Program, Terminal } from '../../system.ts'
import {
  breakLine,
  columnAt,
  eraseAt,
  eraseBefore,
  insertText,
  lengthAt,
  lengthBefore,
  lineOf,
  openDocument,
} from './document.ts'
import { type Keyboard, stringsOf, withKeyboard } from './keyboard.ts'
import { rowsOf, visible } from './pages.ts'
import { keep, operate, put, type State } from './vi-change.ts'
import { execute } from './vi-ex.ts'
import { motionOf } from './vi-motion.ts'

/** vim.tiny(1) of Debian 12, as vi, view, ex and rvim call it. */
export const vi: Program = async process => {
  const words = process.argv.slice(1)
  if (words.includes('--version')) {
    await process.stdout.write('VIM - Vi IMproved 9.0 (2022 Jun 28, compiled May 04 2023 10:24:44)\n')
    return 0
  }
  const { terminal } = process
  if (!terminal || !process.isatty[1]) await process.stderr.write('Vim: Warning: Output is not to a terminal\n')
  if (!terminal) return 1
  if (!process.isatty[0]) await process.stderr.write('Vim: Warning: Input is not from a terminal\n')
  const path = words.find(word => !/^[-+]/.test(word)) ?? ''
  const opened = openDocument(process, path)
  const { document } = opened
  const start = words.find(word => word.startsWith('+'))
  if (start !== undefined)
    document.row =
      start === '+'
        ? document.lines.length - 1
        : Math.max(0, Math.min(document.lines.length, Number(start.slice(1)) || 1) - 1)
  const readOnly = /view$/.test(process.argv[0] ?? '') || words.includes('-R')
  const state: State = {
    document,
    top: 0,
    mode: 'normal',
    message: greeting(opened, path, readOnly),
    isError: false,
    register: { text: '', lines: false },
    undo: [],
    numbers: false,
    sought: '',
    readOnly,
  }
  const isXterm = (process.env.get('TERM') ?? '').startsWith('xterm')
  const { string } = stringsOf(process)
  const { rows } = terminal
  await process.stdout.write(
    isXterm
      ? `${string('smcup')}\x1b[>4;2m${string('smkx')}\x1b[?2004h\x1b[1;${rows}r\x1b[?12h\x1b[?12l\x1b[22;2t\x1b[22;1t\x1b[27m\x1b[23m\x1b[29m\x1b[m\x1b[H\x1b[2J\x1b[?25l`
      : `${string('smcup')}${string('smkx')}${string('clear')}`,
  )
  await withKeyboard(process, terminal, keys => edit(process, terminal, keys, state))
  await process.stdout.write(
    isXterm
      ? `\x1b[23;2t\x1b[23;1t\r\r\n\x1b[?2004l${string('rmkx')}${string('rmcup')}\x1b[?25h\x1b[>4;m`
      : `\r\n${string('rmkx')}${string('rmcup')}`,
  )
  return 0
}

const greeting = (opened: ReturnType<typeof openDocument>, path: string, readOnly: boolean): string => {
  if (path === '') return ''
  const { document } = opened
  if ('error' in opened)
    return `"${path}" ${opened.error === 'Permission denied' ? '[Permission Denied]' : opened.error}`
  if (document.isNew) return `"${path}" [New File]`
  const count = document.bytes === 0 ? 0 : document.lines.length
  return `"${path}"${readOnly ? ' [readonly]' : ''} ${count} line${count === 1 ? '' : 's'}, ${document.bytes} byte${document.bytes === 1 ? '' : 's'}`
}

/** Draws what changed. */
const painter = (process: Process, terminal: Terminal) => {
  let shown: string[] = []
  return async (state: State, command?: string): Promise<void> => {
    const columns = terminal.columns || 80
    const height = Math.max(1, (terminal.rows || 24) - 1)
    const { document } = state
    const margin = state.numbers ? 4 : 0
    const split = (row: number): string[] => {
      const number = state.numbers ? `${String(row + 1).padStart(3)} ` : ''
      return rowsOf(number + visible(document.lines[row] ?? ''), columns)
    }
    if (document.row < state.top) state.top = document.row
    // The cursor's line has to be on the screen whole.
    for (let used = 0, row = document.row; row >= state.top; row--) {
      used += Math.min(split(row).length, height)
      if (used > height) {
        state.top = row + 1
        break
      }
    }
    const rows: string[] = []
    let cursor = [0, 0]
    for (let row = state.top; row < document.lines.length && rows.length < height; row++) {
      if (row === document.row) {
        const column = columnAt(lineOf(document), document.at) + margin
        cursor = [rows.length + Math.floor(column / columns), column % columns]
      }
      for (const piece of split(row)) if (rows.length < height) rows.push(piece)
    }
    while (rows.length < height) rows.push(`\x1b[94m~\x1b[m${' '.repeat(Math.max(0, columns - 1))}`)
    const mode = state.mode === 'insert' ? '' : ''
    rows.push(command ?? (state.isError ? `\x1b[97m\x1b[41m${state.message}\x1b[m` : state.message || mode))
    let bytes = '\x1b[?25l'
    for (const [at, row] of rows.entries())
      if (row !== shown[at])
        bytes += `\x1b[${at + 1};1H${row}${row.includes('~\x1b[m') || row.length >= columns ? '' : '\x1b[K'}`
    shown = rows
    const [y, x] = command === undefined ? cursor : [height, visible(command).length]
    await process.stdout.write(`${bytes}\x1b[${y! + 1};${x! + 1}H\x1b[?25h`)
  }
}

const edit = async (process: Process, terminal: Terminal, keys: Keyboard, state: State): Promise<void> => {
  const paint = painter(process, terminal)
  /** A line typed at the bottom; `undefined` when it is given up. */
  const ask = async (lead: string): Promise<string | undefined> => {
    let text = ''
    for (;;) {
      await paint(state, lead + text)
      const key = await keys.next()
      if (key === undefined || key === '\x1b' || key === '\x03') return undefined
      if (key === '\r' || key === '\n') return text
      if (key === '\x7f' || key === '\b') {
        if (text === '') return undefined
        text = text.slice(0, text.length - lengthBefore(text, text.length))
      } else if (key === '\x15') text = ''
      else if (key >= ' ' && key.length < 5 && text.length < 2000) text += key
    }
  }
  for (;;) {
    await paint(state)
    const key = await keys.next()
    if (key === undefined) return
    if (state.mode === 'insert') {
      typeKey(state, key, process)
      continue
    }
    state.message = ''
    state.isError = false
    if (key === ':') {
      const line = await ask(':')
      if (line === undefined) continue
      const before = [...state.document.lines]
      const { row, at } = state.document
      const left = await execute(process, state, line, keys)
      if (state.document.lines.some((one, i) => one !== before[i]) || before.length !== state.document.lines.length)
        state.undo.push({ lines: before, row, at })
      if (left) {
        const high = terminal.rows || 24
        await process.stdout.write(
          `\x1b[${high};1H\x1b[K\x1b[${high};1H:${line}\r\x1b[?2004l\x1b[>4;m${state.message}\r`,
        )
        return
      }
    } else if (key === '/' || key === '?') {
      const text = await ask(key)
      if (text !== undefined) search(state, process, text === '' ? state.sought : text, key === '?')
    } else if (await normal(state, key, keys, process, Math.max(1, (terminal.rows || 24) - 1))) return
  }
}

/** A key in insert mode. */
const typeKey = (state: State, key: string, process: Process): void => {
  const { document } = state
  process.step()
  if (key === '\x1b' || key === '\x03') {
    state.mode = 'normal'
    document.at -= lengthBefore(lineOf(document), document.at)
  } else if (key === '\r' || key === '\n') breakLine(document)
  else if (key === '\x7f' || key === '\b') eraseBefore(document)
  else if (key === '\x1b[3~') eraseAt(document)
  else if (key === '\x17')
    while (document.at > 0 && /\S/.test(lineOf(document)[document.at - 1]!)) eraseBefore(document)
  else if (key === '\x15') while (document.at > 0) eraseBefore(document)
  else if (key === '\t' || (key >= ' ' && !key.startsWith('\x1b'))) insertText(document, key)
  else {
    const to = /^\x1b/.test(key) ? motionOf(document, key, 1, false, 20) : undefined
    if (to) Object.assign(document, { row: to.row, at: to.at })
  }
}

const search = (state: State, process: Process, text: string, backwards: boolean): void => {
  state.sought = text
  const regex = compileRegex(text, 'basic')
  const { document } = state
  const count = document.lines.length
  if (!('problem' in regex) && text !== '')
    for (let step = 0; step <= count; step++) {
      const row = (document.row + (backwards ? -step : step) + count * 2) % count
      const line = document.lines[row]!
      const found: number[] = []
      for (let from = 0; found.length < 1000; ) {
        const match = regex.find(line, from, cost => process.step(cost), from > 0)
        if (!match) break
        found.push(match[0]!)
        from = Math.max(match[0]! + 1, match[1]!)
        if (from > line.length) break
      }
      const fits = found.filter(at => step > 0 || (backwards ? at < document.at : at > document.at))
      const at = backwards ? fits.at(-1) : fits[0]
      if (at === undefined) continue
      if (backwards ? row > document.row : row < document.row) {
        state.message = backwards ? 'search hit TOP, continuing at BOTTOM' : 'search hit BOTTOM, continuing at TOP'
        state.isError = false
      } else state.message = `${backwards ? '?' : '/'}${text}`
      Object.assign(document, { row, at })
      return
    }
  state.message = text === '' ? 'E35: No previous regular expression' : `E486: Pattern not found: ${text}`
  state.isError = true
}

const simple = new Map([
  ['x', 'dl'],
  ['\x1b[3~', 'dl'],
  ['X', 'dh'],
  ['D', 'd$'],
  ['C', 'c$'],
  ['s', 'cl'],
  ['S', 'cc'],
  ['Y', 'yy'],
])

/** A command in normal mode; true when the editor is left. */
const normal = async (
  state: State,
  first: string,
  keys: Keyboard,
  process: Process,
  height: number,
): Promise<boolean> => {
  const { document } = state
  let digits = ''
  let key: string | undefined = first
  while (key !== undefined && (/^[1-9]$/.test(key) || (key === '0' && digits !== ''))) {
    digits = (digits + key).slice(0, 6)
    key = await keys.next()
  }
  if (key === undefined) return true
  const counted = digits !== ''
  const count = counted ? Number(digits) : 1
  if (key === 'g') key += (await keys.next()) ?? ''
  const motion = motionOf(document, key, count, counted, height)
  if (motion) {
    document.row = motion.row
    document.at = Math.max(0, Math.min(motion.at, lineOf(document).length - 1))
    return false
  }
  const short = simple.get(key)
  if (short || 'dcy<>'.includes(key)) {
    const operator = short ? short[0]! : key
    let target = short ? short.slice(1) : ((await keys.next()) ?? '')
    let more = ''
    while (/^[1-9]$/.test(target)) {
      more += target
      target = (await keys.next()) ?? ''
    }
    if (target === 'g') target += (await keys.next()) ?? ''
    operate(state, operator, target, count * (Number(more) || 1), counted || more !== '', height)
    return false
  }
  if (key === 'Z') {
    const next = await keys.next()
    if (next === 'Q') return true
    if (next !== 'Z') return false
    const left = await execute(process, state, 'x', keys)
    if (left) await process.stdout.write(`\x1b[${height + 1};1H\x1b[K${state.message}\r`)
    return left
  }
  await single(state, key, count, keys, process)
  return false
}

const single = async (state: State, key: string, count: number, keys: Keyboard, process: Process): Promise<void> => {
  const { document } = state
  const insertMode = (at: number): void => {
    keep(state)
    document.at = at
    state.mode = 'insert'
  }
  const line = lineOf(document)
  if (key === 'i' || key === '\x1b[2~') insertMode(document.at)
  else if (key === 'a') insertMode(document.at + lengthAt(line, document.at))
  else if (key === 'I') insertMode(Math.max(0, line.search(/[^ \t]|$/)))
  else if (key === 'A') insertMode(line.length)
  else if (key === 'o' || key === 'O') {
    insertMode(key === 'o' ? line.length : 0)
    breakLine(document)
    if (key === 'O') document.row--
    document.at = 0
  } else if (key === 'p' || key === 'P') put(state, key === 'P', Math.min(count, 100))
  else if (key === 'u') {
    const before = state.undo.pop()
    if (before) Object.assign(document, { lines: before.lines, row: before.row, at: before.at, modified: true })
    else state.message = 'Already at oldest change'
  } else if (key === 'J' && document.row + 1 < document.lines.length) {
    keep(state)
    document.at = line.length
    document.lines.splice(document.row, 2, `${line} ${document.lines[document.row + 1]!.trimStart()}`)
    document.modified = true
  } else if (key === 'r') {
    const next = await keys.next()
    if (next === undefined || next === '\x1b' || document.at >= line.length) return
    keep(state)
    eraseAt(document)
    insertText(document, next)
    document.at -= next.length
  } else if (key === '~' && document.at < line.length) {
    keep(state)
    const c = line[document.at]!
    const turned = c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase()
    eraseAt(document)
    insertText(document, turned.length === 1 && turned < '\x80' ? turned : c)
    document.at = Math.min(document.at, lineOf(document).length - 1)
  } else if (key === 'n' || key === 'N') search(state, process, state.sought, key === 'N')
  else if (key === '\x07')
    state.message = `"${document.path || '[No Name]'}"${document.modified ? ' [Modified]' : ''} ${document.lines.length} lines --${Math.floor(((document.row + 1) * 100) / document.lines.length)}%--`
}
