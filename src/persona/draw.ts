import { createHmac } from 'node:crypto'

/**
 * Choices that follow from a seed. Every fact draws under its own label, so a fact that is added or that changes its
 * table later leaves all others as they were.
 */
export type Draw = {
  /** 0 … n-1. */
  below(n: number): number
  /** from … to, both included. */
  between(from: number, to: number): number
  pick<T>(list: readonly T[]): T
  weighted<T>(list: readonly (readonly [weight: number, value: T])[]): T
  chance(probability: number): boolean
  /** A string of `length` characters of `alphabet`. */
  string(alphabet: string, length: number): string
}

/** HMAC-SHA-256 in counter mode: `bytes` bytes that only the holder of the seed can know. */
export const derive = (seed: Buffer, label: string, bytes: number): Buffer => {
  const blocks: Buffer[] = []
  for (let i = 0; i * 32 < bytes; i++) blocks.push(createHmac('sha256', seed).update(`${label}\0${i}`).digest())
  return Buffer.concat(blocks).subarray(0, bytes)
}

export const drawFrom = (seed: Buffer, label: string): Draw => {
  let block = Buffer.alloc(0)
  let at = 0
  let counter = 0
  const unit = (): number => {
    if (at + 6 > block.length) {
      block = createHmac('sha256', seed).update(`draw\0${label}\0${counter++}`).digest()
      at = 0
    }
    at += 6
    return block.readUIntBE(at - 6, 6) / 2 ** 48
  }
  const below = (n: number): number => Math.floor(unit() * n)
  const pick = <T>(list: readonly T[]): T => {
    if (list.length === 0) throw new Error(`Cannot draw ${label} from an empty list`)
    return list[below(list.length)] as T
  }
  return {
    below,
    pick,
    between: (from, to) => from + below(to - from + 1),
    chance: probability => unit() < probability,
    string: (alphabet, length) => Array.from({ length }, () => pick([...alphabet])).join(''),
    weighted: list => {
      const at = unit() * list.reduce((sum, [weight]) => sum + weight, 0)
      let reached = 0
      for (const [weight, value] of list) {
        reached += weight
        if (at < reached) return value
      }
      throw new Error(`Cannot draw ${label} from an empty list`)
    },
  }
}
