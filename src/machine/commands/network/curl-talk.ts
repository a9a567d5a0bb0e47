import { type Answer, httpDate } from '../../internet/answer.ts'
import { upstreamVersion } from '../package-version.ts'
import { absolute, attempt } from '../paths.ts'
import type { Job } from './curl.ts'
import type { Course, Waiting } from './curl-transfer.ts'

/** Status line and headers as they came. */
export const headerText = (full: Answer, scheme: string): string => {
  const http2 = scheme === 'https'
  const head = http2 ? `HTTP/2 ${full.status} ` : `HTTP/1.1 ${full.status} ${full.reason}`
  const lines = full.headers
    .filter(([name]) => !http2 || name !== 'Connection')
    .map(([name, value]) => `${http2 ? name.toLowerCase() : name}: ${value}\r\n`)
  return `${head}\r\n${lines.join('')}\r\n`
}

/** The request, with -v in curl's words; with TLS its handshake before. */
export const talk = async (job: Job, course: Course, wait: Waiting): Promise<void> => {
  const { options, log, process } = job
  const { parts } = job.url
  const verbose = options.on('verbose')
  const shown = job.path !== undefined || !process.isatty[1]
  if (parts.scheme === 'https') {
    await wait(Math.max(0.001, (course.connected - course.resolved) * 2))
    course.secured = course.elapsed
    if (verbose) await log.write(handshake(job, shown))
  }
  if (verbose && parts.scheme.startsWith('http')) await log.write(requestText(job, shown))
  if (verbose && parts.scheme === 'ftp')
    await log.write(
      `< 220 (vsFTPd 3.0.5)\r\n> USER ${parts.user ?? 'anonymous'}\r\n< 331 Please specify the password.\r\n> PASS ${parts.password ?? 'ftp@example.com'}\r\n< 230 Login successful.\r\n`,
    )
}

const handshake = ({ url, process, options }: Job, shown: boolean): string => {
  const { host } = url.parts
  const bytes = (arrow: string, count: number): string => (shown ? `${arrow} [${count} bytes data]\n` : '')
  const month = 2_629_800_000
  const start = process.now() - month
  const date = (at: number): string => {
    const [, day, name, year, time] = /, (\d\d) (\w+) (\d+) (\S+)/.exec(httpDate(at))!
    return `${name} ${day!.replace(/^0/, ' ')} ${time} ${year} GMT`
  }
  return `* ALPN: offers h2,http/1.1
${bytes('}', 5)}* TLSv1.3 (OUT), TLS handshake, Client hello (1):
${bytes('}', 512)}${options.on('insecure') ? '' : '*  CAfile: /etc/ssl/certs/ca-certificates.crt\n*  CApath: /etc/ssl/certs\n'}${bytes('{', 5)}* TLSv1.3 (IN), TLS handshake, Server hello (2):
${bytes('{', 122)}* TLSv1.3 (IN), TLS handshake, Encrypted Extensions (8):
${bytes('{', 15)}* TLSv1.3 (IN), TLS handshake, Certificate (11):
${bytes('{', 2582)}* TLSv1.3 (IN), TLS handshake, CERT verify (15):
${bytes('{', 264)}* TLSv1.3 (IN), TLS handshake, Finished (20):
${bytes('{', 52)}* TLSv1.3 (OUT), TLS change cipher, Change cipher spec (1):
${bytes('}', 1)}* TLSv1.3 (OUT), TLS handshake, Finished (20):
${bytes('}', 52)}* SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384
* ALPN: server accepted h2
* Server certificate:
*  subject: CN=${host}
*  start date: ${date(start)}
*  expire date: ${date(start + 90 * 86_400_000)}
*  subjectAltName: host "${host}" matched cert's "${host}"
*  issuer: C=US; O=Let's Encrypt; CN=R11
*  SSL certificate verify ok.
* using HTTP/2
`
}

/** Headers of the request, in curl's order. */
const requestText = (job: Job, shown: boolean): string => {
  const { options, url, upload } = job
  const { parts } = url
  const own = options.values('header')
  const replaced = (name: string) => own.some(line => line.toLowerCase().startsWith(`${name.toLowerCase()}:`))
  const method = options.value('request') ?? (options.on('head') ? 'HEAD' : (upload?.method ?? 'GET'))
  const authority = /^[a-z]+:\/\/([^/?#]*)/.exec(url.text)?.[1] ?? parts.host
  const login =
    options.value('user') ?? (parts.user === undefined ? undefined : `${parts.user}:${parts.password ?? ''}`)
  const auth = login === undefined ? '' : `* Server auth using Basic with user '${login.replace(/:.*$/s, '')}'\n`
  const lines = [
    `${method} ${parts.path} HTTP/${parts.scheme === 'https' ? '2' : options.on('http1.0') ? '1.0' : '1.1'}`,
    ...(replaced('Host') ? [] : [`${parts.scheme === 'https' ? 'Host' : 'Host'}: ${authority}`]),
    ...(login === undefined ? [] : [`Authorization: Basic ${Buffer.from(login, 'latin1').toString('base64')}`]),
    ...(options.value('range') === undefined ? [] : [`Range: bytes=${options.value('range')}`]),
    ...(replaced('User-Agent')
      ? []
      : [`User-Agent: ${options.value('user-agent') ?? `curl/${upstreamVersion(job.process, 'curl')}`}`]),
    ...(replaced('Accept') ? [] : ['Accept: */*']),
    ...(options.on('compressed') ? ['Accept-Encoding: deflate, gzip, br, zstd'] : []),
    ...(options.value('referer') === undefined ? [] : [`Referer: ${options.value('referer')}`]),
    ...(options.value('cookie')?.includes('=') ? [`Cookie: ${options.value('cookie')}`] : []),
    ...own.filter(line => /^[^:]+:\s*\S/.test(line)),
    ...(upload ? [`Content-Length: ${upload.data.length}`] : []),
    ...(upload?.type && !replaced('Content-Type') ? [`Content-Type: ${upload.type}`] : []),
    ...(upload?.method === 'PUT' || (upload && upload.data.length > 1 << 20) ? ['Expect: 100-continue'] : []),
  ]
  const whole = `${auth}${lines.map(line => `> ${line}\r\n`).join('')}> \r\n`
  if (!upload) return whole
  const data = shown ? `} [${upload.data.length} bytes data]\n` : ''
  const file = upload.method === 'PUT' || upload.type?.startsWith('multipart')
  return `${whole}${upload.method === 'PUT' ? '< HTTP/1.1 100 Continue\r\n' : ''}${data}${file ? '* We are completely uploaded and fine\n' : ''}`
}

/** What -v, -D and -i show of the answer's head. */
export const received = async (job: Job, full: Answer): Promise<void> => {
  const { options, log, process, url } = job
  const text = headerText(full, url.parts.scheme)
  if (options.on('verbose')) {
    const lines = text.split('\r\n').slice(0, -1)
    const data = full.body.length > 0 && (job.path !== undefined || !process.isatty[1]) && !options.on('head')
    await log.write(
      `${lines.map(line => `< ${line}\r\n`).join('')}${data ? `{ [${Math.min(full.body.length, 16_384)} bytes data]\n` : ''}`,
    )
  }
  const dump = options.value('dump-header')
  if (dump === undefined) return
  if (dump === '-') await process.stdout.write(Buffer.from(text, 'latin1'))
  else
    attempt(() =>
      process.fs.writeFile(absolute(process, dump), Buffer.from(text, 'latin1'), process.who, {
        mode: 0o666 & ~process.umask,
      }),
    )
}
