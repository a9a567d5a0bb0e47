import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numbers } from '#codec/testing.ts'
import type { Event } from '#events/event.ts'
import { NumberSet } from './numbers.ts'
import { captured, scanOf } from './testing.ts'

/** The ports that these events tell. */
function portsOf(events: Event[]): number[] {
  return events.flatMap(event =>
    (scanOf(event).ports ?? []).flatMap(range => {
      const [first, last = first] = range.split('-').map(Number)
      return Array.from({ length: last! - first! + 1 }, (_, i) => first! + i)
    }),
  )
}

test('a set of numbers tells its ranges, small or big', () => {
  const set = new NumberSet()
  for (const n of [22, 80, 81, 443, 82, 65_535, 0, 22]) set.add(n)
  assert.deepEqual([set.ranges(), set.size, set.big], [['0', '22', '80-82', '443', '65535'], 7, false])
  const draw = numbers(3)
  const plain = new Set<number>()
  for (let n = 0; n < 5000; n++) {
    const number = draw(65_536)
    assert.equal(set.add(number), !(plain.has(number) || [22, 80, 81, 443, 82, 65_535, 0].includes(number)))
    plain.add(number)
  }
  assert.ok(set.big)
  for (let n = 0; n < 65_536; n++) set.add(n)
  assert.deepEqual([set.ranges(), set.size], [['0-65535'], 65_536])
  set.clear()
  assert.deepEqual([set.ranges(), set.size, set.big], [[], 0, false])
})

test('a scan of all ports is a few events, and every port is told once, with its true number', async () => {
  const c = captured()
  for (let port = 0; port < 65_536; port++) {
    c.come({ flags: 1, destinationPort: (port * 40_503) & 0xffff })
    if (port % 5000 === 4999) c.pass(1)
  }
  c.pass(400)
  const scans = await c.of('scan')
  assert.ok(scans.length < 60, `${scans.length} events`)
  const ports = portsOf(scans)
  assert.equal(ports.length, 65_536)
  assert.equal(new Set(ports).size, 65_536)
  const last = scans.at(-1)!
  assert.deepEqual([scanOf(last).count, scanOf(last).packets, last.event.reason], [65_536, 65_536, 'silent'])
  assert.equal(new Set(scans.map(event => event.skep.session)).size, 1)
  assert.deepEqual(
    scans.map(event => event.event.sequence),
    scans.map((_, i) => i),
  )
})

test('many ranges take several events, none longer than its bound', async () => {
  const c = captured()
  for (let port = 0; port < 65_536; port += 2) c.come({ flags: 1, destinationPort: port })
  c.pass(2)
  const scans = await c.of('scan')
  assert.equal(scans.length, 32)
  assert.equal(portsOf(scans).length, 32_768)
  for (const scan of scans) assert.ok(JSON.stringify(scan).length < 16_384)
})

test('a burst of many ports is told once it is over, not when its time has come', async () => {
  const c = captured()
  c.come({ flags: 1, destinationPort: 1 })
  c.pass(2)
  for (let port = 2; port < 1000; port++) c.come({ flags: 1, destinationPort: port })
  c.pass(2)
  assert.equal((await c.of('scan')).length, 1)
  c.pass(2)
  assert.deepEqual(
    (await c.of('scan')).flatMap(event => scanOf(event).ports),
    ['1', '2-999'],
  )
})

test('a slow scan is told at intervals that double, and once more at its end', async () => {
  const c = captured()
  for (let n = 0; n < 600; n++) {
    c.come({ flags: 1, destinationPort: n })
    c.pass(1)
  }
  c.pass(301)
  const scans = await c.of('scan')
  assert.ok(scans.length >= 6 && scans.length <= 9, `${scans.length} events`)
  assert.equal(new Set(portsOf(scans)).size, 600)
  assert.deepEqual([scans[0]!.event.reason, scans.at(-1)!.event.reason], [undefined, 'silent'])
  assert.equal(scanOf(scans.at(-1)!).rate, 1)
})

test('sources over the cap: the story silent for longest ends, told to its end', async () => {
  const c = captured({ most: 10 })
  for (let n = 0; n < 30; n++) {
    c.come({ flags: 1, source: `192.0.2.${n}`, destinationPort: n })
    c.tick(1100)
  }
  const scans = await c.of('scan')
  assert.equal(c.seen.stats().stories, 10)
  assert.equal(c.seen.stats().evicted, 20)
  assert.deepEqual(
    scans.map(event => event.event.reason),
    Array(20).fill('evicted'),
  )
  assert.deepEqual(
    portsOf(scans),
    Array.from({ length: 20 }, (_, n) => n),
  )
})

test('scanners with a bit a port are few: the oldest of them ends', async () => {
  const c = captured({ mostBig: 2 })
  for (const source of ['192.0.2.1', '192.0.2.2', '192.0.2.3'])
    for (let port = 0; port < 200; port++) c.come({ flags: 1, source, destinationPort: port })
  assert.equal(c.seen.stats().big, 2)
  const [evicted] = await c.of('scan')
  assert.deepEqual([evicted!.source!.ip, evicted!.event.reason], ['192.0.2.1', 'evicted'])
})

test('forged sources share a story once they come too fast, and are counted about right', async () => {
  const c = captured({ begun: 10, burst: 100 })
  for (let n = 0; n < 20_000; n++)
    c.come({ flags: 1, source: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, destinationPort: n & 0xfff })
  c.pass(3)
  const scans = await c.of('scan')
  assert.equal(scans.length, 101)
  const shared = scans.filter(event => event.source === undefined)
  assert.equal(shared.length, 1)
  assert.equal(scanOf(shared[0]!).packets, 19_900)
  const { sources } = scanOf(shared[0]!)
  assert.ok(sources! > 19_000 && sources! < 21_000, `${sources}`)
  assert.equal(new Set(portsOf(scans)).size, 4096)
})

test('at the end everything is told', async () => {
  const c = captured()
  c.come({ destinationPort: 5555 })
  c.come({ flags: 0, destinationPort: 6666 })
  c.seen.close()
  assert.deepEqual(portsOf(await c.of('scan')).sort(), [5555, 6666])
})
