import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressOctets, sourceKey } from './address.ts'

test('every way of writing an address gives its octets', () => {
  for (const [written, hex] of [
    ['192.0.2.1', 'c0000201'],
    ['::', '0'.repeat(32)],
    ['::1', `${'0'.repeat(31)}1`],
    ['2001:db8::', `20010db8${'0'.repeat(24)}`],
    ['2001:DB8:0:0:8:800:200C:417A', '20010db80000000000080800200c417a'],
    ['::ffff:192.0.2.128', '00000000000000000000ffffc0000280'],
    ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221'],
    ['fe80::1%eth0', 'fe800000000000000000000000000001'],
  ] as const)
    assert.equal(addressOctets(written).toString('hex'), hex, written)
})

test('what is no address is refused', () => {
  for (const wrong of ['', '1.2.3', '2001:db8', 'localhost', '::1::', '192.0.2.256'])
    assert.throws(() => addressOctets(wrong), /Not an IP address/)
})

test('a source is an IPv4 address or a /64', () => {
  assert.equal(sourceKey('::ffff:192.0.2.1'), sourceKey('192.0.2.1'))
  assert.equal(sourceKey('2001:db8:1:2::1'), sourceKey('2001:db8:1:2:a:b:c:d'))
  assert.notEqual(sourceKey('2001:db8:1:2::1'), sourceKey('2001:db8:1:3::1'))
  assert.notEqual(sourceKey('192.0.2.1'), sourceKey('192.0.2.2'))
  assert.equal(sourceKey(''), 'unknown')
})
