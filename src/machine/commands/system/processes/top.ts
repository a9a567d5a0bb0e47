import type { Process, Program } from '../../../system.ts'
import { versioned } from '../../package-version.ts'
import { fieldsOf, say, textOf, userNames } from '../facts.ts'
import { redraw } from './live.ts'
import { commandLine, cpuSeconds, printable, type Row, rowsOf } from './rows.ts'
import { uptimeLine } from './uptime.ts'

type Wanted = {
  batch: boolean
  turns: number
  delay: number
  whole: boolean
  hideIdle: boolean
  pids: Set<number>
  user: string | undefined
  width: number | undefined
  order: string
}

const usage = '\nUsage:\n top [options]\n'

/** top(1) of procps-ng 4.0.2: batches, and a screen that lives until `q`. */
export const top: Program = async process => {
  const wanted = optionsOf(process.argv)
  if (typeof wanted === 'string') {
    if (wanted === 'version') return say(process, versioned(process, 'top from procps-ng @procps@\n'))
    if (wanted === 'help') return say(process, usage)
    await process.stderr.write(`top: ${wanted}\n`)
    return 1
  }
  const { batch, turns, delay } = wanted
  if (batch) {
    for (let turn = 0; turn < turns; turn++) {
      if (turn > 0) {
        await process.sleep(delay)
        await process.stdout.write('\n')
      }
      const lines = page(process, wanted, turn)
      await process.stdout.write(`${lines.join('\n')}\n`)
    }
    return 0
  }
  if (!process.terminal || !process.isatty[1]) {
    await process.stderr.write('top: failed tty get\n')
    return 1
  }
  if (process.env.get('TERM') === undefined || process.env.get('TERM') === '') {
    await process.stderr.write("top: 'unknown': unknown terminal type.\n")
    return 1
  }
  return live(process, wanted)
}

const optionsOf = (argv: readonly string[]): Wanted | string => {
  const wanted: Wanted = {
    batch: false,
    turns: Number.POSITIVE_INFINITY,
    delay: 3,
    whole: false,
    hideIdle: false,
    pids: new Set(),
    user: undefined,
    width: undefined,
    order: '%CPU',
  }
  for (let at = 1; at < argv.length; at++) {
    const word = argv[at]!
    if (word === '--version') return 'version'
    if (word === '--help') return 'help'
    // Dashes are optional: `top bn1`.
    const letters = word.replace(/^--?/, '')
    for (let i = 0; i < letters.length; i++) {
      const letter = letters[i]!
      const takes = 'dnpuUowE'.includes(letter) || (letter === 'e' && i + 1 < letters.length)
      let value = takes ? letters.slice(i + 1) : ''
      if (takes && value === '' && !(letter === 'w')) value = argv[++at] ?? ''
      if (letter === 'w' && value === '' && /^\d+$/.test(argv[at + 1] ?? '')) value = argv[++at]!
      if (letter === 'b') wanted.batch = true
      else if (letter === 'c') wanted.whole = !wanted.whole
      else if (letter === 'i') wanted.hideIdle = true
      else if (letter === 'n') {
        if (!/^\d+$/.test(value) || Number(value) < 1) return `bad iterations argument '${value}'`
        wanted.turns = Number(value)
      } else if (letter === 'd') {
        if (!/^\d*\.?\d*$/.test(value) || value === '') return `bad delay interval '${value}'`
        wanted.delay = Math.max(0.01, Number(value))
      } else if (letter === 'p') {
        for (const pid of value.split(',')) {
          if (!/^\d+$/.test(pid)) return `bad pid '${pid}'`
          wanted.pids.add(Number(pid))
        }
      } else if (letter === 'u' || letter === 'U') wanted.user = value
      else if (letter === 'w') wanted.width = Number(value) || 512
      else if (letter === 'o') wanted.order = value.replace(/^[+-]/, '')
      else if (letter === 'v' || letter === 'V') return 'version'
      else if (letter === 'h') return 'help'
      else if (!'HSs1eE'.includes(letter)) return `invalid option -- '${letter}'\n${usage.trimEnd()}`
      if (takes) break
    }
  }
  return wanted
}

