import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { duplexPair } from 'node:stream'
import { describe, test } from 'node:test'
import { inflateRawSync } from 'node:zlib'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import { Hangup } from '#sensor/endings.ts'
import { wantsGzip } from './answer.ts'
import { apacheRanges } from './apache-ranges.ts'
import { ApacheDialect, apachePath } from './apache-wire.ts'
import { Body, INLINE } from './body.ts'
import { nginxRanges } from './nginx-conditions.ts'
import { NginxDialect, normalPath } from './nginx-wire.ts'
import { type Dialect, readHead, splitHost, splitTarget } from './wire.ts'

const unkept = () => ({ write: async () => {}, close: async () => sample, abort: async () => {} })
const sample = { sha256: '', sha1: '', md5: '', size: 0, kept: 0 }

/** A connection on which `bytes` have arrived in pieces of `cut`, and no more will. */
function arrived(bytes: Buffer, cut = bytes.length || 1): Conn {
  const [client, server] = duplexPair()
  for (let at = 0; at < bytes.length; at += cut) client.write(bytes.subarray(at, at + cut))
  client.end()
  return new Conn(server, { ...defaultLimits, total: 1 << 30 })
}
const dialects: Record<string, () => Dialect> = {
  nginx: () => new NginxDialect(true),
  'old nginx': () => new NginxDialect(false),
  Apache: () => new ApacheDialect(),
}

const whole =
  'POST /a/../b%20c?x=1 HTTP/1.1\r\nHost: Www.Example.test:8080\r\nX-Fold: a\r\nContent-Length: 5\r\nAccept:*/*\r\n\r\nhello'

describe('heads', () => {
  for (const [name, dialect] of Object.entries(dialects)) {
    test(`${name} reads one, however it is cut`, async () => {
      for (const cut of [1, 7, 1000]) {
        const conn = arrived(Buffer.from(whole), cut)
        const { request, raw } = (await readHead(conn, dialect(), Date.now))!
        assert.equal(raw.length, whole.length - 5)
        assert.deepEqual(
          [request!.method, request!.path, request!.query, request!.host, request!.port, request!.version],
          ['POST', '/a/../b%20c', 'x=1', 'www.example.test', 8080, 11],
        )
        assert.equal(request!.headers.length, 4)
        assert.equal((await conn.read(5)).toString(), 'hello')
      }
    })

    test(`${name} comes to an end with every truncation, bit flip and random line`, async () => {
      const random = (i: number) => Buffer.from(Array.from({ length: 80 }, (_, k) => (i * 7919 + k * k * 31) & 255))
      const inputs = Array.from(whole, (_, at) => {
        const flipped = Buffer.from(whole)
        flipped[at]! ^= 1 << (at % 8)
        return [Buffer.from(whole).subarray(0, at), flipped, random(at)]
      }).flat()
      for (const input of inputs) {
        const head = await readHead(arrived(input), dialect(), Date.now)
        assert.ok(head === undefined || head.request || head.refusal)
      }
    })

    test(`${name} is quick with spaces, and with a head that never ends`, async () => {
      const spaces = ' '.repeat(8000)
      for (const line of [`GET /${spaces}x HTTP/1.1${spaces}`, `GET / HTTP/1.1\r\nHost:${spaces}a${spaces}b`])
        assert.ok(await readHead(arrived(Buffer.from(`${line}\r\n\r\n`)), dialect(), Date.now))
      const endless = await readHead(arrived(Buffer.alloc(300 << 10, 'a')), dialect(), Date.now)
      assert.ok(endless?.refusal)
    })
  }

  test('time for a head runs from its first byte', async () => {
    let now = 1000
    const [client, server] = duplexPair()
    const conn = new Conn(server, defaultLimits, undefined, () => now)
    const tired = assert.rejects(
      readHead(conn, new NginxDialect(true), () => now),
      new Hangup('idle'),
    )
    client.write('GET / HTTP/1.1\r\n')
    for (let second = 0; second < 70; second++) {
      await new Promise(setImmediate)
      now += 1000
      conn.expire(now)
      if (second < 58) client.write('X')
    }
    await tired
  })
})

test('paths are resolved as each product resolves them', () => {
  const table: [raw: string, nginx: string | undefined, apache: string][] = [
    ['/', '/', '/'],
    ['//a//b', '/a/b', '/a/b'],
    ['/a/./b/../c', '/a/c', '/a/c'],
    ['/a/..', '/', '/'],
    ['/..', undefined, 'bad'],
    ['/%2e%2e/x', undefined, 'bad'],
    ['/a%2Fb', '/a/b', 'missing'],
    ['/%00', undefined, 'missing'],
    ['/%4', undefined, 'bad'],
    ['/a#b', '/a', '/a#b'],
  ]
  for (const [raw, nginx, apache] of table) {
    assert.equal(normalPath(raw), nginx, raw)
    const found = apachePath(raw)
    assert.equal(typeof found === 'string' ? found : found.path, apache, raw)
  }
})

