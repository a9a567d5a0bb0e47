import type { Script } from '../kit/dialogue.ts'

type Order = 'l' | 'B'
/** Fields by width: `u8`, `u16`, `u32`, or a text as it is. */
type Field = readonly [8 | 16 | 32, number] | string
const b = (value: number): Field => [8, value]
const w = (value: number): Field => [16, value]
const d = (value: number): Field => [32, value]
const pad = (text: string): string => text + '\0'.repeat((4 - (text.length % 4)) % 4)

function bytes(order: Order, fields: readonly Field[]): string {
  return fields
    .map(field => {
      if (typeof field === 'string') return field
      const [width, value] = field
      const out = Array.from({ length: width / 8 }, (_, i) => String.fromCharCode((value >>> (8 * i)) & 255))
      return (order === 'l' ? out : out.reverse()).join('')
    })
    .join('')
}
const setup = (order: Order, { major = 11, minor = 0, name = '', data = '' } = {}): string =>
  bytes(order, [order, b(0), w(major), w(minor), w(name.length), w(data.length), w(0), pad(name), pad(data)])
/** A request: opcode, the byte behind it, and the rest, whose length is counted. */
const request = (order: Order, opcode: number, data: number, ...fields: Field[]): string => {
  const rest = bytes(order, fields)
  return bytes(order, [b(opcode), b(data), w(1 + rest.length / 4)]) + rest
}
const named = (order: Order, opcode: number, data: number, text: string): string =>
  request(order, opcode, data, w(text.length), w(0), pad(text))

/** The root window of a server that was just started, and what is not there. */
const ROOT = 0x50d
const NONE = 0x123456

const questions = (o: Order): string[] => [
  setup(o),
  named(o, 98, 0, 'BIG-REQUESTS'),
  named(o, 98, 0, 'XTEST'),
  named(o, 98, 0, 'MIT-SHM'),
  named(o, 98, 0, 'NO-SUCH'),
  request(o, 99, 0),
  request(o, 43, 0),
  request(o, 14, 0, d(ROOT)),
  request(o, 3, 0, d(ROOT)),
  request(o, 38, 0, d(ROOT)),
  named(o, 16, 0, 'WM_NAME'),
  named(o, 16, 1, 'NO_SUCH_ATOM'),
  named(o, 16, 0, ''),
  request(o, 17, 0, d(1)),
  request(o, 17, 0, d(68)),
  request(o, 17, 0, d(99_999)),
  request(o, 20, 0, d(ROOT), d(39), d(0), d(0), d(100)),
  request(o, 20, 0, d(NONE), d(39), d(0), d(0), d(100)),
  request(o, 20, 0, d(ROOT), d(99_999), d(0), d(0), d(100)),
  request(o, 23, 0, d(1)),
  request(o, 23, 0, d(99_999)),
  request(o, 40, 0, d(ROOT), d(ROOT), w(10), w(20)),
  request(o, 44, 0),
  request(o, 103, 0),
  request(o, 106, 0),
  request(o, 108, 0),
  request(o, 110, 0),
  request(o, 117, 0),
  request(o, 119, 0),
  request(o, 101, 0, b(38), b(1), w(0)),
  request(o, 101, 0, b(1), b(1), w(0)),
  request(o, 73, 2, d(ROOT), w(0), w(0), w(2), w(2), d(0xffffffff)),
  request(o, 73, 2, d(ROOT), w(1020), w(0), w(20), w(2), d(0xffffffff)),
  request(o, 73, 2, d(NONE), w(0), w(0), w(2), w(2), d(0xffffffff)),
  request(o, 73, 0, d(ROOT), w(0), w(0), w(2), w(2), d(0xffffffff)),
  request(o, 14, 0, d(NONE)),
  request(o, 3, 0, d(NONE)),
  request(o, 15, 0, d(NONE)),
  request(o, 97, 0, d(ROOT), w(32), w(32)),
  request(o, 84, 0, d(0x20), w(0xffff), w(0), w(0), w(0)),
  request(o, 84, 0, d(NONE), w(0xffff), w(0), w(0), w(0)),
  request(o, 85, 0, d(0x20), w(5), w(0), pad('green')),
  request(o, 85, 0, d(0x20), w(8), w(0), pad('no-green')),
  request(o, 91, 0, d(0x20), d(0xff8000)),
  request(o, 26, 0, d(ROOT), w(0), b(1), b(1), d(0), d(0), d(0)),
  request(o, 31, 0, d(ROOT), d(0), b(1), b(1), w(0)),
  request(o, 27, 0, d(0)) + request(o, 43, 0),
  request(o, 32, 0, d(0)) + request(o, 43, 0),
  request(o, 33, 1, d(ROOT), w(0x8000), b(0), b(1), b(1), '\0\0\0') + request(o, 43, 0),
  request(o, 127, 0) + request(o, 43, 0),
  request(o, 120, 0),
  request(o, 1, 0),
  request(o, 14, 0),
  request(o, 200, 0),
  request(o, 130, 7),
]

