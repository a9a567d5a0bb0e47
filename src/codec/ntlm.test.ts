import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { ntlmAnswer, ntlmChallenge, ntlmType } from './ntlm.ts'
import { numbers } from './testing.ts'

const target = {
  domain: 'HAYASE',
  computer: 'RELAY3',
  dnsDomain: 'hayase.example',
  dnsComputer: 'relay3.hayase.example',
  now: 0,
}
const challenge = Buffer.from('0123456789abcdef', 'hex')

/** An AUTHENTICATE_MESSAGE with these fields, in Unicode (MS-NLMP 2.2.1.3). */
function answer(lm: Buffer, nt: Buffer, domain: string, user: string, workstation: string): Buffer {
  const parts = [lm, nt, ...[domain, user, workstation].map(text => Buffer.from(text, 'utf16le')), Buffer.alloc(0)]
  const head = Buffer.alloc(64)
  head.write('NTLMSSP\0', 'latin1')
  head.writeUInt32LE(3, 8)
  let offset = 64
  parts.forEach((part, i) => {
    head.writeUInt16LE(part.length, 12 + i * 8)
    head.writeUInt16LE(part.length, 14 + i * 8)
    head.writeUInt32LE(offset, 16 + i * 8)
    offset += part.length
  })
  head.writeUInt32LE(1, 60)
  return Buffer.concat([head, ...parts])
}

test('a challenge names the target in all the ways that clients read', () => {
  const message = ntlmChallenge({ ...target, version: [10, 0, 17763] }, challenge)
  assert.equal(ntlmType(message), 2)
  assert.deepEqual(message.subarray(24, 32), challenge)
  const [length, offset] = [message.readUInt16LE(40), message.readUInt32LE(44)]
  assert.equal(offset + length, message.length)
  const pairs: [number, string][] = []
  for (let at = offset; at < message.length; at += 4 + message.readUInt16LE(at + 2))
    pairs.push([message.readUInt16LE(at), message.toString('utf16le', at + 4, at + 4 + message.readUInt16LE(at + 2))])
  assert.deepEqual(
    pairs.filter(([id]) => id !== 7 && id !== 0),
    [
      [2, 'HAYASE'],
      [1, 'RELAY3'],
      [4, 'hayase.example'],
      [3, 'relay3.hayase.example'],
      [5, 'hayase.example'],
    ],
  )
  assert.deepEqual([message[48], message[49], message.readUInt16LE(50)], [10, 0, 17763])
})

test('an answer of NTLMv2 holds what its password can be tried against', () => {
  const key = createHmac('md5', 'any key').update('x').digest()
  const blob = Buffer.from(`0101000000000000${'00'.repeat(20)}`, 'hex')
  const proof = createHmac('md5', key).update(challenge).update(blob).digest()
  const found = ntlmAnswer(answer(Buffer.alloc(24), Buffer.concat([proof, blob]), 'CORP', 'anna', 'WS1'), challenge)
  assert.deepEqual(found, {
    user: 'anna',
    domain: 'CORP',
    workstation: 'WS1',
    hash: `anna::CORP:0123456789abcdef:${proof.toString('hex')}:${blob.toString('hex')}`,
  })
})

test('one of the first NTLM has both responses', () => {
  const [lm, nt] = [Buffer.alloc(24, 1), Buffer.alloc(24, 2)]
  const { hash } = ntlmAnswer(answer(lm, nt, '', 'anna', ''), challenge)
  assert.equal(hash, `anna:::${'01'.repeat(24)}:${'02'.repeat(24)}:0123456789abcdef`)
})

test('a field that leads out of its message is malformed, whatever else is in it', () => {
  const whole = answer(Buffer.alloc(24), Buffer.alloc(40), 'CORP', 'anna', 'WS1')
  const draw = numbers(5)
  for (let n = 0; n < 20_000; n++) {
    const damaged = Buffer.from(whole.subarray(0, draw(whole.length + 1)))
    for (let left = draw(4); left > 0 && damaged.length > 0; left--) damaged[draw(damaged.length)] = draw(256)
    try {
      ntlmAnswer(damaged, challenge)
    } catch (error) {
      assert.equal((error as Error).name === 'Malformed' || (error as Error).constructor.name === 'Malformed', true)
    }
  }
})
