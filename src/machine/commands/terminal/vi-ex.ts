import { compileRegex } from '../../regex/regex.ts'
import { type Process, SystemError } from '../../system.ts'
import { type Document, openDocument, saveDocument } from './document.ts'
import type { Keyboard } from './keyboard.ts'

/** What command lines see and change. */
export type ExState = {
  document: Document
  message: string
  isError: boolean
  numbers: boolean
  sought: string
  readOnly: boolean
}

/** Lines that a substitution makes longer, and how long. */
const lineMax = 65_536

const wrong = (state: ExState, message: string): false => {
  state.message = message
  state.isError = true
  return false
}

const address = (state: ExState, text: string): number => {
  const { document } = state
  const [, base = '.', offset = ''] = /^(\d+|[.$])?([+-]\d*)?$/.exec(text) ?? []
  const row = base === '.' ? document.row : base === '$' ? document.lines.length - 1 : Number(base) - 1
  const by = offset === '' ? 0 : /^[+-]$/.test(offset) ? Number(`${offset}1`) : Number(offset)
  return Math.max(0, Math.min(document.lines.length - 1, row + by))
}

/** Runs a command line of ex(1); true when the editor is left. */
export const execute = async (process: Process, state: ExState, line: string, keys: Keyboard): Promise<boolean> => {
  const { document } = state
  const found =
    /^\s*:*\s*(%|(?:\d+|[.$])?(?:[+-]\d*)?(?:,(?:\d+|[.$])?(?:[+-]\d*)?)?)\s*([a-zA-Z]+|[!=<>&])?(!?)\s*(.*)$/.exec(
      line.slice(0, 4000),
    )
  if (!found) return wrong(state, `E492: Not an editor command: ${line}`)
  const [, range = '', command = '', bang = '', argument = ''] = found
  const [low = '', high] = range.split(',')
  const from = range === '%' ? 0 : address(state, low)
  const to = range === '%' ? document.lines.length - 1 : high === undefined ? from : address(state, high)
  if (command === '' && bang === '') {
    document.row = to
    document.at = 0
    return false
  }
  if (/^(w|wr|write|wq|x|xit|exi|exit|up|update)$/.test(command))
    return write(process, state, command, bang !== '', argument)
  if (/^(q|quit|qa|qall|wqa|xa|cq|quita)$/.test(command)) {
    if (/^(wq|x)/.test(command)) return write(process, state, 'wq', bang !== '', '')
    if (document.modified && bang === '') return wrong(state, 'E37: No write since last change (add ! to override)')
    return true
  }
  if (/^(e|edit|vi|vis)$/.test(command)) {
    if (document.modified && bang === '') return wrong(state, 'E37: No write since last change (add ! to override)')
    const opened = openDocument(process, argument || document.path)
    Object.assign(document, opened.document)
    state.message = document.isNew
      ? `"${document.path}" [New File]`
      : `"${document.path}" ${document.lines.length} lines, ${document.bytes} bytes`
    return false
  }
  if (/^(r|read)$/.test(command)) {
    const opened = openDocument(process, argument)
    if (opened.document.isNew) return wrong(state, `E484: Can't open file ${argument}`)
    document.lines.splice(document.row + 1, 0, ...opened.document.lines)
    document.modified = true
    return false
  }
  if (/^(s|su|substitute)$/.test(command)) return substitute(process, state, from, to, bang + argument)
  if (/^(d|delete|y|yank)$/.test(command)) {
    if (command.startsWith('y')) return false
    document.lines.splice(from, to - from + 1)
    if (document.lines.length === 0) document.lines.push('')
    document.row = Math.min(from, document.lines.length - 1)
    document.at = 0
    document.modified = true
    return false
  }
  if (/^(se|set)$/.test(command)) {
    if (/^(nu|number)/.test(argument)) state.numbers = true
    else if (/^(nonu|nonumber)/.test(argument)) state.numbers = false
    else if (
      !/^(no)?(paste|ai|autoindent|list|ic|ignorecase|hls|hlsearch|ts|tabstop|sw|et|wrap|mouse|ro|readonly|ff|fileformat|nocp|compatible)/.test(
        argument,
      )
    )
      return wrong(state, `E518: Unknown option: ${argument}`)
    return false
  }
  if (command === '!' || (command === '' && bang === '!')) {
    await process.stdout.write('\r\n')
    try {
      await process.run([process.env.get('SHELL') ?? '/bin/sh', '-c', argument])
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
    }
    await process.stdout.write('\r\nPress ENTER or type command to continue')
    await keys.next()
    await process.stdout.write('\x1b[2J')
    return false
  }
  if (command === '=') {
    state.message = String(document.lines.length)
    return false
  }
  if (/^(noh|nohl|nohlsearch|syn|syntax|sy|u|f|file)/.test(command)) return false
  if (/^(h|help)$/.test(command)) return wrong(state, 'E149: Sorry, no help for help.txt')
  return wrong(state, `E492: Not an editor command: ${line}`)
}

