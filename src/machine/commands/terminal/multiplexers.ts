import { saysOf } from '../../release.ts'
import type { Process, Program } from '../../system.ts'
import { ctime, localTime, two } from '../system/facts.ts'
import { type Detached, detach, end, runBehind, sessionsOf, window } from './sessions.ts'

/** What was said to screen: options, and the command of the window. */
type Spoken = { flags: Set<string>; name: string | undefined; match: string | undefined; rest: string[] }

/** screen(1): letters may stand together; some take the rest of the word or the next one. */
const spokenToScreen = (words: readonly string[]): Spoken => {
  const spoken: Spoken = { flags: new Set(), name: undefined, match: undefined, rest: [] }
  const valued = 'cehpstTS'
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    if (!word.startsWith('-') || word === '-') {
      spoken.rest = words.slice(at)
      break
    }
    if (/^-(ls|list|wipe|version)$/.test(word)) {
      spoken.flags.add(word.slice(1))
      continue
    }
    for (let letter = 1; letter < word.length; letter++) {
      const flag = word[letter]!
      spoken.flags.add(flag)
      if (!valued.includes(flag)) continue
      const value = word.slice(letter + 1) || words[++at]
      if (flag === 'S') spoken.name = value
      break
    }
    if (spoken.flags.has('X')) {
      spoken.rest = words.slice(at + 1)
      break
    }
  }
  if (/[rxRd]/.test([...spoken.flags].join('')) && !spoken.flags.has('m')) spoken.match = spoken.rest[0]
  return spoken
}

const matching = (sessions: readonly Detached[], name: string | undefined): Detached | undefined =>
  sessions.findLast(one => name === undefined || `${one.pid}.${one.name}`.startsWith(name) || one.name.startsWith(name))

const listed = (process: Process, sessions: readonly Detached[]): string => {
  const folder = `/run/screen/S-${process.env.get('USER') ?? 'root'}`
  const many = sessions.length !== 1
  const rows = sessions.toReversed().map(({ pid, name, at }) => {
    const date = localTime(process, at)
    const day = `${two(date.getUTCMonth() + 1)}/${two(date.getUTCDate())}/${two(date.getUTCFullYear() % 100)}`
    const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':')
    return `\t${pid}.${name}\t(${day} ${time})\t(Detached)\n`
  })
  if (rows.length === 0) return `No Sockets found in ${folder}.\n\r\n`
  return `There ${many ? 'are screens' : 'is a screen'} on:\r\n${rows.join('')}${rows.length} Socket${many ? 's' : ''} in ${folder}.\r\n`
}

/** `-X stuff` types into the window: whole lines of it are run. */
const typed = (text: string): string => text.replace(/\\n|\\r|\\015|\\012|\^M|\r/g, '\n')

const commandTo = async (process: Process, session: Detached, words: readonly string[]): Promise<void> => {
  if (words[0] === 'quit' || words[0] === 'kill') return end(process, sessionsOf(process, 'screen'), session)
  if (words[0] === 'stuff' && words[1]?.trim()) await runBehind(process, ['/bin/bash', '-c', typed(words[1])])
}

