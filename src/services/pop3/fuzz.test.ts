import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import pop3 from './index.ts'

const words =
  `CAPA USER PASS APOP AUTH STLS QUIT STAT LIST RETR DELE TOP UIDL RSET NOOP PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256 = * 0 1 18 19 4294967296
  99999999999999999999 -1 AGFkbWluAHNlY3JldA== constructor __proto__`.split(/\s+/)
words.push('\r\n', '\n', '\r', ' ', '\0', '\xff', 'x'.repeat(9000), 'USER haruto\r\nPASS hayase2019\r\n')

test('mutated conversations end in a named way', { timeout: 900_000 }, () =>
  fuzzConversations(pop3, { folder: import.meta.dirname, words }),
)
