import assert from 'node:assert/strict'
import { createDecipheriv, createHash } from 'node:crypto'
import { test } from 'node:test'
import { testPersona } from '#services/testing/persona.ts'
import { play } from '#services/testing/play.ts'
import { find, parseDescription } from './description.ts'
import oracle from './index.ts'
import { versionNumber } from './listener.ts'
import { challenge, crackable, readLogon } from './logon.ts'
import { connect, packet } from './testing.ts'
import { readDataTypes } from './ttc.ts'

const said = async (description: string, how: { options?: unknown; apart?: boolean } = {}) => {
  const { heard, events, ending } = await play(oracle, [connect(description, how.apart)], {
    options: how.options ?? { services: [] },
  })
  assert.match(ending, /^(?:done|eof)$/)
  return { type: heard[4], text: heard.toString('latin1', 12), heard, events }
}
const error = (text: string) => /\(ERR=(\d+)\)/.exec(text)?.[1]

test('descriptions: nested, spaced, in any case; and what is none', () => {
  const pairs = parseDescription('(description = \n (connect_data=(SID= XE )(CID=(PROGRAM=)(HOST=h))))\0')!
  assert.equal(find(pairs, 'SID')?.value, 'XE')
  assert.equal(find(pairs, 'PROGRAM')?.value, '')
  assert.deepEqual(
    find(pairs, 'CID')?.inside.map(({ name }) => name),
    ['PROGRAM', 'HOST'],
  )
  assert.ok(parseDescription(`${'(A='.repeat(16)}x${')'.repeat(16)}`))
  for (const none of [
    '',
    'SID=XE',
    '(SID=XE',
    '(SID=XE))',
    '(=x)',
    '((A=b))',
    '(A=b(C=d))',
    `${'(A='.repeat(17)}x${')'.repeat(17)}`,
    `(A=${'(B=c)'.repeat(256)})`,
  ])
    assert.equal(parseDescription(none), undefined, none)
})

test('version numbers as scanners take them apart', () => {
  assert.equal(versionNumber('18.0.0.0.0'), 301_989_888)
  assert.equal(versionNumber('21.0.0.0.0'), 352_321_536)
})

test('instances and services: known ones are heard again, others refused', async () => {
  for (const known of ['SID=XE', 'SID=xe', 'SERVICE_NAME=XEPDB1', 'SERVICE_NAME=XEXDB', 'SERVER=DEDICATED'])
    assert.deepEqual((await said(`(DESCRIPTION=(CONNECT_DATA=(${known})))`)).heard, packet(11, Buffer.alloc(0)), known)
  assert.equal(error((await said('(DESCRIPTION=(CONNECT_DATA=(SID=ORCL)))')).text), '12505')
  assert.equal(error((await said('(DESCRIPTION=(CONNECT_DATA=(SERVICE_NAME=ORCL)))')).text), '12514')
  assert.equal((await said('(CONNECT_DATA=(SID=orcl))', { options: { services: ['ORCL'] } })).type, 11)
  assert.equal(error((await said('(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)))')).text), '12504')
  assert.equal(error((await said('(DESCRIPTION=(CONNECT_DATA=')).text), '1153')
})

test('a description in a packet of its own', async () => {
  const long = `(DESCRIPTION=(CONNECT_DATA=(SID=NOPE)(CID=(PROGRAM=${'p'.repeat(3000)}))))`
  assert.equal(error((await said(long, { apart: true })).text), '12505')
})

test('commands of administrators from elsewhere', async () => {
  for (const [command, code] of [
    ['version', '1189'],
    ['STATUS', '1189'],
    ['services', '1189'],
    ['service_register_NSGR', '1194'],
    ['constructor', '12508'],
    ['ping', '0'],
  ] as const) {
    const { type, text, events } = await said(`(CONNECT_DATA=(COMMAND=${command}))`)
    assert.equal(type, 4)
    assert.equal(error(text), code, command)
    assert.equal(
      events.some(({ name }) => name === 'exploit'),
      command.startsWith('service_'),
    )
  }
})

test('the listener’s password: its hash, or in clear', async () => {
  const login = async (password: string) =>
    (await said(`(DESCRIPTION=(CONNECT_DATA=(COMMAND=reload)(PASSWORD=${password})))`)).events.find(
      ({ name }) => name === 'login',
    )?.details
  assert.deepEqual(await login('D911E1E6D5AB7FD8'), {
    method: 'listener',
    hash: 'D911E1E6D5AB7FD8:ARB',
    outcome: 'failure',
  })
  assert.deepEqual(await login('s3cret'), { method: 'listener', password: 's3cret', outcome: 'failure' })
})

