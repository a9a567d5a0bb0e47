/**
 * A process that only has a store open: `store-questions.ts DIRECTORY` asks all that the page asks and prints, as JSON, the
 * milliseconds of each question and the memory of the process.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { intervalFor } from '#hive/overview.ts'
import { openStore } from '#store/open.ts'
import type { Filter, Store } from '#store/store.ts'
import { attacker } from '#store/testing.ts'
import { pss } from './process.ts'

export type Answers = {
  questions: { name: string; median: number; worst: number }[]
  /** Bytes, proportional set size. */
  memory: { bare: number; open: number; most: number; idle: number }
}
type Question = [name: string, ask: () => Promise<unknown>]

const ROUNDS = 11
const DAY = 24 * 3_600_000

/** Every question of the page, over spans that the page offers; it always leaves out the program's own events. */
function questions(store: Store, end: number): Question[] {
  const where: Filter['where'] = [{ field: 'action', not: true, values: ['health', 'events-lost'] }]
  const last = (days: number, more: typeof where = []): Filter & { from: number } => ({
    from: end - days * DAY - 1234,
    to: end,
    where: [...more, ...where],
  })
  const picked: typeof where = [
    { field: 'country', values: ['CN'] },
    { field: 'service', values: ['ssh'] },
  ]
  const page = (label: string, days: number, filter: Filter): Question[] => {
    const interval = intervalFor(days * DAY)
    return [
      [`${label}: count`, () => store.count(filter)],
      [`${label}: distinct addresses`, () => store.distinct('source_ip', filter)],
      [`${label}: histogram`, () => store.histogram(interval, filter)],
      [`${label}: histogram by service`, () => store.histogram(interval, filter, { by: 'service', limit: 7 })],
      [`${label}: histogram by port`, () => store.histogram(interval, filter, { by: 'destination_port', limit: 7 })],
      ...(
        [
          'service',
          'destination_port',
          'country',
          'network',
          'source_ip',
          'user',
          'password',
          'command',
          'url',
        ] as const
      ).map((field): Question => [`${label}: top ${field}`, () => store.top([field], filter, 10)]),
      [`${label}: top exploit`, () => store.top(['exploit'], filter, 10)],
      [`${label}: top user, password`, () => store.top(['user', 'password'], filter, 10)],
      [`${label}: places`, () => store.places(filter, 400)],
      [`${label}: events`, () => store.events(filter, 50)],
      [`${label}: sessions`, () => store.sessions(filter, 50)],
    ]
  }
  return [
    ...page('24 h', 1, last(1)),
    ...page('7 d', 7, last(7)),
    ...page('30 d', 30, last(30)),
    ...page('30 d, CN and ssh', 30, last(30, picked)),
    ['all: top user, password', () => store.top(['user', 'password'], {}, 10)],
    ['all: histogram of 6 h', () => store.histogram(DAY / 4, {})],
    ['all: histogram of 6 h by service', () => store.histogram(DAY / 4, {}, { by: 'service', limit: 6 })],
    ['30 d: sessions with user root', () => store.sessions(last(30, [{ field: 'user', values: ['root'] }]), 50)],
    [
      '30 d: events with a rare password',
      () => store.events(last(30, [{ field: 'password', values: ['pass7777'] }]), 50),
    ],
    ['24 h: events with text wget', () => store.events({ ...last(1), text: 'wget' }, 50)],
    ['30 d: events with text wget', () => store.events({ ...last(30), text: 'wget' }, 50)],
    ['the busiest address', () => store.source(attacker(0).ip)],
    ['a quiet address', () => store.source(attacker(30_001).ip)],
    ['one session', async () => store.session((await store.sessions(last(1), 1)).items[0]!.session)],
    ['size', () => store.size()],
  ]
}

async function ask(directory: string): Promise<Answers> {
  const bare = pss(process.pid)
  const store = await openStore({ directory, idleSeconds: 2 })
  const open = pss(process.pid)
  const end = Number((await store.sql('SELECT epoch_ms(max(ts)) FROM events', 1)).rows[0]?.[0])
  let most = 0
  const found: Answers['questions'] = []
  for (const [name, question] of questions(store, end)) {
    const times: number[] = []
    for (let i = 0; i < ROUNDS; i++) {
      const began = performance.now()
      await question()
      times.push(performance.now() - began)
    }
    times.sort((a, b) => a - b)
    found.push({ name, median: times[ROUNDS >> 1]!, worst: times.at(-1)! })
    most = Math.max(most, pss(process.pid))
  }
  await sleep(4000)
  const idle = pss(process.pid)
  await store.close()
  return { questions: found, memory: { bare, open, most, idle } }
}

console.log(JSON.stringify(await ask(process.argv[2]!)))
