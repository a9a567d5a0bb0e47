import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import nntp from './index.ts'

const words =
  `CAPABILITIES MODE READER GROUP local.general LISTGROUP ARTICLE HEAD BODY STAT OVER XOVER HDR XHDR XPAT Subject :bytes 1- 1-3 0 -1
  4294967296 POST AUTHINFO USER PASS SASL PLAIN LOGIN CRAM-MD5 DIGEST-MD5 NTLM SCRAM-SHA-256 = * LIST ACTIVE local.* *?*?*?* !* NEWGROUPS 20200101
  000000 IHAVE <a@b> COMPRESS DEFLATE constructor __proto__ From: Newsgroups: Message-ID: AGFkbWluAHNlY3JldA==`.split(
    /\s+/,
  )
words.push(
  '\r\n',
  '\n',
  '\r\n.\r\n',
  '..',
  '\0',
  '\xff',
  ' ',
  'x'.repeat(700),
  '*'.repeat(200),
  'POST\r\nFrom: a@b\r\n',
)

test('mutated conversations end in a named way', { timeout: 900_000 }, () =>
  fuzzConversations(nntp, { folder: import.meta.dirname, words }),
)
