import { accountOf } from '../../accounts.ts'
import { errorText } from '../../errors.ts'
import type { Process, Program } from '../../system.ts'
import { absolute, statOf } from '../paths.ts'
import { connect } from './client/connect.ts'
import { createSettings, destinationOf, isHostName, portOf, type Settings, setOption } from './client/settings.ts'
import { type Flags, type Peer, peerOf, Quit } from './scp/peer.ts'
import { sink } from './scp/sink.ts'
import { source } from './scp/source.ts'
import { fatal, log, parseOptions } from './usage.ts'

const spec = '12346ABCTdfOpqRrstvD:F:J:M:P:S:c:i:l:o:X:'
const usage = `usage: scp [-346ABCOpqRrsTv] [-c cipher] [-D sftp_server_path] [-F ssh_config]
           [-i identity_file] [-J destination] [-l limit] [-o ssh_option]
           [-P port] [-S program] [-X sftp_option] source ... target
`
/** Of a file that would have been sent, so much goes into the record. */
const sentMax = 16 << 20

/** scp(1) of OpenSSH 9.2: both ends of the protocol of rcp, and a client whose connections come to nothing. */
export const scp: Program = async process => {
  const parsed = parseOptions(process.argv, spec)
  const misused = async (message?: string): Promise<number> => {
    await process.stderr.write(`${message === undefined ? '' : `scp: ${message}\r\n`}${usage}`)
    return 1
  }
  if (typeof parsed === 'string') return misused(parsed)
  const { operands, has } = parsed
  const flags: Flags = { recursive: has('r'), times: has('p'), folder: has('d') }
  if (has('f')) return remote(process, peer => giving(process, peer, operands, flags))
  if (has('t')) return remote(process, peer => sink(process, peer, operands, flags))
  if (operands.length < 2) return misused()
  const settings = createSettings()
  for (const { name, value = '' } of parsed.given) {
    const wrong = name === 'o' ? setOption(settings, value) : undefined
    if (wrong !== undefined) {
      await log(process, wrong)
      return lost(process, has('O'), true)
    }
    if (name === 'P' && portOf(value) === undefined) return fatal(process, `scp: bad port "${value}"\n`)
    if (name === 'P') settings.set('port', value)
    if (name === 'J') settings.set('proxyjump', value)
    if (name === 'B') settings.set('batchmode', 'yes')
    if (name === '4') settings.set('addressfamily', 'inet')
    if (name === '6') settings.set('addressfamily', 'inet6')
  }
  return local(process, operands, flags, { settings, old: has('O') })
}

/** One end of a wire: how it ended. */
const remote = async (process: Process, talk: (peer: Peer) => Promise<void>): Promise<number> => {
  const peer = peerOf(process)
  try {
    await talk(peer)
  } catch (error) {
    if (error instanceof Quit) return error.status
    throw error
  }
  return peer.errors() > 0 ? 1 : 0
}

const giving = async (process: Process, peer: Peer, names: string[], flags: Flags): Promise<void> => {
  const ready = await peer.response()
  if (ready === 'lost' || ready === 'fatal') throw new Quit(1)
  await source(process, peer, names, flags)
}

/** `user@host:path`, `[address]:path`, `scp://…`: the host's part and the path; `undefined` for a file here. */
const remotePart = (text: string): { host: string; path: string } | undefined => {
  if (/^(scp|sftp):\/\//.test(text)) {
    const [, host = '', path = ''] = /^\w+:\/\/([^/]*)\/?(.*)$/s.exec(text) ?? []
    return { host: `ssh://${host}`, path }
  }
  if (text.startsWith(':')) return undefined
  const bracket = /^(?:[^@/]*@)?\[[^\]]*\]:/.exec(text)
  if (bracket) return { host: bracket[0].slice(0, -1), path: text.slice(bracket[0].length) }
  const colon = text.indexOf(':')
  const slash = text.indexOf('/')
  if (colon < 0 || (slash >= 0 && slash < colon)) return undefined
  return { host: text.slice(0, colon), path: text.slice(colon + 1) }
}

type How = { settings: Settings; old: boolean }

/** The client: each source in turn, as scp.c does it. */
const local = async (process: Process, operands: string[], flags: Flags, how: How): Promise<number> => {
  const target = operands.at(-1)!
  const sources = operands.slice(0, -1)
  const there = remotePart(target)
  if (sources.length > 1 && !there) {
    const stat = statOf(process, target)
    if (stat?.type !== 'directory') {
      await process.stderr.write(`${target}: ${stat ? 'Not a directory' : 'No such file or directory'}\n`)
      return 1
    }
  }
  let status = 0
  for (const from of sources) {
    const where = remotePart(from) ?? there
    const failed = where
      ? await away(process, where.host, remotePart(from) ? undefined : from, how)
      : await copied(process, from, target, flags)
    if (failed !== 0) status = how.old || !where ? 1 : 255
    // A connection that is lost is lost for all that would have gone through it.
    if (failed !== 0 && where) return status
  }
  return status
}

/** From here to here is cp(1)'s. */
const copied = (process: Process, from: string, to: string, { recursive, times }: Flags): Promise<number> =>
  process.run(['/bin/cp', ...(recursive ? ['-r'] : []), ...(times ? ['-p'] : []), '--', from, to], { name: 'cp' })

const away = async (process: Process, text: string, file: string | undefined, how: How): Promise<number> => {
  const { user, host, port } = destinationOf(text, 'ssh')
  if (!isHostName(host)) return fatal(process, 'hostname contains invalid characters', 1)
  const sent = file === undefined ? undefined : contentOf(process, file)
  const status = await connect(process, {
    tool: 'scp',
    user: user ?? how.settings.get('user') ?? accountOf(process.fs, process.who.uid)?.name ?? 'root',
    host,
    port: port ?? Number(how.settings.get('port') ?? 22),
    settings: how.settings,
    ...(sent ? { sent } : {}),
  })
  await lost(process, how.old, file !== undefined)
  return status
}

/** What scp(1) says once its ssh(1) has ended. */
const lost = async (process: Process, old: boolean, sends: boolean): Promise<number> => {
  if (!old) await log(process, 'scp: Connection closed')
  else if (sends) await process.stderr.write('lost connection\n')
  return 255
}

const contentOf = (process: Process, file: string): Buffer | undefined => {
  try {
    return process.fs.readFile(absolute(process, file), process.who, { max: sentMax })
  } catch (error) {
    // What is not there is found out once there is a connection.
    errorText(error)
    return undefined
  }
}
