import { columns, type Entry } from './columns.ts'
import type { Field, Filter } from './store.ts'

/*
 * The store's questions answered the plain way, from an array: what the tests hold the database to.
 */

const value = (entry: Entry, field: Field) => {
  const found = columns[field].value(entry)
  return found === undefined ? undefined : String(found)
}
const at = (entry: Entry) => Date.parse(entry.event['@timestamp'])
const source = (entry: Entry) => value(entry, 'source_ip')

const fixed = new Set([
  '@timestamp',
  'event.id',
  'event.kind',
  'event.category',
  'event.type',
  'event.dataset',
  'network.type',
  'observer.product',
  'observer.type',
])
function strings(of: unknown, path = ''): string[] {
  if (fixed.has(path)) return []
  if (typeof of === 'string') return [of]
  if (typeof of !== 'object' || of === null) return []
  return Object.entries(of).flatMap(([key, inner]) => strings(inner, path === '' ? key : `${path}.${key}`))
}

export function matches(entry: Entry, filter: Filter): boolean {
  if (filter.from !== undefined && at(entry) < filter.from) return false
  if (filter.to !== undefined && at(entry) >= filter.to) return false
  for (const { field, not, values } of filter.where ?? []) {
    const found = value(entry, field)
    if ((found !== undefined && values.includes(found)) === (not === true)) return false
  }
  if (!filter.text) return true
  const { country, city, network, scanner } = entry.place
  const needle = filter.text.toLowerCase()
  return [...strings(entry.event), country, city, network, scanner].some(text => text?.toLowerCase().includes(needle))
}

const compare = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
/** Numbers as numbers, text by its bytes, as the database orders them. */
const compareValues = (by: readonly Field[]) => (a: string[], b: string[]) => {
  for (const [index, field] of by.entries()) {
    const order =
      columns[field].type === 'VARCHAR' ? compare(a[index]!, b[index]!) : Number(a[index]) - Number(b[index])
    if (order !== 0) return order
  }
  return 0
}

export function top(entries: Entry[], by: readonly Field[], limit: number) {
  const counts = new Map<string, { values: string[]; count: number }>()
  for (const entry of entries) {
    const values = by.map(field => value(entry, field))
    if (values.some(v => v === undefined)) continue
    const key = JSON.stringify(values)
    const group = counts.get(key) ?? { values: values as string[], count: 0 }
    group.count++
    counts.set(key, group)
  }
  const order = compareValues(by)
  return [...counts.values()].sort((a, b) => b.count - a.count || order(a.values, b.values)).slice(0, limit)
}

export const distinct = (entries: Entry[], field: Field) =>
  new Set(entries.map(entry => value(entry, field)).filter(v => v !== undefined)).size

export function histogram(entries: Entry[], interval: number, split?: { by: Field; limit: number }) {
  const kept = split && top(entries, [split.by], split.limit).map(group => group.values[0]!)
  const buckets = new Map<string, { at: number; value?: string; count: number; sources: Set<string | undefined> }>()
  for (const entry of entries) {
    const bucket = Math.floor(at(entry) / interval) * interval
    const part = split && value(entry, split.by)
    if (kept && !kept.includes(part!)) continue
    const key = `${bucket} ${part}`
    const found = buckets.get(key) ?? { at: bucket, ...(split ? { value: part! } : {}), count: 0, sources: new Set() }
    found.count++
    found.sources.add(source(entry))
    buckets.set(key, found)
  }
  const rank = (value: string | undefined) => kept?.indexOf(value!) ?? 0
  return [...buckets.values()]
    .map(bucket => ({ ...bucket, sources: bucket.sources.size }))
    .sort((a, b) => a.at - b.at || b.count - a.count || rank(a.value) - rank(b.value))
}

