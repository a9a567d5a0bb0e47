import assert from 'node:assert/strict'
import test from 'node:test'
import { data, eof, openChannel } from '../../../test/oracle/ssh/session-probes.ts'
import { testPersona } from '../testing/persona.ts'
import { farEndOf } from './far-end.ts'
import { Message } from './messages.ts'
import { connect, passwordRequest, TestClient } from './testing.ts'
import { boolean, message, string, uint32 } from './wire.ts'

const options = { access: { rules: ['root:right'] } }
async function inside() {
  const { conn, events, ending } = connect({ options })
  const client = new TestClient(conn)
  await client.handshake()
  await client.requestService()
  await client.send(passwordRequest('root', 'right'))
  const until = async (...types: number[]) => {
    for (;;) {
      const payload = await client.receive()
      if (types.includes(payload[0]!)) return payload
    }
  }
  await until(Message.globalRequest)
  const details = (name: string) => events.filter(event => event.name === name).map(event => event.details)
  const done = async () => {
    conn.hangup('done')
    await ending
  }
  return { client, until, details, done }
}
const direct = (host: string, port: number) =>
  openChannel('direct-tcpip', 0, 1 << 21, 32_768, string(host), uint32(port), string('192.0.2.1'), uint32(1234))

/** The first of these hosts that answers at this port. */
async function answering(port: number) {
  const visitor = await inside()
  for (let n = 0; n < 40; n++) {
    await visitor.client.send(direct(`host${n}.example.com`, port))
    const answer = await visitor.until(Message.channelOpenConfirmation, Message.channelOpenFailure)
    if (answer[0] === Message.channelOpenConfirmation)
      return { ...visitor, host: `host${n}.example.com`, id: answer.readUInt32BE(5) }
  }
  return assert.fail('Nobody answers')
}

test('a web server answers, and the request is kept', async () => {
  const { client, until, details, done, host, id } = await answering(80)
  await client.send(data(`GET /x HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`, id))
  assert.match(
    (await until(Message.channelData)).toString('latin1', 9),
    /^HTTP\/1\.1 (200|404) .*\r\nServer: (nginx|Apache)/,
  )
  await client.send(eof(id))
  await until(Message.channelClose)
  await done()
  const [sent] = details('tunnelData') as [
    { host: string; port: number; protocol: string; start: string; sample: object },
  ]
  assert.deepEqual([sent.host, sent.port, sent.protocol], [host, 80, 'http'])
  assert.match(sent.start, /^GET \/x/)
  const requests = details('tunnelRequest') as { kind: string; origin: object }[]
  assert.deepEqual(requests.at(-1), { kind: 'direct-tcpip', host, port: 80, origin: { host: '192.0.2.1', port: 1234 } })
})

test('a mail server greets, and relays for nobody', async () => {
  const { client, until, details, done, id } = await answering(25)
  const answer = async () => (await until(Message.channelData)).toString('latin1', 9)
  assert.match(await answer(), /^220 \S+ ESMTP Postfix/)
  for (const [said, expected] of [
    ['EHLO there', /^250-.*\r\n250 CHUNKING\r\n$/s],
    ['MAIL FROM:<a@b.example>', /^250 2\.1\.0 Ok/],
    ['RCPT TO:<c@d.example>', /^454 4\.7\.1 <c@d\.example>: Relay access denied/],
    ['DATA', /^554 5\.5\.1/],
    ['QUIT', /^221 2\.0\.0 Bye/],
  ] as const) {
    await client.send(data(`${said}\r\n`, id))
    assert.match(await answer(), expected)
  }
  await until(Message.channelClose)
  await done()
  assert.equal((details('tunnelData') as { protocol: string }[])[0]!.protocol, 'smtp')
})

test('the same place is as it was, and places differ', async () => {
  const seen = new Map<string, string>()
  for (let round = 0; round < 2; round++) {
    const { client, until, done } = await inside()
    for (const host of [
      '192.0.2.7',
      '198.51.100.9',
      'a.example.org',
      'no such',
      '10.0.0.1',
      '8.8.8.8',
      '9.9.9.9',
      '1.2.3.4',
    ])
      for (const port of [22, 443, 999]) {
        await client.send(direct(host, port))
        const answer = await until(Message.channelOpenConfirmation, Message.channelOpenFailure)
        const told =
          answer[0] === Message.channelOpenFailure ? answer.toString('latin1', 13).replace(/\0+$/, '') : 'open'
        const before = seen.get(`${host}:${port}`)
        if (before === undefined) seen.set(`${host}:${port}`, told)
        else assert.equal(told, before, `${host}:${port}`)
      }
    await done()
  }
  assert.ok(new Set(seen.values()).size >= 3, [...new Set(seen.values())].join())
})

test('ports that are listened on are promised and recorded', async () => {
  const { client, until, details, done } = await inside()
  const forward = (port: number) =>
    message(Message.globalRequest, string('tcpip-forward'), boolean(true), string('0.0.0.0'), uint32(port))
  await client.send(forward(0))
  const given = (await until(Message.requestSuccess)).readUInt32BE(1)
  assert.ok(given >= 32_768 && given < 65_536)
  await client.send(forward(given))
  await until(Message.requestFailure)
  await client.send(forward(22))
  await until(Message.requestFailure)
  await done()
  assert.deepEqual(details('tunnelRequest')[0], { kind: 'tcpip-forward', host: '0.0.0.0', port: 0 })
})

test('a far end holds no more than it must of what never ends', () => {
  const internet = { fetch: () => ({ refused: 'ETIMEDOUT' as const, seconds: 1 }) }
  for (const port of [25, 80, 4444]) {
    const about = {
      host: 'h.example',
      port,
      persona: testPersona,
      internet: internet as never,
      now: () => 0,
      here: '192.0.2.1',
    }
    const end = farEndOf(about)
    for (let i = 0; i < 2000; i++) end.hear(Buffer.alloc(32_768, 65))
  }
})
