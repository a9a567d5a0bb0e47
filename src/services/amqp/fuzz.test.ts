import { test } from 'node:test'
import { fuzzConversations } from '../testing/fuzz.ts'
import amqp from './index.ts'

test('mutated conversations end in a named way and keep memory bounded', async () => {
  const words = [
    'AMQP\0\0\x09\x01',
    'AMQP\0\x01\0\0',
    '\x01\0\x01\0\0\0\x05\0\x14\0\x0a\0\xce',
    '\x01\0\x01\0\0\0\x0d\0\x28\0\x14\0\0\0\0\xce',
    '\x01\0\0\0\0\0\x0b\0\x0a\0\x32\0\xc8\0\0\0\0\0\xce',
    '\x01\0\x01\0\0\0\x0d\0\x3c\0\x50\0\0\0\0\0\0\0\0\x01\xce',
    '\x02\0\x01\0\0\0\x0e\0\x3c\0\0\0\0\0\0\0\0\0\x01\0\0\xce',
    '\x03\0\x01\0\0\0\x01x\xce',
    '\x08\0\0\0\0\0\0\xce',
    '\xff\xff\xff\xff',
    '\0\0\0\x05\x01aI\0\0',
    'x-max-lengthI\0\0\0\x01',
    '\xce',
  ]
  const how = { options: { guest: true } }
  await fuzzConversations(amqp, { folder: import.meta.dirname, words, how })
})
