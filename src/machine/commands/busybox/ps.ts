import { accounts } from '../../accounts.ts'
import type { Process, Program } from '../../system.ts'
import { getopt, shortOptions } from '../getopt.ts'
import { optionMistake } from './wget.ts'

const columnsOf = (process: Process): number => (process.isatty[1] ? process.terminal?.columns || 80 : 32_767)

const rows = (process: Process) => {
  const names = new Map(accounts(process.fs).map(({ uid, name }) => [uid, name]))
  return process.host.processes
    .list()
    .toSorted((a, b) => a.pid - b.pid)
    .map(entry => {
      process.step()
      const command = entry.argv.length > 0 ? entry.argv.join(' ') : `[${entry.name}]`
      return { ...entry, user: (names.get(entry.uid) ?? String(entry.uid)).slice(0, 8), command }
    })
}

/** ps of BusyBox 1.35.0 as Debian builds it: three columns. */
export const ps: Program = async process => {
  const parsed = getopt(process.argv, shortOptions('o:T'))
  const width = columnsOf(process)
  // What it does not know it does not mind: `ps aux` and `ps -ef` are one and the same.
  const wanted = typeof parsed === 'string' ? undefined : parsed.value('o')
  if (wanted !== undefined) return listed(process, wanted.split(','))
  if (process.host.make.busybox) return classic(process, width)
  await process.stdout.write('PID   USER     COMMAND\n')
  for (const { pid, user, command } of rows(process))
    await process.stdout.write(`${`${String(pid).padStart(5)} ${user.padEnd(8)} ${command}`.slice(0, width - 1)}\n`)
  return 0
}

/** As devices have it, which are built without FEATURE_PS_LONG and DESKTOP: with the size and the state. */
const classic = async (process: Process, width: number): Promise<number> => {
  let text = '  PID USER       VSZ STAT COMMAND\n'
  for (const { pid, user, virtual, state, nice = 0, rss, command } of rows(process)) {
    // W: nothing of it is in memory, as of threads of the kernel.
    const stat = `${state === 'I' ? 'S' : state}${rss === 0 ? 'W' : ' '}${nice < 0 ? '<' : nice > 0 ? 'N' : ' '}`
    text += `${`${String(pid).padStart(5)} ${user.padEnd(8)} ${kib(virtual).padStart(5)} ${stat} ${command}`.slice(0, width - 1)}\n`
  }
  await process.stdout.write(text)
  return 0
}

const kib = (bytes: number): string => {
  const value = Math.floor(bytes / 1024)
  return value < 100_000 ? String(value) : `${Math.floor(value / 1024)}m`
}

/** Columns of -o: width and content. */
type Row = ReturnType<typeof rows>[number]
type Column = readonly [width: number, value: (row: Row) => string]
const fields = new Map<string, Column>([
  ['pid', [-5, row => String(row.pid)]],
  ['ppid', [-5, row => String(row.ppid)]],
  ['user', [8, row => row.user]],
  ['comm', [16, row => row.name]],
  ['args', [256, row => row.command]],
  ['group', [8, row => row.user]],
  ['rgroup', [8, row => row.user]],
  ['ruser', [8, row => row.user]],
  ['pgid', [-5, row => String(row.pid)]],
  ['sid', [-5, row => String(row.pid)]],
  ['nice', [-5, () => '0']],
  ['tty', [-6, row => row.tty]],
  ['vsz', [-4, row => kib(row.virtual)]],
  ['rss', [-4, row => kib(row.rss)]],
  ['stat', [4, row => row.state]],
])

const listed = async (process: Process, names: readonly string[]): Promise<number> => {
  const known = names.slice(0, 16).map(name => name.replace(/=.*$/, ''))
  const bad = known.find(name => !fields.has(name))
  if (bad !== undefined) {
    await process.stderr.write(
      `ps: bad -o argument '${bad}', supported arguments: user,group,comm,args,pid,ppid,pgid,nice,rgroup,ruser,tty,vsz,sid,stat,rss\n`,
    )
    return 1
  }
  const line = (texts: string[]): string =>
    `${texts
      .map((text, at) => {
        const [width] = fields.get(known[at]!)!
        return width < 0 ? text.padStart(-width) : at === texts.length - 1 ? text : text.padEnd(width)
      })
      .join(' ')}\n`
  const heading = known.map((name, at) => {
    const title = name === 'args' || name === 'comm' ? 'COMMAND' : name.toUpperCase()
    return at === known.length - 1 ? title : title.padEnd(Math.abs(fields.get(name)![0]))
  })
  await process.stdout.write(`${heading.join(' ')}
`)
  for (const row of rows(process)) await process.stdout.write(line(known.map(name => fields.get(name)![1](row))))
  return 0
}

/** top of BusyBox 1.35.0; without a terminal, or with -b, it writes and does not draw. */
export const top: Program = async process => {
  const parsed = getopt(process.argv, shortOptions('bHmd:n:'))
  if (typeof parsed === 'string') return optionMistake(process, 'top', parsed)
  const turns = Math.max(0, Number(parsed.value('n') ?? (process.isatty[0] ? 0 : 1)) || 0)
  const delay = Math.max(1, Number(parsed.value('d') ?? 5) || 5)
  const drawn = process.isatty[1] && !parsed.has('b')
  for (let turn = 1; turns === 0 || turn <= turns; turn++) {
    await process.stdout.write((drawn ? '\x1b[H\x1b[J' : '') + screen(process, drawn))
    if (turn === turns) break
    await process.sleep(delay)
  }
  return 0
}

const meminfo = (process: Process): Map<string, number> =>
  new Map(
    process.fs
      .readFile('/proc/meminfo', process.who)
      .toString('latin1')
      .split('\n')
      .map(line => [line.replace(/:.*$/, ''), Number(/(\d+) kB/.exec(line)?.[1] ?? 0)]),
  )

const screen = (process: Process, drawn: boolean): string => {
  const memory = meminfo(process)
  const of = (name: string) => memory.get(name) ?? 0
  const load = process.fs.readFile('/proc/loadavg', process.who).toString('latin1').trim()
  const used = of('MemTotal') - of('MemFree')
  const width = process.terminal?.columns || 80
  const height = drawn ? (process.terminal?.rows ?? 24) - 5 : 500
  const head = [
    `Mem: ${used}K used, ${of('MemFree')}K free, ${of('Shmem')}K shrd, ${of('Buffers')}K buff, ${of('Cached')}K cached`,
    'CPU:   0% usr   0% sys   0% nic 100% idle   0% io   0% irq   0% sirq',
    `Load average: ${load}`,
    `${drawn ? '\x1b[7m' : ''}  PID  PPID USER     STAT   VSZ %VSZ %CPU COMMAND${drawn ? '\x1b[m' : ''}`,
  ]
  const total = Math.max(1, of('MemTotal') * 1024)
  const body = rows(process)
    .toSorted((a, b) => b.virtual - a.virtual)
    .slice(0, height)
    .map(({ pid, ppid, user, state, virtual, command }) => {
      const share = Math.min(99, Math.floor((virtual * 100) / total))
      return `${String(pid).padStart(5)} ${String(ppid).padStart(5)} ${user.padEnd(8)} ${state.padEnd(4)} ${kib(virtual).padStart(5)} ${String(share).padStart(3)}%   0% ${command}`.slice(
        0,
        drawn ? width : 500,
      )
    })
  return `${[...head, ...body].join('\n')}\n`
}
