import { accountOf } from '../../accounts.ts'
import type { Process, Program } from '../../system.ts'
import { statOf } from '../paths.ts'
import { connect } from './client/connect.ts'
import { createSettings, destinationOf, isHostName, portOf, setOption } from './client/settings.ts'
import { fatal, log, parseOptions } from './usage.ts'

const spec = '1246AafhNpqrvCc:D:i:l:o:s:S:b:B:F:J:P:R:X:'
const usage = `usage: sftp [-46AaCfNpqrv] [-B buffer_size] [-b batchfile] [-c cipher]
          [-D sftp_server_command] [-F ssh_config] [-i identity_file]
          [-J destination] [-l limit] [-o ssh_option] [-P port]
          [-R num_requests] [-S program] [-s subsystem | sftp_server]
          [-X sftp_option] destination
`

/** sftp(1) of OpenSSH: a client whose connections come to nothing. */
export const sftp: Program = async process => {
  const parsed = parseOptions(process.argv, spec)
  const misused = async (): Promise<number> => {
    await process.stderr.write(usage)
    return 1
  }
  if (typeof parsed === 'string') {
    await log(process, parsed)
    return misused()
  }
  const settings = createSettings()
  for (const { name, value = '' } of parsed.given) {
    const wrong = name === 'o' ? setOption(settings, value) : undefined
    if (wrong !== undefined) {
      await log(process, wrong)
      return closed(process, false)
    }
    if (name === 'P' && portOf(value) === undefined) return fatal(process, `Bad port "${value}"`)
    if (name === 'P') settings.set('port', value)
    if (name === 'J') settings.set('proxyjump', value)
    if (name === 'b') {
      if (value !== '-' && !statOf(process, value)) return fatal(process, `No such file or directory (${value}).`)
      settings.set('batchmode', 'yes')
    }
  }
  const [destination] = parsed.operands
  if (parsed.has('h') || destination === undefined) return misused()
  const bare = destination.startsWith('sftp://')
    ? destination
    : destination.replace(/^((?:[^@/]*@)?(?:\[[^\]]*\]|[^:/]*)):.*$/s, '$1')
  const where = destinationOf(bare, 'sftp')
  if (!isHostName(where.host)) return fatal(process, 'hostname contains invalid characters')
  await connect(process, {
    tool: 'sftp',
    user: where.user ?? settings.get('user') ?? accountOf(process.fs, process.who.uid)?.name ?? 'root',
    host: where.host,
    port: where.port ?? Number(settings.get('port') ?? 22),
    settings,
  })
  return closed(process, !settings.get('batchmode'))
}

/** `told`: a signal came first, as it does where there was time to connect. */
const closed = async (process: Process, told: boolean): Promise<number> => {
  if (told) await process.stderr.write('\rConnection closed.  \n')
  return fatal(process, 'Connection closed')
}
