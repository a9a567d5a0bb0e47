import { absolute, attempt, statOf } from '../paths.ts'
import { connect } from './wget-connect.ts'
import { freeName, type Job, recursive, stamp } from './wget-job.ts'
import { receive } from './wget-receive.ts'
import { type WgetUrl, wgetUrl } from './wget-url.ts'

/** One URL, tried again as wget does; its exit status. */
export const retrieve = async (job: Job, given: string): Promise<number> => {
  const { process, options, log } = job
  let url = wgetUrl(given)
  if (typeof url === 'string') {
    await log.write(`${url}\n`)
    return 1
  }
  const target = await targetOf(job, url)
  if (typeof target === 'number') return target
  const { host } = process
  host.witness.download({
    url: url.text,
    tool: 'wget',
    argv: process.argv,
    ...(target.path === '-' ? {} : { path: absolute(process, target.path) }),
  })
  const verbose = options.verbosity === 'full'
  const say = (text: string) => (verbose ? log.write(text) : Promise.resolve())
  if (options.has('spider')) await say('Spider mode enabled. Check if remote file exists.\n')
  const hops = Math.min(Number(options.value('max-redirect') ?? 20) || 0, 20)
  let followed = 0
  for (let turn = 1; ; turn++) {
    const ftp = url.parts.scheme.startsWith('ftp')
    const retried = turn > 1 ? `${ftp ? '' : '  '}(try:${String(turn).padStart(2)})${ftp ? '' : ''}` : ''
    await say(`--${stamp(process)}--${retried}  ${url.shown}\n`)
    if (ftp) await say(`           => ${job.quoted(target.path === '-' ? '-' : target.path)}\n`)
    const connected = await connect(job, url, say)
    if (typeof connected === 'object') {
      const end = await receive(job, url, target, connected.address, say)
      if (typeof end === 'number') return end
      if (followed++ >= hops) {
        if (options.verbosity !== 'quiet') await log.write(`${hops} redirections exceeded.\n`)
        return 8
      }
      const next = wgetUrl(end.location)
      if (typeof next === 'string') return 1
      url = next
      turn = 0
      continue
    }
    if (connected !== 'again' || turn >= options.tries) {
      if (connected === 'again') await say('Giving up.\n\n')
      return 4
    }
    await say('Retrying.\n\n')
    await process.sleep(Math.min(turn, 10))
  }
}

/** Where a file goes: its path, `-` for standard output; from which byte; the folder that is made for it. */
export type Target = { path: string; continueAt: number; folder: string | undefined }

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
