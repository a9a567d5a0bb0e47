import assert from 'node:assert/strict'
import { duplexPair } from 'node:stream'
import { test } from 'node:test'
import * as v from 'valibot'
import { Attackers } from '#sensor/attackers.ts'
import { testPersona } from '#services/testing/persona.ts'
import { Conn, defaultLimits } from './conn.ts'
import { type Running, run, type World } from './converse.ts'
import type { Service } from './service.ts'
import { pretend } from './testing.ts'
import { leadInside } from './tunnels.ts'

const named = (name: string, listen: Service<unknown>['listen']): Running =>
  run({ ...pretend(async () => {}), name, listen, options: v.unknown() }, {}, testPersona)
const house = new Map(
  [
    named('proxy', [{ transport: 'tcp', port: 3128 }]),
    named('http', [{ transport: 'tcp', port: 80 }]),
    named('smtp', [
      { transport: 'tcp', port: 25 },
      { transport: 'tcp', port: 465, tls: true },
    ]),
    named('catchall', [{ transport: 'tcp', port: 7 }]),
  ].map(running => [running.service.name, running]),
)
const world = { persona: testPersona, attackers: new Attackers() } as unknown as World

async function led(port: number, said: string | Buffer, host = 'mx.example.org') {
  const [client, server] = duplexPair()
  const conn = new Conn(server)
  client.write(said)
  await new Promise(setImmediate)
  const found = await leadInside(house, () => defaultLimits)(conn, { host, port, depth: 1 }, world)
  client.destroy()
  server.destroy()
  return found!
}

test('inside a tunnel the web is the proxy’s, mail the mail server’s, and the rest nobody’s', async () => {
  const name = async (port: number, said: string | Buffer) => {
    const { running, tls } = await led(port, said)
    return [running.service.name, tls]
  }
  assert.deepEqual(await name(80, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'), ['proxy', false])
  assert.deepEqual(await name(25, ''), ['smtp', false])
  assert.deepEqual(await name(587, ''), ['smtp', false], 'mail is handed in there, and the server begins')
  assert.deepEqual(await name(4444, '\x99\x98\x97'), ['catchall', false])
})

test('who answers there has the name of the place, and a memory of its own', async () => {
  const { world: away } = await led(25, '', 'MX.example.org')
  assert.deepEqual(
    [away.persona.fqdn, away.persona.hostname, away.persona.domain],
    ['mx.example.org', 'mx', 'example.org'],
  )
  assert.match((await led(25, '', '192.0.2.9')).world.persona.fqdn, /^[a-z]+\d+\.localdomain$/)
  const here = world.attackers.state('smtp', '198.51.100.1', 0, () => ({ here: true }))
  assert.notEqual(
    away.attackers.state('smtp', '198.51.100.1', 0, () => ({ here: false })),
    here,
  )
})
