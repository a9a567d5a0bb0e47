/**
 * What the API answers, as schemas: the OpenAPI document is made of them, the compiler holds the handlers to them and
 * the tests hold the answers to them. Times are milliseconds since the epoch, sizes are bytes.
 */
import * as v from 'valibot'
import { envelope } from '#events/event.ts'
import { roles } from './accounts.ts'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const ms = v.number()
const text = v.string()
const optional = v.optional

const place = {
  country: optional(text),
  city: optional(text),
  lat: optional(v.number()),
  lon: optional(v.number()),
  asn: optional(v.number()),
  network: optional(text),
}

export const me = v.strictObject({
  user: text,
  role: v.picklist(roles),
  sensor: v.strictObject({ name: text, version: text }),
})
const opinion = {
  id: text,
  name: text,
  verdict: v.picklist(['allowed', 'conditional', 'forbidden', 'unclear']),
  /** The day of the host's answer. */
  seen: text,
  stale: v.boolean(),
}
/** How the sensor stands with whoever hosts it: what an operator needs to answer an abuse mail. */
export const standing = v.strictObject({
  provider: optional(
    v.strictObject({
      ...opinion,
      conditions: v.array(v.strictObject({ id: text, unmet: optional(text) })),
      permission: optional(v.strictObject({ date: text, statement: text })),
      declared: optional(text),
    }),
  ),
  guesses: v.array(v.strictObject(opinion)),
  refusal: optional(text),
})
export const lock = v.strictObject({
  state: v.picklist(['proved', 'unproved', 'absent']),
  /** The rules are those of the passive edition, which let nothing in either. */
  silent: optional(v.literal(true)),
  why: optional(text),
  at: ms,
  ways: v.array(v.strictObject({ what: text, how: text })),
  /** Packets that would have gone out, by protocol and family. */
  dropped: v.record(text, count),
  /** Bytes that left, by whose doing. */
  traffic: optional(v.record(text, count)),
})
export const caps = v.array(v.strictObject({ what: text, used: count, cap: count }))

export const status = v.strictObject({
  sensor: text,
  version: text,
  startedAt: ms,
  lagMs: v.number(),
  pendingBytes: count,
  lost: count,
  store: v.strictObject({ bytes: count, events: count, oldest: optional(ms) }),
  disk: v.strictObject({ free: count, total: count }),
  geo: v.strictObject({ source: text, date: text, attribution: v.array(text) }),
  standing: optional(standing),
  lock: optional(lock),
  caps: optional(caps),
})
export const listener = v.strictObject({
  service: text,
  title: text,
  replaces: v.pipe(v.array(text), v.readonly()),
  transport: v.picklist(['tcp', 'udp']),
  tls: v.boolean(),
  address: text,
  port: count,
  ports: optional(count),
  state: v.picklist(['listening', 'down']),
  why: optional(text),
  connections: optional(count),
})
const processState = v.strictObject({
  name: text,
  pid: optional(count),
  state: text,
  restarts: count,
  since: ms,
  why: optional(text),
})
export const services = v.strictObject({
  services: v.array(v.strictObject({ ...listener.entries, last: optional(ms) })),
  processes: v.array(processState),
})

export const number = v.strictObject({ count })
export const top = v.array(v.strictObject({ values: v.array(text), count }))
export const histogram = v.array(v.strictObject({ at: ms, value: optional(text), count, sources: count }))
export const places = v.array(
  v.strictObject({
    lat: v.number(),
    lon: v.number(),
    country: optional(text),
    city: optional(text),
    count,
    sources: count,
  }),
)
/** An event as the journal has it, with `source.geo` added. */
export const event = envelope
export const eventPage = v.strictObject({ items: v.array(event), next: optional(text) })
export const sessionSummary = v.strictObject({
  session: text,
  service: text,
  source_ip: text,
  destination_port: count,
  first: ms,
  last: ms,
  events: count,
  logins: count,
  commands: count,
  files: count,
  reason: optional(text),
  country: optional(text),
  city: optional(text),
  network: optional(text),
})
export const sessionPage = v.strictObject({ items: v.array(sessionSummary), next: optional(text) })
export const session = v.strictObject({ summary: sessionSummary, events: v.array(event) })
const counted = v.array(v.strictObject({ value: text, count }))
export const source = v.strictObject({
  ...place,
  source_ip: text,
  first: ms,
  last: ms,
  events: count,
  sessions: count,
  services: counted,
  ports: counted,
  credentials: v.array(v.strictObject({ user: text, password: text, count })),
  commands: counted,
  files: v.array(v.strictObject({ sha256: text, path: optional(text), count })),
})

const totals = v.strictObject({ events: count, sources: count })
export const overview = v.strictObject({
  from: ms,
  to: ms,
  /** Milliseconds of a bucket of the histograms. */
  interval: count,
  now: totals,
  /** The span of equal length just before. */
  before: totals,
  histogramByService: histogram,
  histogramByPort: histogram,
  topPorts: top,
  topCountries: top,
  topNetworks: top,
  topUsers: top,
  topPasswords: top,
  topServices: top,
})
export const table = v.strictObject({ columns: v.array(text), rows: v.array(v.array(v.any())) })

/** What the process around the hive knows and the store does not. */
export type Status = Omit<v.InferOutput<typeof status>, 'store' | 'sensor' | 'version'> & {
  services: v.InferOutput<typeof listener>[]
  processes: v.InferOutput<typeof processState>[]
}
export type Overview = v.InferOutput<typeof overview>

/** One event in as few bytes as the live feed and the map need. */
export type LiveEvent = {
  id: string
  /** Milliseconds since the epoch. */
  at: number
  action: string
  service: string
  session?: string
  source_ip?: string
  country?: string
  lat?: number
  lon?: number
  destination_port?: number
  /** One line of text for a person; attacker's text, at most 200 characters. */
  summary: string
}
