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
const SIZE = 'Expected a size such as "2 GB" or "64 MiB"'

/** `2 GB`, `64MiB` or a number of bytes → bytes, at least as many as `least` says. */
export const size = (least = '0') =>
  v.pipe(
    v.union([v.number(), v.string()], SIZE),
    v.check(value => Number.isSafeInteger(bytesOf(value)) && bytesOf(value) >= 0, SIZE),
    v.check(value => !(bytesOf(value) >= 0 && bytesOf(value) < bytesOf(least)), `Expected at least ${least}`),
    v.title('size such as "2 GB" or "64 MiB"'),
    v.transform(bytesOf),
  )

function bytesOf(value: number | string): number {
  if (typeof value === 'number') return value
  const [, number, unit] = /^\s*(\d{1,15}(?:\.\d{1,15})?)\s*([A-Za-z]{0,3})\s*$/.exec(value) ?? []
  return Math.round(Number(number) * (sizes.get((unit ?? '').toUpperCase()) ?? Number.NaN))
}

/** Bytes as a person reads them: `1.5 GB`. */
export function formatSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3))
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${units[power]}`
}

/** A whole number with its bounds, both inclusive. */
export const whole = (least: number, most: number) => {
  const expected = `Expected a whole number from ${least} to ${most}`
  return v.pipe(
    v.number(expected),
    v.integer(expected),
    v.minValue(least, expected),
    v.maxValue(most, expected),
    v.title(`whole number from ${least} to ${most}`),
  )
}

const ADDRESS_PORT = 'Expected ADDRESS:PORT, such as "127.0.0.1:64297"'
const ip = v.pipe(v.string(), v.ip())

/** `127.0.0.1:64297` or `[::1]:64297` → its parts. */
export const addressAndPort = v.pipe(
  v.string(ADDRESS_PORT),
  v.regex(/^(\[[0-9a-fA-F:.]+\]|[^:[\]]+):\d{1,5}$/, ADDRESS_PORT),
  v.check(text => partsOf(text).address === 'localhost' || v.is(ip, partsOf(text).address), ADDRESS_PORT),
  v.check(text => partsOf(text).port >= 1 && partsOf(text).port <= 65535, 'Expected a port from 1 to 65535'),
  v.title('ADDRESS:PORT'),
  v.transform(partsOf),
)

function partsOf(text: string): { address: string; port: number } {
  const at = text.lastIndexOf(':')
  return { address: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) }
}
