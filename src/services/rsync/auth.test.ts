import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerTo, hashOf } from './auth.ts'

/** What Debian's rsync 3.5.0 answered with the password `secret`. */
const challenge = 'UB1qVqVt7YbT08cgkA8PnoBRFyY3egZkKALPMbID+LFITiSpNYBLA2yEGqd/8CQ/TuDnyRVA+BOLlDB36g92sA'
const answer = 'izukTTJZaJbJUuWq7V5WRxMjFtjMYHFwQT3atVam9r7lzNZWX3RDMW4/FVljCRMV1l/7XyJZzxO5wTQ6YLnR0Q'

test('the real client’s answer to a challenge is ours', () =>
  assert.equal(answerTo('sha512', challenge, 'secret'), answer))

test('what is no digest is no hash', () => assert.equal(hashOf('sha512', challenge, 'xyz'), undefined))

test('a guess at MD4 can be checked by what was recorded, though no program has a mode for it', () => {
  const hash = hashOf('md4-old', 'abc', answerTo('md4-old', 'abc', 'backup'))!
  const [, kind, salt, digest] = hash.split('$') as [string, string, string, string]
  assert.deepEqual([kind, salt], ['rsync-md4-old', 'abc'])
  const made = (word: string) => Buffer.from(answerTo('md4-old', salt, word), 'base64').toString('hex')
  assert.deepEqual([made('wrong') === digest, made('backup') === digest], [false, true])
})
