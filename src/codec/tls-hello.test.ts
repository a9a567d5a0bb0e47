import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Malformed } from './malformed.ts'
import { helloLength, parseClientHello } from './tls-hello.ts'

type Recorded = { client: string; hello: string; ja3: string; ja3String: string; serverName: string; alpn: string[] }
const recorded = JSON.parse(
  readFileSync(new URL('./fixtures/client-hellos.json', import.meta.url), 'utf8'),
) as Recorded[]

for (const { client, hello, ja3, ja3String, serverName, alpn } of recorded)
  test(`sees in the hello of ${client} what tshark sees`, () => {
    const bytes = Buffer.from(hello, 'hex')
    assert.equal(helloLength(bytes), bytes.length)
    const seen = parseClientHello(bytes)
    assert.deepEqual([seen.ja3, seen.ja3String, seen.serverName ?? '', seen.alpn], [ja3, ja3String, serverName, alpn])
    assert.match(seen.ja4, /^t1[23][di]\d{4}(h2|h1|00)_[0-9a-f]{12}_[0-9a-f]{12}$/)
  })

const u16 = (n: number) => Buffer.of(n >> 8, n & 255)
const lp = (bytes: number, ...parts: Buffer[]) => {
  const body = Buffer.concat(parts)
  const length = Buffer.alloc(bytes)
  length.writeUIntBE(body.length, 0, bytes)
  return Buffer.concat([length, body])
}
const list = (hex: string) => hex.split(',').map(word => u16(Number.parseInt(word, 16)))

/** A ClientHello of these parts in one record; `extensions` in the order given. */
function build(version: number, ciphers: Buffer[], extensions: [number, Buffer][]): Buffer {
  const body = Buffer.concat([
    u16(version),
    Buffer.alloc(32, 7),
    lp(1),
    lp(2, ...ciphers),
    lp(1, Buffer.of(0)),
    ...(extensions.length ? [lp(2, ...extensions.flatMap(([type, data]) => [u16(type), lp(2, data)]))] : []),
  ])
  return Buffer.concat([Buffer.of(0x16, 3, 1), lp(2, Buffer.of(1), lp(3, body))])
}
const named = (name: string): [number, Buffer] => [0, lp(2, Buffer.of(0), lp(2, Buffer.from(name)))]
const alpn = (...names: string[]): [number, Buffer] => [16, lp(2, ...names.map(n => lp(1, Buffer.from(n, 'latin1'))))]

test('names JA4’s own example as its makers do, whatever the order and the GREASE', () => {
  const ciphers = list('2a2a,1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035')
  const signatures = lp(2, ...list('0403,0804,0401,0503,0805,0501,0806,0601'))
  const others = [0x44_69, 0x17, 0x2d, 0x5, 0x23, 0x12, 0xff01, 0xb, 0xa, 0x15, 0x1b, 0x33]
  const extensions: [number, Buffer][] = [
    [0x6a6a, Buffer.alloc(0)],
    named('relay3.example'),
    alpn('h2', 'http/1.1'),
    [13, signatures],
    [43, lp(1, ...list('4a4a,0304,0303'))],
    ...others.map((type): [number, Buffer] => [type, type === 0xb ? Buffer.of(0) : Buffer.of(0, 0)]),
  ]
  const seen = parseClientHello(build(0x0303, ciphers, extensions))
  assert.equal(seen.ja4, 't13d1516h2_8daaf6152771_e5627efa2ab1')
  const shuffled = parseClientHello(build(0x0303, ciphers.toReversed(), extensions.toReversed()))
  assert.equal(shuffled.ja4, seen.ja4)
})

test('the first part of JA4 for the odd ones', () => {
  const table: [string, Buffer][] = [
    ['t00i000000_000000000000_000000000000', build(0x0505, [], [])],
    ['ts3i010000_', build(0x0300, list('002f'), [])],
    ['t10d0101', build(0x0301, list('002f'), [named('a')])],
    ['t11i0101hh', build(0x0302, list('002f'), [alpn('h')])],
    ['t12i0101h1', build(0x0303, list('002f'), [alpn('http/1.1')])],
    ['t12i0101ad', build(0x0303, list('002f'), [alpn('\xab\xcd')])],
    ['t12i9900', build(0x0303, Array(150).fill(u16(0x2f)), [])],
  ]
  for (const [start, bytes] of table) assert.equal(parseClientHello(bytes).ja4.slice(0, start.length), start)
})

test('a hello split over several records is one hello; over thousands it is none', () => {
  const whole = Buffer.from(recorded[0]!.hello, 'hex')
  const split = (size: number) => {
    const records: Buffer[] = []
    for (let at = 5; at < whole.length; at += size)
      records.push(Buffer.of(0x16, 3, 1), lp(2, whole.subarray(at, at + size)))
    return Buffer.concat(records)
  }
  const bytes = split(100)
  assert.equal(helloLength(bytes), bytes.length)
  assert.equal(parseClientHello(bytes).ja3, recorded[0]!.ja3)
  assert.equal(helloLength(split(4)), undefined)
})

test('how much there must be is known from what there is, or that it is no hello', () => {
  const hello = Buffer.from(recorded[0]!.hello, 'hex')
  for (let n = 0; n < hello.length; n++) {
    const length = helloLength(hello.subarray(0, n))
    assert.ok(length !== undefined && length > n && length <= hello.length, `${n}: ${length}`)
  }
  for (const other of [
    'GET / HTTP/1.0\r\n\r\n',
    '\x80\x2e\x01\x00\x02',
    '\x16\x04\x01\x00\x31\x01',
    '\x16\x03\x01\x00\x05\x02\x00\x00\x01\x00',
  ])
    assert.equal(helloLength(Buffer.from(other, 'latin1')), undefined)
})

test('any cut and any flipped byte is read, or malformed, and nothing else', () => {
  for (const { hello } of recorded) {
    const bytes = Buffer.from(hello, 'hex')
    for (let at = 0; at < bytes.length; at++)
      for (const broken of [bytes.subarray(0, at), Buffer.from(bytes).fill(bytes[at]! ^ 0xff, at, at + 1)])
        try {
          helloLength(broken)
          parseClientHello(broken)
        } catch (error) {
          assert.ok(error instanceof Malformed, String(error))
        }
  }
})
