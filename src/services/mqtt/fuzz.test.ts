import { test } from 'node:test'
import { fuzzConversations } from '../testing/fuzz.ts'
import mqtt from './index.ts'

test('mutated conversations end in a named way and keep memory bounded', async () => {
  const words = [
    '\x10\x11\0\x04MQTT\x04\x02\0<\0\x05probe',
    '\x10\x12\0\x04MQTT\x05\x02\0<\0\0\x05probe',
    '\x10\x13\0\x06MQIsdp\x03\x02\0<\0\x05probe',
    '\x82\x06\0\x01\0\x01#\x02',
    '\x82\x0f\0\x01\0\x0a$share/g/s\0',
    '\x31\x04\0\x01ax',
    '\x34\x06\0\x01a\0\x01x',
    '\x62\x02\0\x01',
    '\x50\x02\0\x01',
    '\x40\x02\0\x01',
    '\xc0\0',
    '\xe0\0',
    '\xff\xff\xff\x7f',
    '\x23\0\x01',
    '\x0b\x05',
    '+/#',
    '$SYS/',
    '\0\0',
    '\xff\xff',
  ]
  await fuzzConversations(mqtt, { folder: import.meta.dirname, words, how: { options: { installation: 'none' } } })
})