const page = (process: Process, wanted: Wanted, turn: number): string[] => {
  const all = rowsOf(process)
  const count = (states: string): number => all.filter(({ state }) => states.includes(state)).length
  const fields = fieldsOf(textOf(process, '/proc/meminfo') ?? '')
  const mib = (...names: string[]): string =>
    (names.reduce((sum, name) => sum + Number.parseInt(fields.get(name) ?? '0', 10), 0) / 1024).toFixed(1)
  const amount = (text: string): string => text.padStart(8)
  const used =
    (Number.parseInt(fields.get('MemTotal') ?? '0', 10) - Number.parseInt(fields.get('MemAvailable') ?? '0', 10)) / 1024
  const user = userNames(process)
  const busy = (index: number): string => (((process.now() / 997) * (index + 3)) % 5 < 1 ? 0.3 : 0).toFixed(1)
  const [us, sy] = turn === 0 ? ['0.0', '3.1'] : [busy(0), busy(1)]
  const idle = (100 - Number(us) - Number(sy)).toFixed(1)
  const shown = all
    .filter(row => wanted.pids.size === 0 || wanted.pids.has(row.pid))
    .filter(row => wanted.user === undefined || user(row.uid) === wanted.user || `${row.uid}` === wanted.user)
    .filter(row => !wanted.hideIdle || row.state === 'R')
  const ordered = shown.toSorted((a, b) => {
    if (wanted.order === '%MEM' || wanted.order === 'RES') return b.rss - a.rss
    if (wanted.order === 'PID') return b.pid - a.pid
    if (wanted.order === 'TIME+') return b.cpu - a.cpu
    return Number(b.state === 'R') - Number(a.state === 'R') || a.pid - b.pid
  })
  return [
    `top -${uptimeLine(process)}`,
    `Tasks: ${`${all.length}`.padStart(3)} total, ${`${count('R')}`.padStart(3)} running, ${`${count('SID')}`.padStart(3)} sleeping, ${'0'.padStart(3)} stopped, ${`${count('Z')}`.padStart(3)} zombie`,
    `%Cpu(s): ${us.padStart(4)} us, ${sy.padStart(4)} sy,  0.0 ni, ${idle.padStart(4)} id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st `,
    `MiB Mem : ${amount(mib('MemTotal'))} total, ${amount(mib('MemFree'))} free, ${amount(used.toFixed(1))} used, ${amount(mib('Buffers', 'Cached', 'SReclaimable'))} buff/cache     `,
    `MiB Swap: ${amount(mib('SwapTotal'))} total, ${amount(mib('SwapFree'))} free, ${amount('0.0')} used. ${amount(mib('MemAvailable'))} avail Mem `,
    '',
    '    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND',
    ...ordered.map(row => line(row, process, user, wanted)),
  ]
}

const kib = (bytes: number, room: number): string => {
  const plain = `${Math.floor(bytes / 1024)}`
  return plain.length <= room ? plain : `${(bytes / 2 ** 20).toFixed(1)}m`.slice(0, room)
}

const line = (row: Row, process: Process, user: (uid: number) => string, { whole, width }: Wanted): string => {
  const name = user(row.uid)
  const shownName = name.length > 8 ? `${name.slice(0, 7)}+` : name
  const nice = row.nice ?? 0
  const seconds = cpuSeconds(row)
  const time = `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(2).padStart(5, '0')}`
  const percent = row.state === 'R' ? '0.0' : '0.0'
  const memory = (Math.floor((row.rss * 1000) / process.host.persona.memory) / 10).toFixed(1)
  const command = whole ? (row.argv.length > 0 ? commandLine(row) : `[${row.name}]`) : printable(row.name)
  const text = `${`${row.pid}`.padStart(7)} ${shownName.padEnd(8)}  ${`${20 + nice}`.padStart(2)} ${`${nice}`.padStart(3)} ${kib(row.virtual, 7).padStart(7)} ${kib(row.rss, 6).padStart(6)} ${kib(row.rss * 0.7, 6).padStart(6)} ${row.state} ${percent.padStart(5)} ${memory.padStart(5)} ${time.padStart(9)} ${command}`
  return width ? text.slice(0, width) : text
}

/** The screen: drawn again each delay, until `q` or the end of the terminal. */
const live = (process: Process, wanted: Wanted): Promise<number> =>
  redraw(process, {
    delay: wanted.delay,
    turns: wanted.turns,
    begin: '\x1b[?1h\x1b=\x1b[?25l\x1b[H\x1b[2J\x1b(B\x1b[m',
    draw(turn) {
      const { columns, rows } = process.terminal!
      const lines = page(process, wanted, turn).slice(0, Math.max(8, rows))
      const below = Array.from({ length: Math.max(0, rows - lines.length) }, (_, at) => lines.length + at + 1)
      return `${turn > 0 ? '\x1b[H' : ''}${lines.map((text, at) => shown(text, at, columns)).join('\n')}${below.map(row => `\x1b[${row};1H\x1b[K`).join('')}`
    },
    press(key) {
      if (key === 'c') wanted.whole = !wanted.whole
      else if (key === 'M') wanted.order = '%MEM'
      else if (key === 'P') wanted.order = '%CPU'
      else if (key === 'i') wanted.hideIdle = !wanted.hideIdle
      return key === 'q'
    },
    end: rows => `\x1b[?1l\x1b>\x1b[${rows + 1};1H\n\x1b[?12l\x1b[?25h\x1b[K`,
  })

const off = '\x1b(B\x1b[m'
const normal = `${off}\x1b[39;49m`
/** The line that names the columns. */
const NAMES = 6

/** A line with its colours as an xterm gets them: numbers of the summary stand out, and who runs now. */
const shown = (text: string, at: number, columns: number): string => {
  const cut = text.slice(0, columns)
  if (at === NAMES) return `\x1b[7m${cut.padEnd(columns)}${normal}\x1b[K`
  if (at > NAMES) return `${off}${/ R +\S+ +\S+ +\S+:/.test(cut) ? '\x1b[1m' : ''}${cut.padEnd(columns)}${normal}\x1b[K`
  if (cut === '') return '\x1b[K'
  if (at === 0) return `${cut}${normal}${normal}\x1b[K`
  const told = cut
    .replace(/( +[\d.]+ )/g, `${normal}\x1b[1m$1${normal}`)
    .replace(
      /(st|buff\/cache) ( {4})?$/,
      (_, words, more) => `${words}${normal}${off} ${more ? `${normal}${off}${more}` : ''}`,
    )
  return `${told}${normal}${normal}\x1b[K`
}
