import assert from 'node:assert/strict'
import { it } from 'node:test'
import { columns } from '../src/chart/columns.ts'

const span = { from: 1500, to: 5000, interval: 1000 }

it('aligns buckets, fills the empty ones and puts the largest series first', () => {
  const rows = [
    { at: 1000, value: 'ftp', count: 1, sources: 1 },
    { at: 3000, value: 'ssh', count: 5, sources: 1 },
    { at: 9000, value: 'ssh', count: 7, sources: 1 },
  ]
  const { times, series } = columns(rows, span)
  assert.deepEqual(times, [1000, 2000, 3000, 4000])
  assert.deepEqual(series, [
    { name: 'ssh', label: 'ssh', counts: [0, 0, 5, 0] },
    { name: 'ftp', label: 'ftp', counts: [1, 0, 0, 0] },
  ])
})

it('shows what a split leaves out as others, never less than nothing', () => {
  const rows = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(value => ({ at: 2000, value, count: 1, sources: 1 }))
  const totals = [
    { at: 2000, count: 10, sources: 2 },
    { at: 4000, count: 2, sources: 1 },
  ]
  const { series } = columns(rows, span, { label: 'others', totals })
  assert.deepEqual(series.at(-1), { name: '', label: 'others', counts: [0, 3, 0, 2] })
  assert.equal(columns(rows, span, { label: 'others', totals: [{ at: 2000, count: 1, sources: 1 }] }).series.length, 7)
})

it('has no others when the split names all there is, even if an event came between the two questions', () => {
  const rows = [{ at: 2000, value: 'ssh', count: 3, sources: 1 }]
  const totals = [{ at: 2000, count: 4, sources: 1 }]
  assert.equal(columns(rows, span, { label: 'others', totals }).series.length, 1)
})

it('draws a bounded number of buckets', () => {
  assert.equal(columns([], { from: 0, to: 1e12, interval: 1 }).times.length, 2000)
})
