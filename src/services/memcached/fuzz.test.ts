import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import memcached from './index.ts'

const words =
  `get gets gat set add replace append prepend cas incr decr delete touch flush_all stats items slabs settings
  cachedump lru_crawler metadump all mg ms md ma me mn noreply verbosity shutdown quit 0 1 -1 10 250 1048576 4294967295
  18446744073709551615 v t s f c k q b O1 T30 N30 R30 ME MA C1 I J5 D5 constructor __proto__`.split(/\s+/)

test('mutated conversations end in a named way, and memory stays bounded', { timeout: 600_000 }, () =>
  fuzzConversations(memcached, {
    folder: import.meta.dirname,
    words: [
      ...words.map(word => `${word} `),
      '\r\n',
      '\0',
      `${'k'.repeat(251)} `,
      Buffer.of(0x80, 0x00, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1),
      Buffer.of(0x80, 0x05, 0, 1, 20, 0, 0, 0, 0, 0, 0, 21),
      Buffer.of(0xff, 0xff, 0xff, 0xff),
      Buffer.of(0, 0, 0, 0, 0, 1, 0, 0),
    ],
  }),
)
