import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import ipp from './index.ts'

const words = [
  'POST / HTTP/1.1\r\n',
  'GET / HTTP/1.0\r\n',
  'HEAD / HTTP/1.1\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Content-Length: 99999999999\r\n',
  'Expect: 100-continue\r\n',
  'Connection: close\r\n',
  '\r\n\r\n',
  'ffffffff\r\n',
  'job-uri',
  'requested-attributes',
  'which-jobs',
  '/../',
  Buffer.of(3),
  Buffer.of(0, 0, 0, 0),
  Buffer.of(0x7f, 0xff),
  Buffer.of(0xff, 0xff, 0xff, 0xff),
  Buffer.of(2, 0, 0, 9, 0, 0, 0, 1),
  Buffer.of(0x34, 0, 0, 0, 0),
  '0 3 ipp://x/ ',
]

test('mutated conversations end in a named way, and memory stays bounded', { timeout: 600_000 }, () =>
  fuzzConversations(ipp, { folder: import.meta.dirname, words }),
)
