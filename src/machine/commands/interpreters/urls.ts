import { downloadsIn } from '#codec/downloads.ts'
import type { Process } from '../../system.ts'

/** The process, with the URLs that are told through it remembered. */
export const watchedFrom = (process: Process): { watched: Process; told: Set<string> } => {
  const told = new Set<string>()
  const { witness } = process.host
  const download: typeof witness.download = what => {
    told.add(what.url)
    witness.download(what)
  }
  return { watched: { ...process, host: { ...process.host, witness: { ...witness, download } } }, told }
}

/** URLs that stand in a script are evidence, whether it got to them or not. */
export const noteUrls = (process: Process, tool: string, source: string, told: ReadonlySet<string>): void => {
  const argv = process.argv.map(word => word.slice(0, 200))
  for (const { url } of downloadsIn(source)) if (!told.has(url)) process.host.witness.download({ url, tool, argv })
}
