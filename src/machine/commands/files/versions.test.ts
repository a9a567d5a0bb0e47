import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareVersions } from './versions.ts'

test('names come in the order of their versions, and every pair has one', () => {
  const order = ['file1', 'file2', 'file10', 'file10.txt', 'file22', 'g1.0~rc1', 'g1.0', 'g1.01a']
  assert.deepEqual(order.toReversed().toSorted(compareVersions), order)
  const pieces = ['a', '1', '10', '22', '.', '~', '-', '0']
  for (let round = 0; round < 4096; round++) {
    const name = (n: number): string => [n & 7, (n >> 3) & 7, (n >> 6) & 7].map(index => pieces[index]).join('')
    const [a, b] = [name(round), name((round * 37 + 11) & 511)]
    assert.equal(Math.sign(compareVersions(a, b)), Math.sign(compareVersions(b, a)) * -1 || 0, `${a} ${b}`)
  }
})
