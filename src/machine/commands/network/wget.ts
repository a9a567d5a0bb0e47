import type { Output, Process, Program } from '../../system.ts'
import { upstreamVersion, versioned } from '../package-version.ts'
import { absolute, attempt, readAll, statOf } from '../paths.ts'
import { quoteName, speaksUtf8 } from '../quoting.ts'
import { freeName, type Job, recursive, stamp } from './wget-job.ts'
import { wgetHelp, wgetOptions } from './wget-options.ts'
import { humanSize, rateText } from './wget-progress.ts'
import { retrieve } from './wget-retrieve.ts'

/** URLs that one command fetches. */
const mostUrls = 64

/** wget(1) 1.21.3. */
export const wget: Program = async process => {
  const options = wgetOptions(process.argv)
  if ('message' in options) {
    await process.stderr.write(options.message)
    return options.status
  }
  if (options.has('version')) {
    await process.stdout.write(versioned(process, 'GNU Wget @wget@ built on linux-gnu.\n'))
    return 0
  }
  if (options.has('help')) {
    await process.stdout.write(wgetHelp(upstreamVersion(process, 'wget')))
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
