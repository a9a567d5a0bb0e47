import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import ntp from './index.ts'

test('mutated conversations end in a named way, and memory stays bounded', { timeout: 600_000 }, () =>
  fuzzConversations(ntp, {
    folder: import.meta.dirname,
    words: [
      ...[0x0b, 0x13, 0x1b, 0x23, 0xe3, 0x16, 0x17, 0x27, 0x1e].map(first => Buffer.of(first)),
      Buffer.from('1700032a00000000', 'hex'),
      Buffer.from('16020001000000000000000c', 'hex'),
      Buffer.from('0104001c', 'hex'),
      Buffer.from('020400ff', 'hex'),
      Buffer.alloc(48, 0),
      Buffer.alloc(20, 0xab),
      Buffer.alloc(72, 0x5a),
      'version,system,',
    ],
  }),
)
