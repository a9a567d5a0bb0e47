/** One byte that a segment wants: a lower-case letter in either case, or (256 more) exactly that byte, or one of a set. */
export type Unit = number | Uint8Array

/** A run of bytes without gaps. */
type Run = readonly Unit[]
/** What may stand between two runs: at most `max` bytes, all of `set`. */
export type Gap = { max: number; set: Uint8Array | undefined }
type Step = { gap: Gap; run: Run }

/**
 * A run with a `literal` by which it is found (the longest of its runs of known bytes, lower case, `literalAt` bytes in),
 * and the runs after it that are too short for that. `gap`: what may stand between it and the segment before.
 */
export type Segment = { run: Run; literal: Buffer; literalAt: number; after: readonly Step[]; gap?: Gap }
/** Segments in order; `before`: what stands before the first, nearest first. */
export type Pattern = {
  segments: readonly Segment[]
  before: readonly Step[]
  fromStart: boolean
  toEnd: boolean
}

const setOf = (test: (char: string) => boolean): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, i) => (test(String.fromCharCode(i)) ? 1 : 0))
const matching = (pattern: RegExp) => setOf(char => pattern.test(char))

const one = new Map<string, Unit>([
  ['d', matching(/\d/)],
  ['h', matching(/[0-9a-f]/i)],
  ['w', matching(/\w/)],
  ['s', matching(/[ \t\r\n+]/)],
  ['q', matching(/["'`]/)],
  ['sep', matching(/[;|`\n&]/)],
  ['slash', matching(/[/\\]/)],
  ['end', matching(/[^\w]/)],
  ['any', setOf(() => true)],
  ['nl', 10 + 256],
  ['{', 0x7b],
  ['}', 0x7d],
])
const gaps = new Map<string, Gap>([
  ['..', { max: 200, set: undefined }],
  ['s*', { max: 9, set: matching(/[\s+/*]/) }],
  ['w*', { max: 80, set: matching(/[\w.%-]/) }],
  ['d*', { max: 12, set: matching(/\d/) }],
  ['line', { max: 300, set: matching(/[^\r\n]/) }],
  ['value', { max: 200, set: matching(/[^&\s;]/) }],
])

/**
 * A rule's pattern:
 *
 * - text stands for itself, ASCII letters in either case;
 * - `{x:ff534d42}` for exactly these bytes;
 * - `{d} {h} {w} {s} {q} {sep} {slash} {end} {any} {nl}` for one byte: digit, hex digit, word, blank or `+`, quote, what
 *   parts commands, either slash, no word, any (`{any9}` for nine), end of line; `{{}` and `{}}` for braces;
 * - `{..} {..40} {s*} {w*} {d*} {line} {line40} {value}` for what may stand between: up to 200 (40) bytes, blanks, a word,
 *   digits, the rest of a line (up to 300 or 40 bytes), the rest of a value;
 * - `{^}` and `{$}` for the beginning and end of what is looked at.
 *
 * At least one run between gaps has two bytes that are known, by which it is found. Throws what is wrong with it.
 */
export function parsePattern(source: string): Pattern {
  const runs: Unit[][] = [[]]
  const between: Gap[] = []
  let fromStart = false
  let toEnd = false
  let read = 0
  for (const [whole, verb, text] of source.matchAll(/\{(\}|[^}]+)\}|([^{])/gs)) {
    const units = runs.at(-1)!
    read += whole.length
    if (toEnd) throw new Error(`Nothing can follow {$}: ${source}`)
    if (text !== undefined) units.push(text.toLowerCase().charCodeAt(0) & 0xff)
    else if (verb === '^' && read === whole.length) fromStart = true
    else if (verb === '$') toEnd = true
    else if (verb!.startsWith('x:')) for (const byte of hexOf(verb!.slice(2), source)) units.push(byte + 256)
    else if (one.has(verb!)) units.push(one.get(verb!)!)
    else if (/^any\d{1,3}$/.test(verb!)) for (let n = Number(verb!.slice(3)); n > 0; n--) units.push(one.get('any')!)
    else {
      const [, name = verb!, most] = /^(\.\.|line)(\d{1,4})$/.exec(verb!) ?? []
      const known = gaps.get(name)
      const gap = known && most !== undefined ? { ...known, max: Number(most) } : known
      if (!gap) throw new Error(`No such thing as {${verb}}: ${source}`)
      between.push(gap)
      runs.push([])
    }
  }
  if (read !== source.length) throw new Error(`A brace is written {{}: ${source}`)
  return { ...assembled(runs, between, source), fromStart, toEnd }
}

/** Runs that are found by a literal become segments; the others hang on the one before them, or on the first. */
function assembled(runs: Unit[][], between: Gap[], source: string): Pick<Pattern, 'segments' | 'before'> {
  const segments: (Segment & { after: Step[] })[] = []
  const before: Step[] = []
  runs.forEach((run, i) => {
    const found = longest(run)
    const gap = i === 0 ? undefined : between[i - 1]!
    if (found.length >= 2) {
      const literal = Buffer.from(
        run.slice(found.at, found.at + found.length).map(unit => lower[(unit as number) & 0xff]!),
      )
      const first = segments.length === 0
      if (first && gap) before.unshift({ gap, run: runs[i - 1]! })
      segments.push({ run, literal, literalAt: found.at, after: [], ...(gap && !first ? { gap } : {}) })
    } else if (segments.length > 0) segments.at(-1)!.after.push({ gap: gap!, run })
    else if (gap) before.unshift({ gap, run: runs[i - 1]! })
  })
  if (segments.length === 0) throw new Error(`Needs two bytes in a row by which it is found: ${source}`)
  return { segments, before }
}

function hexOf(digits: string, source: string): Buffer {
  if (!/^(?:[0-9a-f]{2})+$/i.test(digits)) throw new Error(`Expected pairs of hex digits: ${source}`)
  return Buffer.from(digits, 'hex')
}

function longest(run: Run): { at: number; length: number } {
  let best = { at: 0, length: 0 }
  for (let i = 0; i < run.length; i++) {
    let end = i
    while (end < run.length && typeof run[end] === 'number') end++
    if (end - i > best.length) best = { at: i, length: end - i }
    if (end > i) i = end
  }
  return best
}

/** ASCII letters to lower case, every other byte to itself. */
export const lower: Uint8Array = Uint8Array.from({ length: 256 }, (_, i) => (i >= 65 && i <= 90 ? i + 32 : i))

/** Whether the run stands at `start`. */
function stands(run: Run, bytes: Uint8Array, start: number): boolean {
  if (start < 0 || start + run.length > bytes.length) return false
  for (let i = 0; i < run.length; i++) {
    const byte = bytes[start + i]!
    const unit = run[i]!
    if (typeof unit !== 'number' ? unit[byte] === 0 : unit > 255 ? byte !== unit - 256 : lower[byte] !== unit)
      return false
  }
  return true
}

/** Places where a step may end, each once; a set of places keeps the work to the gap's length a place. */
function forwards({ gap, run }: Step, bytes: Uint8Array, places: Iterable<number>): Set<number> {
  const ends = new Set<number>()
  for (const place of places)
    for (let at = place; at <= place + gap.max && at <= bytes.length; at++) {
      if (stands(run, bytes, at)) ends.add(at + run.length)
      if (gap.set && gap.set[bytes[at] ?? 0] === 0) break
    }
  return ends
}

function backwards({ gap, run }: Step, bytes: Uint8Array, places: Iterable<number>): Set<number> {
  const starts = new Set<number>()
  for (const place of places)
    for (let at = place; at >= place - gap.max && at >= 0; at--) {
      if (stands(run, bytes, at - run.length)) starts.add(at - run.length)
      if (gap.set && gap.set[bytes[at - 1] ?? 0] === 0) break
    }
  return starts
}

const nowhere: ReadonlySet<number> = new Set()

/** Where a segment whose run stands at `start` may end, what hangs on it included; empty when it does not stand there. */
export function endsOf(segment: Segment, bytes: Uint8Array, start: number): ReadonlySet<number> {
  if (!stands(segment.run, bytes, start)) return nowhere
  let places = new Set([start + segment.run.length])
  for (const step of segment.after) places = forwards(step, bytes, places)
  return places
}

/** Where a pattern whose first segment stands at `start` may begin. */
export function startsOf(pattern: Pattern, bytes: Uint8Array, start: number): Set<number> {
  let places = new Set([start])
  for (const step of pattern.before) places = backwards(step, bytes, places)
  return places
}

/** Whether what stands from `from` to `to` is what the gap allows. */
export function spans({ max, set }: Gap, bytes: Uint8Array, from: number, to: number): boolean {
  if (to < from || to - from > max) return false
  if (set) for (let i = from; i < to; i++) if (set[bytes[i]!] === 0) return false
  return true
}
