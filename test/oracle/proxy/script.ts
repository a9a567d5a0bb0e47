import type { Script } from '../kit/dialogue.ts'
import { HOST, NAME, NOBODY } from '../kit/outside.ts'

export const USER = 'haruto'
export const PASSWORD = 'hayase2019'
const basic = (user: string, password: string) =>
  `Proxy-Authorization: Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
const head = (line: string, ...fields: string[]) => `${[line, ...fields].join('\r\n')}\r\n\r\n`
const get = (url: string, ...fields: string[]) =>
  head(`GET ${url} HTTP/1.1`, `Host: ${/^\w+:\/\/([^/]*)/.exec(url)?.[1] ?? 'x'}`, ...fields)
const connect = (to: string, ...fields: string[]) => head(`CONNECT ${to} HTTP/1.1`, `Host: ${to}`, ...fields)
const GET = 'GET http://www.example.com/ HTTP/1.1'
const HOSTED = `Host: ${NAME}`

/** Everybody may go everywhere. */
export const open: Script = {
  'a page': [get(`http://${NAME}/`)],
  'a page, in 1.0': [head(`GET http://${NAME}/ HTTP/1.0`)],
  'a page, in 1.0 and kept': [head(`GET http://${NAME}/ HTTP/1.0`, 'Proxy-Connection: keep-alive')],
  'two pages': [get(`http://${NAME}/`, 'User-Agent: x'), get(`http://${NAME}/robots.txt`)],
  'a page and no more': [get(`http://${NAME}/`, 'Connection: close')],
  'no more for the proxy': [get(`http://${NAME}/`, 'Proxy-Connection: close')],
  'a head': [head(`HEAD http://${NAME}/ HTTP/1.1`, HOSTED)],
  'a form': [`${head(`POST http://${NAME}/form HTTP/1.1`, HOSTED, 'Content-Length: 3')}a=b`],
  'a form without a length': [head(`POST http://${NAME}/form HTTP/1.1`, HOSTED)],
  options: [head(`OPTIONS http://${NAME}/ HTTP/1.1`, HOSTED)],
  'trace to the proxy': [head(`TRACE http://${NAME}/ HTTP/1.1`, HOSTED, 'Max-Forwards: 0')],
  'a verb of few': [head(`PROPFIND http://${NAME}/ HTTP/1.1`, HOSTED)],
  purge: [head(`PURGE http://${NAME}/ HTTP/1.1`, HOSTED)],
  'another host in the header': [head(GET, 'Host: other.example')],
  'by an address': [get(`http://${HOST}/`)],
  'with a user': [get(`http://me:secret@${NAME}/`)],
  'a port that nobody listens at': [get(`http://${HOST}:${NOBODY}/x?y=<z>`)],
  'a name that nobody has': [get('http://nowhere.invalid/')],
  'a name that is none': [get('http://no_such_/')],
  'not a URL': [head('GET / HTTP/1.1', 'Host: x')],
  'not a URL, in 1.0': [head('GET / HTTP/1.0')],
  'not a URL, with markup': [head('GET /<script>&"\' HTTP/1.1', 'Host: x')],
  'a scheme of nobody': [get('foo://www.example.com/')],
  'no host': [head('GET http:/// HTTP/1.1')],
  'a port of nothing': [get(`http://${NAME}:99999/`)],
  'options of all': [head('OPTIONS * HTTP/1.1', 'Host: x')],
  'a tunnel': [connect(`${NAME}:80`)],
  'a tunnel, in 1.0': [head(`CONNECT ${NAME}:80 HTTP/1.0`)],
  'a tunnel to an address': [connect(`${HOST}:80`, 'User-Agent: x', 'Proxy-Connection: keep-alive')],
  'a tunnel to nobody': [connect(`${HOST}:${NOBODY}`)],
  'a tunnel to no name': [connect('nowhere.invalid:443')],
  'a tunnel without a port': [connect(NAME)],
  'a tunnel to a URL': [connect(`http://${NAME}/`)],
  'a tunnel to a large port': [connect(`${NAME}:99999`)],
  'a tunnel to nothing': [connect(':443')],
  'a tunnel to port 0': [connect(`${NAME}:0`)],
  'no HTTP': ['HELLO\r\n\r\n'],
  'no HTTP, a line': ['EHLO there\r\n', 'QUIT\r\n\r\n'],
  'empty lines first': [`\r\n\r\n${get('http://nowhere.invalid/')}`],
  'a verb alone': ['GET\r\n\r\n'],
  'SOCKS 5': ['\x05\x01\x00'],
  'SOCKS 5 to its end': ['\x05\x01\x00\r\n\r\n'],
  'HTTP 2.0': [head(`GET http://${NAME}/ HTTP/2.0`, HOSTED)],
  'HTTP 0.9': ['GET / HTTP/0.9\r\n\r\n'],
  'HTTP x': [head(`GET http://${NAME}/ HTTP/x`, HOSTED)],
  'a field without a colon': [head(GET, HOSTED, 'nonsense')],
  'two lengths': [`${head(`POST http://${NAME}/ HTTP/1.1`, HOSTED, 'Content-Length: 3', 'Content-Length: 4')}abcd`],
  'a name of a field with a space': [head(GET, HOSTED, 'A b: c')],
  'the manager': [head('GET cache_object://localhost/info HTTP/1.0')],
  'the manager, as a page': [get('http://relay3.hayase-works.example:3128/squid-internal-mgr/info')],
  'credentials that nobody asked for': [get(`http://${NAME}/`, basic('admin', 'admin'))],
  'a page that is expected': [get('http://nowhere.invalid/', 'Expect: 100-continue')],
}

/** Debian's own rules: TLS ports for tunnels, usual ports for pages. */
export const safe: Script = {
  'mail through a tunnel': [connect(`${NAME}:25`)],
  'mail through a tunnel, in 1.0': [head(`CONNECT ${NAME}:25 HTTP/1.0`)],
  'a page at a port of mail': [get(`http://${NAME}:25/`)],
  'the web through a tunnel': [connect(`${NAME}:80`)],
}

/** Whoever has no name is refused. */
export const basicOnly: Script = {
  'no credentials': [get(`http://${NAME}/`)],
  'no credentials, in 1.0': [head(`GET http://${NAME}/ HTTP/1.0`)],
  'no credentials, twice': [get(`http://${NAME}/`), get(`http://${NAME}/`)],
  'no credentials for a tunnel': [connect(`${NAME}:443`)],
  'wrong credentials': [get(`http://${NAME}/`, basic('admin', 'admin'))],
  'wrong credentials for a tunnel': [connect(`${NAME}:80`, basic('admin', 'admin'))],
  'right credentials': [get(`http://${NAME}/`, basic(USER, PASSWORD))],
  'right credentials for a tunnel': [connect(`${NAME}:80`, basic(USER, PASSWORD))],
  'credentials for nobody listening': [connect(`${HOST}:${NOBODY}`, basic(USER, PASSWORD))],
  'no password': [get(`http://${NAME}/`, basic('admin', ''))],
  'no base64': [get(`http://${NAME}/`, 'Proxy-Authorization: Basic !!!')],
  'no colon': [get(`http://${NAME}/`, `Proxy-Authorization: Basic ${Buffer.from('admin').toString('base64')}`)],
  'another scheme': [get(`http://${NAME}/`, 'Proxy-Authorization: Bearer abc')],
  'no scheme': [get(`http://${NAME}/`, 'Proxy-Authorization: abc')],
  'credentials for a page': [get(`http://${NAME}/`, basic(USER, PASSWORD).slice(6))],
  'not a URL, unknown': [head('GET / HTTP/1.1', 'Host: x')],
  'a head, unknown': [head(`HEAD http://${NAME}/ HTTP/1.1`, HOSTED)],
}

export const digestToo: Script = {
  'no credentials, digest': [get(`http://${NAME}/`)],
  'a nonce of long ago': [
    get(
      `http://${NAME}/`,
      `Proxy-Authorization: Digest username="${USER}", realm="proxy", nonce="0123", uri="http://${NAME}/", response="0123456789abcdef0123456789abcdef"`,
    ),
  ],
  'basic where digest is asked for': [get(`http://${NAME}/`, basic(USER, PASSWORD))],
}
