import { text as readable } from '#events/text.ts'
import { compressors } from './compress.ts'
import { jsonOf } from './json.ts'
import { saslStart } from './login.ts'
import { now, type Session } from './state.ts'
import { type Doc, date, doc, int, isArray, isDoc, numberOf, truthy } from './value.ts'

/** The highest wire version of each series. */
const wire = new Map([
  ['4.4', 9],
  ['5.0', 13],
  ['6.0', 17],
  ['7.0', 21],
])
/** Bytes of client metadata that its event shows; the server takes 512. */
const SHOWN = 1024

/** hello and isMaster: who the server is, and the first step of a log-in that came with it. */
export function hello(session: Session, command: Doc, name: string): Doc {
  const { server } = session
  greet(session, command)
  const modern = name === 'hello'
  const helloOk = truthy(command.get('helloOk'))
  const made = doc({
    ...(helloOk ? { helloOk: true } : {}),
    ...(modern ? { isWritablePrimary: true } : { ismaster: true }),
    topologyVersion: topology(session),
    maxBsonObjectSize: int(16_777_216),
    maxMessageSizeBytes: int(48_000_000),
    maxWriteBatchSize: int(100_000),
    localTime: date(now(session)),
    logicalSessionTimeoutMinutes: int(30),
    connectionId: int(session.connection),
    minWireVersion: int(0),
    maxWireVersion: int(wire.get(server.series.join('.')) ?? 21),
    readOnly: false,
  })
  const wanted = command.get('compression')
  if (isArray(wanted)) {
    session.compressors = wanted.filter(one => typeof one === 'string' && compressors.has(one)).slice(0, 3) as string[]
    if (session.compressors.length > 0) made.set('compression', session.compressors)
  }
  if (typeof command.get('saslSupportedMechs') === 'string')
    made.set('saslSupportedMechs', ['SCRAM-SHA-256', 'SCRAM-SHA-1'])
  const speculative = command.get('speculativeAuthenticate')
  if (isDoc(speculative) && speculative.has('saslStart')) {
    const db = speculative.get('db')
    // What goes wrong with it is passed over: the client begins anew.
    try {
      const first = saslStart(session, speculative, typeof db === 'string' ? db : 'admin')
      first.delete('ok')
      made.set('speculativeAuthenticate', first)
    } catch {}
  }
  return made.set('ok', 1)
}

/** What the first one of a connection says of its client. */
function greet(session: Session, command: Doc): void {
  const client = command.get('client')
  if (session.greeted || !isDoc(client)) return
  session.greeted = true
  const value = readable(Buffer.from(jsonOf(client, SHOWN), 'latin1'), SHOWN + 8)
  session.cx.record.environment({ name: 'client', value })
}

const topology = ({ server }: Session): Doc => doc({ processId: server.process, counter: 0n })

/**
 * Seconds that the answer may be held back since nothing changes: the client named the topology that it knows and how long
 * it would wait.
 */
export function patience(command: Doc): number {
  if (!isDoc(command.get('topologyVersion'))) return 0
  const wait = numberOf(command.get('maxAwaitTimeMS'))
  return wait === undefined || !(wait >= 0) ? 0 : Math.min(60, Math.max(0.5, wait / 1000))
}
