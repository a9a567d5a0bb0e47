import { errorText } from '../../errors.ts'
import { answer } from '../../internet/answer.ts'
import { partsOf, type UrlParts } from '../../internet/url.ts'
import type { Output, Process, Program } from '../../system.ts'
import { getopt, type Option, type Parsed } from '../getopt.ts'
import { absolute, statOf } from '../paths.ts'
import { isSince, usageText } from './busybox.ts'
import { connectTo } from './connect.ts'

const options: Option[] = [
  { short: 'c', long: 'continue' },
  { short: 'q', long: 'quiet' },
  { short: 'S', long: 'server-response' },
  { short: 'O', long: 'output-document', argument: 'required' },
  { short: 'o', long: 'output-file', argument: 'required' },
  { short: 'P', long: 'directory-prefix', argument: 'required' },
  { short: 'Y', long: 'proxy', argument: 'required' },
  { short: 'U', long: 'user-agent', argument: 'required' },
  { short: 'T', long: 'timeout', argument: 'required' },
  { short: 't', long: 'tries', argument: 'required' },
  { short: 'n', argument: 'required' },
  { long: 'spider' },
  { long: 'header', argument: 'required' },
  { long: 'post-data', argument: 'required' },
  { long: 'post-file', argument: 'required' },
  { long: 'no-check-certificate' },
  { long: 'no-clobber' },
  { long: 'passive-ftp' },
]

/** What an applet says about a wrong option: the library's words, and how it is called. */
export const optionMistake = async (process: Process, name: string, message = ''): Promise<number> => {
  await process.stderr.write(`${message === '' ? '' : `${message}\n`}${usageText(process, name)}`)
  return 1
}

/** Five digits, or three with a unit. */
const sizeText = (bytes: number): string => {
  if (bytes < 100_000) return String(bytes).padStart(6)
  let value = bytes / 1024
  let unit = 0
  while (value >= 1000 && unit < 3) {
    value /= 1024
    unit++
  }
  return ((value < 100 ? value.toFixed(1) : value.toFixed(0)) + 'kMGT'[unit]).padStart(6)
}

/** The progress of libbb's progress.c, for a terminal of 80 columns. */
export const progressLine = (name: string, bytes: number, total: number, seconds: number): string => {
  const stars = Math.floor((32 * bytes) / Math.max(1, total))
  const left = bytes > 0 && bytes < total ? Math.floor((seconds * (total - bytes)) / bytes) : 0
  const time = `${String(Math.floor(left / 3600)).padStart(3)}:${String(Math.floor(left / 60) % 60).padStart(2, '0')}:${String(left % 60).padStart(2, '0')}`
  const percent = Math.floor((100 * bytes) / Math.max(1, total))
  return `${name.slice(0, 20).padEnd(20)} ${String(percent).padStart(3)}% |${'*'.repeat(stars).padEnd(32)}|${sizeText(bytes)}${time} ETA`
}

/** The bytes with progress, a second at a time; what `take` throws ends it. */
export const pourOut = async (
  process: Process,
  what: { name: string; body: Buffer; seconds: number; log: Output | undefined },
  take: (part: Buffer) => Promise<void> | void,
): Promise<void> => {
  const { body, seconds, log, name } = what
  const pieces = Math.max(1, Math.min(60, Math.ceil(seconds)))
  for (let piece = 1; piece <= pieces; piece++) {
    await process.sleep(seconds / pieces)
    const from = Math.floor((body.length * (piece - 1)) / pieces)
    const to = Math.floor((body.length * piece) / pieces)
    process.step((to - from) >> 12)
    await take(body.subarray(from, to))
    // Without a terminal the last state alone is shown.
    const drawn = process.isatty[2] || piece === pieces
    if (drawn)
      await log?.write(
        (process.isatty[2] ? '\r' : '') + progressLine(name, to, body.length, (seconds * piece) / pieces),
      )
  }
  await log?.write('\n')
}

/** wget of BusyBox 1.35.0. */
export const wget: Program = async process => {
  const parsed = getopt(process.argv, options)
  if (typeof parsed === 'string') return optionMistake(process, 'wget', parsed)
  if (parsed.operands.length === 0) return optionMistake(process, 'wget')
  for (const url of parsed.operands.slice(0, 32)) {
    const status = await one(process, parsed, url)
    if (status !== 0) return status
  }
  return 0
}

