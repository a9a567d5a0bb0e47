import type { Script } from '../kit/dialogue.ts'
import { HOST, NAME, NOBODY, PORT, SILENT } from '../kit/outside.ts'

export const USER = 'haruto'
export const PASSWORD = 'hayase2019'
/** The address that a rule forbids. */
export const FORBIDDEN = [127, 0, 0, 9] as const

const bytes = (...parts: (number | string)[]): string =>
  parts.map(part => (typeof part === 'number' ? String.fromCharCode(part) : part)).join('')
const port = (n: number): string => bytes(n >> 8, n & 255)
const four = (...ip: readonly number[]): string => bytes(1, ...ip)
const name = (host: string): string => bytes(3, host.length, host)
const six = (last: number): string => bytes(4, '\0'.repeat(15), last)

const hello = (...methods: number[]): string => bytes(5, methods.length, ...methods)
/** RFC 1929 §2. */
const logIn = (user: string, password: string, version = 1): string =>
  bytes(version, user.length, user, password.length, password)
/** RFC 1928 §4. */
const ask = (command: number, address: string, at = PORT, version = 5, reserved = 0): string =>
  bytes(version, command, reserved, address, port(at))
/** SOCKS 4 and 4a. */
const ask4 = (command: number, ip: readonly number[], at = PORT, user = '', name?: string): string =>
  bytes(4, command, port(at), ...ip, user, 0, ...(name === undefined ? [] : [name, 0]))

const host = HOST.split('.').map(Number)
const silent = SILENT.split('.').map(Number)
const CONNECT = 1
const BIND = 2
const UDP = 3
const IN = [hello(2), logIn(USER, PASSWORD)]

/** Clients without a name are let in. */
export const open: Script = {
  'no name asked': [hello(0), ask(CONNECT, four(...host))],
  'at once': [hello(0) + ask(CONNECT, four(...host))],
  'by name': [hello(0), ask(CONNECT, name(NAME))],
  'nobody listens': [hello(0), ask(CONNECT, four(...host), NOBODY)],
  'nobody listens, by name': [hello(0), ask(CONNECT, name(NAME), NOBODY)],
  'no such name': [hello(0), ask(CONNECT, name('nowhere.invalid'))],
  'a name of nothing': [hello(0), ask(CONNECT, name(''))],
  'a name that is an address': [hello(0), ask(CONNECT, name(HOST))],
  'a name with a space': [hello(0), ask(CONNECT, name('no such'))],
  'nobody answers': [hello(0), ask(CONNECT, four(...silent))],
  'no port': [hello(0), ask(CONNECT, four(...host), 0)],
  forbidden: [hello(0), ask(CONNECT, four(...FORBIDDEN))],
  'version 6 of IP': [hello(0), ask(CONNECT, six(1))],
  'an unknown kind of address': [hello(0), ask(CONNECT, bytes(2, ...host))],
  'an unknown command': [hello(0), ask(9, four(...host))],
  'no command': [hello(0), ask(0, four(...host))],
  'another version in the request': [hello(0), ask(CONNECT, four(...host), PORT, 4)],
  'something where nothing is': [hello(0), ask(CONNECT, four(...host), PORT, 5, 7)],
  bind: [hello(0), ask(BIND, four(...host))],
  'bind for anybody': [hello(0), ask(BIND, four(0, 0, 0, 0), 0)],
  udp: [hello(0), ask(UDP, four(0, 0, 0, 0), 0)],
  'udp from a port': [hello(0), ask(UDP, four(...host), 5353)],
  'many methods': [hello(0, 1, 2), logIn(USER, PASSWORD), ask(CONNECT, four(...host))],
  'none and a name': [hello(0, 2), logIn('admin', 'wrong')],
  'a name and none': [hello(2, 0), logIn(USER, PASSWORD), ask(CONNECT, four(...host))],
  'GSSAPI alone': [hello(1)],
  'methods of nobody': [hello(0x80, 0x90)],
  'no methods': [hello()],
  'all methods': [hello(...Array.from({ length: 255 }, (_, i) => i))],
  'a name': [...IN, ask(CONNECT, four(...host))],
  'a name, nobody listens': [...IN, ask(CONNECT, four(...host), NOBODY)],
  'a name, forbidden': [...IN, ask(CONNECT, four(...FORBIDDEN))],
  'a wrong password': [hello(2), logIn(USER, 'wrong')],
  'a wrong name': [hello(2), logIn('admin', 'admin')],
  'no password': [hello(2), logIn(USER, '')],
  'no name': [hello(2), logIn('', '')],
  'a long name': [hello(2), logIn('x'.repeat(255), 'y'.repeat(255))],
  'another version of the log-in': [hello(2), logIn(USER, PASSWORD, 5)],
  'byte by byte': [...hello(0), ...ask(CONNECT, four(...host))],
  'version 4': [ask4(CONNECT, host)],
  'version 4, a user': [ask4(CONNECT, host, PORT, 'haruto')],
  'version 4, nobody listens': [ask4(CONNECT, host, NOBODY)],
  'version 4, nobody answers': [ask4(CONNECT, silent)],
  'version 4, forbidden': [ask4(CONNECT, FORBIDDEN)],
  'version 4, bind': [ask4(BIND, host)],
  'version 4, an unknown command': [ask4(3, host)],
  'version 4, no port': [ask4(CONNECT, host, 0)],
  'version 4a': [ask4(CONNECT, [0, 0, 0, 1], PORT, '', NAME)],
  'version 4a, a user': [ask4(CONNECT, [0, 0, 0, 7], PORT, 'haruto', NAME)],
  'version 4a, no such name': [ask4(CONNECT, [0, 0, 0, 1], PORT, '', 'nowhere.invalid')],
  'version 4a, nobody listens': [ask4(CONNECT, [0, 0, 0, 1], NOBODY, '', NAME)],
  'version 4a, no name': [ask4(CONNECT, [0, 0, 0, 1], PORT, '', '')],
  'a web browser': ['GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
  'version 3': [bytes(3, 1, 0)],
  'version 0': [bytes(0, 1, 0)],
  'version 6': [bytes(6, 1, 0)],
  'a TLS hello': [bytes(22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3)],
}

/** Everybody has to say a name. */
export const closed: Script = {
  'none offered': [hello(0)],
  'none and a name, closed': [hello(0, 2), logIn(USER, PASSWORD), ask(CONNECT, four(...host))],
  'a name, closed': [...IN, ask(CONNECT, name(NAME), NOBODY)],
  'a wrong password, closed': [hello(2), logIn(USER, 'wrong')],
  'version 4, closed': [ask4(CONNECT, host)],
  'version 4 with a user, closed': [ask4(CONNECT, host, PORT, 'haruto')],
  'version 4a, closed': [ask4(CONNECT, [0, 0, 0, 1], PORT, '', NAME)],
}
