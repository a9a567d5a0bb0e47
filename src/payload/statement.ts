import { downloadsIn } from '#codec/downloads.ts'
import type { Recorder } from '#events/event.ts'
import { text } from '#events/text.ts'

/** An attack on a database, by how its SQL looks. No pattern repeats over what another repeats over. */
export type Attack = { id: string; name: string; fits: RegExp }

/** What stands where data was, in every database. */
export const ransomNote =
  /\b(?:bitcoin|btc|monero|bc1[a-z0-9]{20}|[13][a-km-zA-HJ-NP-Z1-9]{25,34}\b|recover your (?:data|database|lost)|your (?:data|database)s? (?:is|are|was|were|has been|have been) (?:backed|down|encrypt|delet)|readme_to_recover|recover_your_data)/i

/** Characters of a statement that its events show. */
const SHOWN = 8192
const EVIDENCE = 512
/** Characters that are looked at. */
const LOOKED_AT = 64 << 10

/** A statement as events: what it is, the attacks in it, and what it tells to fetch. `encoding`: of its bytes as text. */
export function noteStatement(
  record: Recorder,
  { verb, sql, encoding }: { verb: string; sql: string; encoding: 'latin1' | 'utf8' },
  attacks: readonly Attack[],
): void {
  const shown = (most: number) => text(Buffer.from(sql.slice(0, most), encoding), most)
  record.command({ line: shown(SHOWN), verb })
  const start = sql.slice(0, LOOKED_AT)
  for (const { id, name, fits } of attacks)
    if (fits.test(start)) record.exploit({ id, name, evidence: shown(EVIDENCE) })
  for (const download of downloadsIn(start)) record.fileDownload(download)
}
