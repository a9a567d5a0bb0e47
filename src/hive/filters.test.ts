import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as v from 'valibot'
import { seeded } from '#codec/testing.ts'
import { fields } from '#store/store.ts'
import { fieldName, parseQuery, whole } from './filters.ts'
import { Problem } from './problem.ts'

const filter = (query: string) => parseQuery(query, {}, true).filter

test('fields, alternatives, exclusions, times and text', () => {
  for (const [query, expected] of [
    ['', {}],
    ['service=ssh&service=ftp', { where: [{ field: 'service', values: ['ssh', 'ftp'] }] }],
    ['country!=CN', { where: [{ field: 'country', not: true, values: ['CN'] }] }],
    [
      'user=root&user!=admin',
      {
        where: [
          { field: 'user', values: ['root'] },
          { field: 'user', not: true, values: ['admin'] },
        ],
      },
    ],
    ['password=', { where: [{ field: 'password', values: [''] }] }],
    ['password=a%26b%3D%E7%AE%A1', { where: [{ field: 'password', values: ['a&b=管'] }] }],
    ['from=1000&to=2000', { from: 1000, to: 2000 }],
    ['from=2026-06-01T09:00:00%2B09:00', { from: Date.UTC(2026, 5, 1) }],
    ['from=2026-06-01', { from: Date.UTC(2026, 5, 1) }],
    ['text=wget', { text: 'wget' }],
    ['text=', {}],
  ] as const)
    assert.deepEqual(filter(query), expected, query)
})

test('every field can be filtered by', () => {
  for (const field of fields) assert.deepEqual(filter(`${field}!=x`), { where: [{ field, not: true, values: ['x'] }] })
})

test('whatever cannot be understood is an error that names it', () => {
  const refused = (query: string, entries: v.ObjectEntries = {}, filtered = true) => {
    try {
      parseQuery(query, entries, filtered)
    } catch (error) {
      assert.ok(error instanceof Problem)
      assert.equal(error.status, 400)
      return error.extra.parameter
    }
    return assert.fail(`${query} was taken`)
  }
  const entries = { limit: v.optional(whole(1, 10), '5'), field: fieldName }
  assert.equal(refused('colour=red'), 'colour')
  assert.equal(refused('colour!=red'), 'colour!')
  assert.equal(refused('__proto__=1'), '__proto__')
  assert.equal(refused('constructor=1'), 'constructor')
  assert.equal(refused('from!=1'), 'from!')
  assert.equal(refused('service=ssh', {}, false), 'service')
  assert.equal(refused('from=1', {}, false), 'from')
  assert.equal(refused('from=yesterday'), 'from')
  assert.equal(refused('from=-1'), 'from')
  assert.equal(refused('from=2026-13-01'), 'from')
  assert.equal(refused('from=2026-06-01T09:00:00'), 'from')
  assert.equal(refused('from=5&to=5'), 'from')
  assert.equal(refused('from=1&from=2'), 'from')
  assert.equal(refused('limit=0&field=user', entries), 'limit')
  assert.equal(refused('limit=11&field=user', entries), 'limit')
  assert.equal(refused('limit=1e1&field=user', entries), 'limit')
  assert.equal(refused('field=colour', entries), 'field')
  assert.equal(refused('', entries), 'field')
  assert.equal(refused(`text=${'a'.repeat(1025)}`), 'text')
  assert.equal(refused(`${'n'.repeat(9999)}=1`), 'n'.repeat(64))
  assert.equal(refused(Array(51).fill('service=a').join('&')), 'service')
  assert.equal(refused(Array.from({ length: 201 }, (_, i) => `${fields[i % 20]}=a`).join('&')), undefined)
})

test('defaults are what the schema says', () => {
  const { values } = parseQuery('field=user', { limit: v.optional(whole(1, 10), '5'), field: fieldName }, false)
  assert.deepEqual(values, { limit: 5, field: 'user' })
})

test('ten thousand random queries give a filter within bounds or a 400', () => {
  const random = seeded(3)
  const pieces = [
    'service',
    'from',
    'to',
    'text',
    '=',
    '=',
    '!',
    '&',
    '&',
    '%',
    '%00',
    '%ff',
    '+',
    '1',
    '2026-06-01',
    'user',
    '__proto__',
    '\u0000',
    '💥',
    ',',
    ';',
    'x'.repeat(600),
  ]
  const outcomes = { taken: 0, refused: 0 }
  for (let n = 0; n < 10_000; n++) {
    const query = Array.from(
      { length: Math.floor(random() * 24) },
      () => pieces[Math.floor(random() * pieces.length)],
    ).join('')
    try {
      const { from, to, text, where = [] } = filter(query)
      assert.ok(
        [from, to].every(ms => ms === undefined || Number.isFinite(ms)),
        query,
      )
      assert.ok((text?.length ?? 0) <= 1024)
      for (const { field, values } of where) {
        assert.ok(fields.includes(field))
        assert.ok(values.length > 0 && values.length <= 50)
      }
      outcomes.taken++
    } catch (error) {
      assert.ok(error instanceof Problem, `${query}: ${error}`)
      outcomes.refused++
    }
  }
  assert.ok(outcomes.taken > 100 && outcomes.refused > 100, JSON.stringify(outcomes))
})
