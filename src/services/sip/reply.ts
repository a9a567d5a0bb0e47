import type { Request } from './message.ts'

/**
 * A field of an answer. One with a `spare` number is left out where a datagram has no room for it, the highest first; a
 * value may be shorter there, too.
 */
export type Out = readonly [name: string, value: string | ((level: number) => string), spare?: number]
export type Reply = {
  request: Request
  status: number
  reason: string
  /** Of the dialogue that it makes or belongs to; `undefined`: the product's own for answers that make none. */
  tag?: string | undefined
  fields: readonly Out[]
  body?: string
  /** Another server's, passed on. */
  foreign?: true
}

/** All fields, then ever fewer. */
export const FULL = 3

/** The fields that stay at this level. */
export const linesOf = ({ fields }: Reply, level: number): string[] =>
  fields
    .filter(([, , spare = 0]) => spare <= level)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : value(level)}`)

export type Encode = (reply: Reply, level: number) => Buffer

/**
 * What of these answers fits into `room` bytes: all of them, else the last, else the last without what it can do without;
 * a number is the size of one for which there is no room at all.
 */
export function fitting(replies: readonly Reply[], encode: Encode, room: number): Buffer[] | number {
  const whole = replies.map(reply => encode(reply, FULL))
  if (sizeOf(whole) <= room) return whole
  const last = replies.at(-1)!
  for (let level = FULL; level >= 0; level--) {
    const bytes = encode(last, level)
    if (bytes.length <= room) return [bytes]
  }
  return sizeOf(whole)
}
const sizeOf = (buffers: readonly Buffer[]): number => buffers.reduce((sum, { length }) => sum + length, 0)
