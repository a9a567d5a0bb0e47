import type { Writable } from 'node:stream'
import type { Event } from '#events/event.ts'
import type { Place } from '#store/store.ts'
import { createLastSeen } from './last-seen.ts'
import { liveEvent } from './live-event.ts'
import { later } from './problem.ts'
import type { LiveEvent } from './shapes.ts'

export type LiveOptions = {
  /** Milliseconds between messages. */
  interval?: number
  /** Events in one message; the rest of that time is only counted. */
  perMessage?: number
  maxClients?: number
  /** Bytes that a client may leave unread before it is cut off. */
  maxBacklog?: number
  /** Messages' intervals between heartbeats. */
  heartbeatEvery?: number
}
type Client = { out: Writable; allowed: () => boolean; leave: () => void }

/**
 * Tells open pages what just came in, as server-sent events (HTML Living Standard §9.2): one message a quarter second
 * holding an array of events, then `event: dropped` with a number when there were more. What is published is encoded
 * once for all clients; one that does not keep up is cut off, reconnects by itself and asks the API for what it missed.
 */
export function createLive(options: LiveOptions = {}) {
  const { interval = 250, perMessage = 500, maxClients = 32, maxBacklog = 1 << 20, heartbeatEvery = 60 } = options
  const clients = new Set<Client>()
  const lastSeen = createLastSeen()
  let waiting: LiveEvent[] = []
  let dropped = 0
  let ticks = 0
  let timer: NodeJS.Timeout | undefined

  function tick(): void {
    ticks++
    const message = encode()
    const beat = ticks % heartbeatEvery === 0
    for (const client of clients) {
      if (client.out.writableLength > maxBacklog || (beat && !client.allowed())) client.leave()
      else if (message !== undefined) client.out.write(message)
      else if (beat) client.out.write(': still here\n\n')
    }
  }
  function encode(): Buffer | undefined {
    if (!waiting.length) return undefined
    const more = dropped ? `event: dropped\ndata: ${dropped}\n\n` : ''
    const message = Buffer.from(`data: ${JSON.stringify(waiting)}\n\n${more}`)
    waiting = []
    dropped = 0
    return message
  }

  return {
    /** What the ingest just stored. Never throws, never waits. */
    publish(items: readonly { event: Event; place: Place }[]): void {
      for (const { event, place } of items) {
        lastSeen.note(event)
        if (!clients.size) continue
        if (waiting.length < perMessage) waiting.push(liveEvent(event, place))
        else dropped++
      }
    },
    lastSeen: lastSeen.of,
    clients: (): number => clients.size,
    /** Throws 503 when `maxClients` listen; else the body of an answer, which lasts until the client or `allowed` ends it. */
    listen(allowed: () => boolean): (out: Writable) => Promise<void> {
      if (clients.size >= maxClients) throw later(503, 'Too many pages listen already', 10)
      return out =>
        new Promise(resolve => {
          const client: Client = {
            out,
            allowed,
            leave() {
              clients.delete(client)
              if (!clients.size) {
                clearInterval(timer)
                timer = undefined
                waiting = []
                dropped = 0
              }
              out.destroy()
              resolve()
            },
          }
          out.once('close', client.leave).once('error', client.leave)
          clients.add(client)
          timer ??= setInterval(tick, interval).unref()
          out.write('retry: 3000\n\n')
        })
    },
    /** What the timer does; tests call it by hand. */
    tick,
    close(): void {
      for (const client of clients) client.leave()
    },
  }
}
export type Live = ReturnType<typeof createLive>
