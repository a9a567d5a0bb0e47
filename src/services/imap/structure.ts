import { fieldOf, type Part, parseParameters } from '#mailbox/mime.ts'
import { quoted } from './wire.ts'

/** ENVELOPE and BODYSTRUCTURE (RFC 3501 §7.4.2) as Dovecot writes them. */

type Address = { name?: string; local: string; domain?: string }

/** `Name <local@domain>`, `local@domain (Name)`, and lists of them; groups are passed over. */
export function parseAddresses(text: string): Address[] {
  const found: Address[] = []
  const one =
    /\s*(?:"((?:[^"\\]|\\.){0,500})"|([^<>@,;"()]{0,500}?))?\s*<\s*([^<>@\s]{0,300})(?:@([^<>\s]{0,300}))?\s*>|\s*([^\s<>@,;"()]{1,300})@([^\s<>@,;"()]{1,300})\s*(?:\(([^()]{0,300})\))?/gs
  for (const match of text.slice(0, 8000).matchAll(one)) {
    const [, quotedName, name, local, domain, bare, host, comment] = match
    if (bare !== undefined) found.push({ local: bare, domain: host!, ...(comment ? { name: comment } : {}) })
    else {
      const said = quotedName?.replace(/\\(.)/gs, '$1') ?? name?.trim()
      found.push({ local: local ?? '', ...(domain === undefined ? {} : { domain }), ...(said ? { name: said } : {}) })
    }
    if (found.length >= 50) break
  }
  return found
}

function addresses(text: string | undefined): string {
  const list = text === undefined ? [] : parseAddresses(text)
  if (list.length === 0) return 'NIL'
  return `(${list.map(({ name, local, domain }) => `(${quoted(name)} NIL ${quoted(local)} ${quoted(domain)})`).join('')})`
}

export function envelope({ fields }: Part): string {
  const field = (name: string) => fieldOf(fields, name)
  const from = addresses(field('from'))
  const or = (name: string) => (field(name) === undefined ? from : addresses(field(name)))
  const others = ['to', 'cc', 'bcc'].map(name => addresses(field(name)))
  const all = [
    quoted(field('date')),
    quoted(field('subject')),
    from,
    or('sender'),
    or('reply-to'),
    ...others,
    quoted(field('in-reply-to')),
    quoted(field('message-id')),
  ]
  return `(${all.join(' ')})`
}

const lines = (bytes: Buffer) => {
  let count = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count++
  return count
}

function parameters(list: readonly (readonly [string, string])[]): string {
  if (list.length === 0) return 'NIL'
  return `(${list.map(([name, value]) => `${quoted(name.toLowerCase())} ${quoted(value)}`).join(' ')})`
}

function disposition(part: Part): string {
  const said = fieldOf(part.fields, 'content-disposition')
  if (said === undefined) return 'NIL'
  const { value, parameters: list } = parseParameters(said)
  return `(${quoted(value.toLowerCase())} ${parameters(list)})`
}

/** BODYSTRUCTURE when `extended`, BODY without. */
export function bodyStructure(part: Part, extended: boolean): string {
  const type = part.type.toLowerCase()
  const subtype = part.subtype.toLowerCase()
  const field = (name: string) => fieldOf(part.fields, name)
  const more = [disposition(part), quoted(field('content-language')), quoted(field('content-location'))]
  if (type === 'multipart' && part.parts.length > 0) {
    const inner = part.parts.map(each => bodyStructure(each, extended)).join('')
    return `(${inner} ${quoted(subtype)}${extended ? ` ${parameters(part.parameters)} ${more.join(' ')}` : ''})`
  }
  const list: (readonly [string, string])[] = [...part.parameters]
  // Text has a character set even where nobody named one (RFC 2046 §4.1.2).
  if (type === 'text' && !list.some(([name]) => name.toLowerCase() === 'charset')) list.push(['charset', 'us-ascii'])
  const all = [
    quoted(type),
    quoted(subtype),
    parameters(list),
    quoted(field('content-id')),
    quoted(field('content-description')),
    quoted((field('content-transfer-encoding') ?? '7bit').toLowerCase()),
    String(part.body.length),
    ...(part.message ? [envelope(part.message), bodyStructure(part.message, extended), String(lines(part.body))] : []),
    ...(type === 'text' ? [String(lines(part.body))] : []),
    ...(extended ? [quoted(field('content-md5')), ...more] : []),
  ]
  return `(${all.join(' ')})`
}
