import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressBytes, specialUse } from './address.ts'

const hex = (text: string) => {
  const bytes = addressBytes(text)
  return bytes && Buffer.from(bytes).toString('hex')
}

test('addresses become bytes', () => {
  for (const [text, expected] of [
    ['192.0.2.1', 'c0000201'],
    ['0.0.0.0', '00000000'],
    ['255.255.255.255', 'ffffffff'],
    ['::', '0'.repeat(32)],
    ['::1', `${'0'.repeat(31)}1`],
    ['2001:db8::', `20010db8${'0'.repeat(24)}`],
    ['2001:DB8:1:2:3:4:5:6', '20010db8000100020003000400050006'],
    ['1::8', `0001${'0'.repeat(24)}0008`],
    ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
    ['fe80::1%eth0', `fe80${'0'.repeat(27)}1`],
    ['::ffff:192.0.2.1', 'c0000201'],
    ['::ffff:c000:201', 'c0000201'],
    ['64:ff9b::192.0.2.1', 'c0000201'],
    ['2001:db8::192.0.2.1', `20010db8${'0'.repeat(16)}c0000201`],
  ] as const)
    assert.equal(hex(text), expected, text)
})

test('what is no address is none', () => {
  for (const text of [
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1.2.3.4 ',
    '-1.2.3.4',
    '1e1.2.3.4',
    ':',
    ':::',
    '1:::2',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    'g::',
    '::1.2.3',
    '1.2.3.4::',
    `${'1:'.repeat(10_000)}1`,
    '\0',
    '😀',
  ])
    assert.equal(hex(text), undefined, JSON.stringify(text.slice(0, 50)))
})

test('addresses without a country have a label', () => {
  for (const [text, expected] of [
    ['127.0.0.1', 'loopback'],
    ['127.255.255.255', 'loopback'],
    ['128.0.0.0', undefined],
    ['10.0.0.1', 'private'],
    ['172.15.255.255', undefined],
    ['172.16.0.0', 'private'],
    ['172.31.255.255', 'private'],
    ['172.32.0.0', undefined],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'carrier NAT'],
    ['100.128.0.0', undefined],
    ['169.254.169.254', 'link-local'],
    ['203.0.113.9', 'documentation'],
    ['255.255.255.255', 'broadcast'],
    ['250.0.0.0', 'reserved'],
    ['8.8.8.8', undefined],
    ['::1', 'loopback'],
    ['::2', undefined],
    ['fd00::1', 'private'],
    ['fe00::1', undefined],
    ['febf::1', 'link-local'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['2001:db8::1', 'documentation'],
    ['2001:db9::1', undefined],
  ] as const)
    assert.equal(specialUse(addressBytes(text)!), expected, text)
})
