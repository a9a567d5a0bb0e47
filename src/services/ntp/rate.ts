/**
 * `restrict … limited kod` as ntpsec keeps it (`ntp_monitor.c`): every datagram of an address adds to a score that
 * decays; over the limit it is told so, well over it nothing is said at all.
 */
export type Score = { score: number; last: number }
export type Verdict = 'served' | 'told' | 'dropped'

/** Seconds. One datagram a second comes to a score of almost 1. */
const DECAY = 20
const LIMIT = 1
const KISSES = 0.5
/** The daemon's floats add up twenty times a twentieth to a hair more, ours to a hair less. */
const HAIR = 1e-6

export const newScore = (now: number): Score => ({ score: 0, last: now })

/** `now` in milliseconds. */
export function judge(score: Score, now: number): Verdict {
  score.score *= Math.exp(-Math.max(0, now - score.last) / 1000 / DECAY)
  score.score += 1 / DECAY
  score.last = now
  if (score.score < LIMIT + HAIR) return 'served'
  return score.score <= LIMIT + KISSES + HAIR ? 'told' : 'dropped'
}
