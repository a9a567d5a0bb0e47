import { test } from 'node:test'
import { fuzzConversations } from '../testing/fuzz.ts'
import socks from './index.ts'

const words = [
  '\x05\x01\x00',
  '\x05\x02\x00\x02',
  '\x05\xff',
  '\x01\x04user\x04pass',
  '\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50',
  '\x05\x02\x00\x03\xff',
  '\x05\x03\x00\x04',
  '\x04\x01\x00\x19\x00\x00\x00\x01',
  '\x00',
  'x'.repeat(300),
  'mx.example.org',
]

test('mutated conversations end in a named way', { timeout: 300_000 }, () =>
  fuzzConversations(socks, { folder: import.meta.dirname, words }),
)
