import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import rsync from './index.ts'

const words = [
  '@RSYNCD: 31.0 md5\n',
  '@RSYNCD: 29\n',
  '#list\n',
  '#early_input=9\n',
  'html\n',
  'backup\n',
  '--server\0',
  '--sender\0',
  '--delete\0',
  '--compress-choice=zstd\0',
  '-logDtpre.iLsfxCIvu\0',
  '-zrce.v\0',
  '.\0html/\0\0',
  '../../etc/\0',
  '\x03md5',
  Buffer.of(1, 0, 0, 7, 0),
  Buffer.of(0xff, 0xff, 0xff, 7),
  Buffer.of(0, 0, 0, 93),
  Buffer.of(0xff, 0xff, 0xff, 0xff),
  Buffer.of(0, 0xa0),
  Buffer.of(0xfe, 0x80, 0, 0, 0),
]

test('mutated conversations end in a named way, and memory stays bounded', { timeout: 600_000 }, () =>
  fuzzConversations(rsync, { folder: import.meta.dirname, words }),
)