const write = (process: Process, state: ExState, command: string, force: boolean, name: string): boolean => {
  const { document } = state
  const leaves = /^(wq|x|xit|exi|exit)$/.test(command)
  const lazy = /^(x|xit|exi|exit|up|update)$/.test(command)
  if (lazy && !document.modified && name === '') return leaves
  const path = name || document.path
  if (path === '') return wrong(state, 'E32: No file name')
  if (state.readOnly && !force) return wrong(state, "E45: 'readonly' option is set (add ! to override)")
  const isNew = document.isNew
  const done = saveDocument(process, document, path)
  if ('error' in done)
    return wrong(
      state,
      done.error === 'Is a directory'
        ? `"${path}" E17: "${path}" is a directory`
        : `"${path}" E212: Can't open file for writing`,
    )
  document.path ||= path
  state.message = `"${path}"${isNew ? ' [New]' : ''} ${done.lines} line${done.lines === 1 ? '' : 's'}, ${done.bytes} byte${done.bytes === 1 ? '' : 's'} written`
  if (leaves && isNew) state.message = state.message.replace('[New]', '[New File]')
  return leaves
}

/** `:s/old/new/g`: `&`, `\1` to `\9` and `\n` in what is put there. */
const substitute = (process: Process, state: ExState, from: number, to: number, text: string): false => {
  const mark = text[0] ?? ''
  if (mark === '' || /[A-Za-z0-9\s]/.test(mark)) return wrong(state, 'E486: Pattern not found: ')
  const parts: string[] = []
  let part = ''
  for (let at = 1; at < text.length; at++) {
    if (text[at] === '\\' && text[at + 1] === mark) part += text[++at]
    else if (text[at] === '\\') part += text[at]! + (text[++at] ?? '')
    else if (text[at] === mark && parts.length < 2) {
      parts.push(part)
      part = ''
    } else part += text[at]
  }
  parts.push(part)
  const [old = '', fresh = '', flags = ''] = parts
  const regex = compileRegex(old === '' ? state.sought : old, 'basic', { fold: flags.includes('i') })
  if ('problem' in regex) return wrong(state, `E486: Pattern not found: ${old}`)
  const { document } = state
  let count = 0
  let lines = 0
  for (let row = from; row <= to && row < document.lines.length; row++) {
    const line = document.lines[row]!
    let out = ''
    let at = 0
    let hits = 0
    while (at <= line.length && out.length < lineMax) {
      const match = regex.find(line, at, cost => process.step(cost), at > 0)
      if (!match) break
      const group = (n: number): string => ((match[n * 2] ?? -1) >= 0 ? line.slice(match[n * 2], match[n * 2 + 1]) : '')
      const put = fresh.replace(/\\(.)|&/g, (whole, letter?: string) =>
        whole === '&'
          ? group(0)
          : /\d/.test(letter!)
            ? group(Number(letter))
            : letter === 't'
              ? '\t'
              : letter === 'r' || letter === 'n'
                ? '\n'
                : letter!,
      )
      out += line.slice(at, match[0]) + put
      hits++
      at = match[1]! > match[0]! ? match[1]! : match[1]! + 1
      if (match[1] === match[0]) out += line.slice(match[0], at)
      if (!flags.includes('g')) break
    }
    if (hits === 0) continue
    const pieces = (out + line.slice(at)).split('\n')
    document.lines.splice(row, 1, ...pieces)
    row += pieces.length - 1
    document.row = row
    document.at = 0
    count += hits
    lines++
  }
  if (count === 0) return wrong(state, `E486: Pattern not found: ${old}`)
  document.modified = true
  if (count > 2) state.message = `${count} substitutions on ${lines} line${lines === 1 ? '' : 's'}`
  return false
}
