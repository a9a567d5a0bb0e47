import * as v from 'valibot'
import { type ActionName, actions, type Details } from './actions.ts'
import { uuid7 } from './uuid7.ts'

/** Who spoke to whom. Set by the runtime for every event of a session; no service can forge it. */
export type Identity = {
  session: string
  service: string
  source: { ip: string; port: number }
  destination: { ip: string; port: number }
  transport: 'tcp' | 'udp'
}

/** Of packets that belong to no conversation of a decoy: a side may have no port, and many senders share a story. */
export type Observed = {
  session?: string
  service: string
  source?: { ip: string; port?: number }
  destination?: { ip: string; port?: number }
  /** ECS: the protocol's name in IANA's registry, in lower case. */
  transport?: Transport
}
const transports = ['tcp', 'udp', 'icmp', 'ipv6-icmp', 'sctp'] as const
export type Transport = (typeof transports)[number]

const port = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65535))
const endpoint = v.object({ ip: v.pipe(v.string(), v.ip()), port: v.optional(port), bytes: v.optional(v.number()) })

/** The fields that every event has, in Elastic Common Schema 8 names; what ECS has no field for stands under `skep`. */
export const envelope = v.looseObject({
  '@timestamp': v.pipe(v.string(), v.isoTimestamp()),
  message: v.optional(v.string()),
  event: v.looseObject({
    id: v.pipe(v.string(), v.uuid()),
    kind: v.picklist(['event', 'state']),
    action: v.picklist(Object.values(actions).map(a => a.name)),
    category: v.array(v.string()),
    type: v.array(v.string()),
    dataset: v.string(),
    sequence: v.optional(v.pipe(v.number(), v.integer())),
    outcome: v.optional(v.picklist(['success', 'failure', 'unknown'])),
  }),
  source: v.optional(endpoint),
  destination: v.optional(endpoint),
  network: v.optional(v.object({ transport: v.optional(v.picklist(transports)), type: v.picklist(['ipv4', 'ipv6']) })),
  observer: v.object({ name: v.string(), product: v.literal('skep'), type: v.literal('honeypot') }),
  skep: v.looseObject({ session: v.optional(v.string()), service: v.string() }),
})
export type Event = v.InferOutput<typeof envelope>

/** Where finished events go: the journal. */
export type Sink = (event: Event) => void

/** One method per action: `record.login({ method, user, password })`. Never throws, never waits. */
export type Recorder = { [K in ActionName]: (details: Details<K>) => void }

export type RecorderOptions = {
  sensor: string
  sink: Sink
  now: () => number
  /** Events a single session may record before the rest is only counted. */
  cap?: number
}

/**
 * Records for one session, or for the program itself when `who` names only a service. A class only so that ten thousand
 * sessions share one set of methods.
 */
class SessionRecorder {
  /** Shared with whoever else records for the session. */
  #count: { sequence: number }
  #options: RecorderOptions
  #base: object
  #service: string

  constructor(who: Identity | Observed, options: RecorderOptions, before?: SessionRecorder) {
    this.#count = before ? before.#count : { sequence: 0 }
    this.#options = options
    this.#service = who.service
    this.#base = identityFields(who)
  }

  emit(name: ActionName, details: never) {
    const { sensor, sink, now, cap = 100_000 } = this.#options
    // The close event always fits: a flood ends with a number, not with silence.
    const count = this.#count
    if (count.sequence >= cap && name !== 'connectionClosed') return void count.sequence++
    const action = actions[name]
    const fields = action.fields(details) as Record<string, unknown>
    if (count.sequence > cap) fields.skep = { unrecorded: count.sequence - cap }
    const ms = now()
    const event: Record<string, unknown> = {
      '@timestamp': new Date(ms).toISOString(),
      event: {
        id: uuid7(ms),
        kind: action.kind,
        action: action.name,
        category: action.category,
        type: action.type,
        dataset: `skep.${this.#service}`,
        sequence: count.sequence++,
      },
      observer: { name: sensor, product: 'skep', type: 'honeypot' },
      ...this.#base,
    }
    for (const key in fields) {
      const own = fields[key]
      const known = event[key]
      event[key] = typeof own === 'object' && typeof known === 'object' ? { ...known, ...own } : own
    }
    sink(event as Event)
  }
}
for (const name of Object.keys(actions) as ActionName[])
  Object.defineProperty(SessionRecorder.prototype, name, {
    value(this: SessionRecorder, details: never) {
      this.emit(name, details)
    },
  })

/** `before`: recorded for the same session under another service's name, and is gone on from. */
export const recorder = (who: Identity | Observed, options: RecorderOptions, before?: Recorder) =>
  new SessionRecorder(who, options, before as unknown as SessionRecorder | undefined) as unknown as Recorder

function identityFields({ session, service, source, destination, transport }: Identity | Observed) {
  const ip = source?.ip ?? destination?.ip
  return {
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    ...(ip === undefined
      ? {}
      : {
          network: {
            ...(transport === undefined ? {} : { transport }),
            type: ip.includes(':') ? 'ipv6' : 'ipv4',
          },
        }),
    skep: session === undefined ? { service } : { session, service },
  }
}
