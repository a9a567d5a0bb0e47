import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import test from 'node:test'
import { close, data, eof, exec, openChannel, pty, request } from '../../../test/oracle/ssh/session-probes.ts'
import { Message } from './messages.ts'
import { connect, passwordRequest, publicBlob, TestClient } from './testing.ts'
import { boolean, message, string, uint32 } from './wire.ts'

const rules = { access: { rules: ['root:right', 'oracle:right'], otherwise: 'refuse' } }
type Memory = Map<string, object>

/** A client that got in, and what is recorded of it. */
async function inside(how: { memory?: Memory; user?: string; password?: string; options?: object } = {}) {
  const { memory = new Map(), user = 'root', password = 'right', options = rules } = how
  const { conn, events, ending, server } = connect({ options, memory })
  const client = new TestClient(conn, 'SSH-2.0-Go')
  await client.handshake()
  await client.requestService()
  await client.send(passwordRequest(user, password))
  const answer = (await client.receive())[0]
  /** Messages up to the first of this type. */
  const until = async (type: number) => {
    const heard: Buffer[] = []
    do heard.push(await client.receive())
    while (heard.at(-1)![0] !== type)
    return heard
  }
  const details = (name: string) =>
    events.filter(event => event.name === name).map(event => event.details as Record<string, unknown>)
  return { client, answer, until, details, events, ending, server, conn }
}
const text = (heard: Buffer[], type: number = Message.channelData) =>
  Buffer.concat(heard.filter(one => one[0] === type).map(one => one.subarray(9))).toString('latin1')
/** Runs a command, and gives what it said. */
async function output(command: string, how: Parameters<typeof inside>[0] = {}): Promise<string> {
  const visitor = await inside(how)
  assert.equal(visitor.answer, Message.userauthSuccess)
  await visitor.client.send(openChannel('session'))
  await visitor.client.send(exec(command))
  await visitor.client.send(eof())
  const said = text(await visitor.until(Message.channelClose))
  visitor.conn.hangup('done')
  await visitor.ending
  return said
}

test('a command line is recorded before it answers, and its parts are not', async () => {
  const { client, until, details, conn, ending } = await inside()
  await client.send(openChannel('session'))
  await client.send(exec('echo one; echo two'))
  assert.equal(text(await until(Message.channelClose)), 'one\ntwo\n')
  conn.hangup('done')
  await ending
  assert.deepEqual(details('command'), [{ line: 'echo one; echo two' }])
  assert.deepEqual(
    details('login').map(({ outcome, password }) => [outcome, password]),
    [['success', 'right']],
  )
})

test('what one visit left the next one finds, whoever else comes does not', async () => {
  const memory: Memory = new Map()
  await output('echo left > /root/left', { memory })
  assert.equal(await output('cat /root/left', { memory }), 'left\n')
  assert.equal(await output('cat /root/left 2>/dev/null; echo none', {}), 'none\n')
})

test('a key that was left lets in, under its line’s number, and under no other name', async () => {
  const memory: Memory = new Map()
  const { privateKey } = generateKeyPairSync('ed25519')
  const line = `ssh-ed25519 ${publicBlob(privateKey).toString('base64')} me`
  await output(`mkdir -p ~/.ssh; echo '# keys' > ~/.ssh/authorized_keys; echo '${line}' >> ~/.ssh/authorized_keys`, {
    memory,
  })
  for (const [user, expected] of [
    ['root', Message.userauthSuccess],
    ['oracle', Message.userauthFailure],
  ] as const) {
    const { conn, ending } = connect({ options: rules, memory })
    const client = new TestClient(conn)
    await client.handshake()
    assert.equal(await client.authenticate(user, privateKey), expected)
    if (user === 'root') {
      await client.receive()
      assert.match((await client.receive()).toString('latin1'), /\/root\/\.ssh\/authorized_keys:2: key options: agent-/)
    }
    conn.hangup('done')
    await ending
  }
  const stranger = connect({ options: rules })
  const client = new TestClient(stranger.conn)
  await client.handshake()
  assert.equal(await client.authenticate('root', privateKey), Message.userauthFailure)
  stranger.conn.hangup('done')
})

test('a key is asked for before it is used, where all are accepted', async () => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const { conn, ending } = connect({ options: { access: { publicKeys: 'accept' } } })
  const client = new TestClient(conn)
  await client.handshake()
  await client.requestService()
  const blob = publicBlob(privateKey)
  const fields = [string('root'), string('ssh-connection'), string('publickey'), boolean(false)]
  await client.send(message(Message.userauthRequest, ...fields, string('ssh-ed25519'), string(blob)))
  assert.deepEqual(await client.receive(), message(Message.userauthPkOk, string('ssh-ed25519'), string(blob)))
  conn.hangup('done')
  await ending
})

