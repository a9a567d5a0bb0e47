import {
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  createHash,
  getCipherInfo,
  getCiphers,
  pbkdf2Sync,
} from 'node:crypto'
import type { Process } from '../../system.ts'
import { type Arguments, argumentsOf, inputFor, libraryErrors, misuse, outputFor } from './arguments.ts'
import { digests } from './digest.ts'

const valued = new Set([
  'in',
  'out',
  'pass',
  'k',
  'kfile',
  'K',
  'iv',
  'S',
  'md',
  'iter',
  'bufsize',
  'rand',
  'writerand',
  'engine',
  'provider',
  'propquery',
  'saltlen',
])
const flags = new Set([
  'e',
  'd',
  'a',
  'base64',
  'A',
  'p',
  'P',
  'v',
  'salt',
  'nosalt',
  'nopad',
  'pbkdf2',
  'debug',
  'none',
  'list',
  'ciphers',
  'z',
])

/** Ciphers that the command offers: none that need more than a key and an initial vector. */
const usable = new Set(
  getCiphers().filter(name => /^(?:aes|aria|camellia|sm4|des-ede3)-?.*-?(?:cbc|ctr|cfb\d*|ecb|ofb)$/.test(name)),
)
const aliases = new Map([
  ['aes128', 'aes-128-cbc'],
  ['aes192', 'aes-192-cbc'],
  ['aes256', 'aes-256-cbc'],
  ['des3', 'des-ede3-cbc'],
])
const cipherOf = (name: string): string | undefined => {
  const found = aliases.get(name.toLowerCase()) ?? name.toLowerCase()
  return usable.has(found) ? found : undefined
}

/** Rounds of PBKDF2 that somebody may ask for. */
const mostRounds = 100_000

/** openssl enc, and base64 and the ciphers as commands of their own. */
export const encrypt = async (process: Process, command: string, words: readonly string[]): Promise<number> => {
  const given = argumentsOf(words, valued)
  if ('missing' in given) return misuse(process, command, `Option -${given.missing} needs a value`)
  const own = command === 'enc' || command === 'base64' ? undefined : cipherOf(command)
  let cipher = own
  for (const flag of given.flags) {
    if (flags.has(flag)) continue
    cipher = cipherOf(flag)
    if (cipher) continue
    await misuse(process, command, `Unknown cipher: ${flag}`)
    await libraryErrors(process, [
      `0308010C:digital envelope routines:inner_evp_generic_fetch:unsupported:../crypto/evp/evp_fetch.c:386:Global default library context, Algorithm (${flag} : 0), Properties (<null>)`,
    ])
    return 1
  }
  if (given.operands.length > 0) return misuse(process, command, `Extra option: "${given.operands[0]}"`)
  const data = await inputFor(process, given.value('in'), `Can't open "${given.value('in')}" for reading, `)
  if (!data) return 1
  const base64 = command === 'base64' || given.has('a', 'base64')
  if (given.has('d')) {
    const raw = base64 ? decoded(data, given.has('A')) : data
    if (!cipher) return (await outputFor(process, given.value('out'), raw)) ? 0 : 1
    return decrypt(process, given, cipher, raw)
  }
  const made = cipher ? await sealed(process, given, cipher, data) : data
  if (!made) return 1
  const text = base64 ? encoded(made, given.has('A')) : made
  return (await outputFor(process, given.value('out'), text)) ? 0 : 1
}

const encoded = (data: Buffer, oneLine: boolean): string => {
  const text = data.toString('base64')
  return oneLine ? text : text.replace(/.{1,64}/g, '$&\n')
}

/** Lines of base64 as OpenSSL's filter reads them: what is none ends it, a line without its end counts only with -A. */
const decoded = (data: Buffer, oneLine: boolean): Buffer => {
  if (!oneLine && !data.includes(10)) return Buffer.alloc(0)
  const text = data.toString('latin1').replace(/[\r\n]+/g, oneLine ? '' : '\n')
  const bare = /^[A-Za-z0-9+/=\n]*/.exec(text)![0].replaceAll('\n', '')
  const whole = bare.slice(0, bare.length - (bare.length % 4))
  return Buffer.from(whole, 'base64')
}

const passwordFor = async (process: Process, given: Arguments): Promise<Buffer | undefined> => {
  const direct = given.value('k')
  if (direct !== undefined) return Buffer.from(direct, 'latin1')
  const named = given.value('pass') ?? (given.value('kfile') === undefined ? undefined : `file:${given.value('kfile')}`)
  const found = /^(pass|env|file|stdin|fd):?(.*)$/s.exec(named ?? '')
  if (!found) return undefined
  if (found[1] === 'pass') return Buffer.from(found[2]!, 'latin1')
  if (found[1] === 'env') return Buffer.from(process.env.get(found[2]!) ?? '', 'latin1')
  const data = await inputFor(process, found[1] === 'file' ? found[2] : undefined)
  return data?.subarray(0, data.indexOf(10) < 0 ? data.length : data.indexOf(10))
}

