import type { Process, Program, Terminal } from '../../system.ts'
import { versioned } from '../package-version.ts'
import {
  breakLine,
  columnAt,
  columnsOf,
  type Document,
  eraseAt,
  eraseBefore,
  insertText,
  lengthAt,
  lengthBefore,
  lineOf,
  openDocument,
  saveDocument,
} from './document.ts'
import { type Keyboard, stringsOf, withKeyboard } from './keyboard.ts'
import { visible } from './pages.ts'

/** Pairs of keys and what they do, for the two lines at the bottom: first all of the upper one. */
type Help = readonly (readonly [key: string, does: string])[]

const editHelp: Help = [
  ['^G', 'Help'],
  ['^X', 'Exit'],
  ['^O', 'Write Out'],
  ['^R', 'Read File'],
  ['^W', 'Where Is'],
  ['^\\', 'Replace'],
  ['^K', 'Cut'],
  ['^U', 'Paste'],
  ['^T', 'Execute'],
  ['^J', 'Justify'],
  ['^C', 'Location'],
  ['^/', 'Go To Line'],
  ['M-U', 'Undo'],
  ['M-E', 'Redo'],
  ['M-A', 'Set Mark'],
  ['M-6', 'Copy'],
]
const writeHelp: Help = [
  ['^G', 'Help'],
  ['^C', 'Cancel'],
  ['M-D', 'DOS Format'],
  ['M-M', 'Mac Format'],
  ['M-A', 'Append'],
  ['M-P', 'Prepend'],
  ['M-B', 'Backup File'],
  ['^T', 'Browse'],
]
const askHelp: Help = [
  [' Y', 'Yes'],
  [' N', 'No'],
  ['', ''],
  ['^C', 'Cancel'],
]
const findHelp: Help = [
  ['^G', 'Help'],
  ['^C', 'Cancel'],
  ['M-C', 'Case Sens'],
  ['M-R', 'Reg.exp.'],
  ['M-B', 'Backwards'],
  ['^R', 'Replace'],
  ['^P', 'Older'],
  ['^N', 'Newer'],
]

type State = {
  /** `GNU nano 7.2`. */
  named: string
  document: Document
  top: number
  left: number
  status: string
  cut: string[]
  cutting: boolean
  sought: string
}

const plain = '\x1b(B\x1b[m'
const reverse = '\x1b(B\x1b[0;7m'

/** nano(1), version 7.2. */
export const nano: Program = async process => {
  const words = process.argv.slice(1)
  if (words.some(word => word === '-V' || word === '--version')) {
    await process.stdout.write(versioned(process, ' GNU nano, version @nano@\n'))
    return 0
  }
  const { terminal } = process
  if (!terminal || !process.isatty[1]) {
    await process.stderr.write('Standard output is not a terminal\n')
    return 1
  }
  if (!stringsOf(process).known) {
    await process.stderr.write(`Error opening terminal: ${process.env.get('TERM') ?? 'unknown'}.\n`)
    return 1
  }
  const path = words.find(word => !/^[-+]/.test(word)) ?? ''
  const line = Number(/^\+(\d+)/.exec(words.find(word => word.startsWith('+')) ?? '')?.[1] ?? 1)
  const opened = openDocument(process, path)
  const { document } = opened
  document.row = Math.max(0, Math.min(document.lines.length, line) - 1)
  const count = document.lines.length === 1 && document.lines[0] === '' ? 0 : document.lines.length
  const status =
    'error' in opened
      ? opened.error === 'is a directory'
        ? `"${path}" is a directory`
        : `Error reading ${path}: ${opened.error}`
      : path === ''
        ? 'Welcome to nano.  For basic help, type Ctrl+G.'
        : document.isNew
          ? 'New File'
          : `Read ${count} line${count === 1 ? '' : 's'}`
  const state: State = {
    named: versioned(process, 'GNU nano @nano@'),
    document,
    top: 0,
    left: 0,
    status,
    cut: [],
    cutting: false,
    sought: '',
  }
  const { rows } = terminal
  await process.stdout.write(
    `\x1b[?2004h\x1b[?1049h\x1b[22;0;0t\x1b[1;${rows}r${plain}\x1b[4l\x1b[?7h\x1b[39;49m\x1b[?1h\x1b=\x1b[?1h\x1b=\x1b[?25l\x1b[39;49m${plain}\x1b[H\x1b[2J`,
  )
  await withKeyboard(process, terminal, keys => edit(process, terminal, keys, state))
  await process.stdout.write(
    `\x1b[?25l\r\x1b[J\x1b[${terminal.rows}d\x1b[?12l\x1b[?25h\x1b[${terminal.rows};1H\x1b[?1049l\x1b[23;0;0t\r\x1b[?1l\x1b>\x1b[?2004l`,
  )
  return 0
}

