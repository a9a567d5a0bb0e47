import { test } from 'node:test'
import { fuzzConversations } from '../testing/fuzz.ts'
import irc from './index.ts'

const words =
  'NICK,USER a 0 * :b,JOIN #a,JOIN 0,MODE #a +ovbklqah x y z,MODE #a -k,KICK #a x,PRIVMSG,NOTICE,WHO *,WHOIS,CAP REQ :multi-prefix,CAP END,OPER a b,TOPIC #a :,INVITE,LIST,NAMES,AB;sleep 5,:x ,constructor,__proto__'.split(
    ',',
  )

test('mutated conversations end in a named way', { timeout: 300_000 }, () =>
  fuzzConversations(irc, {
    folder: import.meta.dirname,
    words: [...words, '\r\n', ' :', ',', '#', '\0', `${'*'.repeat(100)}a`, 'x'.repeat(600)],
  }),
)
