import { STATUS_CODES } from 'node:http'
import { type Answer, cache } from './message.ts'

type Extra = {
  /** The query parameter or body field at fault. */
  parameter?: string
  headers?: Record<string, string>
}

/** A request that cannot be answered as asked; becomes `application/problem+json` (RFC 9457). */
export class Problem extends Error {
  readonly status: number
  readonly extra: Extra
  constructor(status: number, detail: string, extra: Extra = {}) {
    super(detail)
    this.status = status
    this.extra = extra
  }
}

/** Throttled or busy: the client may come back after `seconds`. */
export const later = (status: 429 | 503, detail: string, seconds: number): Problem =>
  new Problem(status, detail, { headers: { 'retry-after': String(Math.max(1, Math.ceil(seconds))) } })

export function problemAnswer({ status, message, extra }: Problem): Answer {
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': cache.never, ...extra.headers },
    body: JSON.stringify({
      type: 'about:blank',
      title: STATUS_CODES[status] ?? 'Error',
      status,
      detail: message,
      ...(extra.parameter === undefined ? {} : { parameter: extra.parameter }),
    }),
  }
}