/** What John's `o5logon` does with one word. */
function opens(line: string, word: string): boolean {
  const [key, salt, password, clientKey] = line
    .slice('$o5logon$'.length)
    .split('*')
    .map(part => Buffer.from(part, 'hex')) as [Buffer, Buffer, Buffer, Buffer]
  const decrypted = (by: Buffer, bytes: Buffer) => {
    const cipher = createDecipheriv('aes-192-cbc', by, Buffer.alloc(16)).setAutoPadding(false)
    return Buffer.concat([cipher.update(bytes), cipher.final()])
  }
  const verifier = Buffer.concat([createHash('sha1').update(word).update(salt).digest(), Buffer.alloc(4)])
  const [ours, theirs] = [decrypted(verifier, key), decrypted(verifier, clientKey)]
  const mixed = Buffer.from(Array.from({ length: 24 }, (_, i) => ours[16 + i]! ^ theirs[16 + i]!))
  const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest()
  const combined = Buffer.concat([md5(mixed.subarray(0, 16)), md5(mixed.subarray(16))]).subarray(0, 24)
  const plain = decrypted(combined, password)
  return plain.subarray(16, plain.length - plain.at(-1)!).equals(Buffer.from(word))
}

test('a proof is the line that crackers read: against one of John’s own examples, and against ours', async () => {
  const key = '8D032D2C3AAB74E34ADABE9D4E62A3B19029DB37054665A004435DAF0B6C571A16DFE69C232923A1685414307DC01D88'
  const values = new Map([
    ['AUTH_PASSWORD', 'EA974D3A9D7ECDC7316E03772847A9960E7DE5D86D416781072A36A6B7DBB430'],
    [
      'AUTH_SESSKEY',
      '0B8297E48756AA562F369651C18B73A5FEAA89151787298A4116E66090B6B72535154AE28B5D29DFA8740706D74FC49A',
    ],
  ])
  const line = crackable({ key, salt: '681D0B32B396420D5914' }, values)!
  assert.ok(opens(line, 'password'))
  assert.ok(!opens(line, 'passwort'))
  assert.equal(crackable({ key, salt: '681D0B32B396420D5914' }, new Map([['AUTH_PASSWORD', 'xyz']])), undefined)
})

test('an account’s salt is the same at every visit, and no other’s', () => {
  const random = (bytes: number) => Buffer.alloc(bytes, 7)
  const salt = (user: string) => challenge(testPersona, user, random).salt
  assert.match(salt('scott'), /^[0-9A-F]{20}$/)
  assert.equal(salt('scott'), salt('SCOTT'))
  assert.notEqual(salt('scott'), salt('system'))
})

test('log-in calls: lengths in universal form, and in a client’s own order', () => {
  const universal = Buffer.from(
    '\x03\x76\x01\x01\x01\x05\x01\x01\x01\x01\x02\x00\x01\x05scott\x01\x0d\x0dAUTH_TERMINAL\x01\x05\x05pts/0\x00\x01\x08\x08AUTH_PID\x00\x00',
    'latin1',
  )
  const own = Buffer.from(
    '\x03\x76\x02\x01\x04\x00\x00\x00\x05scott\x0d\x00\x00\x00\x0dAUTH_TERMINAL\x05\x00\x00\x00\x05pts/0\x00\x00\x00\x00',
    'latin1',
  )
  for (const data of [universal, own]) {
    const { user, values } = readLogon(data)
    assert.equal(user, 'scott')
    assert.equal(values.get('AUTH_TERMINAL'), 'pts/0')
  }
  assert.equal(readLogon(universal).form, 'universal')
  assert.equal(readLogon(own).form, 'own')
  assert.equal(readLogon(Buffer.from('\x03\x76\x01AUTH_AUTH_', 'latin1')).values.size, 0)
})

test('data types: told back, and waited for when the list goes on', () => {
  const data = Buffer.from(
    '026903690303' + '08060101010000000c' + '020100' + '0001000100010000' + '00080000' + '0000',
    'hex',
  )
  const read = readDataTypes(data)
  assert.equal(read?.fieldVersion, 12)
  assert.equal(read?.answer.toString('hex'), `02${'0001000100010000'}${'00080000'}${'0000'}`)
  assert.equal(readDataTypes(data.subarray(0, data.length - 2)), undefined)
})
