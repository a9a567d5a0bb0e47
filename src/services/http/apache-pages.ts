import type { Refusal } from './wire.ts'

/** What an error page is made of. */
export type Details = {
  /** The third number of the version: 71 of 2.4.71. */
  patch: number
  server: string
  host: string
  port: number
  method?: string | undefined
  expect?: string | undefined
  location?: string
  variant?: Refusal['variant'] | undefined
}

/** Reason phrases, which are also the titles of error pages (modules/http/http_protocol.c). */
export const apacheTitles: Readonly<Record<number, string>> = {
  200: 'OK',
  206: 'Partial Content',
  301: 'Moved Permanently',
  302: 'Found',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  412: 'Precondition Failed',
  413: 'Request Entity Too Large',
  414: 'Request-URI Too Long',
  416: 'Requested Range Not Satisfiable',
  417: 'Expectation Failed',
  501: 'Not Implemented',
}

const escapeHtml = (text: string) =>
  text.replace(/[&<>"]/g, c => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!)

const notes: Readonly<Record<string, string>> = {
  size: 'Size of a request header field exceeds server limit.',
  count: "The number of request header fields exceeds this server's limit.",
  plain:
    "Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />\n Instead use the HTTPS scheme to access this URL, please.<br />\n",
}

function message(status: number, { method = '', expect = '', location = '', variant }: Details): string {
  switch (status) {
    case 301:
      return `<p>The document has moved <a href="${escapeHtml(location)}">here</a>.</p>\n`
    case 400:
      return `<p>Your browser sent a request that this server could not understand.<br />\n${(variant && notes[variant]) ?? ''}</p>\n`
    case 401:
      return `<p>This server could not verify that you
are authorized to access the document
requested.  Either you supplied the wrong
credentials (e.g., bad password), or your
browser doesn't understand how to supply
the credentials required.</p>\n`
    case 403:
      return `<p>You don't have permission to access this resource.</p>\n`
    case 405:
      return `<p>The requested method ${escapeHtml(method)} is not allowed for this URL.</p>\n`
    case 408:
      return '<p>Server timeout waiting for the HTTP request from the client.</p>\n'
    case 413:
      return `The requested resource does not allow request data with ${escapeHtml(method)} requests, or the amount of data provided in
the request exceeds the capacity limit.\n`
    case 414:
      return `<p>The requested URL's length exceeds the capacity\nlimit for this server.<br />\n</p>\n`
    case 416:
      return `<p>None of the range-specifier values in the Range
request-header field overlap the current extent
of the selected resource.</p>\n`
    case 417:
      return `<p>The expectation given in the Expect request-header
field could not be met by this server.
The client sent<pre>\n    Expect: ${escapeHtml(expect)}\n</pre>\n</p><p>Only the 100-continue expectation is supported.</p>\n`
    case 501:
      return `<p>${escapeHtml(method)} not supported for current URL.<br />\n</p>\n`
    default:
      return '<p>The requested URL was not found on this server.</p>\n'
  }
}

/** An error page with `ServerSignature On`. */
export function apacheError(status: number, details: Details): Buffer {
  const { patch, server, host, port } = details
  // Recorded: 2.4.65 still HTML 2.0, 2.4.66 HTML 4.01.
  const doctype =
    patch >= 66 ? '-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd' : '-//IETF//DTD HTML 2.0//EN'
  const title = apacheTitles[status]!
  return Buffer.from(
    `<!DOCTYPE HTML PUBLIC "${doctype}">\n<html><head>\n<title>${status} ${title}</title>\n</head><body>\n<h1>${title}</h1>\n` +
      `${message(status, details)}<hr>\n<address>${server} Server at ${host} Port ${port}</address>\n</body></html>\n`,
    'latin1',
  )
}
