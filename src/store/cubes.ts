import { hash } from 'node:crypto'
import { actions } from '#events/actions.ts'
import { columns, quoted } from './columns.ts'
import { always, and, oneOf, type Sql } from './filter.ts'
import type { Field, Filter } from './store.ts'

const hour = 3_600_000
/** What the roll-ups count by: hours, and half days for whatever looks at a longer stretch. In ms. */
export const spans = { hour, halfDay: 12 * hour } as const

const extras = {
  source_key: 'BIGINT',
  lat: 'DOUBLE',
  lon: 'DOUBLE',
  /** Whether it is an event of the program about itself. */
  own: 'BOOLEAN',
} as const
type Extra = keyof typeof extras
export type Cube = {
  fields: readonly Field[]
  extra: readonly Extra[]
  /** The table it is made from. */
  of: 'events' | 'by_deed'
  /**
   * The order of its half days, if it has them: a condition on the first column leaves most of the table unread. Where they
   * would be hardly fewer than the hours, there are none.
   */
  halfDays?: string
}

/** Facts about who came, from where, to what. */
export const sourceFields = [
  'service',
  'sensor',
  'transport',
  'source_ip',
  'destination_port',
  'country',
  'city',
  'asn',
  'network',
] as const satisfies readonly Field[]

/** The first that has what a question needs is asked: the smaller ones stand first. */
export const cubes: Record<string, Cube> = {
  /** Facts with few values: a few hundred rows an hour, whatever happens. */
  by_common: {
    fields: ['action', 'service', 'sensor', 'transport', 'outcome', 'country'],
    extra: [],
    of: 'by_deed',
  },
  /** What was said, from which country. */
  by_value: {
    fields: [
      'action',
      'service',
      'country',
      'user',
      'password',
      'command',
      'url',
      'sha256',
      'outcome',
      'ja4',
      'hassh',
      'user_agent',
      'exploit',
    ],
    extra: [],
    of: 'events',
    halfDays: 'country, service, moment',
  },
  /** Who came, from where, to what. A source that hammers one port for an hour is one row. */
  by_source: {
    fields: sourceFields,
    extra: ['source_key', 'lat', 'lon', 'own'],
    of: 'by_deed',
    halfDays: 'source_key, moment',
  },
  /** Who came, and what they did. */
  by_deed: {
    fields: ['action', 'outcome', ...sourceFields],
    extra: ['source_key', 'lat', 'lon'],
    of: 'events',
  },
}

/** The table of a cube's half days. */
export const long = (cube: string) => `${cube}_long`
const tablesOf = ([name, { halfDays }]: [string, Cube]) => (halfDays === undefined ? [name] : [name, long(name)])
export const cubeTables = Object.entries(cubes).flatMap(tablesOf)

const ownActions = Object.values(actions)
  .filter(action => action.kind === 'state')
  .map(action => action.name)
const isOwn = `coalesce(action IN (${ownActions.map(name => `'${name}'`).join(', ')}), false)`
/** Whether a condition is about the program's own events and nothing else: the page leaves them out of every question. */
const aboutOwn = ({ field, values }: Condition) =>
  field === 'action' && values.length === ownActions.length && ownActions.every(name => values.includes(name))

type Condition = NonNullable<Filter['where']>[number]

/** The conditions of a filter on a cube's tables; `undefined` when the cube cannot tell. */
export function conditionsOn(cube: Cube, filter: Filter): Sql | undefined {
  let all = always
  for (const condition of filter.where ?? []) {
    if (cube.fields.includes(condition.field)) all = and(all, oneOf(condition))
    else if (cube.extra.includes('own') && aboutOwn(condition))
      all = and(all, { sql: condition.not ? 'NOT own' : 'own', values: [] })
    else return undefined
  }
  return all
}

const names = ({ fields, extra }: Cube) => [...fields.map(quoted), ...extra]

/** Statements that make the cubes' tables, in order of dependence. */
export const creation = Object.entries(cubes).flatMap(([name, cube]) => {
  const { fields, extra } = cube
  const dimensions = [
    ...fields.map(field => `${quoted(field)} ${columns[field].type}`),
    ...extra.map(name => `${name} ${extras[name]}`),
  ].join(', ')
  return tablesOf([name, cube]).map(
    table =>
      `CREATE OR REPLACE TABLE ${table} (seq BIGINT NOT NULL, moment TIMESTAMP NOT NULL, ${dimensions}, n BIGINT NOT NULL)`,
  )
})

/** Statements that count the events from `$1` to before `$2` by the hour. */
export const rolling = Object.entries(cubes)
  .sort(([, a], [, b]) => Number(a.of !== 'events') - Number(b.of !== 'events'))
  .map(([table, cube]) => {
    const all = names(cube)
    const [moment, n] = cube.of === 'events' ? ["date_trunc('hour', ts)", 'count(*)'] : ['moment', 'sum(n)']
    const found = all.map(name => (name === 'own' ? `${isOwn} AS own` : name))
    return `INSERT INTO ${table} SELECT $1::BIGINT, ${moment} AS moment, ${found.join(', ')}, ${n}
            FROM ${cube.of} WHERE seq >= $1 AND seq < $2 GROUP BY ALL ORDER BY moment`
  })

/** Statements that sum up the hours of the events from `$1` to before `$2` by the half day. */
export const merging = Object.entries(cubes)
  .filter(([, { halfDays }]) => halfDays !== undefined)
  .map(
    ([table, cube]) =>
      `INSERT INTO ${long(table)} SELECT $1::BIGINT,
         make_timestamp(epoch_us(moment) // ${spans.halfDay * 1000} * ${spans.halfDay * 1000}) AS moment,
         ${names(cube).join(', ')}, sum(n)
       FROM ${table} WHERE seq >= $1 AND seq < $2 GROUP BY ALL ORDER BY ${cube.halfDays}`,
  )

/** Differs when the cubes would be made in another way. */
export const fingerprint = Number.parseInt(
  hash('sha256', [...creation, ...rolling, ...merging].join()).slice(0, 12),
  16,
)
