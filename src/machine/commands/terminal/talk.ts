import { accountOf } from '../../accounts.ts'
import { strftime } from '../../strftime.ts'
import { type Process, type Program, SystemError } from '../../system.ts'
import { versioned } from '../package-version.ts'

/** tty(1) of GNU coreutils 9.1. */
export const tty: Program = async process => {
  const silent = process.argv.slice(1).some(word => word === '-s' || word === '--silent' || word === '--quiet')
  const there = process.isatty[0] && process.terminal
  if (!silent) await process.stdout.write(there ? `/dev/${there.name}\n` : 'not a tty\n')
  return there ? 0 : 1
}

/** Who lets others write to their terminal, by its name. */
const lets = (process: Process): Map<string, boolean> => process.host.state('mesg', () => new Map<string, boolean>())

/** mesg(1) of util-linux 2.38. */
export const mesg: Program = async process => {
  const { terminal } = process
  if (!terminal || !process.isatty.some(Boolean)) return 2
  const words = process.argv.slice(1).filter(word => word !== '-v' && word !== '--verbose')
  const verbose = words.length < process.argv.length - 1
  const [word] = words
  const state = lets(process)
  if (word === undefined) {
    const open = state.get(terminal.name) ?? true
    await process.stdout.write(`is ${open ? 'y' : 'n'}\n`)
    return open ? 0 : 1
  }
  if (word === '-V' || word === '--version') {
    await process.stdout.write(versioned(process, 'mesg from util-linux @util-linux@\n'))
    return 0
  }
  if (!/^[yn]/i.test(word)) {
    await process.stderr.write(`mesg: invalid argument: ${word}\n`)
    return 2
  }
  const open = /^y/i.test(word)
  if (state.size < 100) state.set(terminal.name, open)
  if (verbose) await process.stdout.write(`write access to your terminal is ${open ? 'allowed' : 'denied'}\n`)
  return open ? 0 : 1
}

const textOf = async (process: Process): Promise<string> => {
  let text = ''
  for (let data = await process.stdin.read(); data && text.length < 16_384; data = await process.stdin.read())
    text += data.toString('latin1')
  return text
}

const nameOf = (process: Process): string => accountOf(process.fs, process.who.uid)?.name ?? 'root'

/** wall(1) of util-linux 2.38: it goes to every terminal, one's own among them. */
export const wall: Program = async process => {
  const words = process.argv.slice(1)
  let banner = true
  while (words[0]?.startsWith('-') && words[0].length > 1) {
    const word = words.shift()!
    if (word === '-n' || word === '--nobanner') banner = process.who.uid !== 0 && banner
    else if (word === '-g' || word === '-t' || word === '--group' || word === '--timeout') words.shift()
    else if (word === '-V' || word === '--version') {
      await process.stdout.write(versioned(process, 'wall from util-linux @util-linux@\n'))
      return 0
    } else if (word !== '--' && !/^--?(g|t|timeout=|group=)/.test(word)) {
      await process.stderr.write(
        `wall: invalid option -- '${word.replace(/^-+/, '')[0] ?? ''}'\nTry 'wall --help' for more information.\n`,
      )
      return 1
    }
  }
  let text = words.join(' ')
  if (words.length === 1 && words[0]!.startsWith('/')) {
    try {
      text = process.fs.readFile(words[0]!, process.who, { max: 16_384 }).toString('latin1')
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
    }
  } else if (words.length === 0) text = await textOf(process)
  const { terminal, host } = process
  if (!terminal) return 0
  const when = strftime('%a %b %e %H:%M:%S %Y', process.now() / 1000 + host.persona.timezone.offset * 60)
  const head = `Broadcast message from ${nameOf(process)}@${host.persona.hostname} (${terminal.name}) (${when}):`
  const line = (one: string): string => `${one.padEnd(79)}\r\n`
  const body = text.replace(/\n$/, '').split('\n').slice(0, 200).map(line).join('')
  await terminal.output.write(banner ? `\r${line('')}${line(head)}${line('')}${body}${line('')}` : `\r${body}`)
  return 0
}

/** write(1) of util-linux 2.38. */
export const write: Program = async process => {
  const [user, line] = process.argv.slice(1)
  if (user === undefined) {
    await process.stderr.write("Try 'write --help' for more information.\n")
    return 1
  }
  if (user === '-V' || user === '--version') {
    await process.stdout.write(versioned(process, 'write from util-linux @util-linux@\n'))
    return 0
  }
  const login = process.host
    .logins()
    .find(one => one.user === user && (line === undefined || one.line === line.replace(/^\/dev\//, '')))
  if (!login) {
    await process.stderr.write(
      line === undefined ? `write: ${user} is not logged in\n` : `write: ${user} is not logged in on ${line}\n`,
    )
    return 1
  }
  const { terminal } = process
  if (login.line !== terminal?.name) {
    // Whoever sits there reads it; nothing comes back.
    await textOf(process)
    return 0
  }
  const clock = strftime('%H:%M', process.now() / 1000 + process.host.persona.timezone.offset * 60)
  await terminal.output.write(
    `\r\n\x07\x07\x07Message from ${nameOf(process)}@${process.host.persona.hostname} on ${terminal.name} at ${clock} ...\r\n`,
  )
  await terminal.output.write((await textOf(process)).replaceAll('\n', '\r\n'))
  await terminal.output.write('EOF\r\n')
  return 0
}
