import { uuid7 } from '#events/uuid7.ts'
import { type Fingerprint, type Probe, pairTool } from '#packets/fingerprint.ts'
import { NumberSet } from './numbers.ts'

/** What kind of probe a packet is; nmap's names where it has one (nmap.org/book/man-port-scanning-techniques.html). */
export const kinds = [
  'syn',
  'fin',
  'null',
  'xmas',
  'maimon',
  'ack',
  'syn-ack',
  'rst',
  'odd-flags',
  'fragment',
  'udp',
  'sctp',
  'icmp',
  'icmpv6',
  'protocol',
] as const
export type Kind = (typeof kinds)[number]

/** What the numbers of a story are: ports, or types of ICMP, or protocols over IP. */
export const numbersOf = (kind: Kind): 'ports' | 'types' | 'protocols' =>
  kind === 'protocol' ? 'protocols' : kind === 'icmp' || kind === 'icmpv6' ? 'types' : 'ports'

/** One packet that opens nothing, as a story takes it. */
export type Sighting = Probe & {
  kind: Kind
  source: string
  destination: string
  /** Port, ICMP type or protocol. */
  number: number
  /** Milliseconds since the epoch. */
  at: number
  bytes: number
  fingerprint: () => Fingerprint
}

/** What a `scan` event tells; `numbers` are those that no earlier event of its story told. */
export type Chapter = {
  session: string
  kind: Kind
  /** Absent in a story of many sources. */
  source?: { ip: string; port: number }
  /** The first one probed. */
  destination: { ip: string; port: number }
  numbers: string[]
  count: number
  packets: number
  bytes: number
  /** Packets a second since the first; of a single one, none. */
  rate?: number
  first: number
  last: number
  fingerprint?: Fingerprint
  tools: string[]
  destinations: string[]
  /** Of a story of many sources: about how many they were. */
  sources?: number
  /** Why the story is over; absent while it goes on. */
  reason?: 'silent' | 'evicted' | 'shutdown'
}

type Story = {
  session: string
  kind: Kind
  source: { ip: string; port: number } | undefined
  destination: { ip: string; port: number }
  seen: NumberSet
  fresh: NumberSet
  packets: number
  toldPackets: number
  bytes: number
  first: number
  last: number
  /** When the next event is due; the interval after it. */
  due: number
  interval: number
  fingerprint: Fingerprint | undefined
  tools: Map<string, number>
  lastProbe: Probe
  /** Pairs of probes looked at, until it is clear which tool's they are. */
  pairs: number
  destinations: Set<string>
  sources: Uint8Array | undefined
}

export type StoryOptions = {
  tell: (chapter: Chapter) => void
  /** Stories at once, and how many of them may have a bit a port (two sets of 8 kB). */
  most?: number
  mostBig?: number
  /** Stories begun a second, and at once; sources beyond that share a story. */
  begun?: number
  burst?: number
}

/** Milliseconds of silence after which a story is over. */
export const silence = 300_000
const firstChapter = 1_000
const shortest = 10_000
/** A burst: so many new ports, and silence for so long. */
const burstPorts = 64
const burstOver = 3_000
const longest = 300_000
/** Ranges in one event: some 12 kB. More are told by several. */
const rangesCap = 1024
const destinationsCap = 64
const pairsCap = 16
const pairsNeeded = 3

/**
 * Groups probes into stories, one a source and kind: told a second after the first probe, then at intervals that double,
 * and once more when it falls silent. Every number is told once. Bounded: over the cap the story silent for longest ends,
 * told to its end; and when sources come faster than stories may begin, as from forged addresses, they share one.
 */
