import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numbers } from '#codec/testing.ts'
import { FIRST, identify, protocolOf, recognisers } from './identify.ts'
import { bytesOf, clientSamples as usual } from './testing-samples.ts'
import { rareSamples } from './testing-samples-rare.ts'

const clientSamples = [...usual, ...rareSamples]

test('names protocols by what their clients send first', () => {
  for (const { protocol, bytes, detail, port } of clientSamples) {
    const found = protocolOf(bytes, port)
    assert.equal(found?.protocol, protocol, JSON.stringify(bytes.toString('latin1')))
    if (detail !== undefined) assert.equal(found?.detail, detail)
  }
})

test('every prefix of what it knows is open or known, never given up', () => {
  // Protocols whose one line is told from others only when it is whole, or whose port has to be known.
  const lines = new Set(['winbox', 'clickhouse', 'stomp', 'sap-ni', 'rocketmq', 'asterisk-ami'])
  for (const { protocol, bytes, port } of clientSamples) {
    if (lines.has(protocol)) continue
    for (let length = 1; length <= Math.min(bytes.length, 64); length++) {
      const identity = identify(bytes.subarray(0, length), port)
      assert.notEqual(
        identity.verdict,
        'unknown',
        `${protocol}, ${length} bytes of ${JSON.stringify(bytes.toString('latin1'))}`,
      )
    }
  }
})

test('whom two bytes tell nothing says so: the others are not asked again', () => {
  for (const { bytes } of clientSamples)
    for (const by of recognisers)
      if (!by.late && by.see(bytes) !== undefined)
        assert.notEqual(by.see(Buffer.from(bytes.subarray(0, 2))), undefined, `${by.protocol} is late`)
})

test('what follows a certain beginning does not change it', () => {
  for (const { protocol, bytes, port } of clientSamples) {
    const alone = identify(bytes, port)
    if (
      alone.verdict !== 'known' ||
      alone.protocol.confidence !== 'certain' ||
      !bytes.toString('latin1').endsWith('\n')
    )
      continue
    const followed = protocolOf(Buffer.concat([bytes, Buffer.alloc(9000, 0x41)]), port)
    assert.equal(followed?.protocol, protocol)
  }
})

test('a port decides between those that begin alike', () => {
  const user = Buffer.from('USER admin\r\n')
  assert.equal(protocolOf(user, 21)?.protocol, 'ftp')
  assert.equal(protocolOf(user, 110)?.protocol, 'pop3')
  assert.equal(protocolOf(user, 21)?.confidence, 'likely')
  assert.equal(protocolOf(user)?.confidence, 'guess')
  const help = Buffer.from('INFO\r\n')
  assert.equal(protocolOf(help, 6379)?.protocol, 'redis')
  // It does not make a web server of a Redis.
  assert.equal(protocolOf(Buffer.from('GET / HTTP/1.1\r\n\r\n'), 6379)?.protocol, 'http')
  assert.equal(protocolOf(bytesOf('16 03 01 00 45 01 00 00 41 03 03'), 22)?.protocol, 'tls')
})

test('tells what no protocol begins with', () => {
  for (const text of [
    '\x01\xfe\xdc\xba\x98',
    'zzzzzz\r\n',
    'lorem ipsum dolor\n',
    '\xde\xad\xbe\xef\xde\xad\xbe\xef\xde\xad\xbe\xef',
  ])
    assert.equal(identify(Buffer.from(text, 'latin1')).verdict, 'unknown', JSON.stringify(text))
  assert.equal(identify(Buffer.alloc(0)).verdict, 'more')
  assert.equal(identify(Buffer.alloc(FIRST, 0x47)).verdict, 'unknown')
})

test('noise is hardly ever taken for a protocol', () => {
  const draw = numbers(3)
  let known = 0
  for (let n = 0; n < 10_000; n++)
    if (protocolOf(Buffer.from(Array.from({ length: 8 + draw(100) }, () => draw(256))))) known++
  assert.ok(known < 20, `${known} of 10,000`)
})

test('looks at four kilobytes and no further', () => {
  const late = Buffer.concat([Buffer.alloc(FIRST, 0x20), Buffer.from('{"id":1,"method":"mining.subscribe"}')])
  assert.equal(identify(late).verdict, 'unknown')
})

test('a detail is printable and short whatever is sent', () => {
  const draw = numbers(4)
  for (let n = 0; n < 20_000; n++) {
    const sample = clientSamples[draw(clientSamples.length)]!
    const bytes = Buffer.from(sample.bytes)
    for (let flips = draw(6); flips >= 0; flips--) bytes[draw(bytes.length)]! ^= 1 << draw(8)
    const grown =
      draw(4) === 0
        ? Buffer.concat([bytes, Buffer.from(Array.from({ length: draw(300) }, () => draw(256)))])
        : bytes.subarray(0, draw(bytes.length + 1))
    const identity = identify(grown, draw(3) === 0 ? sample.port : draw(65536))
    const found =
      identity.verdict === 'known' ? identity.protocol : identity.verdict === 'more' ? identity.soFar : undefined
    if (found?.detail !== undefined) assert.match(found.detail, /^[\x20-\x7e]{1,200}$/)
    if (identity.verdict === 'more') assert.ok(identity.among.length > 0 || grown.length === 0)
  }
})

test('every recogniser is seen at work', () => {
  const seen = new Set(clientSamples.map(sample => sample.protocol))
  const unseen = [...new Set(recognisers.map(({ protocol }) => protocol))].filter(name => !seen.has(name))
  assert.deepEqual(unseen, [])
})
