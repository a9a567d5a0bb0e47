import { strftime } from '../../strftime.ts'
import { type Process, type Program, SystemError } from '../../system.ts'
import { versioned } from '../package-version.ts'
import { absolute } from '../paths.ts'

/** Bytes of a session that go into its file. */
const recordMax = 1 << 20

const options = new Set(['-a', '--append', '-e', '--return', '-f', '--flush', '-q', '--quiet', '--force'])

/** script(1) of util-linux 2.38: a shell, or a command, whose output goes into a file as well. */
export const script: Program = async process => {
  let file: string | undefined
  let command: string | undefined
  let quiet = false
  for (let at = 1; at < process.argv.length; at++) {
    const word = process.argv[at]!
    // Clustered, as in `-qc`.
    const cluster = /^-([aefq]*)c(.*)$/.exec(word)
    if (cluster) {
      quiet ||= cluster[1]!.includes('q')
      command = cluster[2] !== '' ? cluster[2]! : (process.argv[++at] ?? '')
    } else if (word === '--command') command = process.argv[++at] ?? ''
    else if (word === '-V' || word === '--version') {
      await process.stdout.write(versioned(process, 'script from util-linux @util-linux@\n'))
      return 0
    } else if (options.has(word) || /^-[aefq]+$/.test(word)) quiet ||= word.includes('q')
    else if (/^-[EImotBOT]/.test(word)) at += word.length === 2 ? 1 : 0
    else if (word.startsWith('-')) {
      await process.stderr.write(`script: invalid option -- '${word[1]}'\nTry 'script --help' for more information.\n`)
      return 1
    } else file ??= word
  }
  const path = file ?? 'typescript'
  const log = recorder(process, path)
  if (!log) {
    await process.stderr.write(`script: cannot open ${path}: Permission denied\n`)
    return 1
  }
  if (!quiet) await process.stdout.write(`Script started, output log file is '${path}'.\n`)
  log.note(
    `Script started on ${stamp(process)} [COMMAND="${command ?? process.env.get('SHELL') ?? '/bin/sh'}" TERM="${process.env.get('TERM') ?? ''}"]\n`,
  )
  const shell = process.env.get('SHELL') ?? '/bin/sh'
  const output = process.terminal?.output
  const write = output?.write
  if (output && write)
    output.write = data => {
      log.note(typeof data === 'string' ? data : data.toString('latin1'))
      return write(data)
    }
  let status: number
  try {
    status = await process.run(command === undefined ? [shell, '-i'] : [shell, '-c', command])
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    status = 1
  } finally {
    if (output && write) output.write = write
  }
  log.note(`\nScript done on ${stamp(process)} [COMMAND_EXIT_CODE="${status}"]\n`)
  if (!quiet) await process.stdout.write('Script done.\n')
  return status
}

const stamp = (process: Process): string => {
  const { offset } = process.host.persona.timezone
  const sign = `${offset < 0 ? '-' : '+'}${String(Math.floor(Math.abs(offset) / 60)).padStart(2, '0')}:${String(Math.abs(offset) % 60).padStart(2, '0')}`
  return strftime('%Y-%m-%d %H:%M:%S', process.now() / 1000 + offset * 60) + sign
}

/** The file of the session; nothing is kept of what is told to /dev/null. */
const recorder = (process: Process, path: string): { note(text: string): void } | undefined => {
  const full = absolute(process, path)
  let left = recordMax
  const note = (text: string): void => {
    if (full === '/dev/null' || text.length > left) return
    left -= text.length
    try {
      process.fs.writeFile(full, Buffer.from(text, 'latin1'), process.who, { append: true })
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
    }
  }
  try {
    process.fs.writeFile(full, Buffer.alloc(0), process.who, { mode: 0o666 & ~process.umask })
  } catch (error) {
    if (error instanceof SystemError) return undefined
    throw error
  }
  return { note }
}
