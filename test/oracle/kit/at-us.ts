import { duplexPair } from 'node:stream'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import type { Service, TcpContext } from '#sensor/service.ts'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import { converse, type Exchange } from './dialogue.ts'

const turns = async (n: number) => {
  while (n--) await new Promise(setImmediate)
}

/** Plays a recorded client's part at our service, in memory; `context` is what differs from a talk's. */
export async function playAtUs<O>(
  service: Service<O>,
  steps: readonly string[],
  context: (cx: TcpContext<O>) => Partial<TcpContext<O>> = () => ({}),
  options?: unknown,
): Promise<Exchange[]> {
  const [client, server] = duplexPair()
  server.on('error', () => {})
  const { record } = listeningRecorder()
  const conn = new Conn(server, { ...defaultLimits, ...service.limits })
  const base = testContext(service, record, { options })
  const cx = Object.assign(base, context(base))
  const session = service.session!(conn, cx)
    .catch(error => error)
    .finally(() => conn.end())
  const exchanges = await converse(client, steps, () => turns(6))
  client.destroy()
  conn.hangup('shutdown')
  await session
  return exchanges
}
