import { useEffect, useRef, useState } from 'preact/hooks'
import { view } from './filter.ts'
import { liveCanJudge, matches, onLive } from './live.ts'

/** Live events of this view since `at`, twice a second. */
export function useFresh(at: number): number {
  const [fresh, setFresh] = useState(0)
  const count = useRef(0)
  const shown = view.value
  useEffect(() => {
    count.current = 0
    setFresh(0)
    if (!liveCanJudge(shown)) return
    const plain = shown.where.length === 0 && !shown.text && !('to' in shown.range)
    const stop = onLive((events, dropped) => {
      count.current += events.filter(event => event.at >= at && matches(shown, event)).length + (plain ? dropped : 0)
    })
    const timer = setInterval(() => setFresh(count.current), 500)
    return () => {
      stop()
      clearInterval(timer)
    }
  }, [at, shown])
  return fresh
}
