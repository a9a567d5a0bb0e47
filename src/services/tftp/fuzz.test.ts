import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import tftp from './index.ts'

const words =
  `octet netascii mail OCTET blksize blksize2 tsize timeout utimeout rollover windowsize 0 1 7 8 512 65464 65465
  99999999999 -1 x mips.sh test.txt gw1-confg pxelinux.cfg backup/x ../../etc/passwd constructor __proto__`.split(/\s+/)

test('mutated conversations end in a named way, and memory stays bounded', { timeout: 600_000 }, () =>
  fuzzConversations(tftp, {
    folder: import.meta.dirname,
    words: [
      ...words.map(word => `${word}\0`),
      ...[1, 2, 3, 4, 5, 6].map(opcode => Buffer.of(0, opcode)),
      ...[0, 1, 2, 0xffff].map(block => Buffer.of(0, 3, block >> 8, block & 255)),
      ...[0, 1, 0xffff].map(block => Buffer.of(0, 4, block >> 8, block & 255)),
    ],
  }),
)
