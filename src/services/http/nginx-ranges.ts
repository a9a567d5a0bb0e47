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
