import assert from 'node:assert/strict'
import fs from 'node:fs'
import { describe, test } from 'node:test'
import { testPersona } from '#services/testing/persona.ts'
import { playDatagrams, TALK_TIME } from '#services/testing/play.ts'
import { burst, filledBurst, mixedBurst } from '../../../test/oracle/ntp/datagrams.ts'
import ntp from './index.ts'

await ntp.load!(false)

type Recorded = {
  datagrams: Record<string, { sent: string; answer: string | null }>
  bursts: Record<string, (string | null)[]>
}
const fixture = new URL('../../../test/oracle/ntp/fixtures/ntpsec-1.2.2-debian12.json', import.meta.url)
const recorded = JSON.parse(fs.readFileSync(fixture, 'utf8')) as Recorded

/**
 * Without what is the recorded machine's own: precision, root delay and dispersion, reference, receive and transmit time.
 * A kiss-o'-death has nothing of its own.
 */
function masked(answer: string | null): string | null {
  if (answer === null || answer.slice(24, 32) === Buffer.from('RATE').toString('hex')) return answer
  const bytes = Buffer.from(answer, 'hex')
  return bytes.fill(0, 3, 24).fill(0, 32, 48).toString('hex')
}

const answersTo = (sent: Buffer[]): (string | null)[] => {
  const { heard, marks } = playDatagrams(ntp, sent)
  return marks.map((mark, i) => {
    const answer = heard.subarray(marks[i - 1] ?? 0, mark)
    return answer.length ? answer.toString('hex') : null
  })
}

describe('answers as ntpsec 1.2.2 did', () => {
  for (const [name, { sent, answer }] of Object.entries(recorded.datagrams))
    test(name, () => assert.equal(masked(answersTo([Buffer.from(sent, 'hex')])[0]!), masked(answer)))
  for (const [name, sent] of Object.entries({ client: burst, filled: filledBurst, mixed: mixedBurst }))
    test(`many from one address: ${name}`, () =>
      assert.deepEqual(answersTo(sent).map(masked), recorded.bursts[name]!.map(masked)))
})

test('the times in an answer are those of one machine', () => {
  const question = Buffer.from(recorded.datagrams['as ntpdate asks']!.sent, 'hex')
  const answers = answersTo([question, question, question]).map(hex => Buffer.from(hex!, 'hex'))
  const at = (answer: Buffer, offset: number) =>
    Number((answer.readBigUInt64BE(offset) * 1_000_000n) >> 32n) / 1000 - 2_208_988_800_000
  let before = 0
  for (const answer of answers) {
    const [reference, receive, transmit] = [at(answer, 16), at(answer, 32), at(answer, 40)]
    assert.ok(reference > testPersona.bootedAt && TALK_TIME - reference < 2 * 1_088_000)
    assert.ok(Math.abs(receive - TALK_TIME - testPersona.clockSkew) < 2)
    assert.ok(receive > before && transmit - receive > 0.02 && transmit - receive < 0.2)
    before = transmit
    assert.ok(answer.readUInt32BE(4) / 65_536 < 0.1 && answer.readUInt32BE(8) / 65_536 < 0.1)
  }
})
