import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import git from './index.ts'

const words = [
  '0000',
  '0001',
  '0002',
  '0003',
  '0004',
  'fff0',
  'ffff',
  'git-upload-pack ',
  'git-receive-pack ',
  '/config',
  '/../',
  '\0host=',
  '\0\0version=2\0',
  'want ',
  'have ',
  'done',
  'deepen 2147483647',
  'shallow ',
  'command=fetch',
  'command=__proto__',
  'ref-prefix ',
  '0'.repeat(40),
]

test('mutated conversations end in a named way, and memory stays bounded', { timeout: 600_000 }, () =>
  fuzzConversations(git, { folder: import.meta.dirname, words }),
)
