import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import {
  authorityKeyIdentifier,
  basicConstraints,
  type Extension,
  type Name,
  selfSigned,
  subjectAltName,
  subjectKeyIdentifier,
} from './x509.ts'

const byOpenssl: Extension[] = [subjectKeyIdentifier, authorityKeyIdentifier, basicConstraints(true, true)]
const real: [file: string, name: Name, extensions: Extension[]][] = [
  ['ssl-cert-1.1.2.pem', [['CN', 'relay3']], [basicConstraints(false), subjectAltName('relay3'), subjectKeyIdentifier]],
  [
    'openssl-req-3.0.pem',
    [
      ['C', 'JP'],
      ['ST', 'Tokyo'],
      ['L', 'Shinjuku-ku'],
      ['O', 'Hayase Works'],
      ['OU', 'IT'],
      ['CN', 'relay3.hayase-works.example'],
      ['emailAddress', 'admin@hayase-works.example'],
    ],
    byOpenssl,
  ],
  ['openssl-req-3.0-past-2050.pem', [['CN', 'hayase-works.example']], byOpenssl],
]

for (const [file, name, extensions] of real)
  test(`the same bytes as the real tool makes: ${file}`, () => {
    const pem = readFileSync(new URL(`./fixtures/${file}`, import.meta.url), 'utf8')
    const at = pem.indexOf('-----BEGIN CERTIFICATE')
    const theirs = new X509Certificate(pem.slice(at))
    const ours = selfSigned(
      {
        serial: Buffer.from(theirs.serialNumber, 'hex'),
        name,
        notBefore: theirs.validFromDate.getTime(),
        notAfter: theirs.validToDate.getTime(),
        extensions,
      },
      pem.slice(0, at),
    )
    assert.equal(ours, pem.slice(at))
  })

test('a certificate parses, verifies and matches its key', () => {
  const pem = readFileSync(new URL('./fixtures/ssl-cert-1.1.2.pem', import.meta.url), 'utf8')
  const long = selfSigned(
    {
      serial: Buffer.from('00c0ffee00', 'hex'),
      name: [
        ['O', '株式会社はやせ'],
        ['CN', `${'a'.repeat(63)}.example`],
      ],
      notBefore: Date.UTC(2049, 11, 31, 23, 59, 59, 999),
      notAfter: Date.UTC(2050, 0, 1),
      extensions: [subjectAltName(...Array.from({ length: 40 }, (_, i) => `host${i}.example`))],
    },
    pem,
  )
  const parsed = new X509Certificate(long)
  assert.equal(parsed.serialNumber, 'C0FFEE00')
  assert.equal(parsed.subject, `O=株式会社はやせ\nCN=${'a'.repeat(63)}.example`)
  assert.equal(parsed.validFromDate.toISOString(), '2049-12-31T23:59:59.000Z')
  assert.equal(parsed.validToDate.toISOString(), '2050-01-01T00:00:00.000Z')
  assert.equal(parsed.subjectAltName?.split(', ').length, 40)
  assert.ok(parsed.verify(parsed.publicKey))
})
