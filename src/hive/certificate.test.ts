import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { makeCertificate, pageCertificate } from './certificate.ts'

const DAY = 24 * 3_600_000
const folder = mkdtempSync(join(tmpdir(), 'skep-certificate-'))
after(() => rmSync(folder, { recursive: true }))
let folders = 0
const fresh = () => join(folder, String(++folders))

test('a generated certificate is one that OpenSSL takes: P-256, self-signed, for every name given', () => {
  const now = Date.UTC(2026, 5, 1)
  const { cert, key } = makeCertificate(['localhost', '127.0.0.1', '::1', '2001:db8::7', 'hive.example.org'], now)
  const read = new X509Certificate(cert)
  assert.equal(read.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1')
  assert.ok(read.verify(read.publicKey))
  assert.ok(read.checkPrivateKey(createPrivateKey(key)))
  for (const ip of ['127.0.0.1', '::1', '2001:db8::7']) assert.ok(read.checkIP(ip), ip)
  for (const name of ['localhost', 'hive.example.org']) assert.ok(read.checkHost(name), name)
  assert.equal(read.checkHost('example.org'), undefined)
  assert.ok(!read.ca)
  assert.equal(read.validFromDate.getTime(), now - DAY)
  assert.equal(read.validToDate.getTime(), now + 396 * DAY)
  assert.deepEqual(read.keyUsage, ['1.3.6.1.5.5.7.3.1'])
})

test('no two are alike', () => {
  const [a, b] = [makeCertificate(['localhost'], 0), makeCertificate(['localhost'], 0)].map(
    ({ cert }) => new X509Certificate(cert),
  )
  assert.notEqual(a!.serialNumber, b!.serialNumber)
  assert.notEqual(a!.fingerprint256, b!.fingerprint256)
})

test('it is kept over restarts, readable by its owner alone, and renewed before it ends or for new names', () => {
  const place = fresh()
  const now = Date.UTC(2026, 5, 1)
  const made = (names: string[], at: number) => pageCertificate({ folder: place, names, now: () => at })
  const first = made([], now)
  assert.ok(first.selfSigned)
  assert.equal(statSync(join(place, 'certificate.pem')).mode & 0o777, 0o600)
  assert.deepEqual(made([], now + 300 * DAY), first)
  const named = made(['hive.example.org', '192.0.2.5'], now)
  assert.notEqual(named.cert, first.cert)
  assert.deepEqual(made(['192.0.2.5'], now), named)
  assert.notEqual(made([], now + 367 * DAY).cert, named.cert)
})

test('a broken file is replaced', () => {
  const place = fresh()
  const options = { folder: place, names: [], now: Date.now }
  pageCertificate(options)
  writeFileSync(join(place, 'certificate.pem'), 'rubbish')
  assert.ok(new X509Certificate(pageCertificate(options).cert).checkHost('localhost'))
})

test("the operator's own is used as it is", () => {
  const place = fresh()
  const made = makeCertificate(['hive.example.org'], Date.now())
  assert.deepEqual(pageCertificate({ folder: place, own: made, names: [], now: Date.now }), {
    ...made,
    selfSigned: false,
  })
})
