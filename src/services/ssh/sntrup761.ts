import { hash, randomBytes } from 'node:crypto'

// Streamlined NTRU Prime sntrup761: the server's half, encapsulation (NIST round 3 submission, §4 of the specification).
// Polynomials over Z/q live in the ring (Z/q)[x]/(x^p - x - 1), coefficients -2295…2295.

const p = 761
const q = 4591
const half = (q - 1) / 2
const weight = 286

export const publicKeyBytes = 1158
export const ciphertextBytes = 1039
const roundedBytes = 1007

/** The remainder of any 32-bit integer, in -half…half. */
function reduce(x: number): number {
  const r = x % q
  return r > half ? r - q : r < -half ? r + q : r
}

/**
 * Numbers R[i] < M[i] packed into bytes (§3.1 of the specification): pairs are merged into one number below 2^14,
 * shedding low bytes as they go, until one is left.
 */
function encode(numbers: Uint16Array, moduli: Uint16Array, out: Buffer): void {
  let at = 0
  let values = numbers
  let limits = moduli
  while (values.length > 1) {
    const next = new Uint16Array((values.length + 1) >> 1)
    const nextLimits = new Uint16Array(next.length)
    for (let i = 0; i < values.length; i += 2) {
      let r = values[i]!
      let m = limits[i]!
      if (i + 1 < values.length) {
        r += values[i + 1]! * m
        m *= limits[i + 1]!
        for (; m >= 16384; m = (m + 255) >>> 8, r >>>= 8) out[at++] = r & 255
      }
      next[i >> 1] = r
      nextLimits[i >> 1] = m
    }
    values = next
    limits = nextLimits
  }
  for (let r = values[0]!, m = limits[0]!; m > 1; m = (m + 255) >>> 8, r >>>= 8) out[at++] = r & 255
}

/** One level of merging in `decode`: how many bytes each pair shed, and the moduli that go in. */
type Level = { moduli: Uint16Array; shed: Uint8Array }

/** The merging that `decode` undoes depends on the moduli alone, so it is worked out once. */
function levels(count: number, modulus: number): Level[] {
  const found: Level[] = []
  let moduli = new Uint16Array(count).fill(modulus)
  while (moduli.length > 1) {
    const next = new Uint16Array((moduli.length + 1) >> 1)
    const shed = new Uint8Array(next.length)
    for (let i = 0; i < moduli.length; i += 2) {
      let m = moduli[i]!
      if (i + 1 < moduli.length) {
        m *= moduli[i + 1]!
        for (; m >= 16384; m = (m + 255) >>> 8) shed[i >> 1]!++
      }
      next[i >> 1] = m
    }
    found.push({ moduli, shed })
    moduli = next
  }
  found.push({ moduli, shed: new Uint8Array() })
  return found
}
const keyLevels = levels(p, q)

/** The inverse of `encode`; every input of the right length gives numbers below their moduli. */
function decode(bytes: Buffer, from: Level[]): Uint16Array {
  let at = 0
  const shed: Uint32Array[] = []
  for (const { shed: counts } of from) {
    const low = new Uint32Array(counts.length)
    for (let i = 0; i < low.length; i++)
      for (let shift = 0; shift < 8 * counts[i]!; shift += 8) low[i]! += bytes[at++]! << shift
    shed.push(low)
  }
  const top = from.at(-1)!.moduli[0]!
  let values = Uint16Array.of((bytes[at]! + (top > 256 ? bytes[at + 1]! << 8 : 0)) % top)
  for (let depth = from.length - 2; depth >= 0; depth--) {
    const { moduli, shed: counts } = from[depth]!
    const below = new Uint16Array(moduli.length)
    for (let i = 0; i < moduli.length; i += 2) {
      if (i + 1 === moduli.length) {
        below[i] = values[i >> 1]!
        continue
      }
      // At most 2^16 * 2^14: fits 32 bits without sign.
      const r = shed[depth]![i >> 1]! + values[i >> 1]! * 2 ** (8 * counts[i >> 1]!)
      below[i] = r % moduli[i]!
      below[i + 1] = Math.floor(r / moduli[i]!) % moduli[i + 1]!
    }
    values = below
  }
  return values
}

