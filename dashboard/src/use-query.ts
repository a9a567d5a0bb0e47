import { signal } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Refused } from './api.ts'

export type Query<T> = {
  /** The last answer; while the question has just changed, still the answer to the one before (`stale`). */
  data: T | undefined
  stale: boolean
  error: Refused | undefined
  at: number
  refresh: () => void
}

/** Every question on the page is asked anew when this moves. */
export const refreshTurn = signal(0)

type Held<T> = { key: string; data: T | undefined; error: Refused | undefined; at: number }

/** Milliseconds to the next time; 0 for never. */
type Cadence<T> = (answer: T) => number
const once = () => 0
/** After a question that failed. */
const AGAIN = 5000

/**
 * Asks when `key` changes, and again as often as `cadence` says, as long as somebody looks. A question that takes long is
 * asked less often, so that a page left open costs a small server little.
 */
export function useQuery<T>(
  key: string,
  load: (abort: AbortSignal) => Promise<T>,
  cadence: Cadence<T> = once,
): Query<T> {
  const [held, setHeld] = useState<Held<T>>({ key: '', data: undefined, error: undefined, at: 0 })
  const [turn, setTurn] = useState(0)
  const latest = useRef({ load, cadence })
  latest.current = { load, cadence }

  useEffect(() => {
    const abort = new AbortController()
    let timer: ReturnType<typeof setTimeout>
    const ask = async () => {
      if (document.hidden) return wait(AGAIN)
      const started = performance.now()
      let next = cadence === once ? 0 : AGAIN
      try {
        const data = await latest.current.load(abort.signal)
        if (abort.signal.aborted) return
        setHeld({ key, data, error: undefined, at: Date.now() })
        next = latest.current.cadence(data)
      } catch (thrown) {
        if (abort.signal.aborted) return
        const error = thrown instanceof Refused ? thrown : new Refused(0, String(thrown))
        setHeld(before => ({ key, data: before.key === key ? before.data : undefined, error, at: before.at }))
      }
      if (next > 0) wait(Math.max(next, 10 * (performance.now() - started)))
    }
    const wait = (ms: number) => {
      if (!abort.signal.aborted) timer = setTimeout(ask, ms)
    }
    void ask()
    return () => {
      abort.abort()
      clearTimeout(timer)
    }
  }, [key, turn, refreshTurn.value])

  const { data, error, at } = held
  return { data, error, at, stale: held.key !== key, refresh: () => setTurn(turn + 1) }
}
