import { createHash } from 'node:crypto'
import { string } from '#codec/ssh-wire.ts'
import { accountOf } from '../../../accounts.ts'
import { connectTexts, isOwn, lookup, reach } from '../../../internet/reach.ts'
import { type Process, SystemError } from '../../../system.ts'
import { absolute } from '../../paths.ts'
import { ask } from '../../system/accounts/ask.ts'
import { fromPem } from '../keys/key.ts'
import { hashedName, hostWithPort, isAbout, knownHosts } from '../keys/known-hosts.ts'
import { log } from '../usage.ts'
import { isNo, isYes, type Settings } from './settings.ts'

/** Where a client of OpenSSH was told to go, and with what. */
export type Attempt = {
  /** `ssh`, `scp`, `sftp`: for the record. */
  tool: string
  user: string
  host: string
  port: number
  settings: Settings
  /** What would have been done there: a command, a file. */
  sent?: Buffer
}

/** Writes to the log unless LogLevel keeps it out. */
export const saying = (process: Process, settings: Settings): ((text: string, remark?: 'remark') => Promise<void>) => {
  const level = (settings.get('loglevel') ?? 'info').toLowerCase()
  return async (text, remark) => {
    if (level === 'quiet' || (remark && (level === 'error' || level === 'fatal'))) return
    await log(process, text)
  }
}
type Say = ReturnType<typeof saying>

/** Seconds that somebody waits at most, whatever they asked for. */
const patience = 131
/** What sshd takes to think about a wrong password. */
const wrongPassword = 2.3

/**
 * An SSH connection to anywhere, recorded and never made: nobody can be reached, does not want to talk, or lets nobody
 * in. Gives ssh(1)'s exit status, which is always 255.
 */
export const connect = async (process: Process, attempt: Attempt): Promise<number> => {
  const { host, port, tool, settings, sent } = attempt
  const say = saying(process, settings)
  process.host.witness.connection({ host, port, tool, ...(sent?.length ? { sent } : {}) })
  if (settings.get('proxycommand') !== undefined && settings.get('proxycommand') !== 'none') {
    // Nothing is run for it.
    await say('kex_exchange_identification: Connection closed by remote host')
    await say('Connection closed by UNKNOWN port 65535')
    return 255
  }
  const jump = settings.get('proxyjump')
  if (jump !== undefined && jump !== 'none') return viaJump(process, attempt, jump, say)
  const addresses = host === '' ? undefined : lookup(process, host, familyOf(settings))
  if (!addresses) {
    await process.sleep(0.04)
    await say(`ssh: Could not resolve hostname ${host}: Name or service not known`)
    return 255
  }
  const address = addresses[0]!
  const limit = Number(settings.get('connecttimeout') ?? patience)
  const reached = reach(process, address, port)
  const waits = Math.min(reached.seconds, limit > 0 ? limit : patience, patience)
  if (waits > 0) await process.sleep(waits)
  const refused = reached.seconds > waits ? 'ETIMEDOUT' : reached.refused
  if (refused) {
    await say(`ssh: connect to host ${host} port ${port}: ${connectTexts[refused]}`)
    return 255
  }
  return metBy(process, attempt, address, say, Math.max(0.02, reached.seconds))
}

const familyOf = (settings: Settings): 4 | 6 | undefined =>
  settings.get('addressfamily') === 'inet' ? 4 : settings.get('addressfamily') === 'inet6' ? 6 : undefined

