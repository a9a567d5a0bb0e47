import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import vnc from './index.ts'

const message = (hex: string) => Buffer.from(hex, 'hex')

test('mutated conversations end in a named way, and memory stays bounded', { timeout: 300_000 }, () =>
  fuzzConversations(vnc, {
    folder: import.meta.dirname,
    // Some of them start shells, each of which costs as much as fifty others.
    conversations: 12_000,
    words: [
      ...[
        'RFB 003.003\n',
        'RFB 003.007\n',
        'RFB 003.889\n',
        'RFB 004.000\n',
        '\x13',
        '\x02',
        '\x01',
        '\0\x02',
        '\0\0\x01\x02',
      ],
      message('00000000080800000000000000000000000000ff'.slice(0, 40)),
      message('0200ffff'),
      message('02000005ffffff21fffffeccfffffec7fffffec8c0a1e5ce'),
      message('030103e802e400100010'),
      message('0300000000000020000f'),
      message('06000000ffffffff'),
      message('06000000fffffff41000000100000000'),
      message('0600000000000fff'),
      message('f80000008000000401aa'),
      message('960100000000ffffffff'),
      message('fb00040003000100000000000000000004000300000000ff'),
      message('ff000001000000410000001e'),
      message('050200100010'),
      message('0501ffffffff'),
    ],
  }),
)
