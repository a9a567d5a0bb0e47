import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import type { Persona } from '#persona/persona.ts'
import { mpint, string } from './wire.ts'

/** One way to prove who the server is: the public key's blob (RFC 4253 §6.6) and signatures in that algorithm. */
export type HostKey = { blob: Buffer; sign(data: Buffer): Buffer }

/**
 * The persona's host keys by algorithm, in the order in which sshd offers them: RSA with the given algorithms, ECDSA,
 * Ed25519.
 */
export function hostKeys(persona: Persona, rsaAlgorithms: readonly string[]): ReadonlyMap<string, HostKey> {
  const rsa = createPrivateKey(persona.hostKeys.rsa)
  const { n, e } = rsa.export({ format: 'jwk' })
  const rsaBlob = Buffer.concat([string('ssh-rsa'), mpint(base64url(e)), mpint(base64url(n))])
  return new Map<string, HostKey>([
    ...rsaAlgorithms.map((name): [string, HostKey] => [
      name,
      {
        blob: rsaBlob,
        sign: data => Buffer.concat([string(name), string(sign(rsaHashes.get(name)!, data, rsa))]),
      },
    ]),
    ['ecdsa-sha2-nistp256', ecdsa(createPrivateKey(persona.hostKeys.ecdsa))],
    ['ssh-ed25519', ed25519(createPrivateKey(persona.hostKeys.ed25519))],
  ])
}

/** Hashes of the RSA signature algorithms (RFC 8332). */
export const rsaHashes: ReadonlyMap<string, string> = new Map([
  ['rsa-sha2-512', 'sha512'],
  ['rsa-sha2-256', 'sha256'],
  ['ssh-rsa', 'sha1'],
])

const base64url = (text: string | undefined): Buffer => Buffer.from(text!, 'base64url')

function ed25519(key: KeyObject): HostKey {
  const blob = Buffer.concat([string('ssh-ed25519'), string(base64url(key.export({ format: 'jwk' }).x))])
  return { blob, sign: data => Buffer.concat([string('ssh-ed25519'), string(sign(null, data, key))]) }
}

function ecdsa(key: KeyObject): HostKey {
  const { x, y } = createPublicKey(key).export({ format: 'jwk' })
  const point = Buffer.concat([Buffer.of(4), base64url(x), base64url(y)])
  const name = string('ecdsa-sha2-nistp256')
  return {
    blob: Buffer.concat([name, string('nistp256'), string(point)]),
    sign(data) {
      const rs = sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' })
      return Buffer.concat([name, string(Buffer.concat([mpint(rs.subarray(0, 32)), mpint(rs.subarray(32))]))])
    },
  }
}
