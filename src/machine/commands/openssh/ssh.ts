import { accountOf } from '../../accounts.ts'
import type { Process, Program } from '../../system.ts'
import { statOf } from '../paths.ts'
import { algorithms } from './client/algorithms.ts'
import { connect, saying } from './client/connect.ts'
import { createSettings, destinationOf, isHostName, portOf, type Settings, setOption } from './client/settings.ts'
import { fatal, log, parseOptions } from './usage.ts'
import { opensshText, opensslText } from './version.ts'

const spec = '1246ab:c:e:fgi:kl:m:no:p:qstvxAB:CD:E:F:GI:J:KL:MNO:PQ:R:S:TVw:W:XYy'
const usage = `usage: ssh [-46AaCfGgKkMNnqsTtVvXxYy] [-B bind_interface]
           [-b bind_address] [-c cipher_spec] [-D [bind_address:]port]
           [-E log_file] [-e escape_char] [-F configfile] [-I pkcs11]
           [-i identity_file] [-J [user@]host[:port]] [-L address]
           [-l login_name] [-m mac_spec] [-O ctl_cmd] [-o option] [-p port]
           [-Q query_option] [-R address] [-S ctl_path] [-W host:port]
           [-w local_tun[:remote_tun]] destination [command [argument ...]]
`
/** Operands and options in turn are looked at so often. */
const mostRounds = 8

type Call = {
  settings: Settings
  identities: string[]
  given: Set<string>
  destination: string | undefined
  command: string[]
}

/** ssh(1) of OpenSSH: every option, and a connection that comes to nothing. */
export const ssh: Program = async process => {
  const call = read(process.argv)
  if (typeof call === 'string') {
    // The log's lines end as terminals want it, the command line's do not.
    await process.stderr.write(`${call}${call.startsWith('command-line') ? '\r' : ''}\n`)
    return 255
  }
  if ('bad' in call) return misused(process, call.bad)
  const { settings, identities, given, destination, command } = call
  if (given.has('V')) {
    await process.stderr.write(`${versionText(process)}\n`)
    return 0
  }
  if (call.query !== undefined) return answerQuery(process, call.query)
  if (destination === undefined) {
    await process.stderr.write(usage)
    return 255
  }
  const where = destinationOf(destination, 'ssh')
  const user = settings.get('user') ?? where.user ?? accountOf(process.fs, process.who.uid)?.name ?? 'root'
  const host = settings.get('hostname') ?? where.host
  if (!isHostName(where.host)) return fatal(process, 'hostname contains invalid characters')
  if (given.has('v')) await log(process, versionText(process))
  for (const identity of identities)
    if (!statOf(process, identity))
      await process.stderr.write(`Warning: Identity file ${identity} not accessible: No such file or directory.\n`)
  const background = given.has('f')
  if (command.length === 0 && !given.has('N') && settings.get('sessiontype') !== 'none') {
    if (background) return fatal(process, 'Cannot fork into background without a command to execute.')
    if (!process.isatty[0] && !given.has('T') && !given.has('W'))
      await saying(process, settings)(
        'Pseudo-terminal will not be allocated because stdin is not a terminal.',
        'remark',
      )
  }
  return connect(process, {
    tool: 'ssh',
    user,
    host,
    port: where.port ?? Number(settings.get('port') ?? 22),
    settings,
    sent: Buffer.from(command.join(' '), 'latin1'),
  })
}

const versionText = ({ host }: Process): string => `${opensshText(host.persona)}, ${opensslText(host.persona)}`

const misused = async (process: Process, message: string): Promise<number> => {
  await log(process, message)
  await process.stderr.write(usage)
  return 255
}

/** What the command line says: options may come on both sides of the destination. A wrong value is its message. */
const read = (argv: readonly string[]): (Call & { query?: string }) | { bad: string } | string => {
  const settings = createSettings()
  const given = new Set<string>()
  const identities: string[] = []
  let query: string | undefined
  let destination: string | undefined
  let rest = argv.slice(1)
  for (let round = 0; round < mostRounds; round++) {
    const ended = destination !== undefined
    if (ended && (rest[0] === undefined || !rest[0].startsWith('-') || rest[0] === '-')) break
    const parsed = parseOptions(['ssh', ...rest], spec)
    if (typeof parsed === 'string') return { bad: parsed }
    for (const { name, value = '' } of parsed.given) {
      given.add(name)
      if (name === 'Q') query ??= value
      if (name === 'i') identities.push(value)
      const wrong = settingOf(settings, name, value)
      if (wrong !== undefined) return wrong
    }
    rest = parsed.operands
    destination ??= rest.shift()
    if (rest.length === 0) break
  }
  return { settings, identities, given, destination, command: rest, ...(query === undefined ? {} : { query }) }
}

/** An option as a setting; what is wrong with it. */
const settingOf = (settings: Settings, name: string, value: string): string | undefined => {
  if (name === 'o') return setOption(settings, value)
  if (name === 'p') {
    if (portOf(value) === undefined) return `Bad port '${value}'`
    settings.set('port', value)
  } else if (name === 'l') settings.set('user', value)
  else if (name === 'J') settings.set('proxyjump', value)
  else if (name === 'q') settings.set('loglevel', 'quiet')
  else if (name === '4') settings.set('addressfamily', 'inet')
  else if (name === '6') settings.set('addressfamily', 'inet6')
  else if (name === 'L' && !isForwarding(value)) return `Bad local forwarding specification '${value}'`
  else if (name === 'R' && !isForwarding(value) && !isListener(value))
    return `Bad remote forwarding specification '${value}'`
  else if (name === 'D' && !isListener(value)) return `Bad dynamic forwarding specification '${value}'`
  else if (name === 'W' && !/^(.+):(\d+)$/.test(value)) return `Bad stdio forwarding specification '${value}'`
  else if (name === 'c' && !/^[-+^]/.test(value) && !value.split(',').every(cipher => ciphers.has(cipher)))
    return `Unknown cipher type '${value}'`
  else if (name === 'm' && !/^[-+^]/.test(value) && !value.split(',').every(mac => macs.has(mac)))
    return `Unknown mac type '${value}'`
  return undefined
}

const isListener = (text: string): boolean => /^(?:[^:/]*:|\[[^\]]*\]:)?\d+$/.test(text) || text.startsWith('/')
/** `[address:]port:host:hostport`, or sockets. */
const isForwarding = (text: string): boolean =>
  /^(?:(?:[^:/]*|\[[^\]]*\]):)?(?:\d+|\/[^:]*):(?:(?:[^:/]+|\[[^\]]*\]):\d+|\/[^:]*)$/.test(text)

const ciphers = new Set(algorithms('cipher'))
const macs = new Set(algorithms('mac'))

const answerQuery = async (process: Process, query: string): Promise<number> => {
  const found = algorithms(query)
  if (found === undefined) return fatal(process, `Unsupported query "${query}"`)
  await process.stdout.write(found.map(name => `${name}\n`).join(''))
  return 0
}
