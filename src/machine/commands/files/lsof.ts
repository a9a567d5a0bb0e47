import { accountOf } from '../../accounts.ts'
import { descriptorsOf } from '../../fs/descriptors.ts'
import type { ProcessEntry } from '../../fs/process-table.ts'
import { type Socket, socketsOf } from '../../fs/sockets.ts'
import type { Process, Program, Stat } from '../../system.ts'
import { getopt } from '../getopt.ts'
import { versioned } from '../package-version.ts'
import { absolute, statOf } from '../paths.ts'

type Row = { entry: ProcessEntry; fd: string; type: string; device: string; size: string; node: string; name: string }

const kinds: Record<Stat['type'], string> = {
  file: 'REG',
  directory: 'DIR',
  char: 'CHR',
  block: 'BLK',
  fifo: 'FIFO',
  socket: 'unix',
  symlink: 'LINK',
}
const services = new Map([
  [22, 'ssh'],
  [23, 'telnet'],
  [25, 'smtp'],
  [53, 'domain'],
  [68, 'bootpc'],
  [80, 'http'],
  [443, 'https'],
])

const fileRow = (process: Process, entry: ProcessEntry, fd: string, path: string): Row => {
  const stat = statOf(process, path)
  const device = stat?.rdev
    ? `${stat.rdev.major},${stat.rdev.minor}`
    : stat
      ? `${stat.dev >> 8},${stat.dev & 0xff}`
      : ''
  const size = stat?.rdev ? '0t0' : String(stat?.size ?? '')
  return {
    entry,
    fd,
    type: stat ? kinds[stat.type] : 'unknown',
    device,
    size,
    node: String(stat?.ino ?? ''),
    name: path,
  }
}

const filesOf = (process: Process, entry: ProcessEntry): Row[] => {
  if (entry.argv.length === 0 || entry.exe === '') {
    return [fileRow(process, entry, 'cwd', '/'), fileRow(process, entry, 'rtd', '/')].concat({
      entry,
      fd: 'txt',
      type: 'unknown',
      device: '',
      size: '',
      node: '',
      name: `/proc/${entry.pid}/exe`,
    })
  }
  const rows = [
    fileRow(process, entry, 'cwd', entry.cwd),
    fileRow(process, entry, 'rtd', '/'),
    fileRow(process, entry, 'txt', entry.exe),
  ]
  for (const library of ['/usr/lib/x86_64-linux-gnu/libc.so.6', '/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2'])
    if (statOf(process, library)) rows.push(fileRow(process, entry, 'mem', library))
  for (const { fd, target, mode } of descriptorsOf(entry)) {
    const letter = mode === 0o700 ? 'u' : mode === 0o500 ? 'r' : 'w'
    const inode = /^(pipe|socket):\[(\d+)\]$/.exec(target)
    if (!inode) rows.push(fileRow(process, entry, `${fd}${letter}`, target))
    else if (inode[1] === 'pipe')
      rows.push({
        entry,
        fd: `${fd}${letter}`,
        type: 'FIFO',
        device: '0,13',
        size: '0t0',
        node: inode[2]!,
        name: 'pipe',
      })
    else
      rows.push({
        entry,
        fd: `${fd}${letter}`,
        type: 'unix',
        device: `0x${(0xffff9c00 + entry.pid).toString(16).padStart(16, '0')}`,
        size: '0t0',
        node: inode[2]!,
        name: 'type=STREAM (CONNECTED)',
      })
  }
  return rows
}

const socketRows = (
  process: Process,
  entries: readonly ProcessEntry[],
  numericPorts: boolean,
): { row: Row; socket: Socket }[] => {
  const port = (number: number): string =>
    number === 0 ? '*' : numericPorts ? String(number) : (services.get(number) ?? String(number))
  const address = (text: string, v6: boolean): string =>
    text === '0.0.0.0' || text === '::' ? '*' : v6 && text.includes(':') ? `[${text}]` : text
  return socketsOf(process.host.processes).flatMap(socket =>
    socket.holders.flatMap(({ pid, fd }) => {
      const entry = entries.find(one => one.pid === pid)
      if (!entry) return []
      const local = `${address(socket.local, socket.v6)}:${port(socket.localPort)}`
      const remote = socket.state === 'ESTAB' ? `->${address(socket.remote, socket.v6)}:${port(socket.remotePort)}` : ''
      const state = socket.protocol === 'udp' ? '' : socket.state === 'LISTEN' ? ' (LISTEN)' : ' (ESTABLISHED)'
      const row: Row = {
        entry,
        fd: `${fd}u`,
        type: socket.v6 ? 'IPv6' : 'IPv4',
        device: String(socket.inode),
        size: '0t0',
        node: socket.protocol.toUpperCase(),
        name: local + remote + state,
      }
      return [{ row, socket }]
    }),
  )
}

