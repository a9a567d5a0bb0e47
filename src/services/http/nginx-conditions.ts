import { matches } from './answer.ts'
import { parseDate } from './date.ts'
import type { StaticFile } from './site.ts'
import type { Request } from './wire.ts'

/** ngx_http_not_modified_filter_module: If-Unmodified-Since, If-Match. */
export function fails(fields: Request['fields'], modified: number, etag: string): boolean {
  const since = fields.get('if-unmodified-since')
  if (since !== undefined && !((parseDate(since) ?? -1) >= modified)) return true
  const match = fields.get('if-match')
  return match !== undefined && !(match === '*' || match.split(',').some(tag => tag.trim() === etag))
}
/** If-Modified-Since must be the very date (if_modified_since exact). */
export function unchanged(fields: Request['fields'], modified: number, etag: string): boolean {
  const since = fields.get('if-modified-since')
  const none = fields.get('if-none-match')
  if (since === undefined && none === undefined) return false
  if (since !== undefined && parseDate(since) !== modified) return false
  return none === undefined || matches(none, etag)
}

/** The ranges asked for, if If-Range lets them be (ngx_http_range_header_filter). */
export function rangesOf(fields: Request['fields'], file: StaticFile, modified: number, etag: string) {
  const range = fields.get('range')
  if (range === undefined || !/^bytes=./i.test(range)) return undefined
  const condition = fields.get('if-range')
  if (condition !== undefined) {
    const same = condition.endsWith('"') ? condition === etag : parseDate(condition) === modified
    if (!same) return undefined
  }
  return nginxRanges(range.slice(6), file.body.length)
}

/**
 * Ranges as nginx reads them (ngx_http_range_parse): `[from, to)` each, `unsatisfiable` for a 416, `undefined` where it
 * sends the whole page instead.
 */
export function nginxRanges(spec: string, length: number): [number, number][] | 'unsatisfiable' | undefined {
  const ranges: [number, number][] = []
  let size = 0
  for (const part of spec.split(',')) {
    const bounds = /^ *(\d*) *- *(\d*) *$/.exec(part)
    if (!bounds) return 'unsatisfiable'
    const [, first = '', last = ''] = bounds
    if (first === '' && last === '') return 'unsatisfiable'
    if (!Number.isSafeInteger(Number(first)) || !Number.isSafeInteger(Number(last))) return 'unsatisfiable'
    const suffix = first === ''
    const from = suffix ? Math.max(0, length - Number(last)) : Number(first)
    const to = suffix || last === '' ? length : Math.min(length, Number(last) + 1)
    if (from < to) {
      ranges.push([from, to])
      size += to - from
      // Over the page's length already: the rest cannot change the outcome, and the list stays short.
      if (size > length && ranges.length > 1) return undefined
    } else if (from === 0) return undefined
  }
  if (ranges.length === 0) return 'unsatisfiable'
  return size > length ? undefined : ranges
}
