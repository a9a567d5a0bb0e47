import type { Script } from '../kit/dialogue.ts'

const u8 = (n: number) => String.fromCharCode(n & 255)
const u16 = (n: number) => u8(n >> 8) + u8(n)
const u32 = (n: number) => u16(n >>> 16) + u16(n)
const padded = (text: string, length: number) => text.slice(0, length).padEnd(length, '\0')

type Odd = { length?: number; type?: number; cookie?: number }
/** A control message (RFC 2637 §2): length, message type 1, magic cookie, control type, reserved, and the rest. */
const message = (control: number, rest: string, { length, type = 1, cookie = 0x1a2b3c4d }: Odd = {}) =>
  u16(length ?? rest.length + 12) + u16(type) + u32(cookie) + u16(control) + u16(0) + rest

const start = (odd: Odd = {}, { version = 0x0100, host = 'client', vendor = 'Microsoft' } = {}) =>
  message(1, u16(version) + u16(0) + u32(1) + u32(1) + u16(0) + u16(2195) + padded(host, 64) + padded(vendor, 64), odd)
const stop = (reason: number, odd: Odd = {}) => message(3, u8(reason) + u8(0) + u16(0), odd)
const echo = (id: number, odd: Odd = {}) => message(5, u32(id), odd)
const call = (id: number, { speed = 100_000_000, bearer = 3, framing = 3, window = 64 } = {}) =>
  message(
    7,
    u16(id) +
      u16(1) +
      u32(300) +
      u32(speed) +
      u32(bearer) +
      u32(framing) +
      u16(window) +
      u16(0) +
      u16(0) +
      u16(0) +
      padded('', 64) +
      padded('', 64),
  )
const clear = (id: number) => message(12, u16(id) + u16(0))
const link = (id: number) => message(15, u16(id) + u16(0) + u32(0xffffffff) + u32(0xffffffff))

export const script: Script = {
  'start, echo, stop': [start(), echo(1), echo(0xffffffff), stop(1)],
  'start, stop for other reasons': [start({}, { host: '', vendor: '' }), stop(2)],
  'stop for no reason that there is': [start(), stop(9)],
  'start twice': [start(), start(), echo(3)],
  'another version': [start({}, { version: 0x0200 }), echo(1)],
  'no version': [start({}, { version: 0 }), echo(1)],
  'an older revision': [start({}, { version: 0x0001 })],
  'a long name': [start({}, { host: 'h'.repeat(64), vendor: 'v'.repeat(64) }), echo(9)],
  'as nmap asks': [
    message(1, u16(0x0100) + u16(0) + u32(1) + u32(1) + u16(0xffff) + u16(1) + padded('none', 64) + padded('nmap', 64)),
  ],
  'an echo before the start': [echo(7), start(), echo(8)],
  'a stop before the start': [stop(1)],
  'a call before the start': [call(1), echo(1)],
  'a call': [start(), call(1), echo(2), link(1), clear(1), echo(3)],
  'a call, then stop': [start(), call(0x4000), stop(1)],
  'a call, slowly': [start(), call(0x1234, { speed: 64_000, bearer: 1, framing: 1 }), echo(5)],
  'a call with a small window': [start(), call(7, { window: 3 }), call(8)],
  'link information without a call': [start(), link(0), echo(4)],
  'clearing no call': [start(), clear(5), echo(4)],
  'an incoming call': [
    start(),
    message(9, u16(1) + u16(1) + u32(1) + u32(0) + u16(0) + u16(0) + padded('', 192)),
    echo(4),
  ],
  'an incoming call connected': [
    start(),
    message(11, u16(1) + u16(0) + u32(64000) + u16(64) + u16(0) + u32(1)),
    echo(4),
  ],
  'errors of the line': [start(), message(14, u16(1) + u16(0) + u32(0).repeat(6)), echo(4)],
  'answers of a server': [
    start(),
    message(2, `${u16(0x0100)}\x01\0${u32(0)}${u32(0)}${u16(0)}${u16(0)}${padded('', 128)}`),
    echo(4),
  ],
  'an echo answered': [start(), message(6, `${u32(1)}\x01\0${u16(0)}`), echo(4)],
  'a stop answered': [start(), message(4, `\x01\0${u16(0)}`), echo(4)],
  'a call answered': [
    start(),
    message(8, `${u16(1) + u16(1)}\x01\0${u16(0)}${u32(0)}${u16(0)}${u16(0)}${u32(0)}`),
    echo(4),
  ],
  'a call disconnected': [start(), message(13, `${u16(1)}\x01\0${u16(0)}${u16(0)}${padded('', 128)}`), echo(4)],
  'no such message': [start(), message(99, u32(0)), echo(4)],
  'message zero': [start(), message(0, ''), echo(4)],
  'a bad cookie': [start({ cookie: 0x1a2b3c4e }), echo(1)],
  'a bad cookie later': [start(), echo(1, { cookie: 0 }), echo(2)],
  'a management message': [start({ type: 2 }), echo(1)],
  'no message type': [start({ type: 0 })],
  'shorter than it says': [start({ length: 200 }), echo(1)],
  'longer than it says': [start({ length: 100 }), echo(1)],
  'no length': [start({ length: 0 }), echo(1)],
  'a length within the header': [start({ length: 4 }), echo(1)],
  'a length of the header alone': [start({ length: 8 })],
  'a length before the reserved part': [start({ length: 10 })],
  'a length of the least message': [start({ length: 12 })],
  'a start of a stop’s length': [start({ length: 16 })],
  'a short echo': [start(), message(5, ''), echo(1)],
  'a short stop': [start(), message(3, ''), echo(1)],
  'a short call': [start(), message(7, u16(5)), echo(1)],
  'over the longest': [start({ length: 221 }), '\0'.repeat(65), echo(1)],
  'as long as can be': [start({ length: 220 }), `${'\0'.repeat(64)}`, echo(1)],
  'over all bounds': [start({ length: 0xffff }), echo(1)],
  'an echo with another length': [start(), echo(1, { length: 20 }), '\0\0\0\0', echo(2)],
  'two at once': [start() + echo(1), echo(2)],
  'in pieces': [start().slice(0, 1), start().slice(1, 20), start().slice(20), echo(1).slice(0, 5), echo(1).slice(5)],
  'a web page': ['GET / HTTP/1.0\r\n\r\n'],
  TLS: ['\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03'],
  nothing: [''],
}
