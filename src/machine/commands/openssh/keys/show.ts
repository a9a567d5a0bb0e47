import { Cursor } from '#codec/cursor.ts'
import { absolute, statOf } from '../../paths.ts'
import { type Desk, existingText, homeOf, leave, openPrivate, readText } from './desk.ts'
import { parsePrivate } from './file.ts'
import { bitsOf, digestOf, fingerprint, type PublicKey, parsePublic, publicLine, shortName } from './key.ts'
import { hashedName, isAbout, type KnownHost, knownHosts } from './known-hosts.ts'
import { picture } from './make.ts'

const hashes = new Set(['md5', 'sha1', 'sha256', 'sha384', 'sha512'])
/** Lines of one file that are looked at. */
const mostLines = 5000

const hashOf = async (desk: Desk): Promise<string> => {
  const hash = desk.options.value('E')?.toLowerCase() ?? 'sha256'
  return hashes.has(hash) ? hash : leave(desk, `Invalid hash algorithm "${desk.options.value('E')}"`)
}

/** `-l`: fingerprints of a key, or of all in authorized_keys or known_hosts; `-B` as syllables. */
export const fingerprints = async (desk: Desk): Promise<number> => {
  const path = await desk.file('Enter file in which the key is')
  const hash = await hashOf(desk)
  const keys = await keysIn(desk, path)
  if (keys.length === 0) return leave(desk, `${path} is not a public key file.`)
  for (const key of keys) {
    desk.process.step()
    const shown = desk.options.has('B') ? bubbleBabble(digestOf(key, 'sha1')) : fingerprint(key, hash)
    await desk.say(
      `${bitsOf(key)} ${shown} ${key.comment === '' ? 'no comment' : key.comment} (${shortName(key.type)})\n`,
    )
    if (desk.options.has('v')) await desk.say(`${picture(key, hash)}\n`)
  }
  return 0
}

const keysIn = async (desk: Desk, path: string): Promise<PublicKey[]> => {
  const { process } = desk
  const text =
    path === '-'
      ? ((await process.stdin.read())?.toString('latin1') ?? '')
      : await existingText(desk, path, 'ssh-keygen: ')
  if (text.startsWith('-----BEGIN ')) {
    // The public half beside it has the comment.
    const beside = statOf(process, `${path}.pub`) ? parsePublic(readText(process, `${path}.pub`)) : undefined
    if (beside) return [{ ...beside, comment: beside.comment || `${path}.pub` }]
    const secret = parsePrivate(text)
    return secret ? [secret.key] : []
  }
  const found: PublicKey[] = []
  for (const line of text.split('\n', mostLines)) {
    process.step()
    const key = keyIn(line)
    if (key) found.push(key)
  }
  return found
}

/** A line of a .pub file, of authorized_keys (options in front) or of known_hosts (names in front). */
const keyIn = (line: string): PublicKey | undefined => {
  if (line.trimStart().startsWith('#')) return undefined
  const plain = parsePublic(line)
  if (plain) return plain
  const at = /(?:^|\s)(ssh-rsa|ssh-dss|ssh-ed25519|ecdsa-sha2-nistp\d{3})\s/.exec(line)
  const key = at ? parsePublic(line.slice(at.index)) : undefined
  if (!key || !at) return undefined
  return { ...key, comment: key.comment || line.slice(0, at.index).trim() }
}

/** `-y`: the public half of a private key. */
export const publicHalf = async (desk: Desk): Promise<number> => {
  const path = await desk.file('Enter file in which the key is')
  await desk.say(publicLine(await openPrivate(desk, path, desk.options.value('P'))))
  return 0
}

