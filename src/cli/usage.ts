import fs from 'node:fs'
import path from 'node:path'
import { type ParseArgsConfig, parseArgs } from 'node:util'

/** The command line itself was wrong; `hint` is the line that helps. */
export class Usage extends Error {
  readonly hint: string
  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

export type Command = {
  help: string
  /** Returns the exit code; 0 when nothing is returned. */
  run(args: string[]): Promise<number | undefined>
}

type Options = NonNullable<ParseArgsConfig['options']>

/** Flags that every command which looks at a running or stopped program takes. */
export const common = {
  data: { type: 'string', default: './data-local' },
  json: { type: 'boolean', default: false },
} as const satisfies Options

/** `parseArgs`, with its mistakes as `Usage`. */
export function flags<O extends Options>(name: string, args: string[], options: O, positionals = 0) {
  try {
    const parsed = parseArgs({ args, options, allowPositionals: positionals > 0, strict: true })
    if (parsed.positionals.length > positionals)
      throw new Error(`Unexpected argument '${parsed.positionals[positionals]}'`)
    return parsed
  } catch (error) {
    throw new Usage((error as Error).message.replace(/\. To specify.*/s, ''), `skep ${name} --help`)
  }
}

export const dataDirectory = (given: string) => path.resolve(given)

/** A folder of the data directory that a start makes. Says what to do where skep was never started on that directory. */
export function keptIn(given: string, folder: string): string {
  const data = dataDirectory(given)
  const kept = path.join(data, folder)
  try {
    fs.statSync(kept)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new Error(`skep has kept nothing in ${data} yet; if it keeps it elsewhere, say where: --data DIR`)
  }
  return kept
}

/** What went wrong, for a person: what the system says of files by their errors' names, in a sentence. */
export function inWords({ message, code, path: file }: NodeJS.ErrnoException): string {
  const named = file ?? /(\/\S*)$/.exec(message)?.[1]
  if (named === undefined) return message
  if (code === 'EACCES' || code === 'EPERM')
    return `Not allowed: ${named} (try sudo, or the user that runs skep; --data names another directory)`
  if (code === 'EEXIST' || code === 'ENOTDIR') return `${named} is not a directory`
  if (code === 'ENOSPC') return `The disk is full: ${named}`
  return message
}

/** Of `names` the one that `typed` may have meant: one slip of a finger away, or what it is the beginning of. */
export function nearest(typed: string, names: readonly string[]): string | undefined {
  const begun = typed.length > 1 ? names.find(name => name.startsWith(typed) || typed.startsWith(name)) : undefined
  return begun ?? names.find(name => slips(typed, name))
}

/** One letter too many, too few, another, or two in each other's place. */
function slips(typed: string, name: string): boolean {
  if (Math.abs(typed.length - name.length) > 1) return false
  let at = 0
  while (at < typed.length && typed[at] === name[at]) at++
  const [left, right] = [typed.slice(at), name.slice(at)]
  return (
    left.slice(1) === right.slice(1) ||
    left.slice(1) === right ||
    left === right.slice(1) ||
    (left[0] === right[1] && left[1] === right[0] && left.slice(2) === right.slice(2))
  )
}

export const print = (line: string) => void process.stdout.write(`${line}\n`)

/** Columns as wide as their widest cell. */
export function printTable(rows: string[][]): void {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map(row => columnsOf(row[i] ?? ''))))
  for (const row of rows)
    print(
      row
        .map((cell, i) => cell.padEnd(widths[i]! - columnsOf(cell) + cell.length))
        .join('  ')
        .trimEnd(),
    )
}

/** Columns of a terminal: East Asian wide characters take two (Unicode Standard Annex #11). */
const columnsOf = (text: string): number => text.length + (text.match(wide)?.length ?? 0)
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g
