import { errorText } from '../../errors.ts'
import { type Process, SystemError } from '../../system.ts'
import { characters, codePoint, widthOf } from '../../terminal/width.ts'
import { absolute } from '../paths.ts'
import { visible } from './pages.ts'

/** Bytes of a text that an editor takes. */
const textMax = 2 << 20
const mostLines = 50_000

/** A text being edited: lines of Latin-1 bytes without their ends, and the cursor before a byte of one of them. */
export type Document = {
  path: string
  lines: string[]
  row: number
  at: number
  modified: boolean
  isNew: boolean
  bytes: number
}
export type Opened = { document: Document } | { error: string; document: Document }

const empty = (path: string): Document => ({ path, lines: [''], row: 0, at: 0, modified: false, isNew: true, bytes: 0 })

export const openDocument = (process: Process, path: string): Opened => {
  const document = empty(path)
  if (path === '') return { document }
  try {
    const full = absolute(process, path)
    if (process.fs.stat(full, process.who).type === 'directory') return { error: 'is a directory', document }
    const text = process.fs.readFile(full, process.who, { max: textMax }).toString('latin1')
    process.step(text.length >> 10)
    document.isNew = false
    document.bytes = text.length
    document.lines = text.replace(/\n$/, '').split('\n', mostLines)
    return { document }
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    return error.errno === 'ENOENT' ? { document } : { error: errorText(error), document }
  }
}

/** What was written, or what strerror(3) says. */
export const saveDocument = (
  process: Process,
  document: Document,
  path: string,
): { lines: number; bytes: number } | { error: string } => {
  const { lines } = document
  const isEmpty = lines.length === 1 && lines[0] === ''
  const data = Buffer.from(isEmpty ? '' : `${lines.join('\n')}\n`, 'latin1')
  process.step(data.length >> 10)
  try {
    process.fs.writeFile(absolute(process, path), data, process.who, { mode: 0o666 & ~process.umask })
  } catch (error) {
    return { error: errorText(error) }
  }
  document.modified = false
  document.isNew = false
  document.bytes = data.length
  return { lines: isEmpty ? 0 : lines.length, bytes: data.length }
}

export const lineOf = (document: Document): string => document.lines[document.row] ?? ''

/** Bytes of the character at, or before, a place in a line. */
export const lengthAt = (line: string, at: number): number => characters(line.slice(at, at + 4), true)[0]?.length ?? 0
export const lengthBefore = (line: string, at: number): number => {
  let length = 1
  while (length < 4 && length < at && (line.charCodeAt(at - length) & 0xc0) === 0x80) length++
  return at === 0 ? 0 : length
}

export const columnsOf = (text: string): number =>
  characters(text, true).reduce((sum, one) => sum + (one.length > 1 ? widthOf(codePoint(one)) : 1), 0)
/** The column at which a byte of a line is shown. */
export const columnAt = (line: string, at: number): number => columnsOf(visible(line.slice(0, at)))

export const insertText = (document: Document, text: string): void => {
  const line = lineOf(document)
  document.lines[document.row] = line.slice(0, document.at) + text + line.slice(document.at)
  document.at += text.length
  document.modified = true
}

export const breakLine = (document: Document): void => {
  if (document.lines.length >= mostLines) return
  const line = lineOf(document)
  document.lines.splice(document.row, 1, line.slice(0, document.at), line.slice(document.at))
  document.row++
  document.at = 0
  document.modified = true
}

/** False at the start of the text. */
export const eraseBefore = (document: Document): boolean => {
  const line = lineOf(document)
  if (document.at > 0) {
    const length = lengthBefore(line, document.at)
    document.lines[document.row] = line.slice(0, document.at - length) + line.slice(document.at)
    document.at -= length
  } else if (document.row > 0) {
    document.lines.splice(document.row, 1)
    document.row--
    document.at = lineOf(document).length
    document.lines[document.row] += line
  } else return false
  document.modified = true
  return true
}

export const eraseAt = (document: Document): void => {
  const line = lineOf(document)
  if (document.at < line.length)
    document.lines[document.row] = line.slice(0, document.at) + line.slice(document.at + lengthAt(line, document.at))
  else if (document.row + 1 < document.lines.length)
    document.lines.splice(document.row, 2, line + document.lines[document.row + 1])
  else return
  document.modified = true
}
