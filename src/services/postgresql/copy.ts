import type { Relation } from '#sql/engine.ts'
import { SqlError } from '#sql/error.ts'
import type { Parser } from '#sql/parser.ts'
import { runQuery } from '#sql/select.ts'
import type { Row } from '#sql/store.ts'
import type { Value } from '#sql/value.ts'
import { pgError } from './errors.ts'
import { type Answer, type Carry, definingOf, programOutput } from './execute.ts'
import { readServerFile, unwritable, writeServerFile } from './files.ts'
import type { Session } from './state.ts'
import { textOf } from './types.ts'

type Form = { csv: boolean; header: boolean; delimiter: string; none: string }
type Target = { is: 'file' | 'program'; name: string } | { is: 'client' }

/** COPY: between a table and a file, a program or the client. */
export function copy(p: Parser): Carry | undefined {
  if (!p.takeWord('copy')) return undefined
  const query = p.isOperator('(') ? p.inBrackets(() => p.query()) : undefined
  const at = p.token.start
  const path = query ? [] : p.path()
  const columns = !query && p.isOperator('(') ? p.names() : undefined
  const into = !query && p.takeWord('from')
  if (!into) p.needWord('to')
  const target = targetOf(p)
  const form = formOf(p)
  if (into && p.takeWord('where')) p.expression()
  return async session => {
    const d = definingOf(session, p.sql)
    if (!into) {
      const { fields, rows } = query ? runQuery(query, d.engine) : chosen(d.engine.relation(path, at), columns)
      return out(session, rows, fields.length, target, form)
    }
    if (!d.catalog.table(path.at(-2) ?? 'public', path.at(-1)!))
      throw pgError('42P01', `relation "${path.join('.')}" does not exist`, {
        where: ['namespace.c', '433', 'RangeVarGetRelidExtended'],
      })
    const { table } = d.table(path, at)
    const wanted =
      columns?.map(name => table.columns.findIndex(one => one.name === name)) ?? table.columns.map((_, i) => i)
    const take = (data: string): number => {
      const { catalog, store } = definingOf(session, p.sql)
      const lines = linesOf(data, form)
      for (const [i, line] of lines.entries()) {
        const cells = cellsOf(line, form)
        if (cells.length !== wanted.length)
          throw cells.length > wanted.length
            ? extra(i + 1, line, table.name)
            : short(table.columns[wanted[cells.length]!]!.name, i + 1, line, table.name)
        const row = table.columns.map((column, at_): Value => {
          const given = wanted.indexOf(at_)
          const cell = given < 0 ? null : cells[given]!
          return cell === null && column.increment ? table.next++ : store(cell, column, i + 1)
        })
        catalog.insert(table, row)
      }
      return lines.length
    }
    if (target.is === 'client')
      return { is: 'copy in', columns: wanted.length, take: data => session.work.statement(() => take(data)) }
    return { is: 'done', tag: `COPY ${take(await contentOf(session, target))}` }
  }
}

/** The columns that were asked for, or all. */
function chosen(
  { columns, rows }: Relation,
  names: readonly string[] | undefined,
): { fields: readonly unknown[]; rows: readonly Row[] } {
  if (!names) return { fields: columns, rows: rows() }
  const at = names.map(name => columns.findIndex(one => one.name === name))
  const missing = at.indexOf(-1)
  if (missing >= 0) throw pgError('42703', `column "${names[missing]}" of relation does not exist`)
  return { fields: names, rows: rows().map(row => at.map(i => row[i] ?? null)) }
}

async function contentOf(session: Session, target: Exclude<Target, { is: 'client' }>): Promise<string> {
  if (target.is === 'file') return textOf((readServerFile(session, target.name) ?? '') as string)
  const { output, status } = await programOutput(session, target.name)
  if (status !== 0) throw programFailed(target.name, status)
  return output
}
const programFailed = (command: string, status: number) =>
  pgError('38000', `program "${command}" failed`, {
    detail:
      status === 127
        ? 'command not found'
        : status === 126
          ? 'command not executable'
          : `child process exited with exit code ${status}`,
    where: ['copyfrom.c', '1622', 'ClosePipeFromProgram'],
  })
const extra = (line: number, text: string, table: string) =>
  pgError('22P04', 'extra data after last expected column', {
    detail: `COPY ${table}, line ${line}: "${text.slice(0, 100)}"`,
  })
