import type { Told } from './event.ts'

/** A stretch of ports, both ends included. */
export type Stretch = [first: number, last: number]

/** What the chapters of a scan's story come to. */
export type ScanStory = {
  kind: string
  /** What the numbers are: ports, or types of ICMP, or protocols over IP. */
  numbers: 'ports' | 'types' | 'protocols'
  stretches: Stretch[]
  count: number
  packets: number
  bytes: number
  rate: number | undefined
  tools: string[]
  destinations: string[]
  sources: number | undefined
  sender: NonNullable<Told['skep']['sender']> | undefined
  over: string | undefined
}

/** `1-1024` or `22`; what is neither is nothing. */
function stretchOf(text: string): Stretch | undefined {
  const [, first, last] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? []
  return first === undefined ? undefined : [Number(first), Number(last ?? first)]
}

/** In order, those that touch made one. */
export function united(stretches: readonly Stretch[]): Stretch[] {
  const out: Stretch[] = []
  for (const [first, last] of stretches.toSorted((a, b) => a[0] - b[0])) {
    const before = out.at(-1)
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last)
    else out.push([first, last])
  }
  return out
}

/** The story that these events tell; `undefined` when none of them is a scan's. Each chapter tells new numbers alone. */
export function scanStory(events: readonly Told[]): ScanStory | undefined {
  const chapters = events.filter(({ skep }) => skep.scan)
  const last = chapters.at(-1)
  if (!last) return undefined
  const scan = last.skep.scan!
  const numbers = scan.ports ? 'ports' : scan.types ? 'types' : 'protocols'
  const told = chapters.flatMap(({ skep }) => skep.scan?.[numbers] ?? [])
  return {
    kind: scan.kind,
    numbers,
    stretches: united(
      told.flatMap(text => (stretchOf(text) ? [stretchOf(text)!] : [])).filter(([first, end]) => first <= end),
    ),
    count: scan.count,
    packets: scan.packets,
    bytes: scan.bytes,
    rate: scan.rate,
    tools: scan.tools ?? [],
    destinations: scan.destinations ?? [],
    sources: scan.sources,
    sender: chapters.findLast(({ skep }) => skep.sender)?.skep.sender,
    over: last.event.reason,
  }
}
