import type { UrlParts } from '../../internet/url.ts'
import { saysOf } from '../../release.ts'
import type { Output, Process, Program } from '../../system.ts'
import { packageVersion } from '../package-version.ts'
import { absolute, attempt, readAll, statOf } from '../paths.ts'
import { type CurlOptions, curlOptions, tryHelp } from './curl-options.ts'
import { type Upload, uploadOf } from './curl-request.ts'
import { transfer } from './curl-transfer.ts'
import { type CurlUrl, curlUrl, globbed } from './curl-url.ts'

/** Transfers of one command. */
const mostTransfers = 64

const help = `Usage: curl [options...] <url>
 -d, --data <data>          HTTP POST data
 -f, --fail                 Fail fast with no output on HTTP errors
 -h, --help <category>      Get help for commands
 -i, --include              Include protocol response headers in the output
 -o, --output <file>        Write to file instead of stdout
 -O, --remote-name          Write output to a file named as the remote file
 -s, --silent               Silent mode
 -T, --upload-file <file>   Transfer local FILE to destination
 -u, --user <user:password> Server user and password
 -A, --user-agent <name>    Send User-Agent <name> to server
 -v, --verbose              Make the operation more talkative
 -V, --version              Show version number and quit

This is not the full help, this menu is stripped into categories.
Use "--help category" to get an overview of all categories.
For all options use the manual or "--help all".
`

/** What `curl --version` says of the release's build. */
const versionOf = (process: Process): string => {
  const { persona } = process.host
  const text = saysOf(persona).curl.join('\n')
  return `${text
    .replace('@OPENSSL@', persona.software.openssl.version)
    .replace('@PACKAGE@', packageVersion(process, 'curl', '7.88.1-10+deb12u12'))}\n`
}

/** One transfer: what the command line says of one URL. */
export type Job = {
  process: Process
  options: CurlOptions
  /** Messages; a file with --stderr. */
  log: Output
  url: CurlUrl
  /** Where to; `undefined` is standard output. */
  path: string | undefined
  upload: Upload | undefined
  silent: boolean
  /** Files this command has written already. */
  written: Set<string>
}

/** A transfer that failed: curl's number for it, and its words. */
export class Failed extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** -O, and the URL ends in a slash. */
class NoName extends Error {}

/** curl(1) 7.88.1. */
export const curl: Program = async process => {
  const read = (path: string) =>
    process.fs.readFile(absolute(process, path), process.who, { max: 256 << 10 }).toString('latin1')
  const { argv } = process
  if (argv.length === 1) {
    await process.stderr.write(tryHelp)
    return 2
  }
  const options = curlOptions(argv, read)
  if ('message' in options) {
    await process.stderr.write(options.message)
    return options.status
  }
  if (options.on('help') || options.on('manual')) {
    await process.stdout.write(help)
    return 0
  }
  if (options.on('version')) {
    await process.stdout.write(versionOf(process))
    return 0
  }
  if (options.urls.length === 0) {
    await process.stderr.write(`curl: no URL specified!\n${tryHelp}`)
    return 2
  }
  return transfers(process, options)
}

const transfers = async (process: Process, options: CurlOptions): Promise<number> => {
  const log = options.value('stderr') === '-' ? process.stdout : process.stderr
  const silent = options.on('silent')
  const body = await uploadOf(process, options, log)
  if (typeof body === 'number') return body
  const outputs = options.given.filter(({ name }) => name === 'output' || name === 'remote-name')
  const written = new Set<string>()
  let status = 0
  let count = 0
  for (const [at, pattern] of options.urls.entries()) {
    const urls = options.on('globoff') ? [{ url: pattern, parts: [] }] : globbed(pattern)
    if (typeof urls === 'string') {
      if (!silent || options.on('show-error')) await log.write(`curl: (3) ${urls}\n`)
      status = 3
      continue
    }
    for (const { url, parts } of urls) {
      if (++count > mostTransfers) return status
      const wanted = outputs[at] ?? (options.on('remote-name-all') ? { name: 'remote-name', value: '' } : undefined)
      status = await one(process, { options, log, silent, written, pattern: url, wanted, parts, body })
      if (status !== 0 && options.on('fail-early')) return status
    }
  }
  return status
}

