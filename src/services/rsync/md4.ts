/** MD4 (RFC 1320), which OpenSSL no longer has: what clients before protocol 30 answer a challenge with. */
export function md4(message: Buffer): Buffer {
  const padded = Buffer.alloc((((message.length + 8) >> 6) + 1) << 6)
  message.copy(padded)
  padded[message.length] = 0x80
  padded.writeUInt32LE((message.length << 3) >>> 0, padded.length - 8)
  padded.writeUInt32LE(message.length >>> 29, padded.length - 4)
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]
  for (let at = 0; at < padded.length; at += 64) {
    let [a, b, c, d] = state as [number, number, number, number]
    for (let step = 0; step < 48; step++) {
      const { order, shifts, add, mix } = rounds[step >> 4]!
      const word = padded.readUInt32LE(at + 4 * order[step & 15]!)
      const sum = (a + mix(b, c, d) + word + add) | 0
      const shift = shifts[step & 3]!
      ;[a, b, c, d] = [d, (sum << shift) | (sum >>> (32 - shift)), b, c]
    }
    ;[a, b, c, d].forEach((value, i) => {
      state[i] = (state[i]! + value) >>> 0
    })
  }
  const digest = Buffer.alloc(16)
  state.forEach((value, i) => {
    digest.writeUInt32LE(value, 4 * i)
  })
  return digest
}

const rounds = [
  {
    order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    shifts: [3, 7, 11, 19],
    add: 0,
    mix: (x: number, y: number, z: number) => (x & y) | (~x & z),
  },
  {
    order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
    shifts: [3, 5, 9, 13],
    add: 0x5a827999,
    mix: (x: number, y: number, z: number) => (x & y) | (x & z) | (y & z),
  },
  {
    order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
    shifts: [3, 9, 11, 15],
    add: 0x6ed9eba1,
    mix: (x: number, y: number, z: number) => x ^ y ^ z,
  },
] as const
