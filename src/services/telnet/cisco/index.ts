import { type Access, accessOf } from '#access/access.ts'
import type { Recording } from '#artifacts/recordings.ts'
import { text } from '#events/text.ts'
import { Hangup } from '#sensor/endings.ts'
import { send, type Telnet } from '../session.ts'
import { Option } from '../wire.ts'
import { completed, configuration, type Does, helpFor, submodes, understand } from './commands.ts'
import { type LineReader, lineReader, say } from './line.ts'
import { clock, type Router, routerOf, showInterfaces, showRunning, showVersion, usersOf } from './router.ts'
import { showArp, showDirectory, showFlash, showInventory, showPorts, showRoute } from './show.ts'

/** Seconds that the log-in may take, and tries that it has (IOS' defaults for a vty). */
const LOGIN_TIMEOUT = 30
const TRIES = 3
/** Lines of configuration that are kept of one visitor. */
const MAX_LINES = 200
const MAX_HISTORY = 20

/** What a visitor changed, for as long as the sensor remembers them. */
type Changes = { name: string | undefined; lines: string[] }

type Exec = {
  telnet: Telnet
  router: Router
  reader: LineReader
  access: Access
  changes: Changes
  recording: Recording
  user: string
  password: string
  privileged: boolean
  /** `(config)` and the like; empty at EXEC. */
  mode: string
  /** Lines of a page; 0 is without end. */
  length: number
  history: string[]
}

const nameOf = ({ changes, router }: Exec) => changes.name ?? router.name
const promptOf = (exec: Exec) =>
  `${nameOf(exec)}${exec.mode === '' ? '' : `(${exec.mode})`}${exec.privileged ? '#' : '>'}`
const said = (latin1: string) => text(Buffer.from(latin1, 'latin1'), 1024)

/** A router's vty, from `User Access Verification` to the end: IOS 15 with local users. */
export async function serveRouter(telnet: Telnet): Promise<void> {
  const { options, output, cx } = telnet
  output.push(options.ask('WILL', Option.ECHO), options.ask('WILL', Option.SGA))
  output.push(options.ask('DO', Option.TTYPE), options.ask('DO', Option.NAWS))
  const router = routerOf(cx.persona, cx.destination.ip)
  telnet.deadline = cx.now() + LOGIN_TIMEOUT * 1000 * TRIES
  let recording: Recording | undefined
  const reader = lineReader(telnet, bytes => recording?.input(bytes))
  const access = accessOf(cx, cx.options.access)
  const found = await logIn(telnet, reader, access)
  if (!found) return
  telnet.deadline = Number.POSITIVE_INFINITY
  telnet.conn.lifetime = 4 * 3600
  const { columns, rows } = telnet.size ?? { columns: 80, rows: 24 }
  const type = telnet.terminalType ?? 'network'
  cx.record.terminal({ type, columns, rows })
  recording = cx.recording({ columns, rows, terminal: type, title: found.user })
  const changes = cx.attacker<Changes>(() => ({ name: undefined, lines: [] }), 'router')
  const exec: Exec = {
    ...{ telnet, router, reader, access, changes, recording, privileged: false, mode: '', history: [] },
    ...found,
    length: rows || 24,
  }
  try {
    while (await turn(exec));
    await send(telnet)
  } finally {
    recording.close()
  }
}

async function logIn(
  telnet: Telnet,
  reader: LineReader,
  access: Access,
): Promise<{ user: string; password: string } | undefined> {
  const { cx } = telnet
  await say(telnet, '\n\nUser Access Verification\n\n')
  for (let tries = 0; tries < TRIES; tries++) {
    const asked = async (prompt: string, hidden?: true) => {
      telnet.output.push(Buffer.from(prompt))
      try {
        return (await reader.read(LOGIN_TIMEOUT, hidden ? { hidden } : {})).line
      } catch (error) {
        if (error instanceof Hangup && error.reason === 'idle') await say(telnet, `\n% ${prompt} timeout expired!\n`)
        throw error
      }
    }
    const user = await asked('Username: ')
    const password = await asked('Password: ', true)
    const right = access.password(user, password)
    const outcome = right ? 'success' : 'failure'
    cx.record.login({ method: 'password', user: said(user), password: said(password), outcome })
    if (right) return { user, password }
    await send(telnet)
    await cx.pause(2)
    await say(telnet, '% Login invalid\n\n')
  }
  return undefined
}

