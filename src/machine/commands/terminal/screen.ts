import type { Process, Program } from '../../system.ts'
import { padded, terminalInfo, withParameters } from '../../terminal/terminfo.ts'
import { newTermios } from '../../terminal/termios.ts'

const speedOf = (process: Process): number => process.terminal?.termios.speed ?? 38_400

/** Terminals that forget the lines above as well. */
const keepsLines = /^(xterm|linux|alacritty|putty|st-|vte|konsole|gnome)/

/** clear(1) of ncurses 6.4. */
export const clear: Program = async process => {
  let name = process.env.get('TERM') ?? ''
  let keep = false
  for (let at = 1; at < process.argv.length; at++) {
    const word = process.argv[at]!
    if (word === '-V') {
      await process.stdout.write('ncurses 6.4.20221231\n')
      return 0
    }
    if (word === '-x') keep = true
    else if (word.startsWith('-T')) name = word.length > 2 ? word.slice(2) : (process.argv[++at] ?? '')
    else {
      await process.stderr.write(
        'Usage: clear [options]\n\nOptions:\n  -T TERM     use this instead of $TERM\n  -V          print curses-version\n  -x          do not try to clear scrollback\n',
      )
      return 1
    }
  }
  if (!process.env.has('TERM') && name === '') {
    await process.stderr.write('TERM environment variable not set.\n')
    return 1
  }
  const info = terminalInfo(name)
  if (!info) {
    await process.stderr.write(`'${name}': unknown terminal type.\n`)
    return 1
  }
  const text = info.strings.get('clear')
  if (text === undefined) return 1
  // To a file there is no padding.
  await process.stdout.write(
    padded(text, process.isatty[1] ? speedOf(process) : 1_000_000) + (!keep && keepsLines.test(name) ? '\x1b[3J' : ''),
  )
  return 0
}

const tputUsage = `Usage: tput [options] [command]

Options:
  -S <<       read commands from standard input
  -T TERM     use this instead of $TERM
  -V          print curses-version
  -x          do not try to clear scrollback

Commands:
  clear       clear the screen
  init        initialize the terminal
  reset       reinitialize the terminal
  capname     unlike clear/init/reset, print value for capability "capname"
`

/** Capabilities by their termcap(5) names, which tput takes as well. */
const termcap: ReadonlyMap<string, string> = new Map([
  ['cl', 'clear'],
  ['ce', 'el'],
  ['cd', 'ed'],
  ['cm', 'cup'],
  ['co', 'cols'],
  ['li', 'lines'],
  ['Co', 'colors'],
  ['AF', 'setaf'],
  ['AB', 'setab'],
  ['me', 'sgr0'],
  ['md', 'bold'],
  ['mr', 'rev'],
  ['us', 'smul'],
  ['ue', 'rmul'],
  ['so', 'smso'],
  ['se', 'rmso'],
  ['ti', 'smcup'],
  ['te', 'rmcup'],
])
const booleans = new Set(['am', 'bce', 'ccc', 'xenl', 'mir', 'msgr', 'km', 'bw', 'eo', 'hs', 'os', 'ul', 'xon'])
const numbers = new Set(['cols', 'lines', 'it', 'colors', 'pairs', 'lm', 'xmc', 'pb', 'vt', 'wsl'])

/** tput(1) of ncurses 6.4. */
export const tput: Program = async process => {
  let name = process.env.get('TERM') ?? ''
  const words: string[] = []
  let fromInput = false
  for (let at = 1; at < process.argv.length; at++) {
    const word = process.argv[at]!
    if (words.length > 0 || !word.startsWith('-')) words.push(word)
    else if (word === '-S') fromInput = true
    else if (word === '-V') {
      await process.stdout.write('ncurses 6.4.20221231\n')
      return 0
    } else if (word.startsWith('-T')) name = word.length > 2 ? word.slice(2) : (process.argv[++at] ?? '')
    else if (word !== '-x') {
      await process.stderr.write(`tput: invalid option -- '${word[1]}'\n${tputUsage}`)
      return 2
    }
  }
  if (words.length === 0 && !fromInput) {
    await process.stderr.write(tputUsage)
    return 2
  }
  if (name === '') {
    await process.stderr.write('tput: No value for $TERM and no -T specified\n')
    return 2
  }
  const info = terminalInfo(name)
  if (!info) {
    await process.stderr.write(`tput: unknown terminal "${name}"\n`)
    return 3
  }
  const commands = fromInput ? await linesOf(process) : [words]
  let status = 0
  for (const command of commands) {
    process.step()
    status = await capability(process, info, command)
  }
  return status
}

