import type { Recorder } from '#events/event.ts'
import { networkOf } from './address.ts'

/** What one address asked for beyond what it brought. `record` is that of its latest flow. */
type Tally = {
  record: Recorder
  began: number
  last: number
  requests: number
  received: number
  withheld: number
}

/** Milliseconds without a request after which an attack is over, and those after which one that goes on is told again. */
const OVER = 10_000
const AGAIN = 60_000

/**
 * Attempts to have this sensor send more than it is sent, by the address that would have got it: whoever forges a sender
 * names their victim. One event for each attack, and one a minute while it lasts; at most `max` addresses at a time.
 */
export function reflections(now: () => number, max: number) {
  const tallies = new Map<string, Tally>()

  /** `received` bytes came, which the pretended product answers with `wanted` bytes, more than those. */
  function count(ip: string, record: Recorder, received: number, wanted: number) {
    const victim = networkOf(ip)
    const at = now()
    const known = tallies.get(victim)
    if (!known && tallies.size >= max) return
    const tally = known ?? { record, began: at, last: at, requests: 0, received: 0, withheld: 0 }
    tally.record = record
    tally.last = at
    tally.requests++
    tally.received += received
    tally.withheld += wanted
    tallies.set(victim, tally)
  }

  function tell(victim: string, { record, began, last, requests, received, withheld }: Tally) {
    tallies.delete(victim)
    record.reflection({ requests, received, withheld, milliseconds: last - began })
  }

  /** Once a second. */
  function sweep() {
    const at = now()
    for (const [victim, tally] of tallies) if (at - tally.last >= OVER || at - tally.began >= AGAIN) tell(victim, tally)
  }

  function close() {
    for (const [victim, tally] of tallies) tell(victim, tally)
  }

  return { count, sweep, close }
}
