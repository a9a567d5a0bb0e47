/**
 * Records what Debian's PostgreSQL says; each dialogue is a connection of its own:
 *   sh bin/skep-node test/oracle/postgresql/record.ts
 * Needs postgresql-15 and postgresql-client-15 (Debian 12) and leaves nothing behind.
 */
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Recorded } from '../kit/dialogue.ts'
import { converse } from './client.ts'
import { script } from './script.ts'
import { PORT, withServer } from './server.ts'

const recorded: Recorded = {}
await withServer(async () => {
  for (const [name, steps] of Object.entries(script)) {
    const wire = net.connect(PORT, '127.0.0.1')
    await once(wire, 'connect')
    recorded[name] = await converse(wire, steps, () => sleep(40))
  }
})
const file = new URL('./fixtures/debian-12.json', import.meta.url)
fs.mkdirSync(new URL('.', file), { recursive: true })
fs.writeFileSync(file, `${JSON.stringify(recorded, undefined, 1)}\n`)
console.log(`${Object.values(recorded).flat().length} exchanges`)
