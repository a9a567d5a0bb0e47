import { hash } from 'node:crypto'
import { isIPv4 } from 'node:net'
import type { Event } from '#events/event.ts'
import type { Field, Place } from './store.ts'

/** An event as the journal gave it, with what is known about its source. */
export type Entry = { event: Event; json: string; place: Place }

type Column = {
  type: 'VARCHAR' | 'USMALLINT' | 'UINTEGER'
  /** Where the value stands in the event, dotted; a field of the place has none. */
  path?: string
  value: (entry: Entry) => string | number | undefined
}
const at = (type: Column['type'], path: string): Column => {
  const [a = '', b = '', c] = path.split('.')
  return {
    type,
    path,
    value: ({ event }) => {
      const inner = (event[a] as Record<string, unknown> | undefined)?.[b]
      const value = c === undefined ? inner : (inner as Record<string, unknown> | undefined)?.[c]
      return typeof value === 'string' || typeof value === 'number' ? value : undefined
    },
  }
}

/** How each field is found in an event, and the type of the column that keeps it. */
export const columns = {
  action: at('VARCHAR', 'event.action'),
  service: at('VARCHAR', 'skep.service'),
  sensor: at('VARCHAR', 'observer.name'),
  transport: at('VARCHAR', 'network.transport'),
  source_ip: at('VARCHAR', 'source.ip'),
  destination_port: at('USMALLINT', 'destination.port'),
  country: { type: 'VARCHAR', value: ({ place }) => place.country },
  city: { type: 'VARCHAR', value: ({ place }) => place.city },
  asn: { type: 'UINTEGER', value: ({ place }) => place.asn },
  network: { type: 'VARCHAR', value: ({ place }) => place.network },
  user: at('VARCHAR', 'user.name'),
  password: at('VARCHAR', 'skep.login.password'),
  command: at('VARCHAR', 'process.command_line'),
  url: at('VARCHAR', 'url.original'),
  sha256: at('VARCHAR', 'file.hash.sha256'),
  outcome: at('VARCHAR', 'event.outcome'),
  ja4: at('VARCHAR', 'skep.tls.ja4'),
  hassh: at('VARCHAR', 'skep.ssh.hassh'),
  user_agent: at('VARCHAR', 'user_agent.original'),
  exploit: at('VARCHAR', 'vulnerability.id'),
  session: at('VARCHAR', 'skep.session'),
  scanner: { type: 'VARCHAR', value: ({ place }) => place.scanner },
} as const satisfies Record<Field, Column>

/** Fields whose columns were added to tables that were there already: they stand last. */
export const laterFields: readonly Field[] = ['scanner']

/**
 * A source address as a number, by which sources are counted and found many times faster than by their text: IPv4 as it is,
 * all else by 63 bits of a hash.
 */
export function sourceKey(ip: string | undefined): bigint | null {
  if (typeof ip !== 'string') return null
  if (isIPv4(ip)) return BigInt(ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0))
  return hash('md5', ip, 'buffer').readBigUInt64BE(0) >> 1n
}

/** A column name, quoted: `user` is a word of SQL. */
export const quoted = (field: Field) => `"${field}"`
export const isNumeric = (field: Field) => columns[field].type !== 'VARCHAR'

// The envelope's fixed words and what a column already holds are not worth keeping, or finding, twice.
type Known = Map<string, Known>
const known: Known = new Map()
for (const path of [
  '@timestamp',
  'event.id',
  'event.kind',
  'event.category',
  'event.type',
  'event.dataset',
  'network.type',
  'observer.product',
  'observer.type',
  ...Object.values(columns).flatMap((column: Column) => (column.path === undefined ? [] : [column.path])),
]) {
  let at = known
  for (const key of path.split('.')) {
    const next = at.get(key) ?? new Map()
    at.set(key, next)
    at = next
  }
}

/** Every string of an event that no column holds (headers, bodies, evidence …), a line each, for text search. */
export function remainder(event: Event): string | undefined {
  const found = collect(event, known, '')
  return found === '' ? undefined : found
}

function collect(of: object, known: Known | undefined, found: string): string {
  for (const key in of) {
    const value = (of as Record<string, unknown>)[key]
    const inner = known?.get(key)
    // A path that ends here is known; one that goes on is looked into.
    if (typeof value === 'object' && value !== null) {
      if (inner?.size !== 0) found = collect(value, inner, found)
    } else if (typeof value === 'string' && inner?.size !== 0) {
      found += found === '' ? value : `\n${value}`
    }
  }
  return found
}
