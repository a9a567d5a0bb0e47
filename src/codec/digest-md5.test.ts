import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { digestHash, digestPairs } from './digest-md5.ts'

/** How a password cracker tries one (RFC 2831 §2.1.2.1), from nothing but the recorded hash. */
function fits(recorded: string, password: string): boolean {
  const [, , user, realm, nonce, uri, cnonce, count, qop, response] = recorded.split('$')
  const md5 = (text: string | Buffer) => hash('md5', text, 'hex')
  const secret = hash('md5', `${user}:${realm}:${password}`, 'buffer')
  const a1 = md5(Buffer.concat([secret, Buffer.from(`:${nonce}:${cnonce}`)]))
  const a2 = md5(`AUTHENTICATE:${uri}${qop === 'auth' ? '' : `:${'0'.repeat(32)}`}`)
  return md5(`${a1}:${nonce}:${count}:${cnonce}:${qop}:${a2}`) === response
}

// RFC 2831 §4.
const challenge = 'realm="elwood.innosoft.com",nonce="OA6MG9tEQGm2hh",qop="auth",algorithm=md5-sess,charset=utf-8'
const answer =
  'charset=utf-8,username="chris",realm="elwood.innosoft.com",nonce="OA6MG9tEQGm2hh",nc=00000001,cnonce="OA6MHXh6VqTrRk",digest-uri="imap/elwood.innosoft.com",response=d388dad90d4bbd760a152321f2143af7,qop=auth'

test('the example of RFC 2831 is recorded so that its password is found', () => {
  const recorded = digestHash(digestPairs(answer)!, challenge)!
  assert.ok(fits(recorded, 'secret'))
  assert.ok(!fits(recorded, 'other'))
})

test('what is no answer is none', () => {
  for (const said of ['', 'nonsense', 'a="b', 'x=1 y', ','.repeat(200)])
    assert.equal(digestPairs(said), undefined, said)
  assert.equal(digestHash(new Map([['username', 'x']]), challenge), undefined)
})
