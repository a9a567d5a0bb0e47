import type { Process, Program } from '../../../system.ts'
import { getopt, type Option, optionsOf, type Parsed } from '../../getopt.ts'
import { upstreamVersion } from '../../package-version.ts'
import { speaksUtf8 } from '../../quoting.ts'
import { fieldsOf, say, textOf, two, userNames } from '../facts.ts'
import { redraw } from './live.ts'
import { commandLine, cpuSeconds, type Row, rowsOf } from './rows.ts'
import { secondsUp } from './uptime.ts'

/** Colours as htop's default scheme and ncurses' xterm write them. */
const plain = '\x1b[39;49m\x1b(B\x1b[m'
const red = '\x1b[31m'
const green = '\x1b[32m'
const yellow = '\x1b[33m'
const blue = '\x1b[34m'
const magenta = '\x1b[35m'
const cyan = '\x1b[36m'
const white = '\x1b[39m'
const bold = '\x1b(B\x1b[0;1m'
const thin = '\x1b(B\x1b[0m'
const shadow = `${bold}\x1b[90m`
const onCyan = '\x1b[30m\x1b[46m'
const onGreen = '\x1b[30m\x1b[42m'

const options: Option[] = [
  ...optionsOf('C=no-color H h=help M=no-mouse t=tree U=no-unicode V=version readonly'),
  ...optionsOf('d=delay F=filter p=pid s=sort-key', 'required'),
  ...optionsOf('u=user highlight-changes', 'optional'),
]

