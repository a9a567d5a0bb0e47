import type { Output } from '../../system.ts'

/** Five characters for a number of bytes (progress.c, max5data). */
export const fiveOf = (bytes: number): string => {
  const kib = 1024
  if (bytes < 100_000) return String(Math.floor(bytes)).padStart(5)
  if (bytes < 10_000 * kib) return `${Math.floor(bytes / kib)}k`.padStart(5)
  if (bytes < 100 * kib ** 2)
    return `${String(Math.floor(bytes / kib ** 2)).padStart(2)}.${Math.floor((bytes % kib ** 2) / (kib ** 2 / 10))}M`
  if (bytes < 10_000 * kib ** 2) return `${Math.floor(bytes / kib ** 2)}M`.padStart(5)
  return `${Math.floor(bytes / kib ** 3)}G`.padStart(5)
}

const clock = (seconds: number): string => {
  if (seconds <= 0) return '--:--:--'
  const whole = Math.floor(seconds)
  const hours = Math.floor(whole / 3600)
  const two = (value: number) => String(value).padStart(2, '0')
  if (hours <= 99) return `${String(hours).padStart(2)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`
  return `${String(Math.floor(hours / 24)).padStart(3)}d ${two(hours % 24)}h`
}

/** curl's progress meter, or its `#` bar. What is known so far is written into it. */
export type Meter = {
  downloaded: number
  /** Of the download; 0 where nobody said. */
  size: number
  uploaded: number
  uploadSize: number
  /** Draws what is so, `seconds` after the start. */
  draw(seconds: number): Promise<void>
  /** The last draw, and the end of the line. */
  done(seconds: number): Promise<void>
}

const head =
  '  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n                                 Dload  Upload   Total   Spent    Left  Speed\n'

export const meterOn = (out: Output, kind: 'meter' | 'bar' | 'none', columns = 79): Meter => {
  let started = false
  const meter: Meter = {
    downloaded: 0,
    size: 0,
    uploaded: 0,
    uploadSize: 0,
    async draw(seconds) {
      if (kind === 'meter') {
        await out.write((started ? '' : head) + line(seconds))
        started = true
      } else if (kind === 'bar' && meter.size > 0) await out.write(hashes())
    },
    async done(seconds) {
      if (kind === 'none') return
      await meter.draw(seconds)
      await out.write('\n')
    },
  }
  const line = (seconds: number): string => {
    const { downloaded, uploaded } = meter
    const speed = (bytes: number) => (seconds > 0 ? bytes / Math.max(seconds, 0.000_001) : 0)
    const share = (bytes: number, of: number) => (of > 0 ? Math.min(100, Math.floor((bytes * 100) / of)) : 0)
    const expected = (meter.size > 0 ? meter.size : downloaded) + (meter.uploadSize > 0 ? meter.uploadSize : uploaded)
    const estimate = meter.size > 0 && downloaded > 0 ? meter.size / Math.max(speed(downloaded), 1) : 0
    const numbers = [
      `${String(share(downloaded + uploaded, meter.size + meter.uploadSize)).padStart(3)} ${fiveOf(expected)}`,
      `${String(share(downloaded, meter.size)).padStart(3)} ${fiveOf(downloaded)}`,
      `${String(share(uploaded, meter.uploadSize)).padStart(3)} ${fiveOf(uploaded)}`,
      fiveOf(speed(downloaded)),
      fiveOf(speed(uploaded)),
    ]
    const left = estimate >= 1 ? estimate - seconds : 0
    return `\r${numbers.join('  ')} ${clock(estimate >= 1 ? estimate : 0)} ${clock(seconds >= 1 ? seconds : 0)} ${clock(left)} ${fiveOf(speed(downloaded + uploaded))}`
  }
  const hashes = (): string => {
    const width = columns - 7
    const share = Math.min(1, meter.downloaded / meter.size)
    return `\r${'#'.repeat(Math.floor(width * share)).padEnd(width)} ${(share * 100).toFixed(1).padStart(5)}%`
  }
  return meter
}
