import { accountOf } from '../../../accounts.ts'
import { errorText } from '../../../errors.ts'
import { kernel } from '../../../rights.ts'
import { type Process, SystemError } from '../../../system.ts'
import { absolute, statOf } from '../../paths.ts'
import { readLine } from '../../system/accounts/ask.ts'
import { log } from '../usage.ts'
import { type Desk, Done, homeOf, leave, openPrivate, secret } from './desk.ts'
import { privateFile } from './file.ts'
import {
  bitsOf,
  digestOf,
  fingerprint,
  genuineBits,
  type Kind,
  newKey,
  type PrivateKey,
  publicLine,
  shortName,
} from './key.ts'
import { randomart } from './randomart.ts'

const kinds = new Map<string, Kind | 'hardware'>([
  ['rsa', 'rsa'],
  ['ecdsa', 'ecdsa'],
  ['ed25519', 'ed25519'],
  ['dsa', 'dsa'],
  ['ed25519-sk', 'hardware'],
  ['ecdsa-sk', 'hardware'],
])

/** Between two RSA keys of one attacker, in seconds: each is a tenth of a second of work and more. */
const rest = 2

/** `ssh-keygen -t …`: a new pair, its fingerprint and picture. */
export const generate = async (desk: Desk): Promise<number> => {
  const { process, options, say } = desk
  const type = options.value('t')?.toLowerCase() ?? 'rsa'
  const kind = kinds.get(type)
  if (!kind) return leave(desk, `unknown key type ${options.value('t')}`)
  const bits = await bitsWanted(desk, kind)
  const loud = !options.has('q')
  if (loud) await say(`Generating public/private ${type} key pair.\n`)
  if (kind === 'hardware') {
    await say('You may need to touch your authenticator to authorize key generation.\n')
    return leave(desk, 'Key enrollment failed: device not found')
  }
  const path = await desk.file('Enter file in which to save the key', `id_${type}`)
  await folderFor(process, path, loud)
  await overwrite(desk, path)
  const passphrase = options.value('N') ?? (await newPassphrase(desk))
  const comment = options.value('C') ?? `${accountOf(process.fs, process.who.uid)?.name ?? 'root'}@${hostName(process)}`
  const key = await made(process, kind, bits, comment)
  const full = absolute(process, path)
  try {
    await save(desk, full, key, passphrase)
  } catch (error) {
    await log(process, `Saving key "${path}" failed: ${errorText(error)}`)
    return 1
  }
  if (loud)
    await say(
      `Your identification has been saved in ${path}\nYour public key has been saved in ${path}.pub\n` +
        `The key fingerprint is:\n${fingerprint(key)} ${comment}\nThe key's randomart image is:\n${picture(key)}\n`,
    )
  return 0
}

export const picture = (key: PrivateKey | Parameters<typeof bitsOf>[0], hash = 'sha256'): string =>
  randomart(digestOf(key, hash), `${shortName(key.type)} ${bitsOf(key)}`, hash.toUpperCase())

const bitsWanted = async (desk: Desk, kind: Kind | 'hardware'): Promise<number> => {
  const given = desk.options.value('b')
  const bits = Number(given ?? (kind === 'ecdsa' ? 256 : kind === 'dsa' ? 1024 : 3072))
  if (given !== undefined && !/^\d{1,6}$/.test(given)) return leave(desk, `Bits has bad value ${given} (invalid)`)
  if (kind === 'rsa' && bits < 1024) return leave(desk, 'Invalid RSA key length: minimum is 1024 bits')
  if (kind === 'rsa' && bits > 16_384) return leave(desk, 'Invalid RSA key length: maximum is 16384 bits')
  if (kind === 'dsa' && bits !== 1024) return leave(desk, 'Invalid DSA key length: must be 1024 bits')
  if (kind === 'ecdsa' && ![256, 384, 521].includes(bits))
    return leave(desk, 'Invalid ECDSA key length: valid lengths are 256, 384 or 521 bits')
  return bits
}

const made = async (process: Process, kind: Kind, bits: number, comment: string): Promise<PrivateKey> => {
  process.step(kind === 'rsa' ? 20_000 : 500)
  if (kind === 'rsa') {
    const queue = process.host.state('ssh-keygen', () => ({ next: 0 }))
    const now = performance.now() / 1000
    const turn = Math.max(now, queue.next)
    if (bits <= genuineBits) queue.next = turn + rest
    // Large ones take their time on any machine.
    const slow = bits > genuineBits ? (bits / genuineBits) ** 4 / 8 : 0
    if (turn + slow > now) await process.sleep(turn - now + slow)
  }
  return newKey(kind, bits, comment, process.random)
}