/** Dialogues whose name begins with `closed` meet a server that lets nobody in without a cookie. */
export const script: Script = {
  'open: least significant byte first': questions('l'),
  'open: most significant byte first': questions('B'),
  'open: atoms, keys, fonts': [
    setup('l'),
    Array.from({ length: 180 }, (_, i) => request('l', 17, 0, d(69 + i))).join(''),
    request('l', 101, 0, b(8), b(248), w(0)),
    request('l', 49, 0, w(5), w(1), pad('*')),
    request('l', 52, 0),
    request('l', 2, 0, d(ROOT), d(0x800), d(0x8000)) + request('l', 3, 0, d(ROOT)),
    request('l', 22, 0, d(0), d(1), d(0)) + request('l', 43, 0),
    request('l', 42, 0, d(1), d(0)) + request('l', 43, 0),
    request('l', 104, 0) + request('l', 43, 0),
    request('l', 36, 0) + request('l', 43, 0),
    request('l', 37, 0) + request('l', 43, 0),
    request('l', 41, 0, d(0), d(ROOT), w(0), w(0), w(0), w(0), w(5), w(6)) + request('l', 38, 0, d(ROOT)),
    request('l', 39, 0, d(ROOT), d(0), d(0)),
    request('l', 21, 0, d(ROOT)),
  ],
  'open: with a cookie': [setup('l', { name: 'MIT-MAGIC-COOKIE-1', data: '0123456789abcdef' }), request('l', 43, 0)],
  'open: version 10': [setup('l', { major: 10 })],
  'open: version 11.5': [setup('l', { minor: 5 })],
  'open: no byte order': ['GET / HTTP/1.0\r\n\r\n'],
  'open: an order of neither kind': ['\0'.repeat(12)],
  'open: big requests': [
    setup('l'),
    request('l', 133, 0),
    bytes('l', [b(14), b(0), w(0), d(3), d(ROOT)]),
    bytes('l', [b(14), b(0), w(0), d(0), d(ROOT)]),
  ],
  'open: a window of one’s own': [
    setup('l'),
    request('l', 1, 24, d(0x200001), d(ROOT), w(10), w(20), w(100), w(50), w(1), w(1), d(0), d(0)) +
      request('l', 14, 0, d(0x200001)),
    request('l', 8, 0, d(0x200001)) + request('l', 3, 0, d(0x200001)),
    request('l', 15, 0, d(0x200001)),
    request('l', 18, 0, d(0x200001), d(39), d(31), b(8), '\0\0\0', d(5), pad('hello')) +
      request('l', 20, 0, d(0x200001), d(39), d(0), d(0), d(100)),
    request('l', 21, 0, d(0x200001)),
    request('l', 1, 24, d(0x200001), d(ROOT), w(10), w(20), w(100), w(50), w(1), w(1), d(0), d(0)),
    request('l', 4, 0, d(0x200001)) + request('l', 14, 0, d(0x200001)),
    request('l', 1, 24, d(0x500001), d(ROOT), w(10), w(20), w(100), w(50), w(1), w(1), d(0), d(0)),
  ],
  ...Object.fromEntries(
    (['l', 'B'] as const).map(o => [
      `open: RENDER, ${o}`,
      [
        setup(o),
        request(o, 139, 0, d(0), d(11)),
        request(o, 139, 1),
        request(o, 139, 29, d(ROOT)),
        request(o, 139, 29, d(NONE)),
        request(o, 139, 29),
        request(o, 139, 1, d(0)),
        request(o, 139, 2, d(NONE)),
        request(o, 139, 3, d(ROOT), d(0)),
        request(o, 139, 9, d(0)),
        request(o, 139, 40),
        request(o, 139, 4, d(0x200001), d(ROOT), d(41), d(0)) + request(o, 43, 0),
        request(o, 139, 26, b(1), '\0\0\0', d(0x200001), w(0), w(0), w(0), w(0xffff), w(0), w(0), w(5), w(5)) +
          request(o, 43, 0),
        request(o, 139, 7, d(0x200001)) + request(o, 43, 0),
      ],
    ]),
  ),
  'open: what programs begin with': [
    setup('l'),
    request('l', 131, 1, w(15), w(0), pad('XInputExtension')),
    request('l', 131, 47, w(2), w(2)),
    request('l', 131, 46, d(ROOT), w(1), w(0), w(1), w(1), d(4)) + request('l', 43, 0),
    request('l', 140, 0, d(1), d(6)),
    request('l', 140, 4, d(ROOT), w(1), w(0)) + request('l', 43, 0),
    request('l', 138, 0, d(6), d(0)),
    request('l', 138, 2, d(ROOT), d(1), d(7)) + request('l', 43, 0),
    request('l', 138, 3, d(ROOT), d(1)) + request('l', 43, 0),
  ],
  'open: what is too old': [setup('l'), request('l', 131, 47, w(1), w(0))],
  'open: XTEST': [
    setup('l'),
    request('l', 132, 0, b(2), b(0), w(2)),
    request('l', 132, 2, b(2), b(38), w(0), d(0), d(0), d(0), d(0), w(0), w(0), d(0), w(0), b(0), b(0)) +
      request('l', 43, 0),
    request('l', 132, 2, b(3), b(38), w(0), d(0), d(0), d(0), d(0), w(0), w(0), d(0), w(0), b(0), b(0)) +
      request('l', 43, 0),
    request('l', 132, 2, b(6), b(0), w(0), d(0), d(0), d(0), d(0), w(100), w(200), d(0), w(0), b(0), b(0)) +
      request('l', 38, 0, d(ROOT)),
    request('l', 132, 2, b(9), b(38), w(0), d(0), d(0), d(0), d(0), w(0), w(0), d(0), w(0), b(0), b(0)),
    request('l', 132, 9),
  ],
  'closed: without a cookie': [setup('l')],
  'closed: most significant byte first': [setup('B')],
  'closed: a wrong cookie': [setup('l', { name: 'MIT-MAGIC-COOKIE-1', data: '0123456789abcdef' })],
  'closed: a short cookie': [setup('l', { name: 'MIT-MAGIC-COOKIE-1', data: 'x' })],
  'closed: another protocol': [setup('l', { name: 'XDM-AUTHORIZATION-1', data: '0123456789abcdef' })],
  'closed: version 12': [setup('l', { major: 12 })],
}
