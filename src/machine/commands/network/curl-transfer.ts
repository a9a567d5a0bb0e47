import { errorText } from '../../errors.ts'
import { type Answer, answerAt } from '../../internet/answer.ts'
import { lookup, reach } from '../../internet/reach.ts'
import { absolute, attempt, readAll, statOf } from '../paths.ts'
import { Failed, type Job } from './curl.ts'
import { type Meter, meterOn } from './curl-meter.ts'
import { headerText, received, talk } from './curl-talk.ts'
import { curlUrl } from './curl-url.ts'
import { writtenOut } from './curl-write-out.ts'

/** How long things took; seconds since the start. */
export type Course = {
  elapsed: number
  resolved: number
  connected: number
  secured: number
  answered: number
  address: string
  status: number
  answer: Answer | undefined
  uploaded: number
  bytes: number
  /** Redirections followed, and where the last one led. */
  redirects: number
  redirected: string | undefined
}

/** Waits, with the meter drawn every second; no longer than -m allows. */
export type Waiting = (seconds: number) => Promise<void>

/** Does one transfer. Throws `Failed`. */
export const transfer = async (job: Job): Promise<number> => {
  const { process, options, log } = job
  const { parts } = job.url
  const toTerminal = job.path === undefined && process.isatty[1]
  const quiet =
    job.silent || toTerminal || options.given.some(({ name, value }) => name === 'progress-meter' && value === 'no')
  const kind = quiet ? 'none' : options.on('progress-bar') ? 'bar' : 'meter'
  const meter = meterOn(log, kind, Math.min(255, process.terminal?.columns || 79))
  const course: Course = {
    elapsed: 0,
    resolved: 0,
    connected: 0,
    secured: 0,
    answered: 0,
    address: '',
    status: 0,
    answer: undefined,
    uploaded: 0,
    bytes: 0,
    redirects: 0,
    redirected: undefined,
  }
  let code = 0
  try {
    if (parts.scheme === 'file') await local(job, meter, course)
    else await remote(job, meter, course)
  } catch (error) {
    if (!(error instanceof Failed)) throw error
    code = error.code
    if (!job.silent || options.on('show-error'))
      await log.write(`curl: (${error.code}) ${error.message}\n${kind === 'bar' ? '\n' : ''}`)
  }
  const format = options.value('write-out')
  if (format !== undefined) await writtenOut(job, course, code, format)
  return code
}

const local = async (job: Job, meter: Meter, course: Course): Promise<void> => {
  const { process } = job
  const path = job.url.parts.path.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  const read = attempt(() => process.fs.readFile(path, process.who))
  if ('error' in read) throw new Failed(37, `Couldn't open file ${path}`)
  await meter.draw(0)
  meter.size = read.value.length
  await store(job, meter, course, read.value, 0.0003)
  await meter.done(course.elapsed)
}

const remote = async (job: Job, meter: Meter, course: Course): Promise<void> => {
  const { process, options, log } = job
  const { parts } = job.url
  const proxy =
    options.value('proxy') ?? options.value('socks5') ?? options.value('socks5-hostname') ?? options.value('socks4')
  const through = proxy === undefined || proxy === '' ? undefined : proxyOf(proxy)
  const host = through?.host ?? parts.host
  const port = through?.port ?? parts.port
  const limit = Number(options.value('max-time') ?? 0)
  const wait: Waiting = async seconds => {
    const end = limit > 0 ? Math.min(course.elapsed + seconds, limit) : course.elapsed + seconds
    while (course.elapsed < end) {
      const next = Math.min(end, Math.floor(course.elapsed + 1.000_001))
      await process.sleep(next - course.elapsed)
      course.elapsed = next
      if (next < end || Number.isInteger(next)) await meter.draw(next)
    }
    if (limit > 0 && course.elapsed >= limit && seconds > 0 && end >= limit) throw new TimedOut()
  }
  await meter.draw(0)
  try {
    await connect(job, course, meter, wait, host, port)
    if (through)
      process.host.witness.connection({ host, port, tool: 'curl', sent: Buffer.from(`${job.url.text}\n`, 'latin1') })
    await converse(job, course, meter, wait)
  } catch (error) {
    if (!(error instanceof TimedOut)) throw error
    const milliseconds = Math.round(limit * 1000) + 1
    await meter.done(course.elapsed)
    if (course.connected === 0) throw new Failed(28, `Connection timed out after ${milliseconds} milliseconds`)
    throw new Failed(
      28,
      `Operation timed out after ${milliseconds} milliseconds with ${meter.downloaded}${meter.size > 0 ? ` out of ${meter.size}` : ''} bytes received`,
    )
  }
  await meter.done(course.elapsed)
  if (options.on('verbose')) await log.write(`* Connection #0 to host ${parts.host} left intact\n`)
}

