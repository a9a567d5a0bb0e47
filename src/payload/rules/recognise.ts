import { type Automaton, automatonOf } from './automaton.ts'
import { endsOf, type Pattern, parsePattern, spans, startsOf } from './pattern.ts'

export const kinds = ['worm', 'exploit', 'miner', 'bruteforce', 'probe', 'scanner'] as const
/** What somebody is after: to spread, to break in, to mine, to guess passwords, to see whether there is a way, to count. */
export type Kind = (typeof kinds)[number]

/** What is an attack; guessing, looking and counting are told by tags alone. */
export const isAttack = (kind: Kind): boolean => kind === 'worm' || kind === 'exploit' || kind === 'miner'

/** Where a rule looks: a request's target with escapes undone, its header lines, its body, or any bytes as they came. */
export const areas = ['url', 'headers', 'body', 'raw'] as const
export type Area = (typeof areas)[number]

/** Several areas by one name, as bits in their order. */
export const together = { request: 0b0111, any: 0b1111 } as const

/** One rule, as data/payload-rules.json has it. */
export type Rule = {
  /** A CVE, or a name in capitals where there is none. */
  id: string
  name: string
  kind: Kind
  where: Area | keyof typeof together
  /** Any of these; each of them all of its patterns. */
  match: readonly (readonly string[])[]
  /** The first bytes have to be of this protocol (identify.ts). */
  protocol?: string
  /** Only on these ports. */
  ports?: readonly number[]
}

export type Sighting = { id: string; name: string; kind: Kind; evidence: string }
export type Circumstances = { protocol?: string; port?: number }
export type Texts = Partial<Record<Area, Uint8Array>>

/** Bytes of an area that are looked at. */
const LOOKED_AT = 64 << 10
const SIGHTINGS = 16
const EVIDENCE = 200

type Part = { rule: number; alternative: number; pattern: number; segment: number }
type Compiled = {
  rules: readonly Rule[]
  patterns: Pattern[][][]
  parts: Part[]
  masks: Uint8Array
  automaton: Automaton
}

/** All rules in one automaton. Throws the first pattern that is wrong. */
export function compile(rules: readonly Rule[]): (texts: Texts, about?: Circumstances) => Sighting[] {
  const parts: Part[] = []
  const patterns = rules.map(({ match }, rule) =>
    match.map((all, alternative) =>
      all.map((source, pattern) => {
        const parsed = parsePattern(source)
        for (let segment = 0; segment < parsed.segments.length; segment++)
          parts.push({ rule, alternative, pattern, segment })
        return parsed
      }),
    ),
  )
  const literals = parts.map(part => patternOf(patterns, part).segments[part.segment]!.literal)
  const masks = Uint8Array.from(rules, ({ where }) =>
    where === 'any' || where === 'request' ? together[where] : 1 << areas.indexOf(where),
  )
  const all: Compiled = { rules, patterns, parts, masks, automaton: automatonOf(literals) }
  return (texts, about = {}) => recognise(all, texts, about)
}

const patternOf = (patterns: Pattern[][][], { rule, alternative, pattern }: Part) =>
  patterns[rule]![alternative]![pattern]!

function recognise(all: Compiled, texts: Texts, about: Circumstances): Sighting[] {
  const found = new Map<number, Sighting>()
  areas.forEach((area, index) => {
    const text = texts[area]
    if (text && text.length > 0) lookAt(all, text.subarray(0, LOOKED_AT), 1 << index, about, found)
  })
  const sorted = [...found].sort(([a], [b]) => a - b).map(([, sighting]) => sighting)
  const ids = new Set<string>()
  return sorted.filter(({ id }) => !ids.has(id) && ids.add(id)).slice(0, SIGHTINGS)
}

/** Of a pattern that is under way: where its segments have ended, the latest last, and where it began. */
type Progress = { ends: number[][]; start: number }
const KEPT = 16

function lookAt(
  all: Compiled,
  bytes: Uint8Array,
  mask: number,
  about: Circumstances,
  found: Map<number, Sighting>,
): void {
  const { rules, patterns, parts, masks, automaton } = all
  const underway = new Map<Pattern, Progress>()
  const satisfied = new Set<Pattern>()
  // Of an alternative, by rule and number: where each of its patterns began.
  const done = new Map<number, Map<number, number>>()
  automaton.scan(bytes, (which, end) => {
    const part = parts[which]!
    if ((masks[part.rule]! & mask) === 0 || found.has(part.rule)) return
    const pattern = patternOf(patterns, part)
    if (satisfied.has(pattern)) return
    const segment = pattern.segments[part.segment]!
    const began = advance(pattern, part.segment, bytes, end - segment.literal.length - segment.literalAt, underway)
    const rule = rules[part.rule]!
    if (began === undefined || !applies(rule, about)) return
    const key = part.rule * 64 + part.alternative
    const whole = done.get(key) ?? new Map<number, number>()
    done.set(key, whole)
    whole.set(part.pattern, began)
    satisfied.add(pattern)
    if (whole.size < patterns[part.rule]![part.alternative]!.length) return
    const from = whole.get(0)!
    const evidence = latin1(bytes, bytes[from] === 10 ? from + 1 : from)
    found.set(part.rule, { id: rule.id, name: rule.name, kind: rule.kind, evidence })
  })
}

const applies = (rule: Rule, about: Circumstances): boolean =>
  (rule.protocol === undefined || rule.protocol === about.protocol) &&
  (rule.ports === undefined || about.port === undefined || rule.ports.includes(about.port))

const latin1 = (bytes: Uint8Array, from: number) =>
  Buffer.from(bytes.buffer, bytes.byteOffset + from, Math.min(EVIDENCE, bytes.length - from)).toString('latin1')

/** A segment may stand at `start`: where the pattern began when it was its last, and nothing is wrong with it. */
function advance(
  pattern: Pattern,
  index: number,
  bytes: Uint8Array,
  start: number,
  underway: Map<Pattern, Progress>,
): number | undefined {
  const segment = pattern.segments[index]!
  const known = underway.get(pattern)
  if (index > 0) {
    const before = known?.ends[index - 1]?.findLast(place => place <= start)
    if (before === undefined || !spans(segment.gap!, bytes, before, start)) return undefined
  }
  const ends = endsOf(segment, bytes, start)
  if (ends.size === 0) return undefined
  const progress = known ?? { ends: pattern.segments.map(() => []), start: -1 }
  if (index === 0) {
    const starts = startsOf(pattern, bytes, start)
    if (starts.size === 0 || (pattern.fromStart && !starts.has(0))) return undefined
    progress.start = Math.max(0, Math.min(...starts))
  }
  if (index === pattern.segments.length - 1)
    return pattern.toEnd && !ends.has(bytes.length) ? undefined : progress.start
  underway.set(pattern, progress)
  const kept = progress.ends[index]!
  kept.push(...[...ends].sort((a, b) => a - b).slice(0, KEPT))
  if (kept.length > KEPT) kept.splice(0, kept.length - KEPT)
  return undefined
}
