import { errorText } from '../../errors.ts'
import { type Answer, answer, reasonOf } from '../../internet/answer.ts'
import { connectTexts, isAddress, lookup, reach } from '../../internet/reach.ts'
import type { Output, Process, Program } from '../../system.ts'
import { absolute, attempt, readAll, statOf } from '../paths.ts'
import { quoteName, speaksUtf8 } from '../quoting.ts'
import { type WgetOptions, wgetHelp, wgetOptions } from './wget-options.ts'
import { bar, dots, humanSize, type Progress, rateText } from './wget-progress.ts'
import { type WgetUrl, wgetUrl } from './wget-url.ts'

/** URLs that one command fetches. */
const mostUrls = 64
/** Names `x.1`, `x.2` … that are tried. */
const mostCopies = 500

type Job = {
  process: Process
  options: WgetOptions
  /** Where messages go: standard error, or a log. */
  log: Output
  quoted(name: string): string
  /** Hosts a connection is kept to. */
  open: Set<string>
  /** -O was opened, and what follows is appended. */
  started: boolean
  count: number
  bytes: number
  seconds: number
  status: number
}

const two = (value: number): string => String(value).padStart(2, '0')
/** `2026-01-15 09:30:00` of the machine's own time. */
const stamp = (process: Process): string => {
  const { offset } = process.host.persona.timezone
  const date = new Date(process.now() + offset * 60_000)
  const day = [date.getUTCFullYear(), two(date.getUTCMonth() + 1), two(date.getUTCDate())].join('-')
  return `${day} ${[date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':')}`
}

/** wget(1) 1.21.3. */
export const wget: Program = async process => {
  const options = wgetOptions(process.argv)
  if ('message' in options) {
    await process.stderr.write(options.message)
    return options.status
  }
  if (options.has('version')) {
    await process.stdout.write('GNU Wget 1.21.3 built on linux-gnu.\n')
    return 0
  }
  if (options.has('help')) {
    await process.stdout.write(wgetHelp())
    return 0
  }
  const job: Job = {
    process,
    options,
    log: process.stderr,
    quoted: name => quoteName(name, 'locale', speaksUtf8(process)),
    open: new Set(),
    started: false,
    count: 0,
    bytes: 0,
    seconds: 0,
    status: 0,
  }
  const refused = await conflicts(job)
  if (refused !== undefined) return refused
  const inBackground = options.has('background')
  const logPath =
    options.value('output-file') ??
    options.value('append-output') ??
    (inBackground ? freeName(process, 'wget-log') : undefined)
  if (logPath !== undefined) {
    const log = logTo(process, logPath, options.has('append-output'))
    if (typeof log === 'string') {
      await process.stderr.write(`${logPath}: ${log}\n`)
      return 1
    }
    job.log = log
  }
  if (inBackground) {
    await process.stdout.write(`Continuing in background, pid ${process.pid + 1}.\n`)
    if (options.verbosity !== 'quiet' && logPath !== undefined && !options.has('output-file'))
      await process.stdout.write(`Output will be written to ${job.quoted(logPath)}.\n`)
    // It goes on by itself; what it is told to fetch is known now.
    await quietly(() => everything(job))
    return 0
  }
  return everything(job)
}

const quietly = async (what: () => Promise<number>): Promise<void> => void (await what())

/** Options that exclude each other; the exit status, when they do. */
const conflicts = async ({ process, options, log, quoted }: Job): Promise<number | undefined> => {
  const output = options.value('output-document')
  if (output === undefined) return undefined
  if (options.has('recursive') || options.has('page-requisites') || options.has('mirror'))
    await log.write(
      'WARNING: combining -O with -r or -p will mean that all downloaded content\nwill be placed in the single file you specified.\n\n',
    )
  if (options.has('timestamping') && !options.has('quiet'))
    await log.write('WARNING: timestamping does nothing in combination with -O. See the manual\nfor details.\n\n')
  if (options.noClobber && output !== '-' && statOf(process, output)) {
    if (options.verbosity === 'full') await log.write(`File ${quoted(output)} already there; not retrieving.\n`)
    return 1
  }
  return undefined
}

