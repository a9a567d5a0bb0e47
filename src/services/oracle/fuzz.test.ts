import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import oracle from './index.ts'

test('mutated conversations end in a named way', { timeout: 600_000 }, async () => {
  await fuzzConversations(oracle, {
    folder: import.meta.dirname,
    words: [
      '\x00\x08\x00\x00\x0b\x00\x00\x00',
      '\x00\x0a\x00\x00\x06\x00\x00\x00\x00\x40',
      '\x00\x00\x00\x0b\x0c\x00\x00\x00\x01\x00\x01',
      '\x7f\xff\x00\x00\x01\x00\x00\x00',
      '\xff\xff\xff\xff',
      '\x00\x00\x00\x00',
      '\xde\xad\xbe\xef',
      '\x03\x76\x01',
      '\x03\x73\x02',
      '\x02\x69\x03\x69\x03\x03\xff',
      '\x01\x0d\x0dAUTH_PASSWORD\x01\x40\x40',
      '\x0d\x00\x00\x00\x0dAUTH_PASSWORD\xff\x00\x00\x00\xff',
      'AUTH_',
      '(((((((((((((((((',
      ')))',
      '(DESCRIPTION=(CONNECT_DATA=(SID=',
      '(COMMAND=service_register_NSGR)',
      '(SERVICE_NAME=__proto__)',
      '=',
    ],
  })
})
