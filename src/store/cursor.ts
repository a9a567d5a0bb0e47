import { BadQuery } from './errors.ts'

/** Where a list stopped: the time (ms) and key of its last item, opaque to whoever carries it. */
export const encode = (at: number, key: string) => Buffer.from(`${at} ${key}`).toString('base64url')

/** Throws `BadQuery` for what `encode` never made. Both keys in use are UUIDs, or a session's name. */
export function decode(cursor: string): { at: number; key: string } {
  const [, at, key] = /^(\d{1,15}) (.{1,200})$/s.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (at === undefined || key === undefined) throw new BadQuery(`Not a cursor: ${JSON.stringify(cursor.slice(0, 40))}`)
  return { at: Number(at), key }
}
