import { ipv6Of } from '../../internet/addresses.ts'
import { partsOf, type UrlParts } from '../../internet/url.ts'

export type WgetUrl = {
  parts: UrlParts
  /** As wget writes it: with a path, without a password or the usual port. */
  shown: string
  /** What the server is asked for. */
  text: string
  /** The last part of the path with its query, as a file's name. */
  file: string
  folders: string[]
}

const usual: Record<string, number> = { http: 80, https: 443, ftp: 21, ftps: 990 }

/** url_parse of wget's url.c; a string is what it says about a bad one. */
export const wgetUrl = (given: string): WgetUrl | string => {
  let text = given
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    const colon = /^([^/:@]+):(\d*)/.exec(text)
    // `host:path` was FTP once, and still is.
    if (colon && colon[2] === '' && !text.startsWith('http')) text = `ftp://${text.replace(':', '/')}`
    else text = `http://${text}`
  }
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)![1]!.toLowerCase()
  if (!Object.hasOwn(usual, scheme)) return `${given}: Unsupported scheme '${scheme}'.`
  const authority = /^[^:]+:\/\/([^/?#]*)/.exec(text)![1]!
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  if (host.startsWith('[')) {
    if (!host.includes(']')) return `${text}: Unterminated IPv6 numeric address.`
    if (ipv6Of(host.slice(1, host.indexOf(']'))) === undefined) return `${text}: Invalid IPv6 numeric address.`
  }
  const port = /:([^\]:]*)$/.exec(host)?.[1]
  if (host.replace(/:[^\]]*$/, '') === '' && !host.startsWith('[')) return `${text}: Invalid host name.`
  if (port !== undefined && (!/^\d*$/.test(port) || Number(port) > 65_535)) return `${text}: Bad port number.`
  const parts = partsOf(
    text.replace(/[^\x21-\x7e]/g, byte => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`),
  )
  if (!parts) return `${text}: Invalid host name.`
  const name = parts.host.includes(':') ? `[${parts.host}]` : parts.host.toLowerCase()
  const at = parts.port === usual[scheme] ? '' : `:${parts.port}`
  const login = parts.user === undefined ? '' : `${parts.user}${parts.password === undefined ? '' : ':*password*'}@`
  const bare = decode(parts.path.replace(/\?.*$/s, ''))
  const query = /\?.*$/s.exec(parts.path)?.[0] ?? ''
  const segments = bare.split('/').slice(1)
  const last = segments.pop() ?? ''
  return {
    parts,
    shown: `${scheme}://${login}${name}${at}${parts.path}`,
    text: `${scheme}://${name}${at}${parts.path}`,
    file: ((last || 'index.html') + query).replaceAll('/', '%2F').slice(0, 240),
    folders: [`${name}${at}`, ...segments.filter(segment => segment !== '' && segment !== '.' && segment !== '..')],
  }
}

const decode = (text: string): string =>
  text.replace(/%([2-7][0-9a-f])/gi, (_, hex) => {
    const char = String.fromCharCode(Number.parseInt(hex, 16))
    return char === '/' || char === '\x7f' ? `%${hex}` : char
  })
