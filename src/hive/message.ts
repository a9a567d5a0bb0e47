import type { Writable } from 'node:stream'

/** One request as the application sees it: already bounded in size, not yet trusted in anything. */
export type Request = {
  method: string
  /** Path and query exactly as sent, starting with `/`. */
  target: string
  /** Lower-case names; repeated fields joined as Node joins them. */
  headers: Readonly<Record<string, string | string[] | undefined>>
  /** Address of the peer of the socket. */
  address: string
  /** Reads the whole body; throws `Problem` 413 over `max` bytes. */
  body(max: number): Promise<Buffer>
}

/** Written out by the server when it is a function: it may take its time, and throws when the client went away. */
export type Body = string | Buffer | ((out: Writable) => Promise<void>)

export type Answer = { status: number; headers: Record<string, string>; body?: Body }

/** How long a browser may keep an answer. */
export const cache = {
  never: 'no-store',
  /** Files whose name changes with their content. */
  forever: 'public, max-age=31536000, immutable',
  /** May be kept, must be asked about. */
  check: 'no-cache',
} as const

export const header = (request: Request, name: string): string | undefined => {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

export function json(value: unknown, headers: Record<string, string> = {}, status = 200): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': cache.never, ...headers },
    body: JSON.stringify(value),
  }
}

export const nothing = (headers: Record<string, string> = {}): Answer => ({
  status: 204,
  headers: { 'cache-control': cache.never, ...headers },
})
