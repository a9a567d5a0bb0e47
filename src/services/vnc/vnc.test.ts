import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Canvas } from '#codec/picture/canvas.ts'
import { Keyboard, keyAt } from '#codec/picture/keys.ts'
import { numbers } from '#codec/testing.ts'
import { play } from '#services/testing/play.ts'
import { johnHash, responseTo } from './des.ts'
import { Encoding, newEncoders, rectangle } from './encodings/index.ts'
import vnc from './index.ts'
import { converterTo, native, readFormat, writeFormat } from './pixels.ts'
import { TestViewer } from './testing.ts'

test('a recorded hash gives its password away to a list of two words', () => {
  // A sample that John the Ripper's own format is tested with.
  const [, challenge, response] = /^\$vnc\$\*(\w+)\*(\w+)$/.exec(
    '$vnc$*84076F040550EEA9341967633B5F3855*DD96D21781A70DA49443279975404DD0',
  )!
  const words = ['letmein', 'pass1234']
  const found = words.filter(
    word => responseTo(Buffer.from(challenge!, 'hex'), word).toString('hex').toUpperCase() === response,
  )
  assert.deepEqual(found, ['pass1234'])
  const own = Buffer.from('00112233445566778899aabbccddeeff', 'hex')
  assert.match(johnHash(own, responseTo(own, 'x')), /^\$vnc\$\*[0-9A-F]{32}\*[0-9A-F]{32}$/)
  assert.deepEqual(responseTo(own, '12345678 and more'), responseTo(own, '12345678'))
})

describe('every encoding brings the picture over', () => {
  const draw = numbers(5)
  const picture = (width: number, height: number, colours: number): Canvas => {
    const palette = Array.from({ length: colours }, () => draw(1 << 24))
    let at = 0
    const pixels = new Uint32Array(width * height).map(() => {
      if (draw(3) === 0) at = draw(colours)
      return palette[at]!
    })
    return { x: 0, y: 0, width, height, pixels }
  }
  for (const encoding of [Encoding.raw, Encoding.rre, Encoding.hextile, Encoding.zrle, Encoding.tight])
    test(`number ${encoding}`, async () => {
      const viewer = new TestViewer()
      const encoders = newEncoders()
      for (const [width, height] of [
        [1, 1],
        [3, 2],
        [16, 16],
        [17, 33],
        [64, 64],
        [130, 70],
      ] as const)
        for (const colours of [1, 2, 3, 5, 16, 17, 200, 3000]) {
          const canvas = picture(width, height, colours)
          const bytes = rectangle(canvas, encoding, converterTo(native), encoders)
          const told = bytes.readInt32BE(8)
          assert.deepEqual(
            await viewer.decode(told, width, height, bytes.subarray(12)),
            canvas.pixels,
            `${width}x${height}, ${colours}`,
          )
        }
    })
})

test('colours become pixels of any format', () => {
  const red = Uint32Array.of(0xff8000)
  const as = (change: object) =>
    converterTo({ ...native, ...change })
      .bytes(red)
      .toString('hex')
  assert.equal(as({}), '0080ff00')
  assert.equal(as({ bigEndian: true }), '00ff8000')
  assert.equal(as({ shift: [0, 8, 16] }), 'ff800000')
  assert.equal(as({ bits: 16, depth: 16, max: [31, 63, 31], shift: [11, 5, 0] }), '00fc')
  assert.equal(as({ bits: 8, depth: 8, max: [7, 7, 3], shift: [0, 3, 6] }), '27')
  assert.deepEqual(readFormat(writeFormat(native)), native)
})

test('keys are what xterm would send', () => {
  assert.deepEqual([0x1c, 0x1e, 0x35, 0x39, 0x99].map(keyAt), [0xff0d, 0x61, 0x2f, 0x20, undefined])
  const keyboard = new Keyboard()
  assert.equal(String(keyboard.press(0x61)), 'a')
  assert.equal(String(keyboard.press(0xe4)), 'ä')
  assert.equal(String(keyboard.press(0x1003042)), 'あ')
  assert.equal(String(keyboard.press(0xff52)), '\x1b[A')
  assert.equal(String(keyboard.press(0xff52, true)), '\x1bOA')
  assert.equal(keyboard.press(0xffe3), undefined)
  assert.equal(String(keyboard.press(0x63)), '\x03')
  keyboard.release(0xffe3)
  assert.equal(String(keyboard.press(0x63)), 'c')
})

test('who comes too often without a log-in is turned away for a while, and a log-in is forgiven', async () => {
  const memory = new Map<string, object>()
  const options = { access: { otherwise: 'refuse', rules: ['*:open1'] } }
  const guess = () => play(vnc, [Buffer.from('RFB 003.008\n\x02'), Buffer.alloc(16)], { memory, options })
  for (let i = 0; i < 5; i++) assert.match((await guess()).heard.toString('latin1'), /Authentication failure$/)
  for (let i = 0; i < 3; i++)
    assert.equal((await guess()).heard.toString('latin1'), 'RFB 003.003\n\0\0\0\0\0\0\0\x1aToo many security failures')
})

test('whoever chooses not to be asked, without being offered it, is recognised and not let in', async () => {
  const { events, heard } = await play(vnc, [Buffer.from('RFB 003.008\n\x01\x01')])
  assert.deepEqual(
    events.map(({ name, details }) => [name, (details as { id: string }).id]),
    [['exploit', 'CVE-2006-2369']],
  )
  assert.equal(heard.length, 15)
})

test('two to four words are wrong, then a guesser is in; nothing is let in that access refuses', async () => {
  const memory = new Map<string, object>()
  const outcomes: string[] = []
  for (let i = 0; i < 5; i++) {
    const { events } = await play(vnc, [Buffer.from('RFB 003.008\n\x02'), Buffer.from(`response no. ${i}!!`)], {
      memory,
    })
    outcomes.push((events[0]!.details as { outcome: string }).outcome)
  }
  assert.match(outcomes.join(' '), /^(?:failure ){2,4}(?:success ?)+$/)
})

test('a connection that asks for the whole screen over and over gets no more than a fair share, and its clipboard is kept', async () => {
  const ask = Buffer.from('03000000000004000300', 'hex')
  const { events, heard } = await play(
    vnc,
    [Buffer.from('RFB 003.008\n\x01\x01'), ask, Buffer.from('0600000000000003616263', 'hex')],
    { options: { security: 'none' } },
  )
  assert.ok(heard.length > 1024 * 768 * 4)
  assert.deepEqual(
    events.filter(({ name }) => name === 'command').map(({ details }) => details),
    [{ line: 'abc', verb: 'clipboard' }],
  )
})
