import type { Input } from '../../system.ts'

/** A text that is read from. */
export const inputOfText = (text: string): Input => {
  let rest: Buffer | undefined = Buffer.from(text, 'latin1')
  return {
    async read(max = 65_536) {
      if (!rest || rest.length === 0) return undefined
      const data = rest.subarray(0, max)
      rest = rest.subarray(max)
      return data
    },
  }
}
