import type { House, Questions } from '../house.ts'
import { cache } from '../message.ts'
import { createOverview } from '../overview.ts'
import { question, type Route, route } from '../route.ts'
import * as shapes from '../shapes.ts'

/** How the sensor is, what it sees now, and the overview. */
export function statusRoutes({ store, settings, status, live, now }: House): Route[] {
  const overview = createOverview(store, now)
  const size = kept(() => store.size(), 5000, now)

  return [
    question({
      path: '/status',
      summary: 'The program about itself',
      query: {},
      answer: shapes.status,
      async ask() {
        const { services: _, processes: __, ...rest } = await status()
        return { sensor: settings.sensor.name, version: settings.sensor.version, ...rest, store: await size() }
      },
    }),
    question({
      path: '/services',
      summary: 'Every listener and process: up or down and why, with the time of its last event',
      query: {},
      answer: shapes.services,
      async ask() {
        const { services, processes } = await status()
        const rows = []
        for (const service of services) {
          const at = await live.lastSeen(service.service, service.port, () =>
            newest(store, service.service, service.port),
          )
          rows.push({ ...service, ...(at === undefined ? {} : { last: at }) })
        }
        return { services: rows, processes }
      },
    }),
    question({
      path: '/overview',
      summary: 'The whole overview page; without `from` and `to`, the last 24 hours',
      query: {},
      filtered: true,
      answer: shapes.overview,
      ask: ({ filter }) => overview(filter),
    }),
    route({
      method: 'GET',
      path: '/live',
      access: 'viewer',
      summary:
        'Server-sent events: arrays of what just came in, four times a second; `event: dropped` counts what one message could not hold',
      query: {},
      filtered: false,
      answer: { type: 'text/event-stream' },
      handle({ stillAllowed }) {
        return {
          status: 200,
          headers: { 'content-type': 'text/event-stream', 'cache-control': cache.never, 'x-accel-buffering': 'no' },
          body: live.listen(stillAllowed),
        }
      },
    }),
  ]
}

/** The same answer for `ms` milliseconds, asked once by however many want it. */
function kept<T>(ask: () => Promise<T>, ms: number, now: () => number): () => Promise<T> {
  let at = Number.NEGATIVE_INFINITY
  let answer: Promise<T>
  return () => {
    if (now() - at >= ms) {
      at = now()
      answer = ask()
      answer.catch(() => {
        at = Number.NEGATIVE_INFINITY
      })
    }
    return answer
  }
}

/** The newest event that the store has of a listener. */
async function newest(store: Questions, service: string, port: number): Promise<number | undefined> {
  const where = [
    { field: 'service' as const, values: [service] },
    { field: 'destination_port' as const, values: [String(port)] },
  ]
  const { items } = await store.events({ where }, 1)
  return items[0] && Date.parse(items[0]['@timestamp'])
}
