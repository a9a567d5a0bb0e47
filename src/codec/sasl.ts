import { Malformed } from './malformed.ts'

/**
 * What clients say in SASL exchanges (RFC 4422), the same under every protocol that carries them. Strings are Latin-1, a
 * byte a character.
 */
export type Plain = { authorize: string; user: string; password: string }

/** `[authzid] NUL authcid NUL passwd` (RFC 4616); `undefined` when it is none. */
export function readPlain(message: Buffer): Plain | undefined {
  const parts = message.toString('latin1').split('\0')
  const [authorize, user, password] = parts
  return parts.length === 3 ? { authorize: authorize!, user: user!, password: password! } : undefined
}

/** Base64 as strictly as servers read it (RFC 4648 §4, padding included); `undefined` when it is none. */
export function readBase64(text: string): Buffer | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  return Buffer.from(text, 'base64')
}

/** A CRAM-MD5 answer (RFC 2195): the user, and challenge with digest in hashcat's form (10200). */
export function readCramMd5(message: Buffer, challenge: string): { user: string; hash: string } | undefined {
  const text = message.toString('latin1')
  const space = text.lastIndexOf(' ')
  const digest = text.slice(space + 1)
  if (space < 0 || !/^[0-9a-fA-F]{32}$/.test(digest)) return undefined
  const base64 = (value: string) => Buffer.from(value, 'latin1').toString('base64')
  return { user: text.slice(0, space), hash: `$cram_md5$${base64(challenge)}$${base64(text)}` }
}

/** The client's first message of SCRAM (RFC 5802 §7): its name and nonce; `bare` goes into the proof. */
export type ScramFirst = { header: string; user: string; nonce: string; bare: string }

export function readScramFirst(message: Buffer): ScramFirst {
  const text = message.toString('latin1')
  const found = /^([ny]|p=[^,]{1,64}),(a=[^,]*)?,(n=([^,]*),r=([\x21-\x2b\x2d-\x7e]{1,128})(?:,.*)?)$/.exec(text)
  if (!found) throw new Malformed('No client-first-message of SCRAM')
  const [, flag, authorize = '', bare, name, nonce] = found
  const user = name!.replaceAll('=2C', ',').replaceAll('=3D', '=')
  return { header: `${flag},${authorize},`, user, nonce: nonce!, bare: bare! }
}

/** The client's last message: nonce, channel binding and proof. */
export function readScramFinal(message: Buffer): { nonce: string; proof: Buffer; withoutProof: string } {
  const text = message.toString('latin1')
  const found =
    /^(c=[A-Za-z0-9+/=]{1,512},r=([\x21-\x2b\x2d-\x7e]{1,256})(?:,[^,]{1,256})*?),p=([A-Za-z0-9+/=]{1,128})$/.exec(text)
  if (!found) throw new Malformed('No client-final-message of SCRAM')
  return { withoutProof: found[1]!, nonce: found[2]!, proof: Buffer.from(found[3]!, 'base64') }
}
