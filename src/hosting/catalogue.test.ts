import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as v from 'valibot'
import { catalogue, catalogueSchema, isStale, providers, withAge } from './catalogue.ts'
import { conditionIds } from './conditions.ts'

const NOW = Date.UTC(2026, 10, 22)

test('the catalogue keeps its own rules, and knows every provider that was asked', () => {
  const ids = providers().map(({ id }) => id)
  assert.deepEqual(
    ids,
    'ablenet aws aws-lightsail azure conoha gmo-cloud kagoya linode onamae sakura serversman vultr webarena'.split(' '),
  )
})

test('both languages are there, and each is what it says', () => {
  for (const { id, reason, stricter, source } of providers())
    for (const text of [reason, stricter, catalogue().sources[source]].filter(text => text !== undefined)) {
      assert.match(text.ja, /[ぁ-ん]/, `${id}: ${text.ja}`)
      assert.doesNotMatch(text.en, /[ぁ-んァ-ン一-龠]/, `${id}: ${text.en}`)
    }
})

test('no answer comes from the future, and an old one is told to be old', () => {
  for (const { id, seen } of providers()) assert.ok(Date.parse(seen) <= Date.now(), id)
  assert.equal(isStale('2025-11-22', NOW), false)
  assert.equal(isStale('2025-11-21', NOW), true)
  assert.equal(withAge('2026-11-01', NOW), '2026-11-01')
  assert.equal(withAge('2025-11-01', NOW), '2025-11-01, over a year ago')
  assert.equal(withAge('2020-03-17', NOW), '2020-03-17, 6 years ago')
})

test('an entry that breaks a rule is refused', () => {
  const [good] = providers().filter(({ id }) => id === 'kagoya')
  const parse = (changes: object, twice = false) => {
    const entry = { ...good, ...changes }
    return v.safeParse(catalogueSchema, { ...catalogue(), providers: twice ? [entry, entry] : [entry] }).success
  }
  assert.equal(parse({}), true)
  assert.equal(parse({}, true), false)
  const wrong: object[] = [
    { id: 'No Spaces' },
    { name: { en: 'English only' } },
    { reason: { en: 'x', ja: '' } },
    { seen: '2026-02-30' },
    { seen: 'lately' },
    { source: 'hearsay' },
    { where: 'http://example.com/' },
    { verdict: 'perhaps' },
    { verdict: 'allowed' },
    { verdict: 'forbidden' },
    { conditions: [] },
    { conditions: ['be-nice'] },
    { asks: ['favourite-colour'] },
    { dmi: [{}] },
    { dmi: [{ sys_vendor: '(' }] },
    { dmi: [{ product_serial: 'x' }] },
    { colour: 'red' },
  ]
  for (const changes of wrong) assert.equal(parse(changes), false, JSON.stringify(changes))
  assert.ok(conditionIds.includes('ask-first'))
  assert.equal(parse({ verdict: 'unclear', conditions: ['ask-first'] }), true)
})
