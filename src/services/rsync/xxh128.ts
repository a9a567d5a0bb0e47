/**
 * XXH3 of 128 bits without a seed (xxHash 0.8's specification), which rsync checks whole files with wherever both sides
 * have it. A piece of 64 bytes takes about 5 µs, so long contents make room for others between blocks.
 */
export async function xxh128(input: Buffer): Promise<Buffer> {
  const { length } = input
  const hash =
    length === 0
      ? ofNothing()
      : length <= 3
        ? ofThree(input)
        : length <= 8
          ? ofEight(input)
          : length <= 16
            ? ofSixteen(input)
            : length <= 240
              ? ofMiddle(input)
              : await ofLong(input)
  const out = Buffer.alloc(16)
  out.writeBigUInt64LE(hash.low)
  out.writeBigUInt64LE(hash.high, 8)
  return out
}
type Wide = { low: bigint; high: bigint }

/** The specification's default secret. */
const secret = Buffer.from(
  [
    'uP5sOSOkS758AYEs9yGtHN7UbemDkJfbckCkpLezZx/LeeZOzMDleIJa0H3M/3Ih',
    'uAhGdPdDJI7gNZDmgTomTDwoUruRwwDLiNBlixtTLqNxZEiXog35TjgZ70ap3qzY',
    'qPp2P+OcND/53LvHxwtPHYpR4EvNtFkxyJ9+ydl4c2TqxayDNNPrw8WBoP/6E2Pr',
    'Fw3dUbfw2knTFlUmKdRonisWvlh9R6H8j/i40XrQMc5FyzqPlRYEKK/X+8q7S0B+',
  ].join(''),
  'base64',
)
const P32 = [0n, 0x9e3779b1n, 0x85ebca77n, 0xc2b2ae3dn] as const
const P64 = [
  0n,
  0x9e3779b185ebca87n,
  0xc2b2ae3d27d4eb4fn,
  0x165667b19e3779f9n,
  0x85ebca77c2b2ae63n,
  0x27d4eb2f165667c5n,
] as const

const u64 = (value: bigint) => BigInt.asUintN(64, value)
const read64 = (bytes: Buffer, at: number) => bytes.readBigUInt64LE(at)
const key = (at: number) => secret.readBigUInt64LE(at)
const shifted = (value: bigint, by: bigint) => value ^ (value >> by)
const swap64 = (value: bigint) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  return bytes.readBigUInt64BE()
}
const folded = (a: bigint, b: bigint) => {
  const product = a * b
  return u64(product) ^ (product >> 64n)
}
const avalanche64 = (value: bigint) => shifted(u64(shifted(u64(shifted(value, 33n) * P64[2]), 29n) * P64[3]), 32n)
const avalanche = (value: bigint) => shifted(u64(shifted(value, 37n) * 0x165667919e3779f9n), 32n)

const ofNothing = (): Wide => ({ low: avalanche64(key(64) ^ key(72)), high: avalanche64(key(80) ^ key(88)) })

function ofThree(input: Buffer): Wide {
  const [first, middle, last] = [input[0]!, input[input.length >> 1]!, input.at(-1)!]
  const low = ((first << 16) | (middle << 24) | last | (input.length << 8)) >>> 0
  const swapped = ((last << 24) | (input.length << 16) | (first << 8) | middle) >>> 0
  const high = ((swapped << 13) | (swapped >>> 19)) >>> 0
  const flip = (at: number) => (secret.readUInt32LE(at) ^ secret.readUInt32LE(at + 4)) >>> 0
  return {
    low: avalanche64(BigInt(low) ^ BigInt(flip(0))),
    high: avalanche64(BigInt(high) ^ BigInt(flip(8))),
  }
}

function ofEight(input: Buffer): Wide {
  const whole = BigInt(input.readUInt32LE()) | (BigInt(input.readUInt32LE(input.length - 4)) << 32n)
  const product = (whole ^ key(16) ^ key(24)) * u64(P64[1] + (BigInt(input.length) << 2n))
  let low = u64(product)
  const high = u64((product >> 64n) + (low << 1n))
  low = shifted(low ^ (high >> 3n), 35n)
  return { low: shifted(u64(low * 0x9fb21c651e98df25n), 28n), high: avalanche(high) }
}

