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

export const print = (line: string) => void process.stdout.write(`${line}\n`)

/** Columns as wide as their widest cell. */
export function printTable(rows: string[][]): void {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map(row => (row[i] ?? '').length)))
  for (const row of rows)
    print(
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
}