const linesOf = async (process: Process): Promise<string[][]> => {
  let text = ''
  for (let data = await process.stdin.read(); data && text.length < 65_536; data = await process.stdin.read())
    text += data.toString('latin1')
  return text
    .split('\n')
    .map(line => line.split(/[ \t]+/).filter(Boolean))
    .filter(words => words.length > 0)
}

const sizeOf = (process: Process, name: 'cols' | 'lines', fallback: number | undefined): number => {
  const { terminal } = process
  // From the terminal that any of the descriptors is, then from the entry.
  const here = terminal && process.isatty.some(Boolean) ? (name === 'cols' ? terminal.columns : terminal.rows) : 0
  return here || (fallback ?? (name === 'cols' ? 80 : 24))
}

const capability = async (
  process: Process,
  info: NonNullable<ReturnType<typeof terminalInfo>>,
  words: readonly string[],
): Promise<number> => {
  const [word = '', ...rest] = words
  const name = termcap.get(word) ?? word
  if (name === 'reset' || name === 'init') {
    const strings = name === 'reset' ? ['rs1', 'rs2'] : ['is1', 'is2']
    await process.stdout.write(strings.map(one => padded(info.strings.get(one) ?? '', speedOf(process))).join(''))
    return 0
  }
  if (name === 'longname') {
    await process.stdout.write(info.name)
    return 0
  }
  if (booleans.has(name)) return info.flags.has(name) ? 0 : 1
  if (name === 'cols' || name === 'lines') {
    await process.stdout.write(`${sizeOf(process, name, info.numbers.get(name))}\n`)
    return rest.length > 0 ? capability(process, info, rest) : 0
  }
  if (numbers.has(name)) {
    await process.stdout.write(`${info.numbers.get(name) ?? -1}\n`)
    return rest.length > 0 && !/^\d/.test(rest[0]!) ? capability(process, info, rest) : 0
  }
  const text = info.strings.get(name)
  if (text === undefined) {
    const known = terminalInfo('xterm')!.strings.has(name) || terminalInfo('linux')!.strings.has(name)
    if (known) return 1
    await process.stderr.write(`tput: unknown terminfo capability '${word}'\n`)
    return 4
  }
  const takes = new Set(text.match(/%p\d/g) ?? []).size
  const given = rest.slice(0, takes).map(one => Math.trunc(Number(one)) || 0)
  const extra = name === 'clear' && keepsLines.test(info.name) ? '\x1b[3J' : ''
  // To a file there is no padding.
  const bytes = withParameters(text, given)
  await process.stdout.write((process.isatty[1] ? padded(bytes, speedOf(process)) : padded(bytes, 1_000_000)) + extra)
  return rest.length > takes ? capability(process, info, rest.slice(takes)) : 0
}

/** reset(1) and tset(1) of ncurses 6.4: the modes as `stty sane`, then the terminal's own strings. */
export const reset: Program = async process => {
  const called = (process.argv[0] ?? 'reset').replace(/^.*\//, '')
  const operand = process.argv.slice(1).find(word => !word.startsWith('-'))
  const name = operand ?? process.env.get('TERM') ?? ''
  const info = terminalInfo(name)
  const { terminal } = process
  if (!terminal) {
    await process.stderr.write(`${called}: standard error: Inappropriate ioctl for device\n`)
    return 1
  }
  if (!info) {
    await process.stderr.write(`${called}: unknown terminal type ${name}\n`)
    return 1
  }
  const termios = terminal.termios
  for (const flag of [...newTermios().flags, 'brkint'] as const) termios.flags.add(flag)
  terminal.termios = termios
  const string = (which: string): string => padded(info.strings.get(which) ?? '', speedOf(process))
  if (called === 'reset') {
    const margins = name.startsWith('xterm') ? '\x1b[?69l' : ''
    await process.stderr.write(`${string('rs1')}${string('rs2')}${margins}\r`)
    await process.sleep(1)
  }
  return 0
}
