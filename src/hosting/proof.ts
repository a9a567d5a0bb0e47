import { readJournal } from '#events/journal/reader.ts'

/** What came of the latest trial of the TCP decoys' sandbox: when, and what it could do that it should not. */
export type Proof = { at: string; open?: string }

/** The latest trial that stands in the journal; `undefined` when the program never ran there. */
export async function lastProof(directory: string): Promise<Proof | undefined> {
  let last: Proof | undefined
  for await (const { lines } of readJournal({ directory, only: 'supervisor', follow: false }))
    for (const { event } of lines) {
      const { health } = event.skep as { health?: { part: string; state: string; why?: string } }
      if (health?.part !== 'sensor-tcp') continue
      if (health.state === 'sealed') last = { at: event['@timestamp'] }
      else if (health.state === 'not sealed') last = { at: event['@timestamp'], open: health.why ?? 'not said' }
    }
  return last
}
