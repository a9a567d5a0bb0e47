import { createCipheriv, createDecipheriv, createHash, pbkdf2Sync } from 'node:crypto'
import { errorText } from '../../errors.ts'
import type { Process } from '../../system.ts'
import { absolute, readAll } from '../paths.ts'
import { wordsOf } from './options.ts'

/** Key and initial value in bytes. */
const ciphers = new Map<string, readonly [key: number, iv: number]>([
  ...[128, 192, 256].flatMap(bits =>
    (['cbc', 'ecb', 'ctr'] as const).map(
      mode => [`aes-${bits}-${mode}`, [bits / 8, mode === 'ecb' ? 0 : 16]] as [string, [number, number]],
    ),
  ),
  ['des-ede3-cbc', [24, 8]],
])
const aliases = new Map([
  ...[128, 192, 256].map(bits => [`aes${bits}`, `aes-${bits}-cbc`] as const),
  ['des3', 'des-ede3-cbc'],
])
export const isCipher = (name: string): boolean => ciphers.has(aliases.get(name) ?? name)

const flags = new Set([
  'd',
  'e',
  'a',
  'A',
  'base64',
  'salt',
  'nosalt',
  'pbkdf2',
  'p',
  'P',
  'v',
  'nopad',
  'none',
  'debug',
])
const valued = new Set(['in', 'out', 'k', 'kfile', 'pass', 'K', 'iv', 'S', 'md', 'iter', 'bufsize'])
const dataMax = 16 << 20
const mostIterations = 200_000

/** `openssl enc`, and ciphers and base64 by their own names. */
export const encrypt = async (process: Process, argv: readonly string[], called: string): Promise<number> => {
  const named = called === 'enc' ? [] : [called]
  const rest = argv.filter(word => {
    const name = word.replace(/^-/, '')
    if (!word.startsWith('-') || !isCipher(name)) return true
    named.push(name)
    return false
  })
  const words = wordsOf(rest, flags, valued)
  const say = (text: string): Promise<void> => process.stderr.write(text)
  if ('bad' in words) {
    await say(`enc: Unknown cipher: ${words.bad}\nenc: Use -help for summary.\n`)
    return 1
  }
  const { has, value } = words
  const name = named.find(isCipher)
  const cipher = name === undefined ? undefined : (aliases.get(name) ?? name)
  const base64 = has('a') || has('base64') || called === 'base64'
  let data: Buffer
  try {
    const file = value('in')
    data =
      file === undefined
        ? await readAll(process.stdin, dataMax)
        : process.fs.readFile(absolute(process, file), process.who)
  } catch (error) {
    await say(`Can't open "${value('in')}" for reading, ${errorText(error)}\n`)
    return 1
  }
  process.step(1 + (data.length >> 8))
  if (has('d') && base64) data = Buffer.from(data.toString('latin1'), 'base64')
  if (cipher !== undefined) {
    const done = await crypted(process, cipher, data, words)
    if (!done) return 1
    data = done
  }
  if (!has('d') && base64) data = Buffer.from(lines(data, has('A')), 'latin1')
  const out = value('out')
  if (out === undefined) await process.stdout.write(data)
  else process.fs.writeFile(absolute(process, out), data, process.who, { mode: 0o666 & ~process.umask })
  return 0
}

const lines = (data: Buffer, one: boolean): string => {
  const text = data.toString('base64')
  return one ? text : text.replace(/.{1,64}/g, '$&\n')
}

const magic = 'Salted__'

const crypted = async (
  process: Process,
  cipher: string,
  given: Buffer,
  { has, value }: { has(name: string): boolean; value(name: string): string | undefined },
): Promise<Buffer | undefined> => {
  const [keySize, ivSize] = ciphers.get(cipher)!
  const say = (text: string): Promise<void> => process.stderr.write(text)
  const decrypts = has('d')
  const fixed = value('K')
  let data = given
  let [key, iv, head] = [Buffer.alloc(keySize), Buffer.alloc(ivSize), Buffer.alloc(0)]
  if (fixed !== undefined) {
    if (ivSize > 0 && value('iv') === undefined) {
      await say('iv undefined\n')
      return undefined
    }
    key = await fromHex(process, fixed, keySize)
    iv = await fromHex(process, value('iv') ?? '', ivSize)
  } else {
    const password = value('k') ?? value('pass')?.replace(/^pass:/, '') ?? ''
    let salt = Buffer.from((value('S') ?? '').padEnd(16, '0').slice(0, 16), 'hex')
    if (value('S') === undefined) salt = process.random(8) as typeof salt
    if (has('nosalt')) salt = Buffer.alloc(0)
    else if (decrypts && value('S') === undefined) {
      if (data.subarray(0, 8).toString('latin1') !== magic) {
        await say('bad magic number\n')
        return undefined
      }
      salt = Buffer.from(data.subarray(8, 16))
      data = data.subarray(16)
    } else if (!decrypts && value('S') === undefined) head = Buffer.concat([Buffer.from(magic), salt]) as typeof head
    const digest = value('md') ?? 'sha256'
    const size = keySize + ivSize
    if (has('pbkdf2') || value('iter') !== undefined) {
      const rounds = Math.min(Number(value('iter') ?? 10_000) || 10_000, mostIterations)
      process.step(rounds)
      const made = pbkdf2Sync(Buffer.from(password, 'latin1'), salt, rounds, size, digest)
      key = Buffer.from(made.subarray(0, keySize))
      iv = Buffer.from(made.subarray(keySize))
    } else {
      await say('*** WARNING : deprecated key derivation used.\nUsing -iter or -pbkdf2 would be better.\n')
      const made = bytesToKey(digest, Buffer.from(password, 'latin1'), salt, size)
      key = Buffer.from(made.subarray(0, keySize))
      iv = Buffer.from(made.subarray(keySize, size))
    }
  }
  const machine = (decrypts ? createDecipheriv : createCipheriv)(cipher, key, ivSize === 0 ? null : iv)
  if (has('nopad')) machine.setAutoPadding(false)
  try {
    return Buffer.concat([head, machine.update(data), machine.final()])
  } catch {
    // node:crypto throws plain errors for what does not decrypt.
    const place = '../providers/implementations/ciphers/ciphercommon_block.c:124:'
    await say(
      `bad decrypt\n${thread(process)}:error:1C800064:Provider routines:ossl_cipher_unpadblock:bad decrypt:${place}\n`,
    )
    return undefined
  }
}

/** `-K` and `-iv`: as many bytes as the cipher takes. */
const fromHex = async (process: Process, hex: string, size: number): Promise<Buffer<ArrayBuffer>> => {
  const digits = size * 2
  if (hex.length < digits) await process.stderr.write('hex string is too short, padding with zero bytes to length\n')
  if (hex.length > digits) await process.stderr.write('hex string is too long, ignoring excess\n')
  return Buffer.from(hex.slice(0, digits).padEnd(digits, '0'), 'hex')
}

/** The thread's number, with which OpenSSL's errors begin. */
export const thread = (process: Process): string =>
  `80${process.random(3).toString('hex').toUpperCase()}7F0000`.padEnd(16, '0').slice(0, 16)

/** EVP_BytesToKey with one round. */
const bytesToKey = (digest: string, password: Buffer, salt: Buffer, size: number): Buffer => {
  let made = Buffer.alloc(0)
  let last = Buffer.alloc(0)
  while (made.length < size) {
    last = createHash(digest).update(last).update(password).update(salt).digest() as typeof last
    made = Buffer.concat([made, last]) as typeof made
  }
  return made
}
