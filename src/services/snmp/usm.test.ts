import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { test } from 'node:test'
import { playDatagrams } from '#services/testing/play.ts'
import * as ber from './ber.ts'
import snmp from './index.ts'

await snmp.load!(false)

/** RFC 3414 §A.2: a megabyte of the password, then made the engine's own. */
function localized(hash: string, password: string, engine: Buffer): Buffer {
  const megabyte = Buffer.from(password.repeat(Math.ceil(1_048_576 / password.length)).slice(0, 1_048_576))
  const key = createHash(hash).update(megabyte).digest()
  return createHash(hash).update(key).update(engine).update(key).digest()
}

/** A signed message of version 3, as a client sends it once it knows the engine. */
function signed(hash: string, length: number, password: string, engine: Buffer): Buffer {
  const build = (digest: Buffer) => {
    const pdu = ber.tlv(0xa0, ber.integer(5), ber.integer(0), ber.integer(0), ber.sequence())
    const security = [
      ber.octets(engine),
      ber.integer(3),
      ber.integer(1000),
      ber.octets('admin'),
      ber.octets(digest),
      ber.octets(''),
    ]
    return ber.sequence(
      ber.integer(3),
      ber.sequence(ber.integer(4711), ber.integer(65_507), ber.octets(Buffer.of(5)), ber.integer(3)),
      ber.octets(ber.sequence(...security)),
      ber.sequence(ber.octets(engine), ber.octets(''), pdu),
    )
  }
  const key = localized(hash, password, engine)
  return build(
    createHmac(hash, key)
      .update(build(Buffer.alloc(length)))
      .digest()
      .subarray(0, length),
  )
}

/** What a cracker does with a recorded line, in hashcat's form. */
function crack(line: string, hash: string, words: string[]): string | undefined {
  const [, name, kind, number, message, engine, digest] = line.split('$')
  assert.deepEqual([name, number], ['SNMPv3', '4711'])
  assert.match(kind!, /^[03456]$/)
  return words.find(word =>
    createHmac(hash, localized(hash, word, Buffer.from(engine!, 'hex')))
      .update(Buffer.from(message!, 'hex'))
      .digest('hex')
      .startsWith(digest!),
  )
}

for (const [hash, length, method] of [
  ['md5', 12, 'usm-md5-sha1'],
  ['sha1', 12, 'usm-md5-sha1'],
  ['sha256', 24, 'usm-sha256'],
  ['sha512', 48, 'usm-sha512'],
] as const)
  test(`what is signed with ${hash} gives its password away to a list of two words`, () => {
    const engine = Buffer.from('80001f8880112233445566778800000000', 'hex')
    const { events } = playDatagrams(snmp, [signed(hash, length, 'maplesyrup', engine)])
    const login = events.find(event => event.name === 'login')!.details as Record<string, string>
    assert.deepEqual([login.method, login.user, login.outcome], [method, 'admin', 'failure'])
    assert.equal(crack(login.hash!, hash, ['letmein1', 'maplesyrup']), 'maplesyrup')
  })
