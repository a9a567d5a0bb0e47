import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import ident from './index.ts'

const words = [
  '113',
  ',',
  ' ',
  '\t',
  '\r\n',
  '\n',
  '\0',
  '\xff',
  '-1',
  '65536',
  '9'.repeat(30),
  '1'.repeat(4095),
  'USERID',
  '+',
  ':',
]

test('mutated conversations end in a named way', { timeout: 900_000 }, () =>
  fuzzConversations(ident, { folder: import.meta.dirname, words }),
)
