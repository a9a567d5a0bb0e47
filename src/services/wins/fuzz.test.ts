import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import wins from './index.ts'
import { encoded } from './packet.ts'

test('mutated conversations end in a named way, and memory stays bounded', { timeout: 600_000 }, () =>
  fuzzConversations(wins, {
    folder: import.meta.dirname,
    words: [
      encoded(['*', 0, '\0']),
      encoded(['RELAY3', 0x20]),
      ...[0x2910, 0x2900, 0x3000, 0x4000, 0x4800, 0x7900, 0x8500].map(flags => Buffer.of(flags >> 8, flags & 255)),
      Buffer.from('00210001', 'hex'),
      Buffer.from('c00c002000010003f480000600', 'hex'),
      Buffer.alloc(64, 63),
      Buffer.alloc(300, 1),
    ],
  }),
)