/** A polynomial with exactly `weight` coefficients of ±1, from p random 32-bit words: sorted, the marked ones mix. */
function short(random: Buffer): Int8Array {
  const words = new Uint32Array(p)
  for (let i = 0; i < p; i++) {
    const word = random.readUInt32LE(4 * i)
    words[i] = i < weight ? (word & ~1) >>> 0 : ((word & ~3) | 1) >>> 0
  }
  words.sort()
  const r = new Int8Array(p)
  for (let i = 0; i < p; i++) r[i] = (words[i]! & 3) - 1
  return r
}

const pairs = (p + 1) / 2
/** Wide enough for a sum of `weight` coefficients with its sign, so that a double holds two sums side by side. */
const lane = 2 ** 26

/**
 * h·r with r short: its few ±1 add and subtract shifted copies of h, and x^p = x + 1 folds the upper half back. Two
 * coefficients at a time: (h0, h1), (h2, h3) … for even shifts, (0, h0), (h1, h2) … for odd ones.
 */
function multiply(h: Int32Array, r: Int8Array): Int32Array {
  const even = new Float64Array(pairs)
  const odd = new Float64Array(pairs)
  for (let k = 0; k < pairs; k++) {
    even[k] = h[2 * k]! + (h[2 * k + 1] ?? 0) * lane
    odd[k] = (h[2 * k - 1] ?? 0) + h[2 * k]! * lane
  }
  const sums = new Float64Array(2 * pairs)
  for (let i = 0; i < p; i++) {
    const copy = i & 1 ? odd : even
    const at = i >> 1
    if (r[i] === 1) for (let k = 0; k < pairs; k++) sums[at + k]! += copy[k]!
    else if (r[i] === -1) for (let k = 0; k < pairs; k++) sums[at + k]! -= copy[k]!
  }
  const product = new Int32Array(4 * pairs)
  for (let k = 0; k < sums.length; k++) {
    const high = Math.round(sums[k]! / lane)
    product[2 * k] = sums[k]! - high * lane
    product[2 * k + 1] = high
  }
  for (let i = 2 * p - 2; i >= p; i--) {
    product[i - p]! += product[i]!
    product[i - p + 1]! += product[i]!
  }
  return product.subarray(0, p)
}

/** Two bits a coefficient, four a byte (Small_encode). */
function encodeShort(r: Int8Array): Buffer {
  const bytes = Buffer.alloc((p + 3) >> 2)
  for (let i = 0; i < p; i++) bytes[i >> 2]! |= (r[i]! + 1) << (2 * (i & 3))
  return bytes
}

/** The specification's Hash_b: the first half of SHA-512 over a prefix byte and the input. */
const prefixed = (prefix: number, ...parts: Buffer[]): Buffer =>
  hash('sha512', Buffer.concat([Buffer.of(prefix), ...parts]), 'buffer').subarray(0, 32)

/**
 * A session key of 32 bytes and the ciphertext that carries it to the holder of `publicKey` (1158 bytes). `random` is
 * asked once for 3044 bytes.
 */
export function encapsulate(publicKey: Buffer, random: (bytes: number) => Buffer = randomBytes) {
  const r = short(random(4 * p))
  const h = new Int32Array(decode(publicKey, keyLevels))
  for (let i = 0; i < p; i++) h[i]! -= half
  const product = multiply(h, r)
  const rounded = new Uint16Array(p)
  for (let i = 0; i < p; i++) {
    const reduced = reduce(product[i]!)
    // To the nearest multiple of three, then counted in threes from the lowest.
    const remainder = ((reduced % 3) + 4) % 3
    rounded[i] = (reduced - (remainder - 1) + half) / 3
  }
  const ciphertext = Buffer.alloc(ciphertextBytes)
  encode(rounded, roundedModuli, ciphertext.subarray(0, roundedBytes))
  const secret = prefixed(3, encodeShort(r))
  ciphertext.set(prefixed(2, secret, prefixed(4, publicKey)), roundedBytes)
  return { ciphertext, key: prefixed(1, secret, ciphertext) }
}
const roundedModuli = new Uint16Array(p).fill((q + 2) / 3)
