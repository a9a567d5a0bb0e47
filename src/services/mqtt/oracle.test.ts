import { duplexPair } from 'node:stream'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import { compareWithRecorded } from '../../../test/oracle/kit/compare.ts'
import { converse } from '../../../test/oracle/kit/dialogue.ts'
import { byConnection, hub } from '../../../test/oracle/kit/hub.ts'
import { apart } from '../../../test/oracle/mqtt/packets.ts'
import mqtt from './index.ts'

const turns = async (n: number) => {
  while (n--) await new Promise(setImmediate)
}

/** Plays a dialogue of one or several clients at brokers of one attacker's. */
async function play(steps: readonly string[], dialogue: string) {
  const memory = new Map<string, object>()
  const open = !dialogue.startsWith('closed')
  const options = { installation: 'none', open, access: { rules: ['sensor:s3cret'], otherwise: 'refuse' } }
  const sessions: Promise<unknown>[] = []
  const conns: Conn[] = []
  const dial = () => {
    const [client, server] = duplexPair()
    server.on('error', () => {})
    client.on('error', () => {})
    const conn = new Conn(server, { ...defaultLimits, ...mqtt.limits })
    const cx = testContext(mqtt, listeningRecorder().record, { memory, options })
    const ended = mqtt.session!(conn, cx)
      .catch(error => error)
      .finally(() => conn.end())
    sessions.push(ended)
    conns.push(conn)
    return client
  }
  const exchanges = await converse(hub(dial), steps, () => turns(8))
  for (const conn of conns) conn.hangup('shutdown')
  await Promise.all(sessions)
  return exchanges
}

/** What each connection heard, packet by packet; the broker's own figures and the names it gives vary. */
function mask(heard: string): string {
  return [...byConnection(heard)]
    .map(([name, { bytes, closed }]) => {
      const packets = apart(bytes).map(packet =>
        packet
          .replace(/auto-[0-9A-F-]{36}/, 'auto-#')
          .replace(/^(.).{1,2}(\0.\$SYS\/broker\/(?!version)[a-z/]{1,40}).*/s, '$1#$2#'),
      )
      return `${name}: ${packets.map(packet => Buffer.from(packet, 'latin1').toString('hex')).join(' ')}${closed ? ' closed' : ''}`
    })
    .join('\n')
}

compareWithRecorded({ name: 'mqtt', product: 'Mosquitto 2.0.11 (Debian 12)', mask, play })
