import { type Profiler, Session } from 'node:inspector'

/** Ways through functions that are remembered. */
const MOST = 200_000

/** Tells whether this program's own code has just been gone through in a way that it was not before. */
export type Coverage = {
  /** What ran until now counts for nothing. */
  forget(): void
  isNew(): boolean
  stop(): void
}

/**
 * Watches by V8's block coverage: a way through a function is which of its blocks ran since the last question. A
 * question takes about a millisecond.
 */
export function watchCoverage(): Coverage {
  const session = new Session()
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true })
  const ways = new Set<string>()
  return {
    forget: () => void taken(session),
    isNew() {
      const before = ways.size
      for (const { url, functions } of taken(session))
        if (url.includes('/src/'))
          for (const { ranges } of functions) {
            const way = ranges.map(({ startOffset, count }) => `${startOffset}${count > 0 ? '+' : '-'}`).join('')
            if (ways.size < MOST) ways.add(`${url} ${way}`)
          }
      return ways.size > before
    },
    stop() {
      session.post('Profiler.stopPreciseCoverage')
      session.disconnect()
    },
  }
}

/** The profiler of one's own thread answers at once. */
function taken(session: Session): Profiler.ScriptCoverage[] {
  let result: Profiler.ScriptCoverage[] = []
  session.post('Profiler.takePreciseCoverage', (_error, told) => {
    result = told.result
  })
  return result
}
