import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import inetd from './index.ts'

for (const port of [7, 9, 13, 19, 37])
  test(`mutated conversations at port ${port} end in a named way, and memory stays bounded`, { timeout: 600_000 }, () =>
    fuzzConversations(inetd, {
      folder: import.meta.dirname,
      words: ['x', '\r\n', '\0', Buffer.alloc(1500, 0x41), Buffer.of(0xff, 0xfe)],
      // A stream of characters without an end for each conversation costs its time.
      conversations: port === 19 ? 1000 : 5000,
      how: { port },
    }),
  )
