import { type EventLine, type ReadOptions, readJournal } from './reader.ts'
import { listSegments } from './segments.ts'

/** The events since a time (milliseconds since the epoch), straight from the journal, without a store. */
export async function* readEvents(
  options: Omit<ReadOptions, 'from'> & { since?: number },
): AsyncGenerator<EventLine, void, undefined> {
  const { since = Number.NEGATIVE_INFINITY, ...rest } = options
  for await (const { lines } of readJournal({ ...rest, from: startsBefore(options.directory, since) }))
    for (const line of lines) if (Date.parse(line.event['@timestamp']) >= since) yield line
}

/** The start of the last segment of each writer that began before `time`: nothing older is of interest. */
function startsBefore(directory: string, time: number) {
  const starts = new Map<string, { writer: string; segment: string; offset: number }>()
  for (const { writer, name, startedAt } of listSegments(directory))
    if (startedAt < time) starts.set(writer, { writer, segment: name, offset: 0 })
  return [...starts.values()]
}
