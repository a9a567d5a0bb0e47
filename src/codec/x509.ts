import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import {
  bitString,
  boolean,
  explicit,
  ia5String,
  implicit,
  integer,
  nothing,
  objectIdentifier,
  octetString,
  printableString,
  sequence,
  setOfOne,
  time,
  utf8String,
} from './der.ts'

/** Attribute types of a distinguished name (X.520) with the string type that OpenSSL gives each. */
const attributes = {
  C: ['2.5.4.6', printableString],
  ST: ['2.5.4.8', utf8String],
  L: ['2.5.4.7', utf8String],
  O: ['2.5.4.10', utf8String],
  OU: ['2.5.4.11', utf8String],
  CN: ['2.5.4.3', utf8String],
  emailAddress: ['1.2.840.113549.1.9.1', ia5String],
} as const

/** A distinguished name, most general attribute first. */
export type Name = readonly (readonly [type: keyof typeof attributes, value: string])[]

/** What a self-signed certificate says of itself (RFC 5280 §4.1). */
export type SelfSigned = {
  /** Big-endian, at most 20 octets, positive. */
  serial: Buffer
  name: Name
  /** Milliseconds since the epoch. */
  notBefore: number
  notAfter: number
  /** In the order they shall stand. */
  extensions: readonly Extension[]
}
/** Made for the certificate's own key. */
export type Extension = (key: KeyObject) => Buffer

const extension = (oid: string, value: Buffer, critical = false): Buffer =>
  sequence(objectIdentifier(oid), ...(critical ? [boolean(true)] : []), octetString(value))

// RFC 5280 §4.2.1.2, method 1: SHA-1 of the key's BIT STRING, which for RSA holds an RSAPublicKey.
const keyIdentifier = (key: KeyObject): Buffer =>
  createHash('sha1')
    .update(createPublicKey(key).export({ type: 'pkcs1', format: 'der' }))
    .digest()

/** `CA:FALSE` or `CA:TRUE`; DER leaves out the default FALSE. */
export const basicConstraints =
  (ca: boolean, critical = false): Extension =>
  () =>
    extension('2.5.29.19', sequence(...(ca ? [boolean(true)] : [])), critical)
export const subjectAltName =
  (...dnsNames: string[]): Extension =>
  () =>
    extension('2.5.29.17', sequence(...dnsNames.map(name => implicit(2, Buffer.from(name, 'latin1')))))
export const subjectKeyIdentifier: Extension = key => extension('2.5.29.14', octetString(keyIdentifier(key)))
export const authorityKeyIdentifier: Extension = key =>
  extension('2.5.29.35', sequence(implicit(0, keyIdentifier(key))))

const distinguishedName = (name: Name): Buffer =>
  sequence(
    ...name.map(([type, value]) => {
      const [oid, encode] = attributes[type]
      return setOfOne(sequence(objectIdentifier(oid), encode(value)))
    }),
  )

const pem = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`

/**
 * A self-signed X.509 v3 certificate in PEM, sha256WithRSAEncryption; `key` is an RSA private key in PEM. The same
 * fields and key always give the same bytes, since PKCS #1 v1.5 signatures hold no randomness.
 */
export const selfSigned = (fields: SelfSigned, key: string): string => {
  const privateKey = createPrivateKey(key)
  const algorithm = sequence(objectIdentifier('1.2.840.113549.1.1.11'), nothing())
  const name = distinguishedName(fields.name)
  const body = sequence(
    explicit(0, integer(Buffer.of(2))),
    integer(fields.serial),
    algorithm,
    name,
    sequence(time(fields.notBefore), time(fields.notAfter)),
    name,
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...fields.extensions.map(make => make(privateKey)))),
  )
  return pem(sequence(body, algorithm, bitString(sign('sha256', body, privateKey))))
}