const short = (column: string, line: number, text: string, table: string) =>
  pgError('22P04', `missing data for column "${column}"`, {
    detail: `COPY ${table}, line ${line}: "${text.slice(0, 100)}"`,
  })

function targetOf(p: Parser): Target {
  if (p.takeWord('stdin') || p.takeWord('stdout')) return { is: 'client' }
  if (p.takeWord('program')) return { is: 'program', name: p.string() }
  return { is: 'file', name: p.string() }
}
function formOf(p: Parser): Form {
  const form: Form = { csv: false, header: false, delimiter: '\t', none: '\\N' }
  p.takeWord('with')
  const option = () => {
    const word = p.label()
    if (word === 'csv' || (word === 'format' && p.takeWord('csv')))
      Object.assign(form, {
        csv: true,
        delimiter: form.delimiter === '\t' ? ',' : form.delimiter,
        none: form.none === '\\N' ? '' : form.none,
      })
    else if (word === 'header') form.header = !p.takeWord('false')
    else if (word === 'delimiter' || word === 'delimiters' || word === 'null') {
      p.takeWord('as')
      const given = p.string()
      if (word === 'null') form.none = given
      else form.delimiter = given
    } else if (p.token.kind === 'string' || (p.token.kind === 'word' && !p.isOperator(')'))) p.next()
  }
  if (p.isOperator('(')) p.inBrackets(() => p.list(option))
  else while (p.token.kind === 'word' && !p.isWord('where')) option()
  return form
}

const unescapes = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['b', '\b'],
  ['f', '\f'],
  ['v', '\v'],
])
function linesOf(data: string, { header }: Form): string[] {
  const lines = data.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  const end = lines.indexOf('\\.')
  if (lines.length > 100_000) throw new SqlError('too much', ['rows'])
  return (end < 0 ? lines : lines.slice(0, end)).slice(header ? 1 : 0)
}
function cellsOf(line: string, { csv, delimiter, none }: Form): (string | null)[] {
  if (!csv)
    return line
      .split(delimiter)
      .map(cell =>
        cell === none
          ? null
          : cell.replace(/\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)/g, (_, c: string) =>
              /^x./.test(c)
                ? String.fromCharCode(Number.parseInt(c.slice(1), 16))
                : /^[0-7]/.test(c)
                  ? String.fromCharCode(Number.parseInt(c, 8) & 255)
                  : (unescapes.get(c) ?? c),
            ),
      )
  const cells: (string | null)[] = []
  let at = 0
  while (at <= line.length) {
    if (line[at] === '"') {
      let cell = ''
      for (at++; at < line.length && !(line[at] === '"' && line[at + 1] !== '"'); at++) {
        if (line[at] === '"') at++
        cell += line[at]
      }
      cells.push(cell)
      at += 2
    } else {
      const end = line.indexOf(delimiter, at)
      const cell = line.slice(at, end < 0 ? undefined : end)
      cells.push(cell === none ? null : cell)
      at = end < 0 ? line.length + 1 : end + delimiter.length
    }
  }
  return cells
}

async function out(
  session: Session,
  rows: readonly Row[],
  columns: number,
  target: Target,
  form: Form,
): Promise<Answer> {
  const cell = (value: Value): string => {
    if (value === null) return form.none
    const shown = textOf(value)
    if (form.csv) return /[",\n]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown
    return shown.replace(/[\\\n\t\r]/g, c => ({ '\\': '\\\\', '\n': '\\n', '\t': '\\t', '\r': '\\r' })[c]!)
  }
  const lines = rows.map(row => `${row.map(cell).join(form.delimiter)}\n`)
  if (target.is === 'client') return { is: 'copy out', lines, columns, tag: `COPY ${rows.length}` }
  if (target.is === 'program') {
    const { status } = await programOutput(session, target.name)
    if (status !== 0) throw programFailed(target.name, status)
  } else {
    if (!target.name.startsWith('/'))
      throw pgError('42602', 'relative path not allowed for COPY to file', {
        where: ['copyto.c', '595', 'BeginCopyTo'],
      })
    const why = unwritable(session, target.name)
    if (why)
      throw pgError(why.code, `could not open file "${target.name}" for writing: ${why.words}`, {
        hint: "COPY TO instructs the PostgreSQL server process to write a file. You may want a client-side facility such as psql's \\copy.",
        where: ['copyto.c', '717', 'BeginCopyTo'],
      })
    await writeServerFile(session, target.name, lines.join(''))
  }
  return { is: 'done', tag: `COPY ${rows.length}` }
}
