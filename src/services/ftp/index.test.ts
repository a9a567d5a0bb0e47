import assert from 'node:assert/strict'
import { duplexPair } from 'node:stream'
import { describe, test } from 'node:test'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import type { PassivePort } from '#sensor/service.ts'
import { testPersona } from '#services/testing/persona.ts'
import { listeningRecorder, play, testContext } from '#services/testing/play.ts'
import ftp from './index.ts'
import { pamDelay } from './login.ts'

const say = (...lines: string[]) => lines.map(line => Buffer.from(`${line}\r\n`, 'latin1'))
const heard = async (lines: string[], how = {}) => (await play(ftp, say(...lines), how)).heard.toString('latin1')
const port = (): PassivePort => ({ port: 30_000, accept: () => new Promise(() => {}), release: () => {} })

test('nobody gets in where nobody may', async () => {
  const options = { anonymous: false, accounts: 'none' }
  const text = await heard(['USER ftp', 'PASS x', 'USER anonymous', 'PASS x', 'USER admin', 'PASS admin', 'NOOP'], {
    options,
  })
  assert.equal(text.match(/^530 Login incorrect\./gm)?.length, 3)
  assert.doesNotMatch(text, /^230/m)
})

test('a right password counts only after the failures asked for, over all connections of a source', async () => {
  const how = { options: { accounts: { bob: 'x' }, failuresFirst: 2 }, memory: new Map<string, object>() }
  assert.match(await heard(['USER bob', 'PASS x'], how), /530/)
  assert.match(await heard(['USER bob', 'PASS y'], how), /530/)
  assert.match(await heard(['USER bob', 'PASS x'], how), /230/)
})

test('an attacker finds at the next visit what was made at the last', async () => {
  const how = { memory: new Map<string, object>() }
  await heard(['USER ftp', 'PASS x', 'MKD incoming/mine'], how)
  assert.match(await heard(['USER ftp', 'PASS x', 'STAT incoming'], how), / mine\r\n/)
  assert.doesNotMatch(await heard(['USER ftp', 'PASS x', 'STAT incoming']), / mine\r\n/)
})

test('passwords stand in log-in events alone', async () => {
  const { events } = await play(ftp, say('USER a', 'PASS s3cret', 'pass s3cret'))
  assert.equal(JSON.stringify(events.filter(e => e.name === 'command')).includes('s3cret'), false)
  assert.equal(events.filter(e => e.name === 'login').length, 1)
})

test('a source holds eight data ports at most', async () => {
  const memory = new Map<string, object>()
  const open = Array.from({ length: 10 }, () => {
    const [client, server] = duplexPair()
    const { record } = listeningRecorder()
    let text = ''
    client.on('data', chunk => (text += chunk))
    const session = ftp.session!(
      new Conn(server, { ...defaultLimits, ...ftp.limits }),
      testContext(ftp, record, { memory, passive: port }),
    ).catch(() => {})
    client.write('USER ftp\r\nPASS x\r\nPASV\r\n')
    return { client, session, said: () => text }
  })
  for (let i = 0; i < 50; i++) await new Promise(setImmediate)
  assert.equal(open.filter(one => one.said().includes('\r\n227 ')).length, 8)
  assert.equal(open.filter(one => one.said().includes('\r\n425 ')).length, 2)
  for (const one of open) one.client.end()
  await Promise.all(open.map(one => one.session))
  assert.match(await heard(['USER ftp', 'PASS x', 'PASV'], { memory, passive: port }), /\r\n227 /)
})

describe('silence', () => {
  for (const [product, words] of [
    ['vsFTPd', '421 Timeout.\r\n'],
    ['ProFTPD', '421 Login timeout (300 seconds): closing control connection\r\n'],
  ] as const)
    test(`${product} says why it hangs up`, async () => {
      let now = 1_000_000
      const [client, server] = duplexPair()
      const { record } = listeningRecorder()
      const conn = new Conn(server, { ...defaultLimits, ...ftp.limits }, undefined, () => now)
      let text = ''
      client.on('data', chunk => (text += chunk))
      const persona = {
        ...testPersona,
        software: { ...testPersona.software, ftp: { ...testPersona.software.ftp, product } },
      }
      const session = ftp.session!(conn, { ...testContext(ftp, record), persona })
      for (let i = 0; i < 5; i++) await new Promise(setImmediate)
      now += 301_000
      conn.expire(now)
      await assert.rejects(session, /idle/)
      for (let i = 0; i < 5; i++) await new Promise(setImmediate)
      assert.ok(text.endsWith(words), text)
    })
})

test('a failed log-in costs about two seconds in PAM, never the same twice', () => {
  let seed = 0
  const random = (n: number) => Buffer.from(Array.from({ length: n }, () => (seed = (seed * 73 + 41) % 256)))
  const delays = Array.from({ length: 200 }, () => pamDelay(2, random))
  assert.ok(delays.every(seconds => seconds >= 1 && seconds <= 3))
  assert.ok(new Set(delays).size > 50)
})
