/**
 * A process for the crash test to kill: `testing-ingest.ts DIRECTORY EVENTS PER-BATCH`.
 */
import { writeSync } from 'node:fs'
import { openStore } from './open.ts'
import { take, traffic } from './testing.ts'

const [directory = '', total, perBatch] = process.argv.slice(2)
const all = take(traffic({ seed: 11 }), Number(total))
const store = await openStore({ directory, rollSize: 500 })
let done = (await store.positions())[0]?.offset ?? 0
while (done < all.length) {
  const events = all.slice(done, done + Number(perBatch))
  done += events.length
  await store.ingest({ events, positions: [{ writer: 'tcp', segment: 's', offset: done }] })
  writeSync(1, `${done}\n`)
}
await store.close()
