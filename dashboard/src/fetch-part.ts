import { liveState } from './live.ts'

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
const RELOADED = 'skep-reloaded'

/**
 * Fetches a part of the page that is not there yet, again and again while the hive is away; `undefined` when nobody wants
 * it any more. When the hive is there and the part is not, skep was updated under an open page: load the new page, once.
 */
export async function fetchPart<T>(load: () => Promise<T>, wanted: () => boolean): Promise<T | undefined> {
  for (let tries = 1; wanted(); tries++) {
    try {
      const part = await load()
      return wanted() ? part : undefined
    } catch {
      if (tries > 2 && liveState.value === 'open' && !sessionStorage.getItem(RELOADED)) {
        sessionStorage.setItem(RELOADED, 'yes')
        location.reload()
      }
      await pause(Math.min(1000 * tries, 10_000))
    }
  }
  return undefined
}