test('targets and hosts are taken apart', () => {
  assert.deepEqual(splitTarget('/a?b?c'), { path: '/a', query: 'b?c' })
  assert.deepEqual(splitTarget('http://h:1?q'), { path: '/', query: 'q', scheme: 'http', authority: 'h:1' })
  assert.deepEqual(splitHost('[2001:db8::1]:80'), { name: '[2001:db8::1]', port: 80 })
  assert.deepEqual(splitHost('a:'), { name: 'a' })
})

test('ranges are read as each product reads them', () => {
  type Ranges = ReturnType<typeof nginxRanges>
  const table: [spec: string, nginx: Ranges, apache: Ranges][] = [
    ['0-9', [[0, 10]], [[0, 10]]],
    ['-5', [[95, 100]], [[95, 100]]],
    ['90-', [[90, 100]], [[90, 100]]],
    ['0-4,2-9', [[0, 5], [2, 10]], [[0, 10]]], // biome-ignore format: one row a line
    ['200-', 'unsatisfiable', 'unsatisfiable'],
    ['9-0', 'unsatisfiable', undefined],
    ['x', 'unsatisfiable', undefined],
    ['0-99,0-99', undefined, undefined],
    ['0-18446744073709551615', 'unsatisfiable', undefined],
    [Array(5000).fill('0-0').join(), [], undefined],
  ]
  for (const [spec, nginx, apache] of table) {
    if (spec.length < 100) assert.deepEqual(nginxRanges(spec, 100), nginx, `nginx ${spec}`)
    assert.deepEqual(apacheRanges(spec, 100), apache, `Apache ${spec.slice(0, 40)}`)
  }
  assert.equal(nginxRanges(Array(5000).fill('0-0').join(), 100), undefined)
})

test('gzip is wanted unless it is refused', () => {
  for (const yes of ['gzip', 'deflate, gzip', 'gzip;q=0.5', 'GZIP, br', 'gzip ;q=1']) assert.ok(wantsGzip(yes), yes)
  for (const no of ['gzip;q=0', 'gzip; q=0.0', 'x-gzipped', 'br', '', undefined]) assert.ok(!wantsGzip(no), String(no))
})

test('pages compressed in advance are the pages', () => {
  const pages = path.join(import.meta.dirname, 'pages')
  for (const file of fs.readdirSync(pages).filter(name => name.endsWith('.deflate'))) {
    const page = fs.readFileSync(path.join(pages, file.replace('.deflate', '.page')))
    assert.deepEqual(inflateRawSync(fs.readFileSync(path.join(pages, file))), page, file)
  }
  const missing = JSON.parse(fs.readFileSync(path.join(pages, 'nginx-404.json'), 'utf8')) as Record<string, string>
  for (const [name, deflated] of Object.entries(missing)) {
    const page = inflateRawSync(Buffer.from(deflated, 'base64')).toString()
    assert.ok(page.includes(`<center>${name.replace(' padded', '')}</center>`), name)
    assert.equal(page.includes('a padding to disable'), name.endsWith(' padded'), name)
  }
})

describe('bodies', () => {
  const chunks = '5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nT: v\r\n\r\nNEXT'
  test('are put together from chunks, however they are cut', async () => {
    for (const cut of [1, 3, 1000]) {
      const conn = arrived(Buffer.from(chunks), cut)
      const body = new Body(conn, 'chunked', unkept)
      assert.equal(await body.read(10), 'whole')
      assert.equal(body.start.toString(), 'hello world')
      assert.equal((await conn.read(4)).toString(), 'NEXT')
    }
  })
  test('end as they should when they are broken', async () => {
    const table: [string, string][] = [
      ['5\r\nhel', 'eof'],
      ['zz\r\n', 'malformed'],
      ['-1\r\n', 'malformed'],
      ['5\r\nhelloX\r\n', 'malformed'],
      ['fffffffffffffffff\r\n', 'huge'],
      [`5;${'x'.repeat(9000)}`, 'malformed'],
      [`0\r\n${'a: b\r\n'.repeat(200)}\r\n`, 'malformed'],
    ]
    for (const [sent, end] of table)
      assert.equal(await new Body(arrived(Buffer.from(sent)), 'chunked', unkept).read(10), end, sent.slice(0, 20))
  })
  test('keep their start, and give the rest to a sample', async () => {
    const pieces: number[] = []
    const keep = () => ({ ...unkept(), write: async (bytes: Buffer) => void pieces.push(bytes.length) })
    const body = new Body(arrived(Buffer.alloc(1 << 20, 'x'), 50_000), { length: 1 << 20 }, keep)
    assert.equal(await body.read(10), 'whole')
    assert.equal(body.start.length, INLINE)
    assert.equal(
      pieces.reduce((sum, n) => sum + n, 0),
      1 << 20,
    )
  })
  test('go on after a pause', async () => {
    let now = 1000
    const [client, server] = duplexPair()
    const conn = new Conn(server, defaultLimits, undefined, () => now)
    client.write('ab')
    const body = new Body(conn, { length: 4 }, unkept)
    const first = body.read(1)
    await new Promise(setImmediate)
    now += 3000
    conn.expire(now)
    assert.equal(await first, 'late')
    client.write('cd')
    assert.equal(await body.read(1), 'whole')
    assert.equal(body.start.toString(), 'abcd')
  })
})