/** The rows of the screen; only what changed is sent. */
const painter = (process: Process, terminal: Terminal) => {
  let shown: string[] = []
  return async (rows: string[], cursor: readonly [row: number, column: number]): Promise<void> => {
    if (shown.length !== rows.length) shown = []
    let bytes = '\x1b[?25l'
    for (const [at, row] of rows.entries()) {
      if (row === (shown[at] ?? '')) continue
      bytes += `\x1b[${at + 1};1H${row}${columnsOf(row.replace(/\x1b\([B0]|\x1b\[[0-9;]*m/g, '')) < terminal.columns ? '\x1b[K' : ''}`
    }
    shown = rows
    await process.stdout.write(`${bytes}\x1b[${cursor[0] + 1};${cursor[1] + 1}H\x1b[?12l\x1b[?25h`)
  }
}

const title = ({ document, named }: State, columns: number): string => {
  const name = document.path === '' ? 'New Buffer' : document.path
  const version = `  ${named}`
  const mark = document.modified ? ' *' : ''
  const before = Math.max(version.length + 1, Math.floor((columns - name.length + 5) / 2))
  const text = `${version.padEnd(before)}${name}${mark}`
  return `${reverse}${text.padEnd(columns).slice(0, columns)}${plain}`
}

const helpRows = (help: Help, columns: number): string[] => {
  const pairs = Math.max(1, Math.min(Math.ceil(help.length / 2), Math.floor(columns / 12)))
  const width = Math.floor(columns / pairs)
  const row = (offset: number): string => {
    let text = ''
    for (let at = offset; at < pairs * 2; at += 2) {
      const [key, does] = help[at] ?? ['', '']
      const label = does.slice(0, Math.max(0, width - key.length - 1))
      text += key === '' ? ' '.repeat(width) : `${reverse}${key}${plain} ${label.padEnd(width - key.length - 1)}`
    }
    return text.replace(/ +$/, '')
  }
  return [row(0), row(1)]
}

const frame = (
  state: State,
  terminal: Terminal,
  help: Help,
  question?: string,
): { rows: string[]; cursor: [number, number] } => {
  const columns = terminal.columns || 80
  const height = Math.max(1, (terminal.rows || 24) - 4)
  const { document } = state
  if (document.row < state.top)
    state.top = document.row < state.top - 1 ? Math.max(0, document.row - Math.floor(height / 2)) : document.row
  if (document.row >= state.top + height)
    state.top = document.row === state.top + height ? document.row - height + 1 : document.row - Math.floor(height / 2)
  const column = columnAt(lineOf(document), document.at)
  const left = column < columns - 1 ? 0 : column - Math.floor(columns / 2)
  const rows = [title(state, columns)]
  for (let at = state.top; at < state.top + height; at++) {
    const text = visible(document.lines[at] ?? '')
    const from = at === document.row ? left : 0
    const cut = text.slice(from, from + columns)
    rows.push(text.length > from + columns ? `${cut.slice(0, columns - 1)}${reverse}>${plain}` : cut)
  }
  const status = state.status === '' ? '' : `[ ${state.status} ]`
  const middle = Math.max(0, Math.floor((columns - status.length) / 2))
  rows.push(
    question === undefined
      ? status === ''
        ? ''
        : `${' '.repeat(middle)}${reverse}${status}${plain}`
      : `${reverse}${question.padEnd(columns).slice(0, columns)}${plain}`,
  )
  rows.push(...helpRows(help, columns))
  return { rows, cursor: [1 + document.row - state.top, column - left] }
}