export function places(entries: Entry[], limit: number) {
  const found = new Map<
    string,
    { lat: number; lon: number; country?: string; city?: string; count: number; sources: Set<string | undefined> }
  >()
  for (const entry of entries) {
    const { lat, lon, country, city } = entry.place
    if (lat === undefined || lon === undefined) continue
    const key = `${lat} ${lon}`
    const spot = found.get(key) ?? {
      lat,
      lon,
      ...(country ? { country } : {}),
      ...(city ? { city } : {}),
      count: 0,
      sources: new Set(),
    }
    spot.count++
    spot.sources.add(source(entry))
    found.set(key, spot)
  }
  return [...found.values()]
    .map(spot => ({ ...spot, sources: spot.sources.size }))
    .sort((a, b) => b.count - a.count || a.lat - b.lat || a.lon - b.lon)
    .slice(0, limit)
}

/** Newest first. */
export const newest = (entries: Entry[]) =>
  [...entries].sort((a, b) => at(b) - at(a) || compare(b.event.event.id, a.event.event.id))

const sessionFields: ReadonlySet<Field> = new Set([
  'session',
  'service',
  'sensor',
  'transport',
  'source_ip',
  'destination_port',
  'country',
  'city',
  'asn',
  'network',
])

export function sessions(all: Entry[], filter: Filter) {
  const bySession = Map.groupBy(all, entry => value(entry, 'session')!)
  const ofSession = (filter.where ?? []).filter(({ field }) => sessionFields.has(field))
  const ofEvent = filter.text || (filter.where ?? []).length > ofSession.length
  return [...bySession.values()]
    .filter(entries => {
      const times = entries.map(at)
      return (
        (filter.to === undefined || Math.min(...times) < filter.to) &&
        Math.max(...times) >= (filter.from ?? 0) &&
        matches(entries[0]!, { where: ofSession }) &&
        (!ofEvent || entries.some(entry => matches(entry, filter)))
      )
    })
    .map(summary)
    .sort((a, b) => b.first - a.first || compare(b.session, a.session))
}

export function summary(entries: Entry[]) {
  const some = entries[0]!
  const { country, city, network } = some.place
  const action = (name: string) => entries.filter(entry => value(entry, 'action') === name)
  const reason = (action('connection-closed')[0]?.event.event as { reason?: string } | undefined)?.reason
  return {
    session: value(some, 'session')!,
    service: value(some, 'service')!,
    source_ip: value(some, 'source_ip')!,
    destination_port: some.event.destination!.port,
    first: Math.min(...entries.map(at)),
    last: Math.max(...entries.map(at)),
    events: entries.length,
    logins: action('login').length,
    commands: action('command').length,
    files: entries.filter(entry => value(entry, 'sha256') !== undefined || value(entry, 'action') === 'file-download')
      .length,
    ...(reason === undefined ? {} : { reason }),
    ...(country === undefined ? {} : { country }),
    ...(city === undefined ? {} : { city }),
    ...(network === undefined ? {} : { network }),
  }
}

export function sourceSummary(all: Entry[], ip: string) {
  const entries = all.filter(entry => source(entry) === ip)
  const list = (field: Field) => top(entries, [field], 50).map(({ values, count }) => ({ value: values[0]!, count }))
  return {
    source_ip: ip,
    ...newest(entries)[0]!.place,
    first: Math.min(...entries.map(at)),
    last: Math.max(...entries.map(at)),
    events: entries.length,
    sessions: distinct(entries, 'session'),
    services: list('service'),
    ports: list('destination_port'),
    credentials: top(entries, ['user', 'password'], 50).map(({ values, count }) => ({
      user: values[0]!,
      password: values[1]!,
      count,
    })),
    commands: list('command'),
    files: top(entries, ['sha256'], 50).map(({ values, count }) => {
      const path = entries
        .filter(e => value(e, 'sha256') === values[0])
        .map(e => (e.event.file as { path?: string }).path)
        .filter(p => p !== undefined)
        .sort(compare)
        .at(-1)
      return { sha256: values[0]!, ...(path === undefined ? {} : { path }), count }
    }),
  }
}
