import { duplexPair } from 'node:stream'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import type { Exchange } from '../../../test/oracle/kit/dialogue.ts'
import { converse, mask } from '../../../test/oracle/mysql/client.ts'
import mysql from './index.ts'
import { type Cx, newServer } from './state.ts'

const turns = async () => {
  for (let n = 0; n < 6; n++) await new Promise(setImmediate)
}

/** The recorded client at our service, as the same release on a machine of that name, with nothing in it yet. */
async function play(steps: readonly string[]): Promise<Exchange[]> {
  const [client, wire] = duplexPair()
  wire.on('error', () => {})
  const conn = new Conn(wire, { ...defaultLimits, ...mysql.limits })
  const { record } = listeningRecorder()
  const base: Cx = testContext(mysql, record, {
    options: { access: { rules: ['tester:secret'], otherwise: 'refuse' } },
  })
  const { persona } = base
  const package_ = '1:10.11.19-0+deb12u1'
  const cx: Cx = Object.assign(base, {
    source: { ip: 'localhost', port: 40_000 },
    persona: {
      ...persona,
      timezone: { name: 'Etc/UTC', offset: 0 },
      software: { ...persona.software, mysql: { product: 'MariaDB', version: '10.11.19', package: package_ } },
    },
  })
  const server = newServer(cx)
  for (const schema of [...server.catalog.schemas.keys()]) server.catalog.dropSchema(schema)
  cx.attacker = (make, room) => (room === undefined ? server : make()) as never
  const session = mysql.session!(conn, cx)
    .catch(error => error)
    .finally(() => conn.end())
  const exchanges = await converse(client, steps.slice(1), turns)
  conn.hangup('shutdown')
  await session
  return exchanges
}

compareWithRecorded({ name: 'mysql', product: 'MariaDB 10.11.19 (Debian 12)', mask, play })