const options = [
  ...[...'abChlnNPORtUvVXK'].map(short => ({ short })),
  ...[...'cdDgGkmopsuFST'].map(short => ({ short, argument: 'required' as const })),
  ...[...'iEeLrf'].map(short => ({ short, argument: 'optional' as const })),
  { short: '+', argument: 'optional' as const },
]

/** lsof(8) 4.95.0 over the machine's processes: their files, and the sockets of the Internet families. */
export const lsof: Program = async process => {
  // `-i :22`: an optional argument may stand apart.
  const argv: string[] = []
  for (const word of process.argv) {
    if (argv.at(-1) === '-i' && /^([46]?(tcp|udp|TCP|UDP)?)?[@:]|^(tcp|udp|TCP|UDP|4|6)$/.test(word))
      argv[argv.length - 1] += word
    else argv.push(word.startsWith('+') ? `-${word}` : word)
  }
  const parsed = getopt(argv, options)
  if (typeof parsed === 'string') {
    await process.stderr.write(
      `lsof: illegal option character: ${/'(.)'$/.exec(parsed)?.[1] ?? '?'}\nlsof 4.95.0\n latest revision: https://github.com/lsof-org/lsof\n usage: [-?abhKlnNoOPRtUvVX] [+|-c c] [+|-d s] [+|-D D] [+|-E] [+|-e s] [+|-f[gG]]\nUse the \`\`-h'' option to get more help information.\n`,
    )
    return 1
  }
  if (parsed.has('v')) {
    await process.stderr.write(versioned(process, 'lsof version information:\n    revision: @lsof@\n'))
    return 0
  }
  const all = process.host.processes.list()
  const list = (letter: string): string[] =>
    parsed.given.filter(({ name }) => name === letter).flatMap(({ value }) => (value ?? '').split(','))
  const pids = list('p').map(Number)
  const commands = list('c')
  const users = list('u').map(name => accountOf(process.fs, name)?.uid ?? Number(name))
  const network = parsed.given.filter(({ name }) => name === 'i').map(({ value }) => value ?? '')
  const chosen = all.filter(({ pid, name, uid }) => {
    const tests = [
      pids.length > 0 ? pids.includes(pid) : undefined,
      commands.length > 0 ? commands.some(command => name.startsWith(command)) : undefined,
      users.length > 0 ? users.includes(uid) : undefined,
    ].filter(one => one !== undefined)
    return tests.length === 0 || (parsed.has('a') ? tests.every(Boolean) : tests.some(Boolean))
  })
  process.step(chosen.length * 8)
  const selects = pids.length + commands.length + users.length > 0
  let rows: Row[] = []
  const sockets = socketRows(process, chosen, parsed.has('P')).filter(
    ({ socket }) => network.length === 0 || network.some(one => fits(socket, one)),
  )
  if (parsed.operands.length > 0) {
    const wanted = parsed.operands.map(operand => absolute(process, operand))
    const mounts = new Set(process.host.mounts.map(({ path }) => path))
    for (const operand of parsed.operands) {
      if (statOf(process, operand)) continue
      await process.stderr.write(`lsof: status error on ${operand}: No such file or directory\n`)
    }
    rows = chosen
      .flatMap(entry => filesOf(process, entry))
      .filter(({ name }) => wanted.includes(name) || (wanted.includes('/') && mounts.has('/') && name.startsWith('/')))
  } else if (network.length > 0 && !selects) rows = sockets.map(({ row }) => row)
  else if (network.length > 0 && parsed.has('a')) rows = sockets.map(({ row }) => row)
  else
    rows = chosen.flatMap(entry => [
      ...filesOf(process, entry),
      ...sockets.filter(({ row }) => row.entry === entry).map(({ row }) => row),
    ])
  // Others' files are not for everybody.
  if (process.who.uid !== 0) rows = rows.filter(({ entry }) => entry.uid === process.who.uid)
  if (rows.length === 0) return 1
  rows.sort((a, b) => a.entry.pid - b.entry.pid)
  if (parsed.has('t')) {
    await process.stdout.write(`${[...new Set(rows.map(({ entry }) => entry.pid))].join('\n')}\n`)
    return 0
  }
  await process.stdout.write(tableOf(process, rows, parsed.has('l')))
  return 0
}

/** `:22`, `tcp`, `4TCP@192.0.2.1:80`. */
const fits = (socket: Socket, spec: string): boolean => {
  const found = /^([46]?)(tcp|udp)?(?:@([^:]*))?(?::(.*))?$/i.exec(spec)
  if (!found) return false
  const [, version, protocol, host, ports] = found
  if (version && socket.v6 !== (version === '6')) return false
  if (protocol && socket.protocol !== protocol.toLowerCase()) return false
  if (host && socket.local !== host && socket.remote !== host) return false
  if (!ports) return true
  return ports.split(',').some(port => {
    const [low, high = low] = port
      .split('-')
      .map(one => [...services].find(([, name]) => name === one)?.[0] ?? Number(one))
    return [socket.localPort, socket.remotePort].some(own => own >= low! && own <= high!)
  })
}

