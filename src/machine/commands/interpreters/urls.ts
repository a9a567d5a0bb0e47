import { downloadsIn } from '#codec/downloads.ts'
import type { Process } from '../../system.ts'

/** URLs and `host:port` that were told already. */
export type Told = { urls: Set<string>; places: Set<string> }

/** Places that a script names, of one run. */
const mostPlaces = 8
/** `("192.0.2.1", 4444)`, `'192.0.2.1:4444'`, `$i="192.0.2.1";$p=4444`. */
const places = /["'](\d{1,3}(?:\.\d{1,3}){3})(?:["']\s*[,;]\s*(?:\$?\w+\s*=\s*)?["']?|:)(\d{1,5})\b/g

/** The process, with what is told through it remembered. */
export const watchedFrom = (process: Process): { watched: Process; told: Told } => {
  const told: Told = { urls: new Set(), places: new Set() }
  const { witness } = process.host
  const download: typeof witness.download = what => {
    told.urls.add(what.url)
    witness.download(what)
  }
  const connection: typeof witness.connection = what => {
    told.places.add(`${what.host}:${what.port}`)
    witness.connection(what)
  }
  return { watched: { ...process, host: { ...process.host, witness: { ...witness, download, connection } } }, told }
}

/** URLs and addresses that stand in a script are evidence, whether it got to them or not. */
export const noteUrls = (process: Process, tool: string, source: string, told: Told): void => {
  const { witness } = process.host
  const argv = process.argv.map(word => word.slice(0, 200))
  for (const { url } of downloadsIn(source)) if (!told.urls.has(url)) witness.download({ url, tool, argv })
  for (const [, host = '', port = ''] of [...source.slice(0, 256 << 10).matchAll(places)].slice(0, mostPlaces)) {
    const place = `${host}:${port}`
    if (Number(port) > 65_535 || told.places.has(place)) continue
    told.places.add(place)
    witness.connection({ host, port: Number(port), tool })
  }
}
