import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import x11 from './index.ts'

const message = (hex: string) => Buffer.from(hex, 'hex')

test('mutated conversations end in a named way, and memory stays bounded', { timeout: 300_000 }, () =>
  fuzzConversations(x11, {
    folder: import.meta.dirname,
    // Some of them start shells, each of which costs as much as fifty others.
    conversations: 8000,
    words: [
      message('6c000b000000000000000000'),
      message('42000000000b000000000000'),
      message('85000100'),
      message('0e000000030000000d050000'),
      message('0e0000000fffffff0d050000'),
      message('01180800010020000d0500000a001400640032000100010000000000000000'),
      message('49020500120040000000000000080008ffffffff'),
      message('4902050001002000000000000000000000000000'),
      message('0f0002000d050000'),
      message('1200ffff010020002700000000ffffff'),
      message('14000600 0d0500002700000000000000ffffffff ffffffff'.replaceAll(' ', '')),
      message('640108000ac8ffffff00000000'),
      message('650002000801ffff'),
      message('5b00ffff20000000'),
      message('31000300ffff0100'),
      message('2900060000000000ffffffff00000000000000000500ffff'),
      message('840209000400ffff'),
      message('8200ffff'),
    ],
  }),
)
