/** Name spaces of RFC 6120 and 6121. */
export const CLIENT = 'jabber:client'
export const SERVER = 'jabber:server'
export const STREAMS = 'http://etherx.jabber.org/streams'
export const STREAM_ERRORS = 'urn:ietf:params:xml:ns:xmpp-streams'
export const STANZA_ERRORS = 'urn:ietf:params:xml:ns:xmpp-stanzas'
export const TLS = 'urn:ietf:params:xml:ns:xmpp-tls'
export const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'
export const BIND = 'urn:ietf:params:xml:ns:xmpp-bind'
export const DIALBACK = 'jabber:server:dialback'
export const MANAGEMENT = 'urn:xmpp:sm:3'

/** An address (RFC 7622) as Prosody reads it: in small letters but for the resource; `undefined` where it is none. */
export type Jid = { node?: string; host: string; resource?: string }

export function jidOf(said: string): Jid | undefined {
  const slash = said.indexOf('/')
  const bare = slash < 0 ? said : said.slice(0, slash)
  const at = bare.indexOf('@')
  const host = hostOf(bare.slice(at + 1))
  const node = at < 0 ? undefined : nodeOf(bare.slice(0, at))
  const resource = slash < 0 ? undefined : said.slice(slash + 1)
  if (host === undefined || (at >= 0 && node === undefined) || resource === '' || said.length > 3071) return undefined
  return { host, ...(node === undefined ? {} : { node }), ...(resource === undefined ? {} : { resource }) }
}
/** Nodeprep (RFC 6122 §A), of ASCII. */
export const nodeOf = (said: string): string | undefined =>
  said === '' || said.length > 1023 || /[\0-\x20"&'/:<>@\x7f]/.test(said) ? undefined : said.toLowerCase()
/** Nameprep, of ASCII. */
export const hostOf = (said: string): string | undefined =>
  said === '' || said.length > 255 || /[\0-\x20@/\x7f]/.test(said) ? undefined : said.toLowerCase()
export const bareOf = ({ node, host }: Jid): string => (node === undefined ? host : `${node}@${host}`)

/** A random UUID (RFC 9562 §5.4). */
export function uuidOf(bytes: Buffer): string {
  const hex = Buffer.from(bytes)
  hex[6] = (hex[6]! & 0x0f) | 0x40
  hex[8] = (hex[8]! & 0x3f) | 0x80
  return hex.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