/** gethostname(2) as uname(1) shows it. */
const hostName = ({ fs, host }: Process): string => {
  try {
    return fs.readFile('/proc/sys/kernel/hostname', kernel, { max: 256 }).toString('latin1').trim()
  } catch (error) {
    if (error instanceof SystemError) return host.persona.hostname
    throw error
  }
}

/** Only ~/.ssh is made when it is missing. */
const folderFor = async (process: Process, path: string, loud: boolean): Promise<void> => {
  const folder = `${homeOf(process)}/.ssh`
  if (!absolute(process, path).startsWith(`${folder}/`) || statOf(process, folder)) return
  try {
    process.fs.mkdir(folder, 0o700, process.who)
    if (loud) await log(process, `Created directory '${folder}'.`)
  } catch (error) {
    await log(process, `Could not create directory '${folder}': ${errorText(error)}`)
  }
}

const overwrite = async ({ process, say }: Desk, path: string): Promise<void> => {
  if (!statOf(process, path)) return
  await say(`${path} already exists.\nOverwrite (y/n)? `)
  const answer = await readLine(process.stdin)
  if (!answer || !/^y/i.test(answer)) throw new Done(1)
}

/** Tries at typing the same thing twice. */
const mostTries = 10

export const newPassphrase = async (desk: Desk): Promise<string> => {
  const { process, say } = desk
  for (let time = 0; time < mostTries; time++) {
    const first = await secret(process, 'Enter passphrase (empty for no passphrase): ')
    const again = await secret(process, 'Enter same passphrase again: ')
    if (first === again) return first
    await say('Passphrases do not match.  Try again.\n')
  }
  throw new Done(1)
}

const save = async ({ process }: Desk, full: string, key: PrivateKey, passphrase: string): Promise<void> => {
  const { fs, who, umask } = process
  const text = Buffer.from(privateFile(key, passphrase, process.random), 'latin1')
  fs.writeFile(full, text, who, { mode: 0o600 & ~umask })
  fs.writeFile(`${full}.pub`, Buffer.from(publicLine(key), 'latin1'), who, { mode: 0o644 & ~umask })
}

/** `-p`: another passphrase. */
export const changePassphrase = async (desk: Desk): Promise<number> => {
  const { process, options, say } = desk
  const path = await desk.file('Enter file in which the key is')
  const key = await openPrivate(desk, path, options.value('P'))
  if (key.comment !== '') await say(`Key has comment '${key.comment}'\n`)
  const passphrase = options.value('N') ?? (await newPassphrase(desk))
  process.fs.writeFile(
    absolute(process, path),
    Buffer.from(privateFile(key, passphrase, process.random), 'latin1'),
    process.who,
  )
  await say('Your identification has been saved with the new passphrase.\n')
  return 0
}

/** `-c`: another comment. */
export const changeComment = async (desk: Desk): Promise<number> => {
  const { process, options, say } = desk
  const path = await desk.file('Enter file in which the key is')
  const key = await openPrivate(desk, path, options.value('P'))
  await say(key.comment === '' ? 'No existing comment\n' : `Old comment: ${key.comment}\n`)
  let comment = options.value('C')
  if (comment === undefined) {
    await say('New comment: ')
    comment = (await readLine(process.stdin)) ?? ''
  }
  await save(desk, absolute(process, path), { ...key, comment }, options.value('P') ?? '')
  await say(comment === '' ? 'Comment deleted\n' : `Comment '${comment}' applied\n`)
  return 0
}

/** `-A`: the host keys that are missing. */
export const hostKeys = async (desk: Desk): Promise<number> => {
  const { process, options } = desk
  const missing: Kind[] = []
  for (const kind of ['rsa', 'ecdsa', 'ed25519'] as const)
    if (!statOf(process, `${options.value('f') ?? ''}/etc/ssh/ssh_host_${kind}_key`)) missing.push(kind)
  for (const [index, kind] of missing.entries()) {
    await desk.say(`${index === 0 ? 'ssh-keygen: generating new host keys: ' : ''}${kind.toUpperCase()} `)
    const full = `${options.value('f') ?? ''}/etc/ssh/ssh_host_${kind}_key`
    try {
      await save(desk, full, await made(process, kind, kind === 'rsa' ? 3072 : 256, `root@${hostName(process)}`), '')
    } catch (error) {
      await log(process, `Unable to save private key "${full}": ${errorText(error)}`)
    }
  }
  if (missing.length > 0) await desk.say('\n')
  return 0
}
