import assert from 'node:assert/strict'
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { test } from 'node:test'
import { samplePersona } from '#persona/sample.ts'
import { authenticate, type Desk, type Mechanism } from './auth.ts'

const persona = await samplePersona('auth')
type Login = Parameters<Desk['record']['login']>[0]

/** A desk at which `answer` says what a client says to each challenge. */
function desk(answer: (challenge: string, round: number) => string) {
  const logins: Login[] = []
  let round = 0
  const made: Desk = {
    persona,
    access: {
      password: (_: string, password: string) => password === 'right',
      publicKeys: 'refuse',
      known: false,
      letIn() {},
      changed() {},
    },
    record: { login: details => void logins.push(details) },
    random: bytes => Buffer.alloc(bytes, 7),
    now: () => 1_768_446_245_000,
    ask: async challenge => answer(Buffer.from(challenge, 'base64').toString(), round++),
  }
  return { made, logins }
}
const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64')

/** What ClientProof is for this password (RFC 5802 §3). */
function proofOf(password: string, salt: Buffer, iterations: number, about: string): Buffer {
  const hmac = (key: Buffer, data: string) => createHmac('sha256', key).update(data, 'latin1').digest()
  const client = hmac(pbkdf2Sync(password, salt, iterations, 32, 'sha256'), 'Client Key')
  const signature = hmac(createHash('sha256').update(client).digest(), about)
  return Buffer.from(client.map((byte, i) => byte ^ signature[i]!))
}

test('what SCRAM leaves behind tells a right guess from a wrong one', async () => {
  const bare = 'n=anna,r=rOprNGfwEbeRWgbNEkqO'
  const { made, logins } = desk((challenge, round) => {
    if (round === 0) return base64(`n,,${bare}`)
    const [, nonce, salt, iterations] = /^r=(.+),s=(.+),i=(\d+)$/.exec(challenge)!
    const last = `c=biws,r=${nonce}`
    const proof = proofOf(
      'summer2019',
      Buffer.from(salt!, 'base64'),
      Number(iterations),
      `${bare},${challenge},${last}`,
    )
    return base64(`${last},p=${proof.toString('base64')}`)
  })
  assert.equal(await authenticate(made, 'SCRAM-SHA-256', undefined), 'failed')
  const [login] = logins
  const [, , iterations, salt, about, proof] = login!.hash!.split('$')
  const found = ['wrong', 'summer2019'].filter(
    word =>
      proofOf(
        word,
        Buffer.from(salt!, 'base64'),
        Number(iterations),
        Buffer.from(about!, 'base64').toString('latin1'),
      ).toString('base64') === proof,
  )
  assert.deepEqual(found, ['summer2019'])
  assert.equal(login!.user, 'anna')
})

test('exchanges end in the ways that clients end them', async () => {
  const ends: [Mechanism, string | undefined, string[], unknown][] = [
    ['PLAIN', undefined, [base64('\0anna\0right')], { user: 'anna' }],
    ['PLAIN', base64(`\0anna@${persona.domain}\0right`), [], { user: 'anna' }],
    ['PLAIN', base64('\0anna\0wrong'), [], 'failed'],
    ['PLAIN', '=', [], 'failed'],
    ['PLAIN', undefined, ['*'], 'aborted'],
    ['PLAIN', undefined, ['x'], 'not base64'],
    ['LOGIN', undefined, [base64('anna'), base64('right')], { user: 'anna' }],
    ['LOGIN', base64('anna'), ['*'], 'aborted'],
    ['CRAM-MD5', undefined, ['*'], 'aborted'],
    ['CRAM-MD5', undefined, [base64('anna')], 'failed'],
  ]
  for (const [mechanism, initial, answers, wanted] of ends)
    assert.deepEqual(
      await authenticate(desk((_, round) => answers[round] ?? '*').made, mechanism, initial),
      wanted,
      `${mechanism} ${answers}`,
    )
})
