import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawFrom } from './draw.ts'
import { asOf, packageVersion, releases } from './releases/index.ts'

const seed = Buffer.alloc(32, 1)

test('draws repeat for the same label and differ for another', () => {
  const numbers = (label: string): number[] => {
    const draw = drawFrom(seed, label)
    return Array.from({ length: 20 }, () => draw.below(1e6))
  }
  assert.deepEqual(numbers('a'), numbers('a'))
  assert.notDeepEqual(numbers('a'), numbers('b'))
})

test('draws reach both ends and keep to their weights', () => {
  const draw = drawFrom(seed, 'ends')
  const seen = new Set(Array.from({ length: 500 }, () => draw.between(3, 6)))
  assert.deepEqual([...seen].sort(), [3, 4, 5, 6])
  const heavy = Array.from({ length: 2000 }, () =>
    draw.weighted([
      [9, 'often'],
      [1, 'seldom'],
      [0, 'never'],
    ] as const),
  )
  const often = heavy.filter(word => word === 'often').length
  assert.ok(often > 1700 && often < 1900, `${often} of 2000`)
  assert.ok(!heavy.includes('never'))
  assert.throws(() => draw.pick([]), /empty list/)
  assert.throws(() => draw.weighted([]), /empty list/)
  assert.match(draw.string('01', 50), /^[01]{50}$/)
})

test('histories are in order, and an entry counts from its day on', () => {
  for (const [, { id, kernels, pretty, packages }] of releases)
    for (const [name, history] of Object.entries({ kernels, pretty, ...packages })) {
      const days = history.map(([since]) => Date.parse(since))
      assert.ok(days.length > 0 && !days.some(Number.isNaN), `${id} ${name}`)
      assert.deepEqual(
        days,
        [...days].sort((a, b) => a - b),
        `${id} ${name} is out of order`,
      )
    }
  const history = [
    ['2024-01-01', 'old'],
    ['2025-01-01', 'new'],
  ] as const
  assert.equal(asOf(history, Date.UTC(2023, 0, 1)), 'old')
  assert.equal(asOf(history, Date.UTC(2024, 11, 31)), 'old')
  assert.equal(asOf(history, Date.UTC(2025, 0, 1)), 'new')
})

test('package versions come apart as Debian Policy §5.6.12 says', () => {
  assert.deepEqual(packageVersion('1:9.2p1-2+deb12u7'), { upstream: '9.2p1', revision: '2+deb12u7' })
  assert.deepEqual(packageVersion('1.18.0-6ubuntu14.4'), { upstream: '1.18.0', revision: '6ubuntu14.4' })
  assert.deepEqual(packageVersion('5:7.0.15-1~deb12u10'), { upstream: '7.0.15', revision: '1~deb12u10' })
})
