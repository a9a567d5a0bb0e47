import { errorText } from '../../errors.ts'
import { type Answer, answerAt, reasonOf } from '../../internet/answer.ts'
import type { Process } from '../../system.ts'
import { absolute, attempt } from '../paths.ts'
import { type Job, stamp } from './wget-job.ts'
import { bar, dots, humanSize, type Progress, rateText } from './wget-progress.ts'
import type { Target } from './wget-retrieve.ts'
import type { WgetUrl } from './wget-url.ts'

/** The answer, saved; or where the server says that it is instead. */
export const receive = async (
  job: Job,
  url: WgetUrl,
  target: Target,
  address: string,
  say: (text: string) => Promise<void>,
): Promise<number | { location: string }> => {
  const { process, options, log } = job
  const { parts } = url
  const ftp = parts.scheme.startsWith('ftp')
  const got = answerAt(process, parts, url.text, address)
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
    if (full.location !== undefined) {
      await say(`Location: ${full.location} [following]\n`)
      return { location: full.location }
    }
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
