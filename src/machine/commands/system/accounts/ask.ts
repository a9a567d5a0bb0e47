import type { Input, Process } from '../../../system.ts'

const longest = 4096

/** A line from an input, a byte at a time, so that what follows is left to whoever reads next; `undefined` at the end. */
export const readLine = async (input: Input): Promise<string | undefined> => {
  let line = ''
  for (;;) {
    const data = await input.read(1)
    if (data === undefined) return line === '' ? undefined : line
    const text = data.toString('latin1')
    if (text === '\n') return line
    if (line.length < longest) line += text
  }
}

/** Asks for a line; on a terminal without showing what is typed, if it is a secret. */
export const ask = async (
  process: Process,
  prompt: string,
  how: { secret?: true; input?: Input } = {},
): Promise<string | undefined> => {
  const { terminal } = process
  await process.stderr.write(prompt)
  const quiet = how.secret && terminal && (how.input !== undefined || process.isatty[0])
  const echo = terminal?.modes.echo ?? false
  if (quiet) terminal.modes.echo = false
  try {
    return await readLine(how.input ?? process.stdin)
  } finally {
    if (quiet) {
      terminal.modes.echo = echo
      await process.stderr.write('\n')
    }
  }
}
