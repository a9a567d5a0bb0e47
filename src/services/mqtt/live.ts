import { type Broker, type Message, route } from './broker.ts'

/** What the installation's devices and the broker itself publish, computed when somebody is there to hear it. */

/** One topic that is published again and again; `every` 0: once, when the broker began. */
export type Source = {
  topic: string
  /** Milliseconds between two messages, and how far the first one is off the epoch. */
  every: number
  offset: number
  qos: number
  retain: boolean
  /** Milliseconds that it is kept; without it, until the next one. */
  expires?: number
  value(at: number, broker: Broker): string
}

/** What was told to the devices, by their names: each broker's own, all else is shared by all of them. */
export type States = Map<string, string>
export type Publisher = {
  sources: readonly Source[]
  /** A command to one of the devices: what it says to it. */
  react(states: States, topic: string, payload: string): readonly { topic: string; payload: string; retain: boolean }[]
}

/** The installation's own clients: none of an attacker's can bear such a name. */
const OWN = '\0'
const message = (topic: string, payload: string, more: Partial<Message> = {}): Message => ({
  topic,
  payload: Buffer.from(payload),
  qos: 0,
  retain: true,
  properties: Buffer.alloc(0),
  expiresAt: undefined,
  from: OWN,
  ...more,
})

const due = ({ every, offset }: Source, now: number): number =>
  every === 0 ? 1 : Math.floor((now - offset) / every) * every + offset

/** Publishes what came due since the last time; of each topic the newest message alone. */
export function pulse(broker: Broker): void {
  const now = broker.now()
  const { published, values } = broker
  for (const [i, source] of broker.publisher.sources.entries()) {
    const at = due(source, now)
    const last = published[i] ?? 0
    if (at <= last) continue
    const first = last === 0
    published[i] = at
    const said = source.value(at, broker)
    // A value that the broker tells of itself is told when it changed.
    if (source.expires !== undefined && said === values[i]) continue
    // At the start only what changes all the time can have changed of late.
    const old = first && source.expires !== undefined && source.value(at - source.every, broker) === said
    if (source.expires !== undefined) values[i] = said
    if (old) continue
    const { topic, qos, retain, expires } = source
    route(broker, message(topic, said, { qos, retain, expiresAt: expires === undefined ? undefined : at + expires }))
  }
  for (const will of broker.wills.filter(({ at }) => at <= now)) {
    broker.wills.splice(broker.wills.indexOf(will), 1)
    route(broker, will.message)
  }
}

/** Milliseconds until something is due. */
export function untilPulse(broker: Broker): number {
  const now = broker.now()
  let next = 10_000
  for (const source of broker.publisher.sources)
    if (source.every > 0) next = Math.min(next, due(source, now) + source.every - now)
  for (const { at } of broker.wills) next = Math.min(next, at - now)
  return Math.max(next, 50)
}

/** Devices do what they are told, and say so. */
export function react(broker: Broker, { topic, payload }: Message): void {
  for (const said of broker.publisher.react(broker.states, topic, payload.toString('latin1', 0, 256)))
    route(broker, message(said.topic, said.payload, { retain: said.retain }))
}
