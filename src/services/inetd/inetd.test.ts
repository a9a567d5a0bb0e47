import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listeningRecorder, play, playDatagrams, testContext } from '#services/testing/play.ts'
import inetd from './index.ts'
import { datagram } from './serve.ts'

await inetd.load!(false)

test('chargen shows all lines in turn, each of 72 characters, and ends where it began', async () => {
  const { heard, ending } = await play(inetd, [], { port: 19 })
  assert.equal(ending, 'done')
  const lines = heard.toString().split('\r\n')
  assert.equal(lines.pop(), '')
  assert.ok(lines.length % 93 === 0 && heard.length >= 2 << 20)
  assert.ok(lines.every(line => line.length === 72))
  assert.equal(lines[0]!.slice(0, 8), '!"#$%&\'(')
  for (const i of [1, 22, 92, 93, 94]) assert.equal(lines[i]!.slice(0, 71), lines[i - 1]!.slice(1))
})

test('datagrams from other small services are not answered: nothing goes round for ever', () => {
  for (const port of [7, 13, 17, 19, 37]) {
    const { record, events } = listeningRecorder()
    const cx = { ...testContext(inetd, record, { port: 7 }), source: { ip: '198.51.100.23', port } }
    assert.equal(datagram(Buffer.from('x'), cx), undefined)
    assert.equal(events.filter(event => event.name === 'exploit').length, 1)
  }
})

test('over UDP only what is no larger than its question is heard', () => {
  for (const [port, question, heard] of [
    [19, 1, 0],
    [19, 1024, 1024],
    [13, 10, 0],
    [13, 26, 26],
    [37, 1, 0],
    [37, 4, 4],
    [7, 900, 900],
    [9, 900, 0],
  ] as const)
    assert.equal(playDatagrams(inetd, [Buffer.alloc(question, 65)], { port }).heard.length, heard, `${port}`)
})

test('what is discarded is kept', async () => {
  const { events, heard } = await play(inetd, [Buffer.from('hello '), Buffer.from('there')], { port: 9 })
  assert.equal(heard.length, 0)
  const payload = events.find(event => event.name === 'payload')!.details as { start: string; sample: { size: number } }
  assert.deepEqual([payload.start, payload.sample.size], ['hello there', 11])
})