/** `-e`: RFC 4716, or PEM for RSA; `-i` the other way. */
export const exported = async (desk: Desk): Promise<number> => {
  const path = await desk.file('Enter file in which the key is')
  const [key] = await keysIn(desk, path)
  if (!key) return leave(desk, `Load key "${path}": invalid format`)
  const lines = (size: number, data: Buffer): string =>
    data.toString('base64').replace(new RegExp(`.{1,${size}}`, 'g'), '$&\n')
  if (desk.options.value('m')?.toUpperCase() === 'PEM' && key.type === 'ssh-rsa') {
    const from = new Cursor(key.blob)
    from.lp32()
    const [e, n] = [from.lp32(), from.lp32()]
    const body = Buffer.concat([derInteger(n), derInteger(e)])
    const der = Buffer.concat([Buffer.of(0x30), derLength(body.length), body])
    await desk.say(`-----BEGIN RSA PUBLIC KEY-----\n${lines(64, der)}-----END RSA PUBLIC KEY-----\n`)
    return 0
  }
  const comment = `${bitsOf(key)}-bit ${shortName(key.type)}, converted by ${await whoAmI(desk)} from OpenSSH`
  await desk.say(
    `---- BEGIN SSH2 PUBLIC KEY ----\nComment: "${comment}"\n${lines(70, key.blob)}---- END SSH2 PUBLIC KEY ----\n`,
  )
  return 0
}
const derLength = (size: number): Buffer =>
  size < 128 ? Buffer.of(size) : size < 256 ? Buffer.of(0x81, size) : Buffer.of(0x82, size >> 8, size & 255)
const derInteger = (number: Buffer): Buffer => Buffer.concat([Buffer.of(2), derLength(number.length), number])

const whoAmI = async ({ process }: Desk): Promise<string> => `root@${process.host.persona.hostname}`

export const imported = async (desk: Desk): Promise<number> => {
  const path = await desk.file('Enter file in which the key is')
  const text = await existingText(desk, path)
  const [, body] = /^---- BEGIN SSH2 PUBLIC KEY ----\n(?:[^\n]*: [^\n]*\n)*([A-Za-z0-9+/=\n]+)---- END/.exec(text) ?? []
  const blob = Buffer.from(body ?? '', 'base64')
  const type = blob.length > 8 ? blob.subarray(4, 4 + Math.min(blob.readUInt32BE(0), 40)).toString('latin1') : ''
  const key = parsePublic(`${type} ${blob.toString('base64')}`)
  const isBase64 = /^[A-Za-z0-9+/\n]*={0,2}\s*$/.test(text.replace(/^-.*$/gm, '')) && text.trim().length % 4 === 0
  if (!key)
    return leave(desk, `do_convert_from_ssh2: ${body || isBase64 ? 'parse key' : 'base64 decode'}: invalid format`)
  await desk.say(`${type} ${blob.toString('base64')}\n`)
  return 0
}

/** `-r`: SSHFP records (RFC 4255). */
export const dnsRecords = async (desk: Desk): Promise<number> => {
  const path = await desk.file('Enter file in which the key is')
  const numbers = new Map([
    ['RSA', 1],
    ['DSA', 2],
    ['ECDSA', 3],
    ['ED25519', 4],
  ])
  for (const key of await keysIn(desk, path))
    for (const [code, hash] of [
      [1, 'sha1'],
      [2, 'sha256'],
    ] as const)
      await desk.say(
        `${desk.options.value('r')} IN SSHFP ${numbers.get(shortName(key.type))} ${code} ${digestOf(key, hash).toString('hex')}\n`,
      )
  return 0
}

/** `-L`: no certificate was ever made here. */
export const certificate = async (desk: Desk): Promise<number> => {
  const path = await desk.file('Enter file in which the key is')
  const key = keyIn((await existingText(desk, path)).split('\n', 1)[0]!)
  return leave(desk, key ? `${path}:1 is not a certificate` : `${path}:1: invalid key: invalid format`, 1)
}