const tableOf = (process: Process, rows: readonly Row[], numeric: boolean): string => {
  const user = (uid: number): string =>
    numeric ? String(uid) : (accountOf(process.fs, uid)?.name ?? String(uid)).slice(0, 8)
  const lines = [
    ['COMMAND', 'PID', 'USER', 'FD', 'TYPE', 'DEVICE', 'SIZE/OFF', 'NODE', 'NAME'],
    ...rows.map(({ entry, fd, type, device, size, node, name }) => [
      entry.name.slice(0, 9),
      String(entry.pid),
      user(entry.uid),
      /\d[a-z]$/.test(fd) ? fd : `${fd} `,
      type,
      device,
      size,
      node,
      name,
    ]),
  ]
  lines[0]![3] = 'FD  '
  const widths = lines[0]!.map((_, column) =>
    Math.max(...lines.map(line => line[column]!.length), column === 0 ? 9 : 0),
  )
  return lines
    .map(line =>
      line
        .map((text, column) =>
          column === 0 ? text.padEnd(widths[0]!) : column === 8 ? text : text.padStart(widths[column]!),
        )
        .join(' '),
    )
    .map(line => `${line}\n`)
    .join('')
}

const signals = new Map(
  'HUP=1 INT=2 QUIT=3 KILL=9 USR1=10 USR2=12 TERM=15 CONT=18 STOP=19'
    .split(' ')
    .map(pair => [pair.split('=')[0]!, Number(pair.split('=')[1])]),
)

/** fuser(1) of psmisc 23.6. */
export const fuser: Program = async process => {
  const flags = new Set<string>()
  const names: string[] = []
  let signal = 9
  let space = 'file'
  const words = process.argv.slice(1)
  while (words.length > 0) {
    const word = words.shift()!
    const number = /^-(?:SIG)?([A-Z]+[12]?|\d+)$/.exec(word)
    if (word === '-n') space = words.shift() ?? 'file'
    else if (number && (signals.has(number[1]!) || /^\d+$/.test(number[1]!)) && word.length > 2)
      signal = signals.get(number[1]!) ?? Number(number[1])
    else if (word.startsWith('--'))
      flags.add({ kill: 'k', verbose: 'v', mount: 'm', silent: 's', user: 'u', all: 'a' }[word.slice(2)] ?? '')
    else if (word.startsWith('-') && word.length > 1) for (const letter of word.slice(1)) flags.add(letter)
    else names.push(word)
  }
  if (flags.has('V')) {
    await process.stderr.write('fuser (PSmisc) 23.6\n')
    return 0
  }
  if (names.length === 0) {
    await process.stderr.write(
      `No process specification given\nUsage: fuser [-fIMuvw] [-a|-s] [-4|-6] [-c|-m|-n SPACE]\n             [-k [-i] [-SIGNAL]] NAME...\n       fuser -l\n       fuser -V\n`,
    )
    return 1
  }
  const all = process.host.processes.list()
  let status = 1
  for (const name of names) {
    const port = /^(\d+)\/(tcp|udp)$/.exec(name) ?? (space !== 'file' ? ['', name, space] : null)
    const held = new Map<number, string>()
    if (port) {
      for (const socket of socketsOf(process.host.processes)) {
        if (socket.localPort !== Number(port[1]) || socket.protocol !== port[2]) continue
        for (const { pid } of socket.holders) held.set(pid, '')
      }
    } else {
      if (!statOf(process, name)) {
        await process.stderr.write(`Specified filename ${name} does not exist.\n`)
        continue
      }
      const path = absolute(process, name).replace(/(?<=.)\/+$/, '')
      for (const entry of all) {
        process.step()
        let letters = ''
        if (entry.cwd === path || (flags.has('m') && entry.exe !== '')) letters += 'c'
        if (entry.exe === path) letters += 'e'
        if (path === '/') letters += 'r'
        const opens = descriptorsOf(entry).some(({ target }) => target === path)
        if (letters !== '' || opens) held.set(entry.pid, letters)
      }
    }
    if (held.size === 0) continue
    status = 0
    const shown = port ? `${port[1]}/${port[2]}` : absolute(process, name)
    if (!flags.has('s')) {
      await process.stderr.write(`${shown}:`.padEnd(21))
      for (const [pid, letters] of held) {
        await process.stdout.write(String(pid).padStart(6))
        await process.stderr.write(letters)
      }
      await process.stderr.write('\n')
    }
    if (flags.has('k'))
      for (const pid of held.keys()) if (pid !== process.pid) process.host.processes.signal(pid, signal, process.who)
  }
  return status
}
