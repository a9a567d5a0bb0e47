import { type EventLine, type ReadOptions, readJournal } from './reader.ts'
import { listSegments } from './segments.ts'

type Since = Omit<ReadOptions, 'from' | 'only'> & {
  /** Milliseconds since the epoch. */
  since?: number
}

/**
 * The events since a time, straight from the journal, without a store: in order of time over all writers; of what is
 * followed, in order within each batch.
 */
export async function* readEvents({ since = Number.NEGATIVE_INFINITY, ...options }: Since): AsyncGenerator<EventLine> {
  const from = startsBefore(options.directory, since)
  const recent = ({ event }: EventLine) => Date.parse(event['@timestamp']) >= since
  if (options.follow ?? true) {
    for await (const { lines } of readJournal({ ...options, from })) yield* lines.filter(recent).sort(byTime)
    return
  }
  const writers = [...new Set(listSegments(options.directory).map(({ writer }) => writer))]
  const streams = writers.map(only =>
    linesOf(readJournal({ ...options, only, from: from.filter(p => p.writer === only) })),
  )
  for await (const line of merge(streams)) if (recent(line)) yield line
}

const byTime = (a: EventLine, b: EventLine) => (a.event['@timestamp'] < b.event['@timestamp'] ? -1 : 1)

async function* linesOf(batches: ReturnType<typeof readJournal>): AsyncGenerator<EventLine> {
  for await (const { lines } of batches) yield* lines
}

/** Streams that are each in order, as one. */
async function* merge(streams: AsyncGenerator<EventLine>[]): AsyncGenerator<EventLine> {
  const heads = await Promise.all(streams.map(async stream => ({ stream, head: (await stream.next()).value })))
  for (;;) {
    const waiting = heads.filter(({ head }) => head !== undefined) as {
      stream: AsyncGenerator<EventLine>
      head: EventLine
    }[]
    if (waiting.length === 0) return
    const next = waiting.reduce((a, b) => (byTime(b.head, a.head) < 0 ? b : a))
    yield next.head
    next.head = (await next.stream.next()).value
  }
}

/** The start of the last segment of each writer that began before `time`: nothing older is of interest. */
function startsBefore(directory: string, time: number) {
  const starts = new Map<string, { writer: string; segment: string; offset: number }>()
  for (const { writer, name, startedAt } of listSegments(directory))
    if (startedAt < time) starts.set(writer, { writer, segment: name, offset: 0 })
  return [...starts.values()]
}
