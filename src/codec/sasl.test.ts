import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readBase64, readCramMd5, readPlain, readScramFinal, readScramFirst } from './sasl.ts'

test('PLAIN has three parts (RFC 4616 §4)', () => {
  assert.deepEqual(readPlain(Buffer.from('\0tim\0tanstaaftanstaaf')), {
    authorize: '',
    user: 'tim',
    password: 'tanstaaftanstaaf',
  })
  assert.deepEqual(readPlain(Buffer.from('Ursel\0Kurt\0xipj3plmq')), {
    authorize: 'Ursel',
    user: 'Kurt',
    password: 'xipj3plmq',
  })
  for (const wrong of ['', 'tim', 'a\0b', 'a\0b\0c\0d']) assert.equal(readPlain(Buffer.from(wrong)), undefined)
})

test('base64 is taken with its padding or not at all', () => {
  assert.equal(readBase64('')?.length, 0)
  assert.equal(readBase64('YWRtaW4=')?.toString(), 'admin')
  for (const wrong of ['YWRtaW4', 'YWR taW4=', '====', 'YW=tYWRt', '*']) assert.equal(readBase64(wrong), undefined)
})

test('CRAM-MD5’s example (RFC 2195 §2) becomes a line for hashcat', () => {
  const challenge = '<1896.697170952@postoffice.reston.mci.net>'
  const said = readCramMd5(Buffer.from('tim b913a602c7eda7a495b4e6e7334d3890'), challenge)
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  assert.deepEqual(said, {
    user: 'tim',
    hash: `$cram_md5$${base64(challenge)}$${base64('tim b913a602c7eda7a495b4e6e7334d3890')}`,
  })
  for (const wrong of ['', 'tim', 'tim 12', 'tim zz13a602c7eda7a495b4e6e7334d3890'])
    assert.equal(readCramMd5(Buffer.from(wrong), challenge), undefined)
})

describe('SCRAM-SHA-256’s example (RFC 7677 §3)', () => {
  test('first message', () => {
    assert.deepEqual(readScramFirst(Buffer.from('n,,n=user,r=rOprNGfwEbeRWgbNEkqO')), {
      header: 'n,,',
      user: 'user',
      nonce: 'rOprNGfwEbeRWgbNEkqO',
      bare: 'n=user,r=rOprNGfwEbeRWgbNEkqO',
    })
  })
  test('last message', () => {
    const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
    const proof = 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ='
    const found = readScramFinal(Buffer.from(`c=biws,r=${nonce},p=${proof}`))
    assert.deepEqual(found, { nonce, withoutProof: `c=biws,r=${nonce}`, proof: Buffer.from(proof, 'base64') })
  })
  test('anything else is malformed', () => {
    for (const wrong of ['', 'n,,', 'n,,r=x', 'x,,n=a,r=b', `n,,n=a,r=${'b'.repeat(200)}`])
      assert.throws(() => readScramFirst(Buffer.from(wrong)), /SCRAM/)
    for (const wrong of ['', 'c=biws', 'c=biws,r=x', 'c=biws,r=x,p='])
      assert.throws(() => readScramFinal(Buffer.from(wrong)), /SCRAM/)
  })
})
