import type { Persona } from '#persona/persona.ts'
import type { Scene } from './answer.ts'
import type { Visit } from './bait.ts'
import type { Body } from './body.ts'
import type { HttpClock } from './date.ts'
import type { Request } from './wire.ts'

/** What an application sees of a request. */
export function visit(r: Request, body: Body | undefined, persona: Persona, clock: HttpClock, scene: Scene): Visit {
  const type = r.fields.get('content-type') ?? ''
  const fields = body ? formFields(body.start, type) : []
  const { now, random } = scene
  return { request: r, form: new URLSearchParams(fields), hostname: persona.hostname, clock, now, random }
}

const FIELDS = 200

/** The fields of a posted form, whichever way it is written: URL-encoded, multipart, JSON. */
export function formFields(body: Buffer, type: string): [name: string, value: string][] {
  if (body.length === 0) return []
  if (/^multipart\//i.test(type))
    return multipart(body, type)
      .filter(part => part.filename === undefined)
      .map(part => [part.name, part.data.toString('utf8')])
  if (/json/i.test(type) || body[0] === 0x7b) return jsonFields(body)
  return [...new URLSearchParams(body.toString('utf8').trim())].slice(0, FIELDS)
}

function jsonFields(body: Buffer): [string, string][] {
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    return []
  }
  const fields: [string, string][] = []
  const gather = (object: unknown, depth: number) => {
    if (typeof object !== 'object' || object === null || depth > 4) return
    for (const [name, inner] of Object.entries(object)) {
      if (fields.length >= FIELDS) return
      if (typeof inner === 'string' || typeof inner === 'number') fields.push([name, String(inner)])
      else gather(inner, depth + 1)
    }
  }
  gather(value, 0)
  return fields
}

export type Part = { name: string; filename?: string; data: Buffer }

/** Parts of a multipart/form-data body (RFC 7578); a cut-off last part is given as far as it came. */
export function multipart(body: Buffer, type: string): Part[] {
  const mark = /boundary="?([^";]{1,200})/i.exec(type)?.[1]
  if (mark === undefined) return []
  const parts: Part[] = []
  const delimiter = Buffer.from(`--${mark.trim()}`, 'latin1')
  let at = body.indexOf(delimiter)
  while (at >= 0 && parts.length < FIELDS) {
    const begin = at + delimiter.length
    const next = body.indexOf(delimiter, begin)
    const headEnd = body.indexOf('\r\n\r\n', begin)
    if (headEnd < 0 || (next >= 0 && headEnd > next)) break
    const head = body.toString('utf8', begin, Math.min(headEnd, begin + 2048))
    const name = /name="([^"]*)"/i.exec(head)?.[1] ?? ''
    const filename = /filename="([^"]*)"/i.exec(head)?.[1]
    const data = body.subarray(headEnd + 4, next < 0 ? undefined : Math.max(headEnd + 4, next - 2))
    parts.push(filename === undefined ? { name, data } : { name, filename, data })
    at = next
  }
  return parts
}
