import type { Input } from './system.ts'

/** Bytes that are there already: a here-document, a file as it was when it was opened. */
export const bytesInput = (data: Buffer): Input => {
  let at = 0
  return {
    async read(max = 65_536) {
      if (at >= data.length) return undefined
      const piece = data.subarray(at, at + max)
      at += piece.length
      return piece
    },
  }
}
