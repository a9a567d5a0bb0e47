import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import etcd from './index.ts'

const words = `GET POST OPTIONS HTTP/1.1 HTTP/1.0 /v3/kv/range /v3/kv/txn /v3/lease/grant /metrics /version chunked
  Transfer-Encoding: Content-Length: Host: {"key":"AA==" "range_end":"AA==" "compare":[ "success":[{"request_txn":{
  "limit":-1 "lease":"9223372036854775807" 18446744073709551616 null [[[[ %00 constructor __proto__`.split(/\s+/)

test('mutated conversations end in a named way, and memory stays bounded', { timeout: 600_000 }, () =>
  fuzzConversations(etcd, {
    folder: import.meta.dirname,
    words: [
      ...words,
      '\r\n',
      '\r\n\r\n',
      Buffer.of(0, 0, 5, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0),
      Buffer.of(0, 0, 1, 1, 5, 0, 0, 0, 3, 0x82),
      Buffer.of(0, 0, 4, 8, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff),
      Buffer.of(0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff),
      Buffer.of(0xff, 0xff, 0xff, 0xff),
      Buffer.of(0x3f, 0xe1, 0x1f),
    ],
  }),
)
