import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numbers } from '#codec/testing.ts'
import { play } from '#services/testing/play.ts'
import { known } from './facts.ts'
import redis from './index.ts'
import { CAPACITY } from './keyspace.ts'
import { connected } from './testing.ts'
import { TooMuch } from './wire.ts'

// A dump for a replica ends in no line end.
const verbs = [...known.keys()].filter(name => !/^(?:shutdown|quit|p?sync)$/.test(name))
const words =
  `k k2 l s h z 0 1 -1 2 10 -5 1.5 inf -inf nan ( [a (a - + * ? [ \\ EX PX NX XX GET KEEPTTL LIMIT MATCH COUNT TYPE
  BYSCORE BYLEX REV WITHSCORES WITHVALUES STORE BEFORE LEFT RIGHT REPLACE DB LIST INFO SET GET HELP ID SETNAME SETUSER
  GETUSER on off >pw ~* +@all maxmemory dir dbfilename 100mb yes no /tmp /root/.ssh ENCODING USAGE LOAD EXISTS FLUSH NO ONE
  192.0.2.1 6379 99999 9223372036854775807 -9223372036854775808 18446744073709551616 1e400 ASYNC STREAMS $ > AND NOT
  return{1,2} return~redis.call('get','k') constructor __proto__`
    .split(/\s+/)
    .map(word => word.replace('~', ' '))
words.push('', ' ', '\r\n', '\0', '\xff', 'x'.repeat(5000))

test('a hundred thousand random commands: one answer each, in form, and bounded memory', {
  timeout: 300_000,
}, async () => {
  const pick = numbers(7)
  let one = connected()
  for (let n = 0; n < 100_000; n++) {
    if (n % 5000 === 0) one = connected()
    const verb = verbs[pick(verbs.length)]!
    const args = Array.from({ length: pick(7) }, () => words[pick(words.length)]!)
    try {
      const answer = await one.say(verb, ...args)
      assert.match(answer, /^[-+:$*_%~,=>][\s\S]*\r\n$|^closed$/, `${verb} ${args.join(' ')}: ${answer.slice(0, 80)}`)
    } catch (error) {
      assert.ok(error instanceof TooMuch, `${verb} ${JSON.stringify(args)}: ${(error as Error).stack}`)
    }
    assert.ok(one.server.keyspace.used <= CAPACITY)
  }
})

test('random bytes and broken requests end in a named way', async () => {
  const pick = numbers(11)
  const bits = [
    '*1\r\n',
    '*2\r\n',
    '$4\r\n',
    'PING',
    '\r\n',
    '$-1\r\n',
    '*-1\r\n',
    '"',
    "'",
    '\\x',
    '\0',
    '*3\r\n$3\r\nSET\r\n',
    '\n',
  ]
  for (let n = 0; n < 1500; n++) {
    const pieces = Array.from({ length: 1 + pick(12) }, () =>
      pick(3) === 0
        ? Buffer.from(Array.from({ length: pick(40) }, () => pick(256)))
        : Buffer.from(bits[pick(bits.length)]!, 'latin1'),
    )
    const { ending } = await play(redis, [Buffer.concat(pieces)])
    assert.match(ending, /^(?:done|eof|malformed)$/, JSON.stringify(String(Buffer.concat(pieces))))
  }
})
