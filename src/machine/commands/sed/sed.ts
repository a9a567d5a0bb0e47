import { errorText } from '../../errors.ts'
import { type Process, type Program, SystemError } from '../../system.ts'
import { getopt, type Option } from '../getopt.ts'
import { versioned } from '../package-version.ts'
import { wholeText } from '../text/io.ts'
import { sourceOf } from './input.ts'
import { outputsOf } from './output.ts'
import { parseScript } from './parse.ts'
import { runScript, Stopped } from './run.ts'
import { type Script, ScriptFault } from './script.ts'

const options: Option[] = [
  { short: 'n', long: 'quiet' },
  { long: 'silent' },
  { long: 'debug' },
  { short: 'e', long: 'expression', argument: 'required' },
  { short: 'f', long: 'file', argument: 'required' },
  { long: 'follow-symlinks' },
  { short: 'i', long: 'in-place', argument: 'optional' },
  { short: 'l', long: 'line-length', argument: 'required' },
  { long: 'posix' },
  { short: 'p' },
  { short: 'b', long: 'binary' },
  { short: 'E', long: 'regexp-extended' },
  { short: 'r' },
  { short: 's', long: 'separate' },
  { long: 'sandbox' },
  { short: 'u', long: 'unbuffered' },
  { short: 'z', long: 'null-data' },
  { long: 'help' },
  { long: 'version' },
]

const usage = 'Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n'

/** sed(1), GNU sed 4.9. */
export const sed: Program = async process => {
  const parsed = getopt(process.argv, options, { name: 'sed' })
  const complain = async (message: string, status: number): Promise<number> => {
    await process.stderr.write(`sed: ${message}\n`)
    return status
  }
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\n${usage}`)
    return 1
  }
  if (parsed.has('version') || parsed.has('help')) {
    await process.stdout.write(parsed.has('version') ? versioned(process, 'sed (GNU sed) @sed@\n') : usage)
    return 0
  }
  const files = [...parsed.operands]
  const end = parsed.has('null-data') ? '\0' : '\n'
  const inPlace = parsed.given.findLast(({ name }) => name === 'in-place')
  const separate = parsed.has('separate') || inPlace !== undefined
  try {
    const chunks = await chunksOf(process, parsed.given, files)
    if (!chunks) {
      await process.stderr.write(usage)
      return 1
    }
    const script = read(chunks, {
      extended: parsed.has('regexp-extended') || parsed.has('r'),
      sandbox: parsed.has('sandbox'),
    })
    const source = sourceOf(process, files.length === 0 ? ['-'] : files, {
      end,
      separate,
      inPlace: inPlace !== undefined,
    })
    const outputs = outputsOf(process, script.files, { end, inPlace: inPlace && (inPlace.value ?? '') })
    const quiet = parsed.has('quiet') || parsed.has('silent') || script.quiet
    const width = Number(parsed.value('line-length') ?? 70)
    const status = await runScript(process, script, source, outputs, { quiet, separate, end, width })
    await outputs.finish()
    return status || source.status
  } catch (error) {
    if (error instanceof Stopped) return complain(error.message, error.status)
    throw error
  }
}

/** A piece of the script with what messages call it. */
type Chunk = { text: string; file: string | undefined }

const chunksOf = async (
  process: Process,
  given: readonly { name: string; value: string | undefined }[],
  files: string[],
): Promise<Chunk[] | undefined> => {
  const chunks: Chunk[] = []
  for (const { name, value } of given) {
    if (name === 'expression') chunks.push({ text: value!, file: undefined })
    else if (name === 'file')
      try {
        const text = (await wholeText(process, value!, 1 << 20)).replace(/\n$/, '')
        chunks.push({ text: text.replace(/^#![^\n]*/, line => (line.startsWith('#!') ? '#' : line)), file: value! })
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
        throw new Stopped(`couldn't open file ${value}: ${errorText(error)}`, 4)
      }
  }
  if (chunks.length > 0) return chunks
  const text = files.shift()
  return text === undefined ? undefined : [{ text, file: undefined }]
}

const read = (chunks: Chunk[], about: { extended: boolean; sandbox: boolean }): Script => {
  const text = chunks.map(chunk => chunk.text).join('\n')
  try {
    return parseScript(text, about)
  } catch (error) {
    if (!(error instanceof ScriptFault)) throw error
    if (error.at < 0) throw new Stopped(error.message, 4)
    let start = 0
    let expression = 0
    for (const chunk of chunks) {
      if (!chunk.file) expression++
      const within = error.at - start
      if (within <= chunk.text.length || chunk === chunks.at(-1)) {
        const line = chunk.text.slice(0, within).split('\n').length
        const place = chunk.file
          ? `file ${chunk.file} line ${line}`
          : `-e expression #${expression}, char ${Math.max(within, 0)}`
        throw new Stopped(`${place}: ${error.message}`, 1)
      }
      start += chunk.text.length + 1
    }
    throw new Stopped(error.message, 1)
  }
}
