import type { Details } from '../actions.ts'

/** Counts what could not be written until it can be told. */
export type Loss = {
  add(count: number, why: string): void
  /** What was lost and not told yet; it counts as told from now. */
  take(): Details<'eventsLost'> | undefined
  /** The telling failed. */
  untell(report: Details<'eventsLost'>): void
  untold(): boolean
  /** All of it, told or not. */
  total(): number
}

export function countLoss(now: () => number): Loss {
  let report: Details<'eventsLost'> | undefined
  let total = 0
  return {
    add(count, why) {
      if (count === 0) return
      total += count
      const at = new Date(now()).toISOString()
      report ??= { count: 0, from: at, to: at, why }
      report.count += count
      report.to = at
    },
    take() {
      const taken = report
      report = undefined
      return taken
    },
    untell(taken) {
      report = report ? { ...taken, count: taken.count + report.count, to: report.to } : taken
    },
    untold: () => report !== undefined,
    total: () => total,
  }
}
