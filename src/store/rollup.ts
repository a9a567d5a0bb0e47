import { quoted } from './columns.ts'
import { type Cube, conditionsOn, creation, cubes, fingerprint, long, merging, rolling, spans } from './cubes.ts'
import type { Engine } from './engine.ts'
import { and, containing, during, matching, type Sql, where } from './filter.ts'
import type { Field, Filter } from './store.ts'

/*
 * Counts per hour, and per half day, that stand for the events themselves. A roll takes the events from `rolled` on, groups
 * them by the hour, appends the groups and moves `rolled`, in one transaction. A merge does the same from hours to half days,
 * for several rolls at once, and moves `merged`. Groups are only ever added: an event that arrives late lands in a later roll
 * under its own hour. So at any moment
 *
 *     events = hours with seq < rolled        +  events with seq >= rolled
 *     hours  = half days with seq < merged    +  hours with seq >= merged
 *
 * and every question may be asked of those sums; it is equal to asking the events, and some thirty times faster. The hours
 * that were merged stay: they answer for the ragged ends of a range, and for what looks closer than half a day.
 */

/**
 * How far ingestion and the roll-ups are, in events, and the time (ms) before which events were deleted. `rollSize`: events
 * that wait until they are rolled up; about a row group, so that a question rarely scans more than one unrolled.
 */
export type Progress = { next: number; rolled: number; merged: number; floor: number; rollSize: number }

/** Rolls in a merge: about a million events, which on a busy sensor are some days. */
const mergeRolls = 8

/**
 * Where the roll-ups stand. They can be made again from the events at any time, and are when this program makes them
 * differently: from nothing, a roll with each batch that comes in.
 */
export async function openRollups(engine: Engine, rollSize = 120_000): Promise<Progress> {
  const facts = await factsOf(engine)
  if (facts.get('cubes') !== fingerprint) await startOver(engine)
  const { floor = 0, rolled = 0, merged = 0 } = Object.fromEntries(await factsOf(engine))
  const [newest] = await engine.query('SELECT max(seq) FROM events')
  return { next: Math.max(rolled, Number(newest?.[0] ?? -1) + 1), rolled, merged, floor, rollSize }
}

async function factsOf(engine: Engine): Promise<Map<string, number>> {
  const found = await engine.query('SELECT name, value FROM facts')
  return new Map(found.map(([name, value]) => [String(name), Number(value)]))
}

function startOver(engine: Engine): Promise<void> {
  const first = '(SELECT coalesce(min(seq), 0) FROM events)'
  return transaction(engine, [
    ...creation,
    `INSERT OR REPLACE INTO facts VALUES ('rolled', ${first}), ('merged', ${first}), ('cubes', ${fingerprint})`,
  ])
}

/** Rolls up or merges what waits, if it is enough to be worth it: one step, a second or two, between two batches. */
export async function roll(engine: Engine, progress: Progress): Promise<void> {
  const { next, rolled, merged, rollSize } = progress
  const mergeSize = rollSize * mergeRolls
  if (rolled - merged >= mergeSize) {
    await step(engine, 'merged', merging, merged, merged + mergeSize)
    progress.merged += mergeSize
  } else if (next - rolled >= rollSize) {
    await step(engine, 'rolled', rolling, rolled, rolled + rollSize)
    progress.rolled += rollSize
  }
}

const step = (engine: Engine, fact: 'rolled' | 'merged', statements: string[], from: number, to: number) =>
  transaction(engine, [...statements, `UPDATE facts SET value = $2 WHERE name = '${fact}' AND value = $1`], [from, to])

const transaction = (engine: Engine, statements: string[], values: number[] = []): Promise<void> =>
  engine.write(async connection => {
    await connection.run('BEGIN')
    try {
      for (const statement of statements) await connection.run(statement, values)
      await connection.run('COMMIT')
    } catch (error) {
      await connection.run('ROLLBACK').catch(() => {})
      throw error
    }
  })

