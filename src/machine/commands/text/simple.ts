import { errorText } from '../../errors.ts'
import { Broken, type Output, type Program } from '../../system.ts'
import { gnuProgram } from '../coreutils.ts'
import { versioned } from '../package-version.ts'
import { absolute, complain, statOf } from '../paths.ts'
import { quote, quoteColon } from '../quoting.ts'
import { eachInput, linesOf, openInput, paced, writerOf } from './io.ts'

/** true(1) and false(1). */
export const succeeds: Program = gnuProgramLike(0)
export const fails: Program = gnuProgramLike(1)

function gnuProgramLike(status: number): Program {
  return async process => {
    const [name, option, more] = process.argv
    if (option === '--version' && more === undefined)
      await process.stdout.write(versioned(process, `${name} (GNU coreutils) @coreutils@\n`))
    return status
  }
}

/** yes(1): without an end. */
export const yes: Program = async process => {
  const words = process.argv.slice(process.argv[1] === '--' ? 2 : 1)
  const line = `${words.length === 0 ? 'y' : words.join(' ')}\n`
  const block = line.repeat(Math.max(1, Math.floor(8192 / line.length)))
  const pace = paced(process)
  for (;;) {
    process.step(1 + (block.length >> 10))
    await process.stdout.write(block)
    await pace(block.length)
  }
}

/** tee(1). */
export const tee: Program = gnuProgram(
  [
    { short: 'a', long: 'append' },
    { short: 'i', long: 'ignore-interrupts' },
    { short: 'p' },
    { long: 'output-error', argument: 'optional' },
  ],
  async (process, parsed) => {
    const { fs, who, umask } = process
    let status = 0
    const outputs: Output[] = [process.stdout]
    for (const file of parsed.operands) {
      const path = absolute(process, file)
      try {
        if (file === '/dev/stdout' || file === '/dev/stderr') {
          outputs.push(file === '/dev/stdout' ? process.stdout : process.stderr)
          continue
        }
        fs.writeFile(path, Buffer.alloc(0), who, {
          mode: 0o666 & ~umask,
          ...(parsed.has('append') ? { append: true as const } : {}),
        })
        outputs.push({ write: async data => fs.writeFile(path, data as Buffer, who, { append: true }) })
      } catch (error) {
        await complain(process, `${quoteColon(process, file)}: ${errorText(error)}`)
        status = 1
      }
    }
    for (let data = await process.stdin.read(); data; data = await process.stdin.read()) {
      process.step(1 + (data.length >> 12))
      for (const output of [...outputs]) {
        try {
          await output.write(data)
        } catch (error) {
          if (error instanceof Broken) throw error
          await complain(process, errorText(error))
          outputs.splice(outputs.indexOf(output), 1)
          status = 1
        }
      }
    }
    return status
  },
)

/** rev(1) of util-linux. */
export const rev: Program = gnuProgram(
  [],
  async (process, parsed) => {
    const writer = writerOf(process)
    const status = await eachInput(
      process,
      parsed.operands,
      async input => {
        const reader = linesOf(process, input)
        for (let line = await reader.line(); line; line = await reader.line())
          await writer.put([...line.text].toReversed().join('') + (line.ended ? '\n' : ''))
      },
      { word: (why, file) => `cannot open ${file}: ${why}` },
    )
    await writer.flush()
    return status
  },
  { version: 'from util-linux @util-linux@' },
)

/** paste(1). */
export const paste: Program = gnuProgram(
  [
    { short: 'd', long: 'delimiters', argument: 'required' },
    { short: 's', long: 'serial' },
    { short: 'z', long: 'zero-terminated' },
  ],
  async (process, parsed) => {
    const end = parsed.has('zero-terminated') ? '\0' : '\n'
    const joints = delimiters(parsed.value('delimiters') ?? '\t')
    const files = parsed.operands.length === 0 ? ['-'] : parsed.operands
    const writer = writerOf(process)
    const own = linesOf(process, process.stdin, end)
    const open = (file: string) => (file === '-' ? own : linesOf(process, openInput(process, file), end))
    let status = 0
    const serial = parsed.has('serial')
    const readers: (ReturnType<typeof linesOf> | undefined)[] = []
    for (const file of files) {
      try {
        const reader = open(file)
        if (!serial) {
          readers.push(reader)
          continue
        }
        let at = 0
        let first = await reader.line()
        for (let line = first; line; line = await reader.line()) {
          await writer.put((line === first ? '' : joints[at++ % joints.length]!) + line.text)
          first ??= line
        }
        await writer.put(end)
      } catch (error) {
        await complain(process, `${quoteColon(process, file)}: ${errorText(error)}`)
        status = 1
        if (!serial) return 1
      }
    }
    while (readers.some(reader => reader)) {
      const cells: string[] = []
      for (const [i, reader] of readers.entries()) {
        const line = await reader?.line()
        if (!line) readers[i] = undefined
        cells.push(line?.text ?? '')
      }
      if (!readers.some(reader => reader)) break
      await writer.put(cells.map((cell, i) => (i === 0 ? '' : joints[(i - 1) % joints.length]!) + cell).join('') + end)
    }
    await writer.flush()
    return status
  },
)

/** `\0` is no delimiter at all. */
const delimiters = (text: string): string[] => {
  const found: string[] = []
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '\\') found.push(text[i]!)
    else {
      const c = text[++i] ?? '\\'
      const index = 'bfnrtv0'.indexOf(c)
      found.push(index < 0 ? c : ['\b', '\f', '\n', '\r', '\t', '\v', ''][index]!)
    }
  }
  return found.length === 0 ? [''] : found
}

/** pwd(1): by itself without the links that led there, with -L as the shell tells it in PWD. */
export const pwd: Program = gnuProgram(
  [
    { short: 'L', long: 'logical' },
    { short: 'P', long: 'physical' },
  ],
  async (process, parsed) => {
    if (parsed.operands.length > 0) await complain(process, 'ignoring non-option arguments')
    const last = parsed.given.findLast(({ name }) => name === 'logical' || name === 'physical')?.name
    const told = process.env.get('PWD')
    const logical = last === 'logical' || (last === undefined && process.env.has('POSIXLY_CORRECT'))
    if (statOf(process, process.cwd)?.type !== 'directory') {
      await complain(process, `couldn't find directory entry in ${quote(process, '..')} with matching i-node`)
      return 1
    }
    const real = process.fs.realpath(process.cwd, process.who)
    const keeps =
      logical && told?.startsWith('/') && !/\/\.\.?(\/|$)/.test(told) && process.fs.realpath(told, process.who) === real
    await process.stdout.write(`${keeps ? told : real}\n`)
    return 0
  },
  { usage: '[OPTION]...' },
)
