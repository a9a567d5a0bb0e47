import { constants, createHash, createPublicKey, privateDecrypt } from 'node:crypto'

/** What passwords become on the wire. Text is Latin-1, a character a byte. */
const sha1 = (...parts: Buffer[]) => parts.reduce((hash, part) => hash.update(part), createHash('sha1')).digest()
const sha256 = (...parts: Buffer[]) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
const xor = (a: Buffer, b: Buffer) => Buffer.from(a.map((byte, i) => byte ^ (b[i % b.length] ?? 0)))
const bytes = (text: string) => Buffer.from(text, 'latin1')

/** mysql_native_password: SHA1(p) ⊕ SHA1(salt · SHA1(SHA1(p))). */
export function nativeAnswer(password: string, salt: Buffer): Buffer {
  const once = sha1(bytes(password))
  return xor(once, sha1(salt, sha1(once)))
}
/** caching_sha2_password: SHA256(p) ⊕ SHA256(SHA256(SHA256(p)) · salt). */
export function sha2Answer(password: string, salt: Buffer): Buffer {
  const once = sha256(bytes(password))
  return xor(once, sha256(sha256(once), salt))
}

/** Hashcat's mode 11200: salt and answer of one log-in, crackable without us. */
export const nativeHash = (salt: Buffer, answer: Buffer): string =>
  `$mysqlna$${salt.toString('hex')}*${answer.toString('hex')}`
/** The same of caching_sha2_password, for which crackers have no mode: SHA256(p) ⊕ SHA256(SHA256(SHA256(p)) · salt). */
export const sha2Hash = (salt: Buffer, answer: Buffer): string =>
  `$mysqlsha2$${salt.toString('hex')}*${answer.toString('hex')}`

/** A password that came under our public key (RSA-OAEP, ⊕ salt, with a NUL behind it). */
export function decrypted(sealed: Buffer, key: string, salt: Buffer): string | undefined {
  try {
    const open = xor(privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, sealed), salt)
    return open.toString('latin1').replace(/\0$/, '')
  } catch {
    return undefined
  }
}
export const publicKey = (key: string): string => String(createPublicKey(key).export({ type: 'spki', format: 'pem' }))
