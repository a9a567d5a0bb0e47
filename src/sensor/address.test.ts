import assert from 'node:assert/strict'
import { test } from 'node:test'
import { networkOf, plainAddress } from './address.ts'

test('one spelling an address, with no zone', () => {
  assert.equal(plainAddress('::ffff:192.0.2.1'), '192.0.2.1')
  assert.equal(plainAddress('2001:DB8:0:0:0:0:0:1'), '2001:db8::1')
  // Every neighbour on the same link comes like this; an exception here would end the process.
  assert.equal(plainAddress('fe80::1:2%eth0'), 'fe80::1:2')
})

test('one attacker: an IPv4 address, or 64 bits of IPv6', () => {
  const table = [
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:db8:1::', '2001:db8:1:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
  ] as const
  for (const [ip, network] of table) assert.equal(networkOf(ip), network, ip)
})
