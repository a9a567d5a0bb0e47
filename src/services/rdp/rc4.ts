/** RC4, which OpenSSL 3 keeps behind a door of its own; nothing here is kept secret by it. */
export function rc4(key: Buffer): (bytes: Buffer) => Buffer {
  const state = Uint8Array.from({ length: 256 }, (_, i) => i)
  for (let i = 0, j = 0; i < 256; i++) {
    j = (j + state[i]! + key[i % key.length]!) & 255
    ;[state[i], state[j]] = [state[j]!, state[i]!]
  }
  let i = 0
  let j = 0
  return bytes => {
    const out = Buffer.allocUnsafe(bytes.length)
    for (let at = 0; at < bytes.length; at++) {
      i = (i + 1) & 255
      j = (j + state[i]!) & 255
      const swapped = state[i]!
      state[i] = state[j]!
      state[j] = swapped
      out[at] = bytes[at]! ^ state[(state[i]! + swapped) & 255]!
    }
    return out
  }
}
