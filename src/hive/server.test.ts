import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, request as ask } from 'node:https'
import { connect as plainConnect, type Socket } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { connect } from 'node:tls'
import { gunzipSync } from 'node:zlib'
import type { HiveParts } from './hive.ts'
import { createLive } from './live.ts'
import { ADMIN, testHive, testRows } from './testing-hive.ts'

/** A listening hive and a client that trusts exactly its certificate. */
async function setUp(t: TestContext, change: Partial<HiveParts> = {}) {
  const set = await testHive(change)
  const { port } = await set.hive.listen()
  const ca = /-----BEGIN CERTIFICATE[\s\S]+/.exec(
    readFileSync(join(set.data, 'state', 'hive', 'certificate.pem'), 'utf8'),
  )![0]
  const agent = new Agent({ ca, keepAlive: true })
  t.after(async () => {
    agent.destroy()
    await set.hive.close()
    set.clean()
  })
  type Sent = { method?: string; headers?: Record<string, string>; body?: string }
  function send(path: string, { method = 'GET', headers = {}, body }: Sent = {}) {
    return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: Buffer; reused: boolean }>(
      (resolve, reject) => {
        const request = ask({ host: '127.0.0.1', port, path, method, headers, agent }, async response => {
          const body = Buffer.concat(await response.toArray())
          resolve({ status: response.statusCode!, headers: response.headers, body, reused: request.reusedSocket })
        })
        request.on('error', reject).end(body)
      },
    )
  }
  /** A TLS connection of which the test writes every byte. */
  async function raw(): Promise<Socket> {
    const socket = connect({ host: '127.0.0.1', port, ca })
    socket.on('error', () => {})
    await once(socket, 'secureConnect')
    return socket
  }
  return { ...set, port, ca, send, raw }
}
const closed = (socket: Socket) => (socket.destroyed ? undefined : once(socket, 'close'))

test('over TLS by its own certificate: log in, ask, keep the connection', async t => {
  const { send, port } = await setUp(t)
  const login = await send('/api/v1/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: `https://127.0.0.1:${port}` },
    body: JSON.stringify(ADMIN),
  })
  assert.equal(login.status, 200, String(login.body))
  const cookie = login.headers['set-cookie']![0]!.split(';')[0]!
  const me = await send('/api/v1/me', { headers: { cookie } })
  assert.equal(JSON.parse(String(me.body)).user, 'admin')
  assert.ok(me.reused)
  assert.equal(me.headers['content-length'], String(me.body.length))
  assert.ok(!('server' in me.headers) && !('x-powered-by' in me.headers))
})

test('large answers are compressed for who can read that', async t => {
  const { send, session } = await setUp(t)
  const cookie = await session(ADMIN)
  const plain = await send('/api/v1/events', { headers: { cookie } })
  const packed = await send('/api/v1/events', { headers: { cookie, 'accept-encoding': 'br, gzip' } })
  assert.equal(packed.headers['content-encoding'], 'gzip')
  assert.equal(packed.headers.vary, 'accept-encoding')
  assert.ok(!('content-encoding' in plain.headers))
  assert.deepEqual(gunzipSync(packed.body), plain.body)
  assert.ok(packed.body.length * 4 < plain.body.length)
})

test('HEAD is GET without the body', async t => {
  const { send } = await setUp(t)
  const answer = await send('/', { method: 'HEAD' })
  assert.deepEqual([answer.status, answer.body.length], [200, 0])
  assert.equal(answer.headers['content-length'], String('<!doctype html><title>page</title>'.length))
})

test('no spelling of a path leaves the page, on the wire neither', async t => {
  const { raw, data } = await setUp(t)
  assert.equal(readFileSync(join(data, 'secret'), 'utf8'), 'outside the page')
  for (const path of ['/../secret', '/%2e%2e/secret', '/assets/..%2f..%2fsecret', '//../secret', '/..\\secret']) {
    const socket = await raw()
    socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    const answer = String(Buffer.concat(await socket.toArray()))
    assert.match(answer, /^HTTP\/1\.1 (?:200|404)/, path)
    assert.ok(!answer.includes('outside'), path)
  }
})

test('a body over the cap is refused, and the rest of it is not read', async t => {
  const { raw, session } = await setUp(t)
  const cookie = await session(ADMIN)
  const socket = await raw()
  socket.write(
    `POST /api/v1/sql HTTP/1.1\r\nHost: a\r\nOrigin: https://a\r\nCookie: ${cookie}\r\nContent-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n`,
  )
  socket.write(Buffer.alloc(70_000, 'a'))
  const answer = String(Buffer.concat(await socket.toArray()))
  assert.match(answer, /^HTTP\/1\.1 413 [\s\S]*\r\nconnection: close\r\n/i)
})

