import assert from 'node:assert/strict'
import { test } from 'node:test'
import { integer, objectIdentifier, octetString, sequence, time } from './der.ts'

const hex = (bytes: Buffer): string => bytes.toString('hex')

test('lengths take as few octets as they can (X.690 §10.1)', () => {
  const table: [length: number, head: string][] = [
    [0, '0400'],
    [127, '047f'],
    [128, '048180'],
    [255, '0481ff'],
    [256, '04820100'],
    [65535, '0482ffff'],
    [65536, '0483010000'],
  ]
  for (const [length, head] of table) {
    const encoded = octetString(Buffer.alloc(length, 0x41))
    assert.equal(hex(encoded).slice(0, head.length), head)
    assert.equal(encoded.length, head.length / 2 + length)
  }
  assert.equal(hex(sequence()), '3000')
})

test('integers are positive and as short as they can be (X.690 §8.3)', () => {
  const table: [magnitude: string, encoded: string][] = [
    ['', '020100'],
    ['00', '020100'],
    ['7f', '02017f'],
    ['80', '02020080'],
    ['0000ff01', '020300ff01'],
    ['0001', '020101'],
  ]
  for (const [magnitude, encoded] of table) assert.equal(hex(integer(Buffer.from(magnitude, 'hex'))), encoded)
})

test('object identifiers', () => {
  assert.equal(hex(objectIdentifier('1.2.840.113549.1.1.11')), '06092a864886f70d01010b')
  assert.equal(hex(objectIdentifier('2.5.29.17')), '0603551d11')
  assert.equal(hex(objectIdentifier('2.999.3')), '0603883703')
})

test('times turn to four-digit years in 2050 (RFC 5280 §4.1.2.5)', () => {
  assert.equal(time(Date.UTC(2049, 11, 31, 23, 59, 59)).toString('latin1'), '\x17\x0d491231235959Z')
  assert.equal(time(Date.UTC(2050, 0, 1)).toString('latin1'), '\x18\x0f20500101000000Z')
})