/** `-J`: the jump host is reached by another ssh(1), which fails first. */
const viaJump = async (process: Process, attempt: Attempt, jump: string, say: Say): Promise<number> => {
  const first = jump.split(',', 1)[0]!.replace(/^ssh:\/\//, '')
  const [, user, host = '', port] = /^(?:([^@]*)@)?(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(first) ?? []
  const settings: Settings = { get: () => undefined, set: () => false }
  await connect(process, {
    ...attempt,
    user: user ?? attempt.user,
    host: host.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port ?? 22),
    settings,
  })
  await say('kex_exchange_identification: Connection closed by remote host')
  await say('Connection closed by UNKNOWN port 65535')
  return 255
}

/** Somebody answers. The same host always does it the same way. */
const metBy = async (process: Process, attempt: Attempt, address: string, say: Say, trip: number): Promise<number> => {
  const { user, host, port, settings } = attempt
  const mood = createHash('sha256')
    .update(process.host.persona.derive(`sshd ${address} ${port}`, 32))
    .digest()
  await process.sleep(trip)
  if (mood[0]! < 60) {
    await say('kex_exchange_identification: Connection closed by remote host')
    await say(`Connection closed by ${address} port ${port}`)
    return 255
  }
  if (mood[0]! < 80) {
    await say('kex_exchange_identification: read: Connection reset by peer')
    await say(`Connection reset by ${address} port ${port}`)
    return 255
  }
  await process.sleep(trip * 3)
  if (!(await hostKeyAccepted(process, attempt, address, mood.subarray(0, 32), say))) return 255
  await process.sleep(trip * 2)
  const asks =
    process.terminal !== undefined && !isYes(settings.get('batchmode')) && !isNo(settings.get('passwordauthentication'))
  if (asks && !(await passwordsTried(process, attempt))) return 255
  await say(`${user}@${host}: Permission denied (publickey,password).`)
  return 255
}

const edwards = (point: Buffer): Buffer => Buffer.concat([string('ssh-ed25519'), string(point)])
/** This machine's own, as everybody who connects to it sees it. */
const ownKey = ({ host }: Process): Buffer => fromPem(host.persona.hostKeys.ed25519).blob

/** False: the connection is over, since nobody said yes to the host's key. */
const hostKeyAccepted = async (
  process: Process,
  { host, port, settings, tool }: Attempt,
  address: string,
  seed: Buffer,
  say: Say,
): Promise<boolean> => {
  const known = hostWithPort(host, port)
  const shown = hostWithPort(address, port)
  const blob = isOwn(process, address) && port === 22 ? ownKey(process) : edwards(seed)
  const file = knownHostsFile(process, settings)
  const checking = (settings.get('stricthostkeychecking') ?? 'ask').toLowerCase()
  const lines = knownHosts(textOf(process, file))
  process.step(lines.length)
  if (lines.some(line => line.key?.blob.equals(blob) && isAbout(line, known))) return true
  const name = known === shown ? known : `${known} (${shown})`
  const fingerprint = `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
  if (checking === 'ask') {
    if (process.terminal === undefined || isYes(settings.get('batchmode'))) {
      await say('Host key verification failed.')
      return false
    }
    const question = `The authenticity of host '${name}' can't be established.\nED25519 key fingerprint is ${fingerprint}.\nThis key is not known by any other names.\nAre you sure you want to continue connecting (yes/no/[fingerprint])? `
    let given = await ask(process, question, { input: process.terminal.input })
    while (given !== undefined && !['yes', 'no', fingerprint].includes(given.trim()))
      given = await ask(process, "Please type 'yes', 'no' or the fingerprint: ", { input: process.terminal.input })
    if (given === undefined || given.trim() === 'no') {
      await say('Host key verification failed.')
      return false
    }
  } else if (checking === 'yes' || checking === 'true') {
    await say(`No ED25519 host key is known for ${known} and you have requested strict checking.`)
    await say('Host key verification failed.')
    return false
  }
  // /etc/ssh/ssh_config of Debian: HashKnownHosts yes.
  const entry = isNo(settings.get('hashknownhosts')) ? known : hashedName(known, process.random)
  remember(process, file, `${entry} ssh-ed25519 ${blob.toString('base64')}\n`)
  if (tool !== '') await say(`Warning: Permanently added '${known}' (ED25519) to the list of known hosts.`, 'remark')
  return true
}

const home = (process: Process): string => accountOf(process.fs, process.who.uid)?.home ?? '/'

const knownHostsFile = (process: Process, settings: Settings): string => {
  const given = settings.get('userknownhostsfile')?.split(/\s+/)[0] ?? '~/.ssh/known_hosts'
  if (given === 'none') return '/dev/null'
  return absolute(process, given.startsWith('~/') ? home(process) + given.slice(1) : given)
}

const textOf = ({ fs, who }: Process, path: string): string => {
  try {
    return fs.readFile(path, who, { max: 1 << 18 }).toString('latin1')
  } catch (error) {
    if (error instanceof SystemError) return ''
    throw error
  }
}

const remember = ({ fs, who }: Process, path: string, line: string): void => {
  const folder = path.slice(0, path.lastIndexOf('/'))
  try {
    if (folder.endsWith('/.ssh') && !folderIs(() => fs.stat(folder, who))) fs.mkdir(folder, 0o700, who)
    fs.writeFile(path, Buffer.from(line, 'latin1'), who, { append: true, mode: 0o600 })
  } catch (error) {
    // ssh(1) goes on without.
    if (!(error instanceof SystemError)) throw error
  }
}
const folderIs = (look: () => unknown): boolean => {
  try {
    look()
    return true
  } catch {
    return false
  }
}

/** The passwords that somebody types, each told of and none right. False: they gave up. */
const passwordsTried = async (process: Process, attempt: Attempt): Promise<boolean> => {
  const { user, host, port, tool, settings } = attempt
  const most = Math.min(Number(settings.get('numberofpasswordprompts') ?? 3) || 3, 10)
  for (let time = 0; time < most; time++) {
    if (time > 0) await log(process, 'Permission denied, please try again.')
    const password = await ask(process, `${user}@${host}'s password: `, {
      secret: true,
      ...(process.terminal ? { input: process.terminal.input } : {}),
    })
    if (password === undefined) return false
    const sent = Buffer.from(`${user}:${password}\n`, 'latin1')
    process.host.witness.connection({ host, port, tool, sent })
    await process.sleep(wrongPassword)
  }
  return true
}