const logTo = (process: Process, path: string, append: boolean): Output | string => {
  if (path === '-') return process.stdout
  const place = absolute(process, path)
  const how = { mode: 0o666 & ~process.umask }
  const made = attempt(() =>
    process.fs.writeFile(place, Buffer.alloc(0), process.who, append ? { ...how, append: true } : how),
  )
  if ('error' in made) return made.error
  return {
    async write(data) {
      const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data
      process.step(1 + (bytes.length >> 10))
      process.fs.writeFile(place, bytes, process.who, { append: true })
    },
  }
}

/** All URLs of the command line and of -i, one after the other. */
const everything = async (job: Job): Promise<number> => {
  const { options, process, log } = job
  const urls = options.operands.slice(0, mostUrls)
  for (const { name, value = '' } of options.given) {
    if (name !== 'input-file') continue
    const found = await listed(job, value)
    if (found.length === 0) await log.write(`No URLs found in ${value}.\n`)
    urls.push(...found)
  }
  const began = process.now()
  for (const url of urls.slice(0, mostUrls)) {
    const status = await retrieve(job, url)
    // The first failure of the worst kind wins (exits.c): lower numbers are worse, but for 8.
    if (status !== 0 && (job.status === 0 || status < job.status)) job.status = status
  }
  if (options.verbosity === 'full' && (job.count > 1 || (recursive(options) && job.count > 0))) {
    const wall = Math.max(job.seconds, (process.now() - began) / 1000)
    await log.write(
      `FINISHED --${stamp(process)}--\nTotal wall clock time: ${wallText(wall)}\nDownloaded: ${job.count} files, ${humanSize(job.bytes)} in ${shownSeconds(job.seconds)} (${rateText(job.bytes, job.seconds)})\n`,
    )
  }
  return job.status
}

const recursive = (options: WgetOptions): boolean => options.has('recursive') || options.has('mirror')
const shownSeconds = (seconds: number): string => (seconds < 0.0005 ? '0s' : `${Number(seconds.toPrecision(2))}s`)
const wallText = (seconds: number): string => {
  if (seconds >= 60) return `${Math.floor(seconds / 60)}m ${Math.floor(seconds % 60)}s`
  return `${Number(seconds.toPrecision(2))}s`
}

/** The URLs in a file of -i, one a line; of an HTML page with -F, what it refers to. */
const listed = async (job: Job, path: string): Promise<string[]> => {
  const { process, log } = job
  let text: string
  if (path === '-') text = (await readAll(process.stdin, 1 << 20)).toString('latin1')
  else {
    const read = attempt(() => process.fs.readFile(absolute(process, path), process.who, { max: 1 << 20 }))
    if ('error' in read) {
      await log.write(`${path}: ${read.error}\n`)
      return []
    }
    text = read.value.toString('latin1')
  }
  return text
    .split(/[\r\n]+/)
    .map(line => line.trim())
    .filter(line => line !== '')
    .slice(0, mostUrls)
}

/** One URL, tried again as wget does; its exit status. */
const retrieve = async (job: Job, given: string): Promise<number> => {
  const { process, options, log } = job
  const url = wgetUrl(given)
  if (typeof url === 'string') {
    await log.write(`${url}\n`)
    return 1
  }
  const target = await targetOf(job, url)
  if (typeof target === 'number') return target
  const { host } = process
  const { parts } = url
  host.witness.download({
    url: url.text,
    tool: 'wget',
    argv: process.argv,
    ...(target.path === '-' ? {} : { path: absolute(process, target.path) }),
  })
  const verbose = options.verbosity === 'full'
  const say = (text: string) => (verbose ? log.write(text) : Promise.resolve())
  if (options.has('spider')) await say('Spider mode enabled. Check if remote file exists.\n')
  const ftp = parts.scheme.startsWith('ftp')
  for (let turn = 1; ; turn++) {
    const retried = turn > 1 ? `${ftp ? '' : '  '}(try:${String(turn).padStart(2)})${ftp ? '' : ''}` : ''
    await say(`--${stamp(process)}--${retried}  ${url.shown}\n`)
    if (ftp) await say(`           => ${job.quoted(target.path === '-' ? '-' : target.path)}\n`)
    const connected = await connect(job, url, say)
    if (typeof connected === 'object') return receive(job, url, target, connected.address, say)
    if (connected !== 'again' || turn >= options.tries) {
      if (connected === 'again') await say('Giving up.\n\n')
      return 4
    }
    await say('Retrying.\n\n')
    await process.sleep(Math.min(turn, 10))
  }
}

type Target = { path: string; continueAt: number; folder: string | undefined }

