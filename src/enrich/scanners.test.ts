import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as v from 'valibot'
import { addressBytes } from './address.ts'
import { readScanners, scannersOf, scannersSchema } from './scanners.ts'

const list = readScanners()

test('the list that ships: every range at both ends, and not beyond', () => {
  const who = scannersOf(list)
  const at = (ip: string) => who(addressBytes(ip)!)
  for (const { name, ranges } of list.organisations)
    for (const range of ranges) assert.equal(at(range.split('/')[0]!), name, range)
  for (const [ip, name] of [
    ['162.142.125.255', 'Censys'],
    ['162.142.126.0', undefined],
    ['162.142.124.255', undefined],
    ['206.168.35.255', 'Censys'],
    ['2602:80d:1006::5', 'Censys'],
    ['2602:80d:1010::5', undefined],
    ['71.6.199.23', 'Shodan'],
    ['71.6.199.24', undefined],
    ['::ffff:71.6.199.23', 'Shodan'],
    ['0.0.0.0', undefined],
    ['255.255.255.255', undefined],
    ['::', undefined],
  ] as const)
    assert.equal(at(ip), name, ip)
})

test('no range stands twice, none overlaps another', () => {
  const who = scannersOf(list)
  const names = list.organisations.map(({ name }) => name)
  assert.equal(new Set(names).size, names.length)
  for (const { name, ranges } of list.organisations)
    for (const range of ranges) {
      const others = scannersOf({
        ...list,
        organisations: list.organisations.map(found => ({
          ...found,
          ranges: found.ranges.filter(other => other !== range || found.name !== name),
        })),
      })
      const address = addressBytes(range.split('/')[0]!)!
      assert.equal(others(address), undefined, range)
      assert.equal(who(address), name)
    }
})

test('what is no network, or names bits beyond its mask, is refused', () => {
  const [first] = list.organisations
  for (const range of ['192.0.2.1/24', '192.0.2.0/33', '10.0.0.0/4', 'example', '2001:db8::1/32', '1.2.3.4/8/8'])
    assert.equal(v.is(scannersSchema, { ...list, organisations: [{ ...first, ranges: [range] }] }), false, range)
})
