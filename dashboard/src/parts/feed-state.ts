import { signal } from '@preact/signals'

/** Whether the reader stopped the live feed; kept while pages change. */
export const feedPaused = signal(false)
export const pauseOrResume = () => {
  feedPaused.value = !feedPaused.value
}
