import type { Conn } from '#sensor/conn.ts'
import { Hangup } from '#sensor/endings.ts'

/** A request's head, as the product that reads it understands it (RFC 9112 §2–5). Text is Latin-1. */
export type Request = {
  method: string
  /** The request target as sent. */
  target: string
  /** Of an absolute-form target. */
  scheme?: string
  /** Raw, without query; `/` where an absolute-form target has none. */
  path: string
  query?: string
  /** 9 for HTTP/0.9, 10, 11; what is later counts as 11. */
  version: number
  /** As written: `HTTP/1.1`; empty for HTTP/0.9. */
  protocol: string
  headers: [name: string, value: string][]
  /** First value of each header by lower-case name. */
  fields: Map<string, string>
  /** From the target or the Host header, without port and in lower case. */
  host?: string
  /** Port of the Host header, if it has one. */
  port?: number
}

/** Why a product turns a request away before looking at what it asks for. */
export type Refusal = {
  status: number
  /** Names the error page where a status has several. */
  variant?: 'headers' | 'size' | 'count' | 'plain' | 'expect'
  /** Said to the operator, never to the peer. */
  why: string
}

/** One head: understood, or refused; a refused one may have a request as far as it was understood. */
export type Head = { raw: Buffer; request?: Request; refusal?: Refusal }

/** How a product reads heads, line by line. `undefined` asks for the next line. */
export type Dialect = {
  /** Judges a line that has no end yet. */
  partial(line: Buffer): Refusal | undefined
  /** A line including its LF. `true` once the head is whole. */
  line(line: Buffer): Refusal | true | undefined
  request: Request | undefined
  /** Seconds that a head may take, from its first byte on. */
  seconds(bytes: number): number
}

/** Bytes that a head may have before it is cut off. nginx stops at 33 kB by itself; Apache would go on to 800 kB. */
const HEAD = 96 << 10

/**
 * Reads the next head. Bytes are taken from the connection when the head is whole, so lines are views into one buffer and
 * each byte is looked at once. `undefined` when the peer left; throws `Hangup('idle')` when its time is up.
 */
export async function readHead(conn: Conn, dialect: Dialect, now: () => number): Promise<Head | undefined> {
  await conn.peek(1)
  let view = await conn.peek(conn.held)
  if (view.length === 0) return undefined
  const began = now()
  for (let at = 0, scanned = 0; ; ) {
    const lf = view.indexOf(10, scanned)
    const line = view.subarray(at, lf < 0 ? undefined : lf + 1)
    const verdict = lf < 0 ? dialect.partial(line) : dialect.line(line)
    if (verdict === true) return { raw: await conn.read(lf + 1), request: dialect.request! }
    if (verdict !== undefined || view.length > HEAD) {
      const refusal = verdict ?? { status: 400, why: `Head over ${HEAD} bytes` }
      const raw = view
      return dialect.request ? { raw, refusal, request: dialect.request } : { raw, refusal }
    }
    if (lf >= 0) {
      at = scanned = lf + 1
      continue
    }
    scanned = view.length
    conn.patience = dialect.seconds(view.length) - (now() - began) / 1000
    if (conn.patience <= 0) throw new Hangup('idle')
    await conn.peek(scanned + 1)
    view = await conn.peek(conn.held)
    if (view.length === scanned) return undefined
  }
}

/** Adds a header field; the first of a name is the one that `fields` keeps. */
export function addHeader(request: Request, name: string, value: string) {
  request.headers.push([name, value])
  const key = name.toLowerCase()
  if (!request.fields.has(key)) request.fields.set(key, value)
}

/** Splits a target into path and query; an absolute-form one also into scheme and authority (RFC 9112 §3.2). */
export function splitTarget(target: string): Pick<Request, 'scheme' | 'path' | 'query'> & { authority?: string } {
  const absolute = target[0] === '/' ? null : /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)/.exec(target)
  const local = absolute ? target.slice(absolute[0].length) : target
  const mark = local.indexOf('?')
  const path = mark < 0 ? local : local.slice(0, mark)
  return {
    path: path === '' ? '/' : path,
    ...(mark < 0 ? {} : { query: local.slice(mark + 1) }),
    ...(absolute ? { scheme: absolute[1]!.toLowerCase(), authority: absolute[2]! } : {}),
  }
}

/** `name` without its port, and the port; brackets of an IPv6 literal stay. */
export function splitHost(host: string): { name: string; port?: number } {
  const parts = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(host)
  if (!parts) return { name: host }
  return parts[2] ? { name: parts[1]!, port: Number(parts[2]) } : { name: parts[1]! }
}

/** The members of a comma-separated header value, in lower case. */
export const tokens = (value: string | undefined): string[] =>
  value === undefined
    ? []
    : value
        .toLowerCase()
        .split(',')
        .map(token => token.trim())
