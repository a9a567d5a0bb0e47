import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto'
import { Cursor } from '#codec/cursor.ts'
import { rsaHashes } from './hostkeys.ts'
import { readMpint } from './wire.ts'

/** `SHA256:…` as ssh-keygen -l prints it. */
export const fingerprint = (blob: Buffer): string => `SHA256:${hash('sha256', blob, 'base64').replace(/=+$/, '')}`

/** The name at the head of a key blob (RFC 4253 §6.6). */
export function keyType(blob: Buffer): string {
  try {
    return new Cursor(blob).lp32().toString('latin1')
  } catch {
    return 'unknown'
  }
}

/** Does the blob hold a key of the kind that the algorithm's name calls for, as far as its fields go? */
export function matches(algorithm: string, blob: Buffer): boolean {
  const type = rsaHashes.has(algorithm) ? 'ssh-rsa' : algorithm
  const fields = fieldsOf.get(type)
  if (fields === undefined || keyType(blob) !== type) return false
  try {
    const key = new Cursor(blob)
    for (let i = 0; i < fields; i++) key.lp32()
    return key.left === 0
  } catch {
    return false
  }
}
/** Fields of a plain key's blob, its name included. Certificates and security keys are refused like unknown ones. */
const fieldsOf = new Map([
  ['ssh-ed25519', 2],
  ['ssh-rsa', 3],
  ['ecdsa-sha2-nistp256', 3],
  ['ecdsa-sha2-nistp384', 3],
  ['ecdsa-sha2-nistp521', 3],
])

const curves = new Map([
  ['nistp256', { crv: 'P-256', bytes: 32, hash: 'sha256' }],
  ['nistp384', { crv: 'P-384', bytes: 48, hash: 'sha384' }],
  ['nistp521', { crv: 'P-521', bytes: 66, hash: 'sha512' }],
])

/**
 * Is `signature` (RFC 4253 §6.6 form) this key's, over `data`, in `algorithm`? Whatever is malformed or of a kind not
 * known here (certificates, security keys) is not.
 */
export function isSignature(algorithm: string, blob: Buffer, signature: Buffer, data: Buffer): boolean {
  try {
    const signed = new Cursor(signature)
    if (signed.lp32().toString('latin1') !== algorithm) return false
    const bytes = signed.lp32()
    const key = new Cursor(blob)
    const type = key.lp32().toString('latin1')
    if (type === 'ssh-ed25519' && algorithm === type) return verify(null, data, ed25519(key.lp32()), bytes)
    if (type === 'ssh-rsa') {
      const rsaHash = rsaHashes.get(algorithm)
      return rsaHash !== undefined && verify(rsaHash, data, rsa(key), bytes)
    }
    const curve = curves.get(type.replace('ecdsa-sha2-', ''))
    if (!curve || algorithm !== type) return false
    key.lp32()
    const numbers = new Cursor(bytes)
    const rs = [readMpint(numbers), readMpint(numbers)].map(n => {
      const padded = Buffer.alloc(curve.bytes)
      n.copy(padded, curve.bytes - n.length)
      return padded
    })
    return verify(curve.hash, data, { key: ecdsa(key.lp32(), curve), dsaEncoding: 'ieee-p1363' }, Buffer.concat(rs))
  } catch {
    return false
  }
}

const ed25519 = (x: Buffer): KeyObject =>
  createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') }, format: 'jwk' })

function rsa(key: Cursor): KeyObject {
  const [e, n] = [readMpint(key), readMpint(key)]
  return createPublicKey({
    key: { kty: 'RSA', e: e.toString('base64url'), n: n.toString('base64url') },
    format: 'jwk',
  })
}

const ecdsa = (point: Buffer, { crv, bytes }: { crv: string; bytes: number }): KeyObject =>
  createPublicKey({
    key: {
      kty: 'EC',
      crv,
      x: point.toString('base64url', 1, 1 + bytes),
      y: point.toString('base64url', 1 + bytes),
    },
    format: 'jwk',
  })
