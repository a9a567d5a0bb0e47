import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { addressBytes } from './address.ts'
import { BadMmdb, type MmdbValue, openMmdb } from './mmdb.ts'
import { bits, Double, encode, mmdb, type Plain, Pointer } from './mmdb-writer.ts'

const directory = mkdtempSync(join(tmpdir(), 'skep-mmdb-'))
after(() => rmSync(directory, { recursive: true }))
let files = 0
function write(bytes: Buffer) {
  const path = join(directory, `${files++}.mmdb`)
  writeFileSync(path, bytes)
  return path
}

const plain = (value: MmdbValue | undefined): unknown =>
  value instanceof Map
    ? Object.fromEntries([...value].map(([k, v]) => [k, plain(v)]))
    : Array.isArray(value)
      ? value.map(plain)
      : value

const prefixes: [string, number, Plain][] = [
  ['192.0.2.0', 24, { country: { iso_code: 'JP' }, lat: new Double(35.5) }],
  ['198.51.100.128', 25, { names: ['a', 'b'.repeat(300)], big: 2n ** 100n, flag: true, zero: 0, four: 4_000_000_000 }],
]

for (const size of [24, 28, 32] as const)
  test(`records of ${size} bits: what was put in is found, and nothing beside it`, () => {
    const v4 = openMmdb(
      write(
        mmdb(
          prefixes.map(([ip, n, value]) => [bits(addressBytes(ip)!, n), value]),
          4,
          size,
        ),
      ),
    )
    const v6 = openMmdb(
      write(
        mmdb(
          [
            ...prefixes.map(([ip, n, value]): [string, Plain] => [
              `${'0'.repeat(96)}${bits(addressBytes(ip)!, n)}`,
              value,
            ]),
            [bits(addressBytes('2001:db8::')!, 32), 'six'],
          ],
          6,
          size,
        ),
      ),
    )
    for (const db of [v4, v6]) {
      assert.deepEqual(plain(db.lookup(addressBytes('192.0.2.77')!)), { country: { iso_code: 'JP' }, lat: 35.5 })
      assert.deepEqual(plain(db.lookup(addressBytes('198.51.100.200')!)), {
        names: ['a', 'b'.repeat(300)],
        big: 2n ** 100n,
        flag: true,
        zero: 0,
        four: 4_000_000_000,
      })
      for (const ip of ['192.0.3.1', '198.51.100.127', '0.0.0.0', '255.255.255.255'])
        assert.equal(db.lookup(addressBytes(ip)!), undefined)
      assert.equal(db.type, 'Test')
    }
    assert.equal(v6.lookup(addressBytes('2001:db8::1')!), 'six')
    assert.equal(v4.lookup(addressBytes('2001:db8::1')!), undefined)
    v4.close()
    v6.close()
  })

test('a record may point into the data section', () => {
  const shared = encode({ city: 'Kyoto' })
  const db = openMmdb(write(mmdb([['1', { a: new Pointer(0), b: new Pointer(0) }]], 4, 24, shared)))
  assert.deepEqual(plain(db.lookup(addressBytes('192.0.2.1')!)), { a: { city: 'Kyoto' }, b: { city: 'Kyoto' } })
})

test('records that never end are refused', () => {
  const first = encode(['x', new Pointer(0)])
  const loop = openMmdb(write(mmdb([['1', new Pointer(0)]], 4, 24, first)))
  assert.throws(() => loop.lookup(addressBytes('192.0.2.1')!), BadMmdb)
  // Each level points twice at the next: 2^40 values in a few hundred bytes.
  let bomb = encode('x')
  for (let level = 0, at = 0; level < 40; level++) {
    const next = encode([new Pointer(at), new Pointer(at)])
    at = bomb.length
    bomb = Buffer.concat([bomb, next])
  }
  const db = openMmdb(write(mmdb([['1', new Pointer(bomb.length - 12)]], 4, 24, bomb)))
  assert.throws(() => db.lookup(addressBytes('192.0.2.1')!), BadMmdb)
})

test('damaged files are told apart from all other failures', () => {
  const good = mmdb(
    prefixes.map(([ip, n, value]) => [bits(addressBytes(ip)!, n), value]),
    4,
    28,
  )
  const survives = (bytes: Buffer) => {
    const path = write(bytes)
    try {
      const db = openMmdb(path)
      try {
        for (const ip of ['192.0.2.77', '198.51.100.200', '8.8.8.8']) db.lookup(addressBytes(ip)!)
      } finally {
        db.close()
      }
    } catch (error) {
      assert.ok(error instanceof BadMmdb, String(error))
    } finally {
      rmSync(path)
    }
  }
  for (let length = 0; length < good.length; length += 3) survives(good.subarray(0, length))
  for (let at = 0; at < good.length; at++) {
    const bytes = Buffer.from(good)
    bytes[at]! ^= 1 << (at % 8)
    survives(bytes)
    bytes[at] = 0xff
    survives(bytes)
  }
  assert.throws(() => openMmdb(join(directory, 'missing')), { code: 'ENOENT' })
})