/** Where the file goes; an exit status when it goes nowhere. */
const targetOf = async (job: Job, url: WgetUrl): Promise<Target | number> => {
  const { process, options, log, quoted } = job
  const output = options.value('output-document')
  if (output === '-') return { path: '-', continueAt: 0, folder: undefined }
  if (output !== undefined) {
    const continued = options.has('continue') || job.started
    const place = absolute(process, output)
    const how = { mode: 0o666 & ~process.umask }
    const made = attempt(() =>
      process.fs.writeFile(place, Buffer.alloc(0), process.who, continued ? { ...how, append: true } : how),
    )
    if ('error' in made) {
      await log.write(`${output}: ${made.error}\n`)
      return 1
    }
    job.started = true
    const size = statOf(process, output)?.size ?? 0
    return { path: output, continueAt: options.has('continue') && job.count === 0 ? size : 0, folder: undefined }
  }
  const keepFolders =
    options.has('force-directories') ||
    (recursive(options) && !options.given.some(({ name, value }) => name === 'no' && value?.includes('d')))
  const prefix = options.value('directory-prefix')?.replace(/(?<=.)\/+$/, '')
  const folder = [...(prefix === undefined ? [] : [prefix]), ...(keepFolders ? url.folders : [])].join('/')
  const plain = folder === '' ? url.file : `${folder}/${url.file}`
  const there = statOf(process, plain)
  if (there && options.noClobber) {
    await log.write(`File ${quoted(plain)} already there; not retrieving.\n${options.verbosity === 'full' ? '\n' : ''}`)
    return 0
  }
  if (there && options.has('continue')) return { path: plain, continueAt: there.size, folder }
  const overwrites = options.has('timestamping') || options.has('mirror') || recursive(options)
  return { path: there && !overwrites ? freeName(process, plain) : plain, continueAt: 0, folder: folder || undefined }
}

const freeName = (process: Process, name: string): string => {
  if (!statOf(process, name)) return name
  for (let at = 1; at < mostCopies; at++) if (!statOf(process, `${name}.${at}`)) return `${name}.${at}`
  return `${name}.${mostCopies}`
}

/** Names and connections, told as they are tried. `again`: it is worth another try. */
const connect = async (
  job: Job,
  { parts }: WgetUrl,
  say: (text: string) => Promise<void>,
): Promise<{ address: string } | 'failed' | 'again'> => {
  const { process, options, log, open, quoted } = job
  const { host, port } = parts
  const shownHost = host.includes(':') ? `[${host}]` : host
  const key = `${host}:${port}`
  const literal = isAddress(host)
  let addresses: string[] | undefined
  if (literal) addresses = lookup(process, host)
  else {
    if (open.has(key)) {
      addresses = lookup(process, host)
    } else {
      await say(`Resolving ${host} (${host})... `)
      addresses = lookup(process, host, options.has('inet4-only') ? 4 : options.has('inet6-only') ? 6 : undefined)
      await process.sleep(0.03)
      if (!addresses) {
        await say('failed: Name or service not known.\n')
        if (options.verbosity !== 'quiet')
          await log.write(`${process.argv[0] ?? 'wget'}: unable to resolve host address ${quoted(host)}\n`)
        return 'failed'
      }
      const shown = addresses.slice(0, 3).join(', ')
      await say(`${shown}${addresses.length > 3 ? ', ...' : ''}\n`)
    }
  }
  for (const address of addresses ?? []) {
    const named = literal ? `${shownHost}:${port}` : `${host} (${host})|${address}|:${port}`
    if (open.has(key)) {
      await say(`Reusing existing connection to ${literal ? `${shownHost}:${port}` : `${host}:${port}`}.\n`)
      return { address }
    }
    await say(`Connecting to ${named}... `)
    const made = reach(process, address, port)
    const given = options.timeout
    if (given > 0 && made.seconds > given) {
      await process.sleep(given)
      await say('failed: Connection timed out.\n')
      if (address === addresses!.at(-1)) return 'again'
      continue
    }
    if (made.seconds > 0) await process.sleep(made.seconds)
    if (!made.refused) {
      await say('connected.\n')
      if (parts.scheme.startsWith('http')) open.add(key)
      return { address }
    }
    const text = connectTexts[made.refused]
    await (options.verbosity === 'short' ? log.write(`failed: ${text}.\n`) : say(`failed: ${text}.\n`))
    if (made.refused === 'ETIMEDOUT' && address === addresses!.at(-1)) return 'again'
    if (made.refused === 'ECONNREFUSED' && options.has('retry-connrefused') && address === addresses!.at(-1))
      return 'again'
  }
  return 'failed'
}

