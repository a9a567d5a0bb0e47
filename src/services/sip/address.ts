/** The parts of a SIP URI (RFC 3261 §19.1.1), Latin-1 as they came; `port` only where it is given. */
export type Uri = { scheme: string; user: string | undefined; host: string; port: number | undefined; params: string }
/** A name-addr or addr-spec with its parameters (§20.10); `uri` is the text. */
export type Address = { display: string; uri: string; params: readonly string[]; tag: string | undefined }

/** `undefined` where it is none that SIP can route: another scheme, no host. */
export function parseUri(text: string): Uri | undefined {
  const [, scheme = '', rest = ''] = /^(sips?):(.*)$/is.exec(text) ?? []
  if (scheme === '') return undefined
  const end = rest.search(/[?]/)
  const plain = end < 0 ? rest : rest.slice(0, end)
  const at = plain.lastIndexOf('@')
  const user = at < 0 ? undefined : plain.slice(0, at).split(':')[0]
  const [place = '', ...params] = plain.slice(at + 1).split(';')
  const [, bracketed, name, port] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/i.exec(place) ?? []
  const host = bracketed ?? name
  if (host === undefined || host === '') return undefined
  return {
    scheme: scheme.toLowerCase(),
    user: user === '' ? undefined : user,
    host: host.toLowerCase(),
    port: port === undefined ? undefined : Number(port),
    params: params.join(';'),
  }
}

/** `undefined` where brackets or quotes do not close, or there is neither a bracket nor a URI. */
export function parseAddress(text: string): Address | undefined {
  const quote = text.startsWith('"') ? closing(text) : 0
  if (quote < 0) return undefined
  const open = text.indexOf('<', quote)
  let display = ''
  let uri: string
  let rest: string
  if (open >= 0) {
    const close = text.indexOf('>', open)
    if (close < 0) return undefined
    display = text.slice(0, open).trim()
    uri = text.slice(open + 1, close)
    rest = text.slice(close + 1)
  } else {
    // Without brackets, parameters are the field's own (§20).
    const semicolon = text.indexOf(';')
    uri = (semicolon < 0 ? text : text.slice(0, semicolon)).trim()
    rest = semicolon < 0 ? '' : text.slice(semicolon)
  }
  if (open < 0 && !hasScheme(uri)) return undefined
  const params = rest
    .split(';')
    .slice(1)
    .map(param => param.trim())
    .filter(Boolean)
  const tag = params.find(param => /^tag=/i.test(param))?.slice(4)
  return { display, uri, params, tag: tag === '' ? undefined : tag }
}

/** RFC 3986 §3.1. */
export const hasScheme = (uri: string): boolean => /^[a-z][a-z0-9+.-]*:./i.test(uri)

/** Where the quoted string that begins here ends; -1 where it does not. */
function closing(text: string): number {
  for (let at = 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at
  }
  return -1
}

/** A field's values where commas may join several (§7.3.1): commas in quotes and brackets are part of a value. */
export function splitValues(text: string, most = 16): string[] {
  const values: string[] = []
  let start = 0
  let [quoted, inside] = [false, false]
  for (let at = 0; at < text.length && values.length < most; at++) {
    const c = text[at]
    if (quoted && c === '\\') at++
    else if (c === '"') quoted = !quoted
    else if (!quoted && (c === '<' || c === '>')) inside = c === '<'
    else if (!quoted && !inside && c === ',') {
      values.push(text.slice(start, at).trim())
      start = at + 1
    }
  }
  if (values.length < most) values.push(text.slice(start).trim())
  return values.filter(Boolean)
}

/** A Via's parameters are looked up, never interpreted (§20.42). */
export function viaParam(via: string, name: string): string | undefined {
  const found = via
    .split(';')
    .slice(1)
    .map(param => param.trim())
    .find(param => param.toLowerCase() === name || param.toLowerCase().startsWith(`${name}=`))
  return found === undefined ? undefined : found.slice(name.length + 1)
}

/** Host that a Via says it was sent by (§20.42), without brackets. */
export function sentBy(via: string): string {
  const place = via.split(';', 1)[0]!.trim()
  const host = place.slice(Math.max(place.lastIndexOf(' '), place.lastIndexOf('\t')) + 1)
  return host.startsWith('[') ? host.slice(1).split(']', 1)[0]! : host.split(':', 1)[0]!
}
