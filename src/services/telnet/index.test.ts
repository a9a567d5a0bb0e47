import assert from 'node:assert/strict'
import { duplexPair } from 'node:stream'
import { test } from 'node:test'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import { testPersona } from '#services/testing/persona.ts'
import { listeningRecorder, play, testContext } from '#services/testing/play.ts'
import telnet from './index.ts'

const refusals = Buffer.from(
  '\xff\xfe%\xff\xfe&\xff\xfc\x18\xff\xfc \xff\xfc#\xff\xfc\'\xff\xfc$\xff\xfc\x01\xff\xfc"\xff\xfc\x1f\xff\xfc!',
  'latin1',
)
const turn = async () => {
  for (let i = 0; i < 6; i++) await new Promise(setImmediate)
}

/** A conversation under a clock of our own. */
function atLeisure(options = {}) {
  let now = 1_000_000
  const [client, server] = duplexPair()
  const { record, events } = listeningRecorder()
  const conn = new Conn(server, { ...defaultLimits, ...telnet.limits }, undefined, () => now)
  const cx = { ...testContext(telnet, record, { options }), now: () => now }
  let text = ''
  client.on('data', chunk => (text += chunk.toString('latin1')))
  const session = telnet.session!(conn, cx)
  return {
    events,
    session,
    said: () => text,
    async type(bytes: Buffer | string) {
      client.write(bytes)
      await turn()
    },
    async pass(seconds: number) {
      await turn()
      now += seconds * 1000
      conn.expire(now)
      await turn()
    },
  }
}

test('login(1) gives up after a minute, at either prompt', async () => {
  for (const typed of ['', 'root\r\n']) {
    const { type, pass, said, session } = atLeisure()
    await type(refusals)
    await type(typed)
    await pass(61)
    await session
    assert.ok(said().endsWith('\r\nLogin timed out after 60 seconds.\r\n'), said())
  }
})

test('who answers no option is shown the prompt after some seconds', async () => {
  const { type, pass, said, events } = atLeisure({ patience: 5 })
  await type('root\r\n')
  assert.doesNotMatch(said(), /login:/)
  await pass(9)
  assert.match(said(), /relay3 login: root\r\nPassword: $/)
  await type('vizxv\r\n')
  assert.deepEqual(events, [
    { name: 'login', details: { method: 'password', user: 'root', password: 'vizxv', outcome: 'failure' } },
  ])
})

test('everything at once is a name and a password', async () => {
  const { events } = await play(telnet, [Buffer.concat([refusals, Buffer.from('admin\r\nadmin1234\r\n')])])
  assert.deepEqual(
    events.filter(e => e.name === 'login').map(e => e.details),
    [{ method: 'password', user: 'admin', password: 'admin1234', outcome: 'failure' }],
  )
})

test('a flood of options is recorded in part, answered in full', async () => {
  const { events, heard } = await play(telnet, [refusals, Buffer.from('\xff\xfd\xc8'.repeat(1000), 'latin1')])
  assert.equal(events.length, 64)
  assert.ok(heard.includes(Buffer.from('\xff\xfc\xc8', 'latin1')))
})

test("netkit's telnetd begins its own way", async () => {
  const persona = {
    ...testPersona,
    software: {
      ...testPersona.software,
      telnet: { ...testPersona.software.telnet, implementation: 'netkit' as const },
    },
  }
  const [client, server] = duplexPair()
  const { record } = listeningRecorder()
  let text = ''
  client.on('data', chunk => (text += chunk.toString('latin1')))
  const session = telnet.session!(new Conn(server), { ...testContext(telnet, record), persona }).catch(() => {})
  await turn()
  assert.equal(text, "\xff\xfd\x18\xff\xfd \xff\xfd#\xff\xfd'")
  client.write(Buffer.from("\xff\xfc\x18\xff\xfc \xff\xfc#\xff\xfc'", 'latin1'))
  await turn()
  client.write(Buffer.from('\xff\xfc\x01\xff\xfc\x1f\xff\xfc!', 'latin1'))
  await turn()
  assert.ok(
    text.endsWith(
      '\xff\xfb\x03\xff\xfd\x01\xff\xfd\x1f\xff\xfb\x05\xff\xfd!\xff\xfb\x01Debian GNU/Linux 12\r\nrelay3 login: ',
    ),
    text,
  )
  client.end()
  await session
})
