/** The parts of an absolute URL that decide where a connection goes (RFC 3986), however badly it is written. */
export type UrlParts = {
  scheme: string
  user: string | undefined
  password: string | undefined
  /** Without brackets. */
  host: string
  port: number
  /** Path and query, without fragment; at least `/`. */
  path: string
}

export const defaultPorts: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['https', 443],
  ['ftp', 21],
  ['ftps', 990],
  ['tftp', 69],
  ['ssh', 22],
  ['git', 9418],
  ['telnet', 23],
  ['gopher', 70],
  ['ldap', 389],
  ['dict', 2628],
  ['smtp', 25],
  ['smb', 445],
  ['scp', 22],
  ['sftp', 22],
  ['rtsp', 554],
  ['mqtt', 1883],
  ['pop3', 110],
  ['imap', 143],
  ['ws', 80],
  ['wss', 443],
])

const longest = 8192

export const partsOf = (url: string): UrlParts | undefined => {
  const found =
    /^([a-z][a-z0-9+.-]{0,15}):\/\/(?:([^/?#@]*)@)?(\[[^\]/]*\]|[^/?#:@]*)(?::([0-9]*))?([/?][^#]*)?(?:#|$)/i.exec(
      url.slice(0, longest),
    )
  if (!found) return undefined
  const [, scheme = '', login, host = '', port, rest = '/'] = found
  if (host === '' && scheme.toLowerCase() !== 'file') return undefined
  const number = port ? Number(port) : (defaultPorts.get(scheme.toLowerCase()) ?? 0)
  if (number > 65_535) return undefined
  const colon = login?.indexOf(':') ?? -1
  return {
    scheme: scheme.toLowerCase(),
    user: login === undefined ? undefined : colon < 0 ? login : login.slice(0, colon),
    password: login === undefined || colon < 0 ? undefined : login.slice(colon + 1),
    host: host.replace(/^\[|\]$/g, ''),
    port: number,
    path: rest.startsWith('/') ? rest : `/${rest}`,
  }
}
