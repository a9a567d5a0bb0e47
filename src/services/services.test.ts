import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import * as v from 'valibot'
import type { Service } from '#sensor/service.ts'
import { services } from './index.ts'
import { play, playDatagrams } from './testing/play.ts'
import { escaped, parseTalk, type Talk } from './testing/talk.ts'

const here = import.meta.dirname
const folders = fs.readdirSync(here, { withFileTypes: true }).filter(e => e.isDirectory() && e.name !== 'testing')
const named = /^(done|eof|malformed|flooded|idle)$/
/** Truncations and flips tried per talk; longer talks are sampled evenly. */
const POINTS = 300

test('every folder is registered, and every registered service has a folder', () => {
  assert.deepEqual([...services.keys()].sort(), folders.map(f => f.name).sort())
})

for (const { name } of folders) {
  const folder = path.join(here, name)
  describe(name, async () => {
    const service: Service<unknown> = (await services.get(name)!()).default
    await service.load?.(false)
    const talks = fs.existsSync(path.join(folder, 'talks'))
      ? fs.readdirSync(path.join(folder, 'talks')).filter(file => file.endsWith('.talk'))
      : []

    test('has the form of a service', () => {
      assert.equal(service.name, name)
      assert.ok(service.title.length > 5 && service.listen.length > 0)
      assert.ok(service.session ?? service.datagram)
      assert.ok(!service.listen.some(e => e.tls) || service.tls, 'A TLS port needs tls()')
      v.parse(service.options, {})
      const readme = fs.readFileSync(path.join(folder, 'README.md'), 'utf8')
      for (const heading of ['Pretends', 'Who comes', 'Spec', 'Not emulated'])
        assert.match(readme, new RegExp(`^## ${heading}$`, 'm'))
    })

    test('has a recorded talk', () => assert.ok(talks.length > 0))

    for (const file of talks) {
      const talk = parseTalk(fs.readFileSync(path.join(folder, 'talks', file), 'utf8'))
      const pieces = talk.steps.map(step => step.client)
      const whole = Buffer.concat(pieces)
      const answer = Buffer.concat(talk.steps.map(step => step.server))
      const how = { options: talk.options, ...(talk.port === undefined ? {} : { port: talk.port }) }

      if (talk.transport === 'udp') {
        test(`${file}: as recorded, datagram by datagram`, () => {
          const played = playDatagrams(service, pieces, how)
          inOrder(talk, played.heard, played.marks)
          assert.deepEqual(played.events, talk.events)
          assert.match(played.ending, named)
        })
        test(`${file}: survives truncation and bit flips`, () => {
          for (const at of spread(whole.length, POINTS)) {
            const damaged = Buffer.from(whole)
            damaged[at]! ^= 1 << (at % 8)
            assert.match(
              playDatagrams(service, apart(damaged, pieces), how).ending,
              named,
              `bit ${at % 8} of byte ${at}`,
            )
            const short = apart(whole, pieces).map(piece => piece.subarray(0, at % (piece.length + 1)))
            assert.match(playDatagrams(service, short, how).ending, named, `${at} bytes`)
          }
        })
        continue
      }
      test(`${file}: as recorded, message by message`, async () => {
        const played = await play(service, pieces, how)
        inOrder(talk, played.heard, played.marks)
        assert.deepEqual(played.events, talk.events)
        assert.match(played.ending, named)
      })
      test(`${file}: in one segment, and byte by byte`, async () => {
        for (const cut of [[whole], Array.from(whole, byte => Buffer.of(byte))]) {
          const played = await play(service, cut, how)
          assert.equal(escaped(played.heard), escaped(answer))
          assert.deepEqual(played.events, talk.events)
        }
      })
      test(`${file}: survives truncation and bit flips`, async () => {
        for (const at of spread(whole.length, POINTS)) {
          assert.match((await play(service, [whole.subarray(0, at)], how)).ending, named)
          const flipped = Buffer.from(whole)
          flipped[at]! ^= 1 << (at % 8)
          assert.match((await play(service, [flipped], how)).ending, named, `bit ${at % 8} of byte ${at}`)
        }
      })
    }
  })
}

function inOrder(talk: Talk, heard: Buffer, marks: number[]) {
  let at = 0
  talk.steps.forEach((step, i) => {
    const end = i === talk.steps.length - 1 ? heard.length : marks[i]!
    assert.equal(escaped(heard.subarray(at, end)), escaped(step.server), `Answer ${i + 1}`)
    at = end
  })
}

/** `whole` in pieces of the same lengths as these. */
function apart(whole: Buffer, pieces: Buffer[]): Buffer[] {
  let end = 0
  return pieces.map(({ length }) => {
    end += length
    return whole.subarray(end - length, end)
  })
}

const spread = (length: number, points: number) =>
  Array.from({ length: Math.min(length, points) }, (_, i) => Math.floor((i * length) / Math.min(length, points)))
