import { duplexPair } from 'node:stream'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import type { Exchange } from '../../../test/oracle/kit/dialogue.ts'
import { talkTo } from '../../../test/oracle/sip/dialogue.ts'
import { PORT } from '../../../test/oracle/sip/script.ts'
import sip from './index.ts'
import { encodeKamailio } from './kamailio.ts'
import { parseDatagram } from './message.ts'
import { answer, exchange, session } from './serve.ts'

/** As Kamailio was recorded: two subscribers, no gateway. */
function context() {
  const options = {
    product: 'Kamailio',
    calls: 'unknown',
    access: { rules: ['*:sunshine1', '*:moonlight2'], otherwise: 'refuse' },
  }
  const cx = testContext(sip, listeningRecorder().record, { options, port: PORT })
  return Object.assign(cx, {
    source: { ip: '127.0.0.1', port: 40312 },
    destination: { ip: '127.0.0.1', port: PORT },
  })
}

/** Each request with the first answer, whole: how much of it a datagram may have is the runtime's affair. */
export function playUdp(steps: readonly string[]): Promise<Exchange[]> {
  const cx = context()
  return talkTo(steps, async sent => {
    try {
      const x = exchange(parseDatagram(Buffer.from(sent, 'latin1')), cx, 'UDP')
      const [reply] = x ? answer(x) : []
      return { heard: reply ? encodeKamailio(cx)(reply, 3).toString('latin1') : '', closed: false }
    } catch {
      return { heard: '', closed: false }
    }
  })
}

export async function playTcp(steps: readonly string[]): Promise<Exchange[]> {
  const [client, server] = duplexPair()
  let heard = ''
  let closed = false
  client.on('data', (bytes: Buffer) => (heard += bytes.toString('latin1')))
  client.on('end', () => (closed = true))
  const conn = new Conn(server, { ...defaultLimits, ...sip.limits })
  const story = session(conn, context())
    .catch(() => {})
    .finally(() => conn.end())
  const exchanges = await talkTo(steps, async sent => {
    heard = ''
    client.write(sent, 'latin1')
    for (let turns = 0; turns < 12; turns++) await new Promise(setImmediate)
    return { heard, closed }
  })
  client.destroy()
  conn.hangup('shutdown')
  await story
  return exchanges
}

/** Ports, tags and nonces differ from one run to the next. */
export const mask = (heard: string): string =>
  heard
    .replace(/rport=\d+/g, 'rport=N')
    .replace(/tag=[0-9a-f]{32}([.-])[0-9a-f]{8}(?=\r|\n)/g, 'tag=T$1')
    .replace(/nonce="[A-Za-z0-9+/]{32}"/g, 'nonce="N"')
