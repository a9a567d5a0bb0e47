import type { Internet } from '../system.ts'
import { echoOf, httpDate, reasonOf } from './answer.ts'

/** One HTTP request as an origin server out there gets it. Text is Latin-1. */
export type Asked = {
  method: string
  /** Of the URL or the Host header, without port. */
  host: string
  port: number
  /** With its query. */
  path: string
  headers: readonly (readonly [name: string, value: string])[]
  body?: string
  /** The address that it comes from. */
  from: string
}
/** What it answers; `Connection` is the business of whoever carries it. */
export type Given = {
  status: number
  reason: string
  headers: [name: string, value: string][]
  body: Buffer
  /** From the connection until the last byte. */
  seconds: number
}

type Page = { status?: number; type: string; body: string; server?: string; location?: string }

const html = (body: string, server = 'nginx'): Page => ({ type: 'text/html; charset=UTF-8', body, server })
const escapeHtml = (text: string) =>
  text.replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!)

/** `Accept-Language` → `HTTP_ACCEPT_LANGUAGE`, as CGI (RFC 3875 §4.1.18) shows it to a script. */
const environmentName = (name: string) => `HTTP_${name.toUpperCase().replaceAll('-', '_')}`

/** Pages that show a proxy's user what the world sees of them, in the form of azenv.php, which checkers know. */
const judge = ({ headers, from, method, path, port }: Asked, now: number): Page => {
  const lines = [
    ...headers.slice(0, 40).map(([name, value]) => [environmentName(name), value.slice(0, 1024)]),
    ['REMOTE_ADDR', from],
    ['REMOTE_PORT', String(32_768 + (Math.floor(now / 1000) % 28_000))],
    ['REQUEST_METHOD', method],
    ['REQUEST_SCHEME', port === 443 ? 'https' : 'http'],
    ['REQUEST_TIME', String(Math.floor(now / 1000))],
    ['REQUEST_URI', path],
  ]
  const shown = lines.map(([name, value]) => `${name} = ${escapeHtml(value!)}`).join('\n')
  return html(
    `<!DOCTYPE html>\n<html>\n<head>\n<title>AZ Environment variables 1.04</title>\n</head>\n<body>\n<pre>\n${shown}\n</pre>\n</body>\n</html>\n`,
    'Apache',
  )
}

/** httpbin.org's way of saying a request back. */
const bin = ({ method, host, port, path, headers, body, from }: Asked): Page | undefined => {
  const bare = path.replace(/[?#].*$/, '')
  const shown = Object.fromEntries(headers.slice(0, 40).map(([name, value]) => [name, value.slice(0, 1024)]))
  const url = `${port === 443 ? 'https' : 'http'}://${host}${path}`
  const said: Record<string, object> = {
    '/ip': { origin: from },
    '/headers': { headers: shown },
    '/user-agent': { 'user-agent': headers.find(([name]) => name.toLowerCase() === 'user-agent')?.[1] ?? null },
    '/get': { args: {}, headers: shown, origin: from, url },
    '/post': { args: {}, data: body ?? '', files: {}, form: {}, headers: shown, json: null, origin: from, url },
    '/anything': { args: {}, data: body ?? '', headers: shown, method, origin: from, url },
  }
  const found = Object.hasOwn(said, bare) ? said[bare] : undefined
  return (
    found && { type: 'application/json', body: `${JSON.stringify(found, undefined, 2)}\n`, server: 'gunicorn/19.9.0' }
  )
}

const titled = (title: string, server: string, more = ''): Page =>
  html(
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body>${more}</body></html>`,
    server,
  )

/** Pages by which browsers, phones and checkers of proxies tell that they are out. */
const wellKnown = ({ host, path }: Asked): Page | undefined => {
  if (/(^|\.)google\.[a-z.]{2,6}$/.test(host) && !path.startsWith('/generate_204')) return titled('Google', 'gws')
  if (path.startsWith('/generate_204') || path.startsWith('/gen_204'))
    return { status: 204, type: 'text/html', body: '', server: 'gws' }
  if (/(^|\.)wikipedia\.org$/.test(host)) return titled('Wikipedia', 'ATS/9.2.6', '<p>A Wikimedia project</p>')
  if (/^(www\.)?example\.(com|net|org)$/.test(host) && path === '/')
    return titled('Example Domain', 'ECAcc', '<div><h1>Example Domain</h1></div>')
  if (host === 'detectportal.firefox.com') return { type: 'text/plain', body: 'success\n', server: 'nginx' }
  if (host === 'www.msftconnecttest.com') return { type: 'text/plain', body: 'Microsoft Connect Test' }
  if (host === 'captive.apple.com')
    return { type: 'text/html', body: '<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>\n' }
  return undefined
}

const notFound =
  '<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n'

/** One request, as the server at that place of the pretended internet answers it. Reaching it is another matter. */
export function originOf(internet: Internet, asked: Asked, now: number): Given {
  const host = asked.host.toLowerCase()
  const at = { ...asked, host }
  const echo = echoOf(host, asked.path, asked.from)
  const page =
    echo ??
    (/azenv|judge|prxjdg|\/env\.(php|cgi)/i.test(`${host}${asked.path.slice(0, 256)}`) ? judge(at, now) : undefined) ??
    (/(^|\.)httpbin\.(org|io|dev)$/.test(host) ? bin(at) : undefined) ??
    wellKnown(at)
  if (page) return sent(page, now)
  // What has no ending is a page to whoever posts a form or says that it reads pages, as browsers do.
  const accepts = at.headers.find(([name]) => name.toLowerCase() === 'accept')?.[1] ?? ''
  if (!/\.\w{1,5}$/.test(at.path.replace(/[?#].*$/s, '')) && (at.method === 'POST' || accepts.includes('text/html')))
    return sent(titled(escapeHtml(host), 'nginx', `<h1>${escapeHtml(host)}</h1>`), now)
  const name = host.includes(':') ? `[${host}]` : host
  const found = internet.fetch(`http://${name}:${asked.port}${asked.path.startsWith('/') ? asked.path : '/'}`)
  if ('refused' in found)
    return given({ status: 404, type: 'text/html', body: Buffer.from(notFound), server: 'nginx' }, 0.05, now)
  return given(found, found.seconds, now)
}

const sent = (page: Page, now: number): Given => given({ ...page, body: Buffer.from(page.body, 'latin1') }, 0.05, now)

function given(
  page: { status?: number; type: string; body: Buffer; server?: string; location?: string },
  seconds: number,
  now: number,
): Given {
  const { status = 200, type, body, server = 'nginx', location } = page
  return {
    status,
    reason: status === 204 ? 'No Content' : reasonOf(status),
    headers: [
      ['Server', server],
      ['Date', httpDate(now)],
      ['Content-Type', type],
      ['Content-Length', String(body.length)],
      ...(location === undefined ? [] : ([['Location', location]] as [string, string][])),
    ],
    body,
    seconds,
  }
}
