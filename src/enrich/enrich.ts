import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Place } from '#store/store.ts'
import { addressBytes, specialUse } from './address.ts'
import { type AsnTable, buildAsnTable, openAsnTable } from './asn-table.ts'
import { type MmdbValue, openMmdb } from './mmdb.ts'
import { readScanners, scannersOf } from './scanners.ts'

export type EnrichOptions = {
  /** Where the table of networks is kept once it is made: DATA/state/geo. */
  state: string
  /** Where the packages with the databases are: node_modules/@ip-location-db. */
  shipped?: string
  /** The list of organisations that scan, when not the one that ships. */
  scanners?: string
  /** MaxMind-format databases of the operator's own, in place of those that come with the program. */
  city?: string | undefined
  asn?: string | undefined
  /** Part done (0 to 1) of the work at the first start. */
  onProgress?: (done: number) => void
}

/** Where addresses are and whose, offline. */
export type Enrichment = {
  /** What is known about an address; nothing for what is none. Never throws. */
  locate(ip: string): Place
  /** Databases that could not be opened and why, and damage met since: for the health page. */
  problems(): string[]
  close(): void
}

/** Addresses whose answer is remembered. */
const remembered = 4096

/**
 * Opens the databases; the first time, and when their version has changed, makes the table of networks (some seconds). A
 * database that is missing or damaged leaves its part of the answer out.
 */
export async function openEnrichment(options: EnrichOptions): Promise<Enrichment> {
  const problems: string[] = []
  const attempt = async <T>(what: string, open: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await open()
    } catch (error) {
      problems.push(`${what}: ${error instanceof Error ? error.message : error}`)
      return undefined
    }
  }
  const cities = await attempt(options.city ?? 'city database', () => openCities(options))
  const networks = await attempt(options.asn ?? 'network database', () => openNetworks(options))

  const scanners = await attempt('list of scanners', () => scannersOf(readScanners(options.scanners)))

  const answers = new Map<string, Place>()
  let damaged = 0
  const ask = <T>(question: () => T): T | undefined => {
    try {
      return question()
    } catch {
      damaged++
      return undefined
    }
  }
  const find = (ip: string): Place => {
    const address = addressBytes(ip)
    if (address === undefined) return {}
    const label = specialUse(address)
    if (label !== undefined) return { network: label }
    const scanner = scanners?.(address)
    return {
      ...ask(() => cities?.lookup(address)),
      ...ask(() => networks?.lookup(address)),
      ...(scanner === undefined ? {} : { scanner }),
    }
  }
  return {
    locate(ip) {
      const known = answers.get(ip)
      const place = known ?? find(ip)
      answers.delete(ip)
      answers.set(ip, place)
      if (answers.size > remembered) answers.delete(answers.keys().next().value!)
      return place
    },
    problems: () => (damaged === 0 ? problems : [...problems, `${damaged} look-ups met damaged records`]),
    close() {
      cities?.close()
      networks?.close()
    },
  }
}

type Look = { lookup(address: Uint8Array): Place | undefined; close(): void }

function openCities({ city, shipped = SHIPPED }: EnrichOptions): Look {
  const files = city === undefined ? [4, 6].map(v => join(shipped, `dbip-city-mmdb/dbip-city-ipv${v}.mmdb`)) : [city]
  const databases = files.map(openMmdb)
  const [v4, v6] = [4, 6].map(version => databases.find(({ ipVersion }) => ipVersion === version))
  return {
    lookup: address => cityPlace((address.length === 16 ? v6 : (v4 ?? v6))?.lookup(address)),
    close() {
      for (const database of databases) database.close()
    },
  }
}

async function openNetworks({ asn, state, shipped = SHIPPED, onProgress }: EnrichOptions): Promise<Look> {
  if (asn !== undefined) {
    const database = openMmdb(asn)
    return { lookup: address => networkPlace(database.lookup(address)), close: database.close }
  }
  const { version } = JSON.parse(readFileSync(join(shipped, 'asn/package.json'), 'utf8')) as { version: string }
  const path = join(state, 'networks.bin')
  const existing = openAsnTable(path, version)
  if (existing !== undefined) return existing
  await buildAsnTable(
    { v4: join(shipped, 'asn/asn-ipv4.csv'), v6: join(shipped, 'asn/asn-ipv6.csv'), edition: version },
    path,
    onProgress,
  )
  const made: AsnTable | undefined = openAsnTable(path, version)
  if (made === undefined) throw new Error(`${path} cannot be read back`)
  return made
}

const SHIPPED = join(dirname(fileURLToPath(import.meta.resolve('@ip-location-db/asn/package.json'))), '..')

const inside = (value: MmdbValue | undefined, ...path: string[]): MmdbValue | undefined =>
  path.reduce<MmdbValue | undefined>((at, key) => (at instanceof Map ? at.get(key) : undefined), value)
const text = (value: MmdbValue | undefined) => (typeof value === 'string' && value !== '' ? value : undefined)
// Databases keep 32-bit floats: what lies beyond four decimals (11 m) is noise.
const degrees = (value: MmdbValue | undefined) =>
  typeof value === 'number' && Number.isFinite(value) ? Math.round(value * 1e4) / 1e4 : undefined

/** A record of DB-IP's flat form, or of MaxMind's nested one (GeoLite2 City). */
function cityPlace(record: MmdbValue | undefined): Place | undefined {
  if (record === undefined) return undefined
  const country = text(inside(record, 'country_code')) ?? text(inside(record, 'country', 'iso_code'))
  const city = text(inside(record, 'city')) ?? text(inside(record, 'city', 'names', 'en'))
  const lat = degrees(inside(record, 'latitude') ?? inside(record, 'location', 'latitude'))
  const lon = degrees(inside(record, 'longitude') ?? inside(record, 'location', 'longitude'))
  return {
    ...(country === undefined ? {} : { country }),
    ...(city === undefined ? {} : { city }),
    ...(lat === undefined || lon === undefined ? {} : { lat, lon }),
  }
}

function networkPlace(record: MmdbValue | undefined): Place | undefined {
  const asn = inside(record, 'autonomous_system_number')
  const network = text(inside(record, 'autonomous_system_organization'))
  return { ...(typeof asn === 'number' ? { asn } : {}), ...(network === undefined ? {} : { network }) }
}
