import assert from 'node:assert/strict'
import { duplexPair } from 'node:stream'
import { describe, test } from 'node:test'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import smtp from './index.ts'

describe('silence', () => {
  for (const [product, words] of [
    ['Postfix', '421 4.4.2 relay3.hayase-works.example Error: timeout exceeded\r\n'],
    ['Exim', '421 relay3.hayase-works.example: SMTP command timeout - closing connection\r\n'],
    ['OpenSMTPD', '421 4.4.1 Bad connection: Session timeout\r\n'],
    ['Exchange', '421 4.4.1 Connection timed out\r\n'],
  ] as const)
    test(`${product} says why it hangs up, and what it had of a message is let go`, async () => {
      let now = 1_000_000
      const [client, server] = duplexPair()
      const { record, events } = listeningRecorder()
      const conn = new Conn(server, { ...defaultLimits, ...smtp.limits }, undefined, () => now)
      let text = ''
      client.on('data', chunk => (text += chunk))
      let aborted = 0
      const cx = testContext(smtp, record, { options: { product, relay: 'hold' } })
      const session = smtp.session!(conn, {
        ...cx,
        sample: () => ({ ...cx.sample(), abort: async () => void aborted++ }),
      })
      for (const line of [
        'EHLO x',
        'MAIL FROM:<a@b.example>',
        'RCPT TO:<c@d.example>',
        'DATA',
        'Subject: never ends',
      ]) {
        client.write(`${line}\r\n`)
        for (let i = 0; i < 5; i++) await new Promise(setImmediate)
      }
      now += 301_000
      conn.expire(now)
      await assert.rejects(session, /idle/)
      for (let i = 0; i < 5; i++) await new Promise(setImmediate)
      assert.ok(text.endsWith(words), text)
      assert.equal(aborted, 1)
      assert.equal(events.filter(({ name }) => name === 'mail').length, 0)
    })
})
