import { addressesOf } from '../../fs/addresses.ts'
import { isOwn } from '../../internet/reach.ts'
import type { Job } from './curl.ts'
import type { Course } from './curl-transfer.ts'

/** -w: `%{name}` and escapes, on standard output (or standard error after `%{stderr}`). */
export const writtenOut = async (job: Job, course: Course, code: number, given: string): Promise<void> => {
  const { process } = job
  const format = given.startsWith('@') ? readFormat(job, given.slice(1)) : given
  const values = valuesOf(job, course, code)
  let out = process.stdout
  for (const [piece] of format.slice(0, 8192).matchAll(/%%|%\{[^}]*\}|\\.|[^%\\]+|[%\\]/gs)) {
    process.step()
    const name = /^%\{([^}]*)\}$/.exec(piece)?.[1]
    if (name === 'stderr') out = process.stderr
    else if (name === 'stdout') out = process.stdout
    else if (name === 'json') await out.write(JSON.stringify(Object.fromEntries([...values].toSorted())))
    else if (name !== undefined) {
      const value = values.get(name)
      if (value !== undefined) await out.write(String(value ?? ''))
      else if (/^header\{/.test(name)) continue
      else await process.stderr.write(`curl: unknown --write-out variable: '${name}'\n`)
    } else if (piece === '%%') await out.write('%')
    else await out.write({ '\\n': '\n', '\\r': '\r', '\\t': '\t' }[piece] ?? piece)
  }
}

const readFormat = ({ process }: Job, path: string): string =>
  path === '-' ? '' : process.fs.readFile(path, process.who, { max: 8192 }).toString('latin1')

const valuesOf = (job: Job, course: Course, code: number): Map<string, string | number> => {
  const { process, url, upload, options } = job
  const seconds = (value: number): string => value.toFixed(6)
  const { parts } = url
  const head = course.answer
    ? course.answer.headers.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 19)
    : 0
  const own = addressesOf(process.host.persona, process.host.processes).v4
  const known = parts.scheme.startsWith('http')
  return new Map<string, string | number>([
    ['content_type', course.answer?.type ?? ''],
    ['errormsg', ''],
    ['exitcode', code],
    ['filename_effective', job.path ?? ''],
    ['http_code', String(course.status).padStart(3, '0')],
    ['response_code', String(course.status).padStart(3, '0')],
    ['http_connect', '000'],
    ['http_version', course.status === 0 ? '0' : parts.scheme === 'https' ? '2' : '1.1'],
    ['local_ip', course.connected > 0 || course.address ? (isOwn(process, course.address) ? course.address : own) : ''],
    ['local_port', course.address ? 32_768 + (process.pid % 28_000) : 0],
    ['method', options.value('request') ?? (options.on('head') ? 'HEAD' : (upload?.method ?? 'GET'))],
    ['num_connects', course.address ? 1 : 0],
    ['num_headers', course.answer?.headers.length ?? 0],
    ['num_redirects', course.redirects],
    ['onerror', ''],
    ['proxy_ssl_verify_result', 0],
    ['redirect_url', course.answer?.location ?? ''],
    ['referer', options.value('referer') ?? ''],
    ['remote_ip', course.address],
    ['remote_port', course.address ? parts.port : 0],
    ['scheme', parts.scheme.toUpperCase()],
    ['size_download', course.bytes],
    ['size_header', known ? head : 0],
    ['size_request', known && course.status ? 76 + parts.path.length + parts.host.length : 0],
    ['size_upload', course.uploaded],
    ['speed_download', course.elapsed > 0 ? Math.floor(course.bytes / course.elapsed) : 0],
    ['speed_upload', course.elapsed > 0 ? Math.floor(course.uploaded / course.elapsed) : 0],
    ['ssl_verify_result', 0],
    ['time_appconnect', seconds(course.secured)],
    ['time_connect', seconds(course.connected)],
    ['time_namelookup', seconds(course.resolved)],
    ['time_pretransfer', seconds(Math.max(course.connected, course.secured))],
    ['time_redirect', seconds(0)],
    ['time_starttransfer', seconds(course.answered)],
    ['time_total', seconds(course.elapsed)],
    ['url', url.text],
    ['url_effective', url.text],
    ['urlnum', 0],
  ])
}