const one = async (process: Process, parsed: Parsed, given: string): Promise<number> => {
  const log = parsed.has('quiet') ? undefined : process.stderr
  const fail = async (message: string): Promise<number> => {
    await process.stderr.write(`wget: ${message}\n`)
    return 1
  }
  const scheme = /^([a-z]+):\/\//.exec(given)?.[1]
  if (scheme !== undefined && !/^(https?|ftps?)$/.test(scheme)) return fail(`not an http or ftp url: ${given}`)
  const url = scheme === undefined ? `http://${given}` : given
  const parts = partsOf(url)
  if (!parts) return fail(`bad address '${given}'`)
  const path = targetOf(parsed, parts)
  process.host.witness.download({
    url,
    tool: 'busybox wget',
    argv: ['busybox', ...process.argv],
    ...(path === '-' ? {} : { path: absolute(process, path) }),
  })
  const address = await connectTo(process, parts.host, parts.port, 'wget', async (place, shown) => {
    await log?.write(`Connecting to ${shown} (${place})\n`)
  })
  if (typeof address === 'number') return address
  const got = answer(process, parts, url, address)
  if ('banner' in got) return fail('error getting response')
  const post = parsed.value('post-data')
  if (post !== undefined)
    process.host.witness.connection({
      host: parts.host,
      port: parts.port,
      tool: 'busybox wget',
      sent: Buffer.from(post, 'latin1'),
    })
  if (parsed.has('server-response')) {
    const lines = [
      `HTTP/1.1 ${got.status} ${got.reason}`,
      ...got.headers.map(([name, value]) => `${name}: ${value}`),
      '',
    ]
    await process.stderr.write(lines.map(line => `  ${line}\n`).join(''))
  }
  if (got.status >= 400) return fail(`server returned error: HTTP/1.1 ${got.status} ${got.reason}`)
  if (parsed.has('spider')) {
    await log?.write('remote file exists\n')
    return 0
  }
  return save(process, parsed, path, { ...got, log }, fail)
}

const targetOf = (parsed: Parsed, parts: UrlParts): string => {
  const given = parsed.value('output-document')
  if (given !== undefined) return given
  const bare = parts.path.replace(/[?#].*$/s, '')
  const name = bare.slice(bare.lastIndexOf('/') + 1) || 'index.html'
  const folder = parsed.value('directory-prefix')
  return folder === undefined ? name : `${folder}/${name}`
}

const save = async (
  process: Process,
  parsed: Parsed,
  path: string,
  got: { body: Buffer; seconds: number; log: Output | undefined },
  fail: (message: string) => Promise<number>,
): Promise<number> => {
  const { log, seconds } = got
  const toOutput = path === '-'
  const place = absolute(process, path)
  const there = toOutput ? undefined : statOf(process, path)
  const continues = parsed.has('continue') && there !== undefined
  if (there && !continues && parsed.value('output-document') === undefined)
    return fail(`can't open '${path}': File exists`)
  const body = continues ? got.body.subarray(Math.min(there.size, got.body.length)) : got.body
  try {
    if (!toOutput)
      process.fs.writeFile(place, Buffer.alloc(0), process.who, {
        mode: 0o666 & ~process.umask,
        ...(continues ? { append: true } : {}),
      })
  } catch (error) {
    return fail(`can't open '${path}': ${errorText(error)}`)
  }
  // BusyBox tells of the file since 1.31.0.
  const told = isSince(process, 31) ? log : undefined
  await told?.write(toOutput ? 'writing to stdout\n' : `saving to '${path}'\n`)
  const name = toOutput ? '-' : path.slice(path.lastIndexOf('/') + 1)
  try {
    await pourOut(process, { name, body, seconds, log }, part =>
      toOutput ? process.stdout.write(part) : process.fs.writeFile(place, part, process.who, { append: true }),
    )
  } catch (error) {
    return fail(`short write: ${errorText(error)}`)
  }
  await told?.write(toOutput ? 'written to stdout\n' : `'${path}' saved\n`)
  return 0
}
