import { createHash, createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { Cursor } from '#codec/cursor.ts'
import { mpint, string } from '#codec/ssh-wire.ts'

/** A public key: the name of its algorithm, RFC 4253 §6.6's blob, and what shows beside it. */
export type PublicKey = { type: string; blob: Buffer; comment: string }
/** The fields of a private key as OpenSSH's format has them behind the type, without the comment. */
export type PrivateKey = PublicKey & { secret: Buffer }

export type Kind = 'rsa' | 'ecdsa' | 'ed25519' | 'dsa'

const curves = new Map([
  [256, 'P-256'],
  [384, 'P-384'],
  [521, 'P-521'],
])
const base64url = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'base64url')
const generate = promisify(generateKeyPair)

/** RSA and DSA keys with more bits than this cost more than an attacker gets. */
export const genuineBits = 4096

/** A new key. RSA beyond `genuineBits`, and DSA, look right and work nowhere. */
export const newKey = async (
  kind: Kind,
  bits: number,
  comment: string,
  random: (bytes: number) => Buffer,
): Promise<PrivateKey> => {
  if (kind === 'ed25519') return fromKeyObject((await generate('ed25519')).privateKey, comment)
  if (kind === 'ecdsa')
    return fromKeyObject((await generate('ec', { namedCurve: curves.get(bits) ?? 'P-256' })).privateKey, comment)
  if (kind === 'dsa') return shamDsa(comment, random)
  if (bits > genuineBits) return shamRsa(bits, comment, random)
  return fromKeyObject((await generate('rsa', { modulusLength: bits })).privateKey, comment)
}

/** A key of node's as OpenSSH has it; throws on kinds that OpenSSH does not have. */
export const fromKeyObject = (key: KeyObject, comment: string): PrivateKey => {
  const jwk = key.export({ format: 'jwk' })
  if (jwk.kty === 'OKP') {
    const [pk, seed] = [base64url(jwk.x), base64url(jwk.d)]
    return privateKey('ssh-ed25519', [string(pk)], [string(pk), string(Buffer.concat([seed, pk]))], comment)
  }
  if (jwk.kty === 'EC') {
    const curve = `nistp${jwk.crv?.slice(2)}`
    const point = string(Buffer.concat([Buffer.of(4), base64url(jwk.x), base64url(jwk.y)]))
    const secret = [string(curve), point, mpint(base64url(jwk.d))]
    return privateKey(`ecdsa-sha2-${curve}`, [string(curve), point], secret, comment)
  }
  const [n, e, d, qi, p, q] = [jwk.n, jwk.e, jwk.d, jwk.qi, jwk.p, jwk.q].map(part => mpint(base64url(part)))
  return privateKey('ssh-rsa', [e!, n!], [n!, e!, d!, qi!, p!, q!], comment)
}

/** A key in PEM (PKCS #1, SEC 1, PKCS #8); throws where it is none. */
export const fromPem = (text: string): PrivateKey => fromKeyObject(createPrivateKey(text), '')

const privateKey = (type: string, open: Buffer[], secret: Buffer[], comment: string): PrivateKey => ({
  type,
  blob: Buffer.concat([string(type), ...open]),
  secret: Buffer.concat([string(type), ...secret]),
  comment,
})

/** A number of so many bits with both its ends set. */
const odd = (bits: number, random: (bytes: number) => Buffer): Buffer => {
  const number = random(bits >> 3)
  number[0]! |= 0x80
  number[number.length - 1]! |= 1
  return number
}

const shamRsa = (bits: number, comment: string, random: (bytes: number) => Buffer): PrivateKey => {
  const e = mpint(Buffer.of(1, 0, 1))
  const [n, d, qi, p, q] = [bits, bits, bits >> 1, bits >> 1, bits >> 1].map(size => mpint(odd(size & ~7, random)))
  return privateKey('ssh-rsa', [e, n!], [n!, e, d!, qi!, p!, q!], comment)
}

const shamDsa = (comment: string, random: (bytes: number) => Buffer): PrivateKey => {
  const [p, q, g, y, x] = [1024, 160, 1024, 1024, 152].map(size => mpint(odd(size, random)))
  return privateKey('ssh-dss', [p!, q!, g!, y!], [p!, q!, g!, y!, x!], comment)
}

/** `ED25519`, as it stands behind fingerprints. */
export const shortName = (type: string): string =>
  type === 'ssh-rsa' ? 'RSA' : type === 'ssh-dss' ? 'DSA' : type.startsWith('ecdsa') ? 'ECDSA' : 'ED25519'

/** Bits of the number that makes it hard. */
export const bitsOf = ({ type, blob }: PublicKey): number => {
  if (type === 'ssh-ed25519') return 256
  if (type.startsWith('ecdsa-sha2-nistp')) return Number(type.slice(16))
  const from = new Cursor(blob)
  from.lp32()
  if (type === 'ssh-rsa') from.lp32()
  const number = from.lp32()
  const start = number.findIndex(byte => byte !== 0)
  return start < 0 ? 0 : (number.length - start) * 8 - Math.clz32(number[start]!) + 24
}

export const digestOf = ({ blob }: PublicKey, hash: string): Buffer => createHash(hash).update(blob).digest()

/** `SHA256:…`, `MD5:…` with colons. */
export const fingerprint = (key: PublicKey, hash = 'sha256'): string => {
  const digest = digestOf(key, hash)
  return hash === 'md5'
    ? `MD5:${digest.toString('hex').replace(/..(?=.)/g, '$&:')}`
    : `${hash.toUpperCase()}:${digest.toString('base64').replace(/=+$/, '')}`
}

const known = new Set([
  'ssh-rsa',
  'ssh-dss',
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
])

/** A public key as it begins at `type` in a line of text: `ssh-ed25519 AAAA… comment`. */
export const parsePublic = (line: string): PublicKey | undefined => {
  const [, type = '', base64 = '', comment = ''] = /^\s*(\S+)\s+([A-Za-z0-9+/]+=*)(?:\s+(.*?))?\s*$/s.exec(line) ?? []
  if (!known.has(type)) return undefined
  const blob = Buffer.from(base64, 'base64')
  if (blob.length < 4 + type.length || !blob.subarray(0, 4 + type.length).equals(string(type))) return undefined
  return { type, blob, comment }
}

export const publicLine = ({ type, blob, comment }: PublicKey): string =>
  `${type} ${blob.toString('base64')} ${comment}\n`
