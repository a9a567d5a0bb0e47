import { quoted } from './columns.ts'
import type { Engine } from './engine.ts'
import { and, containing, during, matching, type Sql, where } from './filter.ts'
import { commonFields, deedFields, sourceFields, valueFields } from './schema.ts'
import type { Field, Filter } from './store.ts'

/*
 * Counts per hour that stand for the events themselves. A roll takes the events from `rolled` up to the newest, groups
 * them, appends the groups and moves `rolled`, in one transaction. Groups are only ever added: an event that arrives
 * late lands in a later roll under its own hour. So at any moment
 *
 *     events = roll-up rows with seq < rolled  +  events with seq >= rolled
 *
 * and every question may be asked of that sum; it is equal to asking the events, and some twenty times faster.
 */

const hour = 3_600_000
type Cube = { fields: readonly Field[]; extra: readonly string[]; of: string }
const whereabouts = ['source_key', 'lat', 'lon']
/** The first that has what a question needs is asked: the smaller ones stand first. `of` is the table it is made from. */
const cubes = {
  by_common: { fields: commonFields, extra: [], of: 'by_deed' },
  by_value: { fields: valueFields, extra: [], of: 'events' },
  by_source: { fields: sourceFields, extra: whereabouts, of: 'by_deed' },
  by_deed: { fields: deedFields, extra: whereabouts, of: 'events' },
} as const satisfies Record<string, Cube>

export const rollupTables = Object.keys(cubes)

/**
 * How far ingestion and the roll-ups are, in events, and the time (ms) before which events were deleted. `rollSize`: events
 * that wait until they are rolled up; about a row group, so that a question rarely scans more than one unrolled.
 */
export type Progress = { next: number; rolled: number; floor: number; rollSize: number }

export async function loadProgress(engine: Engine, rollSize = 120_000): Promise<Progress> {
  const [next, facts] = await Promise.all([
    engine.query('SELECT max(seq) FROM events'),
    engine.query('SELECT name, value FROM facts'),
  ])
  const fact = (name: string) => Number(facts.find(row => row[0] === name)?.[1])
  const rolled = fact('rolled')
  const last = next[0]?.[0] ?? -1
  return { next: Math.max(rolled, Number(last) + 1), rolled, floor: fact('floor'), rollSize }
}

/** Rolls up what waits, if it is enough to be worth it. */
export async function roll(engine: Engine, progress: Progress): Promise<void> {
  while (progress.next - progress.rolled >= progress.rollSize) {
    const from = progress.rolled
    const to = from + progress.rollSize
    await engine.write(async connection => {
      await connection.run('BEGIN')
      try {
        for (const table of ['by_deed', 'by_value', 'by_source', 'by_common'] as const)
          await connection.run(rollInto(table), [from, from, to])
        await connection.run("UPDATE facts SET value = ? WHERE name = 'rolled'", [to])
        await connection.run('COMMIT')
      } catch (error) {
        await connection.run('ROLLBACK').catch(() => {})
        throw error
      }
    })
    progress.rolled = to
  }
}

function rollInto(table: keyof typeof cubes): string {
  const { fields, extra, of }: Cube = cubes[table]
  const names = [...fields.map(quoted), ...extra].join(', ')
  const [hour, n] = of === 'events' ? ["date_trunc('hour', ts)", 'count(*)'] : ['hour', 'sum(n)']
  return `INSERT INTO ${table} SELECT ?::BIGINT, ${hour} AS hour, ${names}, ${n}
          FROM ${of} WHERE seq >= ? AND seq < ? GROUP BY ALL ORDER BY hour`
}

/**
 * The events of a filter as a table expression with the columns asked for, `moment` (the event's time, or its hour) and `n`
 * (how many events the row stands for). `grain` is the finest time the question looks at: only multiples of an hour can use
 * the roll-ups. `exact` tells that rows are single events.
 */
export function relation(
  progress: Progress,
  filter: Filter,
  needs: { fields: readonly Field[]; extra?: readonly string[]; grain?: number },
): Sql & { exact: boolean } {
  const { fields, extra = [], grain = hour } = needs
  const used = new Set([...fields, ...(filter.where ?? []).map(entry => entry.field)])
  const table = Object.entries<Cube>(cubes).find(
    ([, cube]) => [...used].every(field => cube.fields.includes(field)) && extra.every(e => cube.extra.includes(e)),
  )?.[0]
  const from = filter.from === undefined ? 0 : Math.ceil(filter.from / hour) * hour
  const to = filter.to === undefined ? undefined : Math.floor(filter.to / hour) * hour
  const columns = [...fields.map(quoted), ...extra].join(', ')
  const list = columns === '' ? '' : `, ${columns}`
  const events = (condition: Sql): Sql => ({
    sql: `SELECT ts AS moment, 1::BIGINT AS n${list} FROM events WHERE ${condition.sql}`,
    values: condition.values,
  })
  const whole = !filter.text && grain % hour === 0 && (to === undefined || from < to)
  if (table === undefined || !whole) return { ...events(matching(filter)), exact: true }

  const only = and(where(filter), containing(filter.text))
  const rolled: Sql = { sql: 'seq < ?', values: [progress.rolled] }
  const parts: Sql[] = []
  const inside = and(rolled, during('hour', from === 0 ? undefined : from, to), only)
  parts.push({ sql: `SELECT hour AS moment, n${list} FROM ${table} WHERE ${inside.sql}`, values: inside.values })
  parts.push(events(and({ sql: 'seq >= ?', values: [progress.rolled] }, matching(filter))))
  if (filter.from !== undefined && filter.from < from)
    parts.push(events(and(rolled, during('ts', filter.from, from), only)))
  if (filter.to !== undefined && to !== undefined && to < filter.to)
    parts.push(events(and(rolled, during('ts', to, filter.to), only)))
  return { sql: parts.map(p => p.sql).join(' UNION ALL '), values: parts.flatMap(p => p.values), exact: false }
}