class TimedOut extends Error {}

const proxyOf = (text: string): { host: string; port: number } => {
  const [, host = '', port] = /^(?:[a-z0-9]+:\/\/)?(?:[^@/]*@)?(\[[^\]]*\]|[^:/]*)(?::(\d{1,5}))?/i.exec(text)!
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? 1080) }
}

const connect = async (job: Job, course: Course, meter: Meter, wait: Waiting, host: string, port: number) => {
  const { process, options, log } = job
  const verbose = options.on('verbose')
  const began = course.elapsed
  const pinned = options.values('resolve').find(value => value.startsWith(`${host}:${port}:`))
  const addresses = pinned
    ? pinned
        .slice(host.length + String(port).length + 2)
        .split(',')
        .slice(0, 4)
    : lookup(process, host, options.on('ipv4') ? 4 : options.on('ipv6') ? 6 : undefined)
  if (!addresses) {
    await wait(0.04)
    const proxied = host !== job.url.parts.host
    const text = `Could not resolve ${proxied ? 'proxy' : 'host'}: ${host}`
    if (verbose) await log.write(`* ${text}\n* Closing connection 0\n`)
    throw new Failed(proxied ? 5 : 6, text)
  }
  course.resolved = course.elapsed
  const patience = Number(options.value('connect-timeout') ?? 0)
  for (const address of addresses) {
    if (verbose) await log.write(`*   Trying ${address.includes(':') ? `[${address}]` : address}:${port}...\n`)
    const made = reach(process, address, port)
    if (patience > 0 && made.seconds > patience) {
      await wait(patience)
      const late = Math.round(patience * 1000) + 1
      if (verbose) await log.write(`* Connection timeout after ${late} ms\n* Closing connection 0\n`)
      await meter.done(course.elapsed)
      throw new Failed(28, `Connection timeout after ${late} ms`)
    }
    await wait(made.seconds)
    if (made.refused === undefined) {
      course.address = address
      course.connected = course.elapsed
      if (verbose) await log.write(`* Connected to ${host} (${address}) port ${port} (#0)\n`)
      return
    }
    if (verbose) {
      const why = {
        ECONNREFUSED: 'Connection refused',
        ETIMEDOUT: 'Connection timed out',
        EHOSTUNREACH: 'No route to host',
        ENETUNREACH: 'Network is unreachable',
      }[made.refused]
      if (made.refused === 'ENETUNREACH') await log.write(`* Immediate connect fail for ${address}: ${why}\n`)
      else await log.write(`* connect to ${address} port ${port} failed: ${why}\n`)
    }
    if (address !== addresses.at(-1)) continue
    const text = `Failed to connect to ${host} port ${port} after ${Math.round((course.elapsed - began) * 1000)} ms: Couldn't connect to server`
    if (verbose) await log.write(`* ${text}\n`)
    await meter.done(course.elapsed)
    if (verbose) await log.write('* Closing connection 0\n')
    throw new Failed(made.refused === 'ETIMEDOUT' ? 28 : 7, text)
  }
}

/** Request and answer, once connected. */
const converse = async (job: Job, course: Course, meter: Meter, wait: Waiting): Promise<void> => {
  const { process, options, upload } = job
  const { parts } = job.url
  const { scheme, host, port } = parts
  if (upload && upload.data.length > 0) process.host.witness.connection({ host, port, tool: 'curl', sent: upload.data })
  if (scheme === 'telnet' || scheme.startsWith('gopher') || scheme === 'dict') {
    const sent = scheme === 'telnet' ? await readAll(process.stdin, 64 << 10) : Buffer.from(parts.path, 'latin1')
    process.host.witness.connection({ host, port, tool: 'curl', sent })
    return
  }
  if (!/^(https?|ftps?|tftp|rtsp)$/.test(scheme)) {
    await wait(0.2)
    await meter.done(course.elapsed)
    throw new Failed(56, 'Recv failure: Connection reset by peer')
  }
  await talk(job, course, wait)
  const got = answerAt(process, parts, job.url.text, course.address)
  if ('location' in got && got.location !== undefined && options.on('location'))
    return follow(job, course, meter, wait, got, got.location)
  if ('banner' in got) {
    await wait(0.02)
    await meter.done(course.elapsed)
    throw new Failed(1, 'Received HTTP/0.9 when not allowed')
  }
  const own = options.on('head') ? Buffer.alloc(0) : got.body
  const { body, status } = ranged(job, own, got.status)
  const full = { ...got, body, status }
  course.answer = full
  course.status = scheme.startsWith('http') ? status : 226
  if (upload) {
    meter.uploaded = upload.data.length
    meter.uploadSize = upload.data.length
    course.uploaded = upload.data.length
  }
  await wait(Math.min(0.1, full.seconds))
  course.answered = course.elapsed
  if (scheme.startsWith('http')) await received(job, full)
  meter.size = options.on('head') ? full.body.length : body.length
  if ((options.on('fail') || options.on('fail-with-body')) && status >= 400) {
    if (options.on('fail-with-body')) await store(job, meter, course, body, 0.001, wait)
    await meter.done(course.elapsed)
    throw new Failed(22, `The requested URL returned error: ${status}`)
  }
  if (options.on('head') && scheme.startsWith('http')) {
    meter.size = got.body.length
    const text = Buffer.from(headerText(full, scheme), 'latin1')
    await store(job, { ...meter, draw: async () => {} }, course, text, 0)
    return
  }
  const head =
    options.on('include') && scheme.startsWith('http') ? Buffer.from(headerText(full, scheme), 'latin1') : undefined
  await store(job, meter, course, body, full.seconds, wait, head)
}