/** The answer, saved. */
const receive = async (
  job: Job,
  url: WgetUrl,
  target: Target,
  address: string,
  say: (text: string) => Promise<void>,
): Promise<number> => {
  const { process, options, log } = job
  const { parts } = url
  const ftp = parts.scheme.startsWith('ftp')
  const got = answer(process, parts, url.text, address)
  const full: Answer =
    'banner' in got
      ? {
          status: 200,
          reason: 'No headers, assuming HTTP/0.9',
          headers: [],
          type: '',
          body: Buffer.from(got.banner),
          modified: undefined,
          seconds: 0.1,
        }
      : got
  if (ftp) await ftpTalk(job, url, full, say)
  else {
    await say('HTTP request sent, awaiting response... ')
    await process.sleep(Math.min(full.seconds, 0.2))
  }
  const sent = options.value('post-data') ?? options.value('body-data')
  if (sent !== undefined)
    process.host.witness.connection({
      host: parts.host,
      port: parts.port,
      tool: 'wget',
      sent: Buffer.from(sent, 'latin1'),
    })
  const at = target.continueAt
  const partial = at > 0 && full.status === 200 && !ftp
  if (partial && at >= full.body.length) {
    await say('416 Requested Range Not Satisfiable\n\n    The file is already fully retrieved; nothing to do.\n\n')
    return 0
  }
  const status = partial ? 206 : full.status
  if (!ftp) {
    await (options.has('server-response')
      ? log.write(`\n${headerLines(full, status)}`)
      : say(`${status} ${status === full.status ? full.reason : reasonOf(status)}\n`))
    if (status >= 400) {
      if (options.verbosity === 'short') await log.write(`${url.shown}:\n`)
      if (options.verbosity !== 'quiet') await log.write(`${stamp(process)} ERROR ${status}: ${full.reason}.\n`)
      await say('\n')
      return 8
    }
  }
  const known = 'banner' in got ? undefined : full.body.length
  if (known !== undefined || !ftp) await say(lengthLine(known, at, full.type, ftp))
  else await say('\n')
  if (options.has('spider')) {
    await say(
      full.type.startsWith('text/html')
        ? 'Remote file exists and could contain further links,\nbut recursion is disabled -- not retrieving.\n\n'
        : 'Remote file exists.\n\n',
    )
    return 0
  }
  return save(job, url, target, { ...full, body: full.body.subarray(partial ? at : 0) }, known, say)
}

const headerLines = (full: Answer, status: number): string =>
  `  HTTP/1.1 ${status} ${status === full.status ? full.reason : reasonOf(status)}\n${full.headers.map(([name, value]) => `  ${name}: ${value}\n`).join('')}`

const lengthLine = (known: number | undefined, at: number, type: string, ftp: boolean): string => {
  const kind = ftp ? ' (unauthoritative)' : type === '' ? '' : ` [${type.replace(/;.*$/, '')}]`
  if (known === undefined) return `Length: unspecified${kind}\n`
  const human = known >= 1024 ? ` (${humanSize(known)})` : ''
  const rest = known - at
  const remaining = at > 0 ? `, ${rest}${rest >= 1024 ? ` (${humanSize(rest)})` : ''} remaining` : ''
  return `Length: ${known}${human}${remaining}${kind}\n`
}

/** What wget tells of its talk with an FTP server. */
const ftpTalk = async (
  { process }: Job,
  { parts, file }: WgetUrl,
  full: Answer,
  say: (text: string) => Promise<void>,
) => {
  const user = parts.user ?? 'anonymous'
  await say(`Logging in as ${user} ... `)
  await process.sleep(Math.min(full.seconds * 2, 1))
  await say('Logged in!\n==> SYST ... done.    ==> PWD ... done.\n')
  const folder = parts.path.slice(0, parts.path.lastIndexOf('/'))
  await say(`==> TYPE I ... done.  ==> ${folder === '' ? 'CWD not needed.' : `CWD (1) ${folder} ... done.`}\n`)
  await say(`==> SIZE ${file} ... ${full.body.length}\n==> PASV ... done.    ==> RETR ${file} ... done.\n`)
  if (parts.user !== undefined)
    process.host.witness.connection({
      host: parts.host,
      port: parts.port,
      tool: 'wget',
      sent: Buffer.from(`USER ${parts.user}\r\nPASS ${parts.password ?? ''}\r\n`, 'latin1'),
    })
}