const hostsFile = async (desk: Desk): Promise<{ path: string; hosts: KnownHost[] }> => {
  const home = desk.options.value('f') ?? `${homeOf(desk.process)}/.ssh/known_hosts`
  if (!statOf(desk.process, home)) return leave(desk, `Cannot stat ${home}: No such file or directory`)
  const hosts = knownHosts(readText(desk.process, home))
  desk.process.step(hosts.length)
  return { path: home, hosts }
}

/** `-F`: is it known? */
export const findHost = async (desk: Desk, host: string): Promise<number> => {
  const { hosts } = await hostsFile(desk)
  let status = 1
  for (const found of hosts) {
    if (!found.key || !isAbout(found, host)) continue
    status = 0
    if (!desk.options.has('q')) await desk.say(`# Host ${host} found: line ${found.line} \n`)
    if (desk.options.has('l')) {
      await desk.say(`${host} ${shortName(found.key.type)} ${fingerprint(found.key)}\n`)
      if (desk.options.has('v')) await desk.say(`${picture(found.key)}\n`)
    } else await desk.say(`${found.text}\n`)
  }
  return status
}

const rewrite = async (desk: Desk, path: string, hosts: readonly string[]): Promise<void> => {
  const { fs, who, ...process } = desk.process
  const full = absolute({ fs, who, ...process }, path)
  const mode = fs.stat(full, who).mode & 0o777
  fs.writeFile(`${full}.old`, fs.readFile(full, who), who, { mode })
  fs.writeFile(full, Buffer.from(hosts.map(line => `${line}\n`).join(''), 'latin1'), who)
  await desk.say(`${path} updated.\nOriginal contents retained as ${path}.old\n`)
}

/** `-R`: forgets a host. */
export const forgetHost = async (desk: Desk, host: string): Promise<number> => {
  const { path, hosts } = await hostsFile(desk)
  const kept = hosts.filter(one => !one.key || !isAbout(one, host))
  if (kept.length === hosts.length) {
    await desk.process.stderr.write(`Host ${host} not found in ${path}\r\n`)
    return 0
  }
  for (const one of hosts) if (!kept.includes(one)) await desk.say(`# Host ${host} found: line ${one.line}\n`)
  await rewrite(
    desk,
    path,
    kept.map(({ text }) => text),
  )
  return 0
}

/** `-H`: names become hashes. */
export const hashHosts = async (desk: Desk): Promise<number> => {
  const { path, hosts } = await hostsFile(desk)
  const { random } = desk.process
  let changed = false
  const lines = hosts.flatMap(one => {
    if (!one.key || one.names.startsWith('|1|') || one.names.includes('*')) return [one.text]
    changed = true
    const rest = one.text.slice(one.text.indexOf(one.names) + one.names.length)
    return one.names.split(',').map(name => hashedName(name, random) + rest)
  })
  if (!changed) return 0
  await rewrite(desk, path, lines)
  await desk.process.stderr.write(
    `WARNING: ${path}.old contains unhashed entries\r\nDelete this file to ensure privacy of hostnames\r\n`,
  )
  return 0
}

/** The Bubble Babble of a digest, by Antti Huima. */
const bubbleBabble = (digest: Buffer): string => {
  const vowels = 'aeiouy'
  const consonants = 'bcdfghklmnprstvzx'
  let seed = 1
  let text = 'x'
  const rounds = (digest.length >> 1) + 1
  for (let round = 0; round < rounds; round++) {
    if (round === rounds - 1 && digest.length % 2 === 0) {
      text += vowels[seed % 6]! + consonants[16] + vowels[Math.floor(seed / 6)]!
      continue
    }
    const first = digest[2 * round]!
    text += vowels[((first >> 6) + seed) % 6]!
    text += consonants[(first >> 2) & 15]!
    text += vowels[((first & 3) + Math.floor(seed / 6)) % 6]!
    if (round === rounds - 1) continue
    const second = digest[2 * round + 1]!
    text += `${consonants[second >> 4]!}-${consonants[second & 15]!}`
    seed = (seed * 5 + first * 7 + second) % 36
  }
  return `${text}x`
}