/** -L: the request again, where the answer says. */
const follow = async (job: Job, course: Course, meter: Meter, wait: Waiting, got: Answer, location: string) => {
  const { options, log } = job
  const verbose = options.on('verbose')
  const next = curlUrl(location)
  if ('status' in next) throw new Failed(next.status, next.message)
  await wait(Math.min(0.1, got.seconds))
  await received(job, got)
  if (verbose && got.body.length > 0) await log.write('* Ignoring the response-body\n')
  const most = Number(options.value('max-redirs') ?? 50)
  if (++course.redirects > most && most >= 0) {
    await meter.done(course.elapsed)
    throw new Failed(47, `Maximum (${most}) redirects followed`)
  }
  if (verbose)
    await log.write(
      `* Connection #0 to host ${job.url.parts.host} left intact\n* Issue another request to this URL: '${location}'\n`,
    )
  const there = { ...job, url: next }
  await connect(there, course, meter, wait, next.parts.host, next.parts.port)
  course.redirected = location
  return converse(there, course, meter, wait)
}

/** -r and -C: what of the body is asked for. */
const ranged = ({ options, process, path }: Job, body: Buffer, status: number): { body: Buffer; status: number } => {
  const range = /^(\d{0,12})-(\d{0,12})$/.exec(options.value('range') ?? '')
  if (range && status === 200 && (range[1] !== '' || range[2] !== '')) {
    const from = range[1] === '' ? Math.max(0, body.length - Number(range[2])) : Number(range[1])
    const to = range[1] === '' || range[2] === '' ? body.length : Number(range[2]) + 1
    return { body: body.subarray(from, to), status: 206 }
  }
  const resume = options.value('continue-at')
  if (resume === undefined || path === undefined) return { body, status }
  const at = resume === '-' ? (statOf(process, path)?.size ?? 0) : Number(resume) || 0
  return at > 0 ? { body: body.subarray(at), status: 206 } : { body, status }
}

/** Writes the body out in pieces, `seconds` long. */
const store = async (
  job: Job,
  meter: Meter,
  course: Course,
  body: Buffer,
  seconds: number,
  wait?: Waiting,
  head?: Buffer,
): Promise<void> => {
  const { process, log, path, written, options } = job
  const place = path === undefined ? undefined : absolute(process, path)
  let fault = false
  const put = async (data: Buffer): Promise<void> => {
    if (fault) return
    process.step(data.length >> 12)
    if (place === undefined) return process.stdout.write(data)
    try {
      const appends =
        written.has(place) || (options.value('continue-at') !== undefined && statOf(process, path!) !== undefined)
      process.fs.writeFile(place, data, process.who, {
        mode: 0o666 & ~process.umask,
        ...(appends ? { append: true as const } : {}),
      })
      written.add(place)
    } catch (error) {
      fault = true
      await log.write(`Warning: Failed to open the file ${path}: ${errorText(error)}\n`)
    }
  }
  if (place !== undefined) written.delete(place)
  if (head) await put(head)
  const pieces = Math.max(1, Math.min(100, Math.ceil(seconds / 0.5)))
  for (let piece = 0; piece < pieces; piece++) {
    if (wait) await wait(seconds / pieces)
    else course.elapsed += seconds / pieces
    const part = body.subarray(
      Math.floor((body.length * piece) / pieces),
      Math.floor((body.length * (piece + 1)) / pieces),
    )
    meter.downloaded += part.length
    await put(part)
  }
  course.bytes = body.length
  const modified = course.answer?.modified
  if (place !== undefined && modified !== undefined && options.on('remote-time'))
    attempt(() => process.fs.utimes(place, modified, modified, process.who))
  if (!fault) return
  await meter.done(course.elapsed)
  throw new Failed(23, 'Failure writing output to destination')
}
