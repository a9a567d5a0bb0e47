import { generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  setOfOne,
  time,
  utf8String,
} from '#codec/der.ts'
import { addressOctets } from './address.ts'
import { replaceFile } from './files.ts'

const DAY = 24 * 3_600_000

export type CertificateOptions = {
  /** Where a generated one is kept. */
  folder: string
  /** The operator's own, PEM. */
  own?: { cert: string; key: string }
  /** Names and addresses besides `localhost`, the loopback addresses and this machine's name. */
  names: readonly string[]
  now: () => number
}
export type Certificate = { cert: string; key: string; selfSigned: boolean }

/** The operator's certificate, or one of our own that is kept, and renewed at a start within 30 days of its end. */
export function pageCertificate({ folder, own, names, now }: CertificateOptions): Certificate {
  if (own) return { ...own, selfSigned: false }
  const path = join(folder, 'certificate.pem')
  // A machine may be called what no certificate can say.
  const all = [...new Set(['localhost', '127.0.0.1', '::1', hostname(), ...names])].filter(
    name => isIP(name) || HOST.test(name),
  )
  const kept = read(path)
  if (kept && covers(new X509Certificate(kept.cert), all, now())) return { ...kept, selfSigned: true }
  const made = makeCertificate(all, now())
  replaceFile(path, made.key + made.cert)
  return { ...made, selfSigned: true }
}

function read(path: string): { cert: string; key: string } | undefined {
  try {
    const pem = readFileSync(path, 'utf8')
    const cert = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/.exec(pem)
    const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n/.exec(pem)
    return cert && key ? { cert: cert[0], key: key[0] } : undefined
  } catch {
    return undefined
  }
}

const HOST = /^[\w*.-]{1,253}$/

const covers = (cert: X509Certificate, names: readonly string[], now: number) =>
  cert.validToDate.getTime() - now > 30 * DAY &&
  names.every(name => (isIP(name) ? cert.checkIP(name) : cert.subjectAltName?.split(', ').includes(`DNS:${name}`)))

/** Self-signed, ECDSA P-256 with SHA-256 (RFC 5758 §3.2), valid for 397 days, for the given names and addresses. */
export function makeCertificate(names: readonly string[], now: number): { cert: string; key: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = sequence(objectIdentifier('1.2.840.10045.4.3.2'))
  const name = sequence(setOfOne(sequence(objectIdentifier('2.5.4.3'), utf8String('skep'))))
  const serial = randomBytes(16)
  serial[0] = (serial[0]! & 0x7f) | 0x40
  const extension = (oid: string, critical: boolean, value: Buffer) =>
    sequence(objectIdentifier(oid), ...(critical ? [boolean(true)] : []), octetString(value))
  const body = sequence(
    explicit(0, integer(Buffer.of(2))),
    integer(serial),
    algorithm,
    name,
    sequence(time(now - DAY), time(now + 396 * DAY)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(
      3,
      sequence(
        extension('2.5.29.17', false, sequence(...names.map(generalName))),
        extension('2.5.29.19', true, sequence()),
        // serverAuth
        extension('2.5.29.37', false, sequence(objectIdentifier('1.3.6.1.5.5.7.3.1'))),
      ),
    ),
  )
  const der = sequence(body, algorithm, bitString(sign('sha256', body, privateKey)))
  const base64 = der.toString('base64').replace(/.{64}(?=.)/g, '$&\n')
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  }
}

/** dNSName [2] or iPAddress [7] of RFC 5280 §4.2.1.6. */
const generalName = (name: string): Buffer =>
  isIP(name) ? implicit(7, addressOctets(name)) : implicit(2, Buffer.from(name, 'latin1'))
