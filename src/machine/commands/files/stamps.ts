import { strftime } from '../../strftime.ts'

/** strftime(3) with nanoseconds (`%N`) as ls, stat and find show them; `time` in milliseconds since the epoch. */
export const stamp = (format: string, time: number): string => {
  const whole = Math.floor(time / 1000)
  const nanoseconds = nanosecondsOf(time)
  return strftime(
    format.replace(/%(%|N)/g, (piece, letter: string) => (letter === 'N' ? nanoseconds : piece)),
    whole,
  )
}

/**
 * Nine digits. The disk keeps milliseconds; what a kernel's clock would have behind them follows from them, so that the
 * same time is always shown the same. Tenths of a second, which people set, stay as they are.
 */
const nanosecondsOf = (time: number): string => {
  const milliseconds = Math.floor(((time % 1000) + 1000) % 1000)
  const below = milliseconds % 100 === 0 ? 0 : (Math.imul(Math.floor(time) | 0, 0x9e3779b1) >>> 0) % 1_000_000
  return String(milliseconds * 1_000_000 + below).padStart(9, '0')
}
