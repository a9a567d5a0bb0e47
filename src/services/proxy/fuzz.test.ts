import { test } from 'node:test'
import { fuzzConversations } from '../testing/fuzz.ts'
import proxy from './index.ts'

const words = [
  'GET http://www.example.com/ HTTP/1.1\r\n',
  'CONNECT mx.example.org:25 HTTP/1.0\r\n\r\n',
  'POST http://[2001:db8::1]:8080/x?y HTTP/1.1\r\n',
  'Host: x\r\n',
  'Content-Length: 99999999\r\n',
  'Transfer-Encoding: chunked\r\n\r\n',
  'ffffffff\r\n',
  '0\r\n\r\n',
  'Proxy-Authorization: Basic YTpi\r\n',
  'Proxy-Authorization: Digest username="a", uri="http://x/", response="0123456789abcdef0123456789abcdef"\r\n',
  ' HTTP/9.9\r\n\r\n',
  'cache_object://',
  '%00',
  '\r\n\r\n',
  'x'.repeat(9000),
]

for (const product of ['Squid', 'Tinyproxy'])
  for (const authentication of ['none', 'basic'])
    test(`mutated conversations end in a named way: ${product}, ${authentication}`, { timeout: 300_000 }, () =>
      fuzzConversations(proxy, {
        folder: import.meta.dirname,
        words,
        conversations: 5000,
        how: { options: { product, authentication } },
      }),
    )

test('the web at the far end of a tunnel does too', { timeout: 300_000 }, () =>
  fuzzConversations(
    {
      ...proxy,
      session: (conn, cx) => proxy.session!(conn, { ...cx, tunnel: { host: 'www.example.com', port: 80, depth: 1 } }),
    },
    {
      folder: import.meta.dirname,
      words: [...words, 'GET / HTTP/1.1\r\nHost: www.example.com\r\n\r\n'],
      conversations: 3000,
    },
  ),
)
