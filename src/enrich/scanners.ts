import fs from 'node:fs'
import path from 'node:path'
import * as v from 'valibot'
import { parse } from 'yaml'
import { addressBytes } from './address.ts'

const text = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200))
const range = v.pipe(
  v.string(),
  v.check(written => bounds(written) !== undefined, 'Expected an address, or a network whose first address it names'),
)
/** What data/scanners.yaml holds; its keys are explained there. */
export const scannersSchema = v.pipe(
  v.strictObject({
    sources: v.record(v.string(), text),
    organisations: v.array(
      v.strictObject({
        name: text,
        about: v.pipe(v.string(), v.url(), v.startsWith('https://')),
        seen: v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/)),
        source: v.string(),
        ranges: v.pipe(v.array(range), v.minLength(1)),
      }),
    ),
  }),
  v.check(
    ({ sources, organisations }) => organisations.every(({ source }) => Object.hasOwn(sources, source)),
    'A source is not among the sources',
  ),
)
export type ScannerList = v.InferOutput<typeof scannersSchema>

/** First and last address of `192.0.2.0/24` or `192.0.2.1`, in hexadecimal; nothing for what has bits beyond its mask. */
function bounds(written: string): { first: string; last: string } | undefined {
  const [address = '', width, more] = written.split('/')
  const bytes = addressBytes(address)
  const bits = width === undefined ? (bytes?.length ?? 0) * 8 : Number(width)
  if (more !== undefined || !bytes || !Number.isInteger(bits) || bits < 8 || bits > bytes.length * 8) return undefined
  const last = Uint8Array.from(bytes)
  for (let bit = bits; bit < bytes.length * 8; bit++) {
    const mask = 0x80 >> (bit & 7)
    if (bytes[bit >> 3]! & mask) return undefined
    last[bit >> 3]! |= mask
  }
  return { first: Buffer.from(bytes).toString('hex'), last: Buffer.from(last).toString('hex') }
}

/** Who scans from an address, by the bytes of the address. */
export type Scanners = (address: Uint8Array) => string | undefined

const shipped = path.resolve(import.meta.dirname, '../../data/scanners.yaml')

/** The list that ships; throws when it is not as it should be. */
export const readScanners = (file = shipped): ScannerList =>
  v.parse(scannersSchema, parse(fs.readFileSync(file, 'utf8')))

/** Makes the list ready to be asked: some hundred ranges in order, found by halving. */
export function scannersOf({ organisations }: ScannerList): Scanners {
  const all = organisations.flatMap(({ name, ranges }) => ranges.map(written => ({ name, ...bounds(written)! })))
  // Hexadecimal of one length sorts like the addresses; those of IPv4 and IPv6 differ in it.
  const families = [8, 32].map(length =>
    all.filter(({ first }) => first.length === length).sort((a, b) => (a.first < b.first ? -1 : 1)),
  )
  return address => {
    const key = Buffer.from(address).toString('hex')
    const list = families[key.length === 8 ? 0 : 1]!
    let low = 0
    let high = list.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (list[middle]!.first <= key) low = middle + 1
      else high = middle
    }
    const found = list[low - 1]
    return found && found.last >= key ? found.name : undefined
  }
}
