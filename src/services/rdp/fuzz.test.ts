import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import * as client from '../../../test/oracle/rdp/client.ts'
import rdp from './index.ts'

const words = [client.erectDomain, client.attachUser, client.join(1003), client.info, client.license, client.finalize]

test('mutated conversations end in a named way', { timeout: 600_000 }, () =>
  fuzzConversations(rdp, {
    folder: import.meta.dirname,
    words: [...words, '\x03\0\0\x07\x02\xf0\x80', '\x7f\x65\x82'],
  }),
)
