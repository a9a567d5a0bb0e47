import { Malformed } from '#codec/malformed.ts'

/** A header field: `name` in lower case and whole, `line` as it came (folded lines and all), without its end. Latin-1. */
export type Field = { name: string; value: string; line: string }
export type Request = {
  kind: 'request'
  method: string
  uri: string
  /** In the order in which they came. */
  fields: readonly Field[]
  /** Bytes that Content-Length counts; `undefined` where the field is not there. */
  length: number | undefined
  body: Buffer
}
export type Response = Omit<Request, 'kind' | 'method' | 'uri'> & { kind: 'response'; line: string }

/** Bytes of start line and fields together, and fields: above what any client sends, below what costs. */
export const MOST_HEAD = 16 << 10
const MOST_FIELDS = 160

/** RFC 3261 §7.3.3, and the event package's (RFC 6665), refer's (RFC 3515) and session timer's (RFC 4028). */
const compact = new Map([
  ['a', 'accept-contact'],
  ['b', 'referred-by'],
  ['c', 'content-type'],
  ['e', 'content-encoding'],
  ['f', 'from'],
  ['i', 'call-id'],
  ['k', 'supported'],
  ['l', 'content-length'],
  ['m', 'contact'],
  ['o', 'event'],
  ['r', 'refer-to'],
  ['s', 'subject'],
  ['t', 'to'],
  ['u', 'allow-events'],
  ['v', 'via'],
  ['x', 'session-expires'],
])

/** One message out of a datagram (RFC 3261 §18.3): what is behind the head is the body, whatever its length says. */
export function parseDatagram(bytes: Buffer): Request | Response {
  const text = bytes.toString('latin1', 0, MOST_HEAD)
  // Leading line ends are no part of a message (§7.5).
  const start = /^[\r\n]*/.exec(text)![0].length
  const end = headEnd(text, start)
  if (end === undefined) throw new Malformed('A message without an empty line')
  return { ...parseHead(text.slice(start, end)), body: bytes.subarray(end) }
}

/** Where the body begins. */
function headEnd(text: string, start: number): number | undefined {
  for (let at = text.indexOf('\n', start); at >= 0; at = text.indexOf('\n', at + 1)) {
    if (text[at + 1] === '\n') return at + 2
    if (text[at + 1] === '\r' && text[at + 2] === '\n') return at + 3
  }
  return undefined
}

/** Start line and fields (RFC 3261 §7). */
export function parseHead(head: string): Request | Response {
  const [start = '', ...lines] = head.split('\n').map(line => (line.endsWith('\r') ? line.slice(0, -1) : line))
  const fields = parseFields(lines)
  const length = lengthOf(fields)
  const rest = { fields, length, body: Buffer.alloc(0) }
  if (/^SIP\/2\.0 \d{3}(?: |$)/i.test(start)) return { kind: 'response', line: start, ...rest }
  const words = start.split(' ')
  const [method = '', uri = '', version = ''] = words
  if (words.length !== 3 || !/^SIP\/2\.0$/i.test(version)) throw new Malformed('No request line of SIP/2.0')
  if (!/^[A-Za-z0-9.!%*_+`'~-]{1,32}$/.test(method)) throw new Malformed('A method that is no token')
  return { kind: 'request', method, uri, ...rest }
}

function parseFields(lines: readonly string[]): Field[] {
  const fields: Field[] = []
  for (const line of lines) {
    if (line === '') continue
    const last = fields.at(-1)
    if (/^[ \t]/.test(line) && last) {
      last.value = `${last.value} ${line.trim()}`
      last.line = `${last.line}\r\n${line}`
      continue
    }
    const colon = line.indexOf(':')
    if (colon < 1) throw new Malformed('A header field without a name')
    if (fields.length >= MOST_FIELDS) throw new Malformed(`More than ${MOST_FIELDS} header fields`)
    const name = line.slice(0, colon).trimEnd().toLowerCase()
    fields.push({ name: compact.get(name) ?? name, value: line.slice(colon + 1).trim(), line })
  }
  return fields
}

function lengthOf(fields: readonly Field[]): number | undefined {
  const field = fields.find(({ name }) => name === 'content-length')
  if (!field) return undefined
  if (!/^\d{1,9}$/.test(field.value)) throw new Malformed('A Content-Length that is no number')
  return Number(field.value)
}

/** The first field of that name; `undefined` where there is none. */
export const fieldOf = ({ fields }: Pick<Request, 'fields'>, name: string): string | undefined =>
  fields.find(field => field.name === name)?.value