/** Writes the body where it goes, with progress. */
const save = async (
  job: Job,
  url: WgetUrl,
  target: Target,
  full: Answer,
  known: number | undefined,
  say: (text: string) => Promise<void>,
): Promise<number> => {
  const { process, options, log, quoted } = job
  const toOutput = target.path === '-'
  const place = absolute(process, target.path)
  if (!toOutput) {
    if (target.folder !== undefined) makeFolders(process, target.folder)
    const start = attempt(() => {
      const append = target.continueAt > 0 || options.has('output-document')
      process.fs.writeFile(place, Buffer.alloc(0), process.who, {
        mode: 0o666 & ~process.umask,
        ...(append ? { append: true } : {}),
      })
    })
    if ('error' in start) {
      await say(`${target.path}: ${start.error}\n\nCannot write to ${quoted(target.path)} (${start.error}).\n`)
      return 3
    }
  }
  if (!url.parts.scheme.startsWith('ftp')) await say(`Saving to: ${quoted(toOutput ? 'STDOUT' : target.path)}\n`)
  const { total, progress } = progressOf(job, target, known)
  const fault = await pour(process, full, toOutput ? undefined : place, progress)
  if (fault !== undefined) {
    await say(`\n\nCannot write to ${quoted(target.path)} (${fault}).\n`)
    return 3
  }
  if (!toOutput && full.modified !== undefined && !options.has('no-use-server-timestamps'))
    attempt(() => process.fs.utimes(place, process.now(), full.modified, process.who))
  const size = full.body.length
  const rate = rateText(size, full.seconds)
  const shown = total === undefined ? `[${size}]` : `[${target.continueAt + size}/${total}]`
  const where = toOutput ? 'written to stdout' : `${quoted(target.path)} saved`
  await say(`${stamp(process)} (${rate}) - ${where} ${shown}\n\n`)
  job.count++
  job.bytes += size
  job.seconds += full.seconds
  if (options.verbosity === 'short')
    await log.write(`${stamp(process)} URL:${url.shown} ${shown} -> "${target.path}" [1]\n`)
  if (options.has('delete-after') && !toOutput) attempt(() => process.fs.unlink(place, process.who))
  return 0
}

const progressOf = (
  job: Job,
  target: Target,
  known: number | undefined,
): { total: number | undefined; progress: Progress | undefined } => {
  const { options, process, log } = job
  const total = known
  const forced = options.value('progress') ?? ''
  const asBar =
    forced.startsWith('bar:force') || (process.isatty[2] && log === process.stderr && !forced.startsWith('dot'))
  const wanted = options.verbosity === 'full' || options.has('show-progress')
  if (!wanted) return { total, progress: undefined }
  const name = target.path
  return {
    total,
    progress: asBar ? bar(log, name, total, process.terminal?.columns) : dots(log, total, target.continueAt),
  }
}

/** Pieces of the body, as they would come. */
const pour = async (
  process: Process,
  full: Answer,
  place: string | undefined,
  progress: Progress | undefined,
): Promise<string | undefined> => {
  const { body, seconds } = full
  const size = body.length
  const pieces = Math.max(1, Math.min(200, Math.ceil(seconds / 0.2)))
  await progress?.update(0, 0)
  for (let piece = 0; piece < pieces; piece++) {
    const from = Math.floor((size * piece) / pieces)
    const to = Math.floor((size * (piece + 1)) / pieces)
    if (seconds > 0.01) await process.sleep(seconds / pieces)
    const part = body.subarray(from, to)
    process.step(part.length >> 12)
    if (place === undefined) await process.stdout.write(part)
    else {
      try {
        process.fs.writeFile(place, part, process.who, { append: true })
      } catch (error) {
        return errorText(error)
      }
    }
    await progress?.update(part.length, (seconds * (piece + 1)) / pieces)
  }
  await progress?.finish(seconds)
  return undefined
}

const makeFolders = (process: Process, folder: string): void => {
  const parts = absolute(process, folder).split('/').slice(1, 33)
  for (let at = 1; at <= parts.length; at++) {
    process.step()
    attempt(() => process.fs.mkdir(`/${parts.slice(0, at).join('/')}`, 0o777 & ~process.umask, process.who))
  }
}
