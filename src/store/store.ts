import type { Event } from '#events/event.ts'

/** Columns by which the page may filter, group and count. */
export const fields = [
  'action',
  'service',
  'sensor',
  'transport',
  'source_ip',
  'destination_port',
  'country',
  'city',
  'asn',
  'network',
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
  'session',
  'scanner',
] as const
export type Field = (typeof fields)[number]

/** Milliseconds since the epoch, `from` inclusive, `to` exclusive. */
export type Filter = {
  from?: number
  to?: number
  /** All must hold; several values of one entry are alternatives. `not` also takes events without the field. */
  where?: { field: Field; not?: true; values: string[] }[]
  /** Case-insensitive part of any text of the event, its place included; names of fields are no text. */
  text?: string
}

/** Where an address is and whose; `scanner`: an organisation known to scan from it. */
export type Place = {
  country?: string
  city?: string
  lat?: number
  lon?: number
  asn?: number
  network?: string
  scanner?: string
}
/** Where the ingest stands in one writer's segments; commits with the rows. */
export type Position = { writer: string; segment: string; offset: number }
export type Batch = { events: { event: Event; json: string; place: Place }[]; positions: Position[] }

export type SessionSummary = {
  session: string
  service: string
  source_ip: string
  destination_port: number
  first: number
  last: number
  events: number
  logins: number
  commands: number
  files: number
  reason?: string
  country?: string
  city?: string
  network?: string
}
export type SourceSummary = Place & {
  source_ip: string
  first: number
  last: number
  events: number
  sessions: number
  services: { value: string; count: number }[]
  ports: { value: string; count: number }[]
  credentials: { user: string; password: string; count: number }[]
  commands: { value: string; count: number }[]
  files: { sha256: string; path?: string; count: number }[]
}
/** `next` continues the list; absent at its end. */
export type Page<T> = { items: T[]; next?: string }
export type EnrichedEvent = Event & { source?: { geo?: Place } }

/** The questions the page asks. A second engine can come behind it. */
export type Store = {
  ingest(batch: Batch): Promise<{ added: number }>
  positions(): Promise<Position[]>
  count(filter: Filter): Promise<number>
  /** Exact, but for estimates (within some 2 %) over more than a million events that no roll-up answers for. */
  distinct(field: Field, filter: Filter): Promise<number>
  /** Most frequent value combinations of one to three fields; events without a value for one of them do not count. */
  top(by: readonly Field[], filter: Filter, limit: number): Promise<{ values: string[]; count: number }[]>
  /** Buckets of `interval` ms aligned to it, empty ones left out, split by a field's most frequent values if asked. */
  histogram(
    interval: number,
    filter: Filter,
    split?: { by: Field; limit: number },
  ): Promise<{ at: number; value?: string; count: number; sources: number }[]>
  /** Places on the map: sources grouped by coordinates. */
  places(
    filter: Filter,
    limit: number,
  ): Promise<{ lat: number; lon: number; country?: string; city?: string; count: number; sources: number }[]>
  /** Newest first. */
  events(filter: Filter, limit: number, cursor?: string): Promise<Page<EnrichedEvent>>
  /**
   * Sessions whose life overlaps the range, the latest to start first. Of the fields that differ from event to event, and of
   * the text, one event in the range must fulfil all.
   */
  sessions(filter: Filter, limit: number, cursor?: string): Promise<Page<SessionSummary>>
  /** One session, oldest event first. */
  session(id: string): Promise<{ summary: SessionSummary; events: EnrichedEvent[] } | undefined>
  source(ip: string): Promise<SourceSummary | undefined>
  /** Read-only SQL for a person: rows of JSON-ready values, at most `limit`. */
  sql(query: string, limit: number): Promise<{ columns: string[]; rows: unknown[][] }>
  export(filter: Filter, path: string): Promise<void>
  /** Deletes the oldest events beyond these bounds. */
  retain(bounds: { days: number; bytes: number }): Promise<{ removed: number }>
  size(): Promise<{ bytes: number; events: number; oldest?: number }>
  close(): Promise<void>
}
