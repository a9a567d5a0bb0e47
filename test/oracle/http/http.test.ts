import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { duplexPair } from 'node:stream'
import { test } from 'node:test'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import { Hangup } from '#sensor/endings.ts'
import http from '#services/http/index.ts'
import { testPersona } from '#services/testing/persona.ts'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import { dialogue, type Exchange } from './dialogue.ts'
import { type Answer, type ETAGS, fill, INSTALLED, PAGE } from './record.ts'

const pages = `${import.meta.dirname}/../../../src/services/http/pages`
type ProductName = keyof typeof ETAGS
const personas = {
  nginx: {
    product: 'nginx',
    version: '1.22.1',
    package: '1.22.1-9+deb12u11',
    server: 'nginx/1.22.1',
    index: { path: '/var/www/html/index.nginx-debian.html', bytes: 615, modifiedMicros: INSTALLED * 1e6 },
  },
  apache: {
    product: 'Apache',
    version: '2.4.71',
    package: '2.4.71-1~deb12u1',
    server: 'Apache/2.4.71 (Debian)',
    index: { path: '/var/www/html/index.html', bytes: 10701, modifiedMicros: INSTALLED * 1e6 },
  },
} as const

/** Says an exchange's pieces to our service, with a clock that runs as fast as we like. */
async function ask(exchange: Exchange, product: ProductName): Promise<Answer> {
  const [client, server] = duplexPair()
  let now = Date.UTC(2026, 0, 15, 3, 4, 5)
  const conn = new Conn(server, { ...defaultLimits, ...http.limits }, undefined, () => now)
  const cx = testContext(http, listeningRecorder().record, {
    options: { bait: ['admin'], realm: 'Restricted Content' },
  })
  cx.persona = {
    ...testPersona,
    fqdn: 'web.example.test',
    software: { ...testPersona.software, web: personas[product] },
  }
  cx.now = () => now
  cx.destination = { ip: '127.0.0.80', port: exchange.port ? 443 : 80 }
  cx.encrypted = exchange.port === 'https'
  const heard: Buffer[] = []
  client.on('data', chunk => heard.push(chunk))
  for (const wire of [client, server]) wire.on('error', () => {})
  let closed = false
  const story = exchange.port === 'plain-https' ? http.plainOnTls! : http.session!
  const conversation = story(conn, cx)
    .catch(error => {
      if (!(error instanceof Hangup)) throw error
    })
    .finally(() => {
      closed = true
    })
  const settle = async () => {
    for (let turn = 0; turn < 8; turn++) await new Promise(setImmediate)
  }
  for (const piece of exchange.send) {
    client.write(fill(piece, product), 'latin1')
    await settle()
  }
  let seconds = 0
  // The recording waited 0.7 s for more, or as long as it took.
  for (const patience = exchange.patience ?? 0; seconds < patience && !closed; seconds++) {
    now += 1000
    conn.expire(now)
    await settle()
  }
  const answer = { name: exchange.name, received: Buffer.concat(heard).toString('latin1'), closed }
  client.destroy()
  server.destroy()
  await conversation
  return exchange.patience && closed ? { ...answer, seconds } : answer
}

/** What may differ from one moment, or one start of a server, to the next. */
const masked = (answer: string) =>
  answer
    .replace(/^Date: [^\r]*/gm, 'Date: *')
    .replace(/\b(?:0{16}\d{4}|[0-9a-f]{16})(?=\r\n|--)/g, '*')
    .replace(/^Allow: .*$/gm, line => line.replace(/[^ ,\r]+(?:,[^ ,\r]+)+/, list => list.split(',').sort().join()))

for (const product of ['nginx', 'apache'] as const) {
  const recorded = JSON.parse(readFileSync(`${import.meta.dirname}/fixtures/${product}.json`, 'utf8')) as Answer[]
  test(`${product}: the recording and the dialogue are of one date`, () => {
    assert.deepEqual(recorded.map(a => a.name).sort(), dialogue.map(e => e.name).sort())
  })

  const page = readFileSync(`${pages}/${product === 'nginx' ? 'nginx-615' : 'apache-debian'}.page`, 'latin1')
  for (const exchange of dialogue) {
    test(`${product}: ${exchange.name}`, async () => {
      const real = recorded.find(answer => answer.name === exchange.name)!
      const ours = await ask(exchange, product)
      assert.equal(masked(ours.received), masked(real.received.replaceAll(PAGE, page)))
      assert.equal(ours.closed, real.closed, ours.closed ? 'We closed' : 'We kept the connection')
      // The sweep comes once a second.
      if (real.seconds !== undefined) assert.ok(Math.abs(ours.seconds! - real.seconds) <= 2, `After ${ours.seconds} s`)
    })
  }
}

// Counted on the real ones: MaxKeepAliveRequests 100 and what `max=` counts down, keepalive_requests 1000.
for (const [product, answers] of [
  ['nginx', 1000],
  ['apache', 101],
] as const)
  test(`${product}: a connection carries so many requests and no more`, async () => {
    const one = 'HEAD /nope HTTP/1.1\r\nHost: www.example.test\r\nConnection: keep-alive\r\n\r\n'
    const { received, closed } = await ask({ name: 'many', send: [one.repeat(500), one.repeat(501)] }, product)
    assert.equal(received.split('HTTP/1.1 404 Not Found').length - 1, answers)
    assert.equal(received.split('Connection: close').length - 1, 1)
    assert.ok(closed)
    if (product === 'apache') {
      assert.match(received, /Keep-Alive: timeout=5, max=100\r\nConnection: Keep-Alive/)
      assert.match(received, /Keep-Alive: timeout=5, max=1\r\n/)
    }
  })
