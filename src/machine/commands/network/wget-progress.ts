import type { Output } from '../../system.ts'

/** print_decimal of wget's utils.c: few digits, never `0.000`. */
export const decimal = (value: number): string => {
  if (value >= 9.95) return value.toFixed(0)
  if (value >= 0.95) return value.toFixed(1)
  if (value >= 0.001) return String(Number(value.toPrecision(1)))
  return value >= 0.0005 ? value.toFixed(3) : '0'
}

/** `1.2K`, `146K`: below `whole` with decimals. */
export const humanSize = (bytes: number, whole = 10, decimals = 1): string => {
  if (bytes < 1024) return String(bytes)
  let value = bytes
  let unit = -1
  while (value >= 1024 && unit < 5) {
    value /= 1024
    unit++
  }
  return (value < whole ? value.toFixed(decimals) : value.toFixed(0)) + 'KMGTPE'[unit]
}

/** A rate in units of 1024: value and index of the unit. */
const scaled = (bytes: number, seconds: number): [value: number, unit: number] => {
  let value = bytes === 0 ? 0 : bytes / Math.max(seconds, 0.000_05)
  let unit = 0
  while (value >= 1024 && unit < 3) {
    value /= 1024
    unit++
  }
  return [value, unit]
}
const digits = (value: number): string => value.toFixed(value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2)

/** `1.23 MB/s`. */
export const rateText = (bytes: number, seconds: number): string => {
  const [value, unit] = scaled(bytes, seconds)
  return `${digits(value)} ${['B/s', 'KB/s', 'MB/s', 'GB/s'][unit]}`
}

/** `36m51s`; with a space between where there is room. */
export const shortTime = (seconds: number, condensed: boolean): string => {
  const space = condensed ? '' : ' '
  const whole = (value: number, unit: number) => Math.floor(value / unit)
  if (seconds < 100) return `${seconds}s`
  if (seconds < 6000) return `${whole(seconds, 60)}m${space}${seconds % 60}s`
  if (seconds < 172_800) return `${whole(seconds, 3600)}h${space}${whole(seconds, 60) % 60}m`
  return `${whole(seconds, 86_400)}d${space}${whole(seconds, 3600) % 24}h`
}

/** How a download is shown while it goes on. */
export type Progress = {
  /** So many bytes more came, so many seconds after the start. */
  update(bytes: number, seconds: number): Promise<void>
  finish(seconds: number): Promise<void>
}

const rowBytes = 50 * 1024

/** Dots in rows, for logs and pipes. `total` is undefined where the server did not say. */
export const dots = (out: Output, total: number | undefined, start = 0): Progress => {
  let accumulated = 0
  let count = 0
  let rows = 0
  let last = 0
  let text = ''
  const initial = start
  const row = (seconds: number, done: boolean): void => {
    const displayed = rows * rowBytes + count * 1024 + (done ? accumulated : 0)
    if (total) text += `${Math.floor((100 * displayed) / total)}%`.padStart(4)
    let bytes = done ? count * 1024 + accumulated : rowBytes
    if (rows === Math.floor(initial / rowBytes)) bytes -= initial % rowBytes
    const [value, unit] = scaled(bytes, seconds - last)
    text += ` ${digits(value).padStart(4)}${' KMG'[unit]}`
    last = seconds
    if (done) text += `=${seconds >= 10 ? shortTime(Math.round(seconds), true) : `${decimal(seconds)}s`}`
    else if (total)
      text += ` ${shortTime(Math.round((seconds * (total - displayed)) / Math.max(1, displayed - initial)), true)}`
  }
  const head = (): string => `\n${String((rows * rowBytes) / 1024).padStart(6)}K`
  return {
    async update(bytes, seconds) {
      accumulated += bytes
      for (; accumulated >= 1024; accumulated -= 1024) {
        if (count === 0) text += head()
        text += count % 10 === 0 ? ' .' : '.'
        if (++count < 50) continue
        rows++
        count = 0
        // The row that is full shows what stands before it.
        row(seconds, false)
      }
      const written = text
      text = ''
      if (written !== '') await out.write(written)
    },
    async finish(seconds) {
      if (count === 0) text += head()
      for (let at = count; at < 50; at++) text += at % 10 === 0 ? '  ' : ' '
      row(seconds, true)
      await out.write(`${text}\n\n`)
      text = ''
    },
  }
}

/** A bar that redraws itself, for terminals. */
export const bar = (out: Output, name: string, total: number | undefined, columns = 80): Progress => {
  const width = Math.max(columns, 45) - 1
  const nameWidth = Math.floor(width / 4)
  const size = width - (nameWidth + 1 + 4 + 2 + 8 + 10 + 15)
  let count = 0
  let drawn = -1
  let tick = 0
  const image = (seconds: number, done: boolean): string => {
    const shown = name.length > nameWidth ? name.slice(0, nameWidth) : name
    const share = total ? count / total : 0
    const percent = total ? `${Math.min(100, Math.floor(100 * share))}%`.padStart(4) : '    '
    let middle = ''
    if (total && size > 0) {
      const filled = Math.floor(size * Math.min(1, share))
      middle = filled > 0 ? `${'='.repeat(filled - 1)}>`.padEnd(size) : ' '.repeat(size)
    } else if (size > 3) {
      const at = tick++ % (size * 2 - 6)
      middle = `${' '.repeat(at <= size - 3 ? at : size * 2 - 6 - at)}<=>`.padEnd(size)
    }
    // wget keeps no sample of less than 150 ms.
    const [value, unit] = scaled(count, seconds)
    const rate =
      seconds >= 0.15 && count > 0
        ? `${digits(value).padStart(4)}${[' B/s', 'KB/s', 'MB/s', 'GB/s'][unit]}`
        : '--.-KB/s'
    let time = ''
    if (done) time = `    in ${seconds >= 10 ? shortTime(Math.round(seconds), false) : `${decimal(seconds)}s`}`
    else if (total && count > 0 && seconds > 3)
      time = `    eta ${shortTime(Math.round((seconds * (total - count)) / count), false)}`
    return `\r${shown.padEnd(nameWidth + 1)}${percent}[${middle}]${humanSize(count, 1000, 2).padStart(8)}${rate.padStart(10)}${time.padEnd(15)}`
  }
  return {
    async update(bytes, seconds) {
      count += bytes
      if (drawn >= 0 && seconds - drawn < 0.2) return
      await out.write(`${drawn < 0 ? '\n' : ''}${image(seconds, false)}`)
      drawn = seconds
    },
    async finish(seconds) {
      await out.write(`${image(seconds, true)}\n\n`)
    },
  }
}
