import { saysOf } from '../../../release.ts'
import type { Process, Program } from '../../../system.ts'
import { listen } from '../../network/relay.ts'
import { pythonVersion } from '../../package-version.ts'
import { absolute, attempt, readAll } from '../../paths.ts'
import { noteUrls, watchedFrom } from '../urls.ts'
import { builtinsOf } from './builtins.ts'
import { createPython, type Python } from './interpreter.ts'
import { finderOf } from './modules.ts'
import { startersOf } from './processes.ts'
import { parsePython } from './syntax.ts'
import { SyntaxFault } from './tokens.ts'
import { Exit, Raised, repr, Thing, Unknown, type Value } from './values.ts'

/** `Python 3.11.2`. */
const versionOf = (process: Process): string => `Python ${pythonVersion(process)}`
/** Modules of -m that are not there in Debian's python3 without further packages. */
const usage =
  "usage: python3 [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry `python -h' for more information.\n"

type Invocation =
  | { command?: string; module?: string; file?: string; args: string[]; interactive: boolean }
  | { said: string; status: number }

const invocationOf = (argv: readonly string[], version: string): Invocation => {
  let interactive = false
  for (let at = 1; at < argv.length; at++) {
    const word = argv[at]!
    if (word === '-' || !word.startsWith('-')) return { file: word, args: argv.slice(at), interactive }
    if (word === '--version' || word === '--help')
      return { said: word === '--help' ? usage.split('\n')[0]! : version, status: 0 }
    if (word.startsWith('--')) return { said: `unknown option ${word}\n${usage.trimEnd()}`, status: 2 }
    for (let i = 1; i < word.length; i++) {
      const letter = word[i]!
      const rest = word.slice(i + 1)
      if (letter === 'V') return { said: version, status: 0 }
      if (letter === 'h' || letter === '?') return { said: usage.split('\n')[0]!, status: 0 }
      if (letter === 'i') interactive = true
      else if (letter === 'c' || letter === 'm') {
        const value = rest || argv[++at]
        if (value === undefined)
          return { said: `Argument expected for the -${letter} option\n${usage.trimEnd()}`, status: 2 }
        return {
          [letter === 'c' ? 'command' : 'module']: value,
          args: [letter === 'c' ? '-c' : value, ...argv.slice(at + 1)],
          interactive,
        }
      } else if (letter === 'W' || letter === 'X') {
        if (rest === '') at++
        break
      } else if (!'bBdEIOPqRsSuvx'.includes(letter))
        return { said: `Unknown option: -${letter}\n${usage.trimEnd()}`, status: 2 }
    }
  }
  return { args: [''], interactive }
}

/** python3 as Debian 12 has it: one-liners and short scripts are interpreted, anything else ends as if all went well. */
export const python: Program = async process => {
  const found = invocationOf(process.argv, versionOf(process))
  if ('said' in found) {
    await (found.status === 0 ? process.stdout : process.stderr).write(`${found.said}\n`)
    return found.status
  }
  if (found.module !== undefined) return runModule(process, found.module, found.args)
  if (found.command !== undefined) return runSource(process, found.command, '<string>', found.args)
  if (found.file === undefined || found.file === '-') {
    if (process.isatty[0] || found.interactive) return prompt(process)
    return runSource(process, utf8((await readAll(process.stdin, 1 << 20)).toString('latin1')), '<stdin>', found.args)
  }
  const path = absolute(process, found.file)
  const read = attempt(() => process.fs.readFile(path, process.who, { max: 1 << 20 }))
  if ('error' in read) {
    const number = { 'No such file or directory': 2, 'Permission denied': 13, 'Is a directory': 21 }[read.error] ?? 5
    await process.stderr.write(`${process.argv[0]}: can't open file '${path}': [Errno ${number}] ${read.error}\n`)
    return 2
  }
  if (process.host.brought(path))
    process.host.witness.execution({ path, argv: process.argv, data: read.value, format: 'script python3', runs: true })
  return runSource(process, read.value.toString('utf8').replace(/^\ufeff/, ''), path, found.args)
}

const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8')

const create = (process: Process, args: readonly string[]): Python => {
  const own: Process = { ...process }
  const find = finderOf(own, args)
  const globals = new Map<string, Value>()
  const python: Python = createPython(
    own,
    globals,
    builtinsOf(own, async (source, expression) => {
      const statements = parsePython(source)
      const [first] = statements
      if (expression && first?.kind === 'expression') return python.evaluate(first.value)
      await python.run(statements)
      return null
    }),
    name => {
      const module = find(name)
      if (module && name === 'os') for (const [starter, run] of startersOf(own)) module.attributes.set(starter, run)
      return module
    },
  )
  return python
}