test('PAM’s dialogue ends with a request that asks nothing', async () => {
  const { conn, ending, events } = connect({ options: { ...rules, keyboardInteractive: true } })
  const client = new TestClient(conn)
  await client.handshake()
  await client.requestService()
  const ask = ['root', 'ssh-connection', 'keyboard-interactive', '', ''].map(string)
  await client.send(message(Message.userauthRequest, ...ask))
  assert.equal((await client.receive())[0], Message.userauthInfoRequest)
  await client.send(message(Message.userauthInfoResponse, uint32(1), string('right')))
  const nothing = message(Message.userauthInfoRequest, string(''), string(''), string(''), uint32(0))
  assert.deepEqual(await client.receive(), nothing)
  await client.send(message(Message.userauthInfoResponse, uint32(0)))
  assert.equal((await client.receive())[0], Message.userauthSuccess)
  conn.hangup('done')
  await ending
  assert.equal((events.find(event => event.name === 'login')!.details as { outcome: string }).outcome, 'success')
})

test('a client that gives no room gets no more, and nothing piles up', async () => {
  const { client, until, conn, ending } = await inside()
  await client.send(openChannel('session', 0, 1000, 100))
  await client.send(exec('yes | head -c 3000000'))
  let taken = 0
  const take = async (bytes: number) => {
    while (taken < bytes) {
      const payload = await client.receive()
      if (payload[0] !== Message.channelData) continue
      assert.ok(payload.length <= 109)
      taken += payload.length - 9
    }
  }
  await take(1000)
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  assert.equal(conn.held, 0)
  await client.send(message(Message.channelWindowAdjust, uint32(0), uint32(500)))
  await take(1500)
  assert.equal(taken, 1500)
  await client.send(message(Message.channelWindowAdjust, uint32(0), uint32(5_000_000)))
  const rest = await until(Message.channelClose)
  assert.equal(taken + text(rest).length, 3_000_000)
  conn.hangup('done')
  await ending
})

test('a client may send what it was given room for, gets more as it is read, and may not go far beyond', async () => {
  const { client, until, conn, ending } = await inside()
  await client.send(openChannel('session'))
  await client.send(exec('wc -c'))
  await until(Message.channelSuccess)
  const piece = data(Buffer.alloc(32_768))
  let room = 2_097_152
  for (let sent = 0; sent < 5_000_000; sent += 32_768) {
    while (room < 32_768) room += (await until(Message.channelWindowAdjust)).at(-1)!.readUInt32BE(5)
    await client.send(piece)
    room -= 32_768
  }
  await client.send(eof())
  assert.match(text(await until(Message.channelClose)), /^50\d{5}\n$/)
  conn.hangup('done')
  await ending

  const rude = await inside()
  await rude.client.send(openChannel('session'))
  await rude.client.send(exec('sleep 100'))
  await rude.until(Message.channelSuccess)
  const sending = (async () => {
    for (let i = 0; i < 80; i++) await rude.client.send(piece)
  })().catch(() => undefined)
  const [last] = (await rude.until(Message.disconnect)).slice(-1)
  assert.match(last!.toString('latin1'), /channel 0: peer ignored channel window/)
  await sending
  assert.match(await rude.ending, /malformed: channel 0: peer ignored/)
})

test('who goes leaves nothing waiting, and what was begun is done', async () => {
  const { client, until, details, conn, ending } = await inside()
  await client.send(openChannel('session'))
  await client.send(exec('sleep 500; echo payload > /tmp/dropped; sleep 500; chmod +x /tmp/dropped'))
  await until(Message.channelSuccess)
  conn.hangup('done')
  assert.ok(['eof', 'reset'].includes(await ending))
  assert.deepEqual(
    details('fileUpload').map(({ path }) => path),
    ['/tmp/dropped'],
  )
})

test('a terminal, its size and its variables are recorded', async () => {
  const { client, until, details, conn, ending } = await inside()
  await client.send(openChannel('session'))
  await client.send(pty())
  await client.send(request(0, 'env', true, string('LANG'), string('de_DE.UTF-8')))
  await client.send(request(0, 'env', true, string('LD_PRELOAD'), string('/tmp/x')))
  await client.send(request(0, 'shell', true))
  await until(Message.channelData)
  const size = [132, 43, 0, 0].map(uint32)
  await client.send(request(0, 'window-change', false, ...size))
  await client.send(data('exit 3\r'))
  const heard = await until(Message.channelClose)
  assert.deepEqual(heard.find(one => one[0] === Message.channelRequest)!.subarray(-4), uint32(3))
  await client.send(close())
  conn.hangup('done')
  await ending
  assert.deepEqual(details('terminal'), [
    { type: 'xterm', columns: 80, rows: 24 },
    { columns: 132, rows: 43 },
  ])
  assert.deepEqual(
    details('environment').map(({ name }) => name),
    ['LANG', 'LD_PRELOAD'],
  )
  assert.deepEqual(details('command'), [{ line: 'exit 3' }])
})

test('the keys that sshd says it has it also proves', async () => {
  const { client, until, conn, ending } = await inside()
  const [offered] = (await until(Message.globalRequest)).slice(-1)
  const blobs = offered!.subarray(1 + 4 + 'hostkeys-00@openssh.com'.length + 1)
  await client.send(message(Message.globalRequest, string('hostkeys-prove-00@openssh.com'), boolean(true), blobs))
  const [proof] = (await until(Message.requestSuccess)).slice(-1)
  assert.match(proof!.toString('latin1'), /rsa-sha2-512.*ecdsa-sha2-nistp256.*ssh-ed25519/s)
  conn.hangup('done')
  await ending
})
