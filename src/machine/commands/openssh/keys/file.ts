import { createCipheriv, createDecipheriv, scryptSync } from 'node:crypto'
import { Cursor } from '#codec/cursor.ts'
import { Malformed } from '#codec/malformed.ts'
import { string, uint32 } from '#codec/ssh-wire.ts'
import { fromPem, type PrivateKey, type PublicKey } from './key.ts'

const begin = '-----BEGIN OPENSSH PRIVATE KEY-----\n'
const end = '-----END OPENSSH PRIVATE KEY-----\n'
const magic = Buffer.from('openssh-key-v1\0')

/**
 * The private key file of OpenSSH (PROTOCOL.key). With a passphrase it says bcrypt and means scrypt: only this machine
 * ever opens it again.
 */
export const privateFile = (key: PrivateKey, passphrase: string, random: (bytes: number) => Buffer): string => {
  const check = random(4)
  const size = passphrase === '' ? 8 : 16
  const open = Buffer.concat([check, check, key.secret, string(key.comment)])
  const padding = Buffer.from(Array.from({ length: (size - (open.length % size)) % size }, (_, index) => index + 1))
  const padded = Buffer.concat([open, padding])
  const salt = random(16)
  const kdf = passphrase === '' ? Buffer.alloc(0) : Buffer.concat([string(salt), uint32(16)])
  const body = Buffer.concat([
    magic,
    string(passphrase === '' ? 'none' : 'aes256-ctr'),
    string(passphrase === '' ? 'none' : 'bcrypt'),
    string(kdf),
    uint32(1),
    string(key.blob),
    string(passphrase === '' ? padded : cipher(createCipheriv, passphrase, salt, padded)),
  ])
  return begin + body.toString('base64').replace(/.{1,70}/g, '$&\n') + end
}

const cipher = (
  make: typeof createCipheriv | typeof createDecipheriv,
  passphrase: string,
  salt: Buffer,
  data: Buffer,
) => {
  const key = scryptSync(Buffer.from(passphrase, 'latin1'), salt, 48, { N: 1024 })
  return make('aes-256-ctr', key.subarray(0, 32), key.subarray(32)).update(data)
}

/** What is in a private key file: the public half is open to everybody. */
export type KeyFile = {
  key: PublicKey
  encrypted: boolean
  /** `undefined`: the passphrase is wrong. */
  unlock(passphrase: string): PrivateKey | undefined
}

/** `undefined` for what is no private key. */
export const parsePrivate = (text: string): KeyFile | undefined => {
  try {
    if (text.startsWith('-----BEGIN OPENSSH PRIVATE KEY-----')) return parseOpenssh(text)
    if (!text.startsWith('-----BEGIN ')) return undefined
    const key = fromPem(text)
    return { key, encrypted: false, unlock: () => key }
  } catch (error) {
    // node:crypto throws plain errors for what is no key.
    if (error instanceof Error) return undefined
    throw error
  }
}

const parseOpenssh = (text: string): KeyFile => {
  const stop = text.indexOf('-----END')
  const from = new Cursor(Buffer.from(text.slice(begin.length, stop < 0 ? undefined : stop), 'base64'))
  if (!from.bytes(magic.length).equals(magic)) throw new Malformed('No OpenSSH key')
  const encrypted = from.lp32().toString('latin1') !== 'none'
  from.lp32()
  const kdf = new Cursor(from.lp32())
  if (from.u32be() !== 1) throw new Malformed('More than one key')
  const blob = from.lp32()
  const data = from.lp32()
  const type = new Cursor(blob).lp32().toString('latin1')
  const salt = encrypted ? kdf.lp32() : Buffer.alloc(0)
  const unlock = (passphrase: string): PrivateKey | undefined => {
    const fields = new Cursor(encrypted ? cipher(createDecipheriv, passphrase, salt, data) : data)
    const [check, again] = [fields.u32be(), fields.u32be()]
    if (check !== again) return undefined
    const rest = fields.rest()
    const inner = new Cursor(rest)
    for (let field = 0; field < 1 + secretFields(type); field++) inner.lp32()
    const secret = rest.subarray(0, inner.offset)
    return { type, blob, secret, comment: inner.lp32().toString('latin1') }
  }
  const comment = encrypted ? '' : (unlock('')?.comment ?? '')
  return { key: { type, blob, comment }, encrypted, unlock }
}

const secretFields = (type: string): number =>
  type === 'ssh-rsa' ? 6 : type === 'ssh-dss' ? 5 : type.startsWith('ecdsa') ? 3 : 2
