import type { Output, Process, Program } from '../../system.ts'
import { getopt, type Option, optionsOf, type Parsed } from '../getopt.ts'
import { versioned } from '../package-version.ts'
import { ctime, localTime } from '../system/facts.ts'

const usage = `
Usage:
 watch [options] command

Options:
  -b, --beep             beep if command has a non-zero exit
  -c, --color            interpret ANSI color and style sequences
  -d, --differences[=<permanent>]
                         highlight changes between updates
  -e, --errexit          exit if command has a non-zero exit
  -g, --chgexit          exit when output from command changes
  -q, --equexit <cycles>
                         exit when output from command does not change
  -n, --interval <secs>  seconds to wait between updates
  -p, --precise          attempt run command in precise intervals
  -t, --no-title         turn off header
  -w, --no-wrap          turn off line wrapping
  -x, --exec             pass command to exec instead of "sh -c"

 -h, --help     display this help and exit
 -v, --version  output version information and exit

For more details see watch(1).
`

const options: Option[] = [
  ...optionsOf('b=beep c=color e=errexit g=chgexit p=precise t=no-title w=no-wrap x=exec h=help v=version'),
  { short: 'd', long: 'differences', argument: 'optional' },
  ...optionsOf('q=equexit n=interval', 'required'),
]
/** Bytes of one run's output that can be seen at all. */
const MOST = 64 << 10

/** watch(1) of procps-ng 4.0.2: a command over and over on the whole screen, until it is interrupted. */
export const watch: Program = async process => {
  const parsed = getopt(process.argv, options, { posix: true, name: 'watch' })
  if (typeof parsed === 'string' || (parsed.operands.length === 0 && !parsed.has('help') && !parsed.has('version'))) {
    await process.stderr.write(`${typeof parsed === 'string' ? `${parsed}\n` : ''}${usage}`)
    return 1
  }
  if (parsed.has('version') || parsed.has('help')) {
    await process.stdout.write(parsed.has('help') ? usage : versioned(process, 'watch from procps-ng @procps@\n'))
    return 0
  }
  const given = parsed.value('interval') ?? '2'
  const interval = Number(given.replace(',', '.'))
  if (!Number.isFinite(interval)) {
    await process.stderr.write(`watch: failed to parse argument: '${given}'\n`)
    return 1
  }
  const type = process.env.get('TERM') ?? process.terminal?.type ?? ''
  if (type === '' || type === 'unknown') {
    await process.stderr.write('Error opening terminal: unknown.\n')
    return 1
  }
  return live(process, parsed, Math.min(Math.max(interval, 0.1), 2 ** 32 / 1000))
}

/** Draws what changed, after each run; the sequences are those of curses under xterm. */
const live = async (process: Process, parsed: Parsed, interval: number): Promise<number> => {
  const size = () => ({ columns: process.terminal?.columns ?? 80, rows: process.terminal?.rows ?? 24 })
  const { rows } = size()
  await process.stdout.write(`\x1b[?1049h\x1b[22;0;0t\x1b[1;${rows}r\x1b(B\x1b[m\x1b[4l\x1b[?7h\x1b[H\x1b[2J`)
  let before: string[] = []
  let status = 0
  try {
    for (let turn = 0; ; turn++) {
      const { output, status: ended } = await runOnce(process, parsed)
      const { columns, rows } = size()
      const shown = page(process, parsed, interval, output, columns, rows)
      const drawn = shown.flatMap((line, at) =>
        line === (before[at] ?? '') ? [] : [`\x1b[${at + 1};1H${line}${turn > 0 ? '\x1b[K' : ''}`],
      )
      await process.stdout.write(`${drawn.join('')}\x1b[${rows};${columns}H`)
      const changed = turn > 0 && shown.slice(2).join('\n') !== before.slice(2).join('\n')
      before = shown
      if (ended !== 0 && parsed.has('errexit')) status = 8
      if (status !== 0 || (changed && parsed.has('chgexit'))) break
      await process.sleep(interval)
    }
  } finally {
    await process.stdout.write(`\x1b[${size().rows};1H\x1b[?1049l\x1b[23;0;0t\r\x1b[?1l\x1b>`)
  }
  return status
}

const runOnce = async (process: Process, parsed: Parsed): Promise<{ output: string; status: number }> => {
  const pieces: Buffer[] = []
  let size = 0
  const into: Output = {
    async write(data) {
      if (size >= MOST) return
      const piece = Buffer.from(data as string, 'latin1')
      pieces.push(piece)
      size += piece.length
    },
  }
  const words = parsed.operands
  const argv = parsed.has('exec') ? [...words] : ['sh', '-c', words.join(' ')]
  const status = await process.run(argv, { stdout: into, stderr: into })
  return { output: Buffer.concat(pieces).toString('latin1'), status }
}

/** The title, an empty line, and as much of the output as there is room for. */
const page = (
  process: Process,
  parsed: Parsed,
  interval: number,
  output: string,
  columns: number,
  rows: number,
): string[] => {
  const text = output
    .replace(/\n$/, '')
    .split('\n', rows)
    .flatMap(line => {
      const plain = line
        .replace(/\r$/, '')
        .replaceAll('\t', '        ')
        .slice(0, columns * rows)
      if (parsed.has('no-wrap') || plain.length <= columns) return [plain.slice(0, columns)]
      return plain.match(new RegExp(`.{1,${columns}}`, 'gs')) ?? ['']
    })
  if (parsed.has('no-title')) return text.slice(0, rows)
  const left = `Every ${interval.toFixed(1)}s: `
  const right = `${process.host.persona.hostname}: ${ctime(localTime(process, process.now()))}`
  const room = columns - left.length - right.length
  const command = parsed.operands.join(' ')
  const middle = command.length <= room ? command : `${command.slice(0, Math.max(0, room - 4))}... `
  return [`${left}${middle}\x1b[1;${columns - right.length + 1}H${right}`, '', ...text].slice(0, rows)
}
