import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import test from 'node:test'
import { pamDelay, untilRefusal } from './delays.ts'
import { Message } from './messages.ts'
import { fingerprint } from './publickey.ts'
import { connect, passwordRequest, TestClient, userauth } from './testing.ts'
import { boolean, message, string, uint32 } from './wire.ts'

/** A client that may ask to be let in, and what is recorded of it. */
async function arrived(options: object = { access: { otherwise: 'refuse' } }) {
  const { conn, events, ending, server } = connect({ options })
  const client = new TestClient(conn)
  await client.handshake()
  await client.requestService()
  const attempts = () => events.filter(event => event.name === 'login').map(event => event.details)
  return { client, events, ending, attempts, server }
}
const failure = (methods: string) => message(Message.userauthFailure, string(methods), boolean(false))

test('every password is recorded, as text that loses nothing', async () => {
  const { client, attempts, ending } = await arrived()
  const passwords: [sent: string | Buffer, recorded: string][] = [
    ['123456', '123456'],
    ['', ''],
    [Buffer.from('pässword'), 'pässword'],
    [Buffer.from([0x61, 0xff, 0x62]), 'a\\xffb'],
    ['x'.repeat(2000), `${'x'.repeat(1024)}…`],
  ]
  for (const [sent] of passwords) {
    await client.send(passwordRequest('root', sent))
    assert.deepEqual(await client.receive(), failure('publickey,password'))
  }
  client.conn.hangup('done')
  await ending
  assert.deepEqual(
    attempts(),
    passwords.map(([, password]) => ({ method: 'password', user: 'root', password, outcome: 'failure' })),
  )
})

test('a password with a NUL is recorded before the connection ends', async () => {
  const { client, attempts, ending } = await arrived()
  await client.send(passwordRequest('root', 'a\0b'))
  assert.equal(await ending, 'malformed: A NUL inside the password')
  assert.deepEqual(attempts(), [{ method: 'password', user: 'root', password: 'a\0b', outcome: 'failure' }])
})

test('keyboard-interactive asks PAM’s question where it is on', async () => {
  const { client, attempts, ending } = await arrived({ keyboardInteractive: true })
  const methods = 'publickey,password,keyboard-interactive'
  for (const password of ['one', 'two']) {
    await client.send(userauth('admin', 'keyboard-interactive', string(''), string('')))
    const question = [string(''), string(''), string(''), uint32(1), string('Password: '), boolean(false)]
    assert.deepEqual(await client.receive(), message(Message.userauthInfoRequest, ...question))
    await client.send(message(Message.userauthInfoResponse, uint32(1), string(password)))
    assert.deepEqual(await client.receive(), failure(methods))
  }
  await client.send(message(Message.userauthInfoResponse, uint32(1), string('late')))
  assert.equal((await client.receive())[0], Message.unimplemented)
  client.conn.hangup('done')
  await ending
  assert.deepEqual(
    attempts(),
    ['one', 'two'].map(password => ({ method: 'keyboard-interactive', user: 'admin', password, outcome: 'failure' })),
  )
})

test('a public key is recorded with its fingerprint, and with the truth of its signature', async () => {
  const { client, attempts, ending } = await arrived()
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const x = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url')
  const blob = Buffer.concat([string('ssh-ed25519'), string(x)])
  const asked = (signs: boolean) => userauth('git', 'publickey', boolean(signs), string('ssh-ed25519'), string(blob))
  const genuine = sign(null, Buffer.concat([string(client.sessionId), asked(true)]), privateKey)
  for (const fields of [
    asked(false),
    ...[genuine, Buffer.alloc(64)].map(bytes =>
      Buffer.concat([asked(true), string(Buffer.concat([string('ssh-ed25519'), string(bytes)]))]),
    ),
  ]) {
    await client.send(fields)
    assert.equal((await client.receive())[0], Message.userauthFailure)
  }
  client.conn.hangup('done')
  await ending
  const key = { type: 'ssh-ed25519', fingerprint: fingerprint(blob), blob: blob.toString('base64') }
  assert.deepEqual(
    attempts(),
    [key, { ...key, verified: true }, { ...key, verified: false }].map(publicKey => ({
      method: 'publickey',
      user: 'git',
      publicKey,
      outcome: 'failure',
    })),
  )
})

test('"none" is no attempt, and six are enough', async () => {
  const { client, attempts, ending } = await arrived()
  await client.send(userauth('root', 'none'))
  assert.equal((await client.receive())[0], Message.userauthFailure)
  for (let i = 0; i < 6; i++) await client.send(passwordRequest('root', `try ${i}`))
  for (let i = 0; i < 5; i++) assert.equal((await client.receive())[0], Message.userauthFailure)
  assert.match((await client.receive()).toString('latin1'), /Too many authentication failures/)
  assert.equal(await ending, 'done')
  assert.equal(attempts().length, 6)
})

test('who called is recorded once, with the offer if there was one', async () => {
  const { events, ending, client } = await arrived()
  client.conn.hangup('done')
  await ending
  const hellos = events.filter(event => event.name === 'sshHello')
  assert.equal(hellos.length, 1)
  assert.match(JSON.stringify(hellos), /"version":"SSH-2.0-Test_1.0","hassh":"[0-9a-f]{32}","algorithms":\{"kex":/)

  const short = connect()
  await short.conn.write('SSH-2.0-Gone\r\n')
  await short.conn.readLine()
  await short.conn.read(100)
  short.conn.hangup('done')
  await short.ending
  assert.deepEqual(short.events, [{ name: 'sshHello', details: { version: 'SSH-2.0-Gone' } }])
})

test('a wrong password takes between one and three seconds, rounded up by the user’s own measure', () => {
  assert.ok(Math.abs(pamDelay(Buffer.alloc(12)) - 1.004) < 1e-9)
  assert.ok(Math.abs(pamDelay(Buffer.alloc(12, 0xff)) - 3.004) < 1e-9)
  const secret = Buffer.from('this machine')
  const least = untilRefusal('root', secret, 0)
  assert.ok(least >= 0.005 && least < 0.0093)
  for (const spent of [0.01, 1.004, 2, 3.004]) {
    const doublings = Math.log2(untilRefusal('root', secret, spent) / least)
    assert.ok(Math.abs(doublings - Math.round(doublings)) < 1e-9)
    assert.ok(untilRefusal('root', secret, spent) >= spent)
    assert.ok(untilRefusal('root', secret, spent) < 2 * spent)
  }
  assert.notEqual(untilRefusal('root', secret, 0), untilRefusal('admin', secret, 0))
})

test('after two minutes the connection is closed without a word', async () => {
  const { client, ending, server } = await arrived()
  server.expire(Date.now() + 119_000)
  await client.send(userauth('root', 'none'))
  assert.equal((await client.receive())[0], Message.userauthFailure)
  server.expire(Date.now() + 121_000)
  await assert.rejects(client.receive())
  assert.match(await ending, /^(idle|lifetime)$/)
})

test('unfinished large packets are held for a few peers only', async () => {
  const header = Buffer.from([0, 3, 0, 4, 4, 2, 0, 0])
  const peers = Array.from({ length: 40 }, () => connect())
  for (const { conn } of peers) await conn.write(Buffer.concat([Buffer.from('SSH-2.0-Large\r\n'), header]))
  for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate)
  for (const { conn } of peers) conn.hangup('done')
  const endings = await Promise.all(peers.map(({ ending }) => ending))
  assert.equal(endings.filter(ending => ending === 'flooded').length, 8)
})
