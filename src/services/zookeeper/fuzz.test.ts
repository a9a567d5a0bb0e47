import { test } from 'node:test'
import { fuzzConversations } from '../testing/fuzz.ts'
import zookeeper from './index.ts'

test('mutated conversations end in a named way and keep memory bounded', async () => {
  const words = [
    'srvr',
    'stat',
    '\0\0\0\x0d\0\0\0\x07\0\0\0\x03\0\0\0\x01/\x01',
    '\0\0\0\x08\0\0\0\x08\xff\xff\xff\xf5',
    '\0\0\0\x08\xff\xff\xff\xfe\0\0\0\x0b',
    '\0\0\0\x0e',
    '\0\0\0\x69',
    '\0\0\0\x13',
    '/zookeeper/quota',
    '/a/../b',
    '\xff\xff\xff\xff',
    '\x7f\xff\xff\xff',
    '\x01\xff\xff\xff\xff',
    '\0\0\0\0',
  ]
  await fuzzConversations(zookeeper, { folder: import.meta.dirname, words })
})
