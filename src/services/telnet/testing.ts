import { duplexPair } from 'node:stream'
import type { Persona } from '#persona/persona.ts'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import { type listeningRecorder as Listening, listeningRecorder, testContext } from '#services/testing/play.ts'
import telnet from './index.ts'

export type Visit = {
  /** Latin-1. */
  type(bytes: string): void
  /** All that was heard so far, as Latin-1, once `done` says so, the connection is over, or `seconds` have passed. */
  until(done: (heard: string) => boolean, seconds?: number): Promise<string>
  heard(): string
  events: ReturnType<typeof Listening>['events']
  /** Rejects with what ended the session. */
  session: Promise<void>
  conn: Conn
  /** The client closes its side. */
  leave(): void
}
export type VisitOptions = {
  options?: unknown
  persona?: Persona
  /** What the sensor remembers of this attacker: one for several visits. */
  memory?: Map<string, object>
  now?: () => number
}

/** A client of the service in memory: no port, but the time that programs take. */
export function visit({ options = {}, persona, memory = new Map(), now }: VisitOptions = {}): Visit {
  const [client, server] = duplexPair()
  const { record, events } = listeningRecorder()
  const context = testContext(telnet, record, { options, memory })
  const cx = { ...context, ...(persona ? { persona } : {}), ...(now ? { now } : {}) }
  const conn = new Conn(server, { ...defaultLimits, ...telnet.limits }, undefined, now)
  let heard = ''
  let over = false
  let wake = () => {}
  client.on('data', chunk => {
    heard += chunk.toString('latin1')
    wake()
  })
  client.on('error', () => {})
  const session = telnet.session!(conn, cx)
    .then(() => conn.end())
    .finally(() => {
      over = true
      // What was said last is still on its way.
      setImmediate(() => setImmediate(() => wake()))
    })
  session.catch(() => {})
  return {
    type: bytes => void client.write(Buffer.from(bytes, 'latin1')),
    async until(done, seconds = 10) {
      const ends = Date.now() + seconds * 1000
      while (!done(heard) && !over && Date.now() < ends) {
        await new Promise<void>(resolve => {
          wake = resolve
          setTimeout(resolve, 50)
        })
      }
      if (over) for (let i = 0; i < 4; i++) await new Promise(setImmediate)
      return heard
    },
    heard: () => heard,
    events,
    session,
    conn,
    leave: () => void client.end(),
  }
}
