import { databases } from './identify/databases.ts'
import { industry } from './identify/industry.ts'
import { java } from './identify/java.ts'
import { type Confidence, type Recogniser, type Seen, shown } from './identify/kit.ts'
import { messages } from './identify/messages.ts'
import { remote } from './identify/remote.ts'
import { small } from './identify/small.ts'
import { web } from './identify/web.ts'
import { windows } from './identify/windows.ts'

/** A protocol recognised by a client's first bytes. */
export type Protocol = {
  /** `tls`, `http`, `redis` …: the names of `recognisers`. */
  protocol: string
  /** The name that a service of ours has for it, if there is one: look it up among the services. */
  service: string
  confidence: Confidence
  /** What it asks for, in a few printable words: `GET /_cat (Elasticsearch)`, `mstshash=x`. */
  detail?: string
}

export type Identity =
  | { verdict: 'known'; protocol: Protocol }
  /** The bytes are a true prefix of at least one protocol; `so far` is what they are if nothing more comes. */
  | { verdict: 'more'; among: string[]; soFar?: Protocol }
  | { verdict: 'unknown' }

/** Every protocol that is known by its first bytes. */
export const recognisers: readonly Recogniser[] = [
  ...web,
  ...remote,
  ...windows,
  ...databases,
  ...messages,
  ...java,
  ...industry,
  ...small,
]

/** Bytes looked at; what comes later changes nothing. */
export const FIRST = 4096
const rank = { certain: 2, likely: 1, guess: 0 } as const

/**
 * Names the protocol of a client's first bytes. `port` (where they arrived) decides between protocols that begin alike,
 * and makes a guess on its own port likely. Nothing is decided by the port alone.
 */
export function identify(bytes: Buffer, port?: number): Identity {
  const first = bytes.subarray(0, FIRST)
  if (first.length === 0) return { verdict: 'more', among: [] }
  const among: string[] = []
  let best: { score: number; seen: Seen; by: Recogniser } | undefined
  for (const by of beginningWith(first)) {
    const home = port !== undefined && by.ports?.includes(port)
    if (by.onlyAtHome && !home) continue
    const seen = by.see(first)
    if (seen === undefined) continue
    if (seen === 'more') {
      if (!among.includes(by.protocol)) among.push(by.protocol)
      continue
    }
    const score = rank[seen.confidence] * 2 + (home ? 3 : 0)
    if (best === undefined || score > best.score)
      best = { score, seen: home && seen.confidence === 'guess' ? { ...seen, confidence: 'likely' } : seen, by }
  }
  const known = best && told(best.by, best.seen)
  const open = among.length > 0 && first.length < FIRST
  if (known && (known.confidence !== 'guess' || !open)) return { verdict: 'known', protocol: known }
  if (!open) return { verdict: 'unknown' }
  return { verdict: 'more', among, ...(known ? { soFar: known } : {}) }
}

/** The protocol as far as these bytes tell: what they are if nothing more comes. `undefined` when they tell nothing. */
export function protocolOf(bytes: Buffer, port?: number): Protocol | undefined {
  const identity = identify(bytes, port)
  return identity.verdict === 'known' ? identity.protocol : identity.verdict === 'more' ? identity.soFar : undefined
}

const byBeginning = new Map<number, readonly Recogniser[]>()
const lists = new Map<string, readonly Recogniser[]>()
/** Those that the first two bytes do not rule out: few are left to ask. */
function beginningWith(bytes: Buffer): readonly Recogniser[] {
  if (bytes.length < 2) return recognisers
  const key = bytes.readUInt16BE()
  let left = byBeginning.get(key)
  if (!left) {
    const beginning = Buffer.from(bytes.subarray(0, 2))
    const which = recognisers.flatMap((by, i) => (by.late || by.see(beginning) !== undefined ? [i] : []))
    // Most beginnings leave the same few.
    const name = which.join()
    left = lists.get(name) ?? which.map(i => recognisers[i]!)
    lists.set(name, left)
    byBeginning.set(key, left)
  }
  return left
}

const told = (by: Recogniser, seen: Seen): Protocol => ({
  protocol: by.protocol,
  service: by.service ?? by.protocol,
  confidence: seen.confidence,
  ...(seen.detail === undefined ? {} : { detail: shown(seen.detail, 200) }),
})
