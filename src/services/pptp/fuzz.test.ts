import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import pptp from './index.ts'

test('mutated conversations end in a named way, and memory stays bounded', { timeout: 600_000 }, () =>
  fuzzConversations(pptp, {
    folder: import.meta.dirname,
    words: [
      ...['0010', '009c', '00a8', '00dc', 'ffff', '0000'].map(length => Buffer.from(`${length}00011a2b3c4d`, 'hex')),
      ...Array.from({ length: 17 }, (_, control) =>
        Buffer.from([0, 16, 0, 1, 0x1a, 0x2b, 0x3c, 0x4d, 0, control, 0, 0, 1, 0, 0, 0]),
      ),
      Buffer.from('1a2b3c4d', 'hex'),
      Buffer.alloc(64),
      Buffer.alloc(64, 0xff),
    ],
  }),
)
