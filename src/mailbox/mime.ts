/** A field of a header, as it was and unfolded. */
export type Field = { name: string; raw: string; value: string }

/** A part of a message (RFC 2045): where its header and its body lie, and what is in it. Strings are Latin-1. */
export type Part = {
  fields: Field[]
  /** Of the header with the empty line that ends it, and of the body. */
  header: Buffer
  body: Buffer
  type: string
  subtype: string
  parameters: [name: string, value: string][]
  /** Of a multipart. */
  parts: Part[]
  /** Of a message/rfc822. */
  message?: Part
}

/** Bounds on what an attacker may have put into a message. */
const DEEPEST = 12
const MOST_PARTS = 200
const LONGEST_HEADER = 64 << 10

/** The parts of a message, however broken it is. */
export function parseMessage(raw: Buffer): Part {
  return parsePart(raw, { left: MOST_PARTS }, 0, 'plain')
}

function parsePart(raw: Buffer, budget: { left: number }, depth: number, otherwise: 'plain' | 'rfc822'): Part {
  budget.left--
  const end = headerEnd(raw)
  const header = raw.subarray(0, end)
  const body = raw.subarray(end)
  const fields = parseFields(header.toString('latin1', 0, LONGEST_HEADER))
  const said = fieldOf(fields, 'content-type')
  const kind = otherwise === 'rfc822' ? 'message/rfc822' : 'text/plain'
  const { value, parameters } = parseParameters(said ?? kind)
  const [type = 'text', subtype = 'plain'] = /^[^/\s]+\/[^/\s]+$/.test(value) ? value.split('/') : kind.split('/')
  const part: Part = { fields, header, body, type, subtype, parameters, parts: [] }
  if (said === undefined && otherwise === 'plain') part.parameters = []
  const deeper = depth < DEEPEST && budget.left > 0
  if (type.toLowerCase() === 'multipart' && deeper) {
    const boundary = parameters.find(([name]) => name.toLowerCase() === 'boundary')?.[1]
    const inner = subtype.toLowerCase() === 'digest' ? 'rfc822' : 'plain'
    if (boundary)
      for (const piece of split(body, boundary)) {
        if (budget.left <= 0) break
        part.parts.push(parsePart(piece, budget, depth + 1, inner))
      }
  } else if (type.toLowerCase() === 'message' && subtype.toLowerCase() === 'rfc822' && deeper)
    part.message = parsePart(body, budget, depth + 1, 'plain')
  return part
}

/** Where the body begins: behind the first empty line, or at the end. */
function headerEnd(raw: Buffer): number {
  if (raw[0] === 13 && raw[1] === 10) return 2
  const at = raw.indexOf('\r\n\r\n', 0, 'latin1')
  return at < 0 ? raw.length : at + 4
}

export function parseFields(header: string): Field[] {
  const fields: Field[] = []
  for (const line of header.split('\r\n')) {
    const last = fields.at(-1)
    if (/^[ \t]/.test(line) && last) {
      last.raw += `${line}\r\n`
      last.value += line
      continue
    }
    const colon = line.indexOf(':')
    if (colon <= 0) continue
    fields.push({ name: line.slice(0, colon).trimEnd(), raw: `${line}\r\n`, value: line.slice(colon + 1) })
  }
  for (const field of fields) field.value = field.value.trim().replace(/\t/g, ' ')
  return fields
}

export const fieldOf = (fields: readonly Field[], name: string): string | undefined =>
  fields.find(field => field.name.toLowerCase() === name)?.value

/** `value; name=word; name="quoted"` (RFC 2045 §5.1). */
export function parseParameters(text: string): { value: string; parameters: [string, string][] } {
  const parameters: [string, string][] = []
  const first = /^[^;]*/.exec(text)![0]
  let rest = text.slice(first.length)
  while (rest.startsWith(';') && parameters.length < 32) {
    const found = /^;\s*([^=;\s"]{1,80})\s*=\s*(?:"((?:[^"\\]|\\.){0,1000})"|([^;\s]{0,1000}))\s*/s.exec(rest)
    if (!found) break
    parameters.push([found[1]!, found[2]?.replace(/\\(.)/gs, '$1') ?? found[3]!])
    rest = rest.slice(found[0].length)
  }
  return { value: first.trim(), parameters }
}

/** The pieces between delimiter lines (RFC 2046 §5.1.1); the line end before a delimiter belongs to it. */
function split(body: Buffer, boundary: string): Buffer[] {
  const pieces: Buffer[] = []
  const delimiter = `--${boundary}`
  let start = -1
  for (let at = body.indexOf(delimiter, 0, 'latin1'); at >= 0; at = body.indexOf(delimiter, at + 1, 'latin1')) {
    if (at > 0 && body[at - 1] !== 10) continue
    const behind = at + delimiter.length
    if (start >= 0) pieces.push(body.subarray(start, Math.max(start, at - 2)))
    if (pieces.length > MOST_PARTS) return pieces
    if (body[behind] === 45 && body[behind + 1] === 45) return pieces
    const feed = body.indexOf(10, behind)
    if (feed < 0) return pieces
    start = feed + 1
  }
  if (start >= 0) pieces.push(body.subarray(start))
  return pieces
}

/** A part's body with its transfer encoding undone (RFC 2045 §6). */
export function contentOf({ fields, body }: Part): Buffer {
  const encoding = (fieldOf(fields, 'content-transfer-encoding') ?? '').toLowerCase()
  if (encoding === 'base64') return Buffer.from(body.toString('latin1'), 'base64')
  if (encoding !== 'quoted-printable') return body
  const joined = body.toString('latin1').replaceAll('=\r\n', '')
  const decoded = joined.replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(decoded, 'latin1')
}
