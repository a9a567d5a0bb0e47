import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import dns from './index.ts'

const name = (text: string) =>
  Buffer.concat([
    ...text.split('.').map(label => Buffer.concat([Buffer.of(label.length), Buffer.from(label)])),
    Buffer.of(0),
  ])

test('mutated conversations end in a named way, and memory stays bounded', { timeout: 600_000 }, () =>
  fuzzConversations(dns, {
    folder: import.meta.dirname,
    words: [
      ...[
        'version.bind',
        'hayase-works.example',
        'www.hayase-works.example',
        '10.in-addr.arpa',
        'localhost',
        'constructor',
      ].map(name),
      ...[0, 1, 2, 6, 12, 15, 16, 28, 41, 250, 251, 252, 255].map(type => Buffer.of(0, type, 0, 1)),
      Buffer.of(0xc0, 0x0c),
      Buffer.of(0xc0, 0x0d),
      Buffer.of(0xff, 0xff),
      Buffer.of(0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 12, 0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8),
      Buffer.of(0, 10, 0, 41),
      Buffer.of(0, 8, 0, 7),
      Buffer.of(0, 11, 0, 0),
    ],
  }),
)
