import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Provider, providers } from './catalogue.ts'
import type { ConditionId, Lock } from './conditions.ts'
import { describeStanding, mustBeAllowed, NotAllowed, type Said, standingOf } from './standing.ts'

const NOW = Date.UTC(2026, 10, 22)
const known = { providers: providers(), guess: () => [] as Provider[], now: NOW }
const permission = { date: '2026-10-01', statement: 'Ticket 4711: the\nsupport agreed' }
const standing = (said: Said) => standingOf(said, known)

/** What has to be agreed or in force before this version may start, by condition; a new condition belongs here. */
const agreed: Record<ConditionId, Said | 'never' | 'lock' | 'silence'> = {
  'no-outbound': 'lock',
  'passive-only': 'silence',
  'low-impact': 'lock',
  'ask-first': 'never',
  'declare-research': { declared: '2026-10-01' },
}

for (const provider of providers()) {
  const { id, verdict, conditions, seen, name } = provider
  test(`${id}, ${verdict}: starts only where that is right`, () => {
    const bare = standing({ id })
    if (verdict === 'allowed') {
      assert.equal(bare.refusal, undefined)
      assert.doesNotThrow(() => mustBeAllowed({ id }, NOW))
    } else {
      const why = bare.refusal ?? assert.fail('it would start')
      for (const part of [name.en, seen, provider.reason.en, provider.where, `skep providers letter ${id}`])
        assert.ok(why.includes(part), part)
      for (const condition of conditions) assert.match(why, new RegExp(`^  ${condition}: \\S`, 'm'))
      assert.throws(() => mustBeAllowed({ id }, NOW), NotAllowed)
      // A declaration alone lifts no ban and proves nothing else.
      const lifted = conditions.length > 0 && conditions.every(c => typeof agreed[c] === 'object')
      assert.equal(standing({ id, declared: '2026-10-01' }).refusal === undefined, lifted)
    }
    const permitted = standing({ id, permission })
    assert.equal(permitted.refusal, undefined)
    assert.doesNotThrow(() => mustBeAllowed({ id, permission }, NOW))
    assert.match(describeStanding(permitted, NOW), /2026-10-01.*“Ticket 4711: the support agreed”/)
    for (const condition of conditions)
      assert.match(describeStanding(permitted, NOW), new RegExp(`${condition} (met|NOT proved)`))
  })
}

/** A provider of the catalogue, with one condition and nothing else. */
const under = (condition: ConditionId) => {
  const provider: Provider = { ...providers()[0]!, id: 'example', verdict: 'conditional', conditions: [condition] }
  return (said: Said, lock?: Lock) => standingOf({ id: 'example', ...said }, { ...known, providers: [provider], lock })
}

for (const [condition, said] of Object.entries(agreed) as [ConditionId, Said | 'never' | 'lock' | 'silence'][])
  test(`${condition} alone refuses a start${said === 'never' ? '' : ', until it is met'}`, () => {
    const at = under(condition)
    assert.match(at({}).refusal!, new RegExp(`^  ${condition}: \\S`, 'm'))
    assert.equal(at({ permission }).refusal, undefined)
    assert.equal(typeof at({}).provider!.conditions[0]!.unmet, 'string')
    if (said === 'lock' || said === 'silence') {
      for (const state of ['unproved', 'absent'] as const) {
        const { refusal } = at({ declared: '2026-10-01' }, { state, why: 'because' })
        assert.match(refusal!, /because/)
      }
      assert.equal(at({}, { state: 'proved' }).refusal === undefined, said === 'lock')
      assert.equal(at({}, { state: 'proved', silent: true }).refusal, undefined)
    } else if (said === 'never') assert.ok(at({ declared: '2026-10-01', contact: 'x', purpose: 'x' }).refusal)
    else {
      assert.equal(at(said).refusal, undefined)
      assert.deepEqual(at(said).provider!.conditions, [{ id: condition }])
      assert.match(describeStanding(at(said), NOW), new RegExp(`${condition} met.*declared on 2026-10-01`))
    }
  })

test('declare-research tells the command that writes the declaration', () => {
  assert.match(standing({ id: 'linode' }).refusal!, /declare-research: .*`skep providers letter linode`/)
  assert.doesNotMatch(standing({ id: 'linode', declared: '2026-10-01' }).refusal!, /declare-research/)
})

test('where nobody is named, nothing is refused, and it is said how to name one', () => {
  assert.doesNotThrow(() => mustBeAllowed({}, NOW))
  const alone = standingOf({}, known)
  assert.equal(alone.refusal, undefined)
  assert.match(describeStanding(alone, NOW), /^provider: not named, .* --provider ID/)
  const guessed = standingOf({}, { ...known, guess: () => providers().filter(({ id }) => id.startsWith('aws')) })
  assert.deepEqual(
    guessed.guesses.map(({ id, verdict, stale }) => [id, verdict, stale]),
    [
      ['aws', 'conditional', true],
      ['aws-lightsail', 'conditional', true],
    ],
  )
  const line = describeStanding(guessed, NOW)
  assert.match(line, /\(aws\) allows honeypots under conditions.* or AWS Lightsail \(aws-lightsail\)/)
  assert.equal(line.includes('\n'), false)
})

test('an id that there is not is a mistake of the caller', () => {
  assert.throws(() => standing({ id: 'constructor' }), /No such provider/)
})
