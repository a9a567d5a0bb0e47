/** Sizes as people write and read them: `10M`, `4.0K`, blocks of any size. */

const letters = 'KMGTPEZY'

/** A number with a suffix (`K`, `KiB`: 1024; `KB`: 1000; `b`: 512; `c`: 1; `w`: 2); `undefined` for what is none. */
export const parseSize = (text: string): number | undefined => {
  const found = /^([0-9]{1,20})([A-Za-z]*)$/.exec(text)
  if (!found) return undefined
  const factor = suffixFactor(found[2]!)
  return factor === undefined ? undefined : Number(found[1]) * factor
}

/** What the suffix of a size multiplies by; 1 for none. */
export const suffixFactor = (suffix: string): number | undefined => {
  if (suffix === '' || suffix === 'c') return 1
  if (suffix === 'w') return 2
  if (suffix === 'b') return 512
  const found = /^([kKmMgGtTPEZY])(iB|B|D)?$/.exec(suffix)
  if (!found) return undefined
  const power = letters.indexOf(found[1]!.toUpperCase()) + 1
  return (found[2] === 'B' || found[2] === 'D' ? 1000 : 1024) ** power
}

/** How sizes are shown: scaled to readable units of 1024 or 1000, or in blocks, with a suffix where blocks had one. */
export type BlockSize = { human?: 1024 | 1000; size: number; suffix?: string }

/** `--block-size=`: a size, `human-readable`, `si`; a bare unit (`M`) is shown behind each number. */
export const parseBlockSize = (text: string): BlockSize | undefined => {
  if (text === 'human-readable') return { human: 1024, size: 1 }
  if (text === 'si') return { human: 1000, size: 1 }
  const bare = text.replace(/^'/, '')
  if (/^[A-Za-z]/.test(bare)) {
    const size = suffixFactor(bare)
    return size === undefined ? undefined : { size, suffix: bare.replace(/^k$/, 'K') }
  }
  const size = parseSize(bare)
  return size ? { size } : undefined
}

/** Rounded up, as ls, du and df do (human_ceiling of gnulib). */
export const showSize = (bytes: number, { human, size, suffix = '' }: BlockSize): string => {
  if (!human) return `${Math.ceil(bytes / size)}${suffix}`
  if (bytes < human) return String(bytes)
  let power = 0
  let value = bytes
  while (value >= human && power < letters.length) {
    value /= human
    power++
  }
  const unit = human === 1000 && power === 1 ? 'k' : letters[power - 1]!
  const tenths = Math.ceil(value * 10 - 1e-9)
  if (tenths < 100) return `${(tenths / 10).toFixed(1)}${unit}`
  const whole = Math.ceil(value - 1e-9)
  if (whole < human) return `${whole}${unit}`
  return `1.0${letters[power] ?? unit}`
}