const edit = async (process: Process, terminal: Terminal, keys: Keyboard, state: State): Promise<void> => {
  const paint = painter(process, terminal)
  const draw = async (): Promise<void> => {
    const { rows, cursor } = frame(state, terminal, editHelp)
    await paint(rows, cursor)
  }
  /** A question on the status line; `undefined` when it is cancelled. */
  const ask = async (question: string, given: string, help: Help): Promise<string | undefined> => {
    let text = given
    for (;;) {
      const { rows } = frame(state, terminal, help, `${question}${visible(text)}`)
      await paint(rows, [rows.length - 3, Math.min(terminal.columns - 1, question.length + columnsOf(visible(text)))])
      const key = await keys.next()
      if (key === undefined || key === '\x03') {
        state.status = 'Cancelled'
        return undefined
      }
      if (key === '\r' || key === '\n') return text
      if (key === '\x7f' || key === '\b') text = text.slice(0, text.length - lengthBefore(text, text.length))
      else if (key === '\x15' || key === '\x0b') text = ''
      else if (key >= ' ' && key.length < 5 && text.length < 1000) text += key
    }
  }
  const choose = async (question: string): Promise<'yes' | 'no' | undefined> => {
    for (;;) {
      const { rows } = frame(state, terminal, askHelp, question)
      await paint(rows, [rows.length - 3, Math.min(terminal.columns - 1, question.length + 1)])
      const key = await keys.next()
      if (key === undefined || key === '\x03') return undefined
      if (/^[yY]$/.test(key)) return 'yes'
      if (/^[nN]$/.test(key)) return 'no'
      await process.stdout.write('\x07')
    }
  }
  const writeOut = async (): Promise<boolean> => {
    const name = await ask('File Name to Write: ', state.document.path, writeHelp)
    if (name === undefined || name === '') return false
    if (
      name !== state.document.path &&
      state.document.path !== '' &&
      (await choose('Save file under DIFFERENT NAME? ')) !== 'yes'
    )
      return false
    const done = saveDocument(process, state.document, name)
    if ('error' in done) {
      state.status = `Error writing ${name}: ${done.error}`
      return false
    }
    state.document.path = name
    state.status = `Wrote ${done.lines} line${done.lines === 1 ? '' : 's'}`
    return true
  }
  for (;;) {
    await draw()
    const key = await keys.next()
    if (key === undefined) return
    const { document } = state
    state.status = ''
    const cutting = state.cutting
    state.cutting = false
    const move = moves.get(key)
    if (move) move(document, Math.max(1, (terminal.rows || 24) - 4))
    else if (key === '\x18') {
      if (!document.modified) return
      const answer = await choose('Save modified buffer? ')
      if (answer === 'no' || (answer === 'yes' && (await writeOut()))) return
      if (answer === undefined) state.status = 'Cancelled'
    } else if (key === '\x0f') await writeOut()
    else if (key === '\x13') {
      const done = saveDocument(process, document, document.path)
      state.status =
        'error' in done
          ? `Error writing ${document.path}: ${done.error}`
          : `Wrote ${done.lines} line${done.lines === 1 ? '' : 's'}`
    } else if (key === '\x17') {
      const text = await ask(`Search${state.sought === '' ? '' : ` [${state.sought}]`}: `, '', findHelp)
      if (text !== undefined) find(state, text)
    } else if (key === '\x0b') {
      const [line] = document.lines.splice(document.row, 1)
      state.cut = cutting ? [...state.cut, line!] : [line!]
      state.cutting = true
      if (document.lines.length === 0) document.lines.push('')
      document.row = Math.min(document.row, document.lines.length - 1)
      document.at = 0
      document.modified = true
    } else if (key === '\x15') {
      document.lines.splice(document.row, 0, ...state.cut)
      document.row += state.cut.length
      document.row = Math.min(document.row, document.lines.length - 1)
      document.modified ||= state.cut.length > 0
    } else if (key === '\x1f' || key === '\x1bg') {
      const text = await ask('Enter line number, column number: ', '', [
        ['^G', 'Help'],
        ['^C', 'Cancel'],
      ])
      if (text !== undefined)
        document.row = Math.max(0, Math.min(document.lines.length, Number.parseInt(text, 10) || 1) - 1)
      document.at = 0
    } else if (key === '\x03') {
      const total = document.lines.length
      state.status = `line ${document.row + 1}/${total} (${Math.floor(((document.row + 1) * 100) / total)}%), col ${columnAt(lineOf(document), document.at) + 1}/${columnAt(lineOf(document), lineOf(document).length) + 1} (100%)`
    } else if (key === '\r' || key === '\n') breakLine(document)
    else if (key === '\x7f' || key === '\b') eraseBefore(document)
    else if (key === '\x04' || key === '\x1b[3~') eraseAt(document)
    else if (key === '\t' || (key >= ' ' && key.length < 5 && !key.startsWith('\x1b'))) insertText(document, key)
    else if (!/^\x1b\[20[01]~$/.test(key)) state.status = key.startsWith('\x1b') ? '' : 'Unbound key'
  }
}

const find = (state: State, text: string): void => {
  const wanted = (text === '' ? state.sought : text).toLowerCase()
  if (wanted === '') {
    state.status = 'Cancelled'
    return
  }
  state.sought = text === '' ? state.sought : text
  const { document } = state
  const count = document.lines.length
  for (let step = 0; step <= count; step++) {
    const row = (document.row + step) % count
    const at = document.lines[row]!.toLowerCase().indexOf(wanted, step === 0 ? document.at + 1 : 0)
    if (at === -1) continue
    if (row < document.row || (row === document.row && at <= document.at)) state.status = 'Search Wrapped'
    document.row = row
    document.at = at
    return
  }
  state.status = `"${state.sought}" not found`
}

const vertically = (document: Document, by: number): void => {
  const column = columnAt(lineOf(document), document.at)
  document.row = Math.max(0, Math.min(document.lines.length - 1, document.row + by))
  const line = lineOf(document)
  let at = 0
  while (at < line.length && columnAt(line, at) < column) at += lengthAt(line, at) || 1
  document.at = at
}
const right = (document: Document): void => {
  if (document.at < lineOf(document).length) document.at += lengthAt(lineOf(document), document.at)
  else if (document.row + 1 < document.lines.length) {
    document.row++
    document.at = 0
  }
}
const left = (document: Document): void => {
  if (document.at > 0) document.at -= lengthBefore(lineOf(document), document.at)
  else if (document.row > 0) {
    document.row--
    document.at = lineOf(document).length
  }
}
const home = (document: Document): void => {
  document.at = 0
}
const end = (document: Document): void => {
  document.at = lineOf(document).length
}

type Move = (document: Document, height: number) => void
const moves: ReadonlyMap<string, Move> = new Map<string, Move>([
  ...['\x1b[A', '\x1bOA', '\x10'].map(key => [key, (document: Document) => vertically(document, -1)] as [string, Move]),
  ...['\x1b[B', '\x1bOB', '\x0e'].map(key => [key, (document: Document) => vertically(document, 1)] as [string, Move]),
  ...['\x1b[C', '\x1bOC', '\x06'].map(key => [key, right] as [string, Move]),
  ...['\x1b[D', '\x1bOD', '\x02'].map(key => [key, left] as [string, Move]),
  ...['\x1b[H', '\x1bOH', '\x1b[1~', '\x01'].map(key => [key, home] as [string, Move]),
  ...['\x1b[F', '\x1bOF', '\x1b[4~', '\x05'].map(key => [key, end] as [string, Move]),
  ...['\x1b[6~', '\x16'].map(
    key => [key, (document: Document, height: number) => vertically(document, height - 2)] as [string, Move],
  ),
  ...['\x1b[5~', '\x19'].map(
    key => [key, (document: Document, height: number) => vertically(document, 2 - height)] as [string, Move],
  ),
  ['\x1b\\', document => Object.assign(document, { row: 0, at: 0 })],
  ['\x1b/', document => Object.assign(document, { row: document.lines.length - 1, at: document.lines.at(-1)!.length })],
])
