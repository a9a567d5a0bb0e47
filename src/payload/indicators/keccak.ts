/** Keccak-f[1600] (keccak.team, reference), as the coins use it: Keccak-256 with its first padding, not FIPS 202's. */
const RATE = 136
const MASK = (1n << 64n) - 1n
const rotate = (lane: bigint, by: number) => ((lane << BigInt(by)) | (lane >> BigInt(64 - by))) & MASK

/** Round constants and rotations, made as the specification makes them. */
const constants = roundConstants()
const offsets = rotationOffsets()

function roundConstants(): bigint[] {
  let register = 1
  return Array.from({ length: 24 }, () => {
    let constant = 0n
    for (let j = 0; j < 7; j++) {
      if (register & 1) constant |= 1n << BigInt((1 << j) - 1)
      register = (register << 1) ^ (register & 0x80 ? 0x171 : 0)
    }
    return constant
  })
}

function rotationOffsets(): number[] {
  const found = new Array<number>(25).fill(0)
  let [x, y] = [1, 0]
  for (let t = 0; t < 24; t++) {
    found[x + 5 * y] = (((t + 1) * (t + 2)) / 2) % 64
    ;[x, y] = [y, (2 * x + 3 * y) % 5]
  }
  return found
}

function permute(state: bigint[]): void {
  for (const constant of constants) {
    const columns = [0, 1, 2, 3, 4].map(
      x => state[x]! ^ state[x + 5]! ^ state[x + 10]! ^ state[x + 15]! ^ state[x + 20]!,
    )
    for (let i = 0; i < 25; i++) state[i]! ^= columns[((i % 5) + 4) % 5]! ^ rotate(columns[((i % 5) + 1) % 5]!, 1)
    const moved = new Array<bigint>(25)
    for (let x = 0; x < 5; x++)
      for (let y = 0; y < 5; y++) moved[y + 5 * ((2 * x + 3 * y) % 5)] = rotate(state[x + 5 * y]!, offsets[x + 5 * y]!)
    for (let i = 0; i < 25; i++) {
      const row = i - (i % 5)
      state[i] = moved[i]! ^ (~moved[row + ((i + 1) % 5)]! & MASK & moved[row + ((i + 2) % 5)]!)
    }
    state[0]! ^= constant
  }
}

/** The Keccak-256 of a short message. */
export function keccak256(message: Uint8Array): Buffer {
  const padded = Buffer.alloc((Math.floor(message.length / RATE) + 1) * RATE)
  padded.set(message)
  padded[message.length]! ^= 1
  padded[padded.length - 1]! ^= 0x80
  const state = new Array<bigint>(25).fill(0n)
  for (let at = 0; at < padded.length; at += RATE) {
    for (let i = 0; i < RATE / 8; i++) state[i]! ^= padded.readBigUInt64LE(at + 8 * i)
    permute(state)
  }
  const out = Buffer.alloc(32)
  for (let i = 0; i < 4; i++) out.writeBigUInt64LE(state[i]!, 8 * i)
  return out
}