/** Key and initial vector from a password: PBKDF2, or the one hash of old with a warning. */
const derived = async (process: Process, given: Arguments, cipher: string, password: Buffer, salt: Buffer) => {
  const { keyLength, ivLength = 0 } = getCipherInfo(cipher)!
  const size = keyLength + ivLength
  const md = digests.get((given.value('md') ?? 'sha256').toLowerCase())?.engine ?? 'sha256'
  if (given.has('pbkdf2', 'iter')) {
    const rounds = Math.min(Math.max(1, Number(given.value('iter') ?? 10_000) || 1), mostRounds)
    process.step(rounds >> 2)
    const made = pbkdf2Sync(password, salt, rounds, size, md)
    return { key: made.subarray(0, keyLength), iv: made.subarray(keyLength) }
  }
  await process.stderr.write('*** WARNING : deprecated key derivation used.\nUsing -iter or -pbkdf2 would be better.\n')
  let made = Buffer.alloc(0)
  for (let last = Buffer.alloc(0); made.length < size; made = Buffer.concat([made, last]))
    last = createHash(md).update(last).update(password).update(salt).digest()
  return { key: made.subarray(0, keyLength), iv: made.subarray(keyLength, size) }
}

/** Hexadecimal digits, filled with zeros up to the size. */
const fromHex = async (process: Process, text: string, size: number): Promise<Buffer | undefined> => {
  if (!/^[0-9a-fA-F]*$/.test(text)) {
    await process.stderr.write('non-hex digit\ninvalid hex iv value\n')
    return undefined
  }
  if (text.length < size * 2) await process.stderr.write('hex string is too short, padding with zero bytes to length\n')
  if (text.length > size * 2) await process.stderr.write('hex string is too long, ignoring excess\n')
  return Buffer.from(text.slice(0, size * 2).padEnd(size * 2, '0'), 'hex')
}

const keysFor = async (process: Process, given: Arguments, cipher: string, salt: Buffer) => {
  const { keyLength, ivLength = 0 } = getCipherInfo(cipher)!
  const hexKey = given.value('K')
  if (hexKey !== undefined) {
    const key = await fromHex(process, hexKey, keyLength)
    if (ivLength > 0 && given.value('iv') === undefined) {
      await process.stderr.write('iv undefined\n')
      return undefined
    }
    const iv = await fromHex(process, given.value('iv') ?? '', ivLength)
    return key && iv && { key, iv }
  }
  const password = await passwordFor(process, given)
  if (!password) {
    await process.stderr.write(
      `enter ${cipher.toUpperCase()} ${given.has('d') ? 'decryption' : 'encryption'} password:\nbad password read\n`,
    )
    return undefined
  }
  const made = await derived(process, given, cipher, password, salt)
  const iv = given.value('iv')
  const ownIv = iv === undefined ? undefined : await fromHex(process, iv, ivLength)
  return ownIv ? { ...made, iv: ownIv } : made
}

const SALTED = Buffer.from('Salted__')

const sealed = async (
  process: Process,
  given: Arguments,
  cipher: string,
  data: Buffer,
): Promise<Buffer | undefined> => {
  const salted = !given.has('nosalt') && given.value('K') === undefined
  const named = given.value('S')
  const salt = !salted ? Buffer.alloc(0) : named === undefined ? process.random(8) : await fromHex(process, named, 8)
  const keys = salt && (await keysFor(process, given, cipher, salt))
  if (!keys) return undefined
  const engine = createCipheriv(cipher as CipherGCMTypes, keys.key, keys.iv.length === 0 ? null! : keys.iv)
  engine.setAutoPadding(!given.has('nopad'))
  const made = Buffer.concat([engine.update(data), engine.final()])
  // A salt that was given is not written down.
  return salted && named === undefined ? Buffer.concat([SALTED, salt, made]) : made
}

const decrypt = async (process: Process, given: Arguments, cipher: string, data: Buffer): Promise<number> => {
  const salted = !given.has('nosalt') && given.value('K') === undefined
  const named = given.value('S')
  let salt: Buffer = Buffer.alloc(0)
  let body: Buffer = data
  if (salted && named !== undefined) salt = (await fromHex(process, named, 8)) ?? salt
  else if (salted) {
    if (!data.subarray(0, 8).equals(SALTED)) {
      await process.stderr.write(data.length < 16 ? 'error reading input file\n' : 'bad magic number\n')
      return 1
    }
    salt = Buffer.from(data.subarray(8, 16))
    body = data.subarray(16)
  }
  const keys = await keysFor(process, given, cipher, salt)
  if (!keys) return 1
  try {
    const engine = createDecipheriv(cipher as CipherGCMTypes, keys.key, keys.iv.length === 0 ? null! : keys.iv)
    engine.setAutoPadding(!given.has('nopad'))
    const made = Buffer.concat([engine.update(body), engine.final()])
    return (await outputFor(process, given.value('out'), made)) ? 0 : 1
  } catch {
    await process.stderr.write('bad decrypt\n')
    await libraryErrors(process, [
      '1C800064:Provider routines:ossl_cipher_unpadblock:bad decrypt:../providers/implementations/ciphers/ciphercommon_block.c:124:',
    ])
    return 1
  }
}
