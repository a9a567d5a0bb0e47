import { duplexPair } from 'node:stream'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import type { Exchange } from '../../../test/oracle/kit/dialogue.ts'
import { converse, mask } from '../../../test/oracle/postgresql/client.ts'
import postgresql from './index.ts'
import { type Cx, newServer } from './state.ts'

const turns = async () => {
  for (let n = 0; n < 12; n++) await new Promise(setImmediate)
}

/** The recorded client at our service, as the same release in UTC, with nothing in it yet. */
async function play(steps: readonly string[]): Promise<Exchange[]> {
  const [client, wire] = duplexPair()
  wire.on('error', () => {})
  const conn = new Conn(wire, { ...defaultLimits, ...postgresql.limits })
  const { record } = listeningRecorder()
  const base: Cx = testContext(postgresql, record, {
    options: { access: { rules: ['postgres:secret'], otherwise: 'refuse' } },
  })
  const { persona } = base
  const version = { version: '15.18', package: '15.18-0+deb12u1' }
  const cx: Cx = Object.assign(base, {
    persona: {
      ...persona,
      timezone: { name: 'Etc/UTC', offset: 0 },
      software: { ...persona.software, postgresql: version },
    },
  })
  const server = newServer(cx)
  const app = [...server.databases.keys()].find(name => !/^(?:postgres|template[01])$/.test(name))
  if (app) server.databases.delete(app)
  const rooms = new Map<string | undefined, object>([[undefined, server]])
  cx.attacker = (make, room) => {
    const known = rooms.get(room) ?? make()
    rooms.set(room, known)
    return known as never
  }
  const session = postgresql.session!(conn, cx)
    .catch(error => error)
    .finally(() => conn.end())
  const exchanges = await converse(client, steps, turns)
  conn.hangup('shutdown')
  await session
  return exchanges
}

compareWithRecorded({ name: 'postgresql', product: 'PostgreSQL 15.18 (Debian 12)', mask, play })
