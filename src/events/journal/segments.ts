import fs from 'node:fs'

/** A stretch of one writer's events, in one file: plain while it grows and until its compressed form is complete. */
export type Segment = {
  /** The file's name without `.jsonl` or `.jsonl.zst`; within one writer names sort by time. */
  name: string
  writer: string
  /** Milliseconds since the epoch, whole seconds. */
  startedAt: number
  plain: boolean
  compressed: boolean
}

const form = /^(([a-z][a-z0-9]*)-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-\d{4})\.jsonl(\.zst)?$/

/** Whether a writer of this name can be told from others by the names of its segments. */
export const isWriter = (name: string) => /^[a-z][a-z0-9]*$/.test(name)

/** `tcp-20261121T220000Z-0001.jsonl`, or `.jsonl.zst` when compressed; anything else is not a segment. */
export function parseSegment(file: string): Segment | undefined {
  const found = form.exec(file)
  if (!found) return
  const [, name, writer, year, month, day, hour, minute, second, zst] = found
  const startedAt = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
  return { name: name!, writer: writer!, startedAt, plain: zst === undefined, compressed: zst !== undefined }
}

/**
 * The name that follows `last`. It sorts after it whatever the clock did meanwhile, because a reader takes a lesser name
 * for one it has read.
 */
export function nextSegment(writer: string, now: number, last?: string): string {
  const stamp = (ms: number) => `${writer}-${new Date(ms).toISOString().replaceAll(/[-:]|\.\d+/g, '')}-`
  const fresh = stamp(now)
  if (last === undefined || fresh > last) return `${fresh}0001`
  const sequence = Number(last.slice(-4)) + 1
  if (sequence <= 9999) return `${last.slice(0, -4)}${String(sequence).padStart(4, '0')}`
  return `${stamp(parseSegment(`${last}.jsonl`)!.startedAt + 1000)}0001`
}

/** Every segment in the directory once, even when both its forms are there, by writer and then by age. None yet: none. */
export function listSegments(directory: string): Segment[] {
  const byName = new Map<string, Segment>()
  for (const file of filesIn(directory)) {
    const segment = parseSegment(file)
    if (!segment) continue
    const known = byName.get(segment.name)
    if (known) known.plain = known.compressed = true
    else byName.set(segment.name, segment)
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function filesIn(directory: string): string[] {
  try {
    return fs.readdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

export const plainPath = (directory: string, name: string) => `${directory}/${name}.jsonl`
export const compressedPath = (directory: string, name: string) => `${directory}/${name}.jsonl.zst`