/** One prompt and what was typed at it; `false` at the end. */
async function turn(exec: Exec, again = ''): Promise<boolean> {
  const { telnet, reader } = exec
  await tell(exec, `${promptOf(exec)}${again}`)
  const { line, by } = await reader.read(telnet.cx.options.idle, { again, history: exec.history })
  if (by === 'interrupt') {
    await tell(exec, '\n')
    return true
  }
  if (by === 'help') {
    const list = exec.mode === '' ? helpFor(line, exec.privileged) : `${[...configuration].sort().join('  ')}\n`
    await page(exec, `${list}\n`)
    return turn(exec, line)
  }
  if (by === 'complete' || by === 'again') {
    await tell(exec, '\n')
    return turn(exec, by === 'again' || exec.mode !== '' ? line : completed(line, exec.privileged))
  }
  if (by === 'end') {
    exec.mode = ''
    await tell(exec, '^Z\n')
    return true
  }
  if (line.trim() === '') return true
  telnet.cx.record.command({ line: said(line) })
  exec.history.push(line)
  if (exec.history.length > MAX_HISTORY) exec.history.shift()
  return exec.mode === '' ? obey(exec, line) : configure(exec, line)
}

async function tell({ telnet, recording }: Exec, words: string): Promise<void> {
  recording.output(await say(telnet, words))
}

/** Shows it by the page, ` --More-- ` after each. */
async function page(exec: Exec, words: string): Promise<void> {
  const lines = words.split('\n')
  if (exec.length === 0 || lines.length <= exec.length) return tell(exec, words)
  for (let shown = 0, room = exec.length - 1; ; room = exec.length - 1) {
    await tell(
      exec,
      lines
        .slice(shown, shown + room)
        .map(line => `${line}\n`)
        .join(''),
    )
    shown += room
    for (;;) {
      if (shown >= lines.length - 1) return
      await tell(exec, ' --More-- ')
      const key = await exec.reader.key(exec.telnet.cx.options.idle)
      await tell(exec, `${'\b'.repeat(10)}${' '.repeat(10)}${'\b'.repeat(10)}`)
      if (key === 32) break
      if (key !== 13 && key !== 10) return tell(exec, '\n')
      await tell(exec, `${lines[shown++]}\n`)
    }
  }
}

const marker = (column: number) => `${' '.repeat(column)}^\n% Invalid input detected at '^' marker.\n\n`

async function obey(exec: Exec, line: string): Promise<boolean> {
  const found = understand(line, exec.privileged)
  if ('error' in found) {
    const word = line.trim()
    if (found.error === 'invalid') await tell(exec, marker(promptOf(exec).length + found.at))
    else if (found.error === 'ambiguous') await tell(exec, `% Ambiguous command:  "${word}"\n`)
    else if (found.error === 'unknown')
      await tell(exec, '% Unknown command or computer name, or unable to find computer address\n')
    else if (/^sh[a-z]*$/i.test(word)) await tell(exec, '% Type "show ?" for a list of subcommands\n')
    else await tell(exec, '% Incomplete command.\n\n')
    return true
  }
  return deeds[found.does](exec, found.rest, line)
}

type Deed = (exec: Exec, rest: string, line: string) => Promise<boolean>
const shows =
  (words: (exec: Exec) => string): Deed =>
  async exec => {
    await page(exec, words(exec))
    return true
  }
const now = ({ telnet: { cx } }: Exec) => cx.now() + cx.persona.clockSkew