/** screen(1), version 4.9.0. */
export const screen: Program = async process => {
  const { flags, name, match, rest } = spokenToScreen(process.argv.slice(1))
  const say = (text: string): Promise<void> => process.stdout.write(text)
  if (flags.has('v') || process.argv[1] === '--version') {
    await say(`Screen version ${saysOf(process.host.persona).screen}\n`)
    return 0
  }
  const sessions = sessionsOf(process, 'screen')
  if (flags.has('ls') || flags.has('list') || flags.has('wipe')) {
    await say(listed(process, sessions))
    return sessions.length > 0 ? 0 : 1
  }
  if (flags.has('X')) {
    const found = matching(sessions, name)
    if (found) await commandTo(process, found, rest)
    else await say('No screen session found.\r\n')
    return found ? 0 : 1
  }
  const { terminal } = process
  const { hostname } = process.host.persona
  const called = name ?? `${terminal?.name.replace('/', '-') ?? ''}.${hostname}`
  const env = (pid: number): [string, string][] => [
    ['STY', `${pid}.${called}`],
    ['WINDOW', '0'],
  ]
  if (flags.has('d') && flags.has('m')) {
    const shown = ['SCREEN', ...process.argv.slice(1)]
    await detach(process, 'screen', {
      name: called,
      shown,
      comm: 'screen',
      argv: rest,
      env: new Map([...process.env, ['TERM', 'screen'], ...env(process.pid)]),
    })
    return 0
  }
  if (!terminal || !process.isatty[0]) {
    await say('Must be connected to a terminal.\r\n')
    return 1
  }
  const resumed = /[rxR]/.test([...flags].join('')) ? matching(sessions, match) : undefined
  if ((flags.has('r') || flags.has('x')) && !resumed && !flags.has('R')) {
    await say(
      `There is no screen to be ${flags.has('r') ? 'resumed' : 'attached'}${match ? ` matching ${match}` : ''}.\r\n`,
    )
    return 1
  }
  await say('\x1b[?1049h\x1b[!p\x1b[?3;4l\x1b[4l\x1b>\x1b[?1h\x1b=\x1b[0m\x1b(B\x1b[1;24r\x1b[H\x1b[J')
  await window(process, 'screen.xterm-256color', env(resumed?.pid ?? process.pid))
  if (resumed) end(process, sessionsOf(process, 'screen'), resumed)
  await say(`\x1b[?1l\x1b>\x1b[${terminal.rows || 24};1H\n\x1b[?1049l[screen is terminating]\n`)
  return 0
}

/** tmux's own options, then the command's name and words; `values` are those of the command's options. */
const spokenToTmux = (
  words: readonly string[],
): { verb: string | undefined; values: Map<string, string>; rest: string[] } => {
  let at = 0
  while (at < words.length && words[at]!.startsWith('-')) at += /^-[LSfc]$/.test(words[at]!) ? 2 : 1
  const verb = words[at++]
  const values = new Map<string, string>()
  for (; at < words.length && /^-\w/.test(words[at]!); at++) {
    const [, flag, ...more] = words[at]!
    // -d, -A and their like may stand before one that takes a value: -ds NAME.
    const last = more.at(-1) ?? flag!
    for (const letter of [flag!, ...more]) values.set(letter, '')
    if (/[stncxyF]/.test(last)) values.set(last, words[++at] ?? '')
  }
  return { verb, values, rest: words.slice(at) }
}

const inFull = new Map(
  [
    ['new', 'new-session'],
    ['ls', 'list-sessions'],
    ['a', 'attach-session'],
    ['at', 'attach-session'],
    ['attach', 'attach-session'],
    ['has', 'has-session'],
    ['send', 'send-keys'],
    ['lsw', 'list-windows'],
  ].map(([short, long]) => [short!, long!]),
)

/** What keys sent to a window come to: words typed, with the names of keys as themselves. */
const keysOf = (words: readonly string[]): string =>
  words.map(word => (/^(Enter|C-m|C-j)$/i.test(word) ? '\n' : /^Space$/i.test(word) ? ' ' : word)).join('')

