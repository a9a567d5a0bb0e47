import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Told } from './event.ts'
import { scanStory, united } from './scan.ts'

const chapter = (ports: string[], more: object = {}, reason?: string) =>
  ({
    '@timestamp': '2026-01-15T03:04:05Z',
    event: { id: 'x', action: 'scan', ...(reason === undefined ? {} : { reason }) },
    skep: { service: 'capture', scan: { kind: 'syn', ports, count: ports.length, packets: 1, bytes: 40, ...more } },
  }) as Told

test('chapters become one story: numbers together, the rest from the last', () => {
  const story = scanStory([
    chapter(['22', '80-90']),
    chapter(['91-100', '23'], { count: 23, packets: 30, tools: ['nmap'] }, 'silent'),
  ])
  assert.deepEqual(story?.stretches, [
    [22, 23],
    [80, 100],
  ])
  assert.deepEqual([story?.count, story?.packets, story?.tools, story?.over], [23, 30, ['nmap'], 'silent'])
})

test('what is no scan has no such story, and what is no port none of its places', () => {
  assert.equal(scanStory([]), undefined)
  assert.deepEqual(scanStory([chapter(['x', '90-80', '1-', '-1', '100000', '7'])])?.stretches, [[7, 7]])
  assert.deepEqual(
    united([
      [5, 9],
      [1, 3],
      [4, 4],
      [11, 12],
    ]),
    [
      [1, 9],
      [11, 12],
    ],
  )
})
