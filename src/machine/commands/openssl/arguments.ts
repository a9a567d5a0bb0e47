import { errorText } from '../../errors.ts'
import { type Process, SystemError } from '../../system.ts'
import { absolute } from '../paths.ts'
import { openInput } from '../text/io.ts'

export type Arguments = {
  has(...names: string[]): boolean
  value(name: string): string | undefined
  /** Options given that take no value, in order. */
  flags: string[]
  operands: string[]
}

/** Options as OpenSSL's commands take them: one dash or two, whole words; `valued` have an argument behind them. */
export const argumentsOf = (words: readonly string[], valued: ReadonlySet<string>): Arguments | { missing: string } => {
  const values = new Map<string, string>()
  const flags: string[] = []
  let at = 0
  for (; at < words.length; at++) {
    const word = words[at]!
    if (!word.startsWith('-') || word === '-') break
    const name = word.replace(/^--?/, '')
    if (name === '') {
      at++
      break
    }
    if (!valued.has(name)) {
      flags.push(name)
      continue
    }
    const value = words[++at]
    if (value === undefined) return { missing: name }
    values.set(name, value)
  }
  return {
    has: (...names) => names.some(name => flags.includes(name) || values.has(name)),
    value: name => values.get(name),
    flags,
    operands: words.slice(at),
  }
}

/** A mistake in the arguments of a command. */
export const misuse = async (process: Process, command: string, what: string): Promise<number> => {
  await process.stderr.write(`${command}: ${what}\n${command}: Use -help for summary.\n`)
  return 1
}

/** The thread that OpenSSL names in front of its errors: an address. */
const thread = (process: Process): string =>
  `80${process.random(3).toString('hex').toUpperCase()}${(process.pid % 16).toString(16).toUpperCase()}F7F0000`

/** The stack of errors that a failed library call leaves. */
export const libraryErrors = async (process: Process, lines: readonly string[]): Promise<void> => {
  const id = thread(process)
  await process.stderr.write(lines.map(line => `${id}:error:${line}\n`).join(''))
}

const mostBytes = 16 << 20

/** All of a file, or of standard input; what OpenSSL says where that cannot be. */
export const inputFor = async (
  process: Process,
  file: string | undefined,
  prefix = '',
): Promise<Buffer | undefined> => {
  try {
    const input = openInput(process, file ?? '-')
    const pieces: Buffer[] = []
    let size = 0
    for (let data = await input.read(); data && size < mostBytes; data = await input.read()) {
      process.step(1 + (data.length >> 11))
      pieces.push(data)
      size += data.length
    }
    return Buffer.concat(pieces)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    const why = errorText(error)
    const number = { ENOENT: '02', EACCES: '0D', EISDIR: '15' }[error.errno as string] ?? '05'
    if (error.errno === 'EISDIR') {
      await process.stderr.write(`Read error in ${file}\n`)
      await libraryErrors(process, [
        `800000${number}:system library:file_read:${why}:../crypto/bio/bss_file.c:149:calling fread()`,
        '10080002:BIO routines:file_read:system lib:../crypto/bio/bss_file.c:151:',
      ])
      return undefined
    }
    await process.stderr.write(`${prefix}${file}: ${why}\n`)
    await libraryErrors(process, [
      `800000${number}:system library:file_ctrl:${why}:../crypto/bio/bss_file.c:308:calling fopen(${file}, r)`,
      '10080002:BIO routines:file_ctrl:system lib:../crypto/bio/bss_file.c:311:',
    ])
    return undefined
  }
}

/** Writes to the file that -out names, or to standard output. */
export const outputFor = async (
  process: Process,
  file: string | undefined,
  data: Buffer | string,
): Promise<boolean> => {
  if (file === undefined) {
    if (data.length > 0) await process.stdout.write(data)
    return true
  }
  const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data
  try {
    process.fs.writeFile(absolute(process, file), bytes, process.who, { mode: 0o666 & ~process.umask })
    return true
  } catch (error) {
    await process.stderr.write(`Can't open "${file}" for writing, ${errorText(error)}\n`)
    return false
  }
}
