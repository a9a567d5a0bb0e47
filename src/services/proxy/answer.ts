/** What a proxy says to one request, and what becomes of the connection then. */
export type Answer = {
  bytes: Buffer
  status: number
  /** Bytes of the body. */
  length: number
  /** The connection is over. */
  close: boolean
  /** Where a tunnel leads that is open now. */
  tunnel?: { host: string; port: number }
}

/** A request as a product understood it. */
export type Request = {
  method: string
  /** As it was sent. */
  target: string
  host: string
  port: number
  /** With its query. */
  path: string
  /** `1.0`, `1.1`. */
  version: string
  /** The client would have more requests. */
  keepAlive: boolean
}

export const headOf = (line: string, headers: readonly (readonly [string, string])[]): Buffer =>
  Buffer.from(`${[line, ...headers.map(([name, value]) => `${name}: ${value}`)].join('\r\n')}\r\n\r\n`, 'latin1')
