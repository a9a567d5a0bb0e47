import { test } from 'node:test'
import { fuzzConversations } from '#services/testing/fuzz.ts'
import xmpp from './index.ts'

const words =
  `<iq> </iq> <message <presence/> </stream:stream> <stream:stream <?xml ?> <!DOCTYPE <!-- --> <![CDATA[ ]]> &amp; &lt; &#x41; &#0; &b; ' "
  > < / = : xmlns= xmlns:a='b' a:b='c' xml:lang='x' to='localhost' type='get' type='set' id='1' <query <pubsub <item <auth <response <abort
  PLAIN SCRAM-SHA-1 AGFkbWluAHNlY3JldA== constructor __proto__ jabber:client jabber:server db:verify @ /`.split(/\s+/)
words.push(
  '\r\n',
  ' ',
  '\0',
  '\xff',
  '\xc3\xa9',
  'x'.repeat(11_000),
  '<a>'.repeat(300),
  "<a b='".repeat(40),
  '<a/>'.repeat(200),
)

test('mutated conversations end in a named way', { timeout: 900_000 }, () =>
  fuzzConversations(xmpp, { folder: import.meta.dirname, words }),
)
