import { kernel } from '../rights.ts'
import { type Process, SystemError } from '../system.ts'
import { isOwn, publicAddress } from './reach.ts'
import { partsOf, type UrlParts } from './url.ts'

/** What of a program matters to who answers it. */
export type Asker = Pick<Process, 'host' | 'fs' | 'now' | 'step'>

/** What a server answered. */
export type Answer = {
  status: number
  reason: string
  /** In the server's order. */
  headers: [name: string, value: string][]
  type: string
  body: Buffer
  /** Last-Modified; milliseconds since the epoch. */
  modified: number | undefined
  /** Where it is instead. */
  location?: string
  /** From the connection until the last byte. */
  seconds: number
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (value: number): string => String(value).padStart(2, '0')

/** RFC 9110 §5.6.7: `Thu, 15 Jan 2026 09:30:00 GMT`. */
export const httpDate = (at: number): string => {
  const date = new Date(at)
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':')
  return `${days[date.getUTCDay()]}, ${two(date.getUTCDate())} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()} ${time} GMT`
}

/** Services that tell whoever asks where they come from: bots ask them to name their find. */
const echoes =
  /^(ifconfig\.(me|co|io)|(ipv4\.)?icanhazip\.com|(api|api4)\.ipify\.org|ipinfo\.io|(v4\.)?ident\.me|checkip\.amazonaws\.com|ipecho\.net|(ip|myip|api)\.(sb|dnsomatic\.com|myip\.com)|ip-api\.com|wtfismyip\.com|ip\.me|whatismyip\.akamai\.com|myexternalip\.com|curlmyip\.(com|net)|l2\.io)$/

/** What such a service answers; `undefined` for any other host. */
export const echoOf = (host: string, path: string, address: string): { type: string; body: string } | undefined => {
  if (!echoes.test(host)) return undefined
  const json = /json/.test(path) || (host === 'ipinfo.io' && path === '/')
  if (json && host === 'ip-api.com')
    return { type: 'application/json; charset=utf-8', body: `{"status":"success","query":"${address}"}` }
  if (json) return { type: 'application/json', body: `{\n  "ip": "${address}"\n}` }
  const ends = /icanhazip|amazonaws|ip\.me|ident/.test(host) && !host.startsWith('v4') ? '\n' : ''
  return { type: 'text/plain', body: address + ends }
}

const reasons: ReadonlyMap<number, string> = new Map([
  [200, 'OK'],
  [206, 'Partial Content'],
  [301, 'Moved Permanently'],
  [302, 'Found'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Not Allowed'],
  [416, 'Requested Range Not Satisfiable'],
])
export const reasonOf = (status: number): string => reasons.get(status) ?? 'OK'

const answerOf = (
  process: Asker,
  given: {
    status?: number
    type: string
    body: Buffer
    server: string
    modified?: number
    location?: string
    seconds?: number
  },
): Answer => {
  const { status = 200, type, body, server, modified, location, seconds = 0.001 } = given
  const now = process.now()
  const stamp = modified === undefined ? undefined : Math.floor(modified / 1000)
  return {
    status,
    reason: reasonOf(status),
    headers: [
      ['Server', server],
      ['Date', httpDate(now)],
      ['Content-Type', type],
      ['Content-Length', String(body.length)],
      ...(location === undefined ? [] : ([['Location', location]] as [string, string][])),
      ...(modified === undefined || stamp === undefined
        ? []
        : ([
            ['Last-Modified', httpDate(modified)],
            ['Connection', 'keep-alive'],
            ['ETag', `"${stamp.toString(16)}-${body.length.toString(16)}"`],
            ['Accept-Ranges', 'bytes'],
          ] as [string, string][])),
    ],
    type,
    body,
    modified,
    seconds,
    ...(location === undefined ? {} : { location }),
  }
}

/** The machine's own web server, for whoever looks at it from within. */
const local = (process: Asker, path: string): Answer => {
  const { web } = process.host.persona.software
  const { server } = web
  const clean = path.replace(/[?#].*$/, '')
  const file = clean === '/' ? web.index.path : `/var/www/html${clean}`
  try {
    const stat = process.fs.stat(file, kernel)
    if (stat.type === 'file' && !clean.includes('/.')) {
      const body = process.fs.readFile(file, kernel)
      return answerOf(process, { type: 'text/html', body, server, modified: stat.mtime })
    }
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
  }
  const page = `<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>${server}</center>\r\n</body>\r\n</html>\r\n`
  return answerOf(process, { status: 404, type: 'text/html', body: Buffer.from(page), server })
}
/** Redirections that are followed for a program that does not do so itself. */
const mostHops = 5

/** What whoever was connected to answers in the end, redirections followed; `banner`: it does not speak HTTP, and says this. */
export const answer = (process: Asker, url: UrlParts, text: string, address: string): Answer | { banner: string } => {
  let got = answerAt(process, url, text, address)
  for (let hops = 0; hops < mostHops && 'location' in got && got.location !== undefined; hops++) {
    const next = partsOf(got.location)
    if (!next) break
    got = answerAt(process, next, got.location, address)
  }
  return got
}

/** What whoever was connected to answers to this one request. */
export const answerAt = (process: Asker, url: UrlParts, text: string, address: string): Answer | { banner: string } => {
  process.step(20)
  if (isOwn(process, address)) {
    if (url.port === 22) return { banner: `${process.host.persona.software.ssh.identification}\r\n` }
    return local(process, url.path)
  }
  const echo = echoOf(url.host.toLowerCase(), url.path, publicAddress(process))
  const fetched = process.host.internet.fetch(text)
  const seconds = fetched.seconds
  if (echo) return answerOf(process, { type: echo.type, body: Buffer.from(echo.body), server: 'nginx', seconds })
  if ('refused' in fetched)
    return answerOf(process, { status: 404, type: 'text/html', body: Buffer.from(''), server: 'nginx', seconds })
  process.step(fetched.body.length >> 12)
  return answerOf(process, fetched)
}
