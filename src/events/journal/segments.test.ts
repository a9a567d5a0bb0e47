import assert from 'node:assert/strict'
import fs from 'node:fs'
import { test } from 'node:test'
import { listSegments, nextSegment, parseSegment } from './segments.ts'
import { temporaryDirectory } from './testing.ts'

const at = Date.UTC(2026, 10, 21, 22)

test('a segment tells its writer and its time, and no other file is taken for one', () => {
  assert.deepEqual(parseSegment('tcp-20261121T220000Z-0001.jsonl'), {
    name: 'tcp-20261121T220000Z-0001',
    writer: 'tcp',
    startedAt: at,
    plain: true,
    compressed: false,
  })
  assert.equal(parseSegment('tcp-20261121T220000Z-0001.jsonl.zst')?.compressed, true)
  for (const other of [
    'tcp-20261121T220000Z-0001.jsonl.zst.tmp',
    'tcp-20261121T220000Z-0001.json',
    'tcp-20261121T220000Z-1.jsonl',
    '-20261121T220000Z-0001.jsonl',
    'x/tcp-20261121T220000Z-0001.jsonl',
    '.gitkeep',
  ])
    assert.equal(parseSegment(other), undefined, other)
})

test('names follow each other in order, even when the clock goes back or a second has ten thousand', () => {
  const names = [nextSegment('tcp', at)]
  for (const now of [at, at + 999, at + 1000, at - 86_400_000, at + 500, at + 3_600_000])
    names.push(nextSegment('tcp', now, names.at(-1)))
  assert.deepEqual(names, [
    'tcp-20261121T220000Z-0001',
    'tcp-20261121T220000Z-0002',
    'tcp-20261121T220000Z-0003',
    'tcp-20261121T220001Z-0001',
    'tcp-20261121T220001Z-0002',
    'tcp-20261121T220001Z-0003',
    'tcp-20261121T230000Z-0001',
  ])
  assert.equal(nextSegment('tcp', at, 'tcp-20261121T220000Z-9999'), 'tcp-20261121T220001Z-0001')
})

test('both forms of one segment are listed once', t => {
  const directory = temporaryDirectory(t)
  for (const file of [
    'udp-20261121T220000Z-0001.jsonl',
    'tcp-20261121T220000Z-0002.jsonl',
    'tcp-20261121T220000Z-0001.jsonl',
    'tcp-20261121T220000Z-0001.jsonl.zst',
    'tcp-20261121T220000Z-0001.jsonl.zst.tmp',
  ])
    fs.writeFileSync(`${directory}/${file}`, '')
  assert.deepEqual(
    listSegments(directory).map(({ name, plain, compressed }) => [name, plain, compressed]),
    [
      ['tcp-20261121T220000Z-0001', true, true],
      ['tcp-20261121T220000Z-0002', true, false],
      ['udp-20261121T220000Z-0001', true, false],
    ],
  )
})