/** htop(1) 3.2.2: its first screen, a selection that moves, and the way out. Whoever is killed is so by others. */
export const htop: Program = async process => {
  const parsed = getopt(process.argv, options)
  if (typeof parsed === 'string') return process.stderr.write(`${parsed}\n`).then(() => 1)
  const version = `htop ${upstreamVersion(process, 'htop')}\n`
  if (parsed.has('version')) return say(process, version)
  if (parsed.has('help')) return say(process, version)
  if (!process.terminal || !process.isatty[1] || !process.env.get('TERM'))
    return process.stderr.write('Error opening terminal: unknown.\n').then(() => 1)
  let selected = 0
  let first = 0
  return redraw(process, {
    delay: Math.max(1, Number(parsed.value('delay')) || 15) / 10,
    turns: Number.POSITIVE_INFINITY,
    begin:
      '\x1b[?1049h\x1b[22;0;0t\x1b[1;24r\x1b(B\x1b[m\x1b[4l\x1b[?7h\x1b[?1h\x1b=\x1b[?25l\x1b[39;49m\x1b[?1006;1000h\x1b[39;49m\x1b(B\x1b[m\x1b[H\x1b[2J',
    draw() {
      const { columns, rows } = process.terminal!
      const all = rowsOf(process)
      const name = userNames(process)
      const shown = wanted(process, parsed, all)
      const above = header(process, all, columns)
      const room = Math.max(1, rows - above.length - 5)
      selected = Math.max(0, Math.min(selected, shown.length - 1))
      first = Math.max(selected - room + 1, Math.min(first, selected))
      const body = shown
        .slice(first, first + room)
        .map((row, at) => line(process, row, { columns, name, isSelected: first + at === selected }))
      const tabs = `  ${thin}${green}\x1b[42m[\x1b[30m\x1b[42mMain${green}\x1b[42m]${plain} ${blue}\x1b[44m[\x1b[30m\x1b[44mI/O${blue}\x1b[44m]${plain}`
      const arrow = speaksUtf8(process) ? '\xe2\x96\xbd' : '-'
      const names = `${onGreen}    PID USER       PRI  NI  VIRT   RES   SHR S ${onCyan} CPU%${arrow}${onGreen}MEM%   TIME+  Command\x1b[K${plain}`
      const lines = ['', ...above, '', tabs, names, ...body]
      return `\x1b[H${lines.map(text => `${text}\x1b[K`).join('\n')}\x1b[J\x1b[${rows}d\r${keysLine}`
    },
    press(key) {
      if (key === '\x1b[A' || key === '\x1bOA') selected--
      else if (key === '\x1b[B' || key === '\x1bOB') selected++
      else if (key === '\x1b[5~') selected -= 10
      else if (key === '\x1b[6~') selected += 10
      return key === 'q' || key === '\x1b[21~'
    },
    end: rows => `\r\x1b[J\x1b[?12l\x1b[?25h\x1b[?1006;1000l\x1b[${rows};1H\x1b[?1049l\x1b[23;0;0t\r\x1b[?1l\x1b>`,
  })
}

const keysLine = `${[
  ['F1', 'Help  '],
  ['F2', 'Setup '],
  ['F3', 'Search'],
  ['F4', 'Filter'],
  ['F5', 'Tree  '],
  ['F6', 'SortBy'],
  ['F7', 'Nice -'],
  ['F8', 'Nice +'],
  ['F9', 'Kill  '],
  ['F10', 'Quit'],
]
  .map(([key, word]) => `${key}${onCyan}${word}`)
  .join(plain)}\x1b[K${plain}`

/** Threads of the kernel are not shown. */
const wanted = (process: Process, parsed: Parsed, all: readonly Row[]): Row[] => {
  const name = userNames(process)
  const user = parsed.has('user') ? (parsed.value('user') ?? name(process.who.uid)) : undefined
  const pids = parsed.value('pid')?.split(',').map(Number)
  const filter = parsed.value('filter')?.toLowerCase()
  return all
    .filter(({ argv }) => argv.length > 0)
    .filter(row => user === undefined || name(row.uid) === user)
    .filter(row => pids === undefined || pids.includes(row.pid))
    .filter(row => filter === undefined || commandLine(row).toLowerCase().includes(filter))
    .toSorted((a, b) => Number(b.state === 'R') - Number(a.state === 'R') || a.pid - b.pid)
}

/** Up to four processors stand above memory to the left; of more, the second half stands to the right. */
const header = (process: Process, all: readonly Row[], columns: number): string[] => {
  const { cores } = process.host.persona.cpu
  const width = Math.max(20, Math.floor((columns - 5) / 2))
  const cpu = (index: number): string => {
    const percent = ((process.now() / 997) * (index + 3)) % 5 < 1 ? 0.7 : 0
    const parts: [number, string][] = [
      [percent * 0.6, green],
      [percent * 0.4, red],
    ]
    return bar(cores === 1 ? 'CPU' : `${index}`.padStart(3), parts, 100, `${percent.toFixed(1)}%`, width)
  }
  const bars = Array.from({ length: Math.min(cores, 64) }, (_, index) => cpu(index))
  const split = cores > 4 ? Math.ceil(bars.length / 2) : bars.length
  const left = [...bars.slice(0, split), ...memory(process, width)]
  const right = [...bars.slice(split), ...told(process, all)]
  return Array.from({ length: Math.max(left.length, right.length) }, (_, at) => {
    const blank = ' '.repeat(width)
    return `  ${left[at] ?? blank} ${right[at] ?? ''}`
  })
}

/** `Mem[|||||   1.48G/23.6G]`: parts of a whole in their colours, with words over their right end. */
const bar = (
  caption: string,
  parts: readonly (readonly [number, string])[],
  whole: number,
  text: string,
  width: number,
): string => {
  const room = width - caption.length - 2
  const cells = [...text.padStart(room).slice(-room)]
  let drawn = ''
  let at = 0
  for (const [amount, colour] of parts) {
    const many = whole > 0 ? Math.min(room - at, Math.ceil((amount * room) / whole)) : 0
    if (many <= 0) continue
    const piece = cells.slice(at, at + many).map(cell => (cell === ' ' ? '|' : cell))
    drawn += `${thin}${colour}${piece.join('')}`
    at += many
  }
  return `${thin}${cyan}${caption}${white}${bold}[${drawn}${shadow}${cells.slice(at).join('')}${white}]${thin}`
}

const memory = (process: Process, width: number): string[] => {
  const fields = fieldsOf(textOf(process, '/proc/meminfo') ?? '')
  const kib = (name: string): number => Number.parseInt(fields.get(name) ?? '0', 10)
  const [total, swap] = [kib('MemTotal'), kib('SwapTotal')]
  const cached = kib('Cached') + kib('SReclaimable') - kib('Shmem')
  const used = Math.max(0, total - kib('MemFree') - kib('Buffers') - kib('Cached') - kib('SReclaimable'))
  const parts: [number, string][] = [
    [used, green],
    [kib('Buffers'), `${bold}${blue}`],
    [kib('Shmem'), magenta],
    [cached, yellow],
  ]
  const swapped = swap - kib('SwapFree')
  return [
    bar('Mem', parts, total, `${human(used + kib('Shmem'))}/${human(total)}`, width),
    bar('Swp', [[swapped, red]], swap, `${human(swapped)}/${human(swap)}`, width),
  ]
}

/** KiB in three digits. */
const human = (kib: number): string => {
  let [value, unit] = [kib, 0]
  for (; value >= 1024; value /= 1024) unit++
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${value.toFixed(digits)}${'KMGTP'[unit]}`
}

const told = (process: Process, all: readonly Row[]): string[] => {
  const users = all.filter(({ argv }) => argv.length > 0)
  const threads = users.reduce((sum, { threads = 1 }) => sum + threads - 1, 0)
  const running = all.filter(({ state }) => state === 'R').length
  const [one = '0.00', five = '0.00', fifteen = '0.00'] = (textOf(process, '/proc/loadavg') ?? '').split(' ')
  const seconds = Math.floor(secondsUp(process))
  const days = Math.floor(seconds / 86_400)
  const clock = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':')
  const up = days > 100 ? `${days} days(!), ` : days > 1 ? `${days} days, ` : days === 1 ? '1 day, ' : ''
  return [
    `${thin}${cyan}Tasks: ${bold}${cyan}${users.length}${thin}${cyan}, ${bold}${green}${threads}${thin}${cyan} thr${shadow}, ${all.length - users.length} kthr${thin}${cyan}; ${bold}${green}${running}${thin}${cyan} running`,
    `${thin}${cyan}Load average: ${white}${bold}${one} ${cyan}${five} ${thin}${cyan}${fifteen} `,
    `${thin}${cyan}Uptime: ${bold}${cyan}${up}${clock}${plain}`,
  ]
}

/** KiB in five columns, the digits of thousands in a colour of their own. */
const size = (bytes: number, coloured: boolean): string => {
  const kib = Math.floor(bytes / 1024)
  if (kib >= 100_000)
    return (kib >= 1_048_576 ? `${(kib / 1_048_576).toFixed(2)}G` : `${Math.floor(kib / 1024)}M`).padStart(5)
  const text = `${kib}`.padStart(5)
  return coloured && kib >= 1000 ? `${cyan}${text.slice(0, 2)}${white}${thin}${text.slice(2)}` : text
}

/** The column at which commands begin. */
const COMMAND = 67

const line = (
  process: Process,
  row: Row,
  { columns, name, isSelected }: { columns: number; name: (uid: number) => string; isSelected: boolean },
): string => {
  const own = row.uid === process.who.uid
  const quiet = (text: string): string => (isSelected ? text : `${shadow}${text}${thin}`)
  const seconds = cpuSeconds(row)
  const time = `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(2).padStart(5, '0')}`.padStart(8)
  const user = name(row.uid).slice(0, 10).padEnd(10)
  const nice = `${row.nice ?? 0}`.padStart(3)
  const share = ((row.rss * 100) / process.host.persona.memory).toFixed(1).padStart(4)
  const sizes = [row.virtual, row.rss, row.rss * 0.7].map(bytes => size(bytes, !isSelected)).join(' ')
  const state = row.state === 'R' && !isSelected ? `${green}R${thin}` : isSelected ? row.state : quiet(row.state)
  const command = commandLine(row).slice(0, Math.max(0, columns - COMMAND))
  const cells = [
    `${row.pid}`.padStart(7),
    own || isSelected ? user : quiet(user),
    `${20 + (row.nice ?? 0)}`.padStart(3),
    nice.trim() === '0' ? quiet(nice) : nice,
    sizes,
    state,
    quiet('  0.0'),
    share === ' 0.0' ? quiet(share) : share,
    time,
    command,
  ].join(' ')
  return isSelected ? `${onCyan}${cells}\x1b[K${plain}` : `${plain}${cells}`
}
