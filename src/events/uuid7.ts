import { randomFillSync } from 'node:crypto'

const pool = Buffer.allocUnsafeSlow(4096)
let used = pool.length
let lastMs = 0
let counter = 0

/** A UUIDv7 (RFC 9562 §5.7, method 1 of §6.2): ordered by time, and within a millisecond by a 12-bit counter. */
export function uuid7(ms = Date.now()): string {
  if (used + 8 > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const random = pool.toString('hex', used, used + 8)
  used += 8
  if (ms > lastMs) {
    lastMs = ms
    counter = Number.parseInt(random.slice(0, 2), 16)
  } else if (++counter > 0xfff) {
    lastMs++
    counter = 0
  }
  const time = lastMs.toString(16).padStart(12, '0')
  const variant = (8 | (Number.parseInt(random[2]!, 16) & 3)).toString(16)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}-${variant}${random.slice(3, 6)}-${random.slice(4)}`
}
