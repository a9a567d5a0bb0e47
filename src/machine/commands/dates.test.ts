import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDate } from './dates.ts'

const now = Date.UTC(2026, 0, 15, 9, 30)
const shown = (text: string): string => {
  const time = parseDate(text, now)
  return time === undefined ? 'invalid' : new Date(time).toISOString().slice(0, 19)
}

test('dates mean what GNU date 9.1 says they mean', () => {
  // A Thursday; each answer is that of `date -u -d` at that moment.
  const table: [string, string][] = [
    ['2024-01-15', '2024-01-15T00:00:00'],
    ['2024-01-15 10:00:00.5 +0200', '2024-01-15T08:00:00'],
    ['2024-01-15T10:00:00Z', '2024-01-15T10:00:00'],
    ['Jan 15, 2024', '2024-01-15T00:00:00'],
    ['Mon Jan 15 10:00:00 UTC 2024', '2024-01-15T10:00:00'],
    ['1/15', '2026-01-15T00:00:00'],
    ['20240115 1030', '2024-01-15T10:30:00'],
    ['next monday', '2026-01-19T00:00:00'],
    ['last friday', '2026-01-09T00:00:00'],
    ['3 days ago', '2026-01-12T09:30:00'],
    ['tomorrow 10:00', '2026-01-16T10:00:00'],
    ['yesterday 2pm', '2026-01-14T14:00:00'],
    ['10:00 EST', '2026-01-15T15:00:00'],
    ['2024-01-15 10:00 1 hour ago', '2024-01-15T09:00:00'],
    ['@1700000000', '2023-11-14T22:13:20'],
    ['', '2026-01-15T00:00:00'],
    ['2024-02-30', 'invalid'],
    ['1.5 days ago', 'invalid'],
    ['10:61', 'invalid'],
    ['noon', 'invalid'],
  ]
  assert.deepEqual(
    table.map(([text]) => [text, shown(text)]),
    table,
  )
})

test('whatever is typed as a date, an answer comes', () => {
  const words = [
    '1',
    '-',
    '+5',
    'jan',
    'mon',
    ':',
    '/',
    ',',
    '(',
    ')',
    'ago',
    'day',
    '@',
    'z',
    'utc',
    '99999999',
    't',
    'pm',
    '.',
  ]
  let seed = 7
  const random = (most: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return seed % most
  }
  for (let round = 0; round < 20_000; round++) {
    const text = Array.from({ length: 1 + random(8) }, () => words[random(words.length)]).join(random(2) ? ' ' : '')
    const time = parseDate(text, now)
    assert.ok(time === undefined || Number.isFinite(time), text)
  }
  assert.equal(parseDate('1 '.repeat(300), now), undefined)
})
