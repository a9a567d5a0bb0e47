import assert from 'node:assert/strict'
import test from 'node:test'
import { release } from './algorithms.ts'
import { ciphers, macs } from './ciphers.ts'
import { rsaHashes } from './hostkeys.ts'
import { keyExchanges } from './kex.ts'
import { hassh } from './kexinit.ts'
import { offer } from './testing.ts'

const marker = 'kex-strict-s-v00@openssh.com'
const identifications = [
  'SSH-2.0-OpenSSH_8.2p1 Ubuntu-4ubuntu0.9',
  'SSH-2.0-OpenSSH_8.2p1 Ubuntu-4ubuntu0.13',
  'SSH-2.0-OpenSSH_8.4p1 Debian-5+deb11u3',
  'SSH-2.0-OpenSSH_8.9p1 Ubuntu-3ubuntu0.10',
  'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3',
  'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7',
]

test('whatever a release offers exists', () => {
  for (const identification of identifications) {
    const { kex, rsa, ciphers: offered, macs: offeredMacs } = release(identification)
    assert.deepEqual(
      kex.filter(name => name !== marker && !keyExchanges.has(name)),
      [],
    )
    assert.ok(offered.every(name => ciphers.has(name)))
    assert.ok(offeredMacs.every(name => macs.has(name)))
    assert.ok(rsa.every(name => rsaHashes.has(name)))
  }
})

test('package revisions decide about strict key exchange and the hybrid’s plain name', () => {
  const cases: [identification: string, strict: boolean, first: string][] = [
    ['SSH-2.0-OpenSSH_8.2p1 Ubuntu-4ubuntu0.10', false, 'curve25519-sha256'],
    ['SSH-2.0-OpenSSH_8.2p1 Ubuntu-4ubuntu0.11', true, 'curve25519-sha256'],
    ['SSH-2.0-OpenSSH_8.4p1 Debian-5+deb11u2', false, 'curve25519-sha256'],
    ['SSH-2.0-OpenSSH_8.4p1 Debian-5+deb11u3', true, 'curve25519-sha256'],
    ['SSH-2.0-OpenSSH_8.9p1 Ubuntu-3ubuntu0.5', false, 'curve25519-sha256'],
    ['SSH-2.0-OpenSSH_8.9p1 Ubuntu-3ubuntu0.6', true, 'curve25519-sha256'],
    ['SSH-2.0-OpenSSH_9.2p1 Debian-2', false, 'sntrup761x25519-sha512@openssh.com'],
    ['SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u2', true, 'sntrup761x25519-sha512@openssh.com'],
    ['SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u4', true, 'sntrup761x25519-sha512'],
  ]
  for (const [identification, strict, first] of cases) {
    const { kex } = release(identification)
    assert.equal(kex.includes(marker), strict, identification)
    assert.equal(kex[0], first, identification)
  }
})

test('HASSH joins the four lists of the client’s direction', () => {
  assert.equal(hassh(offer()), 'e97d07603350d1111ec2b64bf25413c9')
})
