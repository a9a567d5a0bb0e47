import { test } from 'node:test'
import { fuzzConversations } from '../testing/fuzz.ts'
import kafka from './index.ts'

test('mutated conversations end in a named way and keep memory bounded', async () => {
  const words = [
    '\0\0\0\x0e\0\x12\0\0\0\0\0\x01\0\x04kcat',
    '\0\0\0\x12\0\x03\0\x01\0\0\0\x02\0\x04kcat\xff\xff\xff\xff',
    '\0\x12\0\x03',
    '\0\x0b\0\x07',
    '\0\x01\0\x0c',
    '\xff\xff\xff\xff',
    '\x7f\xff\xff\xff',
    '\0\0\0\x01',
    '\xff\xff',
    '\x80\x80\x80\x80\x08',
    '\x02\0',
  ]
  await fuzzConversations(kafka, { folder: import.meta.dirname, words })
})
