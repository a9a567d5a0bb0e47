import * as v from 'valibot'
import { fieldName, ipAddress, whole } from '../filters.ts'
import type { Questions } from '../house.ts'
import { Problem } from '../problem.ts'
import { question, type Route } from '../route.ts'
import * as shapes from '../shapes.ts'

const cursor = v.optional(v.pipe(v.string(), v.maxLength(512)))
const limit = (normal: number, max: number) => v.optional(whole(1, max), String(normal))
/** One to three field names with commas between. */
const by = v.pipe(
  v.string(),
  v.transform(names => names.split(',')),
  v.pipe(v.array(fieldName), v.maxLength(3, 'At most three fields')),
)
const MAX_BUCKETS = 5000

/** The store's questions, one to one. */
export function questionRoutes(store: Questions, now: () => number): Route[] {
  return [
    question({
      path: '/count',
      summary: 'How many events',
      query: {},
      filtered: true,
      answer: shapes.number,
      ask: async ({ filter }) => ({ count: await store.count(filter) }),
    }),
    question({
      path: '/distinct',
      summary: 'How many different values of a field',
      query: { field: fieldName },
      filtered: true,
      answer: shapes.number,
      ask: async ({ query, filter }) => ({ count: await store.distinct(query.field, filter) }),
    }),
    question({
      path: '/top',
      summary: 'Most frequent values, or combinations of values of up to three fields',
      query: { by, limit: limit(10, 1000) },
      filtered: true,
      answer: shapes.top,
      ask: ({ query, filter }) => store.top(query.by, filter, query.limit),
    }),
    question({
      path: '/histogram',
      summary: 'Events and sources over time; without `from`, the last 500 intervals',
      query: { interval: whole(1000, 366 * 86_400_000), by: v.optional(fieldName), limit: limit(5, 50) },
      filtered: true,
      answer: shapes.histogram,
      ask({ query: { interval, by, limit }, filter }) {
        const to = filter.to ?? now()
        const from = filter.from ?? to - 500 * interval
        if ((to - from) / interval > MAX_BUCKETS)
          throw new Problem(400, `More than ${MAX_BUCKETS} intervals between \`from\` and \`to\``, {
            parameter: 'interval',
          })
        return store.histogram(interval, { ...filter, from }, by === undefined ? undefined : { by, limit })
      },
    }),
    question({
      path: '/places',
      summary: 'Sources by where they are, for the map',
      query: { limit: limit(500, 5000) },
      filtered: true,
      answer: shapes.places,
      ask: ({ query, filter }) => store.places(filter, query.limit),
    }),
    question({
      path: '/events',
      summary: 'Events, newest first',
      query: { limit: limit(100, 1000), cursor },
      filtered: true,
      answer: shapes.eventPage,
      ask: ({ query, filter }) => store.events(filter, query.limit, query.cursor),
    }),
    question({
      path: '/sessions',
      summary: 'Sessions, newest first',
      query: { limit: limit(50, 500), cursor },
      filtered: true,
      answer: shapes.sessionPage,
      ask: ({ query, filter }) => store.sessions(filter, query.limit, query.cursor),
    }),
    question({
      path: '/sessions/:id',
      summary: 'One session, oldest event first',
      query: {},
      answer: shapes.session,
      ask: async ({ params }) => (await store.session(params.id!)) ?? absent('session'),
    }),
    question({
      path: '/sources/:ip',
      summary: 'Everything one address did',
      query: {},
      answer: shapes.source,
      async ask({ params }) {
        if (!v.is(ipAddress, params.ip)) throw new Problem(400, 'Expected an IP address', { parameter: 'ip' })
        return (await store.source(params.ip)) ?? absent('source')
      },
    }),
  ]
}

function absent(what: string): never {
  throw new Problem(404, `No such ${what}`)
}
