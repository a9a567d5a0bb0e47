import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import finger from './index.ts'

test('mutated conversations end in a named way, and memory stays bounded', { timeout: 600_000 }, () =>
  fuzzConversations(finger, {
    folder: import.meta.dirname,
    words: [
      'root ',
      '/W ',
      '@',
      '-l ',
      '\r\n',
      '\n',
      '\0',
      'x'.repeat(1100),
      'haruto ',
      'GET / HTTP/1.0\r\n',
      '__proto__ ',
    ],
  }),
)
