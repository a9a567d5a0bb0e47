import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import * as ber from './ber.ts'
import snmp from './index.ts'

test('mutated conversations end in a named way, and memory stays bounded', { timeout: 600_000 }, () =>
  fuzzConversations(snmp, {
    folder: import.meta.dirname,
    words: [
      'public',
      'private',
      ...['1.3.6.1.2.1', '1.3.6.1.2.1.25.4.2', '1.3.6.1.9', '2.100.3', '0.0'].map(name => ber.objectId(ber.oid(name))),
      ...[0, 1, 2, 3, 127, 128, 65_535, -1, 2 ** 31 - 1].map(value => ber.integer(value)),
      ...[0xa0, 0xa1, 0xa2, 0xa3, 0xa5, 0xa6, 0xa8, 0x30, 0x04].map(tag => Buffer.of(tag)),
      Buffer.of(0x84, 0xff, 0xff, 0xff, 0xff),
      Buffer.of(0x80),
      Buffer.of(0x82, 0x01, 0x00),
    ],
  }),
)