const deeds: Record<Does, Deed> = {
  async enable(exec) {
    const { telnet, reader } = exec
    if (exec.privileged) return true
    for (let tries = 1; tries <= TRIES; tries++) {
      telnet.output.push(Buffer.from('Password: '))
      const { line } = await reader.read(LOGIN_TIMEOUT, { hidden: true })
      // What let them in is good here too, as on so many routers; and who insists gets in.
      const right = line !== '' && (line === exec.password || tries === TRIES)
      const outcome = right ? 'success' : 'failure'
      telnet.cx.record.login({ method: 'enable', user: said(exec.user), password: said(line), outcome })
      if (right) {
        exec.privileged = true
        return true
      }
    }
    await tell(exec, '% Bad secrets\n\n')
    return true
  },
  async disable(exec) {
    exec.privileged = false
    return true
  },
  leave: async () => false,
  async reload(exec) {
    await tell(exec, 'Proceed with reload? [confirm]')
    const key = await exec.reader.key(exec.telnet.cx.options.idle)
    await tell(exec, '\n')
    return key !== 13 && key !== 10 && key !== 121
  },
  version: shows(exec => showVersion({ ...exec.router, name: nameOf(exec) }, now(exec))),
  clock: shows(exec => clock(now(exec))),
  interfaces: shows(exec => showInterfaces(exec.router)),
  running: shows(exec =>
    showRunning({ ...exec.router, name: nameOf(exec) }, usersOf(exec.telnet.cx.persona), exec.changes.lines),
  ),
  privilege: shows(exec => `Current privilege level is ${exec.privileged ? 15 : 1}\n`),
  users: shows(
    ({ telnet: { cx }, user }) =>
      `    Line       User       Host(s)              Idle       Location\n*${'  2 vty 0'.padEnd(11)}${user.padEnd(11)}idle                 00:00:00 ${cx.source.ip}\n\n  Interface    User               Mode         Idle     Peer Address\n\n`,
  ),
  history: shows(exec => exec.history.map(line => `  ${line}\n`).join('')),
  flash: shows(({ router }) => showFlash(router)),
  directory: shows(({ router }) => showDirectory(router)),
  arp: shows(({ router }) => showArp(router)),
  route: shows(({ router }) => showRoute(router)),
  inventory: shows(({ router }) => showInventory(router)),
  ports: shows(exec => showPorts(exec.router, Math.max(0, now(exec) - exec.router.bootedAt) / 1000)),
  help: shows(() => "Help may be requested at any point in a command by entering a question mark '?'.\n"),
  nothing: async () => true,
  async length(exec, rest) {
    if (/^\d{1,3}$/.test(rest)) exec.length = Number(rest)
    return true
  },
  async configure(exec) {
    exec.mode = 'config'
    await tell(exec, 'Enter configuration commands, one per line.  End with CNTL/Z.\n')
    return true
  },
  save: shows(() => 'Building configuration...\n[OK]\n'),
  async ping(exec, rest) {
    const [host = ''] = rest.split(/\s+/)
    exec.telnet.cx.record.outboundAttempt({ host: said(host), port: 0, tool: 'ping' })
    await tell(
      exec,
      `Type escape sequence to abort.\nSending 5, 100-byte ICMP Echos to ${host}, timeout is 2 seconds:\n`,
    )
    for (let sent = 0; sent < 5; sent++) {
      await exec.telnet.cx.pause(2)
      await tell(exec, '.')
    }
    await tell(exec, '\nSuccess rate is 0 percent (0/5)\n')
    return true
  },
  async telnet(exec, rest) {
    const [host = '', port] = rest.split(/\s+/)
    const number = port !== undefined && /^\d{1,5}$/.test(port) ? Number(port) : 23
    exec.telnet.cx.record.outboundAttempt({ host: said(host), port: number, tool: 'telnet' })
    await tell(exec, `Trying ${host}${port ? `, ${number}` : ''} ... \n`)
    await exec.telnet.cx.pause(3)
    await tell(exec, '% Connection timed out; remote host not responding\n\n')
    return true
  },
  async copy(exec, rest, line) {
    const { telnet, reader } = exec
    const [from = '', to = ''] = rest.split(/\s+/)
    if (/^start|^run/.test(from) && /^start|^run/.test(to)) return deeds.save(exec, rest, line)
    const asked = async (prompt: string) => {
      await tell(exec, prompt)
      return (await reader.read(telnet.cx.options.idle)).line.trim()
    }
    let url = from
    if (/^[a-z]+:$/.test(from) && !/^(flash|nvram)/.test(from)) {
      const host = await asked('Address or name of remote host []? ')
      url = `${from}//${host}/${await asked('Source filename []? ')}`
    }
    const name = url.slice(url.lastIndexOf('/') + 1)
    await asked(`Destination filename [${/^run/.test(to) ? 'running-config' : name}]? `)
    if (!/^[a-z]+:\/\//.test(url)) {
      await tell(exec, `%Error opening ${url} (No such file or directory)\n`)
      return true
    }
    telnet.cx.record.fileDownload({ url: said(url), tool: 'copy', commandLine: said(line) })
    await tell(exec, `Accessing ${url}...\n`)
    await telnet.cx.pause(6)
    await tell(exec, `%Error opening ${url} (Timed out)\n`)
    return true
  },
}

/** A line at `(config)#`: taken down, whatever it sets. */
async function configure(exec: Exec, line: string): Promise<boolean> {
  const [first = '', ...rest] = line.trim().split(/\s+/)
  const known = [...configuration].filter(word => word.startsWith(first.toLowerCase()))
  const verb = known.find(word => word === first.toLowerCase()) ?? (known.length === 1 ? known[0] : undefined)
  if (verb === undefined) {
    if (known.length > 1) await tell(exec, `% Ambiguous command:  "${line.trim()}"\n`)
    else await tell(exec, marker(promptOf(exec).length + line.search(/\S/)))
    return true
  }
  if (verb === 'end') exec.mode = ''
  else if (verb === 'exit') exec.mode = exec.mode === 'config' ? '' : 'config'
  else if (verb === 'do') return obey(exec, rest.join(' '))
  else {
    if (verb === 'hostname' && /^[A-Za-z][\w-]{0,62}$/.test(rest[0] ?? '')) exec.changes.name = rest[0]
    else if (exec.changes.lines.length < MAX_LINES)
      exec.changes.lines.push(submodes.has(verb) || exec.mode === 'config' ? line.trim() : ` ${line.trim()}`)
    exec.mode = submodes.get(verb) ?? exec.mode
  }
  return true
}