type Needs = { fields: readonly Field[]; extra?: Cube['extra']; grain?: number }
type Range = { from: number; to: number }

/**
 * The events of a filter as a table expression with the columns asked for, `moment` (the event's time, or the start of the
 * hour or half day it counts in) and `n` (how many events the row stands for). `grain` is the finest time the question looks at:
 * only multiples of an hour can use the roll-ups. `exact` tells that rows are single events.
 */
export function relation(progress: Progress, filter: Filter, needs: Needs): Sql & { exact: boolean } {
  const { fields, extra = [], grain = spans.halfDay } = needs
  const columns = [...fields.map(quoted), ...extra].join(', ')
  const list = columns === '' ? '' : `, ${columns}`
  const select = (table: string, moment: string, n: string, condition: Sql): Sql => ({
    sql: `SELECT ${moment} AS moment, ${n} AS n${list} FROM ${table} WHERE ${condition.sql}`,
    values: condition.values,
  })
  const events = (condition: Sql) => select('events', 'ts', '1::BIGINT', condition)

  const asked = { from: filter.from ?? 0, to: filter.to ?? Number.POSITIVE_INFINITY }
  const hours = inner(asked, spans.hour)
  const found = filter.text || grain % spans.hour !== 0 || hours.from >= hours.to ? undefined : cubeFor(filter, needs)
  if (found === undefined) return { ...events(matching(filter)), exact: true }

  const [name, cube, conditions] = found
  const counted = (table: string, seq: Sql, { from, to }: Range): Sql[] =>
    from < to ? [select(table, 'moment', 'n', and(seq, during('moment', from, to), conditions))] : []
  const { rolled, merged } = progress
  // A half day in which events were deleted is no longer whole.
  const whole = { ...asked, from: Math.max(asked.from, progress.floor) }
  const canMerge = cube.halfDays !== undefined && grain % spans.halfDay === 0
  const halves = canMerge ? inner(whole, spans.halfDay) : { from: hours.to, to: hours.to }
  const only = and(where(filter), containing(filter.text))
  const single = ({ from, to }: Range): Sql[] =>
    from < to ? [events(and({ sql: 'seq < ?', values: [rolled] }, during('ts', from, to), only))] : []
  const parts = [
    ...(halves.from < halves.to
      ? [
          ...counted(long(name), { sql: 'seq < ?', values: [merged] }, halves),
          ...counted(name, { sql: 'seq < ?', values: [merged] }, { from: hours.from, to: halves.from }),
          ...counted(name, { sql: 'seq < ?', values: [merged] }, { from: halves.to, to: hours.to }),
          ...counted(name, { sql: 'seq >= ? AND seq < ?', values: [merged, rolled] }, hours),
        ]
      : counted(name, { sql: 'seq < ?', values: [rolled] }, hours)),
    events(and({ sql: 'seq >= ?', values: [rolled] }, matching(filter))),
    ...single({ from: asked.from, to: hours.from }),
    ...single({ from: hours.to, to: asked.to }),
  ]
  return {
    sql: parts.map(part => part.sql).join(' UNION ALL '),
    values: parts.flatMap(part => part.values),
    exact: false,
  }
}

/** The whole spans within a range. */
const inner = ({ from, to }: Range, span: number): Range => ({
  from: Math.ceil(from / span) * span,
  to: Math.floor(to / span) * span,
})

function cubeFor(
  filter: Filter,
  { fields, extra = [] }: Needs,
): [name: string, cube: Cube, conditions: Sql] | undefined {
  for (const [name, cube] of Object.entries(cubes)) {
    if (!fields.every(field => cube.fields.includes(field)) || !extra.every(one => cube.extra.includes(one))) continue
    const conditions = conditionsOn(cube, filter)
    if (conditions !== undefined) return [name, cube, conditions]
  }
  return undefined
}