test('headers without end or broken end the connection', async t => {
  const { raw } = await setUp(t)
  for (const [sent, status] of [
    [`GET / HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(40_000)}`, 431],
    ['\x16\x03\x01 not HTTP at all\r\n\r\n', 400],
    ['POST /api/v1/login HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\n\r\n', 400],
  ] as const) {
    const socket = await raw()
    socket.write(sent)
    assert.match(String(Buffer.concat(await socket.toArray())), new RegExp(`^HTTP/1\\.1 ${status}`))
  }
})

test('headers that come too slowly end the connection', async t => {
  const { raw } = await setUp(t, { limits: { headers: 50, request: 100 } })
  const slow = await raw()
  slow.write('GET / HTTP/1.1\r\nHost: a\r\n')
  assert.match(String(Buffer.concat(await slow.toArray())), /^HTTP\/1\.1 408/)
})

test('who does not speak TLS, or never finishes its handshake, is let go', async t => {
  const { port, send } = await setUp(t, { limits: { handshake: 1000 } })
  await Promise.all(
    ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', '\x16\x03\x01\x02\x00', ''].map(async first => {
      const socket = plainConnect(port, '127.0.0.1').on('error', () => {})
      socket.resume().write(first)
      await closed(socket)
    }),
  )
  assert.equal((await send('/')).status, 200)
})

test('one address may hold only so many connections', async t => {
  const { raw, port, send } = await setUp(t, { limits: { connectionsPerAddress: 3 } })
  const held = [await raw(), await raw(), await raw()]
  const over = plainConnect(port, '127.0.0.1').on('error', () => {})
  await closed(over)
  held[0]!.destroy()
  await closed(held[0]!)
  for (let tries = 0; ; tries++) {
    const answer = await send('/').catch(() => undefined)
    if (answer?.status === 200) break
    assert.ok(tries < 100)
    await new Promise(resolve => setImmediate(resolve))
  }
  for (const socket of held) socket.destroy()
})

test('the live stream: what is published arrives, and log-out ends it', async t => {
  const live = createLive({ interval: 5, heartbeatEvery: 1 })
  const { raw, session, call } = await setUp(t, { live })
  const cookie = await session(ADMIN)
  const socket = await raw()
  socket.write(`GET /api/v1/live HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\nLast-Event-ID: 5\r\n\r\n`)
  let read = ''
  socket.on('data', chunk => {
    read += chunk
  })
  const until = async (pattern: RegExp) => {
    while (!pattern.test(read)) await once(socket, 'data')
  }
  await until(/retry: 3000/)
  assert.match(read, /^HTTP\/1\.1 200 OK\r\n[\s\S]*content-type: text\/event-stream/i)
  assert.match(read, /cache-control: no-store/i)
  const rows = testRows(2)
  live.publish(rows)
  await until(/data: \[/)
  assert.ok(read.includes(rows[0]!.event.event.id))
  await until(/: still here/)
  assert.equal((await call('POST', '/api/v1/logout', { cookie })).status, 204)
  await closed(socket)
  assert.equal(live.clients(), 0)
})

test('a live client that stops reading is cut off while another goes on', async t => {
  const live = createLive({ interval: 1 << 30 })
  const { raw, session } = await setUp(t, { live })
  const cookie = await session(ADMIN)
  const sockets = [await raw(), await raw()]
  for (const socket of sockets) {
    socket.write(`GET /api/v1/live HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\n\r\n`)
    await once(socket, 'data')
  }
  const [slow, good] = sockets as [Socket, Socket]
  slow.pause()
  // One chunk of the transfer coding a message: each ends so.
  let end = ''
  let messages = 0
  good.on('data', chunk => {
    const read = end + chunk.toString('latin1')
    messages += read.split('\n\n\r\n').length - 1
    end = read.slice(-3)
  })
  const rows = testRows(200).slice(0, 500)
  let sent = 0
  // Loopback buffers take some megabytes before a reader counts as slow.
  for (; live.clients() > 1 && sent < 1000; sent++) {
    live.publish(rows)
    live.tick()
    while (messages <= sent) await once(good, 'data')
  }
  assert.equal(live.clients(), 1, `after ${sent} messages`)
  assert.equal(messages, sent)
  slow.destroy()
  good.destroy()
})

test('closing lets go of live streams and held connections', async t => {
  const { hive, raw, session } = await setUp(t)
  const cookie = await session(ADMIN)
  const [stream, idle] = [await raw(), await raw()]
  stream.write(`GET /api/v1/live HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\n\r\n`)
  await once(stream, 'data')
  stream.resume()
  idle.resume()
  await hive.close()
  await Promise.all([closed(stream), closed(idle)])
})

test('a taken port is told to the caller', async t => {
  const { port } = await setUp(t)
  const other = await testHive()
  t.after(other.clean)
  const second = await testHive({ settings: { ...settingsOf(other), port } })
  t.after(second.clean)
  await assert.rejects(second.hive.listen(), { code: 'EADDRINUSE' })
})

const settingsOf = ({ data, page }: { data: string; page: string }) => ({
  sensor: { name: 'hive-2', version: '0.1.0' },
  address: '127.0.0.1',
  names: [],
  data,
  page,
})
