import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testPersona } from '#services/testing/persona.ts'
import { systemClock } from './clock.ts'

const hour = 3600_000
const start = testPersona.bootedAt + 20_000

test('between two polls only the dispersion grows, by 15 µs a second; a new poll makes it small again', () => {
  let polls = 0
  for (let now = start + hour; now < start + 60 * hour; now += 60_000) {
    const [one, other] = [systemClock(testPersona, now), systemClock(testPersona, now + 60_000)]
    if (one.reference === other.reference) {
      const { rootDispersion: grown, ...rest } = other
      const { rootDispersion, ...same } = one
      assert.deepEqual(rest, same)
      assert.ok(grown - rootDispersion >= 57 && grown - rootDispersion <= 61)
    } else {
      polls++
      assert.ok(other.reference > one.reference)
    }
    assert.ok(one.rootDispersion < 0.07 * 65_536 && one.rootDelay < 0.05 * 65_536)
  }
  // 59 hours of polls every 1024 to 1088 s, in slots of the longer.
  assert.ok(polls >= 190 && polls <= 210, `${polls} polls`)
})

test('a server is followed for hours, and is not always the same', () => {
  const followed = Array.from({ length: 240 }, (_, i) => systemClock(testPersona, start + (i + 1) * hour))
  const changes = followed.filter((clock, i) => i > 0 && clock.refid !== followed[i - 1]!.refid).length
  assert.ok(changes >= 30 && changes <= 36, `${changes} changes in ten days`)
  assert.deepEqual([...new Set(followed.map(clock => clock.stratum))].sort(), [2, 3])
})

test('the last poll is never in the future, nor before the machine was up', () => {
  for (let now = start; now < start + 2 * hour; now += 7_000) {
    const { reference } = systemClock(testPersona, now)
    const seconds = Number(reference >> 32n) - 2_208_988_800
    assert.ok(seconds <= now / 1000 && seconds >= Math.floor(start / 1000))
    assert.ok(now / 1000 - seconds < 2 * 1088 + 1)
  }
})

test('a clock that is far off reaches no server, as ntpsec 1.2.2 said 29 s after its start', () => {
  const lost = systemClock({ ...testPersona, clockSkew: -700 }, start + 29_000)
  assert.deepEqual(lost, {
    leap: 3,
    stratum: 0,
    precision: lost.precision,
    rootDelay: 0,
    rootDispersion: 0x1d,
    refid: Buffer.from('INIT').readUInt32BE(),
    reference: 0n,
  })
})
