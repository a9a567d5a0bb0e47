import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { play } from '#services/testing/play.ts'
import smtp from './index.ts'

const say = (...lines: string[]) => lines.map(line => Buffer.from(`${line}\r\n`, 'latin1'))
const relayed = ['MAIL FROM:<a@client.example>', 'RCPT TO:<x@mailbox.example>', 'DATA', 'Subject: x\r\n\r\nx\r\n.']
const mails = (events: { name: string; details: unknown }[]) => events.filter(({ name }) => name === 'mail')

describe('mail of strangers to strangers', () => {
  test('is refused where the operator refuses it', async () => {
    const { heard, events } = await play(smtp, say('EHLO x', ...relayed.slice(0, 3)), { options: { relay: 'refuse' } })
    assert.match(heard.toString(), /^454 4\.7\.1 <x@mailbox\.example>: Relay access denied\r$/m)
    assert.equal(mails(events).length, 0)
  })
  test('is held for so many messages of a source, over all its connections', async () => {
    const how = { options: { relay: { first: 3 } }, memory: new Map<string, object>() }
    const first = await play(smtp, say('EHLO x', ...relayed, ...relayed), how)
    const second = await play(smtp, say('EHLO x', ...relayed, ...relayed), how)
    assert.equal(mails(first.events).length + mails(second.events).length, 3)
    assert.match(second.heard.toString(), /^450 4\.7\.1 Error: too much mail from 198\.51\.100\.23\r$/m)
  })
  test('is held without end for somebody who logged in, and counted for nobody', async () => {
    const options = { relay: 'refuse', access: { rules: ['bob:x'] } }
    const login = `AUTH PLAIN ${Buffer.from('\0bob\0x').toString('base64')}`
    const { events } = await play(smtp, say('EHLO x', login, ...relayed, ...relayed), { options })
    assert.equal(mails(events).length, 2)
  })
})

test('passwords stand in log-in events alone', async () => {
  const login = `AUTH PLAIN ${Buffer.from('\0bob\0s3cret').toString('base64')}`
  const { events } = await play(smtp, say('EHLO x', login))
  const others = JSON.stringify(events.filter(({ name }) => name !== 'login'))
  assert.doesNotMatch(others, /s3cret|AGJvYgBzM2NyZXQ=/)
})

test('a message larger than the limit is refused, told of, and not counted', async () => {
  const big = Buffer.concat([
    Buffer.from('Subject: big\r\n\r\n'),
    Buffer.alloc(10_300_000, 'x\r\n'),
    Buffer.from('\r\n.\r\n'),
  ])
  const { heard, events } = await play(smtp, [...say('EHLO x', ...relayed.slice(0, 3)), big, ...say('QUIT')])
  assert.match(heard.toString(), /^552 5\.3\.4 Error: message file too big\r$/m)
  assert.equal((mails(events)[0]!.details as { fate: string }).fate, 'refused')
})

test('broken and endless MIME is kept whole and holds nobody up', async () => {
  const nested = Array.from(
    { length: 400 },
    (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`,
  ).join('')
  for (const body of [nested, `Subject: ${'=?utf-8?q?'.repeat(2000)}\r\n\r\nx`, `${'X: y\r\n'.repeat(60_000)}\r\n`]) {
    const { events, ending } = await play(smtp, [
      ...say('EHLO x', ...relayed.slice(0, 3)),
      Buffer.from(`${body}\r\n.\r\n`),
      ...say('QUIT'),
    ])
    assert.equal(ending, 'done')
    assert.equal((mails(events)[0]!.details as { sample: { size: number } }).sample.size, body.length + 2)
  }
})