export function stories({ tell, most = 8192, mostBig = 256, begun = 100, burst = 2000 }: StoryOptions) {
  /** The one silent for longest comes first, within a second. */
  const open = new Map<string, Story>()
  let big = 0
  let tokens = burst
  let filledAt = 0
  let evicted = 0

  function mayBegin(at: number): boolean {
    if (at > filledAt) {
      tokens = Math.min(burst, tokens + ((at - filledAt) * begun) / 1000)
      filledAt = at
    }
    if (tokens < 1) return false
    tokens--
    return true
  }

  function find(sighting: Sighting): Story {
    const key = `${sighting.kind} ${sighting.source}`
    const known = open.get(key)
    if (known) {
      if (sighting.at - known.last > 1000) {
        open.delete(key)
        open.set(key, known)
      }
      return known
    }
    if (mayBegin(sighting.at)) return begin(key, sighting, true)
    const shared = `${sighting.kind} *`
    return open.get(shared) ?? begin(shared, sighting, false)
  }

  function begin(key: string, sighting: Sighting, alone: boolean): Story {
    if (open.size >= most) endOldest(() => true)
    const { kind, source, sourcePort, destination, destinationPort, at } = sighting
    const story: Story = {
      session: uuid7(Math.round(at)),
      kind,
      source: alone ? { ip: source, port: sourcePort } : undefined,
      destination: { ip: destination, port: destinationPort },
      seen: new NumberSet(),
      fresh: new NumberSet(),
      packets: 0,
      toldPackets: 0,
      bytes: 0,
      first: at,
      last: at,
      due: at + firstChapter,
      interval: shortest,
      fingerprint: alone ? sighting.fingerprint() : undefined,
      tools: new Map(),
      lastProbe: sighting,
      pairs: 0,
      destinations: new Set(),
      sources: alone ? undefined : new Uint8Array(8192),
    }
    open.set(key, story)
    return story
  }

  function endOldest(which: (story: Story) => boolean): void {
    for (const [key, story] of open)
      if (which(story)) {
        evicted++
        end(key, story, 'evicted')
        return
      }
  }

  function end(key: string, story: Story, reason: Chapter['reason']): void {
    open.delete(key)
    if (story.seen.big) big--
    chapters(story, reason)
  }

  /** Tells what is new, in as many events as its ranges take. */
  function chapters(story: Story, reason?: Chapter['reason']): void {
    const ranges = story.fresh.ranges()
    story.fresh.clear()
    story.toldPackets = story.packets
    do {
      const numbers = ranges.splice(0, rangesCap)
      tell(chapterOf(story, numbers, ranges.length === 0 ? reason : undefined))
    } while (ranges.length > 0)
  }

  return {
    /** Takes a probe; the session of its story. */
    see(sighting: Sighting): string {
      const story = find(sighting)
      const wasBig = story.seen.big
      if (story.seen.add(sighting.number)) story.fresh.add(sighting.number)
      story.packets++
      story.bytes += sighting.bytes
      story.last = Math.max(story.last, sighting.at)
      if (story.destinations.size < destinationsCap) story.destinations.add(sighting.destination)
      if (story.sources) mark(story.sources, sighting.source)
      else if (story.pairs < pairsCap) pair(story, sighting)
      if (story.seen.big && !wasBig && ++big > mostBig) endOldest(other => other !== story && other.seen.big)
      return story.session
    },

    /** Once a second or so: tells what is due, and ends what is silent. */
    sweep(now: number): void {
      for (const [key, story] of open) {
        if (now - story.last >= silence) end(key, story, 'silent')
        else if (story.packets > story.toldPackets && (now >= story.due || isBurst(story, now))) {
          chapters(story)
          story.due = now + story.interval
          story.interval = Math.min(longest, story.interval * 2)
        }
      }
    },

    close(): void {
      for (const [key, story] of [...open]) end(key, story, 'shutdown')
    },

    stats: () => ({ stories: open.size, big, evicted }),
  }
}

/** Many ports at once, and then nothing: not worth waiting with. */
const isBurst = ({ fresh, last }: Story, now: number): boolean => fresh.size >= burstPorts && now - last >= burstOver

/** Whose relation holds between this probe and the one before? What the packets tell by themselves counts too. */
function pair(story: Story, sighting: Sighting): void {
  const first = story.packets === 1
  const tool =
    (first ? story.fingerprint?.tool : sighting.fingerprint().tool) ??
    (first || sighting.kind !== 'syn' ? undefined : pairTool(story.lastProbe, sighting))
  if (tool !== undefined) story.tools.set(tool, (story.tools.get(tool) ?? 0) + 1)
  story.pairs++
  story.lastProbe = sighting
}

/** One packet may bear a tool's mark by chance; of many, most have to. */
const toolsOf = ({ tools, pairs }: Story): string[] =>
  [...tools].filter(([, times]) => times >= Math.min(pairs, pairsNeeded)).map(([tool]) => tool)

function chapterOf(story: Story, numbers: string[], reason: Chapter['reason']): Chapter {
  const { session, kind, source, destination, seen, packets, bytes, first, last, fingerprint, destinations } = story
  const seconds = (last - first) / 1000
  return {
    session,
    kind,
    ...(source === undefined ? {} : { source }),
    destination,
    numbers,
    count: seen.size,
    packets,
    bytes,
    ...(packets > 1 && seconds > 0 ? { rate: Number((packets / seconds).toPrecision(3)) } : {}),
    first,
    last,
    ...(fingerprint === undefined ? {} : { fingerprint }),
    tools: toolsOf(story),
    destinations: [...destinations],
    ...(story.sources === undefined ? {} : { sources: estimate(story.sources) }),
    ...(reason === undefined ? {} : { reason }),
  }
}

/** Sets the bit of a hash (FNV-1a) of the text. */
function mark(bits: Uint8Array, text: string): void {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  const n = ((hash >>> 16) ^ hash) & 0xffff
  bits[n >> 3]! |= 1 << (n & 7)
}

/** How many different texts were marked, about: linear counting (Whang et al., 1990). */
function estimate(bits: Uint8Array): number {
  const all = bits.length * 8
  let set = 0
  for (const byte of bits) for (let rest = byte; rest > 0; rest &= rest - 1) set++
  return set === all ? all * 10 : Math.round(-all * Math.log(1 - set / all))
}
