import { signal } from '@preact/signals'
import type { Me } from './answers.ts'

/** Who is logged in; `null` after the hive said nobody is; `undefined` until it has answered. */
export const me = signal<Me | null | undefined>(undefined)

/** The hive's refusal: status 0 when it could not be reached at all. */
export class Refused extends Error {
  readonly status: number
  /** Seconds to wait before the next try, when the hive throttles. */
  readonly retryAfter: number
  constructor(status: number, message: string, retryAfter = 0) {
    super(message)
    this.status = status
    this.retryAfter = retryAfter
  }
}

async function call<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response
  try {
    response = await fetch(`/api/v1/${path}`, { credentials: 'same-origin', cache: 'no-store', ...init })
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new Refused(0, error instanceof Error ? error.message : String(error))
  }
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T
  if (response.status === 401 && path !== 'login') me.value = null
  throw new Refused(response.status, await reason(response), Number(response.headers.get('retry-after')) || 0)
}

/** An RFC 9457 problem's detail, or whatever something in between answered. */
async function reason(response: Response): Promise<string> {
  const body = await response.text()
  try {
    const { detail } = JSON.parse(body) as { detail?: unknown }
    return typeof detail === 'string' ? detail : body
  } catch {
    return body || response.statusText
  }
}

export const get = <T>(path: string, abort?: AbortSignal) => call<T>(path, abort ? { signal: abort } : {})

export const post = <T>(path: string, body: unknown = {}, abort?: AbortSignal) =>
  call<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-skep-request': '1' },
    body: JSON.stringify(body),
    ...(abort ? { signal: abort } : {}),
  })

export async function whoAmI() {
  try {
    me.value = await get<Me>('me')
  } catch (error) {
    // Out of reach is not logged out: the page shows that it is offline and keeps what it has.
    if (error instanceof Refused && error.status === 0 && me.value) return
    me.value = null
  }
}
