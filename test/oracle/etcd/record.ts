/** Records Debian's etcd: `sh bin/skep-node test/oracle/etcd/record.ts`. Its peers' port is etcd's own, 2380 of loopback. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { testPersona } from '#services/testing/persona.ts'
import type { Recorded } from '../kit/dialogue.ts'
import { recordDialogues } from '../kit/record.ts'
import { script } from './script.ts'

const port = 22_379
const file = new URL('fixtures/debian-12.json', import.meta.url)
await recordDialogues(
  Object.fromEntries(Object.entries(script).map(([name, steps]) => [name, ['', ...steps]])),
  port,
  () => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), 'etcd-oracle-'))
    const options = {
      name: testPersona.hostname,
      'data-dir': home,
      // Elected before the first question comes.
      'heartbeat-interval': '10',
      'election-timeout': '100',
      'listen-client-urls': `http://127.0.0.1:${port}`,
      'advertise-client-urls': `http://${testPersona.fqdn}:2379`,
    }
    return {
      command: '/usr/bin/etcd',
      args: Object.entries(options).flatMap(([key, value]) => [`--${key}`, value]),
      clean: () => fs.rmSync(home, { recursive: true, force: true }),
    }
  },
  file,
  100,
)

// The wait for the election is no exchange.
const recorded = JSON.parse(fs.readFileSync(file, 'utf8')) as Recorded
const asked = Object.entries(recorded).map(([name, exchanges]) => [name, exchanges.filter(({ sent }) => sent !== '')])
fs.writeFileSync(file, `${JSON.stringify(Object.fromEntries(asked), undefined, 1)}\n`)