type Order = Pick<Job, 'options' | 'log' | 'silent' | 'written'> & {
  pattern: string
  wanted: { name: string; value: string } | undefined
  parts: string[]
  body: Upload | undefined
}

const one = async (process: Process, order: Order): Promise<number> => {
  const { options, log, silent, written, body } = order
  try {
    const query =
      options.on('get') && body ? `${order.pattern.includes('?') ? '&' : '?'}${body.data.toString('latin1')}` : ''
    const url = curlUrl(order.pattern + query)
    if ('status' in url) throw new Failed(url.status, url.message)
    const path = outputOf(process, options, url.parts, order)
    const upload = options.on('get') ? undefined : body
    if (url.parts.scheme !== 'file') {
      const saved = path === undefined || path === '-' ? {} : { path: absolute(process, path) }
      process.host.witness.download({ url: url.text, tool: 'curl', argv: process.argv, ...saved })
    }
    const job: Job = {
      process,
      options,
      log,
      url,
      path: path === '-' ? undefined : path,
      upload,
      silent,
      written,
    }
    return await retried(job)
  } catch (error) {
    if (error instanceof NoName) {
      await log.write(
        'curl: Remote file name has no length!\ncurl: (23) Failed writing received data to disk/application\n',
      )
      return 23
    }
    if (!(error instanceof Failed)) throw error
    if (!silent || options.on('show-error')) await log.write(`curl: (${error.code}) ${error.message}\n`)
    return error.code
  }
}

/** What --retry takes for a failure that passes. */
const passing = new Set([5, 6, 28])
const mostRetries = 12

/** The transfer, again as often as --retry says, with pauses that double. */
const retried = async (job: Job): Promise<number> => {
  const { options, process, log, silent } = job
  const tries = Math.min(Number(options.value('retry') ?? 0) || 0, mostRetries)
  const fixed = Number(options.value('retry-delay') ?? 0) || 0
  let pause = 1
  for (let left = tries; ; left--) {
    const status = await transfer(job)
    const again =
      passing.has(status) || (status === 7 && options.on('retry-connrefused')) || options.on('retry-all-errors')
    if (status === 0 || !again || left <= 0) return status
    const seconds = fixed || pause
    if (!silent)
      await log.write(
        `Warning: Problem: ${status === 7 ? 'connection refused' : 'timeout'}. Will retry in ${seconds} seconds. ${left} retr${left === 1 ? 'y' : 'ies'} left.\n`,
      )
    await process.sleep(seconds)
    pause = Math.min(600, pause * 2)
  }
}

/** The file that -o or -O of this URL names. */
const outputOf = (process: Process, options: CurlOptions, parts: UrlParts, { wanted, parts: matched }: Order) => {
  if (wanted === undefined) return undefined
  let name = wanted.value.replace(/#(\d{1,3})/g, (whole, index) => matched[Number(index) - 1] ?? whole)
  if (wanted.name === 'remote-name') {
    const bare = parts.path.replace(/[?#].*$/s, '')
    name = bare.slice(bare.lastIndexOf('/') + 1)
    if (name === '') throw new NoName()
  }
  if (name === '-') return name
  const folder = options.value('output-dir')
  const path = folder === undefined ? name : `${folder}/${name}`
  if (options.on('create-dirs')) makeFolders(process, path)
  if (!options.given.some(given => given.name === 'clobber' && given.value === 'no')) return path
  for (let at = 0; at < 100; at++) {
    const free = at === 0 ? path : `${path}.${at}`
    if (!statOf(process, free)) return free
  }
  return path
}

const makeFolders = (process: Process, path: string): void => {
  const folders = absolute(process, path).split('/').slice(1, -1).slice(0, 32)
  for (let at = 1; at <= folders.length; at++) {
    process.step()
    attempt(() => process.fs.mkdir(`/${folders.slice(0, at).join('/')}`, 0o750, process.who))
  }
}

export const readWhole = (process: Process, path: string): Promise<Buffer> | Buffer =>
  path === '-' || path === '.'
    ? readAll(process.stdin, 4 << 20)
    : process.fs.readFile(absolute(process, path), process.who)
