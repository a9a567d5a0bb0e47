import type { TcpContext } from '#sensor/service.ts'
import type { Options } from './options.ts'

/** What TigerVNC's server remembers of an address: connections since its last log-in, and until when it is turned away. */
type Marks = { count: number; until: number; wait: number }
const SECONDS = 10

const marksOf = (cx: TcpContext<Options>): Marks =>
  cx.attacker(() => ({ count: 0, until: 0, wait: SECONDS }), `vnc failures ${cx.port}`)

/**
 * Every connection is held against its address until one logs in (common/rfb/Blacklist.cxx, 1.12): true when there were too
 * many, but for one that is let try after each wait, which doubles.
 */
export function turnedAway(cx: TcpContext<Options>): boolean {
  const marks = marksOf(cx)
  if (marks.count === 0) marks.count = 1
  if (marks.count < cx.options.failures) {
    marks.count++
    return false
  }
  if (cx.now() < marks.until) return true
  marks.until = cx.now() + marks.wait * 1000
  marks.wait *= 2
  return false
}

export function forgiven(cx: TcpContext<Options>): void {
  Object.assign(marksOf(cx), { count: 0, until: 0, wait: SECONDS })
}
