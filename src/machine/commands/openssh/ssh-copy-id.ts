import { accountOf } from '../../accounts.ts'
import type { Program } from '../../system.ts'
import { absolute, statOf } from '../paths.ts'
import { connect } from './client/connect.ts'
import { createSettings, destinationOf, setOption } from './client/settings.ts'
import { parseOptions } from './usage.ts'

const program = '/usr/bin/ssh-copy-id'
const usage = `Usage: ${program} [-h|-?|-f|-n|-s] [-i [identity_file]] [-p port] [-F alternative ssh_config file] [[-o <ssh -o options>] ...] [user@]hostname
\t-f: force mode -- copy keys without trying to check if they are already installed
\t-n: dry run    -- no keys are actually copied
\t-s: use sftp   -- use sftp instead of executing remote-commands. Can be useful if the remote only allows sftp
\t-h|-?: print this help
`
const usual = ['id_ed25519', 'id_ecdsa', 'id_rsa', 'id_dsa']

/** ssh-copy-id(1): the key that would have been given away is recorded, and nobody takes it. */
export const sshCopyId: Program = async process => {
  const parsed = parseOptions(process.argv, 'fnsh?i:p:o:F:')
  const say = (text: string): Promise<void> => process.stderr.write(text)
  if (typeof parsed === 'string' || parsed.has('h') || parsed.has('?') || parsed.operands.length !== 1) {
    if (typeof parsed === 'string' || parsed.operands.length > 1)
      await say(`${program}: ERROR: Too many arguments.  Expecting a target hostname, got: \n\n`)
    await say(usage)
    return 1
  }
  const settings = createSettings()
  for (const { name, value = '' } of parsed.given) {
    if (name === 'o') setOption(settings, value)
    if (name === 'p') settings.set('port', value)
  }
  const { fs, who } = process
  const folder = `${accountOf(fs, who.uid)?.home ?? '/root'}/.ssh`
  const given = parsed.value('i')
  const file =
    given === undefined
      ? usual.map(name => `${folder}/${name}.pub`).find(path => statOf(process, path))
      : given.endsWith('.pub')
        ? given
        : `${given}.pub`
  if (file === undefined) {
    await say(`${program}: ERROR: No identities found\n`)
    return 1
  }
  if (!statOf(process, file)) {
    await process.stdout.write(`\n${program}: ERROR: failed to open ID file '${file}': No such file\n`)
    return 1
  }
  await say(`${program}: INFO: Source of key(s) to be installed: "${file}"\n`)
  await say(
    `${program}: INFO: attempting to log in with the new key(s), to filter out any that are already installed\n`,
  )
  const where = destinationOf(parsed.operands[0]!, 'ssh')
  const errors: string[] = []
  const quiet = { ...process, stderr: { write: async (text: Buffer | string) => void errors.push(String(text)) } }
  await connect(process.terminal ? process : quiet, {
    tool: 'ssh-copy-id',
    user: where.user ?? accountOf(fs, who.uid)?.name ?? 'root',
    host: where.host,
    port: where.port ?? Number(settings.get('port') ?? 22),
    settings,
    sent: fs.readFile(absolute(process, file), who, { max: 1 << 16 }),
  })
  const last = errors.join('').trim().split('\r\n').at(-1) ?? ''
  await say(`\n${program}: ERROR: ${last}\n\n`)
  return 1
}