/** tmux(1), version 3.3a. */
export const tmux: Program = async process => {
  const words = process.argv.slice(1)
  if (words[0] === '-V') {
    await process.stdout.write('tmux 3.3a\n')
    return 0
  }
  const { verb: called = 'new-session', values, rest } = spokenToTmux(words)
  const verb = inFull.get(called) ?? called
  const socket = `/tmp/tmux-${process.who.uid}/default`
  const sessions = sessionsOf(process, 'tmux')
  const refuse = async (text: string): Promise<number> => {
    await process.stderr.write(`${text}\n`)
    return 1
  }
  const target = values.get('t')?.replace(/[:.].*$/, '')
  const found = sessions.findLast(({ name }) => target === undefined || name.startsWith(target))
  const starts = verb === 'new-session'
  if (!starts && sessions.length === 0)
    return refuse(verb === 'attach-session' ? 'no sessions' : `no server running on ${socket}`)
  switch (verb) {
    case 'new-session':
      break
    case 'list-sessions': {
      const rows = sessions.toSorted((one, other) => (one.name < other.name ? -1 : 1))
      const line = ({ name, at }: Detached): string => `${name}: 1 windows (created ${ctime(localTime(process, at))})\n`
      await process.stdout.write(rows.map(line).join(''))
      return 0
    }
    case 'kill-server':
      for (const session of [...sessions]) end(process, sessions, session)
      return 0
    case 'send-keys': {
      if (!found) return refuse(`can't find pane: ${target}`)
      const text = keysOf(rest)
      if (text.includes('\n') && text.trim() !== '') await runBehind(process, ['/bin/bash', '-c', text])
      return 0
    }
    case 'kill-session':
    case 'has-session':
    case 'list-windows':
    case 'attach-session':
      if (!found) return refuse(`can't find session: ${target}`)
      if (verb === 'kill-session') end(process, sessions, found)
      if (verb !== 'attach-session') return 0
      break
    default:
      return refuse(`unknown command: ${called}`)
  }
  const counter = process.host.state<{ next: number }>(`tmux ${process.who.uid} made`, () => ({ next: 0 }))
  const given = values.get('s')
  if (starts && given && sessions.some(({ name }) => name === given)) return refuse(`duplicate session: ${given}`)
  const name = starts ? given || `${counter.next}` : found!.name
  if (starts) counter.next++
  const env: [string, string][] = [
    ['TMUX', `${socket},${process.pid},0`],
    ['TMUX_PANE', '%0'],
  ]
  if (starts && values.has('d')) {
    await detach(process, 'tmux', {
      name,
      shown: process.argv,
      comm: 'tmux: server',
      argv: rest.length === 1 ? ['/bin/sh', '-c', rest[0]!] : rest,
      env: new Map([...process.env, ['TERM', 'screen'], ...env]),
    })
    return 0
  }
  const { terminal } = process
  if (!terminal || !process.isatty[0]) return refuse('open terminal failed: not a terminal')
  await showWindow(process, name, env)
  if (!starts) end(process, sessionsOf(process, 'tmux'), found!)
  return 0
}

/** The shell above tmux's status line, until it is left. */
const showWindow = async (process: Process, session: string, env: readonly [string, string][]): Promise<void> => {
  const terminal = process.terminal!
  const { rows } = terminal
  const high = Math.max(2, rows || 24)
  const name = (process.env.get('SHELL') ?? 'sh').replace(/^.*\//, '')
  const host = process.host.persona.hostname
  const right = ` "${host}" `.slice(0, 30)
  const left = `[${session}] 0:${name}*`
  const status = left + right.padStart(Math.max(0, (terminal.columns || 80) - left.length))
  await process.stdout.write(
    `\x1b[?1049h\x1b[22;0;0t\x1b[?1h\x1b=\x1b[H\x1b[2J\x1b[?12l\x1b[?25h\x1b[1;${high - 1}r\x1b[${high};1H\x1b[30m\x1b[42m${status}\x1b(B\x1b[m\x1b[H`,
  )
  terminal.rows = high - 1
  try {
    await window(process, 'screen', env)
  } finally {
    terminal.rows = rows
  }
  await process.stdout.write(
    `\x1b[1;${high}r\x1b(B\x1b[m\x1b[?1l\x1b>\x1b[H\x1b[2J\x1b[?12l\x1b[?25h\x1b[?1049l\x1b[23;0;0t[exited]\n`,
  )
}