function ofSixteen(input: Buffer): Wide {
  const length = BigInt(input.length)
  const first = read64(input, 0)
  const last = read64(input, input.length - 8)
  const product = (first ^ last ^ key(32) ^ key(40)) * P64[1]
  const mixed = last ^ key(48) ^ key(56)
  let low = u64(u64(product) + ((length - 1n) << 54n))
  const high = u64((product >> 64n) + mixed + (mixed & 0xffffffffn) * (P32[2] - 1n))
  low ^= swap64(high)
  const again = low * P64[2]
  return { low: avalanche(u64(again)), high: avalanche(u64((again >> 64n) + high * P64[2])) }
}

/** 32 bytes, of two places, into the state. */
function mix(state: Wide, input: Buffer, one: number, other: number, at: number): void {
  const sixteen = (from: number, with_: number) =>
    folded(read64(input, from) ^ key(with_), read64(input, from + 8) ^ key(with_ + 8))
  state.low = u64(state.low + sixteen(one, at)) ^ u64(read64(input, other) + read64(input, other + 8))
  state.high = u64(state.high + sixteen(other, at + 16)) ^ u64(read64(input, one) + read64(input, one + 8))
}

function ofMiddle(input: Buffer): Wide {
  const { length } = input
  const state: Wide = { low: u64(BigInt(length) * P64[1]), high: 0n }
  if (length <= 128)
    for (let i = (length - 1) >> 5; i >= 0; i--) mix(state, input, 16 * i, length - 16 * (i + 1), 32 * i)
  else {
    for (let i = 32; i < 160; i += 32) mix(state, input, i - 32, i - 16, i - 32)
    state.low = avalanche(state.low)
    state.high = avalanche(state.high)
    for (let i = 160; i <= length; i += 32) mix(state, input, i - 32, i - 16, 3 + i - 160)
    mix(state, input, length - 16, length - 32, 136 - 17 - 16)
  }
  const high = state.low * P64[1] + state.high * P64[4] + BigInt(length) * P64[2]
  return { low: avalanche(u64(state.low + state.high)), high: u64(-avalanche(u64(high))) }
}

const STRIPE = 64
const BLOCK = 16 * STRIPE
/** Blocks between two looks at what else there is to do. */
const PATIENCE = 256

async function ofLong(input: Buffer): Promise<Wide> {
  const { length } = input
  const state = [P32[3], P64[1], P64[2], P64[3], P64[4], P32[2], P64[5], P32[1]] as bigint[]
  const stripe = (from: number, at: number) => {
    for (let i = 0; i < 8; i++) {
      const value = read64(input, from + 8 * i)
      const keyed = value ^ key(at + 8 * i)
      state[i ^ 1] = u64(state[i ^ 1]! + value)
      state[i] = u64(state[i]! + (keyed & 0xffffffffn) * (keyed >> 32n))
    }
  }
  const blocks = Math.floor((length - 1) / BLOCK)
  for (let n = 0; n < blocks; n++) {
    if (n % PATIENCE === PATIENCE - 1) await new Promise(setImmediate)
    for (let i = 0; i < 16; i++) stripe(n * BLOCK + i * STRIPE, 8 * i)
    for (let i = 0; i < 8; i++) state[i] = u64((shifted(state[i]!, 47n) ^ key(192 - 64 + 8 * i)) * P32[1])
  }
  const rest = Math.floor((length - 1 - blocks * BLOCK) / STRIPE)
  for (let i = 0; i < rest; i++) stripe(blocks * BLOCK + i * STRIPE, 8 * i)
  stripe(length - STRIPE, 192 - 64 - 7)
  const merged = (start: bigint, at: number) => {
    let sum = start
    for (let i = 0; i < 4; i++)
      sum += folded(state[2 * i]! ^ key(at + 16 * i), state[2 * i + 1]! ^ key(at + 16 * i + 8))
    return avalanche(u64(sum))
  }
  const size = BigInt(length)
  return { low: merged(u64(size * P64[1]), 11), high: merged(u64(~u64(size * P64[2])), 192 - 64 - 11) }
}