const runSource = async (process: Process, source: string, file: string, args: readonly string[]): Promise<number> => {
  process.step(1 + (source.length >> 8))
  const { watched, told } = watchedFrom(process)
  const code = file === '<string>' ? utf8(source) : source
  const python = create(watched, args)
  try {
    await python.run(parsePython(code))
    return 0
  } catch (error) {
    return await failed(process, error, file, python.line(), code)
  } finally {
    noteUrls(process, 'python3', source, told)
  }
}

/** The exit status of what ended a run, after its traceback. */
const failed = async (process: Process, error: unknown, file: string, line: number, code: string): Promise<number> => {
  if (error instanceof Exit) return error.status & 0xff
  if (error instanceof Unknown) return 0
  const text = (at: number): string => code.split('\n')[at - 1]?.trim() ?? ''
  const shown = (at: number): string => {
    if (file.startsWith('<')) return ''
    const unknown = error instanceof Raised ? /^name '(\w+)' is not defined$/.exec(error.message)?.[1] : undefined
    const column = unknown === undefined || text(at) === unknown ? -1 : text(at).indexOf(unknown)
    const mark = column < 0 ? '' : `    ${' '.repeat(column)}${'^'.repeat(unknown!.length)}\n`
    return `    ${text(at)}\n${mark}`
  }
  if (error instanceof SyntaxFault) {
    const source = text(error.line)
    const indented = code.split('\n')[error.line - 1] ?? ''
    const column = Math.max(0, error.column - 1 - (indented.length - indented.trimStart().length))
    const width = error.message.startsWith('Missing parentheses')
      ? Math.max(
          1,
          source
            .slice(column)
            .replace(/[;#].*$/, '')
            .trimEnd().length,
        )
      : 1
    const place = error.message.startsWith('unexpected indent') ? '' : `    ${' '.repeat(column)}${'^'.repeat(width)}\n`
    await process.stderr.write(
      Buffer.from(`  File "${file}", line ${error.line}\n    ${source}\n${place}${error.kind}: ${error.message}\n`),
    )
    return 1
  }
  if (!(error instanceof Raised)) throw error
  await process.stderr.write(
    Buffer.from(
      `Traceback (most recent call last):\n  File "${file}", line ${line}, in <module>\n${shown(line)}${error.type}${error.message === '' ? '' : `: ${error.message}`}\n`,
    ),
  )
  return 1
}

const runModule = async (process: Process, module: string, args: readonly string[]): Promise<number> => {
  const name = process.argv[0]?.includes('/') ? process.argv[0] : '/usr/bin/python3'
  if (module === 'http.server' || module === 'SimpleHTTPServer') {
    if (module === 'SimpleHTTPServer') {
      await process.stderr.write(`${name}: No module named ${module}\n`)
      return 1
    }
    const port = Number(args[1] ?? 8000) || 8000
    await process.stdout.write(`Serving HTTP on 0.0.0.0 port ${port} (http://0.0.0.0:${port}/) ...\n`)
    return listen(process, port)
  }
  if (module === 'json.tool') {
    const text = (await readAll(process.stdin, 1 << 20)).toString('latin1')
    try {
      await process.stdout.write(`${JSON.stringify(JSON.parse(text), null, 4)}\n`)
      return 0
    } catch {
      await process.stderr.write('Expecting value: line 1 column 1 (char 0)\n')
      return 1
    }
  }
  if (/^(pip|venv|ensurepip|virtualenv|requests)$/.test(module) || !finderOf(process, args)(module)) {
    await process.stderr.write(`${name}: No module named ${module}\n`)
    return 1
  }
  return 0
}

/** The prompt, as long as somebody types. */
const prompt = async (process: Process): Promise<number> => {
  const says = saysOf(process.host.persona)
  await process.stdout.write(
    `${versionOf(process)} (${says.python}) [GCC ${says.gcc}] on linux\nType "help", "copyright", "credits" or "license" for more information.\n>>> `,
  )
  const python = create(process, [''])
  let text = ''
  for (let data = await process.stdin.read(); data !== undefined; data = await process.stdin.read()) {
    text += data.toString('utf8')
    if (!text.endsWith('\n')) continue
    const opened = /:\s*\n/.test(text) && !text.endsWith('\n\n')
    if (opened) {
      await process.stdout.write('... ')
      continue
    }
    const entered = text
    text = ''
    try {
      const statements = parsePython(entered)
      const [first] = statements
      if (statements.length === 1 && first?.kind === 'expression') {
        const value = await python.evaluate(first.value)
        python.globals.set('_', value)
        if (value !== null)
          await process.stdout.write(
            Buffer.from(
              `${value instanceof Thing && value.attributes.has('__text__') ? value.attributes.get('__text__') : repr(value)}\n`,
            ),
          )
      } else await python.run(statements)
    } catch (error) {
      if (error instanceof Exit) return error.status & 0xff
      await failed(process, error, '<stdin>', 1, entered)
    }
    await process.stdout.write('>>> ')
  }
  await process.stdout.write('\n')
  return 0
}
