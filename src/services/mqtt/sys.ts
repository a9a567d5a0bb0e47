import type { Broker } from './broker.ts'
import type { Source } from './live.ts'

/** $SYS as mosquitto 2.0 publishes it (sys_tree.c): every ten seconds what changed, kept for a minute, in this order. */

const INTERVAL = 10_000
const KEPT = 60_000
/** Bytes of an average message on the wire. */
const MESSAGE = 118

export type Load = {
  version: string
  /** Milliseconds since the epoch: the broker's start. */
  startedAt: number
  /** Messages a second of the installation's devices, its clients, and how many of them hear everything. */
  rate: number
  clients: number
  listeners: number
  /** Something that wavers between -1 and 1. */
  waver(label: string, at: number, minutes: number): number
}

const online = (broker: Broker): number => {
  let count = 0
  for (const { connection } of broker.sessions.values()) if (connection) count++
  return count
}

/** The tree's topics, for a broker that carries such a load. */
export function systemTopics({ version, startedAt, rate, clients, listeners, waver }: Load): Source[] {
  const offset = startedAt % INTERVAL
  const up = (at: number) => Math.max(0, (at - startedAt) / 1000)
  const published = (at: number) => Math.floor(up(at) * rate * (1 + 0.003 * waver('published', at, 700)))
  const pings = (at: number) => Math.floor((up(at) * clients) / 58)
  const all = (at: number) => published(at) + pings(at) + 4 * clients
  const load = (what: string, perMinute: (broker: Broker) => number) =>
    [1, 5, 15].map(minutes => ({
      name: `load/${what}/${minutes}min`,
      value: (at: number, broker: Broker) =>
        (perMinute(broker) * (1 + (0.2 / minutes) * waver(`${what} ${minutes}`, at, 7 * minutes))).toFixed(2),
    }))
  const count = (name: string, of: (at: number, broker: Broker) => number) => ({
    name,
    value: (at: number, broker: Broker) => String(Math.floor(of(at, broker))),
  })
  const none = () => 0
  const perMinute = 60 * rate
  const values: { name: string; value: (at: number, broker: Broker) => string }[] = [
    { name: 'uptime', value: at => `${Math.floor(up(at))} seconds` },
    count('clients/total', (_, broker) => clients + broker.sessions.size),
    count('clients/inactive', (_, broker) => broker.sessions.size - online(broker)),
    count('clients/disconnected', (_, broker) => broker.sessions.size - online(broker)),
    count('clients/active', (_, broker) => clients + online(broker)),
    count('clients/connected', (_, broker) => clients + online(broker)),
    count('clients/expired', none),
    ...load('messages/received', () => perMinute + clients),
    ...load('messages/sent', () => perMinute * listeners + clients),
    ...load('publish/dropped', none),
    ...load('publish/received', () => perMinute),
    ...load('publish/sent', () => perMinute * listeners),
    ...load('bytes/received', () => perMinute * MESSAGE),
    ...load('bytes/sent', () => perMinute * listeners * MESSAGE),
    ...load('sockets', broker => 0.4 + Math.min(20, broker.traffic.connects) / 10),
    ...load('connections', broker => 0.4 + Math.min(20, broker.traffic.connects) / 10),
    count('messages/stored', (_, broker) => broker.keptCount + 30),
    count('messages/received', (at, broker) => all(at) + broker.traffic.received),
    count('messages/sent', (at, broker) => published(at) * listeners + pings(at) + broker.traffic.sent),
    count('store/messages/count', (_, broker) => broker.keptCount + 30),
    count('store/messages/bytes', (_, broker) => broker.bytes),
    count('subscriptions/count', (_, broker) => 3 * listeners + clients + broker.subscriptions),
    count('shared_subscriptions/count', none),
    count('retained messages/count', (_, broker) => broker.keptCount),
    count('heap/current', (_, broker) => 61_000 + broker.weight()),
    count('heap/maximum', none),
    count('publish/messages/dropped', none),
    count('publish/messages/received', at => published(at)),
    count('publish/messages/sent', at => published(at) * listeners),
    count('publish/bytes/received', at => published(at) * (MESSAGE - 30)),
    count('publish/bytes/sent', at => published(at) * listeners * (MESSAGE - 30)),
    count('bytes/received', at => all(at) * MESSAGE),
    count('bytes/sent', at => (published(at) * listeners + pings(at)) * MESSAGE),
  ]
  return [
    {
      topic: '$SYS/broker/version',
      every: 0,
      offset: 0,
      qos: 2,
      retain: true,
      value: () => `mosquitto version ${version}`,
    },
    ...values.map(({ name, value }) => ({
      topic: `$SYS/broker/${name}`,
      every: INTERVAL,
      offset,
      qos: 2,
      retain: true,
      expires: KEPT,
      value,
    })),
  ]
}
