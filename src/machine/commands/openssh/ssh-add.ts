import { accountOf } from '../../accounts.ts'
import type { Process, Program } from '../../system.ts'
import { absolute, statOf } from '../paths.ts'
import { parsePrivate } from './keys/file.ts'
import { bitsOf, fingerprint, type PrivateKey, publicLine, shortName } from './keys/key.ts'
import { log, parseOptions } from './usage.ts'

const usual = ['id_rsa', 'id_ecdsa', 'id_ecdsa_sk', 'id_ed25519', 'id_ed25519_sk', 'id_xmss', 'id_dsa']
/** Keys of one agent, bytes of one, and agents. */
const mostKeys = 20
const keyMax = 1 << 14
const mostAgents = 16

type Agents = Map<string, Map<string, PrivateKey>>

/** ssh-add(1), with the keys of each agent by its socket. */
export const sshAdd: Program = async process => {
  const socket = process.env.get('SSH_AUTH_SOCK')
  if (!socket) {
    await process.stderr.write('Could not open a connection to your authentication agent.\n')
    return 2
  }
  const stat = statOf(process, socket)
  if (stat?.type !== 'socket') {
    const why = stat ? 'Connection refused' : 'No such file or directory'
    await process.stderr.write(`Error connecting to agent: ${why}\n`)
    return 2
  }
  const parsed = parseOptions(process.argv, 'vkKlLCcdDTxXE:e:h:H:M:m:qs:S:t:')
  if (typeof parsed === 'string') {
    await log(process, parsed)
    await process.stderr.write(usage)
    return 1
  }
  const agents = process.host.state<Agents>('ssh-agents', () => new Map())
  const keys = agents.get(socket) ?? new Map<string, PrivateKey>()
  if (!agents.has(socket) && agents.size < mostAgents) agents.set(socket, keys)
  if (parsed.has('l') || parsed.has('L')) return list(process, keys, parsed.has('L'))
  if (parsed.has('D')) {
    keys.clear()
    await process.stderr.write('All identities removed.\n')
    return 0
  }
  const home = accountOf(process.fs, process.who.uid)?.home ?? '/'
  const files =
    parsed.operands.length > 0
      ? parsed.operands
      : usual.map(name => `${home}/.ssh/${name}`).filter(file => statOf(process, file))
  if (files.length === 0) return 1
  let status = 0
  for (const file of files) if (!(await one(process, keys, file, parsed.has('d')))) status = 1
  return status
}

const usage = `usage: ssh-add [-CcDdKkLlqvXx] [-E fingerprint_hash] [-H hostkey_file]
               [-h destination_constraint] [-S provider] [-t life] [file ...]
       ssh-add -s pkcs11
       ssh-add -e pkcs11
       ssh-add -T pubkey ...
`

const list = async (process: Process, keys: Map<string, PrivateKey>, whole: boolean): Promise<number> => {
  if (keys.size === 0) {
    await process.stdout.write('The agent has no identities.\n')
    return 1
  }
  for (const key of keys.values())
    await process.stdout.write(
      whole ? publicLine(key) : `${bitsOf(key)} ${fingerprint(key)} ${key.comment} (${shortName(key.type)})\n`,
    )
  return 0
}

const one = async (
  process: Process,
  keys: Map<string, PrivateKey>,
  file: string,
  removes: boolean,
): Promise<boolean> => {
  if (!statOf(process, file)) {
    await process.stderr.write(`${file}: No such file or directory\n`)
    return false
  }
  const { fs, who } = process
  const found = parsePrivate(fs.readFile(absolute(process, file), who, { max: keyMax }).toString('latin1'))
  const key = found && !found.encrypted ? found.unlock('') : undefined
  if (!key) {
    await process.stderr.write(
      `Error loading key "${file}": ${found ? 'incorrect passphrase supplied to decrypt private key' : 'error in libcrypto'}\n`,
    )
    return false
  }
  const name = key.blob.toString('base64')
  if (removes && !keys.delete(name)) {
    await process.stderr.write(`Could not remove identity "${file}": agent refused operation\n`)
    return false
  }
  if (!removes && keys.size < mostKeys) keys.set(name, key)
  const about = `${file} (${key.comment === '' ? file : key.comment})`
  await process.stderr.write(
    removes ? `Identity removed: ${file} ${shortName(key.type)} (${key.comment})\n` : `Identity added: ${about}\n`,
  )
  return true
}
