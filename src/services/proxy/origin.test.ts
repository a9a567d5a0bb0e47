import assert from 'node:assert/strict'
import { test } from 'node:test'
import { play } from '../testing/play.ts'
import proxy from './index.ts'

/** What a client hears that believes to be connected to this host. */
const at = async (host: string, ...said: string[]) => {
  const inside = {
    ...proxy,
    session: (conn: never, cx: object) =>
      proxy.session!(conn, { ...cx, tunnel: { host, port: 80, depth: 1 } } as never),
  }
  const { heard, events } = await play(
    inside as typeof proxy,
    said.map(each => Buffer.from(each)),
  )
  return { heard: heard.toString('latin1'), events }
}

test('a web server answers inside a tunnel, and goes on while it is kept', async () => {
  const request = 'GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n'
  const { heard, events } = await at('www.example.com', request, request)
  assert.equal(heard.match(/HTTP\/1\.1 200 OK\r/g)?.length, 2)
  assert.doesNotMatch(heard, /squid|X-Cache/i)
  assert.deepEqual(
    events.map(({ name, details }) => [name, (details as { url: { original: string } }).url.original]),
    [
      ['request', 'http://www.example.com/'],
      ['request', 'http://www.example.com/'],
    ],
  )
})

test('a proxy behind the proxy is one', async () => {
  const { heard, events } = await at('192.0.2.9', 'CONNECT mx.example.org:25 HTTP/1.0\r\n\r\n')
  assert.match(heard, /^HTTP\/1\.1 200 Connection established\r\n\r\n$/)
  assert.deepEqual(events[0]?.name, 'tunnelRequest')
})

test('what is no request is refused, and told', async () => {
  const { heard, events } = await at('www.example.com', 'GET /\r\n\r\n')
  assert.match(heard, /^HTTP\/1\.1 400 Bad Request\r\n/)
  assert.equal(events.length, 1)
})
