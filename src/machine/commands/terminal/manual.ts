import { saysOf } from '../../release.ts'
import { type Process, type Program, SystemError } from '../../system.ts'

/** man(1) of man-db 2.11 on a machine whose pages were left out, as small images leave them. */
export const man: Program = async process => {
  const words = process.argv.slice(1)
  if (words.some(word => word === '-V' || word === '--version')) {
    await process.stdout.write('man 2.11.2\n')
    return 0
  }
  let wanted = words.filter(word => !word.startsWith('-'))
  let section = ''
  if (wanted.length > 1 && /^[1-9n]\w*$/.test(wanted[0]!)) {
    section = wanted[0]!
    wanted = wanted.slice(1)
  }
  if (wanted.length === 0) {
    await process.stderr.write(
      section === '' && words.length === 0
        ? "What manual page do you want?\nFor example, try 'man man'.\n"
        : `No manual entry for ${section}\n`,
    )
    return 1
  }
  const keyword = words.some(word => /^-[kf]$/.test(word))
  let status = 0
  for (const name of wanted) {
    if (keyword) await process.stderr.write(`${name}: nothing appropriate.\n`)
    else await process.stderr.write(`No manual entry for ${name}${section === '' ? '' : ` in section ${section}`}\n`)
    status = 16
  }
  return status
}

/** A multiplexer holds one window with the account's shell, as long as somebody looks at it. */
const window = async (
  process: Process,
  term: string,
  more: readonly (readonly [string, string])[],
): Promise<number> => {
  const shell = process.env.get('SHELL') ?? '/bin/sh'
  const env = new Map([...process.env, ['TERM', term], ...more])
  try {
    return await process.run([shell], { env })
  } catch (error) {
    if (error instanceof SystemError) return 1
    throw error
  }
}

/** screen(1), version 4.9.0. */
export const screen: Program = async process => {
  const words = process.argv.slice(1)
  const [word] = words
  if (word === '-v' || word === '--version') {
    await process.stdout.write(`Screen version ${saysOf(process.host.persona).screen}\n`)
    return 0
  }
  const user = process.env.get('USER') ?? 'root'
  if (words.some(one => /^-(ls|list|r|R?x|wipe)$/.test(one))) {
    const isList = words.some(one => /^-(ls|list|wipe)$/.test(one))
    await process.stdout.write(
      isList ? `No Sockets found in /run/screen/S-${user}.\n\r\n` : 'There is no screen to be resumed.\n',
    )
    return 1
  }
  // Detached from the start: whatever it runs goes on behind.
  if (words.some(one => /^-[dD]m/.test(one) || one === '-dmS')) return 0
  const { terminal } = process
  if (!terminal || !process.isatty[0]) {
    await process.stdout.write('Must be connected to a terminal.\n')
    return 1
  }
  await process.stdout.write('\x1b[?1049h\x1b[!p\x1b[?3;4l\x1b[4l\x1b>\x1b[?1h\x1b=\x1b[0m\x1b(B\x1b[1;24r\x1b[H\x1b[J')
  await window(process, 'screen.xterm-256color', [
    ['STY', `${process.pid}.${terminal.name.replace('/', '-')}.${process.host.persona.hostname}`],
    ['WINDOW', '0'],
  ])
  await process.stdout.write(`\x1b[?1l\x1b>\x1b[${terminal.rows || 24};1H\n\x1b[?1049l[screen is terminating]\n`)
  return 0
}

/** tmux(1), version 3.3a. */
export const tmux: Program = async process => {
  const [word] = process.argv.slice(1)
  if (word === '-V') {
    await process.stdout.write('tmux 3.3a\n')
    return 0
  }
  const socket = `/tmp/tmux-${process.who.uid}/default`
  if (word !== undefined && !/^(new|new-session|-2|-u|-L|-f)$/.test(word)) {
    const known =
      /^(ls|list-sessions|a|at|attach|attach-session|kill-server|kill-session|list-windows|lsw|send|send-keys|has|has-session)$/
    await process.stderr.write(
      known.test(word)
        ? /^a/.test(word)
          ? 'no sessions\n'
          : `no server running on ${socket}\n`
        : `unknown command: ${word}\n`,
    )
    return 1
  }
  if (process.argv.includes('-d')) return 0
  const { terminal } = process
  if (!terminal || !process.isatty[0]) {
    await process.stderr.write('open terminal failed: not a terminal\n')
    return 1
  }
  const { rows } = terminal
  const high = Math.max(2, rows || 24)
  const name = (process.env.get('SHELL') ?? 'sh').replace(/^.*\//, '')
  const host = process.host.persona.hostname
  const right = ` "${host}" `.slice(0, 30)
  const left = `[0] 0:${name}*`
  const status = left + right.padStart(Math.max(0, (terminal.columns || 80) - left.length))
  await process.stdout.write(
    `\x1b[?1049h\x1b[22;0;0t\x1b[?1h\x1b=\x1b[H\x1b[2J\x1b[?12l\x1b[?25h\x1b[1;${high - 1}r\x1b[${high};1H\x1b[30m\x1b[42m${status}\x1b(B\x1b[m\x1b[H`,
  )
  terminal.rows = high - 1
  try {
    await window(process, 'screen', [
      ['TMUX', `${socket},${process.pid},0`],
      ['TMUX_PANE', '%0'],
    ])
  } finally {
    terminal.rows = rows
  }
  await process.stdout.write(
    `\x1b[1;${high}r\x1b(B\x1b[m\x1b[?1l\x1b>\x1b[H\x1b[2J\x1b[?12l\x1b[?25h\x1b[?1049l\x1b[23;0;0t[exited]\n`,
  )
  return 0
}
