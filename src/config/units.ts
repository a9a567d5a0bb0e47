import * as v from 'valibot'

const sizes = new Map([
  ['', 1],
  ['B', 1],
  ['KB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['TB', 1e12],
  ['KIB', 2 ** 10],
  ['MIB', 2 ** 20],
  ['GIB', 2 ** 30],
  ['TIB', 2 ** 40],
])

/** `2 GB`, `64MiB` or a number of bytes → bytes. */
export const size = v.pipe(
  v.union([v.number(), v.string()], 'Expected a size such as "2 GB" or "64 MiB"'),
  v.transform(value => (typeof value === 'number' ? value : parseSize(value))),
  v.number('Expected a size such as "2 GB" or "64 MiB"'),
  v.check(bytes => Number.isSafeInteger(bytes) && bytes >= 0, 'Expected a size such as "2 GB" or "64 MiB"'),
)

function parseSize(text: string): number {
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*$/.exec(text) ?? []
  return Math.round(Number(number) * (sizes.get((unit ?? '').toUpperCase()) ?? Number.NaN))
}

/** Bytes as a person reads them: `1.5 GB`. */
export function formatSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3))
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${units[power]}`
}

export const port = v.pipe(
  v.number('Expected a port number'),
  v.integer('Expected a port number'),
  v.minValue(1, 'Expected a port from 1 to 65535'),
  v.maxValue(65535, 'Expected a port from 1 to 65535'),
)

/** `127.0.0.1:64297` or `[::1]:64297` → its parts. */
export const addressAndPort = v.pipe(
  v.string('Expected ADDRESS:PORT, such as "127.0.0.1:64297"'),
  v.regex(/^(\[[0-9a-fA-F:.]+\]|[^:[\]]+):\d{1,5}$/, 'Expected ADDRESS:PORT, such as "127.0.0.1:64297"'),
  v.transform(text => {
    const at = text.lastIndexOf(':')
    return { address: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) }
  }),
  v.object({
    address: v.union(
      [v.pipe(v.string(), v.ip('Expected an IP address')), v.literal('localhost')],
      'Expected an IP address',
    ),
    port,
  }),
)

/** What the page may be reached at from here: a wildcard is no destination. */
export const count = v.pipe(
  v.number('Expected a whole number'),
  v.integer('Expected a whole number'),
  v.minValue(1, 'Expected at least 1'),
)
