import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { addressBytes } from './address.ts'
import { buildAsnTable, openAsnTable } from './asn-table.ts'
import { openEnrichment } from './enrich.ts'
import { bits, Double, mmdb } from './mmdb-writer.ts'

const directory = mkdtempSync(join(tmpdir(), 'skep-enrich-'))
after(() => rmSync(directory, { recursive: true }))
const file = (name: string, bytes: string | Buffer) => {
  const path = join(directory, name)
  writeFileSync(path, bytes)
  return path
}

const v4 = file(
  'v4.csv',
  [
    '1.0.0.0,1.0.0.255,64500,"Exa""mple, Inc."',
    '1.0.4.0,1.0.7.255,64501,Second',
    'broken',
    '1.0.5.0,1.0.5.1,64502,Overlaps',
    '9.9.9.9,9.9.9.9,64500,"Exa""mple, Inc."',
  ].join('\n'),
)
const v6 = file('v6.csv', '2001:200::,2001:200:1b9:ffff:ffff:ffff:ffff:ffff,64503,Sixth\n2600::,2600::f,64501,Second\n')

test('the table of networks finds exactly the ranges it was made of', async () => {
  const path = join(directory, 'networks.bin')
  const done: number[] = []
  const made = await buildAsnTable({ v4, v6, edition: '1.2.3' }, path, part => done.push(part))
  assert.deepEqual(made, { ranges: 5, networks: 3, skipped: 2 })
  assert.equal(done.at(-1), 1)
  const table = openAsnTable(path, '1.2.3')!
  const first = { asn: 64500, network: 'Exa"mple, Inc.' }
  for (const [ip, expected] of [
    ['0.255.255.255', undefined],
    ['1.0.0.0', first],
    ['1.0.0.255', first],
    ['1.0.1.0', undefined],
    ['1.0.4.0', { asn: 64501, network: 'Second' }],
    ['1.0.5.0', { asn: 64501, network: 'Second' }],
    ['9.9.9.9', first],
    ['9.9.9.10', undefined],
    ['2001:1ff::', undefined],
    ['2001:200::1', { asn: 64503, network: 'Sixth' }],
    ['2001:200:1ba::', undefined],
    ['2600::f', { asn: 64501, network: 'Second' }],
    ['2600::10', undefined],
  ] as const)
    assert.deepEqual(table.lookup(addressBytes(ip)!), expected, ip)
  table.close()
})

test('a table of another edition, cut short or no table at all is not opened', async () => {
  const path = join(directory, 'other.bin')
  await buildAsnTable({ v4, v6, edition: '1.2.3' }, path)
  assert.equal(openAsnTable(path, '1.2.4'), undefined)
  truncateSync(path, readFileSync(path).length - 1)
  assert.equal(openAsnTable(path, '1.2.3'), undefined)
  assert.equal(openAsnTable(file('empty.bin', ''), '1.2.3'), undefined)
  assert.equal(openAsnTable(join(directory, 'missing.bin'), '1.2.3'), undefined)
})

test('the operator’s own MaxMind files are asked', async () => {
  const net = bits(addressBytes('8.8.8.0')!, 24)
  const city = {
    country: { iso_code: 'US' },
    city: { names: { en: 'Springfield', ja: 'スプリングフィールド' } },
    location: { latitude: new Double(37.42199), longitude: new Double(-122.08499) },
  }
  const options = {
    state: directory,
    city: file('city.mmdb', mmdb([[`${'0'.repeat(96)}${net}`, city]], 6, 28)),
    asn: file(
      'asn.mmdb',
      mmdb([[net, { autonomous_system_number: 64500, autonomous_system_organization: 'Example' }]], 4, 24),
    ),
  }
  const enrichment = await openEnrichment(options)
  const place = { country: 'US', city: 'Springfield', lat: 37.422, lon: -122.085, asn: 64500, network: 'Example' }
  assert.deepEqual(enrichment.locate('8.8.8.8'), place)
  assert.deepEqual(enrichment.locate('::ffff:8.8.8.8'), place)
  assert.deepEqual(enrichment.locate('9.9.9.9'), {})
  assert.deepEqual(enrichment.locate('2600::1'), {})
  assert.deepEqual(enrichment.locate('127.0.0.1'), { network: 'loopback' })
  assert.deepEqual(enrichment.locate('not an address'), {})
  assert.deepEqual(enrichment.problems(), [])
  enrichment.close()
})

test('a damaged database leaves its part out and says so', async () => {
  const enrichment = await openEnrichment({
    state: directory,
    city: file('bad.mmdb', 'no database'),
    asn: join(directory, 'missing.mmdb'),
  })
  assert.deepEqual(enrichment.locate('8.8.8.8'), {})
  assert.deepEqual(enrichment.locate('10.0.0.1'), { network: 'private' })
  assert.match(enrichment.problems().join('\n'), /bad\.mmdb: No MaxMind DB.*\n.*missing\.mmdb: ENOENT/)
  enrichment.close()
})

test('the databases that come with the program answer', async () => {
  const enrichment = await openEnrichment({ state: join(directory, 'state') })
  assert.deepEqual(enrichment.problems(), [])
  const { country, asn, network } = enrichment.locate('8.8.8.8')
  assert.deepEqual({ country, asn, network }, { country: 'US', asn: 15_169, network: 'Google LLC' })
  assert.equal(enrichment.locate('2400:4000::1').country, 'JP')
  enrichment.close()
})
